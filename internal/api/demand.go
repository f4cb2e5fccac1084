package api

import "porchlight.example/internal/footage"

// NewDemand is a legal demand as it is entered.
type NewDemand struct {
	Received string             `json:"received"` // the day, 2006-01-02, UTC
	Body     footage.DemandBody `json:"body"`
	Kind     footage.DemandKind `json:"kind"`
	Asked    string             `json:"asked"`               // what was demanded, in words; it stays in the office
	Gag      string             `json:"gag_until,omitempty"` // the last day on which the law forbids to tell of it
}

// DemandReply is the answer of a demand as one person writes it.
type DemandReply struct {
	Answer footage.DemandAnswer `json:"answer"`
	Given  string               `json:"given"` // what was given, in words; it stays in the office
}

// Demand is a legal demand as the office sees it.
type Demand struct {
	ID footage.DemandID `json:"id"`
	NewDemand
	Answer   footage.DemandAnswer `json:"answer,omitempty"` // as proposed; absent while nobody has written one
	Given    string               `json:"given,omitempty"`
	Proposed footage.PersonID     `json:"proposed_by,omitempty"`
	Agreed   footage.PersonID     `json:"agreed_by,omitempty"` // absent: the answer waits for a second person
	Counted  footage.HalfYear     `json:"counted_in,omitempty"`
}

// EnteredDemand says how the office names a demand that was entered.
type EnteredDemand struct {
	ID footage.DemandID `json:"id"`
}
