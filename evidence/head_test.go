package evidence

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// headVector is a bundle with a head and its state document, as other programs read it.
type headVector struct {
	Name      string          `json:"name"`
	Verifier  string          `json:"verifier"`  // the pinned key
	Witnesses []string        `json:"witnesses"` // the pinned witnesses
	Quorum    int             `json:"quorum"`    // how many of them must have cosigned
	Now       string          `json:"now"`
	Want      string          `json:"want"`  // the code of the failure, or empty
	Ended     string          `json:"ended"` // if nothing fails: the code of why no share is taken, or empty
	Bundle    json.RawMessage `json:"bundle"`
	Head      json.RawMessage `json:"head"`
	State     string          `json:"state"` // the state document, byte for byte
}

// headCase is a head that is good, or bad in one way.
type headCase struct {
	name, want, ended string
	world             func(*world)                // before anything is written
	bundle            func(*world)                // to the world that the bundle alone is made from: an older one, or a false one
	later             func(*world) []fact         // entries between the bundle's record and the state
	state             func(*ledger.StateDocument) // what a dishonest exchange commits to
	swap              func(*ledger.StateDocument) // what is served in its place
	head              func(*testing.T, *world, *Head, *[]byte)
	witnesses         []string // names of those that are pinned
	quorum            int
	cosign            []string // names of those that cosign
	now               time.Time
}

const testWitnesses = "north.example/witness south.example/witness west.example/witness"

func witnessKey(name string) string {
	return ledger.WitnessKey(name, edKey("witness "+name).Public().(ed25519.PublicKey))
}

