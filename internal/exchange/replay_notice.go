package exchange

import (
	"fmt"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// noticeAgain brings a step of a notice back: from the record, and its words from the backup where they waited for a second
// person then. What else waited is left as it is, for the office to look at.
func (b *restore) noticeAgain(tx *store.Tx, e replayed, s store.NoticeStep, f ledger.NoticeSigned) (lost string, err error) {
	all, err := tx.NoticeSteps(s.Notice)
	if err != nil {
		return "", err
	}
	s.Proposed, s.Agreed, s.At, s.LogIndex = f.By[0], f.By[1], e.at, e.index
	for _, waits := range all {
		if en, es := waits.Body.Hashes(); !waits.Public() && waits.Step == s.Step && waits.Proposed == s.Proposed && en == f.Text && es == f.TextEs {
			s.Body.NoticeText = waits.Body.NoticeText
			s.ID = waits.ID
			if err := tx.DropNoticeStep(waits.ID); err != nil {
				return "", err
			}
			break
		}
	}
	if s.ID == "" {
		s.ID = footage.NoticeID(fmt.Sprintf("n-%026d", e.index)) // one of its own is lost, and names nothing any more
		if s.Step == store.NoticePublish {
			s.ID = s.Notice
		}
	}
	if en, es := s.Body.Hashes(); en != f.Text || es != f.TextEs {
		lost = fmt.Sprintf("The words of the notice %s (entry %d) are lost; what it says from the lists is back, and the record holds their SHA-256. Publish an update with the words.", s.Notice, e.index)
	}
	return lost, tx.InsertNoticeStep(s)
}

// replayNotice takes in an entry about an incident; known is false for any other.
func (b *restore) replayNotice(tx *store.Tx, e replayed) (lost string, known bool, err error) {
	nothing := footage.NoticeSays{Touched: []footage.NoticeTouched{}, Advice: []footage.NoticeAdvice{}, Agencies: []footage.AgencyID{}}
	switch f := e.fact.(type) {
	case ledger.NoticePublished:
		lost, err = b.noticeAgain(tx, e, store.NoticeStep{Notice: f.Notice, Step: store.NoticePublish, Body: store.NoticeBody{Sort: f.Sort, Found: f.Found, NoticeSays: f.NoticeSays}}, f.NoticeSigned)
	case ledger.NoticeUpdated:
		lost, err = b.noticeAgain(tx, e, store.NoticeStep{Notice: f.Notice, Step: store.NoticeUpdate, Body: store.NoticeBody{NoticeSays: f.NoticeSays}}, f.NoticeSigned)
	case ledger.NoticeEnded:
		lost, err = b.noticeAgain(tx, e, store.NoticeStep{Notice: f.Notice, Step: store.NoticeEnd, Body: store.NoticeBody{NoticeSays: nothing}}, f.NoticeSigned)
	default:
		return "", false, nil
	}
	return lost, true, err
}
