package ledger

import (
	"strings"

	"porchlight.example/internal/footage"
)

// ModerationUrgent says that a request of an agency waits in the urgent lane, from the entry's time until the
// ModerationDecided with the same commitment. It makes the public clock one that anybody can read off the record.
type ModerationUrgent struct {
	Agency     footage.AgencyID `json:"agency"`
	Commitment string           `json:"commitment"` // footage.Commit of the salt that the agency knows and what is decided
}

// ModerationDecided says what a moderator has decided of a request or an addition to one. What is not cleared stays private:
// the entry commits to it, and the agency alone can show what it was.
type ModerationDecided struct {
	Agency     footage.AgencyID         `json:"agency"`
	Outcome    footage.Outcome          `json:"outcome"`
	Reason     footage.ModerationReason `json:"reason,omitempty"` // absent for what is cleared
	Addition   bool                     `json:"addition"`         // text added to a request that is public already
	Appeal     bool                     `json:"appeal"`           // decided again by another moderator
	Urgent     bool                     `json:"urgent"`
	Commitment string                   `json:"commitment"`        // footage.Commit of a salt and the ID or the update's hash
	Request    footage.RequestID        `json:"request,omitempty"` // only if it is cleared
}

// Kind is described at [Fact]; so is the one below.
func (ModerationUrgent) Kind() Kind  { return KindModerationUrgent }
func (ModerationDecided) Kind() Kind { return KindModerationDecided }

func (x ModerationUrgent) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	f.need(isKey32(x.Commitment), "commitment")
	return f.err()
}

func (x ModerationDecided) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	switch x.Outcome {
	case footage.OutcomeCleared:
		f.need(x.Reason == "", "reason")
		f.need(x.Request.Valid(), "request")
	case footage.OutcomeHeld, footage.OutcomeRefused:
		f.need(isCode(string(x.Reason)), "reason")
		f.need(x.Request == "", "request")
	default:
		f.need(false, "outcome")
	}
	f.need(isKey32(x.Commitment), "commitment")
	return f.err()
}

// isCode reports whether s has the form of a reason's code. Which codes there are may grow; the record stays readable.
func isCode(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}
