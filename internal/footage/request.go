package footage

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// DocumentType and UpdateType are the values of the type members.
const (
	DocumentType = "porchlight/request/v1"
	UpdateType   = "porchlight/update/v1"
)

// Document is the text of a request: what exactly is published, to all, for ever. It holds no signature. Its canonical
// form (RFC 8785) is hashed to give the request's ID, and the hash is what both people sign.
type Document struct {
	Type       string      `json:"type"`        // DocumentType
	Nonce      string      `json:"nonce"`       // 128 random bits, base64url: a withheld text cannot be guessed from its hash
	Agency     AgencyID    `json:"agency"`      // who asks; a register ID, not a key
	AgencyName string      `json:"agency_name"` // as in the register at the time
	Code       string      `json:"code"`        // public investigation code, unique per investigation on the exchange
	Offence    string      `json:"offence"`     // NIBRS code or local extension code
	Title      string      `json:"title"`       // one line
	Text       string      `json:"text"`        // what happened, in plain words
	Language   string      `json:"language"`    // BCP 47, of Title and Text
	Zone       string      `json:"zone"`        // IANA time zone in which people read the times
	Area       Area        `json:"area"`
	Window     Window      `json:"window"`
	Closes     time.Time   `json:"closes"` // the request expires then
	Contact    Contact     `json:"contact"`
	OwnCase    bool        `json:"own_case"`            // the agency's own active investigation
	Federal    string      `json:"federal_involvement"` // "none", or what there is
	Changed    string      `json:"changed,omitempty"`   // second request of an investigation: what is different from the first
	Case       string      `json:"case_commitment"`     // Commit(salt, case number)
	Place      string      `json:"place_commitment"`    // Commit(salt, exact incident point)
	Policies   []PolicyRef `json:"policies"`            // the rules it was made under
}

// PolicyRef names a policy file by its content.
type PolicyRef struct {
	Name string `json:"name"`
	Hash string `json:"sha256"`
}

// Canonical returns the bytes that are hashed, signed and published.
func (d Document) Canonical() ([]byte, error) { return Canonical(d) }

// ID returns the request's ID, the hash of the canonical document.
func (d Document) ID() (RequestID, error) {
	b, err := d.Canonical()
	if err != nil {
		return "", fmt.Errorf("identify request: %w", err)
	}
	return RequestID(Hash(b)), nil
}

// Commit returns a salted commitment, base64url(SHA-256(salt ‖ 0x00 ‖ value)). The salt is 16 random bytes.
func Commit(salt []byte, value string) string {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte{0})
	h.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Private is what an agency tells the exchange beside a document and what is never published.
type Private struct {
	CaseNumber string `json:"case_number"`
	CaseSalt   string `json:"case_salt"` // base64url, 16 bytes
	Place      Point  `json:"place"`     // the exact incident point
	PlaceSalt  string `json:"place_salt"`
}

// UpdateKind says what an [Update] does to its request.
type UpdateKind string

// The kinds of update. Expired is written by the exchange alone, at the closing time, and bears no signature.
const (
	Amended   UpdateKind = "amended"   // more text; needs both signatures
	Resolved  UpdateKind = "resolved"  // no more footage needed
	Withdrawn UpdateKind = "withdrawn" // the request should not have been made
	Expired   UpdateKind = "expired"   // the closing time has come
)

// Update is a document of its own that is chained to its request: the request's text never changes.
type Update struct {
	Type     string     `json:"type"` // UpdateType
	Nonce    string     `json:"nonce"`
	Request  RequestID  `json:"request"`
	Previous string     `json:"previous"` // hash of the update before, or the request's ID
	Kind     UpdateKind `json:"kind"`
	Text     string     `json:"text"`
	At       time.Time  `json:"at"`
}

// Canonical returns the bytes that are hashed, signed and published.
func (u Update) Canonical() ([]byte, error) { return Canonical(u) }

// Record is a published document with the assertions of those who stand behind it.
type Record struct {
	Document   Document    `json:"document"`
	Assertions []Assertion `json:"assertions"`
}

// UpdateRecord is a published update with its assertions.
type UpdateRecord struct {
	Update     Update      `json:"update"`
	Assertions []Assertion `json:"assertions"`
}

// RequestStatus is where a request stands in its life.
type RequestStatus string

// The states of a request.
const (
	Draft           RequestStatus = "draft"
	Signed          RequestStatus = "signed"     // by the officer
	Approved        RequestStatus = "approved"   // by the supervisor
	InModeration    RequestStatus = "moderation" // waits for a moderator
	StatusHeld      RequestStatus = "held"       // given back by a moderator, with a reason
	StatusRefused   RequestStatus = "refused"    // by a moderator, with a reason
	StatusTakenBack RequestStatus = "taken_back" // by its agency, before a moderator decided
	Published       RequestStatus = "published"  // open to shares
	StatusResolved  RequestStatus = "resolved"
	StatusExpired   RequestStatus = "expired"
	StatusWithdrawn RequestStatus = "withdrawn"
	StatusWithheld  RequestStatus = "withheld" // it was open when its text was withheld; a closed one stays what it was
)

// Public reports whether the request is in the public record in this state.
func (s RequestStatus) Public() bool {
	switch s {
	case Published, StatusResolved, StatusExpired, StatusWithdrawn, StatusWithheld:
		return true
	}
	return false
}

// PublicRequest is a request as anybody may see it, with its whole history.
type PublicRequest struct {
	ID          RequestID      `json:"id"`
	Record      Record         `json:"record"`
	Status      RequestStatus  `json:"status"`
	PublishedAt time.Time      `json:"published_at"`
	LogIndex    int64          `json:"log_index"` // of its request.published entry
	Updates     []UpdateRecord `json:"updates,omitempty"`
	SquareMiles float64        `json:"area_sq_mi"`         // geodesic, rounded to 0.0001
	Linked      []RequestID    `json:"linked,omitempty"`   // earlier requests that belong together with it, as the record says
	Withheld    *Tombstone     `json:"withheld,omitempty"` // stands in the place of the text, of which then nothing is left
}

// Hours is how long a span of time the request asks for.
func (p PublicRequest) Hours() float64 {
	if p.Withheld != nil {
		return float64(p.Withheld.Withholding.Seconds) / 3600
	}
	return p.Record.Document.Window.Duration().Hours()
}
