// Package audit follows an exchange's public record from outside and judges, from public data alone, whether the exchange
// keeps its own rules: whether the record only grows, every entry fits its kind, every request was signed by two people of an
// agency that could ask, and kept to the policy of its day; whether the state that clients rely on is what the entries come to;
// whether the feed shows what the record says, no more and no less.
//
// It keeps a copy of the record, so that what was once public can be shown when it is so no more. It reaches no package of
// the server.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// Config says what is audited.
type Config struct {
	Base      string         // the exchange's address, such as "https://exchange.example"
	Trust     evidence.Trust // the pinned keys; Verifier is required
	Dir       string         // where the copy of the record and the findings are kept
	Client    *http.Client   // nil: one with a time limit
	Now       func() time.Time
	Slack     time.Duration // how long after its entry a request may still be missing from the feed, or linger there; nought: [DefaultSlack]
	StateLate time.Duration // how old the newest state may be without a finding; nought: two hours
}

// DefaultSlack is what the files of an exchange with several nodes and a cache in front need to follow its record.
const DefaultSlack = 2 * time.Minute

// Finding is one thing that does not hold.
type Finding struct {
	Code    string    `json:"code"`    // stable
	Subject string    `json:"subject"` // which entry, request, file
	Text    string    `json:"text"`    // a plain sentence
	Found   time.Time `json:"found"`   // when it was seen first
}

// Report is what is known after a round.
type Report struct {
	Exchange string    `json:"exchange"` // the record's name
	Entries  int64     `json:"entries"`  // verified
	Requests int       `json:"requests"` // published ones that were judged
	Open     int       `json:"open"`     // compared with the feed
	Checked  time.Time `json:"checked"`
	New      int       `json:"new"`      // findings of this round
	Findings []Finding `json:"findings"` // of all rounds: what was wrong once stays a finding
}

// Auditor audits one exchange. It is for one goroutine at a time.
type Auditor struct {
	cfg      Config
	mirror   ledger.Dir
	tree     ledger.Tree // of the mirror
	memory   memory
	world    world
	read     []func(noted)  // its chapters
	pages    map[string]int // bundles that were verified against the mirror by their hash, with how many updates each shows
	policies map[string]*policy.Policy
	found    map[[2]string]bool // the findings by code and subject
	next     int                // which of the judged requests was looked at again last
}

// memory is what is kept beside the copy of the record.
type memory struct {
	Type     string    `json:"type"`
	Exchange string    `json:"exchange"` // its address
	Verifier string    `json:"verifier"`
	Findings []Finding `json:"findings"`
}

const (
	memoryType = "porchlight/audit/v1"
	memoryFile = "audit.json"
)

// Open opens the state of an earlier audit, or begins one. A state of another exchange or key is refused.
func Open(ctx context.Context, cfg Config) (*Auditor, error) {
	cfg.Base = strings.TrimRight(cfg.Base, "/")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: ledger.DefaultTimeout}
	}
	if cfg.Slack == 0 {
		cfg.Slack = DefaultSlack
	}
	if cfg.StateLate == 0 {
		cfg.StateLate = 2 * time.Hour
	}
	a := &Auditor{cfg: cfg, mirror: ledger.Dir(filepath.Join(cfg.Dir, "record")), tree: ledger.EmptyTree(), world: newWorld(),
		pages: map[string]int{}, policies: map[string]*policy.Policy{}}
	if _, err := ledger.NewVerifier(cfg.Trust.Verifier); err != nil {
		return nil, err
	}
	a.read = a.chapters()
	if err := a.recall(); err != nil {
		return nil, err
	}
	return a, a.reopen(ctx)
}

// recall reads what an earlier audit has kept.
func (a *Auditor) recall() error {
	raw, err := os.ReadFile(filepath.Join(a.cfg.Dir, memoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		a.memory = memory{Type: memoryType, Exchange: a.cfg.Base, Verifier: a.cfg.Trust.Verifier, Findings: []Finding{}}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the audit's state: %w", err)
	}
	if err := footage.DecodeStrict(raw, &a.memory); err != nil || a.memory.Type != memoryType {
		return footage.E(footage.Invalid, "The state of the audit in "+a.cfg.Dir+" cannot be read. Name another folder with --state.")
	}
	if a.memory.Verifier != a.cfg.Trust.Verifier {
		return footage.Coded(footage.Untrusted, "audit_other_key", "The folder "+a.cfg.Dir+" holds the audit of a record with another key. If the exchange has opened a new record, audit that one in a folder of its own; keep this one.")
	}
	return nil
}

// keep writes the findings durably.
func (a *Auditor) keep() error {
	raw, err := json.MarshalIndent(a.memory, "", "  ")
	if err != nil {
		return err
	}
	return ledger.Dir(a.cfg.Dir).Put(context.Background(), memoryFile, append(raw, '\n'))
}

// find notes a finding, unless it is known.
func (a *Auditor) find(code, subject, format string, args ...any) {
	if a.found == nil || len(a.found) != len(a.memory.Findings) {
		a.found = map[[2]string]bool{}
		for _, f := range a.memory.Findings {
			a.found[[2]string{f.Code, f.Subject}] = true
		}
	}
	if a.found[[2]string{code, subject}] {
		return
	}
	a.found[[2]string{code, subject}] = true
	a.memory.Findings = append(a.memory.Findings, Finding{Code: code, Subject: subject, Text: fmt.Sprintf(format, args...), Found: a.cfg.Now().UTC().Truncate(time.Second)})
}

// Round takes in what the record has grown by and compares the rest with it. The error says why it could not go on, such as
// that the exchange does not answer; what does not hold is in the report.
func (a *Auditor) Round(ctx context.Context) (Report, error) {
	before := len(a.memory.Findings)
	err := a.round(ctx)
	if kept := a.keep(); err == nil {
		err = kept
	}
	name, _, _ := strings.Cut(a.cfg.Trust.Verifier, "+")
	return Report{Exchange: name, Entries: a.tree.Size, Requests: len(a.world.judged), Open: len(a.world.openNow), Checked: a.cfg.Now().UTC().Truncate(time.Second),
		New: len(a.memory.Findings) - before, Findings: a.memory.Findings}, err
}

func (a *Auditor) round(ctx context.Context) error {
	grown, err := a.follow(ctx)
	if err != nil || !grown {
		return err
	}
	first := a.world.open()
	seen, err := a.readFeed(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{a.head, a.onceMore, a.requests, a.duties, a.stillThere, a.assets, a.publishedFigures, a.shownNotices} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, rule := range a.due() {
		rule(a.cfg.Now())
	}
	a.compareFeed(seen, first, a.world.open())
	return nil
}

// onceMore follows again, so that what the feed showed meanwhile is known.
func (a *Auditor) onceMore(ctx context.Context) error {
	_, err := a.follow(ctx)
	return err
}
