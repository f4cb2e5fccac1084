package footage

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Body is a legal body, such as the one that runs an exchange.
type Body struct {
	ID   BodyID `json:"id"`
	Name string `json:"name"`
}

// AttestorKind says what sort of body vouches.
type AttestorKind string

// The kinds of attestor. What a partner platform says is shown as such and never counts alone.
const (
	Independent AttestorKind = "independent" // a league, an inspector, a council, another public body
	Partner     AttestorKind = "partner"     // a company through whose platform the agency works
)

// AttestorKinds lists every kind.
func AttestorKinds() []AttestorKind { return []AttestorKind{Independent, Partner} }

// Attestor is a body that vouches for agencies, as the public register shows it.
type Attestor struct {
	ID   AttestorID   `json:"id"`
	Name string       `json:"name"`
	Body BodyID       `json:"body"`
	Kind AttestorKind `json:"kind"`
	Key  string       `json:"key"` // Ed25519 public key, 32 bytes, base64url
}

// PublicKey returns the attestor's key, or nil when it cannot be read.
func (a Attestor) PublicKey() ed25519.PublicKey {
	raw, err := DecodeBase64(a.Key)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil
	}
	return raw
}

// CheckKind is a way of finding out that a body is what it says.
type CheckKind string

// The checks. An independent attestor makes at least the first two.
const (
	CallBack      CheckKind = "call_back"      // rang a number from a public register, not one that the agency gave
	RegisterMatch CheckKind = "register_match" // found ORI, FDID or local ID in its public register, with this name
	Letter        CheckKind = "letter"         // holds a signed letter of the agency's head
	InPerson      CheckKind = "in_person"      // met the agency's people at its seat
)

// CheckKinds lists every kind, in the order in which they are made.
func CheckKinds() []CheckKind { return []CheckKind{RegisterMatch, CallBack, Letter, InPerson} }

// Check is one thing that an attestor checked.
type Check struct {
	Kind   CheckKind `json:"kind"`
	On     time.Time `json:"on"`     // whole seconds
	Source string    `json:"source"` // where number, entry or letter come from; no names of people
}

// AttestationType is the value of the type member, and what its signature begins with.
const AttestationType = "porchlight/attestation/v1"

// Attestation is an attestor's statement about one agency, for one exchange.
type Attestation struct {
	Type        string     `json:"type"`     // AttestationType
	Exchange    string     `json:"exchange"` // origin of the record that it is for: it counts in no other
	Attestor    AttestorID `json:"attestor"`
	Agency      AgencyID   `json:"agency"`
	Description string     `json:"description_sha256"` // of the agency's canonical description that was checked
	Checks      []Check    `json:"checks"`
	By          string     `json:"by"` // the role of who checked; no name
	Issued      time.Time  `json:"issued"`
	Expires     time.Time  `json:"expires"`       // at most twelve months after
	Signature   string     `json:"sig,omitempty"` // Ed25519 of the attestor's key, base64url
}

// SigningBytes returns the bytes that Signature covers: the canonical statement without it.
func (a Attestation) SigningBytes() ([]byte, error) {
	a.Signature = ""
	return signingBytes(AttestationType, a)
}

// Sign sets Signature.
func (a *Attestation) Sign(key ed25519.PrivateKey) error {
	b, err := a.SigningBytes()
	if err == nil {
		a.Signature = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	}
	return err
}

// Verify checks the signature with the attestor's key.
func (a Attestation) Verify(key ed25519.PublicKey) error {
	if checkSig(key, a.SigningBytes, a.Signature) != nil {
		return Coded(Untrusted, "attestation_signature", "The statement does not bear the signature of the attestor "+string(a.Attestor)+".")
	}
	return nil
}

// Hash returns the SHA-256 of the canonical statement without its signature, by which others name it.
func (a Attestation) Hash() (string, error) {
	a.Signature = ""
	return hashOf(a)
}

func hashOf(v any) (string, error) {
	b, err := Canonical(v)
	return Hash(b), err
}

// DescriptionHash returns the SHA-256 of an agency's canonical description, which statement and approval speak of.
func DescriptionHash(a Agency) (string, error) { return hashOf(a) }

// YearAfter is the latest time until which a verification that was made at a time may be in force.
func YearAfter(t time.Time) time.Time { return t.AddDate(1, 0, 0) }

