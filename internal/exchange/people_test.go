package exchange_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
)

// offices adds an administrator of the police, two operators and a moderator to the world.
func (w *world) offices() (admin, operator, second, moderator person) {
	w.t.Helper()
	return w.enrol(w.police.ID, footage.AgencyAdmin), w.enrol("", footage.Operator), w.enrol("", footage.Operator), w.enrol("", footage.Moderator)
}

// login tries to sign in with a software key.
func (w *world) login(k *softkey.Key) error {
	w.t.Helper()
	ctx := context.Background()
	challenge, err := w.x.Accounts().LoginChallenge(ctx)
	must(w.t, err)
	raw, err := api.Decode(challenge.Challenge)
	must(w.t, err)
	response, err := k.GetJSON(raw)
	must(w.t, err)
	_, err = w.x.Accounts().Login(ctx, response, account.Client{Kind: account.Program})
	return err
}

// lastFact returns the newest entry of a kind.
func lastFact[F ledger.Fact](t testing.TB, w *world) (last F) {
	t.Helper()
	for _, e := range w.checkRecord() {
		fact, err := e.Fact()
		must(t, err)
		if f, ok := fact.(F); ok {
			last = f
		}
	}
	return last
}

// TestWhoManagesWhom: each may add, invite, change and disable those of their own body alone, an operator also agencies'
// administrators; nobody does so to themselves, and no role sits at the wrong body.
func TestWhoManagesWhom(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	admin, operator, _, moderator := w.offices()
	fire := w.agency(town.Agencies()[1])
	strangeAdmin := w.enrol(fire.ID, footage.AgencyAdmin)
	for name, c := range map[string]struct {
		caller footage.PersonID
		agency footage.AgencyID
		role   footage.Role
		want   footage.Kind
	}{
		"the administrator adds an officer":        {admin.id, w.police.ID, footage.Officer, ""},
		"the operator adds an administrator":       {operator.id, w.police.ID, footage.AgencyAdmin, ""},
		"the operator adds a moderator":            {operator.id, "", footage.Moderator, ""},
		"the operator adds an officer":             {operator.id, w.police.ID, footage.Officer, footage.Forbidden},
		"another administrator adds an officer":    {strangeAdmin.id, w.police.ID, footage.Officer, footage.NotFound},
		"the administrator adds an operator":       {admin.id, "", footage.Operator, footage.NotFound},
		"a moderator adds a moderator":             {moderator.id, "", footage.Moderator, footage.Forbidden},
		"an officer adds an officer":               {w.police.officer.id, w.police.ID, footage.Officer, footage.Forbidden},
		"the operator adds an agency's moderator":  {operator.id, w.police.ID, footage.Moderator, footage.Invalid},
		"the operator adds an officer of its own":  {operator.id, "", footage.Officer, footage.Invalid},
		"nobody adds an officer":                   {"p-00000000000000000000000000", w.police.ID, footage.Officer, footage.Unauthorized},
		"the administrator adds a role of nothing": {admin.id, w.police.ID, "wizard", footage.Invalid},
	} {
		_, token, err := w.x.InviteStaff(ctx, c.caller, c.agency, "Sam, "+name, c.role)
		wantKind(t, name, err, c.want)
		if (token != "") != (err == nil) {
			t.Errorf("%s: token %q", name, token)
		}
	}
	officer := w.police.officer.id
	for name, act := range map[string]func(caller, of footage.PersonID) error{
		"change roles": func(caller, of footage.PersonID) error {
			return w.x.SetRoles(ctx, caller, of, footage.Officer, footage.Custodian)
		},
		"invite again": func(caller, of footage.PersonID) error { _, err := w.x.RenewInvitation(ctx, caller, of); return err },
		"disable":      func(caller, of footage.PersonID) error { return w.x.DisableStaff(ctx, caller, of) },
	} {
		wantKind(t, name+" by a colleague", act(w.police.supervisor.id, officer), footage.Forbidden)
		wantKind(t, name+" by another agency", act(strangeAdmin.id, officer), footage.NotFound)
		wantKind(t, name+" by a moderator", act(moderator.id, officer), footage.Forbidden)
		wantKind(t, name+" of oneself", act(admin.id, admin.id), footage.Forbidden)
		wantKind(t, name+" of an operator by an administrator", act(admin.id, operator.id), footage.NotFound)
	}
	wantKind(t, "an operator's role for an officer", w.x.SetRoles(ctx, admin.id, officer, footage.Officer, footage.Operator), footage.Invalid)
	must(t, w.x.SetRoles(ctx, admin.id, officer, footage.Officer, footage.Supervisor))
	if p, err := w.x.Person(ctx, officer); err != nil || !slices.Equal(p.Roles, []footage.Role{footage.Officer, footage.Supervisor}) {
		t.Errorf("roles %v, %v", p.Roles, err)
	}
	if f := lastFact[ledger.PersonEnrolled](t, w); f.Person != officer || !slices.Equal(f.Roles, []footage.Role{footage.Officer, footage.Supervisor}) {
		t.Errorf("the record says %+v", f)
	}
}

// TestFourEyes: an officer who is a supervisor too cannot approve what they wrote.
func TestFourEyes(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	both := w.enrol(w.police.ID, footage.Officer, footage.Supervisor)
	in := w.draft(0)
	draft, err := w.x.Draft(ctx, both.id, in)
	must(t, err)
	raw := canonical(t, in.Document)
	must(t, w.x.Sign(ctx, both.id, draft.ID, assert(both, footage.Officer, raw)))
	wantKind(t, "approval by the author", w.x.Approve(ctx, both.id, draft.ID, assert(both, footage.Supervisor, raw)), footage.Forbidden)
}

