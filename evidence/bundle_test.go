package evidence

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// bundleCase is a bundle that is good, or bad in one way. The world is changed before its exchange writes the log (a
// dishonest exchange), the bundle afterwards (somebody on the way).
type bundleCase struct {
	name  string
	want  string // code, or empty
	world func(*world)
	after func(*Bundle)
	trust func(*testing.T) Trust
	now   time.Time
}

func bundleCases() []bundleCase {
	resign := func(change func(w *world, canonical []byte, r *footage.Record)) func(*world) {
		return func(w *world) {
			w.dishonest = func(r *footage.Record, p *ledger.RequestPublished) {
				canonical, _ := r.Document.Canonical()
				change(w, canonical, r)
				p.Assertions = w.hash(r.Assertions)
			}
		}
	}
	entry := func(kind ledger.Kind, change func(*Proven)) func(*Bundle) {
		return func(b *Bundle) {
			for i := range b.Entries {
				if b.Entries[i].Entry.Kind == kind {
					b.Entries[i].Hashes = slices.Clone(b.Entries[i].Hashes)
					change(&b.Entries[i])
				}
			}
		}
	}
	return []bundleCase{
		{name: "good"},
		{name: "good-amended-and-resolved", world: func(w *world) { w.amend(footage.Amended, "Also the alley."); w.amend(footage.Resolved, "Found.") }},
		{name: "good-expired", world: func(w *world) { w.amend(footage.Expired, "") }},
		{name: "good-other-agencies-in-log", world: func(w *world) {
			other := w.agency
			other.ID, other.Name = "oakdale-pd", "Oakdale Police Department"
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.AgencyRegistered{Agency: other}}, fact{noon.Add(-time.Minute), ledger.AgencySuspended{Agency: other.ID, Reason: footage.Hash(nil)}})
		}},
		{name: "pinned-another-exchange", want: "wrong_exchange", trust: func(t *testing.T) Trust { _, k := logKeys(t, "other.example/log", "other"); return Trust{Verifier: k} }},
		{name: "pinned-another-key", want: "bad_checkpoint", trust: func(t *testing.T) Trust { _, k := logKeys(t, testOrigin, "other"); return Trust{Verifier: k} }},
		{name: "pinned-nonsense", want: "bad_verifier", trust: func(*testing.T) Trust { return Trust{Verifier: "nonsense"} }},
		{name: "checkpoint-forged-by-another-key", want: "bad_checkpoint", world: func(w *world) { w.logKey = "forger" }},
		{name: "checkpoint-size-changed", want: "bad_checkpoint", after: func(b *Bundle) { b.Checkpoint = strings.Replace(b.Checkpoint, "\n12\n", "\n13\n", 1) }},
		{name: "exchange-names-another-origin", want: "wrong_exchange", world: func(w *world) { w.exchange.Origin = "other.example/log" }},
		{name: "exchange-named-late", want: "wrong_exchange", world: func(w *world) {
			w.drop = ledger.KindPolicyAdopted
			w.after = append(w.after, fact{noon, w.exchange})
		}},
		{name: "exchange-entry-left-out", want: "exchange_missing", after: without(ledger.KindExchangeCreated)},
		{name: "proof-hash-flipped", want: "not_in_log", after: entry(ledger.KindRequestPublished, func(p *Proven) { p.Hashes[0][0] ^= 1 })},
		{name: "proof-of-another-place", want: "not_in_log", after: entry(ledger.KindRequestPublished, func(p *Proven) { p.Index++ })},
		{name: "proof-cut-short", want: "not_in_log", after: entry(ledger.KindEpochOpened, func(p *Proven) { p.Hashes = p.Hashes[:1] })},
		{name: "recipient-replaced", want: "not_in_log", after: entry(ledger.KindEpochOpened, func(p *Proven) {
			p.Entry.Data = json.RawMessage(strings.Replace(string(p.Entry.Data), "age1pq1qq", "age1pq1pp", 1))
		})},
		{name: "entry-time-changed", want: "not_in_log", after: entry(ledger.KindRequestPublished, func(p *Proven) { p.Entry.At = p.Entry.At.Add(time.Second) })},
		{name: "entry-of-unknown-kind", want: "bad_entry", after: entry(ledger.KindPolicyAdopted, func(p *Proven) { p.Entry.Kind = "policy.repealed" })},
		{name: "entry-data-not-canonical", want: "bad_entry", after: entry(ledger.KindPolicyAdopted, func(p *Proven) { p.Entry.Data = append([]byte(" "), p.Entry.Data...) })},
		{name: "entry-twice", want: "entry_order", after: func(b *Bundle) { b.Entries = append(b.Entries, b.Entries[len(b.Entries)-1]) }},
		{name: "entries-turned-round", want: "entry_order", after: func(b *Bundle) { slices.Reverse(b.Entries) }},
		{name: "text-changed", want: "text_changed", after: func(b *Bundle) { b.Record.Document.Text += " And of all faces." }},
		{name: "area-changed", want: "text_changed", after: func(b *Bundle) { b.Record.Document.Area = square(-87.65, 41.88, 0.006) }},
		{name: "other-document-type", want: "bundle_type", after: func(b *Bundle) { b.Record.Document.Type = "porchlight/request/v2" }},
		{name: "not-published", want: "not_published", after: without(ledger.KindRequestPublished)},
		{name: "published-by-another-agency", want: "other_agency", world: func(w *world) {
			w.dishonest = func(_ *footage.Record, p *ledger.RequestPublished) { p.Agency = "oakdale-pd" }
		}},
		{name: "published-twice", want: "published_twice", world: func(w *world) {
			w.after = append(w.after, fact{noon, ledger.RequestPublished{Request: w.id(), Agency: w.agency.ID, Assertions: footage.Hash(nil)}})
		}},
		{name: "published-in-the-future", want: "from_the_future", now: noon.Add(-48 * time.Hour)},
		{name: "good-client-clock-a-day-behind", now: noon.Add(-23 * time.Hour)},
		{name: "supervisor-missing", want: "signature_missing", world: resign(func(_ *world, _ []byte, r *footage.Record) { r.Assertions = r.Assertions[:1] })},
		{name: "no-signatures", want: "signature_missing", world: resign(func(_ *world, _ []byte, r *footage.Record) { r.Assertions = []footage.Assertion{} })},
		{name: "officer-signed-twice", want: "signature_missing", world: resign(func(_ *world, _ []byte, r *footage.Record) { r.Assertions[1] = r.Assertions[0] })},
		{name: "third-signature", want: "signature_extra", world: resign(func(_ *world, _ []byte, r *footage.Record) { r.Assertions = append(r.Assertions, r.Assertions[0]) })},
		{name: "signatures-swapped-on-the-way", want: "signatures_changed", after: func(b *Bundle) { slices.Reverse(b.Record.Assertions) }},
		{name: "signature-of-another-text", want: "signature_wrong", world: resign(func(w *world, _ []byte, r *footage.Record) {
			r.Assertions[1] = w.assert("supervisor", footage.Supervisor, w.exchange.RP.Origin, []byte("another text"))
		})},
		{name: "signature-by-another-key", want: "signature_wrong", world: resign(func(w *world, canonical []byte, r *footage.Record) {
			forged := w.assert("forger", footage.Supervisor, w.exchange.RP.Origin, canonical)
			r.Assertions[1].Signature = forged.Signature
		})},
		{name: "signature-made-on-another-site", want: "signature_wrong", world: resign(func(w *world, canonical []byte, r *footage.Record) {
			r.Assertions[1] = w.assert("supervisor", footage.Supervisor, "https://phish.example", canonical)
		})},
		{name: "one-person-in-both-roles", want: "same_person_twice", world: func(w *world) {
			w.officer.Roles = append(w.officer.Roles, footage.Supervisor)
			resign(func(w *world, canonical []byte, r *footage.Record) {
				r.Assertions[1] = w.assert("officer", footage.Supervisor, w.exchange.RP.Origin, canonical)
			})(w)
		}},
		{name: "one-passkey-under-two-names", want: "same_person_twice", world: func(w *world) {
			w.super.PublicKey = w.officer.PublicKey
		}},
		{name: "signer-never-enrolled", want: "signer_unknown", world: resign(func(w *world, canonical []byte, r *footage.Record) {
			r.Assertions[1] = w.assert("stranger", footage.Supervisor, w.exchange.RP.Origin, canonical)
		})},
		{name: "signer-disabled-before", want: "signer_unknown", world: func(w *world) {
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.PersonDisabled{Person: w.super.Person}})
		}},
		{name: "signer-enrolled-afterwards", want: "signer_unknown", world: func(w *world) {
			w.super, w.after = w.person("somebody", footage.Supervisor), append(w.after, fact{noon, w.super})
		}},
		{name: "good-signer-disabled-afterwards", world: func(w *world) {
			w.after = append(w.after, fact{noon, ledger.PersonDisabled{Person: w.super.Person}})
		}},
		{name: "signer-in-another-role", want: "signer_role", world: func(w *world) { w.super.Roles = []footage.Role{footage.Custodian} }},
		{name: "signer-of-another-agency", want: "other_agency", world: func(w *world) { w.super.Agency = "oakdale-pd" }},
		{name: "signer-with-another-credential", want: "signer_credential", world: func(w *world) { w.super.Credential = b64([]byte("older")) }},
		{name: "software-key-on-a-true-exchange", want: "software_signature", world: func(w *world) { w.exchange.Fictional = false }},
		{name: "good-true-exchange", world: func(w *world) {
			w.exchange.Fictional, w.officer.Software, w.super.Software, w.vouch.person.Software = false, false, false, false
		}},
		{name: "agency-not-registered", want: "agency_unknown", after: without(ledger.KindAgencyRegistered)},
		{name: "epoch-left-out", want: "epoch_missing", after: without(ledger.KindEpochOpened)},
		{name: "attestation-left-out", want: "not_verified_twice", after: without(ledger.KindAgencyAttested)},
		{name: "approval-left-out", want: "not_verified_twice", after: without(ledger.KindAgencyApproved)},
		{name: "operator-left-out", want: "not_verified_twice", after: without(ledger.KindOperatorNamed)},
		{name: "attestor-left-out", want: "attestor_unknown", after: without(ledger.KindAttestorRegistered)},
		{name: "attestation-by-a-partner-alone", want: "not_verified_twice", world: func(w *world) { w.vouch.attestor.Kind = footage.Partner }},
		{name: "attestation-by-the-operator", want: "not_verified_twice", world: func(w *world) { w.vouch.attestor.Body = "countyclerk" }},
		{name: "attestation-by-the-agency", want: "not_verified_twice", world: func(w *world) { w.vouch.attestor.Body = w.agency.Body }},
		{name: "attestation-by-another-key", want: "attestation_forged", world: func(w *world) { w.vouch.statedBy = "forger" }},
		{name: "attestation-for-another-exchange", want: "attestation_forged", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Exchange = "other.example/log" }
		}},
		{name: "attestation-of-another-agency", want: "not_verified_twice", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Agency = "oakdale-pd" }
		}},
		{name: "attestation-of-another-description", want: "not_verified_twice", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Description = footage.Hash(nil) }
		}},
		{name: "attestation-without-a-call-back", want: "attestation_forged", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Checks = a.Checks[:1] }
		}},
		{name: "attestation-from-the-future", want: "attestation_forged", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Issued, a.Expires = noon.AddDate(0, 0, 30), noon.AddDate(0, 0, 31) }
		}},
		{name: "attestation-ended-before", want: "not_verified_twice", world: func(w *world) {
			w.vouch.statement = func(a *footage.Attestation) { a.Expires = noon.Add(-time.Minute) }
		}},
		{name: "attestor-withdrawn-before", want: "not_verified_twice", world: func(w *world) {
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.AttestorWithdrawn{Attestor: w.vouch.attestor.ID, Reason: footage.Hash(nil)}})
		}},
		{name: "good-attestor-withdrawn-afterwards", world: func(w *world) {
			w.after = append(w.after, fact{noon.Add(time.Minute), ledger.AttestorWithdrawn{Attestor: w.vouch.attestor.ID, Reason: footage.Hash(nil)}})
		}},
		{name: "approval-by-an-officer", want: "approval_forged", world: func(w *world) { w.vouch.approvedBy = "officer" }},
		{name: "approval-by-somebody-of-an-agency", want: "approval_forged", world: func(w *world) { w.vouch.person.Agency = w.agency.ID }},
		{name: "approval-for-another-exchange", want: "approval_forged", world: func(w *world) {
			w.vouch.approval = func(a *footage.Approval) { a.Exchange = "other.example/log" }
		}},
		{name: "approval-by-another-operator", want: "not_verified_twice", world: func(w *world) {
			w.vouch.approval = func(a *footage.Approval) { a.Operator = "county-library" }
		}},
		{name: "approval-ended-before", want: "not_verified_twice", world: func(w *world) {
			w.vouch.approval = func(a *footage.Approval) { a.Expires = noon.Add(-time.Minute) }
		}},
		{name: "signer-suspended-before", want: "signer_unknown", world: func(w *world) {
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.PersonSuspended{Person: w.super.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}})
		}},
		{name: "epoch-of-another-agency", want: "epoch_other_agency", world: func(w *world) { w.epoch.Agency = "oakdale-pd" }},
		{name: "epoch-number-again", want: "epoch_order", world: func(w *world) {
			w.after = append(w.after, fact{noon, ledger.EpochOpened{Epoch: w.epoch}})
		}},
		{name: "custodian-with-two-keys", want: "custodian_twice", world: func(w *world) {
			k := w.epoch.Custodians[0]
			k.Key = edPublic("other custodian")
			w.after = append(w.after, fact{noon, ledger.CustodianAdded{Agency: w.agency.ID, Epoch: 1, Custodian: k}})
		}},
		{name: "policy-not-adopted", want: "policy_not_adopted", after: without(ledger.KindPolicyAdopted)},
		{name: "policy-with-another-text", want: "policy_not_adopted", world: func(w *world) { w.policy.SHA256 = footage.Hash([]byte("laxer")) }},
		{name: "update-kept-back", want: "update_unlogged", world: func(w *world) { w.amend(footage.Amended, "Also the alley.") }, after: func(b *Bundle) { b.Updates = nil }},
		{name: "update-changed", want: "update_unlogged", world: func(w *world) { w.amend(footage.Amended, "Also the alley.") }, after: func(b *Bundle) { b.Updates[0].Update.Text = "All streets." }},
		{name: "update-chained-to-another", want: "update_chain", world: func(w *world) { w.amend(footage.Amended, "Also the alley.") }, after: func(b *Bundle) { b.Updates[0].Update.Previous = footage.Hash(nil) }},
		{name: "update-unsigned", want: "signature_missing", world: func(w *world) {
			w.amend(footage.Amended, "Also the alley.")
			w.updates[0].Assertions = []footage.Assertion{}
			f := w.after[0].fact.(ledger.RequestUpdated)
			f.Assertions = w.hash(w.updates[0].Assertions)
			w.after[0].fact = f
		}},
		{name: "withdrawal-unsigned", want: "signature_missing", world: func(w *world) {
			w.amend(footage.Withdrawn, "Sorry.")
			w.updates[0].Assertions = []footage.Assertion{}
			f := w.after[0].fact.(ledger.RequestUpdated)
			f.Assertions = w.hash(w.updates[0].Assertions)
			w.after[0].fact = f
		}},
	}
}

