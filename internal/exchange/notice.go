package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// maxNoticeText is how many characters the words of one step may have in each language.
const maxNoticeText = 1000

// ProposeNotice files a notice of an incident, an update of one, or its end. Nothing is public before a second person in
// another role has agreed.
func (x *Exchange) ProposeNotice(ctx context.Context, caller footage.PersonID, in api.NewNotice) (footage.NoticeID, error) {
	s, err := readNotice(in)
	if err != nil {
		return "", err
	}
	s.ID = footage.NoticeID(footage.NewID(x.random("notice", string(in.Notice)), "n"))
	if s.Step == store.NoticePublish {
		s.Notice = s.ID
	}
	return s.ID, x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		s.Proposed = p.ID
		if err := x.noticeFits(tx, s); err != nil {
			return err
		}
		return tx.InsertNoticeStep(s)
	})
}

// readNotice reads what is written, and says all that is wrong with it at once.
func readNotice(in api.NewNotice) (store.NoticeStep, error) {
	bad := &footage.Error{Kind: footage.Invalid, Code: "notice", Msg: "The notice cannot be published so."}
	need := func(ok bool, code, msg string) {
		if !ok {
			bad.Reasons = append(bad.Reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	at := func(s, code, msg string) time.Time {
		t, ok := noticeTime(s)
		need(ok, code, msg)
		return t
	}
	s := store.NoticeStep{Notice: in.Notice, Step: store.NoticePublish, LogIndex: -1}
	b := &s.Body
	b.NoticeSays = footage.NoticeSays{Touched: []footage.NoticeTouched{}, Advice: []footage.NoticeAdvice{}, Agencies: []footage.AgencyID{}}
	b.NoticeText = footage.NoticeText{En: strings.TrimSpace(in.En), Es: strings.TrimSpace(in.Es)}
	for _, words := range []string{b.En, b.Es} {
		need(utf8.RuneCountInString(words) <= maxNoticeText && policy.Plain(words, true), "notice_text", "The words may have 1,000 plain characters in each language.")
	}
	switch {
	case in.End:
		s.Step = store.NoticeEnd
	case in.Notice != "":
		s.Step = store.NoticeUpdate
	default:
		b.Sort, b.Found = in.Sort, at(in.Found, "notice_found", "Write when it was found as 2026-03-14 03:20 in UTC, or the day alone.")
		need(b.Sort.Known(), "notice_sort", "Choose from the list what went wrong.")
		need(!b.Found.IsZero() || in.Found != "", "notice_found", "Write when it was found as 2026-03-14 03:20 in UTC, or the day alone.")
	}
	if !in.End {
		b.Began = at(in.Began, "notice_began", "Write since when as 2026-03-14 03:20 in UTC, or leave it empty: not known.")
		b.Ended = at(in.Ended, "notice_ended", "Write until when as 2026-03-14 03:20 in UTC, or leave it empty.")
		b.Touched, b.Advice = inOrder(in.Touched, footage.NoticeTouches()), inOrder(in.Advice, footage.NoticeAdvices())
		b.Agencies = slices.Compact(append(b.Agencies, slices.Sorted(slices.Values(in.Agencies))...))
		need(s.Step != store.NoticePublish || b.Began.IsZero() || !b.Began.After(b.Found), "notice_began", "It was found after it began. Look at both times again.")
		for _, member := range b.NoticeSays.Wrong() {
			need(false, "notice_"+member, noticeFaults()[member])
		}
	}
	if len(bad.Reasons) > 0 {
		return s, bad
	}
	return s, nil
}

// noticeFaults says what is wrong with what [footage.NoticeSays.Wrong] names.
func noticeFaults() map[string]string {
	return map[string]string{
		"ended":    "It ended after it began. Look at both times again.",
		"touched":  "Choose from the list what it touched or may have touched.",
		"advice":   "Choose from the list what people should do. That there is nothing to do stands alone.",
		"agencies": "Name the agencies whose key was touched or who must open a new one, by their register IDs; none for anything else.",
	}
}

// noticeTime reads a moment or a day in UTC; nothing is the zero time.
func noticeTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// inOrder sorts what was chosen as the list is, each once. What is not on the list goes last, where it is refused.
func inOrder[T comparable](some, list []T) (out []T) {
	for _, one := range list {
		if slices.Contains(some, one) {
			out = append(out, one)
		}
	}
	for _, one := range some {
		if !slices.Contains(list, one) {
			out = append(out, one)
		}
	}
	return out
}

// noticeFits reports why a step cannot follow on what is public and what waits.
func (x *Exchange) noticeFits(tx *store.Tx, s store.NoticeStep) error {
	if s.Body.Found.After(x.now()) {
		return footage.Coded(footage.Invalid, "notice_found", "The time at which it was found has not come yet. Write it in UTC.")
	}
	for _, id := range s.Body.Agencies {
		if _, err := registered(tx, id); err != nil {
			return footage.Coded(footage.Invalid, "notice_agencies", "There is no agency "+string(id)+" in the register.")
		}
	}
	if s.Step == store.NoticePublish {
		return nil
	}
	all, err := tx.NoticeSteps(s.Notice)
	if err != nil {
		return err
	}
	if len(all) == 0 || !all[0].Public() {
		return footage.E(footage.NotFound, "There is no such published notice.")
	}
	for _, other := range all {
		switch {
		case other.Step == store.NoticeEnd && other.Public():
			return footage.Coded(footage.Conflict, "notice_over", "This notice has been ended. Publish another one.")
		case !other.Public() && other.ID != s.ID:
			return footage.Coded(footage.Conflict, "notice_waits", "A step of this notice waits for a second person already. Drop it first, or have it agreed to.")
		}
	}
	return nil
}

// AgreeNotice publishes a step that another person has proposed, in another role.
func (x *Exchange) AgreeNotice(ctx context.Context, caller footage.PersonID, id footage.NoticeID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		s, err := waitingStep(tx, id)
		if err != nil {
			return err
		}
		if err := x.secondOf(tx, s.Proposed, p); err != nil {
			return err
		}
		if err := x.noticeFits(tx, s); err != nil {
			return err
		}
		s.Agreed = p.ID
		if s.LogIndex, s.At, err = x.recordAt(tx, x.now(), NoticeFact(s)); err != nil {
			return err
		}
		return tx.PublishNoticeStep(s)
	})
}

// secondOf reports why p cannot be the second of two people of whom the first proposed something.
func (x *Exchange) secondOf(tx *store.Tx, first footage.PersonID, p footage.Person) error {
	if first == p.ID {
		return footage.Coded(footage.Forbidden, "same_person", "You proposed this yourself. A second person must agree.")
	}
	proposer, err := x.ofTheOffice(tx, first)
	if err != nil {
		return footage.Coded(footage.Conflict, "proposer_left", "Whoever proposed this may not do so any more. Drop it and propose it anew.")
	}
	if !twoRoles(proposer, p) {
		return footage.Coded(footage.Forbidden, "same_role", "Somebody in another role than the one who wrote it must agree: one is operator, the other moderator.")
	}
	return nil
}

// NoticeFact is what the record says of a step.
func NoticeFact(s store.NoticeStep) ledger.Fact {
	en, es := s.Body.Hashes()
	signed := ledger.NoticeSigned{Text: en, TextEs: es, By: []footage.PersonID{s.Proposed, s.Agreed}}
	switch s.Step {
	case store.NoticeUpdate:
		return ledger.NoticeUpdated{Notice: s.Notice, NoticeSays: s.Body.NoticeSays, NoticeSigned: signed}
	case store.NoticeEnd:
		return ledger.NoticeEnded{Notice: s.Notice, NoticeSigned: signed}
	}
	return ledger.NoticePublished{Notice: s.Notice, Sort: s.Body.Sort, Found: s.Body.Found, NoticeSays: s.Body.NoticeSays, NoticeSigned: signed}
}

// waitingStep returns a step that waits for a second person.
func waitingStep(tx *store.Tx, id footage.NoticeID) (store.NoticeStep, error) {
	s, err := tx.NoticeStep(id)
	if errors.Is(err, footage.NotFound) {
		return s, footage.E(footage.NotFound, "Nothing of this ID waits for a second person.")
	}
	if err == nil && s.Public() {
		err = footage.Coded(footage.Conflict, "notice_public", "This is public already. An update can correct it.")
	}
	return s, err
}

// DropNotice takes back a step that waits, by anybody of the office.
func (x *Exchange) DropNotice(ctx context.Context, caller footage.PersonID, id footage.NoticeID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := x.ofTheOffice(tx, caller); err != nil {
			return err
		}
		if _, err := waitingStep(tx, id); err != nil {
			return err
		}
		return tx.DropNoticeStep(id)
	})
}

