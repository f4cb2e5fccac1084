package exchange_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/softkey"
)

// status returns where a request stands, as its own agency sees it.
func (w *world) status(a *agency, id footage.RequestID) footage.RequestStatus {
	w.t.Helper()
	all, err := w.x.AgencyRequests(context.Background(), a.officer.id)
	must(w.t, err)
	for _, q := range all {
		if q.ID == id {
			return q.Status
		}
	}
	return ""
}

func TestLifeOfARequest(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := w.draft(0)
		draft, err := w.x.Draft(ctx, w.police.officer.id, in)
		must(t, err)
		raw := canonical(t, in.Document)
		if want := footage.RequestID(footage.Hash(raw)); draft.ID != want || draft.Status != footage.Draft {
			t.Fatalf("drafted %s as %s; want %s", draft.ID, draft.Status, want)
		}
		must(t, w.x.Sign(ctx, w.police.officer.id, draft.ID, assert(w.police.officer, footage.Officer, raw)))
		must(t, w.x.Approve(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, raw)))
		if _, err := w.x.PublicRequest(ctx, draft.ID); !errors.Is(err, footage.NotFound) {
			t.Fatalf("a request that is not published can be read: %v", err)
		}
		must(t, w.x.Submit(ctx, w.police.supervisor.id, draft.ID, api.Submit{}))
		must(t, w.x.Clear(ctx, w.moderator.id, string(draft.ID)))

		amend := w.update(draft.ID, string(draft.ID), footage.Amended, "We now look for a gray van.")
		text := canonical(t, amend)
		must(t, w.x.Update(ctx, w.police.officer.id, amend, assert(w.police.officer, footage.Officer, text)))
		if p, err := w.x.PublicRequest(ctx, draft.ID); err != nil || len(p.Updates) != 0 {
			t.Fatalf("one signature made an update public: %v, %v", p.Updates, err)
		}
		must(t, w.x.ApproveUpdate(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, text)))
		must(t, w.x.Clear(ctx, w.moderator.id, footage.Hash(text)))
		resolve := w.update(draft.ID, footage.Hash(text), footage.Resolved, "")
		must(t, w.x.Update(ctx, w.police.officer.id, resolve, assert(w.police.officer, footage.Officer, canonical(t, resolve))))

		w.verifies(draft.ID, footage.StatusResolved, 2)
	})
}

// verifies checks a request's bundle as a stranger does and compares what it says with what the exchange says.
func (w *world) verifies(id footage.RequestID, status footage.RequestStatus, updates int) {
	w.t.Helper()
	p, err := w.x.PublicRequest(context.Background(), id)
	must(w.t, err)
	b, err := w.x.Bundle(context.Background(), id)
	must(w.t, err)
	checked, err := b.Verify(evidence.Trust{Verifier: w.cfg.Keys.LogVerifier}, w.now())
	must(w.t, err)
	if checked.ID != id || checked.Status != status || p.Status != status || len(checked.Updates) != updates || len(p.Updates) != updates {
		w.t.Errorf("the record says %s with %d updates, the exchange %s with %d; want %s with %d",
			checked.Status, len(checked.Updates), p.Status, len(p.Updates), status, updates)
	}
}

func TestEndsOfARequest(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		expires, withdrawn := w.publish(w.police, w.draft(0)), w.publish(w.police, w.draft(3))
		u := w.update(withdrawn, string(withdrawn), footage.Withdrawn, "Made by mistake.")
		must(t, w.x.Update(ctx, w.police.supervisor.id, u, assert(w.police.supervisor, footage.Supervisor, canonical(t, u))))
		w.verifies(withdrawn, footage.StatusWithdrawn, 1)

		closes := town.Requests()[0].Open
		w.advance(closes - 2*time.Hour)
		must(t, w.x.ExpireRequests(ctx))
		w.verifies(expires, footage.Published, 0)
		w.advance(2 * time.Hour)
		must(t, w.x.ExpireRequests(ctx))
		must(t, w.x.ExpireRequests(ctx)) // changes nothing
		w.verifies(expires, footage.StatusExpired, 0)
		for _, id := range []footage.RequestID{expires, withdrawn} {
			u := w.update(id, string(id), footage.Resolved, "")
			err := w.x.Update(ctx, w.police.officer.id, u, assert(w.police.officer, footage.Officer, canonical(t, u)))
			wantKind(t, "update of a closed request", err, footage.Conflict)
		}
	})
}

