package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// sharer is a resident who shares, and what becomes of the share.
type sharer struct {
	parcel
	request int
	at      time.Duration // when the share begins
	fate    fate
}

// fate is what the agency and the resident do with a share once it is released.
type fate string

const (
	kept     fate = "kept"     // picked up, accepted, confirmed
	declined fate = "declined" // picked up and declined
	asked    fate = "asked"    // picked up, a question is asked and answered
	recalled fate = "recalled" // picked up, then asked back
	takenOff fate = "taken"    // withdrawn after its release, before anybody looked
	ignored  fate = "ignored"  // never picked up
)

// sharers packs n shares that begin within the first two hours; the fates come in turn.
func (s *stage) sharers(t testing.TB, n int) []sharer {
	t.Helper()
	fates := []fate{kept, declined, asked, recalled, takenOff, ignored}
	var all []sharer
	for i := range n {
		name := fmt.Sprintf("sharer %d", i)
		dice := s.dice("sharer", name)
		clips := [][]byte{bytes.Repeat([]byte(name), 1000+dice.IntN(9000))}
		if i%3 == 1 {
			clips = append(clips, bytes.Repeat([]byte("second"), 50+dice.IntN(900)))
		}
		all = append(all, sharer{parcel: pack(t, s.epoch.Recipient(), name, clips...), request: i % 2, fate: fates[i%len(fates)],
			at: time.Duration(dice.Int64N(int64(100 * time.Minute))).Truncate(time.Millisecond)})
	}
	return all
}

// acts are what a sharer does: begins, sends in two stretches, commits within the same tick or one later.
func (r sharer) acts() []act {
	who := r.credential
	at := func(after time.Duration) time.Duration { return r.at + after }
	acts := []act{
		{at(0), who, func(ctx context.Context, w *world) (err error) {
			w.sendings[who], err = begin(ctx, w.public(), w.requests[r.request], r.parcel)
			return err
		}},
		{at(20 * time.Second), who, func(ctx context.Context, w *world) error {
			return w.sendings[who].sendAll(ctx)
		}},
		{at(90 * time.Second), who, func(ctx context.Context, w *world) (err error) {
			w.receipts[who], err = w.sendings[who].commit(ctx)
			return err
		}},
	}
	if r.fate == takenOff {
		acts = append(acts, act{135 * time.Minute, who, func(ctx context.Context, w *world) error {
			return w.public().As(who).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil)
		}})
	}
	if r.fate == asked {
		acts = append(acts, act{at(3 * time.Hour), who, func(ctx context.Context, w *world) error {
			return w.public().As(who).Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(w.sealed)}, nil)
		}})
	}
	if r.fate == recalled {
		acts = append(acts, act{at(3 * time.Hour), who, func(ctx context.Context, w *world) error {
			return w.public().As(who).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil)
		}})
	}
	return acts
}

// sendAll uploads every clip in two stretches.
func (s *sending) sendAll(ctx context.Context) error {
	for i, clip := range s.clips {
		size := int64(len(clip))
		from := int64(0)
		if half, err := s.send(ctx, i, 0, size/2); err == nil {
			from = half
		} else if footage.KindOf(err) != footage.Invalid { // an object store takes the whole clip at once
			return err
		}
		if _, err := s.send(ctx, i, from, size); err != nil {
			return err
		}
	}
	return nil
}