// TestNobodyOnBothSides (A6): whoever works for an agency cannot be let in at the exchange under that name, nor the reverse.
func TestNobodyOnBothSides(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	_, _, err := w.x.InvitePerson(ctx, w.police.ID, "Ana María  Ruiz", footage.Officer)
	must(t, err)
	_, _, err = w.x.InvitePerson(ctx, "", " ana maría ruiz", footage.Moderator)
	wantKind(t, "the same person as a moderator", err, footage.Invalid)
	_, _, err = w.x.InvitePerson(ctx, "", "Ana María Ruiz (county clerk)", footage.Moderator)
	must(t, err)
	_, _, err = w.x.InvitePerson(ctx, w.police.ID, "Ana María Ruiz (county clerk)", footage.Supervisor)
	wantKind(t, "the moderator as a supervisor", err, footage.Invalid)
	_, _, err = w.x.InvitePerson(ctx, "", "Both", footage.Moderator, footage.Officer)
	wantKind(t, "two bodies at once", err, footage.Invalid)
}

// TestNewDevice: a new device counts once a second person has confirmed it, who neither is the person nor invited them; until
// then the old one goes on. The record names the second person.
func TestNewDevice(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		admin, operator, second, _ := w.offices()
		officer := w.police.officer
		token, err := w.x.RenewInvitation(ctx, admin.id, officer.id)
		must(t, err)
		fresh, err := softkey.New(w.rp.ID, w.rp.Origin)
		must(t, err)
		must(t, w.accept(token, fresh))
		wantCode(t, "a second use of the invitation", w.accept(token, fresh), "enrolment_refused")
		must(t, w.login(officer.key))
		wantCode(t, "a sign-in with the new device", w.login(fresh), "device_pending")
		wantCode(t, "the one who invited", w.x.ConfirmDevice(ctx, admin.id, officer.id), "second_person")
		wantKind(t, "the person", w.x.ConfirmDevice(ctx, officer.id, officer.id), footage.Forbidden)
		wantKind(t, "a colleague", w.x.ConfirmDevice(ctx, w.police.supervisor.id, officer.id), footage.Forbidden)
		for who, want := range map[footage.PersonID]int{admin.id: 0, operator.id: 1, second.id: 1} {
			if all, err := w.x.DevicesToConfirm(ctx, who); err != nil || len(all) != want {
				t.Errorf("%s may confirm %v, %v", who, all, err)
			}
		}
		must(t, w.x.ConfirmDevice(ctx, operator.id, officer.id))
		wantKind(t, "confirming twice", w.x.ConfirmDevice(ctx, operator.id, officer.id), footage.NotFound)
		must(t, w.login(fresh))
		wantCode(t, "the old device", w.login(officer.key), "login_refused")
		if f := lastFact[ledger.PersonEnrolled](t, w); f.Person != officer.id || f.Credential != fresh.CredentialID() || f.Confirmed != operator.id {
			t.Errorf("the record says %+v", f)
		}
		refused, err := softkey.New(w.rp.ID, w.rp.Origin)
		must(t, err)
		token, err = w.x.RenewInvitation(ctx, admin.id, officer.id)
		must(t, err)
		must(t, w.accept(token, refused))
		must(t, w.x.RefuseDevice(ctx, admin.id, officer.id))
		wantKind(t, "confirming what was refused", w.x.ConfirmDevice(ctx, operator.id, officer.id), footage.NotFound)
		wantCode(t, "a refused device", w.login(refused), "login_refused")
		must(t, w.login(fresh))
	})
}

// TestOfficeConfirms: the machine confirms nothing that it invited to, while somebody else could.
func TestOfficeConfirms(t *testing.T) {
	w := lite(t, options{})
	wantCode(t, "the machine beside an operator", w.reenrolBy("", &w.police.officer), "second_person")
	must(t, w.x.ConfirmDevice(t.Context(), w.operator.id, w.police.officer.id))
	must(t, w.x.DisablePerson(t.Context(), w.operator.id))
	must(t, w.reenrolBy("", &w.police.officer)) // nobody else can
}

// TestIdle (A9): who was not here for ninety days is disabled by the clock and stays in the record; they come back by
// invitation and a second person.
func TestIdle(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		idle, busy := w.police.officer, w.police.supervisor
		w.advance(exchange.IdleLimit - 48*time.Hour)
		must(t, errors.Join(w.login(busy.key), w.login(w.operator.key)))
		must(t, w.x.DisableIdle(ctx))
		must(t, errors.Join(w.login(busy.key), w.login(w.operator.key)))
		w.advance(72 * time.Hour)
		must(t, w.x.DisableIdle(ctx))
		wantCode(t, "idle", w.login(idle.key), "login_refused")
		must(t, errors.Join(w.login(busy.key), w.login(w.operator.key)))
		p, err := w.x.Person(ctx, idle.id)
		if err != nil || !p.Disabled || p.Name == "" {
			t.Errorf("the idle officer is %+v, %v", p, err)
		}
		must(t, w.reenrol(&idle))
		must(t, w.login(idle.key))
		must(t, w.x.DisableIdle(ctx))
		must(t, w.login(idle.key))
	})
}
