package evidence

import (
	"fmt"
	"strings"

	"porchlight.example/internal/footage"
)

// DeclineReason says why an agency does not keep a clip that it opened.
type DeclineReason string

// The reasons for declining.
const (
	NotRelevant   DeclineReason = "not_relevant"
	OutsideWindow DeclineReason = "outside_window"
	Unreadable    DeclineReason = "unreadable"
	Duplicate     DeclineReason = "duplicate"
	OtherReason   DeclineReason = "other" // Note says which
)

// Exculpatory is the agency's statement whether declined footage may help the defence.
type Exculpatory string

// The statements. Footage that possibly helps the defence may not be declined away: it is preserved and disclosed.
const (
	NoneSeen    Exculpatory = "none_seen"
	Possibly    Exculpatory = "possibly"
	NotReviewed Exculpatory = "not_reviewed"
)

// Decline is the signed content of a declined custody event.
type Decline struct {
	Reason      DeclineReason
	Exculpatory Exculpatory
	Note        string // one line; required for OtherReason
}

// RecallAnswer is what an agency answers when a resident asks for clips back after pick-up.
type RecallAnswer string

// The answers. A refusal names the law or order in the note.
const (
	RecallDestroyed RecallAnswer = "destroyed"
	RecallReturned  RecallAnswer = "excluded" // no longer used; destroyed at the end of the term
	RecallKeptByLaw RecallAnswer = "kept_by_law"
)

// Recall is the signed content of the answered custody event.
type Recall struct {
	Answer RecallAnswer
	Note   string // one line; required for RecallKeptByLaw
}

// DeclineReasons lists every reason, in the order in which people are shown them.
func DeclineReasons() []DeclineReason {
	return []DeclineReason{NotRelevant, OutsideWindow, Unreadable, Duplicate, OtherReason}
}

// Detail returns the statement as a custody event's detail. An unknown code or a missing note is footage.Invalid.
func (d Decline) Detail() (map[string]string, error) {
	var c checker
	switch d.Reason {
	case NotRelevant, OutsideWindow, Unreadable, Duplicate:
	case OtherReason:
		c.must(strings.TrimSpace(d.Note) != "", "decline_note", "Say in the note why the clips are declined.")
	default:
		c.must(false, "decline_reason", "Give a reason: not_relevant, outside_window, unreadable, duplicate or other.")
	}
	switch d.Exculpatory {
	case NoneSeen, Possibly, NotReviewed:
	default:
		c.must(false, "decline_exculpatory", "State whether the clips may help the defence: none_seen, possibly or not_reviewed.")
	}
	c.must(plain(d.Note, maxShortText), "decline_note", "The note must be one line of at most %d bytes.", maxShortText)
	if err := c.err("The statement is not complete."); err != nil {
		return nil, err
	}
	return withNote(map[string]string{"reason": string(d.Reason), "exculpatory": string(d.Exculpatory)}, d.Note), nil
}

// ParseDecline reads a declined event's detail and refuses what [Decline.Detail] would not have written.
func ParseDecline(detail map[string]string) (Decline, error) {
	d := Decline{Reason: DeclineReason(detail["reason"]), Exculpatory: Exculpatory(detail["exculpatory"]), Note: detail["note"]}
	again, err := d.Detail()
	return d, sameDetail(again, detail, err)
}

// Detail returns the answer as a custody event's detail. See [Decline.Detail].
func (r Recall) Detail() (map[string]string, error) {
	var c checker
	switch r.Answer {
	case RecallDestroyed, RecallReturned:
	case RecallKeptByLaw:
		c.must(strings.TrimSpace(r.Note) != "", "recall_note", "Name the law or order that obliges the agency to keep the clips.")
	default:
		c.must(false, "recall_answer", "Answer destroyed, excluded or kept_by_law.")
	}
	c.must(plain(r.Note, maxShortText), "recall_note", "The note must be one line of at most %d bytes.", maxShortText)
	if err := c.err("The answer is not complete."); err != nil {
		return nil, err
	}
	return withNote(map[string]string{"answer": string(r.Answer)}, r.Note), nil
}

// ParseRecall reads an answered event's detail and refuses what [Recall.Detail] would not have written.
func ParseRecall(detail map[string]string) (Recall, error) {
	r := Recall{Answer: RecallAnswer(detail["answer"]), Note: detail["note"]}
	again, err := r.Detail()
	return r, sameDetail(again, detail, err)
}

func withNote(detail map[string]string, note string) map[string]string {
	if note != "" {
		detail["note"] = note
	}
	return detail
}

func sameDetail(again, detail map[string]string, err error) error {
	if err != nil {
		return err
	}
	if len(again) != len(detail) {
		return footage.E(footage.Invalid, fmt.Sprintf("The statement holds %d fields where %d belong.", len(detail), len(again)))
	}
	return nil
}
