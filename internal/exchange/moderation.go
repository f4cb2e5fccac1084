package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/screen"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// maxModerationWords bounds what an agency and a moderator write to each other, in characters.
const maxModerationWords = 2000

// Submit hands an approved request to the moderators. Everything is decided before, so that nobody waits for what cannot be
// cleared; it is decided again in [Exchange.Clear].
func (x *Exchange) Submit(ctx context.Context, caller footage.PersonID, id footage.RequestID, in api.Submit) error {
	return x.write(ctx, func(tx *store.Tx) error {
		_, q, err := x.own(tx, caller, id, footage.Supervisor)
		if err != nil {
			return err
		}
		if q.Status != footage.Approved {
			return footage.E(footage.Conflict, fmt.Sprintf("The request is %s; only an approved one can go to the moderators.", q.Status))
		}
		doc, _, err := x.publishable(tx, q)
		if err != nil {
			return err
		}
		set, err := x.policies(tx)
		if err != nil {
			return err
		}
		if in.Urgent && !set.Review(policy.ReviewInput{Document: doc}).Urgent {
			return footage.Coded(footage.Invalid, "not_urgent", "The urgent lane is for missing and abducted persons. Hand it in without the mark.")
		}
		if err := tx.MoveRequest(id, footage.Approved, footage.InModeration); err != nil {
			return err
		}
		return x.enqueue(tx, doc, store.Case{Subject: string(id), Round: 1, Request: id, Agency: q.Agency, Urgent: in.Urgent},
			screen.Input{Title: doc.Title, Text: doc.Text, Changed: doc.Changed})
	})
}

// enqueue stores a case that waits from now on, with what the content check finds in its text and with why more moderators
// than one must clear it. One in the urgent lane starts the public clock and pages the
// moderators.
func (x *Exchange) enqueue(tx *store.Tx, doc footage.Document, c store.Case, text screen.Input) error {
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	near, err := nearGathering(tx, set, doc)
	if err != nil {
		return err
	}
	households, err := householdsIn(tx, set, doc)
	if err != nil {
		return err
	}
	review := set.Review(policy.ReviewInput{Document: doc, Gathering: near, Households: households})
	if c.Findings == nil {
		text.Offence, text.Purposes = doc.Offence, set.Purposes()
		c.Findings = append(nonNil(screen.Check(text)), review.Reasons...)
	}
	c.Submitted, c.Offence, c.Needs = x.now(), doc.Offence, review.Moderators
	if err := tx.InsertCase(c); err != nil || !c.Urgent {
		return err
	}
	if _, err = x.record(tx, ledger.ModerationUrgent{Agency: c.Agency, Commitment: x.keys.CaseCommitment(c.Subject, c.Round)}); err != nil {
		return err
	}
	return x.page(tx)
}

// caseSalt returns the salt of a round's commitment. Nobody can guess it without the exchange's secret, and the agency is
// told.
func (k Keys) caseSalt(subject string, round int) []byte {
	return k.salt("moderation", subject, fmt.Sprint(round))
}

// CaseCommitment returns what stands for one round of moderation in the record: it tells what was decided to those alone who
// know the text and the salt.
func (k Keys) CaseCommitment(subject string, round int) string {
	return footage.Commit(k.caseSalt(subject, round), subject)
}

// publishable decides anew whether a request that two people have signed may become public now: standing of the agency,
// rules, both signatures and both people's standing, the sealing key.
func (x *Exchange) publishable(tx *store.Tx, q store.Request) (doc footage.Document, found allowed, err error) {
	agency, err := x.mayAsk(tx, q.Agency)
	if err != nil {
		return doc, found, err
	}
	if err := footage.DecodeStrict(q.Document, &doc); err != nil {
		return doc, found, err
	}
	if found, err = x.decide(tx, agency, doc, q, english); err != nil {
		return doc, found, err
	}
	if err := x.verifyBoth(tx, q.Agency, []footage.Assertion{*q.Officer, *q.Supervisor}, q.Document); err != nil {
		return doc, found, err
	}
	approver, err := tx.Person(q.Supervisor.Person)
	if err == nil {
		err = x.highEnough(tx, approver, footage.Supervisor, doc.Language)
	}
	if err != nil {
		return doc, found, err
	}
	if epochs, err := tx.Epochs(q.Agency); err != nil || len(epochs) == 0 {
		return doc, found, errors.Join(footage.Coded(footage.Conflict, "no_epoch", "The agency has no sealing key yet. A custodian makes one with 'porchlight desk key new'."), err)
	}
	return doc, found, nil
}

// judge returns the caller and a case that the caller may decide.
func (x *Exchange) judge(tx *store.Tx, caller footage.PersonID, subject string) (footage.Person, store.Case, store.Request, error) {
	p, err := x.staff(tx, caller, footage.Moderator)
	if err != nil {
		return p, store.Case{}, store.Request{}, err
	}
	rounds, err := tx.Rounds(subject)
	if err != nil {
		return p, store.Case{}, store.Request{}, err
	}
	if len(rounds) == 0 {
		return p, store.Case{}, store.Request{}, footage.E(footage.NotFound, "The moderators have no such case.")
	}
	c := rounds[len(rounds)-1]
	if c.Outcome != "" {
		return p, c, store.Request{}, footage.Coded(footage.Conflict, "decided", fmt.Sprintf("This has been decided meanwhile: it is %s.", strings.ReplaceAll(string(c.Outcome), "_", " ")))
	}
	q, err := tx.Request(c.Request)
	if err != nil {
		return p, c, q, err
	}
	return p, c, q, impartial(p, q, rounds)
}

