package footage

import "time"

// AdoptionType is the value of an adoption's type member.
const AdoptionType = "porchlight/adoption/v1"

// Adoption is the operator's word that a policy file is in force from a stated time on. The operator signs the hash of its
// canonical form with a passkey, and both stand in the public record.
type Adoption struct {
	Type     string    `json:"type"`     // AdoptionType
	Exchange string    `json:"exchange"` // origin of the exchange's record: it is worth nothing on another
	Name     string    `json:"name"`     // of the policy; one of the same name ends
	SHA256   string    `json:"sha256"`   // hash of the file's canonical JSON
	Signed   time.Time `json:"signed"`   // when the operator signed, UTC, whole seconds
	// InForce is from when it applies, UTC, whole seconds; without it, from when it stands in the record.
	InForce *time.Time `json:"in_force,omitempty"`
}

// Canonical returns the bytes that are hashed and signed.
func (a Adoption) Canonical() ([]byte, error) { return Canonical(a) }
