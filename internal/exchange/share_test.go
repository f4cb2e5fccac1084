package exchange_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/upload"
)

// TestCommitAgain: the same commit has the same answer, and anything else is a conflict or refused.
func TestCommitAgain(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		id := w.publish(w.police, w.draft(0))
		clips := [][]byte{[]byte("one"), []byte("two")}
		p, receipt := w.send(w.police, id, clips...)
		other, _ := w.send(w.police, id, clips...)
		w.advance(time.Hour)
		again, err := w.commit(p)
		if err != nil || again.Sig != receipt.Sig {
			t.Errorf("the same commit: %v, %v; want the receipt of before", again, err)
		}
		for name, change := range map[string]func(*parcel){
			"another digest":         func(p *parcel) { p.clips = [][]byte{clips[0], clips[0]} },
			"another manifest":       func(p *parcel) { p.manifest = api.Encode([]byte("other")) },
			"a clip less":            func(p *parcel) { p.clips = clips[:1] },
			"another share's clips":  func(p *parcel) { p.Clips = other.Clips },
			"the clips changed over": func(p *parcel) { p.clips = [][]byte{clips[1], clips[0]} },
		} {
			changed := p
			change(&changed)
			_, err := w.commit(changed)
			wantKind(t, name, err, footage.Conflict)
		}
		stranger := p
		stranger.Ticket = footage.NewSecret()
		_, err = w.commit(stranger)
		wantCode(t, "another ticket", err, "not_now")
		if box, err := w.x.Mailbox(t.Context(), p.credential); err != nil || len(box.Events) != 1 {
			t.Errorf("the chain has %d events, %v; want the commit alone", len(box.Events), err)
		}
	})
}

// TestCommitIncomplete: nothing is committed that is not there whole and as the sender says.
func TestCommitIncomplete(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		p, err := w.begin(id, 1, []byte("one"), []byte("two"))
		must(t, err)
		_, err = w.commit(p)
		wantCode(t, "nothing sent", err, "incomplete")
		must(t, w.upload(p, 0))
		_, err = w.commit(p)
		wantCode(t, "half sent", err, "incomplete")
		must(t, w.upload(p, 1))
		other := p
		other.clips = [][]byte{[]byte("one"), []byte("twi")}
		_, err = w.commit(other)
		wantCode(t, "another digest", err, "digest")
		for name, in := range map[string]api.CommitShare{
			"no clips":          {Manifest: p.manifest},
			"a clip twice":      {Manifest: p.manifest, Clips: []api.ClipDigest{{ID: p.Clips[0], Digest: digestOf(p.clips[0])}, {ID: p.Clips[0], Digest: digestOf(p.clips[0])}}},
			"no base64":         {Manifest: "%"},
			"no manifest":       {},
			"too much manifest": {Manifest: strings.Repeat("A", 4<<20)},
		} {
			_, err := w.x.CommitShare(ctx, p.Ticket, in)
			if kind := footage.KindOf(err); kind != footage.Invalid && kind != footage.TooLarge {
				t.Errorf("%s: %v", name, err)
			}
		}
		if inbox, err := w.x.Inbox(ctx, w.police.custodian.id); err != nil || len(inbox) != 0 {
			t.Errorf("the agency sees %v, %v", inbox, err)
		}
		_, err = w.commit(p)
		must(t, err)
	})
}

