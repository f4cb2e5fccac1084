package footage

import (
	"slices"
	"strings"
	"time"
)

// ComplaintID names a complaint: "q-" and 26 random characters. It is public.
type ComplaintID string

// ComplaintReason is what a complaint is about: a code of a closed list, so that complaints can be counted by anybody.
type ComplaintReason string

// The reasons.
const (
	ComplaintPurpose  ComplaintReason = "purpose"  // what it is for may not be asked here
	ComplaintTooWide  ComplaintReason = "too_wide" // asks for more than the incident needs
	ComplaintIdentity ComplaintReason = "identity" // gives away a victim, or somebody who has nothing to do with it
	ComplaintWording  ComplaintReason = "wording"  // presses people, accuses, or describes by race
	ComplaintUntrue   ComplaintReason = "untrue"   // something in it is not so
	ComplaintConduct  ComplaintReason = "conduct"  // how the agency or its people behaved
	ComplaintFootage  ComplaintReason = "footage"  // what was done with footage
	ComplaintDecision ComplaintReason = "decision" // how the exchange itself decided
	ComplaintOther    ComplaintReason = "other"
)

// ComplaintReasons lists every reason, in the order of a picker.
func ComplaintReasons() []ComplaintReason {
	return []ComplaintReason{ComplaintPurpose, ComplaintTooWide, ComplaintIdentity, ComplaintWording, ComplaintUntrue, ComplaintConduct,
		ComplaintFootage, ComplaintDecision, ComplaintOther}
}

// ComplaintOutcome is how a complaint was answered.
type ComplaintOutcome string

// The outcomes.
const (
	ComplaintUpheld     ComplaintOutcome = "upheld"
	ComplaintNotUpheld  ComplaintOutcome = "not_upheld"
	ComplaintOutOfScope ComplaintOutcome = "out_of_scope" // nothing that this exchange decides about
)

// ComplaintOutcomes lists every outcome, in the order of a picker.
func ComplaintOutcomes() []ComplaintOutcome {
	return []ComplaintOutcome{ComplaintUpheld, ComplaintNotUpheld, ComplaintOutOfScope}
}

// ComplaintResult is what a complaint that was upheld has led to. All but the last can be seen in the public record.
type ComplaintResult string

// The results.
const (
	ResultWithdrawn       ComplaintResult = "request_withdrawn"
	ResultCorrected       ComplaintResult = "text_corrected" // the agency added to the request
	ResultAgencySuspended ComplaintResult = "agency_suspended"
	ResultPersonSuspended ComplaintResult = "person_suspended" // one of those who signed the request
	ResultAgencyTold      ComplaintResult = "agency_told"
)

// ComplaintResults lists every result, in the order of a picker.
func ComplaintResults() []ComplaintResult {
	return []ComplaintResult{ResultWithdrawn, ResultCorrected, ResultAgencySuspended, ResultPersonSuspended, ResultAgencyTold}
}

// Complaint is what the public knows of a complaint: neither who complains nor what they wrote.
type Complaint struct {
	ID       ComplaintID       `json:"complaint"`
	Agency   AgencyID          `json:"agency"`            // whom it is about
	Request  RequestID         `json:"request,omitempty"` // absent: about the agency as such
	Reason   ComplaintReason   `json:"reason"`
	Day      string            `json:"day"`                   // on which it came in, UTC, 2006-01-02
	Due      string            `json:"due"`                   // the last day on which an answer is in time
	Outcome  ComplaintOutcome  `json:"outcome,omitempty"`     // absent until it is answered
	LedTo    []ComplaintResult `json:"led_to,omitempty"`      // of one that was upheld
	Answer   string            `json:"answer,omitempty"`      // the moderator's, to everybody
	Answered time.Time         `json:"answered,omitzero"`     // the time of its entry
	Entry    int64             `json:"entry"`                 // its complaint.received; -1 before the day's end
	Answers  int64             `json:"answer_entry,omitzero"` // its complaint.answered
}

// Overdue reports whether an answer is owed since the last day that was given for it.
func (c Complaint) Overdue(now time.Time) bool {
	return c.Outcome == "" && now.UTC().Format(time.DateOnly) > c.Due
}

// Late reports whether the answer came after the last day that was given for it.
func (c Complaint) Late() bool {
	return c.Outcome != "" && c.Answered.UTC().Format(time.DateOnly) > c.Due
}

// complaintCodeLength is the length of a complaint's code: 125 random bits.
const complaintCodeLength = 25

// NewComplaintCode makes a complaint's code of an ID that [NewID] made: who has it can read the answer. It is made where the
// complaint is written, and the exchange stores its hash alone.
func NewComplaintCode(id string) string {
	_, random, _ := strings.Cut(id, "-")
	var groups []string
	for part := range slices.Chunk([]byte(random[:complaintCodeLength]), 5) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, "-")
}

// ComplaintCodeHash returns the SHA-256 of a code as people type it, in hexadecimal: case, blanks and hyphens do not count,
// and letters that look like digits are those. It is "" for what cannot be a code.
func ComplaintCodeHash(code string) string {
	clean := strings.NewReplacer("i", "1", "l", "1", "o", "0").Replace(strings.Map(func(r rune) rune {
		if strings.ContainsRune("- \t\r\n", r) {
			return -1
		}
		return r
	}, strings.ToLower(code)))
	if len(clean) != complaintCodeLength || strings.Trim(clean, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
		return ""
	}
	return Hash([]byte("porchlight complaint code\n" + clean))
}