// handle are the agency's acts with the shares: it looks into its inbox at 150 minutes and does what their fates say.
func handle(all []sharer) []act {
	var acts []act
	step := func(at time.Duration, r sharer, kinds ...footage.EventKind) {
		acts = append(acts, act{at, "custodian", func(ctx context.Context, w *world) error {
			for _, kind := range kinds {
				if err := w.event(ctx, w.receipts[r.credential].Share, kind); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	for i, r := range all {
		at := 150*time.Minute + time.Duration(i)*time.Second
		switch r.fate {
		case kept:
			step(at, r, footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted)
			step(at+30*time.Minute, r, footage.EventConfirmed)
		case declined:
			step(at, r, footage.EventPickedUp, footage.EventOpened, footage.EventDeclined)
		case recalled:
			step(at, r, footage.EventPickedUp)
		case asked:
			step(at, r, footage.EventPickedUp, footage.EventOpened)
			acts = append(acts, act{at + time.Minute, "custodian", func(ctx context.Context, w *world) error {
				path := "/v1/agency/shares/" + string(w.receipts[r.credential].Share)
				if err := w.staff[footage.Custodian].Call(ctx, "POST", path+"/messages", api.Reply{Body: api.Encode(w.sealed)}, nil); err != nil {
					return err
				}
				return w.event(ctx, w.receipts[r.credential].Share, footage.EventAsked)
			}})
		}
	}
	return acts
}

// silent are n residents of whom nobody may learn: they fetch pages and feeds, look at requests, ask for work, begin and
// abandon shares, upload a half or all and do not commit. With withdrawn, some also commit and take it back before the
// next release.
func (s *stage) silent(t testing.TB, n int, withdrawn bool) []act {
	t.Helper()
	ways := []func(ctx context.Context, w *world, r resident) error{browse, readFeed, openRequest, askForWork, wrongWords, malformed, beginOnly, halfUpload, fullUpload}
	var acts []act
	clip := bytes.Repeat([]byte("silence"), 3000)
	for i := range n {
		r := resident{name: fmt.Sprintf("silent %d", i), from: fmt.Sprintf("10.%d.%d.9", i/250, i%250)}
		r.dice = s.dice("silent", r.name)
		at := time.Duration(r.dice.Int64N(int64(170 * time.Minute)))
		do := ways[i%len(ways)]
		if i%len(ways) >= 6 || withdrawn && i%4 == 0 {
			r.parcel = pack(t, s.epoch.Recipient(), r.name, clip[:200+r.dice.IntN(len(clip)-200)])
		}
		if withdrawn && i%4 == 0 {
			do = changeMind
		}
		acts = append(acts, act{at, r.name, func(ctx context.Context, w *world) error { return do(ctx, w, r) }})
	}
	return acts
}

// resident is one who stays silent.
type resident struct {
	parcel
	name, from string
	dice       *rand.Rand
}

// client returns a client in the resident's network.
func (r resident) client(w *world) *api.Client {
	c := w.public()
	c.HTTP = &http.Client{Transport: sender{c.HTTP.Transport, r.from}}
	return c
}

type sender struct {
	http.RoundTripper
	from string
}

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set(fromHeader, s.from)
	return s.RoundTripper.RoundTrip(r)
}

func fetch(ctx context.Context, c *api.Client, paths ...string) error {
	for _, path := range paths {
		if _, err := c.Get(ctx, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func browse(ctx context.Context, w *world, r resident) error {
	return fetch(ctx, r.client(w), "/", "/es/how", "/agencies", "/privacy", "/record", "/guidelines", ui.AssetRoot+"../")
}

func readFeed(ctx context.Context, w *world, r resident) error {
	return fetch(ctx, r.client(w), "/feed/index.json", "/feed/all.json", "/feed/requests.atom", "/log/checkpoint", "/v1/exchange")
}

func openRequest(ctx context.Context, w *world, r resident) error {
	id := string(w.requests[r.dice.IntN(len(w.requests))])
	return fetch(ctx, r.client(w), "/requests/"+id, "/es/requests/"+id, "/v1/requests/"+id)
}

func askForWork(ctx context.Context, w *world, r resident) error {
	_, err := r.client(w).Work(ctx)
	return err
}

// refusedAs wants a call to be refused with a kind.
func refusedAs(err error, kinds ...footage.Kind) error {
	if !slices.Contains(kinds, footage.KindOf(err)) {
		return fmt.Errorf("refused with %v; want one of %v", err, kinds)
	}
	return nil
}

func wrongWords(ctx context.Context, w *world, r resident) error {
	_, err := r.client(w).As("wrong " + r.name).Mailbox(ctx)
	return refusedAs(err, footage.Refused, footage.Forbidden)
}

func malformed(ctx context.Context, w *world, r resident) error {
	c := r.client(w)
	err := c.Call(ctx, "POST", "/v1/requests/"+string(w.requests[0])+"/shares", map[string]any{"what": r.name}, nil)
	return errors.Join(
		refusedAs(err, footage.Invalid),
		refusedAs(c.Call(ctx, "GET", "/requests/"+strings.Repeat("0", 64), nil, nil), footage.NotFound),
		refusedAs(c.As("nobody").Call(ctx, "GET", "/v1/agency/shares", nil, nil), footage.Unauthorized),
	)
}

func beginOnly(ctx context.Context, w *world, r resident) error {
	_, err := begin(ctx, r.client(w), w.requests[r.dice.IntN(2)], r.parcel)
	return err
}

func halfUpload(ctx context.Context, w *world, r resident) error {
	s, err := begin(ctx, r.client(w), w.requests[r.dice.IntN(2)], r.parcel)
	if err != nil {
		return err
	}
	if _, err = s.send(ctx, 0, 0, int64(len(r.clips[0])/2)); footage.KindOf(err) == footage.Invalid {
		return nil // an object store takes the whole clip at once
	}
	return err
}

func fullUpload(ctx context.Context, w *world, r resident) error {
	s, err := begin(ctx, r.client(w), w.requests[r.dice.IntN(2)], r.parcel)
	if err != nil {
		return err
	}
	return s.sendAll(ctx)
}

func changeMind(ctx context.Context, w *world, r resident) error {
	c := r.client(w)
	if _, err := deliver(ctx, c, w.requests[r.dice.IntN(2)], r.parcel); err != nil {
		return err
	}
	return c.As(r.name).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil)
}

// office are the tasks that run by themselves: every five minutes at first, then now and then until the last share is
// erased and every mailbox closed.
func office() []act {
	var acts []act
	add := func(at time.Duration) {
		acts = append(acts, act{at, "office", func(ctx context.Context, w *world) error {
			return errors.Join(w.node.RunDue(ctx), w.handler.Refresh(ctx))
		}})
	}
	for at := time.Duration(0); at <= 4*time.Hour; at += 5 * time.Minute {
		add(at)
	}
	const day = 24 * time.Hour
	for _, days := range []int{1, 2, 8, 9} {
		add(time.Duration(days)*day + 10*time.Minute)
	}
	return append(acts, act{100 * day, "office", func(ctx context.Context, w *world) error { return w.node.Exchange.Sweep(ctx) }})
}

// afterwards is what an agency says when a request has ended and all that was shared is erased. It owes that in every world.
func afterwards() []act {
	return []act{{8*24*time.Hour + 20*time.Minute, "the agency", func(ctx context.Context, w *world) error {
		if err := w.signIn(ctx); err != nil {
			return err
		}
		return errors.Join(w.resolve(ctx, w.requests[0]), w.followUp(ctx, w.requests[0], api.NewFollowUp{Duty: footage.DutyOutcome, Says: footage.SaidLead}))
	}}}
}

// inOrder merges acts in order of time; acts at one time keep their order.
func inOrder(groups ...[]act) []act {
	all := slices.Concat(groups...)
	slices.SortStableFunc(all, func(a, b act) int { return int(a.at - b.at) })
	return all
}