// TestWrongOrder tries every step in every state that is not its own.
func TestWrongOrder(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := w.draft(0)
		draft, err := w.x.Draft(ctx, w.police.officer.id, in)
		must(t, err)
		raw := canonical(t, in.Document)
		update := w.update(draft.ID, string(draft.ID), footage.Resolved, "")
		steps := []struct {
			name string
			do   func() error
		}{
			{"sign", func() error {
				return w.x.Sign(ctx, w.police.officer.id, draft.ID, assert(w.police.officer, footage.Officer, raw))
			}},
			{"approve", func() error {
				return w.x.Approve(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, raw))
			}},
			{"submit", func() error { return w.x.Submit(ctx, w.police.supervisor.id, draft.ID, api.Submit{}) }},
			{"clear", func() error { return w.x.Clear(ctx, w.moderator.id, string(draft.ID)) }},
			{"resolve", func() error {
				return w.x.Update(ctx, w.police.officer.id, update, assert(w.police.officer, footage.Officer, canonical(t, update)))
			}},
		}
		for state := range steps {
			for i, step := range steps {
				want := footage.Conflict
				if step.name == "clear" && state < i {
					want = footage.NotFound // the moderators do not know of it yet
				}
				if i != state {
					wantKind(t, fmt.Sprintf("%s after %d steps", step.name, state), step.do(), want)
				}
			}
			must(t, steps[state].do())
		}
		for _, step := range steps {
			wantKind(t, step.name+" at the end", step.do(), footage.Conflict)
		}
		if _, err := w.x.Draft(ctx, w.police.officer.id, in); !errors.Is(err, footage.Conflict) && !errors.Is(err, footage.Invalid) {
			t.Errorf("the same text again: %v", err)
		}
	})
}

