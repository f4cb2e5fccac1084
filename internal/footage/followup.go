package footage

import (
	"slices"
	"time"
)

// FollowUpType is the value of a follow-up's type member.
const FollowUpType = "porchlight/followup/v1"

// Duty is what an agency owes the public once a request of its has ended, whether or not anybody shared.
type Duty string

// The duties.
const (
	DutyOutcome Duty = "outcome" // to say what came of the case
	DutyCopies  Duty = "copies"  // to destroy what copies of footage it may have, or to say why it keeps them
)

// Duties returns every duty, in the order of pages.
func Duties() []Duty { return []Duty{DutyOutcome, DutyCopies} }

// Said is what an agency says about a duty: a code of a closed list, no words of its own. Each speaks of the case, or of what
// copies there may be, and is as true where nobody shared as where many did.
type Said string

// What can be said.
const (
	SaidNoFootage Said = "no_footage" // no footage that helps is known, from wherever
	SaidLead      Said = "lead"       // the case has a lead, from wherever
	SaidArrest    Said = "arrest"
	SaidCharge    Said = "charge"
	SaidClosed    Said = "closed"     // the case is closed without a result
	SaidStillOpen Said = "still_open" // the case goes on: an outcome is owed again

	SaidDestroyed Said = "destroyed" // no copy is left, if ever there was one
	SaidKeptCase  Said = "kept_case" // a charge or a trial goes on: what copies there may be are kept until a day
	SaidKeptHold  Said = "kept_hold" // the law holds them until a day
)

// Sayings returns what can be said about a duty, in the order of forms.
func (d Duty) Sayings() []Said {
	switch d {
	case DutyOutcome:
		return []Said{SaidNoFootage, SaidLead, SaidArrest, SaidCharge, SaidClosed, SaidStillOpen}
	case DutyCopies:
		return []Said{SaidDestroyed, SaidKeptCase, SaidKeptHold}
	}
	return nil
}

// Kept reports whether copies are kept until a day.
func (s Said) Kept() bool { return s == SaidKeptCase || s == SaidKeptHold }

// MaxKeptDays is how many days ahead copies may be said to be kept: then somebody looks at it again.
const MaxKeptDays = 365

// FollowUp is an agency's public word about a duty. A supervisor of the agency signs the hash of its canonical form with a
// passkey. It is never changed: a later one takes its place, and both stay.
type FollowUp struct {
	Type     string    `json:"type"`     // FollowUpType
	Exchange string    `json:"exchange"` // origin of the exchange's record: it is worth nothing on another
	Request  RequestID `json:"request"`
	Agency   AgencyID  `json:"agency"`
	Duty     Duty      `json:"duty"`
	Says     Said      `json:"says"`
	Until    string    `json:"until,omitempty"`    // of copies that are kept: the last day, UTC, 2006-01-02
	Replaces string    `json:"replaces,omitempty"` // SHA-256 of the one about the same duty in whose place this comes
	Signed   time.Time `json:"signed"`             // UTC, whole seconds
}

// Canonical returns the bytes that are hashed and signed.
func (f FollowUp) Canonical() ([]byte, error) { return Canonical(f) }

// Check returns the first thing that is wrong with a follow-up by itself.
func (f FollowUp) Check() error {
	signed := f.Signed.UTC().Format(time.DateOnly)
	last := f.Signed.UTC().AddDate(0, 0, MaxKeptDays).Format(time.DateOnly)
	until, err := time.Parse(time.DateOnly, f.Until)
	switch {
	case f.Type != FollowUpType || f.Exchange == "" || !f.Request.Valid() || !f.Agency.Valid() || f.Replaces != "" && !isHash(f.Replaces):
		return Coded(Invalid, "followup", "What was signed is no follow-up of a request. Look at it again and sign anew.")
	case !slices.Contains(f.Duty.Sayings(), f.Says):
		return Coded(Invalid, "followup_says", "Choose one of the list.")
	case !f.Says.Kept() && f.Until != "":
		return Coded(Invalid, "followup_until", "Only copies that are kept have a last day.")
	case f.Says.Kept() && (err != nil || f.Until != until.Format(time.DateOnly) || f.Until <= signed || f.Until > last):
		return Coded(Invalid, "followup_until", "Give the last day on which the copies are kept: from tomorrow on, and at most a year ahead. Whoever needs them longer says so again then.")
	}
	return nil
}

// Days are what the rules that a request was asked under give an agency.
type Days struct {
	Outcome  int // from the end of the request until its outcome is said, and again while the case goes on
	Copies   int // from the end of the request until the agency's copies are destroyed
	Incoming int // from the end of the request until no copy can come in any more
}

// OpensOn returns the day on which an agency may say that no copy is left: by then none can come in any more, so that the day
// tells nothing of whether any has.
func (d Days) OpensOn(ended time.Time) string {
	return ended.UTC().AddDate(0, 0, d.Incoming).Format(time.DateOnly)
}

// FirstDue returns the last day on which an agency is in time with a duty, after a request has ended.
func (d Days) FirstDue(duty Duty, ended time.Time) string {
	days := d.Outcome
	if duty == DutyCopies {
		days = max(d.Copies, d.Incoming)
	}
	return ended.UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// NextDue returns the last day on which an agency is in time with saying more, after what it said at a time; "" when nothing
// more is owed.
func (d Days) NextDue(says Said, until string, at time.Time) string {
	switch {
	case says == SaidStillOpen:
		return at.UTC().AddDate(0, 0, d.Outcome).Format(time.DateOnly)
	case says.Kept():
		return until
	}
	return ""
}

// Owed is what the public knows of one duty after a request.
type Owed struct {
	Request RequestID `json:"request"`
	Agency  AgencyID  `json:"agency"`
	Duty    Duty      `json:"duty"`
	Ended   time.Time `json:"ended"`          // of the request.closed entry
	First   string    `json:"first_due"`      // the last day for the first word
	Due     string    `json:"due,omitempty"`  // the last day for the next word; absent: nothing more is owed
	Told    []Told    `json:"told,omitempty"` // the oldest first
}

// Told is one word of an agency about a duty.
type Told struct {
	Says  Said      `json:"says"`
	Until string    `json:"until,omitempty"`
	At    time.Time `json:"at"`
	Entry int64     `json:"entry"`
}

// Last returns what was said last, or nil.
func (o Owed) Last() *Told {
	if len(o.Told) == 0 {
		return nil
	}
	return &o.Told[len(o.Told)-1]
}

// Overdue reports whether a word is owed since the last day that was given for it.
func (o Owed) Overdue(now time.Time) bool {
	return o.Due != "" && now.UTC().Format(time.DateOnly) > o.Due
}

// Late reports whether the first word came after the last day that was given for it.
func (o Owed) Late() bool {
	return len(o.Told) > 0 && o.Told[0].At.UTC().Format(time.DateOnly) > o.First
}
