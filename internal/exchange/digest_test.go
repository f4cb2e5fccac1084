package exchange_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

// deeds are the lines of a part of a digest, in short.
func deeds(lines []exchange.DigestLine) (out []string) {
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%s %s", l.Deed, l.About))
	}
	return out
}

// TestDigest (security.md "supervisor digest weekly", "every access audited"): a supervisor reads every access to footage in the
// week that is over, by whom, and what was drafted, published and keyed; nothing of another week or agency, and nothing that
// residents did. Nobody else reads it, the exchange's own staff neither.
func TestDigest(t *testing.T) {
	each(t, options{atOnce: true}, func(t *testing.T, w *world) {
		ctx := context.Background()
		p := w.police
		fire := w.agency(town.Agencies()[1])
		monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		id := w.publish(p, w.draft(0))
		_, first := w.send(p, id, []byte("sealed"))
		_, second := w.send(p, id, []byte("sealed too"))
		w.release()
		for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened} {
			must(t, w.step(p, first.Share, kind, nil))
		}
		w.advance(monday.Sub(w.now())) // the week is over
		must(t, w.step(p, second.Share, footage.EventPickedUp, nil))

		d, err := w.x.Digest(ctx, p.supervisor.id, 0)
		must(t, err)
		if !d.From.Equal(monday.AddDate(0, 0, -7)) || !d.To.Equal(monday) {
			t.Errorf("the week is %v to %v", d.From, d.To)
		}
		if got, want := deeds(d.Footage), []string{"picked_up " + string(first.Share), "opened " + string(first.Share)}; !slices.Equal(got, want) {
			t.Errorf("of footage it tells %q; want %q", got, want)
		}
		custodian, err := w.x.Person(ctx, p.custodian.id)
		must(t, err)
		for _, l := range d.Footage {
			if l.Who != custodian.Name {
				t.Errorf("%+v is not by %s", l, custodian.Name)
			}
		}
		if got, want := deeds(d.Requests), []string{"drafted " + string(id), "published " + string(id)}; !slices.Equal(got, want) {
			t.Errorf("of requests it tells %q; want %q", got, want)
		}
		if got := strings.Join(deeds(d.Keys), ","); strings.Count(got, "passkey") != 3 || strings.Count(got, "epoch 1") != 1 {
			t.Errorf("of keys it tells %s", got)
		}

		w.advance(7 * 24 * time.Hour)
		next, err := w.x.Digest(ctx, p.supervisor.id, 0)
		must(t, err)
		if got, want := deeds(next.Footage), []string{"picked_up " + string(second.Share)}; !slices.Equal(got, want) {
			t.Errorf("a week later it tells %q; want %q", got, want)
		}
		if before, err := w.x.Digest(ctx, p.supervisor.id, 1); err != nil || !slices.Equal(deeds(before.Footage), deeds(d.Footage)) {
			t.Errorf("the week before is another by now: %v, %v", before, err)
		}
		if theirs, err := w.x.Digest(ctx, fire.supervisor.id, 1); err != nil || len(theirs.Footage)+len(theirs.Requests) != 0 {
			t.Errorf("another agency reads %+v, %v", theirs, err)
		}
		for name, who := range map[string]person{"an officer": p.officer, "a custodian": p.custodian, "an operator": w.operator, "a moderator": w.moderator} {
			wantKind(t, name, discard(w.x.Digest(ctx, who.id, 0)), footage.Forbidden)
		}
		wantKind(t, "a week to come", discard(w.x.Digest(ctx, p.supervisor.id, -1)), footage.Invalid)
	})
}

// TestDigestIsTold: supervisors get a letter on one tick of the week, whether or not anything happened, and nobody else does.
func TestDigestIsTold(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	for _, p := range []person{w.police.officer, w.police.supervisor, w.moderator} {
		must(t, w.x.SetMailAddress(ctx, p.id, string(p.id)+"@staff.example"))
	}
	p := &post{}
	for at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)); at = at.Add(4 * time.Hour) {
		w.advance(at.Sub(w.now()))
		must(t, w.x.WriteLetters(ctx))
		must(t, w.x.SendLetters(ctx, p))
		if monday := at.Weekday() == time.Monday && at.Hour() == 16; monday != (len(p.letters) == 1) {
			t.Errorf("at %v %d letters went out", at, len(p.letters))
		}
		for _, l := range p.letters {
			if l.To != string(w.police.supervisor.id)+"@staff.example" {
				t.Errorf("told %s", l.To)
			}
		}
		p.letters = nil
	}
}