// impartial refuses a moderator who belongs to the agency that asks, has had a hand in the request, or decided the round that
// is appealed against.
func impartial(p footage.Person, q store.Request, rounds []store.Case) error {
	hand := p.ID == q.Author || q.Officer != nil && p.ID == q.Officer.Person || q.Supervisor != nil && p.ID == q.Supervisor.Person
	if p.Agency != "" || hand {
		return footage.Coded(footage.Forbidden, "not_impartial", "Whoever asks does not moderate. Leave this one to another moderator.")
	}
	for _, earlier := range rounds[:len(rounds)-1] {
		if earlier.Moderator == p.ID || slices.Contains(earlier.Agreed, p.ID) {
			return footage.Coded(footage.Forbidden, "same_moderator", "An appeal is decided by somebody else than the decision that it is about.")
		}
	}
	return nil
}

// Clear publishes what waits in moderation. It is the one way in which a request, or text added to one, becomes public.
// Everything is decided again in the transaction: the rules, both signatures, both people's and the agency's standing, and
// that no other moderator was faster. Where several must clear, the clearing of all but the last is noted.
func (x *Exchange) Clear(ctx context.Context, caller footage.PersonID, subject string) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, c, q, err := x.judge(tx, caller, subject)
		if err != nil {
			return err
		}
		_, publish, err := x.ready(tx, c, q)
		if err != nil {
			return obstacle(err)
		}
		if slices.Contains(c.Agreed, p.ID) {
			return footage.Coded(footage.Forbidden, "same_moderator", "You have cleared this already; another moderator must clear it too.")
		}
		if len(c.Agreed)+1 < c.Needs {
			return tx.AgreeToClear(c, p.ID)
		}
		c.Outcome, c.Moderator = footage.OutcomeCleared, p.ID
		if err := x.settle(tx, c); err != nil {
			return err
		}
		return publish()
	})
}

// obstacle tells a moderator why something cannot be published, in place of what the agency would be told.
func obstacle(err error) error {
	var own *footage.Error
	if !errors.As(err, &own) {
		return err
	}
	reasons := own.Reasons
	if len(reasons) == 0 {
		code := own.Code
		if code == "" {
			code = string(own.Kind)
		}
		reasons = []footage.Reason{{Code: code, Msg: own.Msg}}
	}
	return &footage.Error{Kind: footage.Conflict, Code: "cannot_be_cleared", Reasons: reasons,
		Msg: "This cannot be published as things stand now. Hold it with the reason, so that the agency can write it anew."}
}

// ready decides everything about a case anew, and returns what it found and what would publish it.
func (x *Exchange) ready(tx *store.Tx, c store.Case, q store.Request) (found allowed, publish func() error, err error) {
	if c.Addition() {
		publish, err = x.readyAddition(tx, c, q)
		return found, publish, err
	}
	if q.Status != footage.InModeration {
		return found, nil, footage.E(footage.Conflict, fmt.Sprintf("The request is %s.", q.Status))
	}
	if _, found, err = x.publishable(tx, q); err != nil {
		return found, nil, err
	}
	return found, func() error {
		index, at, err := x.recordPublication(tx, q, []footage.Assertion{*q.Officer, *q.Supervisor}, found.Linked)
		if err != nil {
			return err
		}
		return tx.PublishRequest(q, at, index, placeOf(found.region), found.Linked)
	}, nil
}

func (x *Exchange) readyAddition(tx *store.Tx, c store.Case, q store.Request) (publish func() error, err error) {
	row, err := waiting(tx, q.ID)
	if err != nil {
		return nil, err
	}
	if row.Hash != c.Subject || q.Status != footage.Published || row.Record.Update.Previous != q.Head {
		return nil, footage.E(footage.Conflict, "The request was closed or updated meanwhile.")
	}
	if _, err := x.mayAsk(tx, q.Agency); err != nil {
		return nil, err
	}
	canonical, err := row.Record.Update.Canonical()
	if err != nil {
		return nil, err
	}
	if err := x.verifyBoth(tx, q.Agency, row.Record.Assertions, canonical); err != nil {
		return nil, err
	}
	return func() error { return x.publishUpdate(tx, row) }, nil
}

// Hold gives a case back to the agency, with a reason.
func (x *Exchange) Hold(ctx context.Context, caller footage.PersonID, subject string, in api.Verdict) error {
	return x.turnDown(ctx, caller, subject, footage.OutcomeHeld, in)
}

// Refuse ends a case, with a reason. The agency may appeal.
func (x *Exchange) Refuse(ctx context.Context, caller footage.PersonID, subject string, in api.Verdict) error {
	return x.turnDown(ctx, caller, subject, footage.OutcomeRefused, in)
}

