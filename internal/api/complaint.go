package api

import (
	"porchlight.example/internal/footage"
)

// Complain is a complaint about an agency or one of its requests: POST /v1/complaints. Either is named, not both.
type Complain struct {
	Work    Solution                `json:"work"`
	Request footage.RequestID       `json:"request,omitempty"`
	Agency  footage.AgencyID        `json:"agency,omitempty"`
	Reason  footage.ComplaintReason `json:"reason"`
	Words   string                  `json:"words"`       // to the moderators alone; at most 4,000 characters
	HandOn  bool                    `json:"hand_on"`     // whether a moderator may show the agency the words
	Code    string                  `json:"code_sha256"` // footage.ComplaintCodeHash of the code with which the answer is read
}

// OwnComplaint is a complaint as whoever complained sees it: GET /v1/complaint, with the code as the bearer token.
type OwnComplaint struct {
	footage.Complaint
	Words  string `json:"words"` // empty ninety days after the answer
	Reply  string `json:"reply"` // to whoever complained alone
	HandOn bool   `json:"hand_on"`
	Handed bool   `json:"handed"` // the agency was shown the words
	// Salt and Commitment show which entry of the record is about these words: the commitment is footage.Commit of both.
	Salt       string `json:"salt"`
	Commitment string `json:"commitment"`
}

// ComplaintItem is a complaint as moderators see it: GET /v1/moderation/complaints, …/{id}.
type ComplaintItem struct {
	footage.Complaint
	AgencyName string `json:"agency_name"`
	Title      string `json:"title"` // of the request; may be empty
	Words      string `json:"words"`
	HandOn     bool   `json:"hand_on"`
	Handed     bool   `json:"handed"`
	Reply      string `json:"reply"`
	Yours      bool   `json:"yours"` // the reader cleared the request, and so cannot answer
}

// Complaints are what moderators have before them: GET /v1/moderation/complaints.
type Complaints struct {
	Waiting  []ComplaintItem `json:"waiting"`  // the longest waiting first
	Answered []ComplaintItem `json:"answered"` // some of those that were answered last
}

// AnswerComplaint is the answer to a complaint: POST /v1/moderation/complaints/{id}/answer.
type AnswerComplaint struct {
	Outcome footage.ComplaintOutcome  `json:"outcome"`
	LedTo   []footage.ComplaintResult `json:"led_to,omitempty"` // only if it is upheld, and only what the record shows
	Answer  string                    `json:"answer"`           // to everybody; at most 2,000 characters
	Reply   string                    `json:"reply,omitempty"`  // to whoever complained alone
}
