package api

import "porchlight.example/internal/footage"

// NewNotice is a notice of an incident of the exchange as one person writes it, an update of one, or its end. Times are UTC,
// "2006-01-02 15:04", or a day alone, whose first minute is meant. It has no member for how many or who: a notice never tells.
type NewNotice struct {
	Notice   footage.NoticeID        `json:"notice,omitempty"` // empty: a new one
	End      bool                    `json:"end,omitempty"`    // says its words alone, and that the incident is over
	Sort     footage.NoticeSort      `json:"sort,omitempty"`   // of a new one
	Found    string                  `json:"found,omitempty"`  // of a new one
	Began    string                  `json:"began,omitempty"`  // empty: not known
	Ended    string                  `json:"ended,omitempty"`  // empty: not known, or it lasts
	Touched  []footage.NoticeTouched `json:"touched,omitempty"`
	Advice   []footage.NoticeAdvice  `json:"advice,omitempty"`
	Agencies []footage.AgencyID      `json:"agencies,omitempty"` // whose key is touched, or who must open a new one
	footage.NoticeText
}

// ProposedNotice says how the office names a step that waits for a second person.
type ProposedNotice struct {
	ID footage.NoticeID `json:"id"`
}

// Notices are all notices as the public sees them, the newest first.
type Notices struct {
	Notices []footage.Notice `json:"notices"`
}

// WaitingNotice is a step of a notice that waits for a second person, as the office sees it.
type WaitingNotice struct {
	ID       footage.NoticeID `json:"id"`
	Proposed footage.PersonID `json:"proposed_by"`
	NewNotice
}