// TestOpenUpload: only the holder of the ticket opens an upload, of a clip and a length that were announced.
func TestOpenUpload(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		p, err := w.begin(id, 1, []byte("one"))
		must(t, err)
		other, err := w.begin(id, 1, []byte("two"))
		must(t, err)
		book := w.x.Book()
		for name, test := range map[string]struct {
			o    upload.Opening
			kind footage.Kind
		}{
			"shorter":            {upload.Opening{Ticket: p.Ticket, Clip: p.Clips[0], Length: 2}, footage.Conflict},
			"longer":             {upload.Opening{Ticket: p.Ticket, Clip: p.Clips[0], Length: 4}, footage.Conflict},
			"another's clip":     {upload.Opening{Ticket: p.Ticket, Clip: other.Clips[0], Length: 3}, footage.Conflict},
			"an unknown ticket":  {upload.Opening{Ticket: footage.NewSecret(), Clip: p.Clips[0], Length: 3}, footage.Refused},
			"no ticket":          {upload.Opening{Clip: p.Clips[0], Length: 3}, footage.Refused},
			"the share's own ID": {upload.Opening{Ticket: string(p.Share), Clip: p.Clips[0], Length: 3}, footage.Refused},
		} {
			_, err := book.Begin(ctx, test.o)
			wantKind(t, name, err, test.kind)
		}
		_, err = book.Find(ctx, "u-nothing")
		wantKind(t, "an unknown upload", err, footage.NotFound)

		row, err := book.Begin(ctx, upload.Opening{Ticket: p.Ticket, Clip: p.Clips[0], Length: 3})
		must(t, err)
		row.Offset = 2
		must(t, book.Progress(ctx, 0, row))
		row.Offset = 3
		wantKind(t, "progress from where nobody is", book.Progress(ctx, 0, row), footage.Conflict)
		must(t, book.Progress(ctx, 2, row))
	})
}

// TestSweptShareIsGone: from its last moment on a share that was never committed takes nothing, and the sweep leaves not a
// byte of it, staged ones included.
func TestSweptShareIsGone(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		p, err := w.begin(id, 1, []byte("whole"), []byte("half a clip"), []byte("staged and never noted"))
		must(t, err)
		must(t, w.upload(p, 0))
		book := w.x.Book()
		half, err := book.Begin(ctx, upload.Opening{Ticket: p.Ticket, Clip: p.Clips[1], Length: 11})
		must(t, err)
		half.State, err = w.faults.Begin(ctx, half.Key, half.Length)
		must(t, err)
		_, half.State, err = w.faults.Append(ctx, half.Key, half.State, 0, bytes.NewReader([]byte("half")))
		must(t, err)
		if n := w.faults.Step(half.Length); n == 1 { // S3 keeps nothing below its step
			half.Offset = 4
			must(t, book.Progress(ctx, 0, half))
		}
		state, err := w.faults.Begin(ctx, "clips/"+string(p.Clips[2]), 22)
		must(t, err)
		_, state, err = w.faults.Append(ctx, "clips/"+string(p.Clips[2]), state, 0, bytes.NewReader([]byte("staged and never noted")))
		must(t, err)

		w.clock.Store(p.Sweep.UnixMicro())
		_, err = w.commit(p)
		wantKind(t, "commit at the last moment", err, footage.Refused)
		_, err = book.Find(ctx, half.ID)
		wantKind(t, "going on at the last moment", err, footage.NotFound)
		wantKind(t, "another clip at the last moment", w.upload(p, 1), footage.Refused)
		must(t, w.x.Sweep(ctx))
		must(t, w.x.Sweep(ctx))
		_, err = w.commit(p)
		wantKind(t, "commit after the sweep", err, footage.Refused)
		half.Offset++
		wantKind(t, "noting after the sweep", book.Progress(ctx, half.Offset-1, half), footage.Conflict)
		if kept := w.clips(); len(kept) != 0 {
			t.Errorf("the sweep left %v", kept)
		}
		for key, state := range map[string][]byte{half.Key: half.State, "clips/" + string(p.Clips[2]): state} {
			if err := w.faults.Finish(ctx, key, state); err == nil {
				t.Errorf("the staging of %s is still there", key)
			}
		}
	})
}

