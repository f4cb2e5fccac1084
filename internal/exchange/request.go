package exchange

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// Draft stores a request that an officer has written, if the policies allow it: every violated rule is in the error.
// The document is the one that will be signed and published, byte for byte; a correction is another draft.
func (x *Exchange) Draft(ctx context.Context, caller footage.PersonID, in api.DraftRequest) (api.AgencyRequest, error) {
	var out api.AgencyRequest
	canonical, err := in.Document.Canonical()
	if err != nil {
		return out, err
	}
	id := footage.RequestID(footage.Hash(canonical))
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer)
		if err != nil {
			return err
		}
		agency, err := x.mayAsk(tx, p.Agency)
		if err != nil {
			return err
		}
		q := store.Request{ID: id, Agency: p.Agency, Status: footage.Draft, Document: canonical, Private: in.Private,
			CaseKey: x.caseKey(p.Agency, in.Private), Code: policy.NormaliseCase(in.Document.Code), Author: p.ID, Created: x.now(),
			Closes: in.Document.Closes, Window: in.Document.Window, Head: string(id)}
		found, err := x.decide(tx, agency, in.Document, q, english)
		if err != nil {
			return err
		}
		q.SquareMetres = squareMetres(found.region)
		if err := tx.InsertRequest(q); errors.Is(err, footage.Conflict) {
			return footage.E(footage.Conflict, "This very text is stored already. Go on with it, or write another.")
		} else if err != nil {
			return err
		}
		out = api.AgencyRequest{ID: id, Status: q.Status, Document: in.Document, Author: p.ID, Created: q.Created}
		return nil
	})
	return out, err
}

// Decide tells what the policies say of a document without storing anything: for the live answer while an officer types.
func (x *Exchange) Decide(ctx context.Context, caller footage.PersonID, in api.DraftRequest) error {
	return x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer)
		if err != nil {
			return err
		}
		agency, err := x.mayAsk(tx, p.Agency)
		if err != nil {
			return err
		}
		_, err = x.decide(tx, agency, in.Document, store.Request{Agency: p.Agency, Author: p.ID, Private: in.Private,
			Code: policy.NormaliseCase(in.Document.Code), CaseKey: x.caseKey(p.Agency, in.Private)}, english)
		return err
	})
}

// allowed is what a decision found of a request that may be made.
type allowed struct {
	region *geo.Region
	policy.Verdict
}

// english is the language of what is said to programs, and kept.
const english = "en"

// decide applies every rule to a document and returns what it found, or one error with all reasons, which the rules give in a
// language.
func (x *Exchange) decide(tx *store.Tx, agency footage.Standing, doc footage.Document, q store.Request, language string) (allowed, error) {
	set, err := x.policies(tx)
	if err != nil {
		return allowed{}, err
	}
	region, reasons := compile(doc.Area)
	reasons = append(reasons, x.checkDocument(agency.Agency, doc, q.Private, set)...)
	places, err := x.jurisdiction(agency.Agency)
	if err != nil {
		return allowed{}, err
	}
	earlier, err := tx.EarlierRequests(q.Agency, q.CaseKey)
	if err != nil {
		return allowed{}, err
	}
	taken, err := tx.CodeTaken(q.Code, q.Agency, q.CaseKey)
	if err != nil {
		return allowed{}, err
	}
	if taken {
		reasons = append(reasons, footage.Reason{Code: "code_taken", Msg: "This investigation code belongs to another investigation. Use a new one."})
	}
	reasons = append(reasons, set.Decide(policy.Input{Document: doc, Private: q.Private, Region: region, Agency: agency.Agency,
		Jurisdiction: places, Now: x.now(), Earlier: earlier, Language: language})...)
	short, err := authorRank(tx, set, q.Author, language)
	if err != nil {
		return allowed{}, err
	}
	reasons = append(reasons, short...)
	verdict, err := x.fishing(tx, set, doc, q, region, language)
	if err != nil {
		return allowed{}, err
	}
	if reasons = append(reasons, verdict.Refused...); len(reasons) > 0 {
		return allowed{}, &footage.Error{Kind: footage.Invalid, Code: "request_refused", Msg: "The request cannot be made as it is.", Reasons: reasons}
	}
	return allowed{region, verdict}, nil
}

// authorRank returns why the author's rank does not suffice. It asks nothing of the database where any rank does.
func authorRank(tx *store.Tx, set policy.Set, author footage.PersonID, language string) ([]footage.Reason, error) {
	if len(set.RankOf(footage.Officer, "", language)) == 0 {
		return nil, nil
	}
	p, err := tx.Person(author)
	return set.RankOf(footage.Officer, p.Rank, language), err
}

