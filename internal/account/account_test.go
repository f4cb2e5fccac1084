package account_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/internal/store"
	"porchlight.example/internal/store/storetest"
)

var (
	rp    = footage.RelyingParty{ID: "exchange.example", Origin: "https://exchange.example"}
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	alice = footage.PersonID("p-" + strings.Repeat("a", 26))
	bob   = footage.PersonID("p-" + strings.Repeat("b", 26))

	program = account.Client{Kind: account.Program}
)

// world is an exchange's accounts on a fresh database, with two people and a clock that stands still.
type world struct {
	t *testing.T
	*account.Service
	now time.Time
}

// each runs a test on both engines.
func each(t *testing.T, run func(w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		w := &world{t: t, now: start}
		w.Service = &account.Service{DB: db, RP: rp, Name: "Maplewood Exchange", Fictional: true, Now: func() time.Time { return w.now }}
		w.write(func(tx *store.Tx) error {
			for _, id := range []footage.PersonID{alice, bob} {
				p := footage.Person{ID: id, Name: "Name of " + string(id[2:4]), Roles: []footage.Role{footage.Operator}}
				if err := tx.InsertPerson(p, start); err != nil {
					return err
				}
			}
			return nil
		})
		run(w)
	})
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.DB.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) invite(person footage.PersonID) (token string) {
	w.t.Helper()
	w.write(func(tx *store.Tx) (err error) {
		token, err = w.Invite(tx, person, "")
		return err
	})
	return token
}