// TestRequestEndsWhileSending: who began before a request closed has 24 hours more, unless it was withdrawn.
func TestRequestEndsWhileSending(t *testing.T) {
	each(t, options{policies: [][]byte{rules(map[string]float64{"abandoned_hours": 72})}}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := w.draft(0)
		in.Document.Closes = w.now().Truncate(time.Hour).Add(2 * time.Hour)
		expires, withdrawn := w.publish(w.police, in), w.publish(w.police, w.draft(3))
		began := func(id footage.RequestID) parcel {
			p, err := w.begin(id, 1, []byte("clip"))
			must(t, err)
			must(t, w.upload(p, 0))
			return p
		}
		early, late, gone := began(expires), began(expires), began(withdrawn)
		u := w.update(withdrawn, string(withdrawn), footage.Withdrawn, "Made by mistake.")
		must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))))
		_, err := w.commit(gone)
		wantCode(t, "commit to a withdrawn request", err, "not_now")
		w.wantGone(gone)

		w.clock.Store(in.Document.Closes.UnixMicro())
		_, err = w.begin(expires, 1, []byte("clip"))
		wantCode(t, "begin at the closing time", err, "not_now")
		must(t, w.x.ExpireRequests(ctx))
		w.advance(24 * time.Hour)
		_, err = w.commit(early)
		must(t, err)
		w.advance(time.Second)
		_, err = w.commit(late)
		wantCode(t, "commit a day and a second later", err, "not_now")
	})
}

// TestSuspendedAgencyReceivesNothing, but it can still close what it has and answer for it.
func TestSuspendedAgencyReceivesNothing(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		picked, _ := w.send(w.police, id)
		released, _ := w.send(w.police, id)
		w.release()
		w.steps(w.police, picked.Share, footage.EventPickedUp, footage.EventOpened, footage.EventVerified)
		committed, _ := w.send(w.police, id)
		begun, err := w.begin(id, 1, []byte("clip"))
		must(t, err)
		must(t, w.upload(begun, 0))
		_, err = w.x.Reply(ctx, picked.credential, api.Encode([]byte("sealed")))
		must(t, err)
		must(t, w.x.SuspendAgency(ctx, town.Police, "A test."))

		_, err = w.begin(id, 1, []byte("clip"))
		wantCode(t, "begin", err, "not_now")
		_, err = w.commit(begun)
		wantCode(t, "commit", err, "not_now")
		w.wantGone(begun)
		w.release()
		if inbox, err := w.x.Inbox(ctx, w.police.custodian.id); err != nil || len(inbox) != 2 || inbox[0].Messages+inbox[1].Messages != 1 {
			t.Errorf("the suspended agency sees %+v, %v; want what it saw before, and the resident's question", inbox, err)
		}
		wantCode(t, "pick-up", w.step(w.police, released.Share, footage.EventPickedUp, nil), "agency_suspended")
		_, _, err = w.x.OpenClip(ctx, w.police.custodian.id, picked.Share, picked.Clips[0], 0)
		wantCode(t, "fetch", err, "agency_suspended")
		_, err = w.x.Ask(ctx, w.police.custodian.id, released.Share, api.Encode([]byte("sealed")))
		wantCode(t, "ask", err, "agency_suspended")
		_, err = w.x.Ask(ctx, w.police.custodian.id, picked.Share, api.Encode([]byte("sealed")))
		must(t, err) // the resident has asked
		w.steps(w.police, picked.Share, footage.EventAccepted, footage.EventConfirmed)
		if box, err := w.x.Mailbox(ctx, picked.credential); err != nil || box.State != footage.ShareErased {
			t.Errorf("after the confirmation: %s, %v", box.State, err)
		}

		must(t, w.x.RestoreAgency(ctx, town.Police))
		must(t, w.x.Release(ctx))
		inbox, err := w.x.Inbox(ctx, w.police.custodian.id)
		must(t, err)
		if i := slices.IndexFunc(inbox, func(i api.InboxItem) bool { return i.Share == committed.Share }); i < 0 {
			t.Error("what waited is not released after the suspension")
		}
	})
}