func headCases() []headCase {
	three := strings.Fields(testWitnesses)
	hour := noon.Add(time.Hour)
	reenrol := func(w *world) []fact { return []fact{{hour, w.officer}} }
	epoch := func(n int, letter string) func(*world) []fact {
		return func(w *world) []fact {
			e := w.epoch
			e.Number, e.Recipient = n, "age1pq1"+strings.Repeat(letter, 1952)
			return []fact{{hour, ledger.EpochOpened{Epoch: e}}}
		}
	}
	return []headCase{
		{name: "good"},
		{name: "good-witnessed", witnesses: three, quorum: 2, cosign: three[:2]},
		{name: "good-witnessed-by-a-stranger-too", witnesses: three[:1], quorum: 1, cosign: three},
		{name: "good-officer-enrolled-anew", later: reenrol},
		{name: "good-signer-left-afterwards", later: func(w *world) []fact { return []fact{{hour, ledger.PersonDisabled{Person: w.super.Person}}} }},
		{name: "good-bundle-newer-than-state", head: olderState},
		{name: "good-state-a-day-old", now: noon.Add(24 * time.Hour)},
		{name: "state-too-old", want: "state_old", now: noon.Add(26 * time.Hour)},
		{name: "state-from-the-future", want: "from_the_future", now: noon.Add(-23 * time.Hour)},
		{name: "epoch-revoked", want: "key_revoked", later: epoch(2, "p")},
		{name: "epoch-swapped-in-the-database", want: "key_swapped", state: func(d *ledger.StateDocument) { d.Agencies[0].Epoch.SHA256 = footage.Hash([]byte("another")) }},
		{name: "epoch-taken-away", want: "key_revoked", state: func(d *ledger.StateDocument) { d.Agencies[0].Epoch = nil }},
		{name: "agency-suspended-since", ended: "agency_suspended", later: func(w *world) []fact {
			return []fact{{hour, ledger.AgencySuspended{Agency: w.agency.ID, Reason: footage.Hash(nil)}}}
		}},
		{name: "agency-paused-since", ended: "agency_paused", later: func(w *world) []fact {
			return []fact{{hour, ledger.AgencyPaused{Agency: w.agency.ID, Lapse: footage.ApprovalTaken}}}
		}},
		{name: "approval-taken-back-since", ended: "agency_paused", later: func(w *world) []fact {
			return []fact{{hour, ledger.AgencyUnapproved{Agency: w.agency.ID, Approval: w.approvalHash()}}}
		}},
		{name: "attestor-withdrawn-since", ended: "agency_paused", later: func(w *world) []fact {
			return []fact{{hour, ledger.AttestorWithdrawn{Attestor: "league", Reason: footage.Hash(nil)}}}
		}},
		{name: "agency-not-verified-in-the-database", ended: "agency_paused", state: func(d *ledger.StateDocument) { d.Agencies[0].Verified = nil }},
		{name: "verified-until-another-day-in-the-database", ended: "agency_paused", state: func(d *ledger.StateDocument) { d.Agencies[0].Verified.Until = hour }},
		{name: "good-approved-after-the-state", head: func(t *testing.T, w *world, h *Head, state *[]byte) {
			w.stateBefore(t, ledger.KindAgencyApproved, h, state)
		}},
		{name: "signer-suspended-since", ended: "signer_suspended", later: func(w *world) []fact {
			return []fact{{hour, ledger.PersonSuspended{Person: w.super.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}}}
		}},
		{name: "good-signer-suspended-and-restored-since", later: func(w *world) []fact {
			return []fact{{hour, ledger.PersonSuspended{Person: w.super.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}}, {hour, ledger.PersonRestored{Person: w.super.Person}}}
		}},
		{name: "signer-suspended-and-that-kept-back", want: "signer_suspended_before", world: func(w *world) {
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.PersonSuspended{Person: w.super.Person, Agency: w.agency.ID, Reason: footage.Hash(nil)}})
		}, bundle: func(w *world) { w.omit = ledger.KindPersonSuspended }},
		{name: "state-of-an-older-form", want: "state_changed", state: func(d *ledger.StateDocument) { d.Type = "porchlight/state/v1" }},
		{name: "agency-changed-since", want: "agency_outdated", later: func(w *world) []fact {
			a := w.agency
			a.Contact.Phone = "555-0199"
			return []fact{{hour, ledger.AgencyChanged{Agency: a}}}
		}},
		{name: "desk-in-pages-since", want: "desk_outdated", later: func(w *world) []fact {
			return []fact{{hour, ledger.AgencyDesk{Agency: w.agency.ID, Served: true, By: []footage.PersonID{w.officer.Person, w.super.Person}}}}
		}},
		{name: "good-desk-in-pages-and-ended-since", later: func(w *world) []fact {
			return []fact{{hour, ledger.AgencyDesk{Agency: w.agency.ID, Served: true, By: []footage.PersonID{w.officer.Person, w.super.Person}}},
				{hour, ledger.AgencyDesk{Agency: w.agency.ID, By: []footage.PersonID{w.officer.Person}}}}
		}},
		{name: "agency-not-counted", want: "agency_not_current", state: func(d *ledger.StateDocument) { d.Agencies = []ledger.StateAgency{} }},
		{name: "signer-disabled-and-that-kept-back", want: "signer_disabled", world: func(w *world) {
			w.before = append(w.before, fact{noon.Add(-time.Minute), ledger.PersonDisabled{Person: w.super.Person}})
		}, bundle: func(w *world) { w.omit = ledger.KindPersonDisabled }},
		{name: "signer-not-counted", want: "signer_not_current", state: func(d *ledger.StateDocument) { d.People = d.People[:0] }},
		{name: "request-closed-since", ended: "request_closed", later: func(w *world) []fact {
			return []fact{{hour, ledger.RequestClosed{Request: w.id(), Status: footage.StatusWithdrawn}}}
		}},
		{name: "update-kept-back", want: "update_withheld", later: func(w *world) []fact {
			w.amend(footage.Amended, "Also the alley.")
			added := w.after
			w.updates, w.after = nil, nil
			return added
		}},
		{name: "state-served-is-another", want: "state_changed", swap: func(d *ledger.StateDocument) { d.Agencies[0].Epoch.SHA256 = footage.Hash(nil) }},
		{name: "head-of-another-exchange", want: "wrong_exchange", head: func(_ *testing.T, _ *world, h *Head, _ *[]byte) {
			h.Checkpoint = strings.Replace(h.Checkpoint, testOrigin, "other.example/log", 1)
		}},
		{name: "head-forged", want: "bad_checkpoint", head: func(_ *testing.T, _ *world, h *Head, _ *[]byte) {
			h.Checkpoint = strings.Replace(h.Checkpoint, "\n13\n", "\n14\n", 1)
		}},
		{name: "head-proof-flipped", want: "not_in_log", head: func(_ *testing.T, _ *world, h *Head, _ *[]byte) { h.State.Hashes[0][0] ^= 1 }},
		{name: "head-names-another-entry", want: "state_missing", head: func(t *testing.T, w *world, h *Head, _ *[]byte) {
			b := w.bundle()
			h.State, h.Checkpoint = b.Entries[len(b.Entries)-1], b.Checkpoint
		}},
		{name: "quorum-missing", want: "quorum_missing", witnesses: three, quorum: 2, cosign: three[:1]},
		{name: "no-witness-at-all", want: "quorum_missing", witnesses: three, quorum: 1},
		{name: "one-witness-twice", want: "quorum_missing", witnesses: three, quorum: 2, cosign: []string{three[0], three[0]}},
		{name: "one-witness-pinned-twice", want: "quorum_missing", witnesses: []string{three[0], three[0]}, quorum: 2, cosign: three[:1]},
		{name: "cosigned-by-strangers", want: "quorum_missing", witnesses: three[:1], quorum: 1, cosign: three[1:]},
		{name: "cosignature-of-another-tree", want: "bad_cosignature", witnesses: three, quorum: 1, head: func(_ *testing.T, _ *world, h *Head, _ *[]byte) {
			h.Checkpoint += ledger.Cosign("other tree\n", three[0], edKey("witness "+three[0]), noon)
		}},
		{name: "cosignature-from-the-future", want: "from_the_future", witnesses: three, quorum: 1, head: func(_ *testing.T, _ *world, h *Head, _ *[]byte) {
			h.Checkpoint += ledger.Cosign(ledger.Text([]byte(h.Checkpoint)), three[0], edKey("witness "+three[0]), noon.Add(72*time.Hour))
		}},
		{name: "newer-than-what-witnesses-saw", want: "not_witnessed_yet", witnesses: three, quorum: 1, cosign: three[:1], head: olderState},
		{name: "witness-key-nonsense", want: "bad_witness", witnesses: []string{"nonsense"}, quorum: 1},
	}
}

