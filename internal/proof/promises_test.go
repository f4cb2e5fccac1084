package proof_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// promises are what an exchange has acknowledged, and what was sent to it without an answer, across crashes. The tests'
// clients write them down; check holds the exchange to them.
type promises struct {
	mu       sync.Mutex
	shares   []*promised
	requests []footage.RequestID // published
	entries  [][]byte            // of the public record, as seen
	size     int64               // of the record, by the newest checkpoint seen
	count    int                 // of what was acknowledged
	at       int                 // count at which enough is called
	enough   func()
}

// promised is one share and what is known of it.
type promised struct {
	parcel
	worker     int
	s          *sending // nil until its beginning was acknowledged
	acked      []int64  // bytes of each clip that were acknowledged
	commitSent bool
	receipt    *footage.Receipt
	fickle     bool                // it is to be taken back once it is committed
	taken      bool                // that was acknowledged
	events     []footage.EventKind // of the agency, acknowledged
}

func (p *promises) note(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// acked notes what was acknowledged, and calls enough when it is.
func (p *promises) acked(do func()) {
	p.note(func() {
		do()
		if p.count++; p.count == p.at {
			p.enough()
		}
	})
}

// until has a function called after n more acknowledgements.
func (p *promises) until(n int, enough func()) {
	p.note(func() { p.at, p.enough = p.count+n, enough })
}

// resident sends a share step by step until it is complete or the exchange is gone, from wherever it stands.
func (p *promises) resident(ctx context.Context, w *world, x *promised, id footage.RequestID, piece func() int64) error {
	if x.s == nil {
		s, err := begin(ctx, w.public(), id, x.parcel)
		if err != nil {
			return err
		}
		p.acked(func() { x.s, x.acked = s, make([]int64, len(s.clips)) })
	}
	x.s.client = w.public().As(x.s.begun.Ticket)
	for i, clip := range x.clips {
		for x.receipt == nil && x.acked[i] < int64(len(clip)) {
			if err := p.sendPiece(ctx, x, i, piece()); err != nil {
				return err
			}
		}
	}
	if x.receipt == nil {
		p.note(func() { x.commitSent = true })
		receipt, err := x.s.commit(ctx)
		if err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		p.acked(func() { x.receipt = &receipt })
	}
	if x.fickle && !x.taken {
		return p.takeBack(ctx, w, x)
	}
	return nil
}

// sendPiece asks where an upload stands and sends so many bytes more.
func (p *promises) sendPiece(ctx context.Context, x *promised, i int, n int64) error {
	at := int64(0)
	if x.s.paths[i] == "" {
		if err := x.s.open(ctx, i); err != nil {
			return err
		}
	} else {
		var err error
		if at, err = x.s.client.UploadOffset(ctx, x.s.paths[i]); err != nil {
			return fmt.Errorf("ask for the offset: %w", err)
		}
	}
	if at < x.acked[i] {
		return fmt.Errorf("%w: the offset went back from %d to %d", errBroken, x.acked[i], at)
	}
	if at < int64(len(x.clips[i])) {
		var err error
		if at, err = x.s.send(ctx, i, at, min(int64(len(x.clips[i])), at+n)); err != nil {
			return err
		}
	}
	p.acked(func() { x.acked[i] = at })
	return nil
}

// takeBack withdraws a committed share.
func (p *promises) takeBack(ctx context.Context, w *world, x *promised) error {
	var out struct {
		State footage.ShareState `json:"state"`
	}
	if err := w.public().As(x.credential).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, &out); err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	if out.State != footage.ShareWithdrawn && out.State != footage.ShareTakenBack {
		return broken("a share that was taken back is %s", out.State)
	}
	p.acked(func() { x.taken = true })
	return nil
}

// custodian takes every share in the inbox one step further.
func (p *promises) custodian(ctx context.Context, w *world) error {
	var inbox []api.InboxItem
	if err := w.staff[footage.Custodian].Call(ctx, "GET", "/v1/agency/shares", nil, &inbox); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	steps := []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted, footage.EventConfirmed}
	for _, item := range inbox {
		if item.State != footage.ShareReleased && item.State != footage.SharePickedUp {
			continue
		}
		x := p.find(item.Share)
		if x == nil {
			return fmt.Errorf("%w: the agency sees a share that was never committed", errBroken)
		}
		if x.fickle {
			continue
		}
		var d api.Delivery
		if err := w.staff[footage.Custodian].Call(ctx, "GET", "/v1/agency/shares/"+string(item.Share), nil, &d); err != nil {
			return fmt.Errorf("delivery: %w", err)
		}
		next := steps[len(agencyEvents(d.Events))]
		if err := w.event(ctx, item.Share, next); err != nil {
			return err
		}
		p.acked(func() { x.events = append(agencyEvents(d.Events), next) })
	}
	return nil
}

func agencyEvents(chain []footage.Event) (kinds []footage.EventKind) {
	for _, e := range chain {
		if e.Party == footage.PartyAgency {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// find returns the share that somebody has tried to commit under an ID, or nil.
func (p *promises) find(id footage.ShareID) (found *promised) {
	p.note(func() {
		for _, x := range p.shares {
			if x.s != nil && x.commitSent && x.s.begun.Share == id {
				found = x
			}
		}
	})
	return found
}

// errBroken marks a promise that the exchange broke; every other error of a client is the crash's.
var errBroken = errors.New("broken promise")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errBroken}, args...)...)
}