// TestWrongPerson lets everybody try what is not theirs.
func TestWrongPerson(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		fire := w.agency(town.Agencies()[1])
		both := w.enrol(town.Police, footage.Officer, footage.Supervisor)
		operator := w.enrol("", footage.Operator)
		in := w.draft(0)
		raw := canonical(t, in.Document)
		for name, p := range map[string]person{"supervisor": w.police.supervisor, "custodian": w.police.custodian, "operator": operator} {
			_, err := w.x.Draft(ctx, p.id, in)
			wantKind(t, "draft by a "+name, err, footage.Forbidden)
		}
		_, err := w.x.Draft(ctx, "p-nobody", in)
		wantKind(t, "draft by nobody", err, footage.Unauthorized)
		_, err = w.x.Draft(ctx, fire.officer.id, in)
		wantReason(t, "draft in another agency's name", err, "agency")

		draft, err := w.x.Draft(ctx, both.id, in)
		must(t, err)
		for name, try := range map[string]struct {
			err  error
			kind footage.Kind
		}{
			"sign by another officer":          {w.x.Sign(ctx, w.police.officer.id, draft.ID, assert(w.police.officer, footage.Officer, raw)), footage.Forbidden},
			"sign by another agency":           {w.x.Sign(ctx, fire.officer.id, draft.ID, assert(fire.officer, footage.Officer, raw)), footage.NotFound},
			"sign in another's name":           {w.x.Sign(ctx, both.id, draft.ID, assert(w.police.officer, footage.Officer, raw)), footage.Untrusted},
			"sign as supervisor":               {w.x.Sign(ctx, both.id, draft.ID, assert(both, footage.Supervisor, raw)), footage.Untrusted},
			"sign with another's key":          {w.x.Sign(ctx, both.id, draft.ID, assert(person{both.id, w.police.officer.key}, footage.Officer, raw)), footage.Untrusted},
			"sign an unknown request":          {w.x.Sign(ctx, both.id, footage.RequestID(footage.Hash(nil)), assert(both, footage.Officer, raw)), footage.NotFound},
			"sign what is not a request's ID":  {w.x.Sign(ctx, both.id, "../x", assert(both, footage.Officer, raw)), footage.NotFound},
			"submit by an officer":             {w.x.Submit(ctx, w.police.officer.id, draft.ID, api.Submit{}), footage.Forbidden},
			"submit by another's supervisor":   {w.x.Submit(ctx, fire.supervisor.id, draft.ID, api.Submit{}), footage.NotFound},
			"clear what nobody handed in":      {w.x.Clear(ctx, w.moderator.id, string(draft.ID)), footage.NotFound},
			"look at requests as operator":     {discard(w.x.AgencyRequests(ctx, operator.id)), footage.Forbidden},
			"look at an unpublished one's log": {discard(w.x.Bundle(ctx, draft.ID)), footage.NotFound},
		} {
			wantKind(t, name, try.err, try.kind)
		}
		must(t, w.x.Sign(ctx, both.id, draft.ID, assert(both, footage.Officer, raw)))
		wantKind(t, "approval by the author", w.x.Approve(ctx, both.id, draft.ID, assert(both, footage.Supervisor, raw)), footage.Forbidden)
		wantKind(t, "approval by an officer", w.x.Approve(ctx, w.police.officer.id, draft.ID, assert(w.police.officer, footage.Supervisor, raw)), footage.Forbidden)
		wantKind(t, "approval by another agency", w.x.Approve(ctx, fire.supervisor.id, draft.ID, assert(fire.supervisor, footage.Supervisor, raw)), footage.NotFound)
		must(t, w.x.Approve(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, raw)))
		must(t, w.x.Submit(ctx, both.id, draft.ID, api.Submit{}))
	})
}

func discard[T any](_ T, err error) error { return err }

// wantReason fails the test unless a refusal lists a reason.
func wantReason(t testing.TB, what string, err error, code string) {
	t.Helper()
	if !slices.Contains(codes(err), code) {
		t.Errorf("%s: %v (codes %v); want the reason %q", what, err, codes(err), code)
	}
}

// codes returns the codes of a refusal's reasons, sorted and each once.
func codes(err error) []string {
	var e *footage.Error
	if !errors.As(err, &e) {
		return nil
	}
	var out []string
	for _, r := range e.Reasons {
		out = append(out, r.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestBetweenApprovalAndModeration: everything is decided again when a request is handed in.
func TestBetweenApprovalAndModeration(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		officer := w.enrol(town.Police, footage.Officer)
		for _, test := range []struct {
			name   string
			change func() error
			undo   func()
			want   func(error)
		}{
			{"agency suspended", func() error { return w.x.SuspendAgency(ctx, town.Police, "Attestation ran out.") },
				func() { must(t, w.x.RestoreAgency(ctx, town.Police)) },
				func(err error) {
					wantKind(t, "suspended", err, footage.Forbidden)
					wantCode(t, "suspended", err, "agency_suspended")
				}},
			{"policy changed", func() error { return w.x.AdoptPolicy(ctx, rules(map[string]float64{"area_max_sq_mi": 0.4})) },
				func() { must(t, w.x.AdoptPolicy(ctx, rules(nil))) },
				func(err error) {
					wantReason(t, "policy changed", err, "policies_changed")
				}},
			{"officer has a new key", func() error { return w.reenrol(&officer) }, func() {},
				func(err error) { wantCode(t, "new key", err, "unknown_signer") }},
			{"closing time over", func() error { w.advance(12 * 24 * time.Hour); return nil }, func() { w.advance(-12 * 24 * time.Hour) },
				func(err error) { wantReason(t, "too late", err, "closes_in_past") }},
			{"officer disabled", func() error { return w.x.DisablePerson(ctx, officer.id) }, func() {},
				func(err error) { wantCode(t, "disabled", err, "signer_left") }},
		} {
			in := w.draft(0)
			draft, err := w.x.Draft(ctx, officer.id, in)
			must(t, err)
			raw := canonical(t, in.Document)
			must(t, w.x.Sign(ctx, officer.id, draft.ID, assert(officer, footage.Officer, raw)))
			must(t, w.x.Approve(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, raw)))
			must(t, test.change())
			test.want(w.x.Submit(ctx, w.police.supervisor.id, draft.ID, api.Submit{}))
			test.undo()
			if got := w.status(w.police, draft.ID); got != footage.Approved {
				t.Errorf("%s: the request is %s afterwards", test.name, got)
			}
		}
		head, err := w.x.Checkpoint(ctx)
		must(t, err)
		if public, err := w.x.PublicRequests(ctx, false); err != nil || len(public) != 0 || head.Size != head.Integrated {
			t.Errorf("something became public: %v, %v", public, err)
		}
	})
}

