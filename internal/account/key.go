package account

import (
	"bytes"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"porchlight.example/internal/footage"
)

// spki turns an authenticator's public key (COSE_Key, RFC 9052 section 7) into SubjectPublicKeyInfo in DER. Keys other
// than ECDSA on P-256 and Ed25519 are of kind [footage.Unsupported].
func spki(cose []byte) ([]byte, error) {
	parsed, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return nil, unsupportedKey()
	}
	var key any
	switch k := parsed.(type) {
	case webauthncose.EC2PublicKeyData:
		public, err := k.ToECDSA()
		if err != nil || public.Curve != elliptic.P256() {
			return nil, unsupportedKey()
		}
		key = public
	case webauthncose.OKPPublicKeyData:
		if webauthncose.COSEEllipticCurve(k.Curve) != webauthncose.Ed25519 || len(k.XCoord) != ed25519.PublicKeySize {
			return nil, unsupportedKey()
		}
		key = ed25519.PublicKey(k.XCoord)
	default:
		return nil, unsupportedKey()
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	return der, nil
}

func unsupportedKey() error {
	return footage.Coded(footage.Unsupported, "key_type",
		"The authenticator made a kind of key that the exchange cannot check. Use one that makes ES256 or Ed25519 keys, as nearly all do.")
}

// CheckCredential reports what is wrong with a stored authenticator by itself: the WebAuthn library's record must be of the
// same authenticator and hold the same public key. It is for a check of the whole database.
func CheckCredential(id string, publicKey, data []byte) error {
	var record webauthn.Credential
	if err := json.Unmarshal(data, &record); err != nil {
		return fmt.Errorf("read the authenticator's record: %w", err)
	}
	key, err := spki(record.PublicKey)
	if err != nil {
		return err
	}
	if base64.RawURLEncoding.EncodeToString(record.ID) != id || !bytes.Equal(key, publicKey) {
		return errors.New("the authenticator's record is of another one")
	}
	return nil
}
