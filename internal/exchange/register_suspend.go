package exchange

import (
	"context"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// The ladder: a person is stopped, then an agency. Both at once, both in public with the reason, and neither closes anything:
// what is open is paused, and what is owed to residents can still be done by others, or by the agency itself.

// SuspendAgency stops an agency at once; the reason is public. Its open requests take no more shares,
// and what is under way to it is erased.
func (x *Exchange) SuspendAgency(ctx context.Context, id footage.AgencyID, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	return x.setSuspended(ctx, id, true, reason, ledger.AgencySuspended{Agency: id, Reason: footage.Hash([]byte(reason))})
}

// RestoreAgency ends a suspension.
func (x *Exchange) RestoreAgency(ctx context.Context, id footage.AgencyID) error {
	return x.setSuspended(ctx, id, false, "", ledger.AgencyRestored{Agency: id})
}

func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return footage.E(footage.Invalid, "A suspension needs a reason, which the register shows.")
	}
	return nil
}

func (x *Exchange) setSuspended(ctx context.Context, id footage.AgencyID, suspended bool, reason string, fact ledger.Fact) error {
	return x.write(ctx, func(tx *store.Tx) error {
		s, err := registered(tx, id)
		if err != nil {
			return err
		}
		if s.Suspended == suspended {
			return footage.E(footage.Conflict, string(id)+map[bool]string{true: " is suspended already: " + s.Reason, false: " is not suspended."}[suspended])
		}
		if err := tx.SetSuspended(id, suspended, reason); err != nil {
			return err
		}
		if suspended {
			if err := tx.EndBegunOf(id, x.now()); err != nil {
				return err
			}
		}
		_, err = x.record(tx, fact)
		return err
	})
}

// SuspendPerson stops a member of staff at once; the reason is public, the name is not. Open requests that bear their
// signature take no more shares. It is for what must be looked into; who leaves is disabled.
func (x *Exchange) SuspendPerson(ctx context.Context, id footage.PersonID, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := known(tx, id)
		if err != nil {
			return err
		}
		switch {
		case p.Disabled:
			return footage.E(footage.Conflict, "This person is disabled, which is for good.")
		case p.Suspended != "":
			return footage.E(footage.Conflict, "This person is suspended already: "+p.Suspended)
		}
		if err := tx.SuspendPerson(id, reason); err != nil {
			return err
		}
		_, err = x.record(tx, ledger.PersonSuspended{Person: id, Agency: p.Agency, Reason: footage.Hash([]byte(reason))})
		return err
	})
}

// RestorePerson ends a suspension.
func (x *Exchange) RestorePerson(ctx context.Context, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := known(tx, id)
		if err != nil {
			return err
		}
		if p.Suspended == "" {
			return footage.E(footage.Conflict, "This person is not suspended.")
		}
		if err := tx.SuspendPerson(id, ""); err != nil {
			return err
		}
		_, err = x.record(tx, ledger.PersonRestored{Person: id})
		return err
	})
}

// signersMayAct reports whether nobody who signed a request is suspended. It asks the same of the database for a request that
// is not there.
func signersMayAct(tx *store.Tx, q store.Request) (bool, error) {
	var ids []footage.PersonID
	for _, a := range []*footage.Assertion{q.Officer, q.Supervisor} {
		if a != nil {
			ids = append(ids, a.Person)
		}
	}
	stopped, err := tx.Suspended(ids...)
	return stopped == "", err
}