// reenrol gives a person a new key in the place of the old one, as after the loss of a device.
func (w *world) reenrol(p *person) error { return w.reenrolBy(w.operator.id, p) }

// reenrolBy is reenrol with somebody who confirms the new device; nobody is the machine.
func (w *world) reenrolBy(by footage.PersonID, p *person) error {
	token, err := w.x.InviteAgain(context.Background(), p.id)
	if err != nil {
		return err
	}
	fresh, err := softkey.New(w.rp.ID, w.rp.Origin)
	if err != nil {
		return err
	}
	p.key = fresh
	if err := w.accept(token, fresh); err != nil {
		return err
	}
	return w.x.ConfirmDevice(context.Background(), by, p.id)
}

// TestDisabledBetweenDraftAndApproval: a leaver's draft can be signed by nobody.
func TestDisabledBetweenDraftAndApproval(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	in := w.draft(0)
	draft, err := w.x.Draft(ctx, w.police.officer.id, in)
	must(t, err)
	raw := canonical(t, in.Document)
	must(t, w.x.Sign(ctx, w.police.officer.id, draft.ID, assert(w.police.officer, footage.Officer, raw)))
	must(t, w.x.DisablePerson(ctx, w.police.supervisor.id))
	err = w.x.Approve(ctx, w.police.supervisor.id, draft.ID, assert(w.police.supervisor, footage.Supervisor, raw))
	wantKind(t, "approval by somebody disabled", err, footage.Forbidden)
	wantKind(t, "disabling twice", w.x.DisablePerson(ctx, w.police.supervisor.id), footage.Conflict)
}

// TestForgedAssertions changes one thing at a time in what is signed and in the signature.
func TestForgedAssertions(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in, other := w.draft(0), w.draft(1)
		draft, err := w.x.Draft(ctx, w.police.officer.id, in)
		must(t, err)
		officer := w.police.officer
		raw := canonical(t, in.Document)
		good := assert(officer, footage.Officer, raw)
		forge := func(change func(*footage.Assertion)) footage.Assertion {
			a := good
			change(&a)
			return a
		}
		for name, a := range map[string]footage.Assertion{
			"one byte changed in the document": assert(officer, footage.Officer, append(slices.Clone(raw[:len(raw)-2]), 'x', '}')),
			"made for another document":        assert(officer, footage.Officer, canonical(t, other.Document)),
			"one bit of the signature":         forge(func(a *footage.Assertion) { a.Signature = flip(a.Signature) }),
			"one bit of the client data":       forge(func(a *footage.Assertion) { a.ClientData = flip(a.ClientData) }),
			"one bit of the counter":           forge(func(a *footage.Assertion) { a.AuthenticatorData = flip(a.AuthenticatorData) }),
			"nothing":                          {Role: footage.Officer, Person: officer.id},
			"no base64":                        forge(func(a *footage.Assertion) { a.Signature = "%" }),
			"another credential":               forge(func(a *footage.Assertion) { a.Credential = w.police.supervisor.key.CredentialID() }),
			"without user verification":        unverified(t, officer, footage.Officer, raw),
		} {
			wantKind(t, name, w.x.Sign(ctx, officer.id, draft.ID, a), footage.Untrusted)
		}
		must(t, w.x.Sign(ctx, officer.id, draft.ID, good))
		second, err := w.x.Draft(ctx, officer.id, other)
		must(t, err)
		wantKind(t, "replayed for another document", w.x.Sign(ctx, officer.id, second.ID, good), footage.Untrusted)
	})
}