// compile returns the area, or the reasons why it is none.
func compile(area footage.Area) (*geo.Region, []footage.Reason) {
	region, err := geo.Compile(area)
	if err == nil {
		return region, nil
	}
	if e, ok := err.(*footage.Error); ok && len(e.Reasons) > 0 {
		return nil, e.Reasons
	}
	return nil, []footage.Reason{{Code: "area", Msg: err.Error()}}
}

// checkDocument checks what is true of every document whatever the policy says: that it is of this agency, made under the
// rules in force, unguessable, and bound to its private part.
func (x *Exchange) checkDocument(a footage.Agency, doc footage.Document, private footage.Private, set policy.Set) []footage.Reason {
	var reasons []footage.Reason
	check := func(ok bool, code, msg string) {
		if !ok {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	nonce, err := decode(doc.Nonce)
	check(doc.Type == footage.DocumentType, "type", "The document's type must be "+footage.DocumentType+".")
	check(err == nil && len(nonce) == 16, "nonce", "The document needs a nonce of 128 random bits.")
	check(doc.Agency == a.ID && doc.AgencyName == a.Name, "agency", "The document must name the agency as the register does: "+string(a.ID)+", "+a.Name+".")
	check(sameRefs(doc.Policies, set.Refs()), "policies_changed", "The rules have changed since this was written. Write it anew under the rules in force.")
	check(commits(doc.Case, private.CaseSalt, private.CaseNumber) && private.CaseNumber != "", "case_commitment", "The document's commitment does not fit the case number.")
	place, err := footage.Canonical(private.Place)
	check(err == nil && commits(doc.Place, private.PlaceSalt, string(place)), "place_commitment", "The document's commitment does not fit the incident point.")
	ok := documentTime(doc.Window.From) && documentTime(doc.Window.To) && documentTime(doc.Closes)
	check(ok, "time_form", "Times must be in UTC with whole seconds.")
	return reasons
}

// documentTime reports whether a time has the form that it must have in what is signed.
func documentTime(t time.Time) bool {
	return t.Equal(t.Truncate(time.Second)) && t.Location() == time.UTC
}

func commits(commitment, salt, value string) bool {
	raw, err := decode(salt)
	return err == nil && len(raw) == 16 && footage.Commit(raw, value) == commitment
}

func sameRefs(a, b []footage.PolicyRef) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// CaseKey returns what stands for a case number in the database: variants of spelling give the same key.
func (k Keys) CaseKey(agency footage.AgencyID, caseNumber string) string {
	return k.mac("case", string(agency), policy.NormaliseCase(caseNumber))
}

func (x *Exchange) caseKey(agency footage.AgencyID, private footage.Private) string {
	return x.keys.CaseKey(agency, private.CaseNumber)
}

// Sign records the author's assertion over a draft.
func (x *Exchange) Sign(ctx context.Context, caller footage.PersonID, id footage.RequestID, a footage.Assertion) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		p, q, err := x.own(tx, caller, id, footage.Officer)
		if err != nil {
			return err
		}
		if q.Author != p.ID {
			return footage.E(footage.Forbidden, "The officer who wrote the request must sign it.")
		}
		a.Agency = ""
		if err := x.highEnough(tx, p, footage.Officer, ""); err != nil {
			return err
		}
		if err := x.verifyAssertion(tx, a, p, footage.Officer, q.Document); err != nil {
			return err
		}
		return stateConflict(tx.SignRequest(id, a), "signed", q.Status)
	})
}

// Approve records a supervisor's assertion over a signed request. The supervisor is never the author.
func (x *Exchange) Approve(ctx context.Context, caller footage.PersonID, id footage.RequestID, a footage.Assertion) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		p, q, err := x.own(tx, caller, id, footage.Supervisor)
		if err != nil {
			return err
		}
		if q.Author == p.ID {
			return footage.E(footage.Forbidden, "Somebody else than the author must approve the request.")
		}
		if !chosen(q, p) {
			return footage.Coded(footage.Forbidden, "approver_other", "The officer has asked another supervisor who is lent to that agency to approve this request.")
		}
		a.Agency = lender(p, q.Agency)
		if err := x.highEnough(tx, p, footage.Supervisor, ""); err != nil {
			return err
		}
		if err := x.verifyAssertion(tx, a, p, footage.Supervisor, q.Document); err != nil {
			return err
		}
		return stateConflict(tx.ApproveRequest(id, a), "approved", q.Status)
	})
}

// own returns the caller and a request of the caller's agency, which may ask.
func (x *Exchange) own(tx *store.Tx, caller footage.PersonID, id footage.RequestID, roles ...footage.Role) (footage.Person, store.Request, error) {
	p, q, err := x.ownAtAll(tx, caller, id, roles...)
	if err == nil {
		_, err = x.mayAsk(tx, p.Agency)
	}
	return p, q, err
}