// TestNeverReleasedStaysUnknown: a share whose days are over before it was released is erased without the agency ever
// hearing of it.
func TestNeverReleasedStaysUnknown(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
		must(t, w.x.SuspendAgency(ctx, town.Police, "A test."))
		w.advance(retention)
		must(t, w.x.Sweep(ctx))
		must(t, w.x.RestoreAgency(ctx, town.Police))
		must(t, w.x.Release(ctx))
		if inbox, err := w.x.Inbox(ctx, w.police.custodian.id); err != nil || len(inbox) != 0 {
			t.Errorf("the agency sees %+v, %v", inbox, err)
		}
		_, err := w.x.Delivery(ctx, w.police.custodian.id, p.Share)
		wantKind(t, "delivery", err, footage.NotFound)
		if box, err := w.x.Mailbox(ctx, p.credential); err != nil || box.State != footage.ShareErased || len(w.clips()) != 0 {
			t.Errorf("the receipt says %s, %v; clips %v", box.State, err, w.clips())
		}
	})
}

// TestEpochChangesWhileSealing: who sealed to the old key and began is heard; who only sealed must seal anew.
func TestEpochChangesWhileSealing(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		id := w.publish(w.police, w.draft(0))
		p, err := w.begin(id, 1, []byte("clip"))
		must(t, err)
		must(t, w.upload(p, 0))
		w.openEpoch(w.police)
		r, err := w.commit(p)
		if err != nil || r.Epoch != 1 {
			t.Errorf("what had begun: epoch %d, %v", r.Epoch, err)
		}
		_, err = w.begin(id, 1, []byte("clip"))
		wantCode(t, "what had not begun", err, "epoch")
		_, err = w.begin(id, 3, []byte("clip"))
		wantCode(t, "a key to come", err, "epoch")
		_, err = w.begin(id, 2, []byte("clip"))
		must(t, err)
	})
}

// TestUniformRefusal: whatever the reason, anonymous callers read one text.
func TestUniformRefusal(t *testing.T) {
	each(t, options{policies: [][]byte{rules(map[string]float64{"file_bytes": 1e9, "share_bytes": 1e9, "request_quota_bytes": 1e9})}}, func(t *testing.T, w *world) {
		ctx := t.Context()
		closed, draft := w.publish(w.police, w.draft(3)), w.approved(w.police, w.draft(1))
		u := w.update(closed, string(closed), footage.Resolved, "")
		must(t, w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u))))
		full := w.publish(w.police, w.draft(0))
		_, err := w.beginSizes(full, 1, 4e8)
		must(t, err)
		fire := w.agency(town.Agencies()[1])
		in := w.draft(4)
		paused := w.publish(fire, in)
		must(t, w.x.SuspendAgency(ctx, town.Fire, "A test."))
		texts := map[string]bool{}
		for name, try := range map[string]func() error{
			"closed":        func() error { return discard(w.begin(closed, 1, []byte("x"))) },
			"not published": func() error { return discard(w.begin(draft, 1, []byte("x"))) },
			"unknown":       func() error { return discard(w.begin(footage.RequestID(footage.Hash(nil)), 1, []byte("x"))) },
			"no request ID": func() error { return discard(w.begin("x", 1, []byte("x"))) },
			"over quota":    func() error { return discard(w.beginSizes(full, 1, 7e8)) },
			"suspended":     func() error { return discard(w.begin(paused, 1, []byte("x"))) },
		} {
			err := try()
			wantCode(t, name, err, "not_now")
			wantKind(t, name, err, footage.Refused)
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("there are %d texts: %v", len(texts), texts)
		}
		_, err = w.beginSizes(full, 1, 1e8) // up to a half there is always room
		must(t, err)
	})
}

// beginSizes begins a share of sizes without clips.
func (w *world) beginSizes(id footage.RequestID, epoch int, sizes ...int64) (api.BegunShare, error) {
	return w.x.BeginShare(context.Background(), id, api.BeginShare{Work: w.solved(), Credential: footage.Hash([]byte(footage.NewSecret())), Epoch: epoch, Sizes: sizes})
}