func without(kind ledger.Kind) func(*Bundle) {
	return func(b *Bundle) {
		b.Entries = slices.DeleteFunc(b.Entries, func(p Proven) bool { return p.Entry.Kind == kind })
	}
}

// vector is a case as other programs read it.
type vector struct {
	Name     string `json:"name"`
	Verifier string `json:"verifier"` // the pinned key
	Now      string `json:"now"`
	Want     string `json:"want"` // the code of the failure, or empty
	Bundle   Bundle `json:"bundle"`
}

func (c bundleCase) make(t *testing.T) vector {
	w := newWorld(t)
	if c.world != nil {
		c.world(w)
	}
	b := w.bundle()
	if c.after != nil {
		c.after(&b)
	}
	trust, now := w.pin(), c.now
	if c.trust != nil {
		trust = c.trust(t)
	}
	if now.IsZero() {
		now = noon.Add(2 * time.Hour)
	}
	return vector{Name: c.name, Verifier: trust.Verifier, Now: now.Format(time.RFC3339), Want: c.want, Bundle: b}
}

func TestBundleVerify(t *testing.T) {
	bad := 0
	for _, c := range bundleCases() {
		t.Run(c.name, func(t *testing.T) {
			v := c.make(t)
			checkVector(t, v)
			vectorFile(t, v)
		})
		if c.want != "" {
			bad++
		}
	}
	if bad < 12 {
		t.Errorf("only %d kinds of bad bundle", bad)
	}
}

