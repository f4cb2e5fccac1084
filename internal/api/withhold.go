package api

import (
	"time"

	"porchlight.example/internal/footage"
)

// Withhold says why the text of a published request is to be withheld.
type Withhold struct {
	Authority footage.Authority `json:"authority"`
	Reference string            `json:"reference"` // of the order, or the reason in words; the record commits to it alone
	// Complaints are those about the request or its agency whose words and answers tell of the text, and go with it.
	Complaints []footage.ComplaintID `json:"complaints,omitempty"`
	// AllComplaints adds every one about the request whose words or answer are kept.
	AllComplaints bool `json:"all_complaints,omitempty"`
}

// SignedWithholding is a withholding as one person signed it.
type SignedWithholding struct {
	Withholding footage.Withholding `json:"withholding"`
	Reference   string              `json:"reference"`
	Assertion   footage.Assertion   `json:"assertion"`
}

// WithholdingCase is a withholding as the office sees it.
type WithholdingCase struct {
	Withholding footage.Withholding `json:"withholding"`
	Reference   string              `json:"reference"`
	Salt        string              `json:"salt"` // of the commitment to the reference, base64url
	Proposed    time.Time           `json:"proposed"`
	ProposedBy  footage.PersonID    `json:"proposed_by"`
	ProposedAs  footage.Role        `json:"proposed_as"`
	Withheld    *time.Time          `json:"withheld,omitempty"` // absent while it waits for a second person
	Entry       *int64              `json:"entry,omitempty"`
}
