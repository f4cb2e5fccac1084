package seal

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"log/slog"
	"strings"

	"filippo.io/age"

	"porchlight.example/internal/footage"
)

// Identity is a post-quantum hybrid age identity (ML-KEM-768 with X25519): a secret key that opens what was sealed to its
// recipient. Its methods may be called from several goroutines.
type Identity struct {
	key *age.HybridIdentity
}

// GenerateIdentity returns a new random identity.
func GenerateIdentity() (*Identity, error) {
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("generate identity: %w", err)
	}
	return &Identity{key}, nil
}

// ParseIdentity reads an identity as [Identity.String] writes it; white space around it is ignored. Every other sort of
// age identity is refused, and no error repeats any part of the key.
func ParseIdentity(s string) (*Identity, error) {
	key, err := age.ParseHybridIdentity(strings.TrimSpace(s))
	if err != nil {
		return nil, footage.Coded(footage.Invalid, CodeBadIdentity,
			"This is not a post-quantum age identity: it must begin with "+identityPrefix+"1, and every character counts. Compare it with the original.")
	}
	return &Identity{key}, nil
}

// String returns the secret key in age's form, "AGE-SECRET-KEY-PQ-1…", 77 characters. Handle it as a secret.
func (id *Identity) String() string { return id.key.String() }

// LogValue keeps the secret out of logs: it is the fingerprint of the recipient.
func (id *Identity) LogValue() slog.Value { return slog.StringValue(Fingerprint(id.Recipient())) }

// Recipient returns the public half, "age1pq1…", 1,959 characters.
func (id *Identity) Recipient() string { return id.key.Recipient().String() }

// ParseRecipient checks that s can be sealed to, and returns it without white space around it. Classic recipients are
// refused as Unsupported, since what is recorded today could be opened by a quantum computer later; all else is Invalid.
func ParseRecipient(s string) (string, error) {
	key, err := parseRecipient(s)
	if err != nil {
		return "", err
	}
	return key.String(), nil
}

func parseRecipient(s string) (*age.HybridRecipient, error) {
	s = strings.TrimSpace(s)
	key, err := age.ParseHybridRecipient(s)
	if err == nil {
		return key, nil
	}
	if _, classic := age.ParseX25519Recipient(s); classic == nil || strings.HasPrefix(s, "ssh-") {
		return nil, footage.Coded(footage.Unsupported, CodeClassicRecipient,
			"This key is not post-quantum and footage is not sealed to it. Make one with age-keygen -pq; it begins with age1pq1.")
	}
	return nil, footage.Coded(footage.Invalid, CodeBadRecipient,
		"This is not a post-quantum age recipient: it must begin with age1pq1, and every character counts. Copy it again, whole.")
}

// fingerprintAlphabet is Crockford's base 32, in which no two characters look alike.
const fingerprintAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Fingerprint returns 80 bits of the SHA-256 of a recipient string in four groups of four, such as
// "k7qm-2x9d-0vhe-4rzt", for people to compare. It does not check that the recipient is one.
func Fingerprint(recipient string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(recipient)))
	s := base32.NewEncoding(fingerprintAlphabet).EncodeToString(sum[:10])
	return s[0:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16]
}
