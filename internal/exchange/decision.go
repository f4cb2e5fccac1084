package exchange

import (
	"context"
	"errors"
	"math"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

// Judge tells all that the rules say of a document, storing nothing: what would be refused, what a moderator would look at,
// and which published requests it belongs together with, the rules in one language. The error says why nothing can be told.
func (x *Exchange) Judge(ctx context.Context, caller footage.PersonID, in api.DraftRequest, language string) (out api.Decision, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer)
		if err != nil {
			return err
		}
		out, err = x.weigh(tx, in.Document, store.Request{Agency: p.Agency, Author: p.ID, Private: in.Private,
			Code: policy.NormaliseCase(in.Document.Code), CaseKey: x.caseKey(p.Agency, in.Private)}, language)
		return err
	})
	return out, err
}

// Foresee tells the people of an agency what the rules say now of a request that is stored and not public.
func (x *Exchange) Foresee(ctx context.Context, caller footage.PersonID, id footage.RequestID, language string) (out api.Decision, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		_, q, err := x.seen(tx, caller, id)
		if err != nil {
			return err
		}
		var doc footage.Document
		if err := footage.DecodeStrict(q.Document, &doc); err != nil {
			return err
		}
		out, err = x.weigh(tx, doc, q, language)
		return err
	})
	return out, err
}

func (x *Exchange) weigh(tx *store.Tx, doc footage.Document, q store.Request, language string) (api.Decision, error) {
	out := api.Decision{Refused: []footage.Reason{}, Held: []footage.Reason{}, Linked: []footage.RequestID{}}
	agency, err := x.mayAsk(tx, q.Agency)
	if err != nil {
		return out, err
	}
	if region, err := geo.Compile(doc.Area); err == nil {
		out.SquareMiles = math.Round(region.SquareMiles()*1e4) / 1e4
		out.CameraHours = math.Round(region.SquareMiles()*max(0, doc.Window.Duration().Hours())*100) / 100
	}
	found, err := x.decide(tx, agency, doc, q, language)
	var refused *footage.Error
	if errors.As(err, &refused) && len(refused.Reasons) > 0 {
		out.Refused = refused.Reasons
		return out, nil
	}
	out.Held, out.Linked = append(out.Held, found.Held...), append(out.Linked, found.Linked...)
	return out, err
}

// seen returns the caller and a request of the caller's agency, for those who may see it; or one that its officer has signed at
// an agency to which the caller is lent as an approver.
func (x *Exchange) seen(tx *store.Tx, caller footage.PersonID, id footage.RequestID) (footage.Person, store.Request, error) {
	p, err := x.staff(tx, caller, footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin)
	if err != nil {
		return p, store.Request{}, err
	}
	q, err := tx.Request(id)
	lent := p.Has(footage.Supervisor) && q.Status != footage.Draft
	if errors.Is(err, footage.NotFound) || err == nil && q.Agency != p.Agency && !lent {
		return p, q, footage.E(footage.NotFound, "Your agency has no such request.")
	}
	if err != nil {
		return p, q, err
	}
	return p, q, x.borrowed(tx, p, q.Agency)
}

// AgencyRequest returns one request of the caller's agency in whatever state, with its canonical text.
func (x *Exchange) AgencyRequest(ctx context.Context, caller footage.PersonID, id footage.RequestID) (out api.AgencyRequest, canonical []byte, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		_, q, err := x.seen(tx, caller, id)
		if err != nil {
			return err
		}
		canonical = q.Document
		out, err = x.agencyRequest(tx, q)
		return err
	})
	return out, canonical, err
}

// Written returns what the caller wrote for a request, with what is never published, so that they can write it anew. Nobody
// else is told the case number and the place, not even in the caller's agency. Of a withheld text nothing is left.
func (x *Exchange) Written(ctx context.Context, caller footage.PersonID, id footage.RequestID) (out api.DraftRequest, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		_, q, err := x.seen(tx, caller, id)
		if err != nil {
			return err
		}
		if q.Author != caller || q.Withheld() {
			return footage.E(footage.Forbidden, "Only its author can write a request anew from its text, while the text is there. Write a new one.")
		}
		out.Private = q.Private
		out.Document, err = documentOf(q)
		return err
	})
	return out, err
}
