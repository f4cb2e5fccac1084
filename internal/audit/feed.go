package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/ledger"
)

// maxFeed is how large a file of the feed may be.
const maxFeed = 512 << 20

// feed is what the feed's files show.
type feed struct {
	at    time.Time
	files map[string]map[footage.RequestID]bool // by cell; "" is the file with all
	cells map[footage.RequestID][]string        // which each request's area touches
}

// readFeed fetches every file of the feed, checks it against the index and each request in it by itself.
func (a *Auditor) readFeed(ctx context.Context) (feed, error) {
	f := feed{at: a.cfg.Now(), files: map[string]map[footage.RequestID]bool{}, cells: map[footage.RequestID][]string{}}
	raw, err := a.get(ctx, "feed/index.json", 16<<20)
	if errors.Is(err, footage.NotFound) {
		a.find("feed_missing", "feed/index.json", "The exchange has no feed.")
		return f, nil
	}
	if err != nil {
		return f, err
	}
	var index struct {
		Cells []struct{ Cell, Path, SHA256 string }
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		a.find("feed_malformed", "feed/index.json", "The index of the feed cannot be read: %v", err)
		return f, nil
	}
	for _, c := range index.Cells {
		if err := a.readCell(ctx, f, c.Cell, "feed/cell/"+c.Cell+".json"); err != nil {
			return f, err
		}
	}
	return f, a.readCell(ctx, f, "", "feed/all.json")
}

// readCell fetches one file. One that is gone has no open request any more, or they are too many for one file.
func (a *Auditor) readCell(ctx context.Context, f feed, cell, path string) error {
	raw, err := a.get(ctx, path, maxFeed)
	if errors.Is(err, footage.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var file struct{ Requests []json.RawMessage }
	if err := json.Unmarshal(raw, &file); err != nil {
		a.find("feed_malformed", path, "The file %s of the feed cannot be read: %v", path, err)
		return nil
	}
	f.files[cell] = map[footage.RequestID]bool{}
	for i, raw := range file.Requests {
		if id, ok := a.shown(ctx, f, raw, fmt.Sprintf("%s, request %d", path, i+1)); ok {
			f.files[cell][id] = true
		}
	}
	return nil
}

// shown checks one request of the feed, each version of it once.
func (a *Auditor) shown(ctx context.Context, f feed, raw []byte, subject string) (footage.RequestID, bool) {
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		a.find("bundle_malformed", subject, "A request in the feed cannot be read: %v", err)
		return "", false
	}
	id, err := b.Record.Document.ID()
	if err != nil {
		return "", false
	}
	if !a.version(ctx, raw, id, subject) {
		return "", false
	}
	if f.cells[id] == nil {
		if region, err := geo.Compile(b.Record.Document.Area); err == nil {
			f.cells[id] = region.Cells(geo.FeedLevel)
		}
	}
	return id, true
}

// compareFeed compares the feed with what was open before it was read and after: both ways.
func (a *Auditor) compareFeed(f feed, before, after map[footage.RequestID]*request) {
	a.world.openNow = map[footage.RequestID]bool{}
	for id := range before {
		a.world.openNow[id] = true
	}
	somewhere := map[footage.RequestID]bool{}
	for cell, shown := range f.files {
		for id := range shown {
			somewhere[id] = true
			r := a.world.requests.of(id)
			if before[id] == nil && after[id] == nil && (r == nil || a.settled(f, r.closed.Time())) {
				a.find("feed_extra", fileOf(cell)+", request "+string(id), "The file %s shows the request %s as open, which it is not by the record.", fileOf(cell), id.Short())
			}
		}
	}
	for id, r := range before {
		if after[id] == nil || !a.settled(f, r.at.Time()) {
			continue
		}
		if !somewhere[id] {
			a.find("feed_dropped", "request "+string(id), "The request %s is open by the record, but no file of the feed shows it: it is kept from the people whom it concerns.", id.Short())
			continue
		}
		for _, cell := range append(f.cells[id], "") {
			if shown, ok := f.files[cell]; (ok || cell != "") && !shown[id] {
				a.find("feed_dropped", fileOf(cell)+", request "+string(id), "The request %s is open by the record, but the file %s leaves it out: it is kept from the people whom it concerns.", id.Short(), fileOf(cell))
			}
		}
	}
}

// settled reports whether the feed has had the time to follow a change.
func (a *Auditor) settled(f feed, changed time.Time) bool {
	return !changed.IsZero() && f.at.Sub(changed) > a.cfg.Slack
}

func fileOf(cell string) string {
	if cell == "" {
		return "feed/all.json"
	}
	return "feed/cell/" + cell + ".json"
}

// head checks what clients rely on for the present: the published head, its state, and that there is a new one often enough.
func (a *Auditor) head(ctx context.Context) error {
	raw, err := a.get(ctx, evidence.HeadKey, evidence.MaxHead)
	if errors.Is(err, footage.NotFound) {
		a.find("head_missing", evidence.HeadKey, "The exchange shows no present state of its record, so that nobody can tell which keys count.")
		return nil
	}
	if err != nil {
		return err
	}
	h, err := evidence.ParseHead(raw)
	if err != nil {
		a.find("head_malformed", evidence.HeadKey, "The head of the record cannot be read: %v", err)
		return nil
	}
	hash, err := h.StateHash()
	if err != nil {
		a.find("state_missing", evidence.HeadKey, "The head of the record names no state: %v", err)
		return nil
	}
	document, err := a.get(ctx, ledger.StateKey(hash), ledger.MaxState)
	if errors.Is(err, footage.NotFound) {
		a.find("state_withheld", ledger.StateKey(hash), "The exchange keeps back the state document that its record commits to.")
		return nil
	}
	if err != nil {
		return err
	}
	trust := a.cfg.Trust
	trust.MaxAge = a.cfg.StateLate
	if _, err := h.Verify(trust, "", document, a.cfg.Now()); err != nil {
		a.find(codeOf(err), evidence.HeadKey, "The head of the record does not hold: %v", err)
		return nil
	}
	own, err := ledger.ReadEntry(ctx, a.mirror, a.tree, h.State.Index)
	shown, err2 := h.State.Entry.Encode()
	if h.State.Index < a.tree.Size && (err != nil || err2 != nil || string(own) != string(shown)) {
		a.find("head_of_another_record", evidence.HeadKey, "The head of the record shows an entry %d that is not the one in the record that this audit has seen.", h.State.Index)
	}
	return nil
}