// check holds a running exchange to everything that it has acknowledged.
func (p *promises) check(ctx context.Context, w *world) error {
	for _, id := range p.requests {
		if _, err := w.public().Get(ctx, "/v1/requests/"+string(id)); err != nil {
			return broken("a published request is gone: %v", err)
		}
	}
	for _, x := range p.shares {
		if x.s == nil {
			continue
		}
		if err := p.checkShare(ctx, w, x); err != nil {
			return fmt.Errorf("share of %s: %w", x.credential, err)
		}
	}
	return errors.Join(p.checkInbox(ctx, w), p.checkRecord(ctx, w))
}

func (p *promises) checkShare(ctx context.Context, w *world, x *promised) error {
	box, err := w.public().As(x.credential).Mailbox(ctx)
	switch {
	case err != nil && x.receipt != nil:
		return broken("a committed share is gone: %v", err)
	case err == nil && !x.commitSent:
		return broken("it shows and was never committed")
	case err != nil:
		return p.checkUploads(ctx, w, x)
	case x.receipt != nil && box.Receipt.Sig != x.receipt.Sig:
		return broken("its receipt is another one")
	}
	info := w.node.Exchange.Info()
	key, err := api.Decode(info.ReceiptKey)
	if err != nil {
		return err
	}
	_, err = footage.CheckChain(box.Events, func(party footage.Party, _ string) (ed25519.PublicKey, error) {
		if party == footage.PartyExchange {
			return key, nil
		}
		return w.sign.Public().(ed25519.PublicKey), nil
	})
	if err != nil {
		return broken("its custody chain does not hold: %v", err)
	}
	if kinds := agencyEvents(box.Events); len(kinds) < len(x.events) || !slices.Equal(kinds[:len(x.events)], x.events) {
		return broken("its chain has %v; acknowledged were %v", kinds, x.events)
	}
	if x.taken && box.State != footage.ShareWithdrawn && box.State != footage.ShareTakenBack {
		return broken("it was taken back and is %s", box.State)
	}
	return x.checkClips(w, box)
}

// checkClips compares the sealed bytes with what was sent, unless the share's end has come.
func (x *promised) checkClips(w *world, box api.Mailbox) error {
	gone := box.State != footage.ShareCommitted && box.State != footage.ShareReleased && box.State != footage.SharePickedUp
	for i, clip := range box.Receipt.Clips {
		raw, err := os.ReadFile(filepath.Join(w.opts.Data, "blobs", "clips", string(clip.ID)))
		switch {
		case gone: // its bytes go when the sweep comes
		case err != nil:
			return broken("clip %d of a %s share is gone", i, box.State)
		case !bytes.Equal(raw, x.clips[i]):
			return broken("clip %d holds other bytes than were sent", i)
		}
		if err == nil && (box.State == footage.ShareErased || box.State == footage.ShareTakenBack) {
			return broken("clip %d is said to be erased and is there", i)
		}
	}
	return nil
}

// checkUploads looks whether every acknowledged byte of a share on its way is there.
func (p *promises) checkUploads(ctx context.Context, w *world, x *promised) error {
	c := w.public().As(x.s.begun.Ticket)
	for i, path := range x.s.paths {
		if path == "" {
			continue
		}
		at, err := c.UploadOffset(ctx, path)
		if err != nil {
			return broken("an upload is gone: %v", err)
		}
		if at < x.acked[i] {
			return broken("the offset of clip %d went back from %d to %d", i, x.acked[i], at)
		}
		dir := filepath.Join(w.opts.Data, "blobs", "clips", string(x.s.begun.Clips[i]))
		raw, err := os.ReadFile(dir)
		if err != nil {
			raw, err = os.ReadFile(dir + "~part")
		}
		if at > 0 && (err != nil || int64(len(raw)) < at || !bytes.Equal(raw[:at], x.clips[i][:at])) {
			return broken("clip %d does not hold the %d bytes that were acknowledged: %v", i, at, err)
		}
	}
	return nil
}

func (p *promises) checkInbox(ctx context.Context, w *world) error {
	var inbox []api.InboxItem
	if err := w.staff[footage.Custodian].Call(ctx, "GET", "/v1/agency/shares", nil, &inbox); err != nil {
		return broken("the custodian's sign-in or inbox is gone: %v", err)
	}
	for _, item := range inbox {
		if p.find(item.Share) == nil {
			return broken("the agency sees a share that was never committed")
		}
	}
	return nil
}

// checkRecord reads the public record whole, as anybody can: entries stay at their places, the tree holds.
func (p *promises) checkRecord(ctx context.Context, w *world) error {
	src := ledger.HTTP{Base: w.base}
	report, err := ledger.Check(ctx, src, w.node.Exchange.Info().LogVerifier)
	if err != nil {
		return broken("the record does not hold: %v", err)
	}
	if report.Tree.Size < p.size {
		return broken("the record went back from %d to %d entries", p.size, report.Tree.Size)
	}
	var all [][]byte
	for raw, err := range ledger.Entries(ctx, src, report.Tree, 0, report.Tree.Size) {
		if err != nil {
			return broken("the record cannot be read: %v", err)
		}
		all = append(all, raw)
	}
	for i, raw := range p.entries {
		if !bytes.Equal(raw, all[i]) {
			return broken("entry %d of the record is another one", i)
		}
	}
	p.entries, p.size = all, report.Tree.Size
	return nil
}

// tally counts the shares by how far they came, for the test's own sake.
func (p *promises) tally() string {
	n := map[string]int{}
	for _, x := range p.shares {
		switch {
		case x.taken:
			n["taken back"]++
		case len(x.events) == 5:
			n["confirmed"]++
		case x.receipt != nil:
			n["committed"]++
		default:
			n["on their way"]++
		}
	}
	out := fmt.Sprintf("%d entries, %d requests", p.size, len(p.requests))
	for _, k := range slices.Sorted(maps.Keys(n)) {
		out += fmt.Sprintf(", %d %s", n[k], k)
	}
	return out
}
