package exchange

import (
	"context"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// DeskServed says whether an agency opens clips in pages that the exchange serves, and who wants it to.
type DeskServed struct {
	Since time.Time      // zero: it does not
	Asked footage.Person // who wants it while Since is zero; nobody without an ID
}

// Desk returns whether the caller's agency opens clips in pages that the exchange serves.
func (x *Exchange) Desk(ctx context.Context, caller footage.PersonID) (out DeskServed, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, deskRoles()...)
		if err != nil {
			return err
		}
		d, err := tx.Desk(p.Agency)
		if err != nil {
			return err
		}
		out = DeskServed{Since: d.Since}
		if d.Asked != "" && d.Since.IsZero() {
			out.Asked, err = tx.Person(d.Asked)
		}
		return err
	})
	return out, err
}

// DeskOpen refuses a custodian whose agency does not open clips in pages that the exchange serves.
func (x *Exchange) DeskOpen(ctx context.Context, caller footage.PersonID) error {
	return x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian)
		if err != nil {
			return err
		}
		d, err := tx.Desk(p.Agency)
		if err == nil && d.Since.IsZero() {
			err = footage.Coded(footage.NotFound, "desk_off", "Your agency opens clips with its own program, 'porchlight desk serve'. Pages of the exchange are not turned on.")
		}
		return err
	})
}

// deskRoles may agree that an agency opens clips in pages of the exchange; to ask for it, and to end it, is an administrator's.
func deskRoles() []footage.Role {
	return []footage.Role{footage.AgencyAdmin, footage.Supervisor, footage.Custodian}
}

// AskDesk asks that the exchange serve pages in which the caller's agency opens clips. A second person must agree.
func (x *Exchange) AskDesk(ctx context.Context, caller footage.PersonID) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		d, err := tx.Desk(p.Agency)
		if err != nil {
			return err
		}
		if d.Asked != "" {
			return footage.Coded(footage.Conflict, "desk_asked", "Somebody has asked for these pages already.")
		}
		return tx.SetDesk(p.Agency, store.Desk{Asked: p.ID})
	})
}

// AgreeDesk agrees to what an administrator of the caller's agency has asked for: from now on the pages are served, and the
// public record says so.
func (x *Exchange) AgreeDesk(ctx context.Context, caller footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, deskRoles()...)
		if err != nil {
			return err
		}
		d, err := tx.Desk(p.Agency)
		switch {
		case err != nil:
			return err
		case d.Asked == "" || !d.Since.IsZero():
			return footage.Coded(footage.Conflict, "desk_unasked", "Nobody waits for a second person here.")
		case d.Asked == p.ID:
			return footage.Coded(footage.Forbidden, "desk_second", "You asked for these pages, so somebody else of your agency must agree: an administrator, a supervisor or a custodian.")
		}
		if err := x.administers(tx, d.Asked, p.Agency); err != nil {
			return err
		}
		fact := ledger.AgencyDesk{Agency: p.Agency, Served: true, By: []footage.PersonID{d.Asked, p.ID}}
		_, at, err := x.recordAt(tx, x.now(), fact)
		if err != nil {
			return err
		}
		return tx.SetDesk(p.Agency, deskOf(fact, at))
	})
}

// administers refuses if whoever asked for something is no administrator of the agency any more.
func (x *Exchange) administers(tx *store.Tx, asked footage.PersonID, agency footage.AgencyID) error {
	p, err := x.staff(tx, asked, footage.AgencyAdmin)
	if err != nil || p.Agency != agency {
		return footage.Coded(footage.Conflict, "desk_asker", "Whoever asked for this is no administrator of your agency any more. Take it back and ask anew.")
	}
	return nil
}

// EndDesk ends the pages at once, or takes back what was asked.
func (x *Exchange) EndDesk(ctx context.Context, caller footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		d, err := tx.Desk(p.Agency)
		if err != nil {
			return err
		}
		if d.Asked == "" {
			return footage.Coded(footage.Conflict, "desk_unasked", "These pages are not served, and nobody has asked for them.")
		}
		if err := tx.SetDesk(p.Agency, store.Desk{}); err != nil || d.Since.IsZero() {
			return err
		}
		_, err = x.record(tx, ledger.AgencyDesk{Agency: p.Agency, By: []footage.PersonID{p.ID}})
		return err
	})
}

// deskOf returns what the record's newest word comes to.
func deskOf(f ledger.AgencyDesk, at time.Time) store.Desk {
	if !f.Served {
		return store.Desk{}
	}
	return store.Desk{Asked: f.By[0], Agreed: f.By[1], Since: at}
}
