package softkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
)

const (
	domain = "exchange.example"
	origin = "https://exchange.example"
)

func newKey(t testing.TB) *Key {
	t.Helper()
	k, err := New(domain, origin)
	if err != nil {
		t.Fatal(err)
	}
	k.User = []byte("p-officer")
	return k
}

// officer is a user of the exchange as go-webauthn wants it.
type officer struct {
	id          []byte
	credentials []webauthn.Credential
}

func (o *officer) WebAuthnID() []byte                         { return o.id }
func (o *officer) WebAuthnName() string                       { return "officer" }
func (o *officer) WebAuthnDisplayName() string                { return "Officer" }
func (o *officer) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

func party(t *testing.T, domain, origin string) *webauthn.WebAuthn {
	t.Helper()
	w, err := webauthn.New(&webauthn.Config{
		RPID: domain, RPDisplayName: "Exchange", RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// register lets an exchange register the key; fault changes the challenge that the key is given.
func register(t *testing.T, w *webauthn.WebAuthn, o *officer, k *Key, fault string) (*webauthn.Credential, error) {
	t.Helper()
	_, session, err := w.BeginRegistration(o)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := k.Create(append(decode(t, session.Challenge), fault...))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	return w.CreateCredential(o, *session, parsed)
}

func login(t *testing.T, w *webauthn.WebAuthn, o *officer, k *Key, fault string) error {
	t.Helper()
	_, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := k.GetJSON(append(decode(t, session.Challenge), fault...))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	find := func(id, user []byte) (webauthn.User, error) {
		if !bytes.Equal(user, o.id) || !bytes.Equal(id, k.id) {
			t.Errorf("a login for user %q with credential %x", user, id)
		}
		return o, nil
	}
	_, _, err = w.ValidatePasskeyLogin(find, *session, parsed)
	return err
}

func TestRegistrationAndLoginAreAccepted(t *testing.T) {
	k, w := newKey(t), party(t, domain, origin)
	o := &officer{id: k.User}
	c, err := register(t, w, o, k, "")
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Authenticator.AAGUID) != AAGUID || len(AAGUID) != 16 || !bytes.Equal(c.ID, decode(t, k.CredentialID())) {
		t.Errorf("registered as %x with model %q", c.ID, c.Authenticator.AAGUID)
	}
	o.credentials = []webauthn.Credential{*c}
	for range 2 { // the counter stays at nought, which a second login must bear
		if err := login(t, w, o, k, ""); err != nil {
			t.Error(err)
		}
	}
}

func TestOthersAreRefused(t *testing.T) {
	k, w := newKey(t), party(t, domain, origin)
	o := &officer{id: k.User}
	c, err := register(t, w, o, k, "")
	if err != nil {
		t.Fatal(err)
	}
	o.credentials = []webauthn.Credential{*c}
	twin, elsewhere, stranger := *k, *k, newKey(t)
	twin.rp.Origin = "https://exchange.example.evil"
	elsewhere.rp.ID = "other.example"
	stranger.id = k.id
	for name, c := range map[string]struct {
		key   *Key
		fault string
	}{"challenge": {k, "x"}, "origin": {&twin, ""}, "domain": {&elsewhere, ""}} {
		if _, err := register(t, w, &officer{id: k.User}, c.key, c.fault); err == nil {
			t.Errorf("registered with another %s", name)
		}
		if err := login(t, w, o, c.key, c.fault); err == nil {
			t.Errorf("logged in with another %s", name)
		}
	}
	if err := login(t, w, o, stranger, ""); err == nil {
		t.Error("logged in with another key")
	}
}

func TestAssertionsVerify(t *testing.T) {
	k := newKey(t)
	text := []byte(`{"a":1}`)
	challenge := sha256.Sum256(text)
	a := k.Get(challenge[:], footage.Officer, "p-1")
	if err := a.Verify(k.PublicKey(), k.RelyingParty(), text); err != nil {
		t.Fatal(err)
	}
	if a.Role != footage.Officer || a.Person != "p-1" || a.Credential != k.CredentialID() {
		t.Errorf("signed as %+v", a)
	}
	unverified := a
	auth := decode(t, a.AuthenticatorData)
	auth[32] &^= flagVerified
	unverified.AuthenticatorData = encode(auth)
	for name, err := range map[string]error{
		"text":         a.Verify(k.PublicKey(), k.RelyingParty(), []byte(`{"a":2}`)),
		"key":          a.Verify(newKey(t).PublicKey(), k.RelyingParty(), text),
		"domain":       a.Verify(k.PublicKey(), footage.RelyingParty{ID: "other.example", Origin: origin}, text),
		"origin":       a.Verify(k.PublicKey(), footage.RelyingParty{ID: domain, Origin: "http://exchange.example"}, text),
		"verification": unverified.Verify(k.PublicKey(), k.RelyingParty(), text),
	} {
		if !errors.Is(err, footage.Untrusted) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	k, path := newKey(t), filepath.Join(t.TempDir(), "officer.key")
	if err := k.Save(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !again.private.Equal(k.private) || again.CredentialID() != k.CredentialID() || again.rp != k.rp || !bytes.Equal(again.User, k.User) {
		t.Error("another key was loaded")
	}
	if err := newKey(t).Save(path); !errors.Is(err, footage.Conflict) {
		t.Errorf("saved over a key: %v", err)
	}
	if _, err := Load(path + "x"); !errors.Is(err, footage.NotFound) {
		t.Errorf("no file: %v", err)
	}
	if _, err := New("", origin); !errors.Is(err, footage.Invalid) {
		t.Errorf("no domain: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	raw, err := newKey(f).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(strings.Replace(string(raw), fileType, "porchlight/softkey/v2", 1)))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := parse(raw)
		if err != nil {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("kind %q: %v", footage.KindOf(err), err)
			}
			return
		}
		once, err := k.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.encode(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s", once, twice)
		}
		if _, err := again.Create([]byte("c")); err != nil {
			t.Error(err)
		}
	})
}