// Faults returns every way in which the statement is not well formed, whoever made it about whomever.
func (a Attestation) Faults(kind AttestorKind) []Reason {
	var r reasons
	r.need(a.Type == AttestationType, "attestation_type", "The statement's type must be "+AttestationType+".")
	r.need(a.Exchange != "", "attestation_exchange", "The statement must name the record of the exchange that it is for.")
	r.need(a.Attestor.Valid() && a.Agency.Valid(), "attestation_ids", "The statement must name an attestor and an agency by their register IDs.")
	r.need(RequestID(a.Description).Valid(), "attestation_description", "The statement must hold the SHA-256 of the agency's description.")
	r.need(line(a.By), "attestation_by", "Say in one line of at most 200 characters in which role the checking was done. No names are needed.")
	r.need(whole(a.Issued) && whole(a.Expires), "attestation_time", "Times must be in UTC with whole seconds.")
	r.need(a.Expires.After(a.Issued) && !a.Expires.After(YearAfter(a.Issued)), "attestation_term", "The statement must end after it begins, and at most twelve months later.")
	r.need(len(a.Checks) > 0 && len(a.Checks) <= 16, "attestation_checks", "The statement must say what was checked.")
	for i, c := range a.Checks {
		r.need(slices.Contains(CheckKinds(), c.Kind), "check_kind", fmt.Sprintf("Check %d is of no known kind: register_match, call_back, letter or in_person.", i+1))
		r.need(line(c.Source), "check_source", fmt.Sprintf("Check %d needs a source, in one line of at most 200 characters.", i+1))
		r.need(whole(c.On) && !c.On.After(a.Issued) && !c.On.Before(a.Issued.AddDate(0, 0, -maxCheckAge)), "check_date",
			fmt.Sprintf("Check %d must have been made in the %d days before the statement.", i+1, maxCheckAge))
	}
	if kind == Independent {
		r.need(a.made(CallBack) && a.made(RegisterMatch), "checks_missing",
			"An independent attestor must have rung a number from a public register (call_back) and found the agency in its register (register_match).")
	}
	return r
}

// maxCheckAge is how many days before a statement its checks may have been made.
const maxCheckAge = 90

func (a Attestation) made(kind CheckKind) bool {
	return slices.ContainsFunc(a.Checks, func(c Check) bool { return c.Kind == kind })
}

// RetractionType is the value of the type member, and what its signature begins with.
const RetractionType = "porchlight/attestation-retraction/v1"

// Retraction takes a statement back. Only the attestor that made it can.
type Retraction struct {
	Type        string     `json:"type"` // RetractionType
	Exchange    string     `json:"exchange"`
	Attestor    AttestorID `json:"attestor"`
	Agency      AgencyID   `json:"agency"`
	Attestation string     `json:"attestation_sha256"`
	At          time.Time  `json:"at"`
	Signature   string     `json:"sig,omitempty"`
}

// SigningBytes returns the bytes that Signature covers.
func (r Retraction) SigningBytes() ([]byte, error) {
	r.Signature = ""
	return signingBytes(RetractionType, r)
}

// Sign sets Signature.
func (r *Retraction) Sign(key ed25519.PrivateKey) error {
	b, err := r.SigningBytes()
	if err == nil {
		r.Signature = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	}
	return err
}

// Verify checks the signature with the attestor's key.
func (r Retraction) Verify(key ed25519.PublicKey) error {
	if r.Type != RetractionType || checkSig(key, r.SigningBytes, r.Signature) != nil {
		return Coded(Untrusted, "attestation_signature", "The retraction does not bear the signature of the attestor "+string(r.Attestor)+".")
	}
	return nil
}

// ApprovalType is the value of the type member.
const ApprovalType = "porchlight/approval/v1"

// Approval is what an operator signs with a passkey to admit an agency, or to admit it for another year. The challenge of the
// assertion is the SHA-256 of its canonical form.
type Approval struct {
	Type        string    `json:"type"`     // ApprovalType
	Exchange    string    `json:"exchange"` // origin of the record
	Operator    BodyID    `json:"operator"` // the body that runs the exchange
	Agency      AgencyID  `json:"agency"`
	Description string    `json:"description_sha256"` // of the agency's canonical description that was looked at
	Attestation string    `json:"attestation_sha256"` // the independent statement that it rests on
	Issued      time.Time `json:"issued"`
	Expires     time.Time `json:"expires"` // at most twelve months after
}

// Canonical returns the bytes that the assertion is made over.
func (a Approval) Canonical() ([]byte, error) { return Canonical(a) }

// Hash returns the SHA-256 of the canonical approval.
func (a Approval) Hash() (string, error) { return hashOf(a) }

// Faults returns every way in which the approval is not well formed.
func (a Approval) Faults() []Reason {
	var r reasons
	r.need(a.Type == ApprovalType, "approval_type", "The approval's type must be "+ApprovalType+".")
	r.need(a.Exchange != "" && a.Operator.Valid() && a.Agency.Valid(), "approval_ids", "The approval must name the exchange, its operator and an agency.")
	r.need(RequestID(a.Description).Valid() && RequestID(a.Attestation).Valid(), "approval_hashes", "The approval must hold the SHA-256 of the description and of the statement that it rests on.")
	r.need(whole(a.Issued) && whole(a.Expires), "approval_time", "Times must be in UTC with whole seconds.")
	r.need(a.Expires.After(a.Issued) && !a.Expires.After(YearAfter(a.Issued)), "approval_term", "The approval must end after it begins, and at most twelve months later.")
	return r
}

// reasons collects what is wrong.
type reasons []Reason

func (r *reasons) need(ok bool, code, msg string) {
	if !ok {
		*r = append(*r, Reason{Code: code, Msg: msg})
	}
}

// whole reports whether a time has the form that it must have in what is signed.
func whole(t time.Time) bool {
	_, offset := t.Zone()
	return !t.IsZero() && offset == 0 && t.Nanosecond() == 0
}

// line reports whether a text is one line of plain words that may stand in the record for ever.
func line(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 200 &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}
