package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// ForgetTask names the task that deletes what was made of withheld texts outside the database.
const ForgetTask = "withheld"

// officeRoles are those of which two must agree before a text is withheld.
func officeRoles() []footage.Role { return []footage.Role{footage.Operator, footage.Moderator} }

// WithholdingFor returns what two people would sign now to withhold the text of a published request.
func (x *Exchange) WithholdingFor(ctx context.Context, caller footage.PersonID, id footage.RequestID, in api.Withhold) (footage.Withholding, error) {
	return x.WithholdingAt(ctx, caller, id, in, x.now())
}

// WithholdingAt returns the same for a moment at which the first has begun to sign.
func (x *Exchange) WithholdingAt(ctx context.Context, caller footage.PersonID, id footage.RequestID, in api.Withhold, at time.Time) (w footage.Withholding, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.ofTheOffice(tx, caller); err != nil {
			return err
		}
		w, err = x.withholding(tx, id, in, at.UTC().Truncate(time.Second))
		return err
	})
	return w, err
}

// ofTheOffice returns a member of the exchange's own staff who may propose, or agree to, what takes two of them.
func (x *Exchange) ofTheOffice(tx *store.Tx, caller footage.PersonID) (footage.Person, error) {
	p, err := x.staff(tx, caller, officeRoles()...)
	if err == nil && p.Agency != "" {
		err = footage.Coded(footage.Forbidden, "not_impartial", "Whoever belongs to an agency does not act for the exchange.")
	}
	return p, err
}

// withholding makes the withholding of a request as it stands, signed at a time.
func (x *Exchange) withholding(tx *store.Tx, id footage.RequestID, in api.Withhold, at time.Time) (footage.Withholding, error) {
	reference := strings.TrimSpace(in.Reference)
	if !in.Authority.Known() {
		return footage.Withholding{}, footage.Coded(footage.Invalid, "authority_unknown", "A text is withheld by order of a court or to protect a victim, and for no other reason. Choose one of the two.")
	}
	if reference == "" {
		return footage.Withholding{}, footage.Coded(footage.Invalid, "reference_missing", "Write the reference of the order, or the reason: the record commits to it.")
	}
	if err := checkWords(reference, true); err != nil {
		return footage.Withholding{}, err
	}
	q, err := tx.Request(id)
	if errors.Is(err, footage.NotFound) || err == nil && !q.Status.Public() {
		return footage.Withholding{}, footage.E(footage.NotFound, "There is no such published request. What was never public is not withheld.")
	}
	if err != nil {
		return footage.Withholding{}, err
	}
	if q.Withheld() {
		return footage.Withholding{}, footage.Coded(footage.Conflict, "withheld_already", "The text of this request is withheld already.")
	}
	w := footage.Withholding{Type: footage.WithholdingType, Exchange: x.info.Origin, Request: id, Agency: q.Agency, Updates: []string{}, Authority: in.Authority,
		Order: footage.Commit(x.keys.OrderSalt(id, at), reference), SquareMetres: q.SquareMetres, Seconds: int64(q.Window.Duration() / time.Second), Signed: at}
	updates, err := tx.Updates(id)
	if err != nil {
		return w, err
	}
	for _, u := range updates {
		if !u.Published.IsZero() {
			w.Updates = append(w.Updates, u.Hash)
		}
	}
	w.Complaints, err = complaintsToWithhold(tx, q, in)
	return w, err
}

