package exchange

import (
	"context"
	"errors"
	"math"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
)

// alikeCases is how many earlier decisions about the same offence a moderator sees.
const alikeCases = 10

// Cases returns the moderators' queue: the urgent lane first, then the longest waiting.
func (x *Exchange) Cases(ctx context.Context, caller footage.PersonID) ([]api.CaseItem, error) {
	out := []api.CaseItem{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		all, err := tx.WaitingCases()
		if err != nil {
			return err
		}
		for _, c := range all {
			_, _, item, err := caseItem(tx, c)
			if err != nil {
				return err
			}
			out = append(out, item)
		}
		return nil
	})
	return out, err
}

func caseItem(tx *store.Tx, c store.Case) (q store.Request, doc footage.Document, item api.CaseItem, err error) {
	if q, err = tx.Request(c.Request); err != nil {
		return q, doc, item, err
	}
	if doc, err = documentOf(q); err != nil {
		return q, doc, item, err
	}
	return q, doc, api.CaseItem{Case: c.Subject, Request: c.Request, Agency: c.Agency, AgencyName: doc.AgencyName, Title: doc.Title,
		Offence: c.Offence, Submitted: c.Submitted, Urgent: c.Urgent, Addition: c.Addition(), Appeal: c.Round > 1,
		Cleared: len(c.Agreed), Needs: c.Needs, Findings: len(c.Findings)}, nil
}

// Case returns what a moderator needs to decide one case.
func (x *Exchange) Case(ctx context.Context, caller footage.PersonID, subject string) (out api.Case, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Moderator, footage.Auditor); err != nil {
			return err
		}
		rounds, err := tx.Rounds(subject)
		if err != nil {
			return err
		}
		if len(rounds) == 0 {
			return footage.E(footage.NotFound, "The moderators have no such case.")
		}
		out, err = x.caseFile(tx, rounds)
		return err
	})
	return out, err
}

// caseFile puts together what is known of the newest of the rounds about one subject.
func (x *Exchange) caseFile(tx *store.Tx, rounds []store.Case) (out api.Case, err error) {
	c := rounds[len(rounds)-1]
	q, doc, item, err := caseItem(tx, c)
	if err != nil {
		return out, err
	}
	hours := doc.Window.To.Sub(doc.Window.From).Hours()
	miles := float64(q.SquareMetres) / geo.SquareMile
	out = api.Case{CaseItem: item, Document: doc, AppealWords: c.Appeal, Outcome: c.Outcome, Check: nonNil(c.Findings),
		Obstacles: []footage.Reason{}, Linked: []footage.RequestID{}, SquareMiles: round4(miles), CameraHours: round4(miles * hours), Rounds: []api.Round{}}
	if c.Outcome == "" {
		found, _, err := x.ready(tx, c, q)
		out.Check, out.Linked = append(out.Check, found.Held...), nonNil(found.Linked)
		if err != nil {
			if out.Obstacles, err = reasonsOf(err); err != nil {
				return out, err
			}
		}
	}
	for _, r := range rounds {
		if r.Outcome != "" {
			out.Rounds = append(out.Rounds, x.round(r))
		}
	}
	if err := additions(tx, c, &out); err != nil {
		return out, err
	}
	out.Alike, err = precedents(tx, c)
	return out, err
}

// additions adds what was added to a request, and what is to be.
func additions(tx *store.Tx, c store.Case, out *api.Case) error {
	updates, err := tx.Updates(c.Request)
	if err != nil {
		return err
	}
	for _, u := range updates {
		switch {
		case u.Hash == c.Subject:
			out.Update = &u.Record.Update
		case !u.Published.IsZero():
			out.Before = append(out.Before, u.Record)
		}
	}
	return nil
}

// reasonsOf returns why something cannot be published, or the error if it is not of that sort.
func reasonsOf(err error) ([]footage.Reason, error) {
	var own *footage.Error
	if !errors.As(obstacle(err), &own) {
		return nil, err
	}
	return own.Reasons, nil
}

func precedents(tx *store.Tx, c store.Case) ([]api.Precedent, error) {
	out := []api.Precedent{}
	all, err := tx.AlikeCases(c.Offence, alikeCases)
	if err != nil {
		return nil, err
	}
	for _, old := range all {
		p := api.Precedent{Agency: old.Agency, Outcome: old.Outcome, Reason: old.Reason, Decided: old.Decided}
		if old.Outcome == footage.OutcomeCleared {
			p.Request = old.Request
		}
		out = append(out, p)
	}
	return out, nil
}

// round returns one round as the agency sees it.
func (x *Exchange) round(c store.Case) api.Round {
	return api.Round{Case: c.Subject, Round: c.Round, Submitted: c.Submitted, Urgent: c.Urgent, Appeal: c.Appeal, Outcome: c.Outcome,
		Reason: c.Reason, Words: c.Words, Decided: c.Decided, Salt: encode(x.keys.caseSalt(c.Subject, c.Round)), Commitment: x.keys.CaseCommitment(c.Subject, c.Round)}
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func round4(v float64) float64 { return math.Round(v*1e4) / 1e4 }