// stateBefore replaces a head by one whose state was made before the first entry of a kind.
func (w *world) stateBefore(t *testing.T, kind ledger.Kind, h *Head, state *[]byte) {
	all, _ := w.facts()
	cut := slices.IndexFunc(all, func(f fact) bool { return f.fact.Kind() == kind })
	*h, *state = w.headOf(t, all[:cut], all[cut:], nil)
}

// approvalHash returns the hash by which the agency's approval is named.
func (w *world) approvalHash() string {
	for _, f := range w.vouchers(noon.Add(-time.Hour)) {
		if a, ok := f.fact.(ledger.AgencyApproved); ok {
			return w.hash(a.Approval)
		}
	}
	return ""
}

// olderState replaces a head by one whose state was made before the request was published.
func olderState(t *testing.T, w *world, h *Head, state *[]byte) {
	all, _ := w.facts()
	cut := all[:len(all)-1]
	*h, *state = w.headOf(t, cut, all[len(all)-1:], nil)
}

// headOf writes a record with a state behind some facts and others behind that, and returns its head and document.
func (w *world) headOf(t *testing.T, all, behind []fact, lie func(*ledger.StateDocument)) (Head, []byte) {
	t.Helper()
	var now ledger.Present
	for _, f := range all {
		if err := now.Take(f.fact); err != nil {
			t.Fatal(err)
		}
	}
	at := noon.Add(90 * time.Minute)
	if len(behind) > 0 {
		at = behind[0].at
	}
	doc := now.Document(at)
	if lie != nil {
		lie(&doc)
	}
	raw, err := doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	index := int64(len(all))
	whole := append(append(all[:len(all):len(all)], fact{at, ledger.State{Size: index, SHA256: footage.Hash(raw)}}), behind...)
	objects, checkpoint, vkey, _ := w.log(whole)
	h, err := NewHead(t.Context(), objects, checkpoint, vkey, index, min(5, index))
	if err != nil {
		t.Fatal(err)
	}
	return h, raw
}

