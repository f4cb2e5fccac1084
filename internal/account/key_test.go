package account

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
)

// cose encodes a COSE_Key from its labels.
func cose(t *testing.T, key map[int]any) []byte {
	t.Helper()
	raw, err := webauthncbor.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func ec2(t *testing.T, curve elliptic.Curve, alg, crv int) (*ecdsa.PublicKey, []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := (len(point) - 1) / 2
	return &private.PublicKey, cose(t, map[int]any{1: 2, 3: alg, -1: crv, -2: point[1 : 1+half], -3: point[1+half:]})
}

func TestSPKI(t *testing.T) {
	p256, rawP256 := ec2(t, elliptic.P256(), -7, 1)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key any
		raw []byte
	}{
		"P-256":   {p256, rawP256},
		"Ed25519": {ed, cose(t, map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(ed)})},
	} {
		want, err := x509.MarshalPKIXPublicKey(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := spki(c.raw); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

func TestSPKIRefuses(t *testing.T) {
	_, p384 := ec2(t, elliptic.P384(), -35, 2)
	off := bytes.Repeat([]byte{1}, 32)
	for name, raw := range map[string][]byte{
		"nothing":       nil,
		"P-384":         p384,
		"RSA":           cose(t, map[int]any{1: 3, 3: -257, -1: bytes.Repeat([]byte{0xc1}, 256), -2: []byte{1, 0, 1}}),
		"short Ed25519": cose(t, map[int]any{1: 1, 3: -8, -1: 6, -2: []byte{1}}),
		"off the curve": cose(t, map[int]any{1: 2, 3: -7, -1: 1, -2: off, -3: off}),
	} {
		if _, err := spki(raw); !errors.Is(err, footage.Unsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzSPKI(f *testing.F) {
	f.Add([]byte("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20" + "0123456789abcdef0123456789abcdef"))
	f.Add([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x40, 0x22, 0x40})
	f.Fuzz(func(t *testing.T, raw []byte) {
		der, err := spki(raw)
		if err != nil {
			return
		}
		key, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			t.Fatalf("%x gives %x, which does not parse: %v", raw, der, err)
		}
		if again, err := x509.MarshalPKIXPublicKey(key); err != nil || !bytes.Equal(again, der) {
			t.Fatalf("%x comes back as %x, %v", der, again, err)
		}
	})
}

func TestCheckCredential(t *testing.T) {
	public, raw := ec2(t, elliptic.P256(), -7, 1)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(webauthn.Credential{ID: []byte("authenticator"), PublicKey: raw})
	if err != nil {
		t.Fatal(err)
	}
	id := base64.RawURLEncoding.EncodeToString([]byte("authenticator"))
	if err := CheckCredential(id, der, data); err != nil {
		t.Errorf("a sound one: %v", err)
	}
	for name, err := range map[string]error{
		"another ID":  CheckCredential("AAAA", der, data),
		"another key": CheckCredential(id, append(bytes.Clone(der[:len(der)-1]), der[len(der)-1]^1), data),
		"no record":   CheckCredential(id, der, []byte("{")),
		"no key":      CheckCredential(id, der, []byte("{}")),
	} {
		if err == nil {
			t.Errorf("%s: nothing found", name)
		}
	}
}
