package ledger

import (
	"time"

	"porchlight.example/internal/footage"
)

// ExchangeCreated is the first entry of a log: who the exchange is.
type ExchangeCreated struct {
	Name       string               `json:"name"`        // for people
	Origin     string               `json:"origin"`      // of the log, the first line of each checkpoint
	Fictional  bool                 `json:"fictional"`   // a demo or a test, which accepts software authenticators
	RP         footage.RelyingParty `json:"rp"`          // as authenticators know it
	ReceiptKey string               `json:"receipt_key"` // Ed25519 public key that signs receipts and custody, 32 bytes, base64url
	// Continues names the record that this one goes on from, if it does. Then the entry bears the time of that record's first
	// one, since entries of that time follow it.
	Continues *Continues `json:"continues,omitempty"`
}

// Continues says that a record was closed, because a part of it was lost that had been signed, and that this record goes on
// from it under another name and key. The entries from index 1 up to, not including, Kept are those of the closed record, byte
// for byte and in their places; what it held beyond them is lost. Nobody can mistake one record for the other, and whoever
// holds a copy of the closed one can compare.
type Continues struct {
	Origin     string     `json:"origin"`              // of the closed record
	Verifier   string     `json:"verifier"`            // its verifier key
	Checkpoint string     `json:"checkpoint"`          // its newest head that is known: a signed note
	Kept       int64      `json:"kept"`                // how many entries are taken over, the first one counted
	Closed     time.Time  `json:"closed"`              // when
	Continues  *Continues `json:"continues,omitempty"` // the record that the closed one went on from
}

// Was reports whether origin is the name of this record or of one that it goes on from.
func (x ExchangeCreated) Was(origin string) bool {
	if x.Origin == origin {
		return true
	}
	for c := x.Continues; c != nil; c = c.Continues {
		if c.Origin == origin {
			return true
		}
	}
	return false
}

// PolicyAdopted says that a policy file is in force from a stated time on.
type PolicyAdopted struct {
	Name    string    `json:"name"`
	SHA256  string    `json:"sha256"` // of the file
	InForce time.Time `json:"in_force"`
	// Adoption and Assertion are what the operator signed and the passkey's assertion over it: both or neither. Without
	// them the policy was adopted at the exchange's own machine, as the first ones are.
	Adoption  *footage.Adoption  `json:"adoption,omitempty"`
	Assertion *footage.Assertion `json:"assertion,omitempty"`
}

// AgencyRegistered says that the exchange has verified an agency and holds it to be as described.
type AgencyRegistered struct {
	Agency footage.Agency `json:"agency"`
}

// AgencyChanged gives the whole new description of a registered agency.
type AgencyChanged struct {
	Agency footage.Agency `json:"agency"`
}

// AgencySuspended says that an agency may not ask or receive until it is restored.
type AgencySuspended struct {
	Agency footage.AgencyID `json:"agency"`
	Reason string           `json:"reason_sha256"` // of the sentence that the register shows
}

// AgencyRestored ends a suspension.
type AgencyRestored struct {
	Agency footage.AgencyID `json:"agency"`
}

// PersonEnrolled says which public key speaks for a pseudonymous member of staff, and in which roles. A person who
// enrols anew or gets other roles has a new entry, which replaces the one before.
type PersonEnrolled struct {
	Person     footage.PersonID `json:"person"`
	Agency     footage.AgencyID `json:"agency,omitempty"` // empty for the exchange's own staff
	Roles      []footage.Role   `json:"roles"`
	PublicKey  string           `json:"public_key"`     // SubjectPublicKeyInfo, DER, base64url; P-256 or Ed25519
	Credential string           `json:"credential"`     // WebAuthn credential ID, base64url
	Software   bool             `json:"software"`       // a software authenticator, on a fictional exchange only
	Rank       footage.Rank     `json:"rank,omitempty"` // of somebody at an agency who was sworn in to one, by two people
	// Confirmed is the second person who let a new authenticator in, or a person back in; empty for a first one, for other
	// roles, and where the office did so at the machine.
	Confirmed footage.PersonID `json:"confirmed_by,omitempty"`
}

// PersonDisabled says that a person's key counts no more from the entry's time on.
type PersonDisabled struct {
	Person footage.PersonID `json:"person"`
}

// EpochOpened says to which key clips for an agency are sealed from now on.
type EpochOpened struct {
	Epoch footage.Epoch `json:"epoch"`
}

// CustodianAdded says that one more custodian can open and sign in a running epoch.
type CustodianAdded struct {
	Agency    footage.AgencyID     `json:"agency"`
	Epoch     int                  `json:"epoch"` // from 1
	Custodian footage.CustodianKey `json:"custodian"`
}

// RequestPublished says that a request is public: its text is the one that hashes to the ID.
type RequestPublished struct {
	Request    footage.RequestID `json:"request"`
	Agency     footage.AgencyID  `json:"agency"`
	Assertions string            `json:"assertions_sha256"` // HashJSON of the record's assertions
	// Linked are the requests that were public already and belong together with this one, as far as the rules against
	// fishing found: of the same investigation, near in place and time, or about the same spot. The oldest comes first.
	Linked []footage.RequestID `json:"linked,omitempty"`
}

// RequestUpdated says that an update to a request is public.
type RequestUpdated struct {
	Request    footage.RequestID  `json:"request"`
	Update     string             `json:"update_sha256"` // HashJSON of the update
	Change     footage.UpdateKind `json:"kind"`
	Assertions string             `json:"assertions_sha256"` // HashJSON of the record's assertions
}

// RequestClosed says that a request takes no more shares, and why.
type RequestClosed struct {
	Request footage.RequestID     `json:"request"`
	Status  footage.RequestStatus `json:"status"` // resolved, expired or withdrawn
}

// CustodyRoot commits to the heads of the custody chains that grew on one day, padded with random leaves to a fixed
// count, so that the entry has one size and tells nobody how many shares there are.
type CustodyRoot struct {
	Date   string `json:"date"`   // UTC day, 2006-01-02
	Root   string `json:"root"`   // MerkleRoot, hexadecimal
	Leaves int    `json:"leaves"` // the fixed count
}
