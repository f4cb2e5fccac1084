package api

import "porchlight.example/internal/footage"

// NewFollowUp is what an agency is about to say after a request of its has ended.
type NewFollowUp struct {
	Duty  footage.Duty `json:"duty"`
	Says  footage.Said `json:"says"`
	Until string       `json:"until,omitempty"` // of copies that are kept: the last day, UTC, 2006-01-02
}

// SignedFollowUp is a follow-up as a supervisor signed it.
type SignedFollowUp struct {
	FollowUp  footage.FollowUp  `json:"followup"`
	Assertion footage.Assertion `json:"assertion"`
}

// OwnDuty is what an agency owes, or has said, after a request of its, as its own people see it.
type OwnDuty struct {
	footage.Owed
	Title string `json:"title"` // of the request; empty when its text is withheld
	Code  string `json:"code"`
	Opens string `json:"opens,omitempty"` // the day from which it may be said that no copy is left
}
