package audit_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
)

// TestWithheldTexts: a text that two people withheld is no finding; one that is gone without them, or still there, is.
func TestWithheldTexts(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.want("at the beginning")
	before := w.cfg.Dir
	w.Withhold(w.ids[0])
	must(t, w.Node.RunDue(t.Context()))
	w.Refresh()
	w.want("after a withholding")
	w.want("and later")
	old, err := w.Node.Exchange.Bundle(t.Context(), w.ids[1])
	must(t, err)
	raw, err := old.Encode()
	must(t, err)
	at := func(id footage.RequestID, body []byte) func(string, []byte) []byte {
		return func(p string, was []byte) []byte {
			if p == "/v1/requests/"+string(id) {
				return body
			}
			return was
		}
	}
	unproven := func(p string, was []byte) []byte { // a tombstone for a request that nobody withheld
		if p != "/v1/requests/"+string(w.ids[1]) {
			return was
		}
		var b evidence.Bundle
		must(t, json.Unmarshal(was, &b))
		out, err := evidence.Withheld{Type: evidence.WithheldType, Verifier: b.Verifier, Checkpoint: b.Checkpoint, Request: w.ids[1], Agency: b.Record.Document.Agency, Entries: b.Entries}.Encode()
		must(t, err)
		return out
	}
	for name, c := range map[string]struct {
		tamper func(string, []byte) []byte
		want   string
	}{
		"a withheld text shown":               {at(w.ids[0], raw), "withheld_shown"},
		"no tombstone":                        {at(w.ids[0], nil), "tombstone_missing"},
		"a text deleted":                      {at(w.ids[1], nil), "request_missing"},
		"a text deleted, said to be withheld": {unproven, "withheld_unproven"},
	} {
		for _, anew := range []bool{true, false} {
			w.tamper, w.cfg.Dir = c.tamper, t.TempDir()
			if !anew {
				must(t, copyFolder(w.cfg.Dir, before))
			}
			if got := w.audit(); !slices.Contains(got, c.want) {
				t.Errorf("%s: found %v, want %s", name, got, c.want)
			}
		}
	}
	w.tamper = nil
}

// TestClosedWithoutWithholding: an operator ends a request as if its text were withheld, and nobody has signed for it.
func TestClosedWithoutWithholding(t *testing.T) {
	t.Parallel()
	id := footage.RequestID(footage.Hash([]byte("text")))
	f := newForged(t)
	f.add(noon, ledger.RequestPublished{Request: id, Agency: "maplewood-pd", Assertions: footage.Hash(nil)})
	f.add(noon, ledger.RequestClosed{Request: id, Status: footage.StatusWithheld})
	f.publish(len(f.entries))
	if got := f.found(); !slices.Contains(got, "closed_unsigned") {
		t.Errorf("found %v", got)
	}
}

// office is a forged record's own staff: an operator, a moderator, and somebody who is both.
func (f *forged) office() map[string]*softkey.Key {
	f.t.Helper()
	keys := map[string]*softkey.Key{}
	for name, roles := range map[string][]footage.Role{"operator": {footage.Operator}, "moderator": {footage.Moderator}, "both": {footage.Operator, footage.Moderator}} {
		key, err := softkey.New("town.example", "https://town.example")
		must(f.t, err)
		keys[name] = key
		f.add(noon, ledger.PersonEnrolled{Person: personOf(name), Roles: roles, PublicKey: base64.RawURLEncoding.EncodeToString(key.PublicKey()), Credential: key.CredentialID(), Software: true})
	}
	return keys
}

func personOf(name string) footage.PersonID {
	return footage.PersonID("p-" + strings.Repeat(map[string]string{"operator": "1", "moderator": "2", "both": "3"}[name], 26))
}

// TestDishonestWithholding: an operator writes withholdings that two people have not signed.
func TestDishonestWithholding(t *testing.T) {
	t.Parallel()
	id := footage.RequestID(footage.Hash([]byte("text")))
	for name, c := range map[string]struct {
		change func(f *ledger.DocumentWithheld, sign func(i int, name string, role footage.Role))
		open   bool
		want   string
	}{
		"sound": {want: ""},
		"one person twice": {func(f *ledger.DocumentWithheld, sign func(int, string, footage.Role)) {
			sign(0, "both", footage.Operator)
			sign(1, "both", footage.Moderator)
			f.Assertions[1].Person = personOf("moderator")
		}, false, "withheld_signer"},
		"a signature that is none": {func(f *ledger.DocumentWithheld, _ func(int, string, footage.Role)) {
			f.Assertions[1].Signature = f.Assertions[0].Signature
		}, false, "withheld_signature"},
		"signed for another text": {func(f *ledger.DocumentWithheld, _ func(int, string, footage.Role)) { f.Withholding.Seconds++ }, false, "withheld_signature"},
		"a role that one has not": {func(f *ledger.DocumentWithheld, sign func(int, string, footage.Role)) {
			sign(0, "moderator", footage.Operator)
			sign(1, "both", footage.Moderator)
		}, false, "withheld_signer"},
		"a request that is still open": {nil, true, "withheld_open"},
		"a complaint about nobody knows whom": {func(f *ledger.DocumentWithheld, sign func(int, string, footage.Role)) {
			f.Withholding.Complaints = []footage.ComplaintID{"q-00000000000000000000000000"}
		}, false, "withheld_complaint"},
	} {
		f := newForged(t)
		keys := f.office()
		f.add(noon, ledger.RequestPublished{Request: id, Agency: "maplewood-pd", Assertions: footage.Hash(nil)})
		if !c.open {
			f.add(noon, ledger.RequestClosed{Request: id, Status: footage.StatusWithheld})
		}
		w := footage.Withholding{Type: footage.WithholdingType, Exchange: "town.example/porchlight", Request: id, Agency: "maplewood-pd", Updates: []string{}, Authority: footage.CourtOrder,
			Order: footage.Commit(nil, "order"), SquareMetres: 1, Seconds: 1, Signed: noon}
		fact := ledger.DocumentWithheld{Request: id, Agency: w.Agency, Reason: w.Authority, Withholding: w, Assertions: make([]footage.Assertion, 2)}
		canonical, err := w.Canonical()
		must(t, err)
		sum := sha256.Sum256(canonical)
		sign := func(i int, name string, role footage.Role) {
			fact.Assertions[i] = keys[name].Get(sum[:], role, personOf(name))
		}
		sign(0, "operator", footage.Operator)
		sign(1, "moderator", footage.Moderator)
		if c.change != nil {
			c.change(&fact, sign)
		}
		f.add(noon.Add(time.Minute), fact)
		f.publish(len(f.entries))
		got := strings.Join(f.found(), " ")
		if strings.Contains(got, "withheld") != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: found %s, want %q", name, got, c.want)
		}
	}
}
