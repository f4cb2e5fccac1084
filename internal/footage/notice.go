package footage

import (
	"slices"
	"time"
)

// NoticeID names a notice of an incident, or one step of it before it is public: "n-" and 26 random characters.
type NoticeID string

// NoticeWithin is how soon after an incident was found its notice ought to be public. The yardstick is that of the General
// Data Protection Regulation (EU) 2016/679, Article 33(1): not later than 72 hours after having become aware of it.
const NoticeWithin = 72 * time.Hour

// NoticeSort is what went wrong with the exchange itself. The list is closed, and so are the two below: a notice is made of
// them, so that whoever writes one at night writes little, and nothing that could tell who shared.
type NoticeSort string

// The sorts.
const (
	NoticeKeys    NoticeSort = "keys_exposed"  // keys of the exchange in strange hands
	NoticeData    NoticeSort = "data_exposed"  // its database
	NoticeClips   NoticeSort = "clips_lost"    // sealed clips that nobody has any more
	NoticePage    NoticeSort = "page_changed"  // pages that were not those of the record
	NoticeUploads NoticeSort = "uploads_lost"  // an outage that lost uploads
	NoticeStaff   NoticeSort = "staff_exposed" // data of its staff
)

// NoticeSorts returns every sort, in the order of forms.
func NoticeSorts() []NoticeSort {
	return []NoticeSort{NoticeKeys, NoticeData, NoticeClips, NoticePage, NoticeUploads, NoticeStaff}
}

// NoticeTouched is what an incident touched, or may have touched. How much is not said: it could tell how many shared.
type NoticeTouched string

// What can be touched.
const (
	TouchedClips     NoticeTouched = "sealed_clips"
	TouchedReceipts  NoticeTouched = "receipts_messages"
	TouchedStaff     NoticeTouched = "staff_names"
	TouchedKeys      NoticeTouched = "exchange_keys"
	TouchedAgencyKey NoticeTouched = "agency_key"
	TouchedPages     NoticeTouched = "pages"
	TouchedUploads   NoticeTouched = "uploads" // that were under way
)

// NoticeTouches returns everything that can be touched, in the order of forms.
func NoticeTouches() []NoticeTouched {
	return []NoticeTouched{TouchedClips, TouchedReceipts, TouchedStaff, TouchedKeys, TouchedAgencyKey, TouchedPages, TouchedUploads}
}

// NoticeAdvice is what people should do.
type NoticeAdvice string

// The advices.
const (
	AdviceNothing   NoticeAdvice = "nothing"
	AdviceDoNotSend NoticeAdvice = "do_not_send" // until the notice says otherwise: clients refuse to begin a share
	AdviceTakeBack  NoticeAdvice = "take_back"
	AdviceReceipt   NoticeAdvice = "look_at_receipt"
	AdviceRotate    NoticeAdvice = "rotate_epoch" // to the agencies that are named
)

// NoticeAdvices returns every advice, in the order of forms.
func NoticeAdvices() []NoticeAdvice {
	return []NoticeAdvice{AdviceDoNotSend, AdviceTakeBack, AdviceReceipt, AdviceRotate, AdviceNothing}
}

// Known reports whether the sort is one of the list.
func (s NoticeSort) Known() bool { return slices.Contains(NoticeSorts(), s) }

// NoticeSays is what a notice, or an update of it, says as a whole. An update says everything anew.
type NoticeSays struct {
	Began    time.Time       `json:"began,omitzero"` // zero: not known
	Ended    time.Time       `json:"ended,omitzero"` // zero: not known, or it lasts
	Touched  []NoticeTouched `json:"touched"`        // one at least, in the order of forms
	Advice   []NoticeAdvice  `json:"advice"`         // one at least, in the order of forms; nothing stands alone
	Agencies []AgencyID      `json:"agencies"`       // whose key is touched, or who must open a new one; sorted
}

// Wrong returns the names of the members that do not hold together, or nothing.
func (n NoticeSays) Wrong() (members []string) {
	need := func(ok bool, member string) {
		if !ok {
			members = append(members, member)
		}
	}
	keys := slices.Contains(n.Touched, TouchedAgencyKey) || slices.Contains(n.Advice, AdviceRotate)
	need(n.Began.IsZero() || n.Ended.IsZero() || !n.Ended.Before(n.Began), "ended")
	need(chosen(n.Touched, NoticeTouches()), "touched")
	need(chosen(n.Advice, NoticeAdvices()) && (len(n.Advice) == 1 || !slices.Contains(n.Advice, AdviceNothing)), "advice")
	need(n.Agencies != nil && keys == (len(n.Agencies) > 0) && slices.IsSorted(n.Agencies) && len(slices.Compact(slices.Clone(n.Agencies))) == len(n.Agencies) &&
		!slices.ContainsFunc(n.Agencies, func(id AgencyID) bool { return !id.Valid() }), "agencies")
	return members
}

// chosen reports whether something was chosen from a list, each once, in the list's order.
func chosen[T comparable](some, list []T) bool {
	last := -1
	for _, one := range some {
		i := slices.Index(list, one)
		if i <= last {
			return false
		}
		last = i
	}
	return len(some) > 0
}

// NoticeText is what a notice or one of its steps says in its own words. The record holds the hashes.
type NoticeText struct {
	En string `json:"text,omitempty"`
	Es string `json:"text_es,omitempty"`
}

// Hashes returns the SHA-256 of each text, or "" for none.
func (t NoticeText) Hashes() (en, es string) {
	hash := func(s string) string {
		if s == "" {
			return ""
		}
		return Hash([]byte(s))
	}
	return hash(t.En), hash(t.Es)
}

// NoticeStep is one thing that was said of an incident: the notice itself, an update, or its end.
type NoticeStep struct {
	At    time.Time `json:"at"`
	Entry int64     `json:"entry"`         // its index in the record
	End   bool      `json:"end,omitempty"` // says only its words, and that the incident is over
	NoticeSays
	NoticeText
}

// Notice is a notice of an incident as the public sees it.
type Notice struct {
	ID    NoticeID     `json:"id"`
	Sort  NoticeSort   `json:"sort"`
	Found time.Time    `json:"found"`
	Steps []NoticeStep `json:"steps"` // the notice, its updates, its end
}

// Published is when the notice became public.
func (n Notice) Published() time.Time { return n.Steps[0].At }

// Hours is how many hours lay between finding and publishing, begun ones counted whole.
func (n Notice) Hours() int64 {
	return int64((n.Published().Sub(n.Found) + time.Hour - 1) / time.Hour)
}

// InTime reports whether it was published within [NoticeWithin].
func (n Notice) InTime() bool { return n.Published().Sub(n.Found) <= NoticeWithin }

// Open reports whether the notice has not been ended.
func (n Notice) Open() bool { return !n.Steps[len(n.Steps)-1].End }

// Says is what the notice says as it stands: the newest step but an end.
func (n Notice) Says() NoticeSays {
	last := n.Steps[len(n.Steps)-1]
	if last.End {
		last = n.Steps[len(n.Steps)-2]
	}
	return last.NoticeSays
}

// Advises reports whether the notice is open and gives an advice.
func (n Notice) Advises(a NoticeAdvice) bool { return n.Open() && slices.Contains(n.Says().Advice, a) }

// DoNotSend is what a person is told who wants to share while a notice says that nothing should be sent.
const DoNotSend = "Do not send anything yet: the exchange has published a notice that something went wrong with it. Nothing was sealed or sent. Read the notice at /notices and come back when it says that you can."
