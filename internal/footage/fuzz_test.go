package footage

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// wire is one of everything that comes from outside as JSON.
type wire struct {
	Document *Document     `json:"document,omitempty"`
	Record   *Record       `json:"record,omitempty"`
	Update   *UpdateRecord `json:"update,omitempty"`
	Receipt  *Receipt      `json:"receipt,omitempty"`
	Event    *Event        `json:"event,omitempty"`
	Agency   *Agency       `json:"agency,omitempty"`
	Epoch    *Epoch        `json:"epoch,omitempty"`
	Area     *Area         `json:"area,omitempty"`
}

// FuzzDecodeStrict: whatever is accepted reads the same when it is written and read again, and every member of it is one that
// was written, name for name.
func FuzzDecodeStrict(f *testing.F) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	area := Area{Rings: [][]Point{{{-87.65, 41.88}, {-87.64, 41.88}, {-87.64, 41.89}, {-87.65, 41.88}}}}
	for _, w := range []wire{
		{Document: &Document{Title: "Hit and run", Area: area, Window: Window{at, at.Add(time.Hour)}}}, {Record: &Record{}}, {Update: &UpdateRecord{}},
		{Receipt: &Receipt{Type: ReceiptType, Committed: at, Clips: []SealedClip{{Size: 1}}}},
		{Event: &Event{At: at, Kind: EventDeclined, Detail: map[string]string{"Reason": "other"}}}, {Agency: &Agency{}}, {Epoch: &Epoch{}}, {Area: &area},
	} {
		raw, err := json.Marshal(w)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(bytes.Replace(raw, []byte(`{"`), []byte(`{"x":null,"`), 1))
	}
	f.Add([]byte(`{"Area":{"type":"Polygon","coordinates":[]}}`))
	f.Add([]byte(`{"event":{"\u017Fhare":"s-0"}}`))
	f.Add([]byte(`{"area":{"type":"Point","coordinates":[1,2,3]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var w, again wire
		if err := DecodeStrict(raw, &w); err != nil {
			if !errors.Is(err, Invalid) {
				t.Errorf("kind %q: %v", KindOf(err), err)
			}
			return
		}
		once, err := Canonical(w)
		if err != nil {
			return // such as a time with a year of five digits
		}
		if err := DecodeStrict(once, &again); err != nil {
			t.Fatalf("%s does not read: %v", once, err)
		}
		if twice, err := Canonical(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s, %v", once, twice, err)
		}
		canonical, err := Canonicalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(canonical, &tree); err != nil {
			t.Fatal(err)
		}
		if err := exactNames(tree, reflect.TypeFor[wire]()); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	})
}

// FuzzBase64: there is one text for any bytes.
func FuzzBase64(f *testing.F) {
	for _, s := range []string{"", "AA", "AB", "A A", "AA\n", "AA==", "-_-_", "+/+/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := DecodeBase64(s); err == nil && base64.RawURLEncoding.EncodeToString(b) != s {
			t.Errorf("%q reads as %x, which is %q", s, b, base64.RawURLEncoding.EncodeToString(b))
		}
	})
}

// FuzzID: IDs go into paths, queries and file names; whatever has the form of one can do no harm there.
func FuzzID(f *testing.F) {
	id := NewID(bytes.NewReader(make([]byte, 16)), "s")
	for _, s := range []string{id, id + "\n", strings.ToUpper(id), Hash(nil), Hash(nil) + "\n", "maplewood-pd", "-a", "a", "../x", "s-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !RequestID(s).Valid() && !AgencyID(s).Valid() && !ValidID(s, "s") && !ValidID(s, "u") {
			return
		}
		if len(s) < 2 || len(s) > 64 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || s[0] == '-' {
			t.Errorf("%q is taken for an ID", s)
		}
		if ValidID(s, "s") && ValidID(s, "u") {
			t.Errorf("%q is of two kinds", s)
		}
	})
}

// FuzzAssertion: nothing is taken for a signature that the key did not make, and each refusal is of one kind.
func FuzzAssertion(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	good := signedBy(f, key, "text")
	f.Add(good.ClientData, good.AuthenticatorData, good.Signature)
	f.Add(good.ClientData+"\n", good.AuthenticatorData, good.Signature)
	f.Add(good.ClientData, good.AuthenticatorData, good.Signature[:10])
	f.Add("e30", "", "")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"type":"webauthn.get"}`)), "AAAA", "AAAA")
	f.Fuzz(func(t *testing.T, client, auth, sig string) {
		a := Assertion{ClientData: client, AuthenticatorData: auth, Signature: sig}
		err := a.Verify(spki(t, key), relyingParty, []byte("text"))
		if err == nil && (client != good.ClientData || auth != good.AuthenticatorData || sig != good.Signature) {
			t.Errorf("taken for a signature: %+v", a)
		}
		if err != nil && !errors.Is(err, Untrusted) {
			t.Errorf("kind %q: %v", KindOf(err), err)
		}
		if other := a.Verify(spki(t, key), relyingParty, []byte("another text")); other == nil {
			t.Errorf("taken for a signature of another text: %+v", a)
		}
	})
}

var relyingParty = RelyingParty{ID: "exchange.example", Origin: "https://exchange.example"}

// spki writes a public key as assertions are verified with it.
func spki(t testing.TB, key ed25519.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// signedBy makes an assertion over a text, as an authenticator does.
func signedBy(t testing.TB, key ed25519.PrivateKey, text string) Assertion {
	t.Helper()
	challenge := sha256.Sum256([]byte(text))
	client, err := json.Marshal(map[string]string{"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "origin": relyingParty.Origin})
	if err != nil {
		t.Fatal(err)
	}
	rp, hash := sha256.Sum256([]byte(relyingParty.ID)), sha256.Sum256(client)
	auth := append(rp[:], flagUserPresent|flagUserVerified, 0, 0, 0, 1)
	sig := ed25519.Sign(key, append(bytes.Clone(auth), hash[:]...))
	enc := base64.RawURLEncoding.EncodeToString
	a := Assertion{ClientData: enc(client), AuthenticatorData: enc(auth), Signature: enc(sig)}
	if err := a.Verify(spki(t, key), relyingParty, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return a
}