// wantGone checks that the next sweep erases what came of a share whose request has ended, and that nothing can be added to it
// before.
func (w *world) wantGone(p parcel) {
	w.t.Helper()
	ctx := context.Background()
	wantCode(w.t, "go on with what has ended", w.upload(p, 0), "not_now")
	key := "clips/" + string(p.Clips[0])
	if _, err := w.faults.Stat(ctx, key); err != nil {
		w.t.Fatalf("the clip never came: %v", err)
	}
	must(w.t, w.x.Sweep(ctx))
	if _, err := w.faults.Stat(ctx, key); !errors.Is(err, footage.NotFound) {
		w.t.Errorf("the clip is still there: %v", err)
	}
}

func (w *world) solved() api.Solution {
	w.t.Helper()
	work, err := w.x.Work(context.Background())
	must(w.t, err)
	solution, err := work.Solve(context.Background())
	must(w.t, err)
	return solution
}

// TestSizes goes to the limits of a share and beyond; what is the sender's own affair is said clearly.
func TestSizes(t *testing.T) {
	w := lite(t, options{policies: [][]byte{rules(map[string]float64{"file_bytes": 2e6, "share_bytes": 3e6})}})
	id := w.publish(w.police, w.draft(0))
	for _, test := range []struct {
		name  string
		sizes []int64
		code  string
		kind  footage.Kind
	}{
		{"no clip", nil, "", footage.Invalid},
		{"an empty clip", []int64{0}, "", footage.Invalid},
		{"a negative clip", []int64{-1}, "", footage.Invalid},
		{"the largest clip", []int64{2e6}, "", ""},
		{"a byte more", []int64{2e6 + 1}, "file_too_large", footage.TooLarge},
		{"the largest share", []int64{1e6, 2e6}, "", ""},
		{"a byte more in all", []int64{1e6 + 1, 2e6}, "share_too_large", footage.TooLarge},
		{"25 clips", slices.Repeat([]int64{1}, 25), "", ""},
		{"26 clips", slices.Repeat([]int64{1}, 26), "too_many_files", footage.TooLarge},
		{"more than numbers hold", []int64{1 << 62, 1 << 62, 1 << 62}, "file_too_large", footage.TooLarge},
	} {
		_, err := w.beginSizes(id, 1, test.sizes...)
		wantKind(t, test.name, err, test.kind)
		if test.code != "" {
			wantCode(t, test.name, err, test.code)
		}
	}
	_, err := w.x.BeginShare(t.Context(), id, api.BeginShare{Work: w.solved(), Credential: "secret", Epoch: 1, Sizes: []int64{1}})
	wantKind(t, "a credential that is no hash", err, footage.Invalid)
}

// TestWorkIsSpent: a solution is good once, for half an hour, and only as it was given.
func TestWorkIsSpent(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		id := w.publish(w.police, w.draft(0))
		begin := func(s api.Solution) error {
			_, err := w.x.BeginShare(t.Context(), id, api.BeginShare{Work: s, Credential: footage.Hash([]byte(footage.NewSecret())), Epoch: 1, Sizes: []int64{1}})
			return err
		}
		s := w.solved()
		parts := strings.Split(s.Challenge, ".")
		for name, bad := range map[string]api.Solution{
			"nothing":          {},
			"no challenge":     {Challenge: "a.b.c.d"},
			"easier":           {Challenge: strings.Join([]string{parts[0], parts[1], "0", parts[3]}, "."), Counter: s.Counter},
			"longer":           {Challenge: strings.Join([]string{"9" + parts[0], parts[1], parts[2], parts[3]}, "."), Counter: s.Counter},
			"made by somebody": {Challenge: strings.Join([]string{parts[0], parts[1], parts[2], footage.Hash(nil)}, "."), Counter: s.Counter},
			"not solved":       {Challenge: s.Challenge, Counter: unsolved(s.Challenge)},
		} {
			wantCode(t, name, begin(bad), "work")
		}
		must(t, begin(s))
		wantCode(t, "used", begin(s), "work")
		twice := w.solved()
		oneWins(t, "at once", atOnce(4, func(int) error { return begin(twice) }), footage.Invalid)
		old := w.solved()
		w.advance(31 * time.Minute)
		wantCode(t, "too old", begin(old), "work")
		must(t, w.x.Sweep(t.Context()))
		wantCode(t, "used, and swept", begin(s), "work")
	})
}