func checkVector(t *testing.T, v vector) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Bundle.Verify(Trust{Verifier: v.Verifier}, now)
	if v.Want == "" {
		if err != nil {
			t.Errorf("a good bundle was refused: %v", err)
		}
		return
	}
	var own *footage.Error
	if !errors.As(err, &own) || own.Kind != footage.Untrusted || own.Code != v.Want {
		t.Errorf("got %v (%+v), want an untrusted error with code %s", err, own, v.Want)
	} else if !strings.HasSuffix(own.Msg, ".") || len(own.Msg) < 20 {
		t.Errorf("%q is no sentence", own.Msg)
	}
}

// vectorFile compares a vector with its file, or writes it with -update.
func vectorFile(t *testing.T, v vector) {
	t.Helper()
	name := filepath.Join("testdata", "vectors", "bundles", v.Name+".json")
	if v.Name == "entry-data-not-canonical" {
		return // JSON cannot carry this one: writing it makes it canonical again
	}
	got, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, name, append(got, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// TestBundleVectors reads the vectors as another program would: from the files alone.
func TestBundleVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "bundles", "*.json"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			vector
			Bundle json.RawMessage `json:"bundle"`
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		t.Run(v.Name, func(t *testing.T) {
			b, err := ParseBundle(v.Bundle)
			if err != nil {
				t.Fatal(err)
			}
			v.vector.Bundle = b
			checkVector(t, v.vector)
		})
	}
}

