package seal

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"io"

	"porchlight.example/internal/footage"
)

const (
	secretSize = 13 // bytes: 104 bits
	// secretLabel begins every derivation, so that a secret of another format can never give the same keys.
	secretLabel = "porchlight/receipt/v1/"
)

// Secret is the receipt secret: 104 random bits, made on the resident's device and shown as ten words. It is all that
// connects a resident to a share, and everything else derives from it by HKDF-SHA256 (RFC 5869) with no salt and the info
// string "porchlight/receipt/v1/" and a name. It never leaves the device; it prints as a placeholder.
type Secret struct {
	bits [secretSize]byte
}

// NewSecret makes a secret. It panics when the source of randomness fails, since no safe secret can be made then.
func NewSecret(random io.Reader) Secret {
	var s Secret
	if _, err := io.ReadFull(random, s.bits[:]); err != nil {
		panic("seal: no randomness: " + err.Error())
	}
	return s
}

// String keeps the secret out of logs and messages; use [Secret.Words] to show it.
func (s Secret) String() string { return "(receipt secret)" }

// GoString is [Secret.String], for %#v.
func (s Secret) GoString() string { return s.String() }

// Credential returns the bearer credential of the share's mailbox: 32 bytes, base64url, 43 characters. The resident's
// program shows it to the exchange, which keeps [CredentialHash] of it alone.
func (s Secret) Credential() string {
	return base64.RawURLEncoding.EncodeToString(s.derive("credential", 32))
}

// CredentialHash returns what the exchange keeps of a mailbox credential: footage.Hash, 64 hexadecimal digits.
func CredentialHash(credential string) string { return footage.Hash([]byte(credential)) }

// Identity returns the identity to which the agency seals its questions to this resident.
func (s Secret) Identity() *Identity {
	id, err := ParseIdentity(encodeIdentity(s.derive("identity", 32)))
	if err != nil {
		panic("seal: derive identity: " + err.Error()) // every 32 bytes are a seed
	}
	return id
}

// SigningKey returns the key with which the resident signs replies; its public half travels in the sealed manifest.
func (s Secret) SigningKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(s.derive("signing", ed25519.SeedSize))
}

func (s Secret) derive(name string, n int) []byte {
	key, err := hkdf.Key(sha256.New, s.bits[:], nil, secretLabel+name, n)
	if err != nil {
		panic("seal: derive " + name + ": " + err.Error()) // only for lengths that HKDF cannot give
	}
	return key
}