// ownAtAll is own for what an agency may do that may not ask: ending what it asked for.
func (x *Exchange) ownAtAll(tx *store.Tx, caller footage.PersonID, id footage.RequestID, roles ...footage.Role) (footage.Person, store.Request, error) {
	p, err := x.staff(tx, caller, roles...)
	if err != nil {
		return p, store.Request{}, err
	}
	q, err := tx.Request(id)
	if err != nil || q.Agency != p.Agency && !slices.Equal(roles, []footage.Role{footage.Supervisor}) {
		return p, q, footage.E(footage.NotFound, "Your agency has no such request.")
	}
	return p, q, x.borrowed(tx, p, q.Agency)
}

// verifyAssertion checks a person's assertion over canonical bytes.
func (x *Exchange) verifyAssertion(tx *store.Tx, a footage.Assertion, p footage.Person, role footage.Role, canonical []byte) error {
	if a.Person != p.ID || a.Role != role {
		return footage.E(footage.Untrusted, "The signature names another person or role than the one signed in.")
	}
	return x.accounts.VerifyDocument(tx, a, canonical)
}

func stateConflict(err error, verb string, status footage.RequestStatus) error {
	if footage.KindOf(err) == footage.Conflict {
		return footage.E(footage.Conflict, fmt.Sprintf("The request is %s, so it cannot be %s now.", status, verb))
	}
	return err
}

// squareMetres returns an area as the database holds it.
func squareMetres(region *geo.Region) int64 { return int64(math.Round(region.SquareMetres())) }

func (x *Exchange) recordPublication(tx *store.Tx, q store.Request, assertions []footage.Assertion, linked []footage.RequestID) (index int64, at time.Time, err error) {
	hash, err := ledger.HashJSON(assertions)
	if err != nil {
		return 0, at, err
	}
	return x.recordAt(tx, x.now(), ledger.RequestPublished{Request: q.ID, Agency: q.Agency, Assertions: hash, Linked: linked})
}

// verifyBoth checks the officer's and the supervisor's assertions and that both are still entitled.
func (x *Exchange) verifyBoth(tx *store.Tx, agency footage.AgencyID, assertions []footage.Assertion, canonical []byte) error {
	for i, role := range []footage.Role{footage.Officer, footage.Supervisor} {
		p, err := tx.Person(assertions[i].Person)
		if err != nil && !errors.Is(err, footage.NotFound) {
			return err
		}
		entitled := p.Agency == agency
		if err == nil && role == footage.Supervisor {
			entitled, err = x.mayApproveFor(tx, p, agency)
		}
		if err != nil || p.Disabled || p.Suspended != "" || !p.Has(role) || !entitled {
			return footage.Coded(footage.Conflict, "signer_left", "The "+string(role)+" who signed may not do so any more. Somebody else must write and sign it anew.")
		}
		if err := x.verifyAssertion(tx, assertions[i], p, role, canonical); err != nil {
			return err
		}
	}
	if assertions[0].Person == assertions[1].Person {
		return footage.E(footage.Forbidden, "Two different people must sign.")
	}
	return nil
}

// AgencyRequests returns the requests of the caller's agency in every state.
func (x *Exchange) AgencyRequests(ctx context.Context, caller footage.PersonID) ([]api.AgencyRequest, error) {
	out := []api.AgencyRequest{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		rows, err := tx.AgencyRequests(p.Agency)
		if err != nil {
			return err
		}
		borrowers, err := x.toApprove(tx, p)
		if err != nil {
			return err
		}
		rows = append(rows, borrowers...)
		for _, q := range rows {
			one, err := x.agencyRequest(tx, q)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (x *Exchange) agencyRequest(tx *store.Tx, q store.Request) (api.AgencyRequest, error) {
	out := api.AgencyRequest{ID: q.ID, Status: q.Status, Author: q.Author, Created: q.Created, Approver: q.Approver}
	var err error
	if out.Document, err = documentOf(q); err != nil {
		return out, err
	}
	updates, err := tx.Updates(q.ID)
	if err != nil {
		return out, err
	}
	for _, u := range updates {
		if u.Published.IsZero() {
			out.Pending = append(out.Pending, u.Record)
		} else {
			out.Updates = append(out.Updates, u.Record)
		}
	}
	cases, err := tx.RequestCases(q.ID)
	for _, c := range cases {
		out.Moderation = append(out.Moderation, x.round(c))
	}
	return out, err
}

// documentOf returns a request's text; of a withheld one the agency alone.
func documentOf(q store.Request) (doc footage.Document, err error) {
	if q.Withheld() {
		return footage.Document{Agency: q.Agency}, nil
	}
	return doc, footage.DecodeStrict(q.Document, &doc)
}