func TestChecked(t *testing.T) {
	w := newWorld(t)
	w.amend(footage.Amended, "Also the alley.")
	second := w.epoch
	second.Number, second.Recipient = 2, "age1pq1"+strings.Repeat("p", 1952)
	added := footage.CustodianKey{ID: footage.CustodianID(id("k", "second")), Person: footage.PersonID(id("p", "second")), Key: edPublic("second")}
	w.after = append(w.after, fact{noon.Add(time.Hour), ledger.EpochOpened{Epoch: second}}, fact{noon.Add(time.Hour), ledger.CustodianAdded{Agency: w.agency.ID, Epoch: 2, Custodian: added}})
	c, err := w.bundle().Verify(w.pin(), noon.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != w.id() || !c.Fictional || c.FirstUse || c.Epoch().Number != 2 || len(c.Epochs) != 2 || c.LogIndex != 11 || c.LogSize != 15 || !c.PublishedAt.Equal(noon) || len(c.Updates) != 1 {
		t.Errorf("checked: %+v", c)
	}
	if diff := cmp.Diff([]Signer{{Person: w.officer.Person, Role: footage.Officer, Software: true, Enrolled: 3}, {Person: w.super.Person, Role: footage.Supervisor, Software: true, Enrolled: 4}}, c.Signers); diff != "" {
		t.Error(diff)
	}
	if _, err := c.KeyOf(footage.PartyAgency, string(added.ID)); err != nil {
		t.Error(err)
	}
	for _, signer := range []string{"exchange", "", id("k", "nobody")} {
		if _, err := c.KeyOf(footage.PartyAgency, signer); footage.KindOf(err) != footage.Untrusted {
			t.Errorf("signer %q of the agency: %v", signer, err)
		}
	}
	if _, err := c.KeyOf(footage.PartyResident, "exchange"); err == nil {
		t.Error("a resident signed as the exchange")
	}
}

func TestFirstUse(t *testing.T) {
	w := newWorld(t)
	w.logKey = "forger" // nothing shows that the exchange is another: the result must say so
	c, err := w.bundle().Verify(Trust{}, noon)
	if err != nil || !c.FirstUse {
		t.Errorf("first use: %v, %v", c.FirstUse, err)
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name  string
		world func(*world)
		now   time.Time
		want  footage.Kind
	}{
		{"open", func(*world) {}, noon, ""},
		{"closing time", func(*world) {}, noon.Add(14 * 24 * time.Hour), footage.Gone},
		{"resolved", func(w *world) { w.amend(footage.Resolved, "Found.") }, noon, footage.Gone},
		{"withdrawn", func(w *world) { w.amend(footage.Withdrawn, "Sorry.") }, noon, footage.Gone},
		{"closed", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.RequestClosed{Request: w.id(), Status: footage.StatusExpired}})
		}, noon, footage.Gone},
		{"suspended", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.AgencySuspended{Agency: w.agency.ID, Reason: footage.Hash(nil)}})
		}, noon, footage.Forbidden},
		{"paused", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.AgencyPaused{Agency: w.agency.ID, Lapse: footage.ApprovalTaken}})
		}, noon, footage.Forbidden},
		{"resumed", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.AgencyPaused{Agency: w.agency.ID, Lapse: footage.ApprovalTaken}}, fact{noon, ledger.AgencyResumed{Agency: w.agency.ID}})
		}, noon, ""},
		{"not verified any more", func(w *world) {
			w.vouch.approval = func(a *footage.Approval) { a.Expires = noon.Add(time.Hour) }
		}, noon.Add(time.Hour), footage.Forbidden},
		{"described anew", func(w *world) {
			other := w.agency
			other.Subsidies = "Half price."
			w.after = append(w.after, fact{noon, ledger.AgencyChanged{Agency: other}})
		}, noon, footage.Forbidden},
		{"a signer suspended", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.PersonSuspended{Person: w.officer.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}})
		}, noon, footage.Forbidden},
		{"and restored", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.PersonSuspended{Person: w.officer.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}}, fact{noon, ledger.PersonRestored{Person: w.officer.Person}})
		}, noon, ""},
		{"restored", func(w *world) {
			w.after = append(w.after, fact{noon, ledger.AgencySuspended{Agency: w.agency.ID, Reason: footage.Hash(nil)}}, fact{noon, ledger.AgencyRestored{Agency: w.agency.ID}})
		}, noon, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.world(w)
			checked, err := w.bundle().Verify(w.pin(), noon)
			if err != nil {
				t.Fatal(err)
			}
			if got := footage.KindOf(checked.Open(c.now)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzParseBundle(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "bundles", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var v struct{ Bundle json.RawMessage }
		if err := json.Unmarshal(raw, &v); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(v.Bundle))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := ParseBundle(raw)
		if err != nil {
			return
		}
		encoded, err := b.Encode()
		if err != nil {
			t.Fatalf("parsed, but cannot be encoded: %v", err)
		}
		if canonical, err := footage.Canonicalize(raw); err != nil || string(canonical) != string(encoded) {
			t.Errorf("parse and encode changed the bundle")
		}
		_, _ = b.Verify(Trust{}, noon) // must not panic on anything that parses
	})
}
