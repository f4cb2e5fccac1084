package exchange

import (
	"context"
	"errors"
	"fmt"
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

const (
	maxComplaintWords  = 4000                // characters
	maxComplaintAnswer = 2000                // characters of an answer, and of a reply
	maxComplaints      = 500                 // about one agency that wait, so that nobody fills the record
	keepComplaint      = 90 * 24 * time.Hour // after the answer; then the words are forgotten
	complaintDays      = 14                  // where no policy says
)

// Complain takes in a complaint. It asks nobody who they are, and stores nothing that tells. Moderators see it at once; the
// public record tells of it when the day is over, so that its entry's time says nothing but the day.
//
// The same complaint with the same code is taken in once, however often its sender has to try.
func (x *Exchange) Complain(ctx context.Context, in api.Complain) (footage.Complaint, error) {
	if err := checkComplaint(in); err != nil {
		return footage.Complaint{}, err
	}
	c := store.Complaint{Complaint: footage.Complaint{ID: footage.ComplaintID(footage.NewID(x.random("complaint", in.Code), "q")),
		Agency: in.Agency, Request: in.Request, Reason: in.Reason, Entry: -1},
		Words: strings.TrimSpace(in.Words), HandOn: in.HandOn, Credential: in.Code}
	err := x.write(ctx, func(tx *store.Tx) error {
		if err := x.spendWork(tx, in.Work); err != nil {
			return err
		}
		if err := concerned(tx, &c); err != nil {
			return err
		}
		if old, err := tx.ComplaintOf(in.Code); !errors.Is(err, footage.NotFound) {
			if err == nil {
				c, err = again(old, c)
			}
			return err
		}
		return x.takeComplaint(tx, &c)
	})
	return c.Complaint, err
}

func checkComplaint(in api.Complain) error {
	var r []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			r = append(r, footage.Reason{Code: code, Msg: msg})
		}
	}
	add((in.Request == "") == (in.Agency == ""), "complaint_about", "Say what the complaint is about: one request, or one agency.")
	add(!slices.Contains(footage.ComplaintReasons(), in.Reason), "complaint_reason", "Choose a reason from the list.")
	add(strings.TrimSpace(in.Words) == "", "complaint_words", "Say in your own words what is wrong.")
	add(utf8.RuneCountInString(in.Words) > maxComplaintWords, "complaint_words_long", "The text may have 4,000 characters.")
	add(!policy.Plain(in.Words, true), "complaint_words_plain", "The text must be plain: no control characters, and none that hide or turn round what is read.")
	add(!footage.RequestID(in.Code).Valid(), "complaint_code", "The hash of the code has 64 digits, 0-9 and a-f.")
	if len(r) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "complaint", Msg: "The complaint cannot be taken as it is.", Reasons: r}
	}
	return nil
}

// concerned finds the agency that a complaint is about. What is not public is as unknown as what does not exist.
func concerned(tx *store.Tx, c *store.Complaint) error {
	if c.Request == "" {
		_, err := tx.Agency(c.Agency)
		if errors.Is(err, footage.NotFound) {
			err = footage.E(footage.NotFound, "There is no agency of this name in the register.")
		}
		return err
	}
	q, err := tx.Request(c.Request)
	if errors.Is(err, footage.NotFound) || err == nil && !q.Status.Public() {
		return footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
	}
	c.Agency = q.Agency
	return err
}

// again returns a complaint that came in already, if it is the one that is sent now.
func again(old, c store.Complaint) (store.Complaint, error) {
	if old.Agency != c.Agency || old.Request != c.Request || old.Reason != c.Reason || old.Words != c.Words {
		return c, footage.Coded(footage.Conflict, "complaint_code_used", "This code belongs to another complaint. Make a new one.")
	}
	return old, nil
}

func (x *Exchange) takeComplaint(tx *store.Tx, c *store.Complaint) error {
	waiting, err := tx.WaitingComplaintsOf(c.Agency)
	if err != nil {
		return err
	}
	if waiting >= maxComplaints {
		return footage.E(footage.Full, "Too many complaints about this agency wait for an answer. Write to the exchange's contact.")
	}
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	days := complaintDays
	if rule, ok := set.Rule("complaint_days"); ok {
		days = int(rule.Value)
	}
	today := x.now().UTC()
	c.Day, c.Due = today.Format(time.DateOnly), today.AddDate(0, 0, days).Format(time.DateOnly)
	if err := tx.InsertComplaint(*c); err != nil || !x.atOnce {
		return err
	}
	return x.recordComplaint(tx, c)
}

