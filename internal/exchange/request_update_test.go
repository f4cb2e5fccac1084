package exchange_test

import (
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// TestBadUpdates tries what an update may not be.
func TestBadUpdates(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		officer, supervisor := w.police.officer, w.police.supervisor
		try := func(p person, role footage.Role, change func(*footage.Update)) error {
			u := w.update(id, string(id), footage.Amended, "We now look for a gray van.")
			change(&u)
			return w.x.Update(ctx, p.id, u, assert(p, role, canonical(t, u)))
		}
		same := func(*footage.Update) {}
		for name, test := range map[string]struct {
			err  error
			kind footage.Kind
		}{
			"by a custodian":                {try(w.police.custodian, footage.Officer, same), footage.Forbidden},
			"as what one is not":            {try(officer, footage.Supervisor, same), footage.Forbidden},
			"as custodian":                  {try(officer, footage.Custodian, same), footage.Forbidden},
			"amended by a supervisor alone": {try(supervisor, footage.Supervisor, same), footage.Forbidden},
			"unknown request":               {try(officer, footage.Officer, func(u *footage.Update) { u.Request = "x" }), footage.NotFound},
			"unknown kind":                  {try(officer, footage.Officer, func(u *footage.Update) { u.Kind = "hidden" }), footage.Invalid},
			"expired, which is ours to say": {try(officer, footage.Officer, func(u *footage.Update) { u.Kind = footage.Expired }), footage.Invalid},
			"another type":                  {try(officer, footage.Officer, func(u *footage.Update) { u.Type = "" }), footage.Invalid},
			"a short nonce":                 {try(officer, footage.Officer, func(u *footage.Update) { u.Nonce = "AAAA" }), footage.Invalid},
			"no text":                       {try(officer, footage.Officer, func(u *footage.Update) { u.Text = " \n" }), footage.Invalid},
			"too much text":                 {try(officer, footage.Officer, func(u *footage.Update) { u.Text = strings.Repeat("é", 2001) }), footage.Invalid},
			"text turned round":             {try(officer, footage.Officer, func(u *footage.Update) { u.Text = "van \u202e yarg" }), footage.Invalid},
			"part of a second":              {try(officer, footage.Officer, func(u *footage.Update) { u.At = u.At.Add(time.Millisecond) }), footage.Invalid},
			"a clock that is a day off":     {try(officer, footage.Officer, func(u *footage.Update) { u.At = u.At.Add(24 * time.Hour) }), footage.Invalid},
			"chained to nothing":            {try(officer, footage.Officer, func(u *footage.Update) { u.Previous = footage.Hash(nil) }), footage.Conflict},
			"approval of nothing":           {w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Supervisor, []byte("{}"))), footage.NotFound},
		} {
			wantKind(t, name, test.err, test.kind)
		}
		must(t, try(officer, footage.Officer, func(u *footage.Update) { u.Text = strings.Repeat("é", 2000) }))
		w.verifies(id, footage.Published, 0)
	})
}

// TestApprovalOfAnUpdate: the second signature is another person's, over the very text, while the request is open.
func TestApprovalOfAnUpdate(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		both, other := w.enrol(town.Police, footage.Officer, footage.Supervisor), w.enrol(town.Police, footage.Supervisor)
		id := w.publish(w.police, w.draft(0))
		u := w.update(id, string(id), footage.Amended, "We now look for a gray van.")
		text := canonical(t, u)
		err := w.x.Update(ctx, both.id, u, assert(both, footage.Officer, []byte("{}")))
		wantKind(t, "proposed with another text's signature", err, footage.Untrusted)
		must(t, w.x.Update(ctx, both.id, u, assert(both, footage.Officer, text)))
		supervisor := w.police.supervisor
		wantKind(t, "by the author", w.x.ApproveUpdate(ctx, both.id, id, assert(both, footage.Supervisor, text)), footage.Forbidden)
		wantKind(t, "of another text", w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Supervisor, []byte("{}"))), footage.Untrusted)
		wantKind(t, "in another's name", w.x.ApproveUpdate(ctx, supervisor.id, id, assert(other, footage.Supervisor, text)), footage.Untrusted)
		wantKind(t, "as officer", w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Officer, text)), footage.Untrusted)
		must(t, w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Supervisor, text)))
		w.verifies(id, footage.Published, 0)
		wantKind(t, "approved twice", w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Supervisor, text)), footage.Conflict)
		must(t, w.x.Clear(ctx, w.moderator.id, footage.Hash(text)))
		w.verifies(id, footage.Published, 1)

		late := w.update(id, footage.Hash(text), footage.Amended, "One more thing.")
		must(t, w.x.Update(ctx, both.id, late, assert(both, footage.Officer, canonical(t, late))))
		end := w.update(id, footage.Hash(text), footage.Withdrawn, "")
		must(t, w.x.Update(ctx, both.id, end, assert(both, footage.Officer, canonical(t, end))))
		err = w.x.ApproveUpdate(ctx, supervisor.id, id, assert(supervisor, footage.Supervisor, canonical(t, late)))
		wantKind(t, "of what waited when the request ended", err, footage.NotFound)
		w.verifies(id, footage.StatusWithdrawn, 2)
	})
}
