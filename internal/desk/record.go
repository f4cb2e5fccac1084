package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Record is what the exchange's public record says of the desk's own agency. The desk reads the record to its end, entry by
// entry, and remembers how far it came: so it notices an epoch that nobody here has opened, which no single proof would show.
type Record struct {
	Type       string                 `json:"type"` // recordType
	Verifier   string                 `json:"verifier"`
	Checkpoint string                 `json:"checkpoint"` // signed note of the newest record that was seen
	Read       int64                  `json:"read"`       // how many of its entries were read
	Exchange   ledger.ExchangeCreated `json:"exchange"`
	Agency     footage.Agency         `json:"agency"`
	Suspended  bool                   `json:"suspended"`
	Epochs     []footage.Epoch        `json:"epochs"` // with the custodians that were added later
	People     []footage.PersonID     `json:"people"` // enrolled and not disabled
}

const recordType = "porchlight/desk-record/v1"

// Epoch returns an epoch by its number.
func (r Record) Epoch(number int) (footage.Epoch, bool) {
	i := slices.IndexFunc(r.Epochs, func(e footage.Epoch) bool { return e.Number == number })
	if i < 0 {
		return footage.Epoch{}, false
	}
	return r.Epochs[i], true
}

// Record reads the public record on from where the desk had come, verifying every entry, and returns what it says of the
// agency. A record that was changed behind what was read before is Untrusted, one that is shorter a Conflict: it may be an old
// copy from a cache.
func (d *Desk) Record(ctx context.Context) (Record, error) {
	r, err := d.recordSoFar()
	if err != nil {
		return r, err
	}
	src := ledger.HTTP{Base: d.client.Base, Client: &http.Client{Transport: d.client.HTTP.Transport, Timeout: ledger.DefaultTimeout}}
	msg, err := src.Get(ctx, ledger.CheckpointKey)
	if err != nil {
		return r, fmt.Errorf("read the public record: %w", err)
	}
	next, err := ledger.OpenCheckpoint(msg, d.verifier())
	if err != nil {
		return r, fmt.Errorf("read the public record: %w", err)
	}
	if err := d.continues(ctx, src, r, msg, next); err != nil {
		return r, err
	}
	r.Checkpoint = string(msg)
	err = r.readOn(ctx, src, next.Tree, d.Person().Agency)
	if err := errors.Join(err, replaceJSON(d.path(recordFile), r)); err != nil {
		return r, fmt.Errorf("read the public record: %w", err)
	}
	if r.Agency.ID == "" {
		return r, footage.E(footage.Untrusted, "The public record does not name your agency, "+string(d.Person().Agency)+".")
	}
	return r, nil
}

// readOn takes in the entries that were not read yet. After an error those before it count as read.
func (r *Record) readOn(ctx context.Context, src ledger.Source, tree ledger.Tree, agency footage.AgencyID) error {
	for raw, err := range ledger.Entries(ctx, src, tree, r.Read, tree.Size) {
		if err != nil {
			return err
		}
		if err := r.take(raw, agency); err != nil {
			return err
		}
		r.Read++
	}
	return nil
}

// recordSoFar returns what was read before, or nothing.
func (d *Desk) recordSoFar() (Record, error) {
	var r Record
	err := readJSON(d.path(recordFile), &r)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && r.Verifier != d.verifier()) {
		return Record{Type: recordType, Verifier: d.verifier()}, nil
	}
	return r, err
}

// continues checks that the record only grew since it was last seen.
func (d *Desk) continues(ctx context.Context, src ledger.Source, r Record, msg []byte, next ledger.Checkpoint) error {
	if r.Checkpoint == "" {
		return nil
	}
	old, err := ledger.OpenCheckpoint([]byte(r.Checkpoint), d.verifier())
	if err != nil {
		return fmt.Errorf("read what was kept of the public record: %w", err)
	}
	if err := ledger.CheckNotBehind(old, next); err != nil {
		return err
	}
	proof, err := ledger.ProveConsistency(ctx, src, old.Size, msg)
	if err != nil {
		return fmt.Errorf("read the public record: %w", err)
	}
	return ledger.VerifyConsistency(old, next, proof)
}

// take takes one entry in.
func (r *Record) take(raw []byte, agency footage.AgencyID) error {
	e, err := ledger.DecodeEntry(raw)
	if err != nil {
		return err
	}
	fact, err := e.Fact()
	if err != nil {
		return err
	}
	switch f := fact.(type) {
	case ledger.ExchangeCreated:
		r.Exchange = f
	case ledger.AgencyRegistered:
		r.describe(f.Agency, agency)
	case ledger.AgencyChanged:
		r.describe(f.Agency, agency)
	case ledger.AgencySuspended:
		r.Suspended = r.Suspended || f.Agency == agency
	case ledger.AgencyRestored:
		r.Suspended = r.Suspended && f.Agency != agency
	case ledger.EpochOpened:
		if f.Epoch.Agency == agency {
			r.Epochs = append(r.Epochs, f.Epoch)
		}
	case ledger.CustodianAdded:
		r.added(f, agency)
	case ledger.PersonEnrolled:
		if f.Agency == agency && !slices.Contains(r.People, f.Person) {
			r.People = append(r.People, f.Person)
		}
	case ledger.PersonDisabled:
		r.People = slices.DeleteFunc(r.People, func(p footage.PersonID) bool { return p == f.Person })
	}
	return nil
}

func (r *Record) describe(a footage.Agency, own footage.AgencyID) {
	if a.ID == own {
		r.Agency = a
	}
}

func (r *Record) added(f ledger.CustodianAdded, own footage.AgencyID) {
	for i := range r.Epochs {
		if f.Agency == own && r.Epochs[i].Number == f.Epoch {
			r.Epochs[i].Custodians = append(r.Epochs[i].Custodians, f.Custodian)
		}
	}
}