// unsolved returns a counter that does not solve a challenge of one bit.
func unsolved(challenge string) uint64 {
	for n := uint64(0); ; n++ {
		if !api.Solves(challenge, n, 1) {
			return n
		}
	}
}

// TestWithdrawAgainstPickUp lets resident and agency act at the same moment: either the agency has it and the recall goes
// out, or it never learns of it (C8).
func TestWithdrawAgainstPickUp(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		for range 4 {
			p, _ := w.send(w.police, id)
			w.release()
			e, err := w.event(w.police, p.Share, footage.EventPickedUp, nil)
			must(t, err)
			var state footage.ShareState
			errs := atOnce(2, func(i int) (err error) {
				if i == 0 {
					return w.x.RecordEvent(ctx, w.police.custodian.id, e)
				}
				state, err = w.x.Withdraw(ctx, p.credential)
				return err
			})
			must(t, errs[1])
			box, err := w.x.Mailbox(ctx, p.credential)
			must(t, err)
			_, _, fetch := w.x.OpenClip(ctx, w.police.custodian.id, p.Share, p.Clips[0], 0)
			if errs[0] == nil {
				if state != footage.SharePickedUp || box.State != footage.SharePickedUp || !box.Recalled || fetch != nil {
					t.Errorf("picked up: withdrawing said %s, the receipt says %s, recalled %v; fetching %v", state, box.State, box.Recalled, fetch)
				}
				continue
			}
			wantKind(t, "pick-up of what was withdrawn", errs[0], footage.NotFound)
			wantKind(t, "fetching what was withdrawn", fetch, footage.NotFound)
			if state != footage.ShareWithdrawn || box.State != footage.ShareTakenBack {
				t.Errorf("withdrawn: withdrawing said %s, the receipt says %s", state, box.State)
			}
		}
	})
}

// agencyView is all that the agency can see of its shares, as bytes. The paths of days, which come at midnight, are left out.
func (w *world) agencyView() string {
	w.t.Helper()
	ctx := context.Background()
	inbox, err := w.x.Inbox(ctx, w.police.custodian.id)
	must(w.t, err)
	view := []any{inbox}
	for _, item := range inbox {
		d, err := w.x.Delivery(ctx, w.police.custodian.id, item.Share)
		must(w.t, err)
		d.Days = nil
		view = append(view, d)
	}
	raw, err := json.Marshal(view)
	must(w.t, err)
	return string(raw)
}

