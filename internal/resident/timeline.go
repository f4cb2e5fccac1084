package resident

import (
	"fmt"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// Step is one line of what happened to a share, for people.
type Step struct {
	At   time.Time
	By   string // who signed it: "the exchange", or the agency's name
	What string // a sentence
}

// Timeline tells the verified custody chain in sentences, oldest first.
func (m Mailbox) Timeline() []Step {
	out := make([]Step, len(m.Events))
	for i, e := range m.Events {
		by := "the exchange"
		if e.Party == footage.PartyAgency {
			by = m.Request.Agency.Name
		}
		out[i] = Step{At: e.At, By: by, What: sentence(e)}
	}
	return out
}

// sentence says what an event means for the person who sent the clips.
func sentence(e footage.Event) string {
	switch e.Kind {
	case footage.EventDeclined:
		return declined(e.Detail)
	case footage.EventAnswered:
		return answered(e.Detail)
	case footage.EventVerified:
		return "Checked hashes, manifest and request (" + e.Detail[evidence.DetailFindings] + ")."
	}
	plain := map[footage.EventKind]string{
		footage.EventCommitted: "Your clips arrived, complete and durable.",
		footage.EventReleased:  "Your clips were shown to the agency, together with all others of that quarter of an hour.",
		footage.EventPickedUp:  "The agency's program began to fetch your clips. From here on they can only be asked back.",
		footage.EventOpened:    "Opened your clips with the agency's key.",
		footage.EventAccepted:  "Accepted your clips as possible evidence.",
		footage.EventExported:  "Wrote your clips into an evidence package.",
		footage.EventConfirmed: "Confirmed that it holds its own copy, so that the exchange may erase its.",
		footage.EventAsked:     "Asked you something: see 'porchlight receipt read'. You need not answer.",
		footage.EventReplied:   "Your message was taken in for the agency.",
		footage.EventWithdrawn: "You took your clips back before the agency had picked them up.",
		footage.EventRecalled:  "You asked for your clips back. The agency has to answer.",
		footage.EventExpired:   "The days were over for which the exchange keeps clips.",
		footage.EventErased:    "The exchange erased its copy.",
		footage.EventRestored:  "The exchange was restored from an older backup. Steps between then and now may be lost.",
		footage.EventLost:      "The exchange has lost its copy of your clips. Nobody can fetch them from it any more.",
	}
	if s, ok := plain[e.Kind]; ok {
		return s
	}
	return fmt.Sprintf("Something that this program does not know: %q.", string(e.Kind))
}

func declined(detail map[string]string) string {
	d, err := evidence.ParseDecline(detail)
	if err != nil {
		return "Declined your clips, with a statement that cannot be read."
	}
	why := map[evidence.DeclineReason]string{evidence.NotRelevant: "they do not matter for the case", evidence.OutsideWindow: "they are from another time",
		evidence.Unreadable: "they cannot be played", evidence.Duplicate: "it has them already", evidence.OtherReason: "for another reason"}[d.Reason]
	help := map[evidence.Exculpatory]string{evidence.NoneSeen: "It saw nothing in them that could help a defence.",
		evidence.Possibly: "It states that they may help a defence, so it has to keep and disclose them.", evidence.NotReviewed: "It did not look whether they could help a defence."}[d.Exculpatory]
	return withNote(fmt.Sprintf("Declined your clips: %s. %s", why, help), d.Note)
}

func answered(detail map[string]string) string {
	r, err := evidence.ParseRecall(detail)
	if err != nil {
		return "Answered that you asked for your clips back, in words that cannot be read."
	}
	what := map[evidence.RecallAnswer]string{evidence.RecallDestroyed: "Destroyed its copy, as you asked.",
		evidence.RecallReturned:  "Takes your clips out of the case, as you asked, and destroys them at the end of the term.",
		evidence.RecallKeptByLaw: "Keeps your clips, because the law obliges it to."}[r.Answer]
	return withNote(what, r.Note)
}

func withNote(s, note string) string {
	if note == "" {
		return s
	}
	return s + fmt.Sprintf(" It adds: %q", note)
}