// complaintsToWithhold returns the complaints whose words go with a text, in order.
func complaintsToWithhold(tx *store.Tx, q store.Request, in api.Withhold) (ids []footage.ComplaintID, err error) {
	if in.AllComplaints {
		all, err := tx.ComplaintTexts(q.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			ids = append(ids, c.ID)
		}
	}
	for _, id := range in.Complaints {
		c, err := complaint(tx, id)
		if err == nil && c.Agency != q.Agency {
			err = footage.Coded(footage.Invalid, "complaint_elsewhere", fmt.Sprintf("The complaint %s is about another agency. Name those about this request or its agency.", id))
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// ComplaintsToWithhold returns the complaints about a request whose words or answers are kept, for those who may withhold them.
func (x *Exchange) ComplaintsToWithhold(ctx context.Context, caller footage.PersonID, id footage.RequestID) (out []footage.Complaint, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.ofTheOffice(tx, caller); err != nil {
			return err
		}
		all, err := tx.ComplaintTexts(id)
		out = nil
		for _, c := range all {
			out = append(out, c.Complaint)
		}
		return err
	})
	return out, err
}

// OrderSalt returns the salt of the commitment to an order. Nobody can guess it without the exchange's secret.
func (k Keys) OrderSalt(id footage.RequestID, at time.Time) []byte {
	return k.salt("withholding", string(id), at.UTC().Format(time.RFC3339))
}

// checkWithholding compares what was signed with what would be right now.
func (x *Exchange) checkWithholding(tx *store.Tx, got footage.Withholding, reference string) error {
	want, err := x.withholding(tx, got.Request, api.Withhold{Authority: got.Authority, Reference: reference, Complaints: got.Complaints}, got.Signed)
	if err != nil {
		return err
	}
	if !documentTime(got.Signed) || !slices.Equal(got.Updates, want.Updates) {
		return footage.Coded(footage.Conflict, "withholding_old", "The request was updated meanwhile. Propose the withholding anew.")
	}
	a, err := got.Canonical()
	if err != nil {
		return err
	}
	b, err := want.Canonical()
	if err != nil {
		return err
	}
	if string(a) != string(b) {
		return footage.Coded(footage.Invalid, "withholding", "What was signed does not fit this request, its reference or this exchange. Look at it again and sign anew.")
	}
	return nil
}

// ProposeWithholding files that the text of a published request is to be withheld. Nothing is withheld before a second person
// in another role has agreed.
func (x *Exchange) ProposeWithholding(ctx context.Context, caller footage.PersonID, in api.SignedWithholding) error {
	w, reference := in.Withholding, strings.TrimSpace(in.Reference)
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		if err := x.checkWithholding(tx, w, reference); err != nil {
			return err
		}
		if w.Signed.Sub(x.now()).Abs() > clockSkew {
			return clockError(w.Signed, x.now())
		}
		if err := x.signsForOffice(tx, p, in.Assertion, w); err != nil {
			return err
		}
		err = tx.InsertWithholding(store.Withholding{Body: w, Assertions: []footage.Assertion{in.Assertion}, Reference: reference, Proposed: x.now(), LogIndex: -1})
		if errors.Is(err, footage.Conflict) {
			return footage.Coded(footage.Conflict, "proposed_already", "The withholding of this request waits for a second person already.")
		}
		return err
	})
}

// signsForOffice checks the passkey's signature of a member of the office under a withholding.
func (x *Exchange) signsForOffice(tx *store.Tx, p footage.Person, a footage.Assertion, w footage.Withholding) error {
	if !slices.Contains(officeRoles(), a.Role) || !p.Has(a.Role) {
		return footage.E(footage.Forbidden, "You must sign as operator or as moderator.")
	}
	canonical, err := w.Canonical()
	if err != nil {
		return err
	}
	return x.verifyAssertion(tx, a, p, a.Role, canonical)
}

// AgreeWithholding withholds a text that another person has proposed to withhold, in another role. In one transaction the
// text goes with its nonce from every table, an open request closes, and the record says so; then what was made of it
// elsewhere is deleted.
func (x *Exchange) AgreeWithholding(ctx context.Context, caller footage.PersonID, id footage.RequestID, a footage.Assertion) error {
	a.Agency = ""
	err := x.write(ctx, func(tx *store.Tx) error {
		p, err := x.ofTheOffice(tx, caller)
		if err != nil {
			return err
		}
		w, err := x.proposal(tx, id)
		if err != nil {
			return err
		}
		first := w.Assertions[0]
		if first.Person == p.ID {
			return footage.Coded(footage.Forbidden, "same_person", "You proposed this yourself. A second person must agree.")
		}
		if first.Role == a.Role {
			return footage.Coded(footage.Forbidden, "same_role", fmt.Sprintf("It was proposed by somebody who signed as %s, so that somebody in the other role must agree.", first.Role))
		}
		if proposer, err := x.ofTheOffice(tx, first.Person); err != nil || !proposer.Has(first.Role) {
			return footage.Coded(footage.Conflict, "proposer_left", "Whoever proposed this may not do so any more. Drop it and propose it anew.")
		}
		if err := x.checkWithholding(tx, w.Body, w.Reference); err != nil {
			return err
		}
		if err := x.signsForOffice(tx, p, a, w.Body); err != nil {
			return err
		}
		return x.withhold(tx, w, ledger.DocumentWithheld{Request: id, Agency: w.Body.Agency, Reason: w.Body.Authority, Withholding: w.Body, Assertions: []footage.Assertion{first, a}})
	})
	if err != nil {
		return err
	}
	// The fact stands. What fails now is done again, and reported, by the task that forgets what is withheld.
	_ = x.ForgetWithheld(context.WithoutCancel(ctx))
	return nil
}

// proposal returns a withholding that waits.
func (x *Exchange) proposal(tx *store.Tx, id footage.RequestID) (store.Withholding, error) {
	w, err := tx.Withholding(id)
	if errors.Is(err, footage.NotFound) {
		return w, footage.E(footage.NotFound, "Nobody has proposed to withhold this request.")
	}
	if err == nil && !w.Withheld.IsZero() {
		err = footage.Coded(footage.Conflict, "withheld_already", "The text of this request is withheld already.")
	}
	return w, err
}