// TestNothingFinerThanTheTick: what residents do shows at the next tick with its time, and not a moment before (N3).
func TestNothingFinerThanTheTick(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		first, _ := w.send(w.police, id)
		w.release()
		w.steps(w.police, first.Share, footage.EventPickedUp)
		tick := w.now().Truncate(tickLength)
		w.clock.Store(tick.Add(2*time.Minute + 123456*time.Microsecond).UnixMicro())
		before := w.agencyView()
		for name, do := range map[string]func(){
			"a reply":           func() { must(t, discard(w.x.Reply(ctx, first.credential, api.Encode([]byte("sealed"))))) },
			"a recall":          func() { must(t, discard(w.x.Withdraw(ctx, first.credential))) },
			"another share":     func() { w.send(w.police, id) },
			"one that is begun": func() { must(t, discard(w.begin(id, 1, []byte("clip")))) },
			"one that is withdrawn": func() {
				p, _ := w.send(w.police, id)
				must(t, discard(w.x.Withdraw(ctx, p.credential)))
			},
			"a look at the mailbox": func() { must(t, discard(w.x.Mailbox(ctx, first.credential))) },
		} {
			do()
			w.advance(time.Minute + 7*time.Microsecond)
			must(t, w.x.Release(ctx))
			must(t, w.x.Sweep(ctx))
			if w.agencyView() != before {
				t.Errorf("%s shows before the next tick", name)
			}
		}
		w.clock.Store(tick.Add(tickLength + 3*time.Second).UnixMicro())
		must(t, w.x.Release(ctx))
		inbox, err := w.x.Inbox(ctx, w.police.custodian.id)
		must(t, err)
		d, err := w.x.Delivery(ctx, w.police.custodian.id, first.Share)
		must(t, err)
		if len(inbox) != 2 || !d.Recalled || d.Messages != 1 || len(d.Talk) != 1 {
			t.Fatalf("after the tick there are %d shares; the first is recalled %v, with %d messages", len(inbox), d.Recalled, d.Messages)
		}
		next := tick.Add(tickLength)
		for what, at := range map[string]time.Time{"release": inbox[1].Released, "message": d.Talk[0].At, "reply": d.Events[3].At, "recall": d.Events[4].At} {
			if !at.Equal(next) {
				t.Errorf("the %s is dated %s; want the tick %s", what, at, next)
			}
		}
		for _, item := range inbox {
			whole, err := w.x.Delivery(ctx, w.police.custodian.id, item.Share)
			must(t, err)
			for _, at := range []time.Time{whole.Receipt.Committed, whole.Receipt.EraseBy, whole.Events[0].At, whole.Events[1].At} {
				if !at.Equal(at.Truncate(tickLength)) {
					t.Errorf("the agency sees the time %s, finer than a tick", at)
				}
			}
		}
	})
}

// TestInboxOrderTellsNoArrival: within a tick shares stand by their random IDs.
func TestInboxOrderTellsNoArrival(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		id := w.publish(w.police, w.draft(0))
		var arrived, seen []footage.ShareID
		for range 12 {
			p, _ := w.send(w.police, id)
			arrived = append(arrived, p.Share)
			w.advance(10 * time.Second)
		}
		w.release()
		inbox, err := w.x.Inbox(t.Context(), w.police.custodian.id)
		must(t, err)
		for _, item := range inbox {
			seen = append(seen, item.Share)
		}
		if !slices.IsSorted(seen) || len(seen) != len(arrived) {
			t.Errorf("the inbox is not sorted by ID: %v", seen)
		}
		if slices.Equal(seen, arrived) { // once in 12! by chance
			t.Error("the inbox is in the order of arrival")
		}
	})
}

