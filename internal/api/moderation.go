package api

import (
	"time"

	"porchlight.example/internal/footage"
)

// Submit hands an approved request to the moderators: POST /v1/agency/requests/{id}/submit.
type Submit struct {
	Urgent bool `json:"urgent"` // the urgent lane, for missing and abducted persons
}

// Appeal asks for another moderator's decision: POST /v1/agency/cases/{id}/appeal.
type Appeal struct {
	Words string `json:"words"`
}

// Verdict is why a moderator does not clear a case: POST /v1/moderation/cases/{id}/hold, …/refuse.
type Verdict struct {
	Reason footage.ModerationReason `json:"reason"`
	Words  string                   `json:"words"` // to the agency alone; may be empty
}

// Round is one round of moderation as the agency sees it.
type Round struct {
	Case      string                   `json:"case"`  // the request's ID, or the hash of the addition
	Round     int                      `json:"round"` // 1; an appeal is 2
	Submitted time.Time                `json:"submitted"`
	Urgent    bool                     `json:"urgent"`
	Appeal    string                   `json:"appeal,omitempty"`
	Outcome   footage.Outcome          `json:"outcome,omitempty"` // absent while it waits
	Reason    footage.ModerationReason `json:"reason,omitempty"`
	Words     string                   `json:"words,omitempty"`
	Decided   time.Time                `json:"decided,omitzero"`
	// Salt and Commitment let the agency prove which entry of the record is about this round: the commitment is
	// footage.Commit of salt and case.
	Salt       string `json:"salt"`
	Commitment string `json:"commitment"`
}

// CaseItem is a line of the moderators' queue: GET /v1/moderation/cases.
type CaseItem struct {
	Case       string            `json:"case"`
	Request    footage.RequestID `json:"request"`
	Agency     footage.AgencyID  `json:"agency"`
	AgencyName string            `json:"agency_name"`
	Title      string            `json:"title"`
	Offence    string            `json:"offence"`
	Submitted  time.Time         `json:"submitted"`
	Urgent     bool              `json:"urgent"`
	Addition   bool              `json:"addition"` // text added to a public request
	Appeal     bool              `json:"appeal"`
	Needs      int               `json:"needs"`   // how many moderators must clear it
	Cleared    int               `json:"cleared"` // how many have
	Findings   int               `json:"findings"`
}

// Case is what a moderator sees before deciding: GET /v1/moderation/cases/{id}.
type Case struct {
	CaseItem
	Document    footage.Document       `json:"document"`
	Update      *footage.Update        `json:"update,omitempty"` // the addition
	Before      []footage.UpdateRecord `json:"before,omitempty"` // additions that are public
	AppealWords string                 `json:"appeal_words,omitempty"`
	Outcome     footage.Outcome        `json:"outcome,omitempty"` // absent while it waits
	Check       []footage.Reason       `json:"check"`             // what the content check found
	Obstacles   []footage.Reason       `json:"obstacles"`         // why it could not be published now: rules, signatures, standing
	SquareMiles float64                `json:"area_sq_mi"`        // geodesic
	CameraHours float64                `json:"camera_hours"`      // square miles × hours of the window
	Linked      []footage.RequestID    `json:"linked"`            // published requests that it belongs together with
	Rounds      []Round                `json:"rounds"`            // of this case, decided ones
	Alike       []Precedent            `json:"alike"`             // the newest decisions about the same offence
}

// Precedent is an earlier decision about a request of the same offence.
type Precedent struct {
	Agency  footage.AgencyID         `json:"agency"`
	Outcome footage.Outcome          `json:"outcome"`
	Reason  footage.ModerationReason `json:"reason,omitempty"`
	Decided time.Time                `json:"decided"`
	Request footage.RequestID        `json:"request,omitempty"` // if it is public
}

// MailAddress is where a member of staff wants to be told that work waits: GET and POST /v1/me/mail. Empty: nowhere.
type MailAddress struct {
	Address string `json:"address"`
}
