package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
)

// PublicRequests returns the requests that are public, the newest first; with open set, those that take shares.
func (x *Exchange) PublicRequests(ctx context.Context, open bool) ([]footage.PublicRequest, error) {
	return x.readPublic(ctx, func(tx *store.Tx) ([]store.Request, error) { return tx.PublicRequests(open) })
}

// ClosedKept is how many closed requests are at hand: older ones are found by their agency or their address.
const ClosedKept = 200

// RequestsOf returns every public request of an agency, newest first.
func (x *Exchange) RequestsOf(ctx context.Context, id footage.AgencyID) ([]footage.PublicRequest, error) {
	return x.readPublic(ctx, func(tx *store.Tx) ([]store.Request, error) { return tx.PublishedBy(id) })
}

func (x *Exchange) readPublic(ctx context.Context, query func(*store.Tx) ([]store.Request, error)) (out []footage.PublicRequest, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := query(tx)
		if err != nil {
			return err
		}
		out = []footage.PublicRequest{}
		for _, q := range rows {
			p, err := publicRequest(tx, q, math.MaxInt64)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// PublicRequest returns one request that is public.
func (x *Exchange) PublicRequest(ctx context.Context, id footage.RequestID) (p footage.PublicRequest, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		q, err := tx.Request(id)
		if errors.Is(err, footage.NotFound) || (err == nil && !q.Status.Public()) {
			return footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
		}
		if err != nil {
			return err
		}
		p, err = publicRequest(tx, q, math.MaxInt64)
		return err
	})
	return p, err
}

// publicRequest returns a request as anybody may see it, with the updates whose entries stand below a size of the record.
func publicRequest(tx *store.Tx, q store.Request, below int64) (footage.PublicRequest, error) {
	p := footage.PublicRequest{ID: q.ID, Status: q.Status, PublishedAt: q.Published, LogIndex: q.LogIndex, Linked: q.Linked,
		SquareMiles: squareMiles(q.SquareMetres)}
	if err := json.Unmarshal(q.Document, &p.Record.Document); err != nil { // it was strict when it came in
		return p, fmt.Errorf("request %s in the database: %w", q.ID.Short(), err)
	}
	p.Record.Assertions = []footage.Assertion{*q.Officer, *q.Supervisor}
	updates, err := tx.Updates(q.ID)
	for _, u := range updates {
		if !u.Published.IsZero() && u.LogIndex < below {
			p.Updates = append(p.Updates, u.Record)
		}
	}
	return p, err
}

// squareMiles is the area as it is shown and counted everywhere.
func squareMiles(metres int64) float64 { return math.Round(float64(metres)/geo.SquareMile*1e4) / 1e4 }

// Bundle returns a public request with the entries of the record that it stands on and their proofs.
func (x *Exchange) Bundle(ctx context.Context, id footage.RequestID) (evidence.Bundle, error) {
	var p footage.PublicRequest
	var head store.LogHead
	var indexes []int64
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		q, err := tx.Request(id)
		if errors.Is(err, footage.NotFound) || (err == nil && !q.Status.Public()) {
			return footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
		}
		if err != nil {
			return err
		}
		if head, err = tx.LogHead(); err != nil {
			return err
		}
		if p, err = publicRequest(tx, q, head.Integrated); err != nil {
			return err
		}
		about := reader{tx: tx, below: head.Integrated, known: map[string][]int64{}}
		subjects, err := subjectsOf(tx, p)
		if err != nil {
			return err
		}
		indexes, err = about.indexes(subjects)
		return err
	})
	if err != nil {
		return evidence.Bundle{}, err
	}
	if p.LogIndex >= head.Integrated {
		return evidence.Bundle{}, footage.E(footage.Unavailable, "The request is being written into the public record. Try again in a moment.")
	}
	b, err := evidence.NewBundle(ctx, x.objects, []byte(head.Checkpoint), x.info.LogVerifier, p.Record, p.Updates, indexes)
	if err != nil {
		return b, fmt.Errorf("bundle request %s: %w", id.Short(), err)
	}
	return b, nil
}

// subjectsOf returns whom and what the entries are about that a request stands on: its agency, those who vouched for it, those
// who signed, its policies, and itself. The exchange's own entry is the first of all.
func subjectsOf(tx *store.Tx, p footage.PublicRequest) ([]string, error) {
	doc := p.Record.Document
	subjects := []string{string(p.ID), string(doc.Agency), operatorSubject}
	for _, ref := range doc.Policies {
		subjects = append(subjects, ref.Hash)
	}
	for _, a := range p.Record.Assertions {
		subjects = append(subjects, string(a.Person))
	}
	for _, u := range p.Updates {
		for _, a := range u.Assertions {
			subjects = append(subjects, string(a.Person))
		}
	}
	vouched, err := tx.Attestations(doc.Agency)
	if err != nil {
		return nil, err
	}
	for _, v := range vouched {
		subjects = append(subjects, attestorSubject+string(v.Attestor.ID))
	}
	approvers, err := tx.Approvers(doc.Agency)
	for _, who := range approvers {
		subjects = append(subjects, string(who))
	}
	slices.Sort(subjects)
	return slices.Compact(subjects), err
}

// AgencyEpoch returns an agency's present sealing key, or nil when it has none.
func (x *Exchange) AgencyEpoch(ctx context.Context, id footage.AgencyID) (epoch *footage.Epoch, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Epochs(id)
		if err == nil && len(all) > 0 {
			epoch = &all[0].Epoch
		}
		return err
	})
	return epoch, err
}

// Agency returns an agency's standing.
func (x *Exchange) Agency(ctx context.Context, id footage.AgencyID) (s footage.Standing, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = registered(tx, id)
		return err
	})
	return s, err
}
