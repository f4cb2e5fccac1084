package footage

import (
	"slices"
	"time"
)

// WithholdingType is the value of a withholding's type member.
const WithholdingType = "porchlight/withholding/v1"

// Authority is on whose word a published text is withheld. The list is closed: a text that is merely unwelcome stays.
type Authority string

// The authorities.
const (
	CourtOrder       Authority = "court_order"       // a court has ordered it
	VictimProtection Authority = "victim_protection" // the text gives a victim away, or a child
)

// Authorities returns every authority, in the order of forms.
func Authorities() []Authority { return []Authority{CourtOrder, VictimProtection} }

// Known reports whether the authority is one of the list.
func (a Authority) Known() bool { return slices.Contains(Authorities(), a) }

// Withholding is the word of two people of the exchange that the text of a published request is no longer shown: the whole
// document with all that was added to it, since its hash covers the whole and proves no part. Both sign the hash of its
// canonical form with their passkeys, and all stands in the public record.
type Withholding struct {
	Type      string    `json:"type"`     // WithholdingType
	Exchange  string    `json:"exchange"` // origin of the exchange's record: it is worth nothing on another
	Request   RequestID `json:"request"`
	Agency    AgencyID  `json:"agency"`         // who asked
	Updates   []string  `json:"updates_sha256"` // hashes of the updates whose text goes with it, in their order
	Authority Authority `json:"authority"`
	// Complaints name, in ascending order, those whose words go too, with the answers to them, because they tell of the text.
	Complaints []ComplaintID `json:"complaints,omitempty"`
	// Order commits to the reference of the order, or to the written reason: Commit(salt, reference). The exchange keeps both
	// for those who may see them.
	Order string `json:"order_commitment"`
	// What the request asked for stays in all figures.
	SquareMetres int64     `json:"square_metres"`
	Seconds      int64     `json:"seconds"` // the length of its time span
	Signed       time.Time `json:"signed"`  // when the first signed, UTC, whole seconds
}

// Canonical returns the bytes that are hashed and signed.
func (w Withholding) Canonical() ([]byte, error) { return Canonical(w) }

// Tombstone is what stands in the place of a withheld text.
type Tombstone struct {
	Withholding Withholding `json:"withholding"`
	At          time.Time   `json:"at"`        // of the entry
	LogIndex    int64       `json:"log_index"` // of its document.withheld entry
}