func (c headCase) make(t *testing.T) headVector {
	w := newWorld(t)
	if c.world != nil {
		c.world(w)
	}
	all, _ := w.facts()
	if c.later != nil {
		all = append(all, c.later(w)...)
	}
	h, state := w.headOf(t, all, nil, c.state)
	if c.head != nil {
		c.head(t, w, &h, &state)
	}
	for _, name := range c.cosign {
		h.Checkpoint += ledger.Cosign(ledger.Text([]byte(h.Checkpoint)), name, edKey("witness "+name), noon.Add(time.Hour))
	}
	if c.bundle != nil {
		c.bundle(w)
	}
	v := headVector{Name: c.name, Verifier: w.pin().Verifier, Witnesses: []string{}, Quorum: c.quorum, Now: noon.Add(2 * time.Hour).Format(time.RFC3339), Want: c.want, Ended: c.ended}
	for _, name := range c.witnesses {
		key := name
		if name != "nonsense" {
			key = witnessKey(name)
		}
		v.Witnesses = append(v.Witnesses, key)
	}
	if !c.now.IsZero() {
		v.Now = c.now.Format(time.RFC3339)
	}
	if c.swap != nil {
		doc, err := ledger.ParseState(state)
		if err != nil {
			t.Fatal(err)
		}
		c.swap(&doc)
		if state, err = doc.Encode(); err != nil {
			t.Fatal(err)
		}
	}
	v.State = string(state)
	var err error
	if v.Bundle, err = w.bundle().Encode(); err != nil {
		t.Fatal(err)
	}
	if v.Head, err = h.Encode(); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHeads(t *testing.T) {
	bad := 0
	for _, c := range headCases() {
		t.Run(c.name, func(t *testing.T) {
			v := c.make(t)
			checkHead(t, v)
			got, err := json.MarshalIndent(v, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "vectors", "heads", v.Name+".json"), append(got, '\n'))
		})
		if c.want != "" || c.ended != "" {
			bad++
		}
	}
	if bad < 12 {
		t.Errorf("only %d kinds of bad head", bad)
	}
}

// checkHead does with a vector what a client does.
func checkHead(t *testing.T, v headVector) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := v.verify(now)
	if v.Want != "" {
		var own *footage.Error
		if !errors.As(err, &own) || own.Kind != footage.Untrusted || own.Code != v.Want {
			t.Errorf("got %v (%+v), want an untrusted error with code %s", err, own, v.Want)
		} else if !strings.HasSuffix(own.Msg, ".") || len(own.Msg) < 20 {
			t.Errorf("%q is no sentence", own.Msg)
		}
		return
	}
	if err != nil {
		t.Fatalf("a good head was refused: %v", err)
	}
	var own *footage.Error
	if ended := checked.Open(now); errors.As(ended, &own) != (v.Ended != "") || own != nil && own.Code != v.Ended {
		t.Errorf("open: %v, want %q", ended, v.Ended)
	}
}

func (v headVector) verify(now time.Time) (Checked, error) {
	trust := Trust{Verifier: v.Verifier, Witnesses: v.Witnesses, Quorum: v.Quorum}
	b, err := ParseBundle(v.Bundle)
	if err != nil {
		return Checked{}, err
	}
	h, err := ParseHead(v.Head)
	if err != nil {
		return Checked{}, err
	}
	checked, err := b.Verify(trust, now)
	if err != nil {
		return Checked{}, err
	}
	s, err := h.Verify(trust, b.Verifier, []byte(v.State), now)
	if err != nil {
		return Checked{}, err
	}
	return checked.Against(s)
}

// TestHeadVectors reads the vectors as another program would: from the files alone.
func TestHeadVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "heads", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v headVector
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		t.Run(v.Name, func(t *testing.T) { checkHead(t, v) })
	}
}