// complaintSalt is the salt of a complaint's commitment, which whoever complained is told.
func (k Keys) complaintSalt(id footage.ComplaintID) []byte {
	return k.salt("complaint", string(id))
}

// ComplaintCommitment is what stands for a complaint's words in the record.
func (k Keys) ComplaintCommitment(id footage.ComplaintID, words string) string {
	return footage.Commit(k.complaintSalt(id), words)
}

func (x *Exchange) recordComplaint(tx *store.Tx, c *store.Complaint) (err error) {
	if c.Entry, err = x.record(tx, ledger.ComplaintReceived{Complaint: c.ID, Agency: c.Agency, Request: c.Request, Reason: c.Reason,
		Day: c.Day, Due: c.Due, Commitment: x.keys.ComplaintCommitment(c.ID, c.Words)}); err != nil {
		return err
	}
	return tx.RecordComplaint(c.ID, c.Entry)
}

// RecordComplaints writes the entries of the complaints of the days that are over.
func (x *Exchange) RecordComplaints(ctx context.Context) error {
	today := x.now().UTC().Format(time.DateOnly)
	var some []store.Complaint
	find := func(tx *store.Tx) (err error) {
		some, err = tx.UnrecordedComplaints(today)
		return err
	}
	if err := x.db.Read(ctx, find); err != nil || len(some) == 0 {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		if err := find(tx); err != nil {
			return err
		}
		for i := range some {
			if err := x.recordComplaint(tx, &some[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// AnswerComplaint answers a complaint as a moderator. Nobody answers one about an agency of their own, or about a request that
// they cleared themselves.
func (x *Exchange) AnswerComplaint(ctx context.Context, caller footage.PersonID, id footage.ComplaintID, in api.AnswerComplaint) error {
	return x.answerComplaint(ctx, id, in, func(tx *store.Tx, c *store.Complaint) error {
		p, err := x.staff(tx, caller, footage.Moderator)
		if err != nil {
			return err
		}
		if p.Agency != "" {
			return footage.Coded(footage.Forbidden, "not_impartial", "Whoever belongs to an agency answers no complaint. Leave this one to another moderator.")
		}
		cleared, err := clearedBy(tx, c.Request, p.ID)
		if err == nil && cleared {
			err = footage.Coded(footage.Forbidden, "same_moderator", "You cleared this request. Leave the complaint about it to another moderator, or to the operator at the machine.")
		}
		c.Moderator = p.ID
		return err
	})
}

// AnswerComplaintHere answers a complaint for the operator at the machine.
func (x *Exchange) AnswerComplaintHere(ctx context.Context, id footage.ComplaintID, in api.AnswerComplaint) error {
	return x.answerComplaint(ctx, id, in, func(*store.Tx, *store.Complaint) error { return nil })
}

// clearedBy reports whether a moderator had a hand in making a request public.
func clearedBy(tx *store.Tx, id footage.RequestID, who footage.PersonID) (bool, error) {
	if id == "" {
		return false, nil
	}
	all, err := tx.RequestCases(id)
	return slices.ContainsFunc(all, func(c store.Case) bool {
		return c.Outcome == footage.OutcomeCleared && (c.Moderator == who || slices.Contains(c.Agreed, who))
	}), err
}

func (x *Exchange) answerComplaint(ctx context.Context, id footage.ComplaintID, in api.AnswerComplaint, may func(*store.Tx, *store.Complaint) error) error {
	if err := checkAnswer(in); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		c, err := complaint(tx, id)
		if err != nil {
			return err
		}
		if err := may(tx, &c); err != nil {
			return err
		}
		if c.Outcome != "" {
			return footage.Coded(footage.Conflict, "complaint_answered", "This complaint has been answered meanwhile.")
		}
		c.Outcome, c.LedTo, c.Answer, c.Reply = in.Outcome, nonNil(in.LedTo), strings.TrimSpace(in.Answer), strings.TrimSpace(in.Reply)
		if err := shown(tx, c); err != nil {
			return err
		}
		return x.settleComplaint(tx, c)
	})
}

func complaint(tx *store.Tx, id footage.ComplaintID) (store.Complaint, error) {
	c, err := tx.Complaint(id)
	if errors.Is(err, footage.NotFound) {
		err = footage.E(footage.NotFound, "There is no such complaint.")
	}
	return c, err
}

// settleComplaint writes an answer into the record, behind the entry of the complaint itself if the day is not over yet.
func (x *Exchange) settleComplaint(tx *store.Tx, c store.Complaint) (err error) {
	if c.Entry < 0 {
		if err := x.recordComplaint(tx, &c); err != nil {
			return err
		}
	}
	fact := ledger.ComplaintAnswered{Complaint: c.ID, Agency: c.Agency, Request: c.Request, Reason: c.Reason, Outcome: c.Outcome,
		LedTo: c.LedTo, Answer: footage.Hash([]byte(c.Answer))}
	if c.Answers, c.Answered, err = x.recordAt(tx, x.now(), fact); err != nil {
		return err
	}
	return tx.AnswerComplaint(c)
}

func checkAnswer(in api.AnswerComplaint) error {
	var r []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			r = append(r, footage.Reason{Code: code, Msg: msg})
		}
	}
	unknown := func(l footage.ComplaintResult) bool { return !slices.Contains(footage.ComplaintResults(), l) }
	twice := slices.Compact(slices.Sorted(slices.Values(in.LedTo)))
	long := func(s string) bool { return utf8.RuneCountInString(s) > maxComplaintAnswer }
	add(!slices.Contains(footage.ComplaintOutcomes(), in.Outcome), "answer_outcome", "Choose an outcome.")
	add(len(in.LedTo) > 0 && in.Outcome != footage.ComplaintUpheld, "answer_led_to", "Only a complaint that is upheld has led to something.")
	add(slices.ContainsFunc(in.LedTo, unknown) || len(twice) < len(in.LedTo), "answer_led_to_unknown", "Choose from the list what it has led to, each once.")
	add(strings.TrimSpace(in.Answer) == "", "answer_missing", "Write an answer: it is public.")
	add(long(in.Answer) || long(in.Reply), "answer_long", "Answer and reply may have 2,000 characters each.")
	add(!policy.Plain(in.Answer, true) || !policy.Plain(in.Reply, true), "text_unclean", "The text must be plain: no control characters, and none that hide or turn round what is read.")
	if len(r) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "answer", Msg: "The answer cannot be given as it is.", Reasons: r}
	}
	return nil
}

