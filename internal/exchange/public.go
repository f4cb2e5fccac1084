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
	if q.Withheld() {
		w, err := tx.Withholding(q.ID)
		if err != nil {
			return p, fmt.Errorf("request %s has no text: %w", q.ID.Short(), err)
		}
		agency, err := tx.Agency(q.Agency)
		if err != nil {
			return p, err
		}
		p.Withheld, p.Record.Document.Agency, p.Record.Document.AgencyName = w.Tombstone(), q.Agency, agency.Agency.Name
	} else if err := json.Unmarshal(q.Document, &p.Record.Document); err != nil { // it was strict when it came in
		return p, fmt.Errorf("request %s in the database: %w", q.ID.Short(), err)
	}
	for _, a := range []*footage.Assertion{q.Officer, q.Supervisor} {
		if a != nil { // a restore may not bring back those of a text that is withheld
			p.Record.Assertions = append(p.Record.Assertions, *a)
		}
	}
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
	f, err := x.file(ctx, id)
	if err == nil && f.request.Withheld != nil {
		err = footage.Coded(footage.Gone, "request_withheld", "The text of this request is withheld.")
	}
	if err != nil {
		return evidence.Bundle{}, err
	}
	return x.bundle(ctx, f)
}

func (x *Exchange) bundle(ctx context.Context, f file) (evidence.Bundle, error) {
	b, err := evidence.NewBundle(ctx, x.tiles, []byte(f.head.Checkpoint), x.info.LogVerifier, f.request.Record, f.request.Updates, f.indexes)
	if err != nil {
		err = fmt.Errorf("bundle request %s: %w", f.request.ID.Short(), err)
	}
	return b, err
}

// ShownRequest returns what the exchange shows of a public request to programs, in canonical JSON: its bundle, or the tombstone
// of one whose text is withheld.
func (x *Exchange) ShownRequest(ctx context.Context, id footage.RequestID) ([]byte, error) {
	f, err := x.file(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.request.Withheld == nil {
		b, err := x.bundle(ctx, f)
		if err != nil {
			return nil, err
		}
		return b.Encode()
	}
	w, err := evidence.NewWithheld(ctx, x.tiles, []byte(f.head.Checkpoint), x.info.LogVerifier, id, f.request.Record.Document.Agency, f.indexes)
	if err != nil {
		return nil, fmt.Errorf("prove the withholding of request %s: %w", id.Short(), err)
	}
	return w.Encode()
}

// file is a public request with the entries that it stands on, as of a head of the record.
type file struct {
	request footage.PublicRequest
	head    store.LogHead
	indexes []int64
}

func (x *Exchange) file(ctx context.Context, id footage.RequestID) (f file, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		q, err := tx.Request(id)
		if errors.Is(err, footage.NotFound) || (err == nil && !q.Status.Public()) {
			return footage.E(footage.NotFound, "There is no such request here. Check the link: it must be whole.")
		}
		if err != nil {
			return err
		}
		if f.head, err = tx.LogHead(); err != nil {
			return err
		}
		if f.request, err = publicRequest(tx, q, f.head.Integrated); err != nil {
			return err
		}
		about := reader{tx: tx, below: f.head.Integrated, known: map[string][]int64{}}
		subjects, err := subjectsOf(tx, f.request)
		if err != nil {
			return err
		}
		f.indexes, err = about.indexes(subjects)
		return err
	})
	switch {
	case err != nil:
	case f.request.LogIndex >= f.head.Integrated:
		err = footage.E(footage.Unavailable, "The request is being written into the public record. Try again in a moment.")
	case f.request.Withheld != nil && f.request.Withheld.LogIndex >= f.head.Integrated:
		err = footage.E(footage.Unavailable, "The request's withholding is being written into the public record. Try again in a moment.")
	}
	return f, err
}

// subjectsOf returns whom and what the entries are about that a request stands on: its agency, those who vouched for it, those
// who signed it or its withholding, its policies, and itself. The exchange's own entry is the first of all.
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
	if p.Withheld != nil {
		w, err := tx.Withholding(p.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range w.Assertions {
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