// flip changes the last whole byte of a base64url value.
func flip(s string) string {
	raw, err := api.Decode(s)
	if err != nil {
		panic(err)
	}
	raw[len(raw)-1] ^= 1
	return api.Encode(raw)
}

// unverified signs rightly, as an authenticator that saw somebody but did not ask who it is.
func unverified(t *testing.T, p person, role footage.Role, canonical []byte) footage.Assertion {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	must(t, p.key.Save(path))
	file, err := os.ReadFile(path)
	must(t, err)
	var saved struct {
		Private string `json:"private_key"`
	}
	must(t, json.Unmarshal(file, &saved))
	der, err := api.Decode(saved.Private)
	must(t, err)
	key, err := x509.ParsePKCS8PrivateKey(der)
	must(t, err)
	a := assert(p, role, canonical)
	auth, err := api.Decode(a.AuthenticatorData)
	must(t, err)
	auth[32] &^= 0x04
	client, err := api.Decode(a.ClientData)
	must(t, err)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(slices.Clone(auth), hash[:]...))
	signature, err := ecdsa.SignASN1(nil, key.(*ecdsa.PrivateKey), sum[:])
	must(t, err)
	a.AuthenticatorData, a.Signature = api.Encode(auth), api.Encode(signature)
	return a
}

func TestSoftwareKeysAreForFictionalExchanges(t *testing.T) {
	w := lite(t, options{real: true})
	ctx := t.Context()
	police := town.Agencies()[0]
	wantReason(t, "a fictional state on a real exchange", w.x.RegisterAgency(ctx, police), "agency_state")
	police.State = "IL"
	must(t, w.x.RegisterAgency(ctx, police))
	_, token, err := w.x.InvitePerson(ctx, town.Police, "Pat", footage.Officer)
	must(t, err)
	key, err := softkey.New(w.rp.ID, w.rp.Origin)
	must(t, err)
	wantCode(t, "a software key on a real exchange", w.accept(token, key), "software_authenticator")
	w.cfg.AtOnce = true
	wantCode(t, "a real exchange that releases at once", w.reopen(), "at_once")
}

// TestEveryReasonAtOnce breaks many rules in one request and none is left out.
func TestEveryReasonAtOnce(t *testing.T) {
	w := lite(t, options{})
	in := w.draft(0)
	d := &in.Document
	d.Area = square(town.Centre(), 0.6)
	d.Window = footage.Window{From: w.now().Add(-13 * time.Hour).Truncate(time.Second), To: w.now().Add(time.Hour).Truncate(time.Second)}
	d.Closes = w.now().Add(15 * 24 * time.Hour).Truncate(time.Second)
	d.Offence, d.Code, d.Title, d.OwnCase, d.Federal = "90C", "x", "Short", false, "task force"
	d.Language, d.Zone, d.Nonce, d.Contact = "xx", "Mars/Olympus", "AA", footage.Contact{}
	_, err := w.x.Draft(t.Context(), w.police.officer.id, in)
	want := []string{"area_too_large", "code_malformed", "contact_missing", "federal_involvement", "incident_outside_area",
		"language_unknown", "nonce", "not_own_case", "offence_not_serious", "offence_prohibited", "open_too_long", "title_too_short",
		"window_in_future", "window_too_long", "zone_unknown"}
	if diff := cmp.Diff(want, codes(err)); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	var e *footage.Error
	if !errors.As(err, &e) || e.Kind != footage.Invalid || e.Code != "request_refused" {
		t.Fatalf("refused with %v", err)
	}
	for _, r := range e.Reasons {
		if r.Msg == "" || !strings.HasSuffix(r.Msg, ".") {
			t.Errorf("reason %s has no sentence: %q", r.Code, r.Msg)
		}
		if r.Code == "area_too_large" && (r.Limit != "0.5 sq mi" || r.Value != "0.6 sq mi" || r.Policy != "default") {
			t.Errorf("the area's reason lacks limit, value or policy: %+v", r)
		}
	}
	if all, err := w.x.AgencyRequests(t.Context(), w.police.officer.id); err != nil || len(all) != 0 {
		t.Errorf("a refused draft was stored: %v, %v", all, err)
	}
}