// TestForeignHands: nobody but a custodian of the agency, with a device of their own that is in the record, moves a share.
func TestForeignHands(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		fire := w.agency(town.Agencies()[1])
		colleague := w.enrol(town.Police, footage.Custodian)
		waiting, waitingKey := w.device(colleague)
		p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
		w.release()
		good, err := w.event(w.police, p.Share, footage.EventPickedUp, nil)
		must(t, err)
		forge := func(key ed25519.PrivateKey, change func(*footage.Event)) footage.Event {
			e := good
			change(&e)
			must(t, e.Sign(key))
			return e
		}
		_, stranger, err := ed25519.GenerateKey(rand.Reader)
		must(t, err)
		for name, test := range map[string]struct {
			who  footage.PersonID
			e    footage.Event
			kind footage.Kind
		}{
			"another agency":          {fire.custodian.id, good, footage.NotFound},
			"an officer":              {w.police.officer.id, good, footage.Forbidden},
			"another's device":        {colleague.id, good, footage.Forbidden},
			"a device that waits":     {colleague.id, forge(waitingKey, func(e *footage.Event) { e.Signer = string(waiting.ID) }), footage.Forbidden},
			"an unknown device":       {w.police.custodian.id, forge(stranger, func(e *footage.Event) { e.Signer = "k-x" }), footage.Forbidden},
			"another agency's device": {fire.custodian.id, forge(fire.sign, func(e *footage.Event) { e.Signer = string(fire.device.ID) }), footage.NotFound},
			"a stranger's key":        {w.police.custodian.id, forge(stranger, func(*footage.Event) {}), footage.Conflict},
			"the exchange's name":     {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Party, e.Signer = footage.PartyExchange, exchangeSigner }), footage.Forbidden},
			"the exchange's party":    {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Party = footage.PartyExchange }), footage.Invalid},
			"an exchange's step":      {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Kind = footage.EventErased }), footage.Conflict},
			"an unknown step":         {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Kind = "lost" }), footage.Conflict},
			"a place too far":         {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Seq++ }), footage.Conflict},
			"another's place":         {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Seq-- }), footage.Conflict},
			"a negative place":        {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Seq = -1 }), footage.Conflict},
			"another link":            {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Prev = footage.Hash(nil) }), footage.Conflict},
			"dated before the last":   {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.At = e.At.Add(-9 * time.Minute) }), footage.Conflict},
			"a clock a day ahead":     {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.At = e.At.Add(24 * time.Hour) }), footage.Invalid},
			"a clock a day behind":    {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.At = e.At.Add(-24 * time.Hour) }), footage.Invalid},
			"no such share":           {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Share = "s-x" }), footage.NotFound},
			"declined without a word": {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Kind = footage.EventDeclined }), footage.Invalid},
			"an answer without one":   {w.police.custodian.id, forge(w.police.sign, func(e *footage.Event) { e.Kind = footage.EventAnswered }), footage.Invalid},
		} {
			wantKind(t, name, w.x.RecordEvent(ctx, test.who, test.e), test.kind)
		}
		must(t, w.x.RecordEvent(ctx, w.police.custodian.id, good))
		must(t, w.x.RecordEvent(ctx, w.police.custodian.id, good)) // sent again, it changes nothing
		d, err := w.x.Delivery(ctx, w.police.custodian.id, p.Share)
		if err != nil || len(d.Events) != 3 {
			t.Errorf("the chain has %d events, %v; want three", len(d.Events), err)
		}
		for name, err := range map[string]error{
			"delivery":                discard(w.x.Delivery(ctx, fire.custodian.id, p.Share)),
			"question":                discard(w.x.Ask(ctx, fire.custodian.id, p.Share, api.Encode([]byte("x")))),
			"fetch":                   third(w.x.OpenClip(ctx, fire.custodian.id, p.Share, p.Clips[0], 0)),
			"a clip of another share": third(w.x.OpenClip(ctx, w.police.custodian.id, p.Share, "c-x", 0)),
		} {
			wantKind(t, name, err, footage.NotFound)
		}
		must(t, discard(w.x.WrapKey(ctx, w.police.custodian.id, api.WrappedKey{Epoch: 1, Holder: string(waiting.ID), Wrapped: api.Encode([]byte("x"))})))
		must(t, w.x.DisablePerson(ctx, w.police.custodian.id))
		late := forge(w.police.sign, func(e *footage.Event) { e.Seq, e.Kind = 3, footage.EventOpened })
		wantKind(t, "somebody disabled", w.x.RecordEvent(ctx, w.police.custodian.id, late), footage.Forbidden)
		w.police.custodian, w.police.device, w.police.sign = colleague, waiting, waitingKey
		w.steps(w.police, p.Share, footage.EventOpened) // the chain holds a leaver's key, and goes on
	})
}

func third[A, B any](_ A, _ B, err error) error { return err }

// exchangeSigner is the signer's name in the exchange's own events.
const exchangeSigner = "exchange"