// shown refuses an answer that says of the public record what is not in it.
func shown(tx *store.Tx, c store.Complaint) error {
	for _, result := range c.LedTo {
		ok, err := ledTo(tx, c, result)
		if err != nil {
			return err
		}
		if !ok {
			return footage.Coded(footage.Conflict, "answer_not_so", fmt.Sprintf("The record does not show that it led to this: %s. See to it first, then answer.", strings.ReplaceAll(string(result), "_", " ")))
		}
	}
	return nil
}

func ledTo(tx *store.Tx, c store.Complaint, result footage.ComplaintResult) (bool, error) {
	switch result {
	case footage.ResultAgencyTold:
		return true, nil
	case footage.ResultAgencySuspended:
		s, err := registered(tx, c.Agency)
		return s.Suspended, err
	}
	if c.Request == "" {
		return false, nil
	}
	q, err := tx.Request(c.Request)
	if err != nil {
		return false, err
	}
	switch result {
	case footage.ResultWithdrawn:
		return q.Status == footage.StatusWithdrawn, nil
	case footage.ResultPersonSuspended:
		act, err := signersMayAct(tx, q)
		return !act, err
	}
	updates, err := tx.Updates(q.ID)
	return slices.ContainsFunc(updates, func(u store.Update) bool { return !u.Published.IsZero() && u.Record.Update.Kind == footage.Amended }), err
}

// HandOnComplaint shows an agency the words of a complaint, if whoever complained has said that it may.
func (x *Exchange) HandOnComplaint(ctx context.Context, caller footage.PersonID, id footage.ComplaintID) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Moderator); err != nil {
			return err
		}
		c, err := complaint(tx, id)
		switch {
		case err != nil:
			return err
		case !c.HandOn:
			return footage.Coded(footage.Forbidden, "complaint_private", "Whoever complained does not want the agency to read it. Tell the agency in your own words what it needs to know.")
		case c.Handed || c.Words == "":
			return footage.E(footage.Conflict, "The agency has been shown this already, or the words are forgotten.")
		}
		return tx.HandComplaint(id)
	})
}