// WaitingNotices returns what waits for a second person.
func (x *Exchange) WaitingNotices(ctx context.Context, caller footage.PersonID) ([]api.WaitingNotice, error) {
	out := []api.WaitingNotice{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		all, err := tx.AllNoticeSteps()
		for _, s := range all {
			if !s.Public() {
				out = append(out, api.WaitingNotice{ID: s.ID, Proposed: s.Proposed, NewNotice: written(s)})
			}
		}
		return err
	})
	return out, err
}

// written is a step as it was written.
func written(s store.NoticeStep) api.NewNotice {
	b := s.Body
	out := api.NewNotice{End: s.Step == store.NoticeEnd, Sort: b.Sort, Found: noticeStamp(b.Found), Began: noticeStamp(b.Began), Ended: noticeStamp(b.Ended),
		Touched: b.Touched, Advice: b.Advice, Agencies: b.Agencies, NoticeText: b.NoticeText}
	if s.Step != store.NoticePublish {
		out.Notice = s.Notice
	}
	return out
}

func noticeStamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// notices puts the public steps below an index together, the newest notice first.
func notices(tx *store.Tx, below int64) ([]footage.Notice, error) {
	all, err := tx.AllNoticeSteps()
	out := []footage.Notice{}
	place := map[footage.NoticeID]int{}
	for _, s := range all {
		if !s.Public() || s.LogIndex >= below {
			continue
		}
		if s.Step == store.NoticePublish {
			place[s.Notice] = len(out)
			out = append(out, footage.Notice{ID: s.Notice, Sort: s.Body.Sort, Found: s.Body.Found})
		}
		i, known := place[s.Notice]
		if !known {
			continue // fsck tells of it
		}
		n := &out[i]
		n.Steps = append(n.Steps, footage.NoticeStep{At: s.At, Entry: s.LogIndex, End: s.Step == store.NoticeEnd, NoticeSays: s.Body.NoticeSays, NoticeText: s.Body.NoticeText})
	}
	slices.Reverse(out)
	return out, err
}

// mayShare reports why no share may begin: a notice says that nothing should be sent.
func mayShare(tx *store.Tx) error {
	head, err := tx.LogHead()
	if err != nil {
		return err
	}
	all, err := notices(tx, head.Size)
	if slices.ContainsFunc(all, func(n footage.Notice) bool { return n.Advises(footage.AdviceDoNotSend) }) {
		return footage.Coded(footage.Unavailable, "do_not_send", footage.DoNotSend)
	}
	return err
}