// square returns a square of a geodesic area around a point.
func square(centre footage.Point, squareMiles float64) footage.Area {
	side := math.Sqrt(squareMiles * geo.SquareMile)
	for range 4 { // the first guess is on a sphere; the rest corrects it
		area := around(centre, side)
		region, err := geo.Compile(area)
		if err != nil {
			panic(err)
		}
		side *= math.Sqrt(squareMiles / region.SquareMiles())
	}
	return around(centre, side)
}

func around(centre footage.Point, side float64) footage.Area {
	dLat := side / 2 / 111_000
	dLon := dLat / math.Cos(centre.Lat*math.Pi/180)
	at := func(x, y float64) footage.Point {
		return footage.Point{Lon: centre.Lon + x*dLon, Lat: centre.Lat + y*dLat}
	}
	return footage.Area{Rings: [][]footage.Point{{at(-1, -1), at(1, -1), at(1, 1), at(-1, 1), at(-1, -1)}}}
}

// TestLimits goes to each limit of area and time, and a hair beyond.
func TestLimits(t *testing.T) {
	w := lite(t, options{})
	now := w.now().Truncate(time.Second)
	area := func(squareMiles float64) func(*api.DraftRequest) {
		return func(in *api.DraftRequest) {
			in.Document.Area, in.Private.Place = square(town.Centre(), squareMiles), town.Centre()
		}
	}
	window := func(from, to time.Time) func(*api.DraftRequest) {
		return func(in *api.DraftRequest) { in.Document.Window = footage.Window{From: from.UTC(), To: to.UTC()} }
	}
	closes := func(at time.Time) func(*api.DraftRequest) {
		return func(in *api.DraftRequest) { in.Document.Closes = at }
	}
	points := func(p ...footage.Point) func(*api.DraftRequest) {
		return func(in *api.DraftRequest) { in.Document.Area = footage.Area{Rings: [][]footage.Point{p}} }
	}
	swapped := func(in *api.DraftRequest) {
		ring := slices.Clone(in.Document.Area.Rings[0])
		for i, p := range ring {
			ring[i] = footage.Point{Lon: p.Lat, Lat: p.Lon}
		}
		in.Document.Area.Rings = [][]footage.Point{ring}
	}
	chicago, err := time.LoadLocation("America/Chicago")
	must(t, err)
	changeover := time.Date(2026, 11, 1, 0, 0, 0, 0, chicago) // at two o'clock it was one again
	for _, test := range []struct {
		name   string
		change func(*api.DraftRequest)
		want   string // a code, or nothing when it is allowed
	}{
		{"0.5 sq mi", area(0.5), ""},
		{"0.4999 sq mi", area(0.4999), ""},
		{"0.5001 sq mi", area(0.5001), "area_too_large"},
		{"0.025 sq mi", area(0.025), ""},
		{"0.0251 sq mi", area(0.0251), ""},
		{"0.0249 sq mi", area(0.0249), "area_too_small"},
		{"swapped coordinates", swapped, "area_coordinates_swapped"},
		{"coordinates out of range", points(footage.Point{Lon: 187, Lat: 44}, footage.Point{Lon: 188, Lat: 44}, footage.Point{Lon: 188, Lat: 45}, footage.Point{Lon: 187, Lat: 44}), "area_out_of_range"},
		{"a line", points(town.At(0, 0), town.At(900, 0), town.At(0, 0)), "area_too_few_points"},
		{"nothing", points(), "area_too_few_points"},
		{"outside the jurisdiction", func(in *api.DraftRequest) {
			in.Document.Area, in.Private.Place = square(town.At(9000, 0), 0.1), town.At(9000, 0)
		}, "outside_jurisdiction"},
		{"across the jurisdiction's edge", func(in *api.DraftRequest) {
			in.Document.Area, in.Private.Place = square(town.At(2650, 0), 0.1), town.At(2650, 0)
		}, "outside_jurisdiction"},
		{"incident elsewhere", func(in *api.DraftRequest) { in.Private.Place = town.At(2000, 0) }, "incident_outside_area"},
		{"15 minutes", window(now.Add(-time.Hour), now.Add(-45*time.Minute)), ""},
		{"a second less", window(now.Add(-time.Hour), now.Add(-45*time.Minute-time.Second)), "window_too_short"},
		{"12 hours", window(now.Add(-24*time.Hour), now.Add(-12*time.Hour)), ""},
		{"a second more", window(now.Add(-24*time.Hour), now.Add(-12*time.Hour+time.Second)), "window_too_long"},
		{"45 days back", window(now.Add(-45*24*time.Hour), now.Add(-45*24*time.Hour+time.Hour)), ""},
		{"45 days and a second back", window(now.Add(-45*24*time.Hour-time.Second), now.Add(-45*24*time.Hour+time.Hour)), "window_too_old"},
		{"until now", window(now.Add(-time.Hour), now), ""},
		{"until a second from now", window(now.Add(-time.Hour), now.Add(time.Second)), "window_in_future"},
		{"reversed", window(now.Add(-time.Hour), now.Add(-2*time.Hour)), "window_reversed"},
		{"no time at all", window(now.Add(-time.Hour), now.Add(-time.Hour)), "window_reversed"},
		{"12 hours over the end of summer time", window(changeover, changeover.Add(12*time.Hour)), ""},
		{"noon by the clock is 13 hours after midnight then", window(changeover, time.Date(2026, 11, 1, 12, 0, 0, 0, chicago)), "window_too_long"},
		{"eleven by the clock is 12 hours after midnight then", window(changeover, time.Date(2026, 11, 1, 11, 0, 0, 0, chicago)), ""},
		{"14 days open", closes(now.Add(14 * 24 * time.Hour)), ""},
		{"14 days and a second open", closes(now.Add(14*24*time.Hour + time.Second)), "open_too_long"},
		{"closes now", closes(now), "closes_in_past"},
		{"part of a second", closes(now.Add(time.Hour + time.Millisecond)), "time_form"},
		{"with an offset", closes(now.Add(time.Hour).In(chicago)), "time_form"},
		{"another agency", func(in *api.DraftRequest) { in.Document.Agency = town.Fire }, "agency"},
		{"an unknown agency", func(in *api.DraftRequest) { in.Document.Agency = "nowhere-pd" }, "agency"},
		{"another name", func(in *api.DraftRequest) { in.Document.AgencyName = "Maplewood Police" }, "agency"},
		{"another type", func(in *api.DraftRequest) { in.Document.Type = "porchlight/request/v2" }, "type"},
		{"no policies", func(in *api.DraftRequest) { in.Document.Policies = nil }, "policies_changed"},
		{"an unknown policy", func(in *api.DraftRequest) {
			in.Document.Policies = []footage.PolicyRef{{Name: "default", Hash: footage.Hash(nil)}}
		}, "policies_changed"},
		{"no case number", func(in *api.DraftRequest) { in.Private.CaseNumber = " - " }, "case_number_missing"},
	} {
		in := w.draft(0)
		test.change(&in)
		err := w.x.Decide(t.Context(), w.police.officer.id, bind(in))
		if test.want == "" && err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if test.want != "" {
			wantReason(t, test.name, err, test.want)
		}
	}
	in := w.draft(0)
	in.Private.CaseNumber = "another case"
	wantReason(t, "commitment of another case", w.x.Decide(t.Context(), w.police.officer.id, in), "case_commitment")
	in = w.draft(0)
	in.Private.Place.Lat += 1e-6
	wantReason(t, "commitment of another place", w.x.Decide(t.Context(), w.police.officer.id, in), "place_commitment")
}