func (w *world) enrolChallenge(token string) account.Challenge {
	w.t.Helper()
	c, err := w.EnrolChallenge(w.t.Context(), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// answer is what the key says to an enrolment's challenge.
func (w *world) answer(k *softkey.Key, c account.Challenge) []byte {
	w.t.Helper()
	k.User = decode(w.t, c.User)
	raw, err := k.Create(decode(w.t, c.Challenge))
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (w *world) tryEnrol(token string, response []byte) (c account.Credential, err error) {
	err = w.DB.Write(w.t.Context(), func(tx *store.Tx) (err error) {
		c, err = w.Enrol(tx, token, response)
		return err
	})
	return c, err
}

// enrol gives a person a new software key.
func (w *world) enrol(person footage.PersonID) *softkey.Key {
	w.t.Helper()
	k, token := newKey(w.t, rp), w.invite(person)
	c, err := w.tryEnrol(token, w.answer(k, w.enrolChallenge(token)))
	if err != nil {
		w.t.Fatal(err)
	}
	if c.Pending { // not the person's first
		w.write(func(tx *store.Tx) error {
			c, err = w.Confirm(tx, person)
			return err
		})
	}
	want := account.Credential{ID: k.CredentialID(), Person: person, PublicKey: k.PublicKey(), Software: true, Created: w.now}
	if diff := cmp.Diff(want, c); diff != "" {
		w.t.Fatal(diff)
	}
	return k
}

// loginAnswer asks for a challenge and answers it.
func (w *world) loginAnswer(k *softkey.Key) []byte {
	w.t.Helper()
	c, err := w.LoginChallenge(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := k.GetJSON(decode(w.t, c.Challenge))
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (w *world) login(k *softkey.Key) account.Session {
	w.t.Helper()
	s, err := w.Login(w.t.Context(), w.loginAnswer(k), program)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func newKey(t *testing.T, rp footage.RelyingParty) *softkey.Key {
	t.Helper()
	k, err := softkey.New(rp.ID, rp.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 {
		t.Fatalf("%q is no base64url: %v", s, err)
	}
	return b
}

func wantKind(t *testing.T, err error, kind footage.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want an error of kind %s", err, kind)
	}
}

// edit changes one member of the response in an authenticator's answer.
func edit(t *testing.T, raw []byte, member string, change func([]byte) []byte) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	response := all["response"].(map[string]any)
	response[member] = base64.RawURLEncoding.EncodeToString(change(decode(t, response[member].(string))))
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func replacing(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
}

// clearVerified takes the flag away that says that the person was verified. The flags stand behind the domain's hash.
func clearVerified(t *testing.T, flags byte) func([]byte) []byte {
	return func(b []byte) []byte {
		hash := sha256.Sum256([]byte(rp.ID))
		at := bytes.Index(b, hash[:]) + len(hash)
		if b[at] != flags {
			t.Fatalf("flags are %x, want %x", b[at], flags)
		}
		b[at] &^= 0x04
		return b
	}
}

// attack is a way to answer wrongly, made from a right answer.
type attack struct {
	name string
	do   func(raw []byte) []byte
}

func TestEnrolAndLogin(t *testing.T) {
	each(t, func(w *world) {
		k := w.enrol(alice)
		s := w.login(k)
		if s.Person != alice || len(s.Token) != 64 || !s.Expires.Equal(start.Add(account.SessionLife)) {
			t.Errorf("session %+v", s)
		}
		got, err := w.Person(t.Context(), s.Token)
		if err != nil || got != alice {
			t.Errorf("signed in as %q, %v", got, err)
		}
		for _, token := range []string{"", s.ID, s.Token[1:], strings.ToUpper(s.Token)} {
			_, err := w.Person(t.Context(), token)
			wantKind(t, err, footage.Unauthorized)
		}
	})
}

func TestChallengesSayWhatBrowsersNeed(t *testing.T) {
	each(t, func(w *world) {
		enrol := w.enrolChallenge(w.invite(alice))
		login, err := w.LoginChallenge(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for want, options := range map[string]json.RawMessage{
			`"attestation":"none"`: enrol.Options, `"residentKey":"required"`: enrol.Options, `"alg":-7`: enrol.Options, `"alg":-8`: enrol.Options,
			enrol.User: enrol.Options, enrol.Challenge: enrol.Options, `"userVerification":"required"`: login.Options, login.Challenge: login.Options,
		} {
			if !strings.HasPrefix(string(options), `{"publicKey":{`) || !strings.Contains(string(options), want) {
				t.Errorf("options lack %s: %s", want, options)
			}
		}
		if bytes.Contains(enrol.Options, []byte(`"alg":-257`)) {
			t.Error("offers RSA, which nothing here can check")
		}
		if string(decode(t, enrol.User)) != string(alice) || enrol.RPID != rp.ID || login.User != "" {
			t.Errorf("enrolment %+v, login %+v", enrol, login)
		}
	})
}

func TestNoSecretIsStored(t *testing.T) {
	each(t, func(w *world) {
		token := w.invite(alice)
		challenge := w.enrolChallenge(token).Challenge
		s := w.login(w.enrol(bob))
		err := w.DB.Read(t.Context(), func(tx *store.Tx) error {
			for _, secret := range []string{token, challenge, s.Token} {
				if _, err := tx.Invitation(secret); err == nil {
					return fmt.Errorf("an invitation lies under its token")
				}
				if _, err := tx.Session(secret); err == nil {
					return fmt.Errorf("a session lies under its token")
				}
			}
			all, err := tx.Sessions(bob, w.now)
			if err == nil && (len(all) != 1 || all[0].TokenHash != footage.Hash([]byte(s.Token))) {
				err = fmt.Errorf("sessions %+v", all)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestVerifyDocument(t *testing.T) {
	each(t, func(w *world) {
		k, stranger := w.enrol(alice), newKey(t, rp)
		text := []byte(`{"type":"porchlight/request/v1"}`)
		sum := sha256.Sum256(text)
		verify := func(a footage.Assertion) error {
			return w.DB.Read(t.Context(), func(tx *store.Tx) error { return w.VerifyDocument(tx, a, text) })
		}
		good := k.Get(sum[:], footage.Officer, alice)
		if err := verify(good); err != nil {
			t.Error(err)
		}
		forOther := good
		forOther.Person = bob
		forged := stranger.Get(sum[:], footage.Officer, alice)
		forged.Credential = k.CredentialID()
		for _, a := range []footage.Assertion{forOther, forged, stranger.Get(sum[:], footage.Officer, alice), k.Get([]byte("other text"), footage.Officer, alice), {}} {
			wantKind(t, verify(a), footage.Untrusted)
		}
		w.Fictional = false
		wantKind(t, verify(good), footage.Untrusted)
		w.Fictional = true
		w.enrol(alice) // a new authenticator takes the place of the old one
		wantKind(t, verify(good), footage.Untrusted)
	})
}
