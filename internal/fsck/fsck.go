// Package fsck checks that the parts of an exchange agree: the database's rows with each other and with the public record,
// the record's tiles with its entries and its signed head, the clips in the bucket with the shares that name them, the
// custody chains with their signatures and daily roots, the published requests with the record, the guard with all of them.
//
// It only reads, and derives what it can a second time rather than trusting what it finds: a row is compared with the entry
// that it stands on, a document with its hash, a clip with its digest. What nothing else vouches for, such as the name of a
// person, can only be checked for its form; [Unvouched] lists it.
package fsck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Config says what is checked. The database must not be changed meanwhile, or a share whose life goes on may be reported.
type Config struct {
	Read      func(context.Context, func(*store.Tx) error) error // of the database
	Integrity func(context.Context) error                        // the engine's own check; nil: none
	Bucket    blob.Bucket
	Keys      exchange.Keys
	Guard     exchange.Guard
	Witnesses []ledger.Witness // who may have cosigned; none: cosignatures are passed over
	Quick     bool             // compare the sizes of clips alone, without reading them
	Log       *slog.Logger     // nil: nothing
}

// Part is a part of the exchange.
type Part string

// The parts.
const (
	Database Part = "database"
	Record   Part = "record"
	Clips    Part = "clips"
	Custody  Part = "custody"
	Feed     Part = "feed"
	Guard    Part = "guard"
	Keys     Part = "keys"
)

// Finding is one thing that does not hold.
type Finding struct {
	Part    Part   `json:"part"`
	Subject string `json:"subject"` // which table, row, object or file
	Text    string `json:"text"`    // a plain sentence
}

// Report is what a check found.
type Report struct {
	Findings []Finding        `json:"findings"`
	Orphans  []string         `json:"orphans"`      // keys of clips that no row names; each is a finding too
	Known    []store.Loss     `json:"known_losses"` // what restores could not bring back: told, but no finding
	Counts   map[string]int64 `json:"counts"`       // how many of each thing were checked
}

// check is one run. It lives as long as the call that it serves, and so may hold the context.
type check struct {
	Config
	ctx    context.Context
	tx     *store.Tx // while the database is read
	report Report
	state  state                         // what the record says
	lost   map[int64]bool                // entries that a restore could not bring back wholly
	clips  map[string]clip               // what the bucket must hold, by key
	begun  map[string]bool               // keys of clips that may be there
	shares map[string]share              // by ID, for the guard
	sums   map[agencyDay]store.AgencySum // of the requests that were read
}

// share is what the guard is compared with.
type share struct{ state string }

// Check checks an exchange. The error says why it could not go on; what does not hold is in the report.
func Check(ctx context.Context, cfg Config) (Report, error) {
	c := &check{Config: cfg, ctx: ctx}
	if cfg.Integrity != nil {
		if err := cfg.Integrity(ctx); err != nil {
			c.reset()
			c.find(Database, "file", "The database itself is damaged: %v", err)
			return c.report, nil // what is read from it would mean nothing
		}
	}
	err := cfg.Read(ctx, func(tx *store.Tx) error {
		c.reset() // a transaction may run again
		c.tx = tx
		return c.database()
	})
	if err != nil {
		return c.report, fmt.Errorf("check the database: %w", err)
	}
	c.tx = nil
	for _, step := range []func() error{c.tiles, c.states, c.policyFiles, c.assetLists, c.publicHead, c.bundles, c.objects, c.guard, c.keys} {
		if err := step(); err != nil {
			return c.report, err
		}
	}
	return c.report, nil
}

func (c *check) reset() {
	c.report = Report{Findings: []Finding{}, Orphans: []string{}, Known: []store.Loss{}, Counts: map[string]int64{}}
	c.state, c.lost = newState(), map[int64]bool{}
	c.clips, c.begun, c.shares = map[string]clip{}, map[string]bool{}, map[string]share{}
	c.sums = map[agencyDay]store.AgencySum{}
}

// find notes a finding.
func (c *check) find(part Part, subject, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{Part: part, Subject: subject, Text: fmt.Sprintf(format, args...)})
}

// want notes a finding unless ok.
func (c *check) want(ok bool, part Part, subject, format string, args ...any) {
	if !ok {
		c.find(part, subject, format, args...)
	}
}

// database checks all tables in one transaction, the record first, since all else is compared with it.
func (c *check) database() error {
	losses, err := c.tx.Losses()
	if err != nil {
		return err
	}
	for _, l := range losses {
		c.report.Known = append(c.report.Known, l)
		c.lost[l.LogIndex] = true
	}
	for _, step := range []func() error{c.entries, c.exchange, c.register, c.withholdings, c.reports, c.notices, c.requests, c.updates, c.moderation, c.complaints, c.duties, c.shareRows, c.days, c.rest} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// pageSize is how many rows are held at once.
const pageSize = 500

// each calls do for every row of a table. What do cannot read in a row is a finding, and the next row is looked at.
func (c *check) each(t store.Table, do func(row) error) error {
	var last store.Row
	for {
		page, err := c.tx.Rows(t, last, pageSize)
		if err != nil {
			return fmt.Errorf("read table %s: %w", t.Name, err)
		}
		for _, r := range page {
			if err := c.one(t, r, do); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		last = page[len(page)-1]
	}
}

func (c *check) one(t store.Table, r store.Row, do func(row) error) error {
	c.report.Counts[t.Name]++
	err := do(row{t, r})
	var bad unreadable
	if errors.As(err, &bad) {
		c.find(Database, row{t, r}.name(), "The row cannot be read: %v.", bad)
		return nil
	}
	return err
}

// stamp is a time as the database holds it.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