// withhold removes the text and states it in the record.
func (x *Exchange) withhold(tx *store.Tx, w store.Withholding, fact ledger.DocumentWithheld) (err error) {
	q, err := tx.Request(fact.Request)
	if err != nil {
		return err
	}
	if q.Status == footage.Published {
		if err := x.close(tx, q.ID, footage.StatusWithheld); err != nil {
			return err
		}
	}
	if err := x.withholdComplaints(tx, w.Body.Complaints); err != nil {
		return err
	}
	if w.LogIndex, w.Withheld, err = x.recordAt(tx, x.now(), fact); err != nil {
		return err
	}
	w.Assertions = fact.Assertions
	if err := errors.Join(tx.DropWithholding(q.ID), tx.InsertWithholding(w), tx.WithholdRequest(q.ID)); err != nil {
		return err
	}
	// Whatever happens to this program now, the next that runs goes on with what lies outside the database.
	if err := tx.WakeJob(ForgetTask, x.now()); !errors.Is(err, footage.NotFound) {
		return err
	}
	return nil
}

// withholdComplaints forgets what complaints and the answers to them say. Of one that is not in the record yet the commitment to
// its words is entered first, so that whoever complained can still show them. A restore may not have brought back all.
func (x *Exchange) withholdComplaints(tx *store.Tx, ids []footage.ComplaintID) error {
	for _, id := range ids {
		c, err := tx.Complaint(id)
		if errors.Is(err, footage.NotFound) {
			continue
		}
		if err == nil && c.Entry < 0 {
			err = x.recordComplaint(tx, &c)
		}
		if err := errors.Join(err, tx.ForgetComplaint(id)); err != nil {
			return err
		}
	}
	return nil
}

// DropWithholding takes back a proposal, by anybody of the office: asking for less needs less proof.
func (x *Exchange) DropWithholding(ctx context.Context, caller footage.PersonID, id footage.RequestID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := x.ofTheOffice(tx, caller); err != nil {
			return err
		}
		if _, err := x.proposal(tx, id); err != nil {
			return err
		}
		return tx.DropWithholding(id)
	})
}

// Withholdings returns every withholding as the office sees it: those that wait first, then the newest.
func (x *Exchange) Withholdings(ctx context.Context, caller footage.PersonID) ([]api.WithholdingCase, error) {
	out := []api.WithholdingCase{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		all, err := tx.Withholdings()
		for _, w := range all {
			one := api.WithholdingCase{Withholding: w.Body, Reference: w.Reference, Salt: encode(x.keys.OrderSalt(w.Body.Request, w.Body.Signed)),
				Proposed: w.Proposed, ProposedBy: w.Assertions[0].Person, ProposedAs: w.Assertions[0].Role}
			if !w.Withheld.IsZero() {
				one.Withheld, one.Entry = &w.Withheld, &w.LogIndex
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// ForgetWithheld deletes what was made of withheld texts outside the database's tables, and tells the guard of each, lest an old
// backup bring one back. It may be run again at any time: another node may have made a file just before it learnt.
func (x *Exchange) ForgetWithheld(ctx context.Context) error {
	var all []store.Withholding
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Withholdings()
		return err
	})
	if err != nil {
		return fmt.Errorf("find what is withheld: %w", err)
	}
	for _, w := range all {
		if w.Withheld.IsZero() {
			continue
		}
		fact := ledger.DocumentWithheld{Request: w.Body.Request, Agency: w.Body.Agency, Reason: w.Body.Authority, Withholding: w.Body, Assertions: w.Assertions}
		if err := errors.Join(x.guardWithheld(ctx, fact), x.forget(ctx, w.Body.Request)); err != nil {
			return fmt.Errorf("forget the text of request %s: %w", w.Body.Request.Short(), err)
		}
	}
	return nil
}

// guardWithheld tells the guard of a withheld text, once nothing of it is left in the database's files: so what the guard knows
// needs no scrubbing any more.
func (x *Exchange) guardWithheld(ctx context.Context, fact ledger.DocumentWithheld) error {
	known, err := x.guard.KnowsWithheld(fact.Request)
	if err != nil || known {
		return err
	}
	if err := x.db.Scrub(ctx); err != nil {
		return err
	}
	return x.guard.Withheld(fact)
}

// forget deletes the bundles of a request from the bucket and from memory.
func (x *Exchange) forget(ctx context.Context, id footage.RequestID) error {
	prefix := bundlePrefix + string(id) + "/"
	x.board.bundles.drop(prefix)
	var keys []string
	for object, err := range x.bucket.List(ctx, prefix) {
		if err != nil {
			return err
		}
		keys = append(keys, object.Key)
	}
	for _, key := range keys {
		if err := x.bucket.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// drop removes what lies under a prefix.
func (c *bundleCache) drop(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, b := range c.kept {
		if strings.HasPrefix(key, prefix) {
			delete(c.kept, key)
			c.bytes -= len(b)
		}
	}
}
