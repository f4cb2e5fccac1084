package exchange

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"

	"porchlight.example/internal/footage"
)

// Keys are the exchange's secrets. They come from files, never from the database or from flags.
type Keys struct {
	LogSigner   string   // signed-note signer key of the record
	LogVerifier string   // its public half, which names the exchange
	Receipt     [32]byte // Ed25519 seed: signs receipts and the exchange's custody events
	Secret      [32]byte // keys the hashes of case numbers, the proof-of-work challenges and the salts of commitments
}

// mac returns a keyed hash in hexadecimal for one purpose.
func (k Keys) mac(purpose string, parts ...string) string {
	return hex.EncodeToString(k.keyed(purpose, parts))
}

// salt returns 16 bytes for one purpose, which nobody can guess without the exchange's secret.
func (k Keys) salt(purpose string, parts ...string) []byte { return k.keyed(purpose, parts)[:16] }

// keyed returns a keyed hash for one purpose; parts are separated unambiguously.
func (k Keys) keyed(purpose string, parts []string) []byte {
	m := hmac.New(sha256.New, k.Secret[:])
	for _, part := range append([]string{purpose}, parts...) {
		var n [8]byte
		for i, l := 0, len(part); i < 8; i, l = i+1, l>>8 {
			n[i] = byte(l)
		}
		m.Write(n[:])
		m.Write([]byte(part))
	}
	return m.Sum(nil)
}

// secret returns 256 random bits as 64 hexadecimal digits. It panics when the source of randomness fails, since no
// safe secret can be made then.
func secret(random io.Reader) string {
	var b [32]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic("exchange: no randomness: " + err.Error())
	}
	return hex.EncodeToString(b[:])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, footage.E(footage.Invalid, "A value is not base64url without padding.")
	}
	return b, nil
}

// hashOf returns what is stored of a secret that a caller presents.
func hashOf(secret string) string { return footage.Hash([]byte(secret)) }
