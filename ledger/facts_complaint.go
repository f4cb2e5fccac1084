package ledger

import (
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// The kinds of entry about complaints.
const (
	KindComplaintReceived Kind = "complaint.received"
	KindComplaintAnswered Kind = "complaint.answered"
)

// ComplaintReceived says that somebody has complained of an agency, or of one of its requests. Entries of a day are written
// when the day is over, in the order of their random IDs, or just before the answer: their time says nothing but the day.
type ComplaintReceived struct {
	Complaint  footage.ComplaintID     `json:"complaint"`
	Agency     footage.AgencyID        `json:"agency"`
	Request    footage.RequestID       `json:"request,omitempty"`
	Reason     footage.ComplaintReason `json:"reason"`
	Day        string                  `json:"day"`        // UTC, 2006-01-02
	Due        string                  `json:"due"`        // the last day on which an answer is in time
	Commitment string                  `json:"commitment"` // footage.Commit of a salt and the words, which whoever complained can show
}

// ComplaintAnswered is the answer of a moderator, or of the operator at the machine.
type ComplaintAnswered struct {
	Complaint footage.ComplaintID       `json:"complaint"`
	Agency    footage.AgencyID          `json:"agency"`
	Request   footage.RequestID         `json:"request,omitempty"`
	Reason    footage.ComplaintReason   `json:"reason"` // that of the complaint
	Outcome   footage.ComplaintOutcome  `json:"outcome"`
	LedTo     []footage.ComplaintResult `json:"led_to,omitempty"`
	Answer    string                    `json:"answer_sha256"` // of the words that the pages show
}

// Kind is described at [Fact]; so is the one below.
func (ComplaintReceived) Kind() Kind { return KindComplaintReceived }
func (ComplaintAnswered) Kind() Kind { return KindComplaintAnswered }

func (x ComplaintReceived) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Complaint), "q"), "complaint")
	f.need(x.Agency.Valid(), "agency")
	f.need(x.Request == "" || x.Request.Valid(), "request")
	f.need(isCode(string(x.Reason)), "reason")
	day, err := time.Parse(time.DateOnly, x.Day)
	f.need(err == nil, "day")
	due, err := time.Parse(time.DateOnly, x.Due)
	f.need(err == nil && due.After(day), "due")
	f.need(isKey32(x.Commitment), "commitment")
	return f.err()
}

func (x ComplaintAnswered) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Complaint), "q"), "complaint")
	f.need(x.Agency.Valid(), "agency")
	f.need(x.Request == "" || x.Request.Valid(), "request")
	f.need(isCode(string(x.Reason)), "reason")
	f.need(slices.Contains(footage.ComplaintOutcomes(), x.Outcome), "outcome")
	f.need(len(x.LedTo) == 0 || x.Outcome == footage.ComplaintUpheld, "led_to")
	for _, result := range x.LedTo {
		f.need(isCode(string(result)), "led_to")
	}
	f.need(isHash(x.Answer), "answer_sha256")
	return f.err()
}