func (x *Exchange) turnDown(ctx context.Context, caller footage.PersonID, subject string, outcome footage.Outcome, in api.Verdict) error {
	if !in.Reason.Known() {
		return footage.Coded(footage.Invalid, "reason_unknown", "Choose a reason from the list; decisions are counted by it.")
	}
	if err := checkWords(in.Words, false); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		p, c, q, err := x.judge(tx, caller, subject)
		if err != nil {
			return err
		}
		c.Outcome, c.Reason, c.Words, c.Moderator = outcome, in.Reason, strings.TrimSpace(in.Words), p.ID
		if err := x.settle(tx, c); err != nil || c.Addition() {
			return err
		}
		return tx.MoveRequest(q.ID, footage.InModeration, statusOf(outcome))
	})
}

// statusOf is where a request stands that was not cleared.
func statusOf(outcome footage.Outcome) footage.RequestStatus {
	if outcome == footage.OutcomeHeld {
		return footage.StatusHeld
	}
	return footage.StatusRefused
}

// checkWords checks what an agency and a moderator write to each other.
func checkWords(words string, needed bool) error {
	switch {
	case needed && strings.TrimSpace(words) == "":
		return footage.Coded(footage.Invalid, "words_missing", "Say why, in plain words.")
	case utf8.RuneCountInString(words) > maxModerationWords:
		return footage.Coded(footage.Invalid, "words_too_long", fmt.Sprintf("The words may have %d characters.", maxModerationWords))
	case !policy.Plain(words, true):
		return footage.Coded(footage.Invalid, "text_unclean", "The text must be plain: no control characters, and none that hide or turn round what is read.")
	}
	return nil
}

// settle writes a decision into the record and ends the case. It is a conflict if another moderator was faster.
func (x *Exchange) settle(tx *store.Tx, c store.Case) (err error) {
	fact := ledger.ModerationDecided{Agency: c.Agency, Outcome: c.Outcome, Reason: c.Reason, Addition: c.Addition(),
		Appeal: c.Round > 1, Urgent: c.Urgent, Commitment: x.keys.CaseCommitment(c.Subject, c.Round)}
	if c.Outcome == footage.OutcomeCleared {
		fact.Request = c.Request
	}
	if c.LogIndex, c.Decided, err = x.recordAt(tx, x.now(), fact); err != nil {
		return err
	}
	return tx.DecideCase(c)
}

// Appeal asks for the decision of another moderator about what was held or refused, once.
func (x *Exchange) Appeal(ctx context.Context, caller footage.PersonID, subject string, in api.Appeal) error {
	if err := checkWords(in.Words, true); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		rounds, err := tx.Rounds(subject)
		if err != nil {
			return err
		}
		var last store.Case
		if len(rounds) > 0 {
			last = rounds[len(rounds)-1]
		}
		_, q, err := x.own(tx, caller, last.Request, footage.Officer, footage.Supervisor)
		if err != nil {
			return err
		}
		var doc footage.Document
		if err := footage.DecodeStrict(q.Document, &doc); err != nil {
			return err
		}
		switch {
		case last.Outcome != footage.OutcomeHeld && last.Outcome != footage.OutcomeRefused:
			return footage.E(footage.Conflict, "Only what a moderator has held or refused can be appealed.")
		case last.Round > 1:
			return footage.E(footage.Conflict, "The appeal was decided. Write the request anew if it can be mended.")
		case !last.Addition():
			if err := tx.MoveRequest(last.Request, statusOf(last.Outcome), footage.InModeration); err != nil {
				return err
			}
		}
		return x.enqueue(tx, doc, store.Case{Subject: subject, Round: last.Round + 1, Request: last.Request, Agency: last.Agency,
			Urgent: last.Urgent, Appeal: strings.TrimSpace(in.Words), Findings: nonNil(last.Findings)}, screen.Input{})
	})
}

// TakeBack takes a request from the moderators, who have not decided yet. It ends there: what its agency wants to ask after
// all is written anew. In the urgent lane a public clock runs until a moderator has decided, which an agency cannot stop.
func (x *Exchange) TakeBack(ctx context.Context, caller footage.PersonID, id footage.RequestID) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		_, q, err := x.ownAtAll(tx, caller, id, footage.Officer, footage.Supervisor)
		if err != nil {
			return err
		}
		rounds, err := tx.Rounds(string(id))
		if err != nil {
			return err
		}
		if q.Status != footage.InModeration || len(rounds) == 0 {
			return footage.Coded(footage.Conflict, "not_waiting", fmt.Sprintf("The request is %s; only one that waits for a moderator can be taken back.", q.Status))
		}
		if rounds[len(rounds)-1].Urgent {
			return footage.Coded(footage.Conflict, "urgent_waits", "An urgent request waits under a public clock, until a moderator has decided. It can be withdrawn when it is public.")
		}
		if err := tx.MoveRequest(id, footage.InModeration, footage.StatusTakenBack); err != nil {
			return err
		}
		return tx.TakeBackCases(id, x.now())
	})
}
