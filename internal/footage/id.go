package footage

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
)

// The typed identifiers. They are plain strings on the wire.
type (
	// RequestID is the SHA-256 of a request's canonical document: 64 hexadecimal digits. A link with it names exactly one text.
	RequestID string
	// AgencyID is the register ID that the operator gives an agency: 2 to 63 of a-z, 0-9 and hyphen, such as "maplewood-pd".
	AgencyID string
	// BodyID names a legal body: a town, a county, a league, a company. It has the form of a register ID. Where two roles must
	// be different bodies, hyphens do not tell one from another.
	BodyID string
	// AttestorID is the register ID of a body that vouches for agencies. It has the form of a register ID.
	AttestorID string
	// ApplicationID names an application to be admitted: "a-" and 26 random characters.
	ApplicationID string
	// PersonID is a person's pseudonymous public ID, "p-" and 26 characters; the name behind it is the agency's to know.
	PersonID string
	// ShareID names one resident's answer to one request: "s-" and 26 random characters.
	ShareID string
	// ClipID names one sealed clip of a share: "c-" and 26 random characters.
	ClipID string
	// UploadID is the secret capability to continue one upload: "u-" and 26 random characters. It is never logged.
	UploadID string
	// CustodianID names a custodian's signing key in the record: "k-" and 26 random characters.
	CustodianID string
	// KeyChangeID names a change of keys that waits: "n-" and 26 random characters.
	KeyChangeID string
	// MessageID names one sealed message between an agency and a resident: "m-" and 26 random characters.
	MessageID string
)

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns prefix, a hyphen and 128 random bits as 26 characters of Crockford's base 32 in lower case.
// It panics when the source of randomness fails, since no safe ID can be made then.
func NewID(random io.Reader, prefix string) string {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic("footage: no randomness: " + err.Error())
	}
	return prefix + "-" + idEncoding.EncodeToString(b[:])
}

// NewSecret returns 256 random bits as 64 hexadecimal digits, for bearer tokens.
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

var randomForm = regexp.MustCompile(`^[a-z]-[0-9a-hjkmnp-tv-z]{26}$`)

// Valid reports whether the ID has the form of one.
func (id RequestID) Valid() bool { return isHash(string(id)) }

// isHash reports whether s is a SHA-256 in hexadecimal: 64 digits in lower case. It is asked for every entry of the record.
func isHash(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}

// isRegisterID reports whether s is 2 to 63 of a-z, 0-9 and hyphen, the first no hyphen. It is asked for nearly every entry.
func isRegisterID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c != '-' || i == 0) {
			return false
		}
	}
	return 2 <= len(s) && len(s) <= 63
}

// Short returns the first twelve digits in groups of four, for people to compare.
func (id RequestID) Short() string {
	if !id.Valid() {
		return string(id)
	}
	return string(id[0:4] + "-" + id[4:8] + "-" + id[8:12])
}

// Valid reports whether the ID has the form of one.
func (id AgencyID) Valid() bool { return isRegisterID(string(id)) }

// Valid reports whether the ID has the form of one.
func (id BodyID) Valid() bool { return isRegisterID(string(id)) }

// Same reports whether two IDs name one body, however they are hyphenated.
func (id BodyID) Same(other BodyID) bool {
	return id != "" && strings.ReplaceAll(string(id), "-", "") == strings.ReplaceAll(string(other), "-", "")
}

// Valid reports whether the ID has the form of one.
func (id AttestorID) Valid() bool { return isRegisterID(string(id)) }

// ValidID reports whether s is a random ID with the prefix, as [NewID] makes them.
func ValidID(s, prefix string) bool {
	return randomForm.MatchString(s) && s[:len(prefix)] == prefix && s[len(prefix)] == '-'
}
