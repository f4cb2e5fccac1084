package ledger

import (
	"time"

	"porchlight.example/internal/footage"
)

// The kinds of entry about incidents of the exchange itself.
const (
	KindNoticePublished Kind = "notice.published"
	KindNoticeUpdated   Kind = "notice.updated"
	KindNoticeEnded     Kind = "notice.ended"
)

// NoticeSigned is what every step of a notice has: by whose word it stands, and what commits to its words.
type NoticeSigned struct {
	Text   string             `json:"text_sha256,omitempty"`    // of the English words that the page shows; absent: none
	TextEs string             `json:"text_es_sha256,omitempty"` // of the Spanish ones
	By     []footage.PersonID `json:"by"`                       // who proposed it, then who agreed: one operator, one moderator
}

// NoticePublished says that something went wrong with the exchange itself. From the time of the entry back to Found is the
// clock that anybody can read off the record. Nothing in it counts or names who shared.
type NoticePublished struct {
	Notice footage.NoticeID   `json:"notice"`
	Sort   footage.NoticeSort `json:"sort"`
	Found  time.Time          `json:"found"` // when somebody of the exchange became aware of it
	footage.NoticeSays
	NoticeSigned
}

// NoticeUpdated says everything but the sort and the day anew.
type NoticeUpdated struct {
	Notice footage.NoticeID `json:"notice"`
	footage.NoticeSays
	NoticeSigned
}

// NoticeEnded says that the incident is over, and its advice with it.
type NoticeEnded struct {
	Notice footage.NoticeID `json:"notice"`
	NoticeSigned
}

// Kind is described at [Fact]; so are those below.
func (NoticePublished) Kind() Kind { return KindNoticePublished }
func (NoticeUpdated) Kind() Kind   { return KindNoticeUpdated }
func (NoticeEnded) Kind() Kind     { return KindNoticeEnded }

func (x NoticePublished) check() error {
	var f faults
	f.need(isCode(string(x.Sort)), "sort")
	f.need(isUTC(x.Found), "found")
	f.need(x.Began.IsZero() || !x.Began.After(x.Found), "began")
	f.says(x.NoticeSays)
	f.signed(x.Notice, x.NoticeSigned)
	return f.err()
}

func (x NoticeUpdated) check() error {
	var f faults
	f.says(x.NoticeSays)
	f.signed(x.Notice, x.NoticeSigned)
	return f.err()
}

func (x NoticeEnded) check() error {
	var f faults
	f.signed(x.Notice, x.NoticeSigned)
	return f.err()
}

func (f *faults) says(n footage.NoticeSays) {
	f.need(n.Began.IsZero() || isUTC(n.Began), "began")
	f.need(n.Ended.IsZero() || isUTC(n.Ended), "ended")
	for _, member := range n.Wrong() {
		f.need(false, member)
	}
}

func (f *faults) signed(id footage.NoticeID, s NoticeSigned) {
	f.need(footage.ValidID(string(id), "n"), "notice")
	f.need(s.Text == "" || isHash(s.Text), "text_sha256")
	f.need(s.TextEs == "" || isHash(s.TextEs), "text_es_sha256")
	f.need(len(s.By) == 2 && s.By[0] != s.By[1] && footage.ValidID(string(s.By[0]), "p") && footage.ValidID(string(s.By[1]), "p"), "by")
}