// TestOneInvestigation: two requests at most, the second says what changed, and codes belong to one investigation, however
// they are spelled.
func TestOneInvestigation(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.publish(w.police, w.draft(0))
		second := w.draft(0)
		wantReason(t, "second without a reason", w.x.Decide(ctx, w.police.officer.id, second), "change_missing")
		second.Document.Changed = "A witness saw a van two streets on."
		w.publish(w.police, second)
		third := w.draft(0)
		third.Document.Changed = "Once more."
		for _, spelling := range []string{third.Private.CaseNumber, "2026 004127", "2026-004127a", "２０２６-００４１２７", "2026-OO4127"} {
			third.Private.CaseNumber = spelling
			wantReason(t, "third, as "+spelling, w.x.Decide(ctx, w.police.officer.id, bind(third)), "too_many_requests")
		}
		other := w.draft(1)
		for _, code := range []string{"MLPD-26-0412", "MLPD260412", "M-L-P-D-26-0412", "MLPD-26-0412B"} {
			other.Document.Code = code
			wantReason(t, "another investigation's code, as "+code, w.x.Decide(ctx, w.police.officer.id, other), "code_taken")
		}
	})
}

// TestRaces lets two do at once what only one may do.
func TestRaces(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.approved(w.police, w.draft(0))
		errs := atOnce(2, func(int) error { return w.x.Submit(ctx, w.police.supervisor.id, id, api.Submit{}) })
		oneWins(t, "submit twice", errs, footage.Conflict)
		moderators := []person{w.moderator, w.enrol("", footage.Moderator)}
		errs = atOnce(2, func(i int) error { return w.x.Clear(ctx, moderators[i].id, string(id)) })
		oneWins(t, "two moderators clear", errs, footage.Conflict)
		w.verifies(id, footage.Published, 0)

		// Two investigations, drafted and approved under one code.
		one, two := w.draft(1), w.draft(3)
		two.Document.Code = one.Document.Code
		ids := []footage.RequestID{w.submitted(w.police, one), w.submitted(w.police, two)}
		errs = atOnce(2, func(i int) error { return w.x.Clear(ctx, moderators[i].id, string(ids[i])) })
		oneWins(t, "two requests of one code", errs, footage.Conflict)

		// Two updates of one request.
		var updates []footage.Update
		for range 2 {
			updates = append(updates, w.update(id, string(id), footage.Resolved, ""))
		}
		errs = atOnce(2, func(i int) error {
			return w.x.Update(ctx, w.police.officer.id, updates[i], assert(w.police.officer, footage.Officer, canonical(t, updates[i])))
		})
		oneWins(t, "resolve twice", errs, footage.Conflict)
		w.verifies(id, footage.StatusResolved, 1)
	})
}

// atOnce runs n calls at the same time.
func atOnce(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// oneWins fails the test unless exactly one succeeded and the others failed with a kind.
func oneWins(t *testing.T, what string, errs []error, kind footage.Kind) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if footage.KindOf(err) != kind {
			t.Errorf("%s: %v; want kind %q", what, err, kind)
		}
	}
	if won != 1 {
		t.Errorf("%s: %d of %d succeeded: %v", what, won, len(errs), errs)
	}
}
