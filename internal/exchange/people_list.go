package exchange

import (
	"context"
	"slices"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Member is a person as those see them who manage people.
type Member struct {
	footage.Person
	Seen    time.Time           // the day of the last sign-in; zero: never known
	Invited bool                // an invitation waits to be used
	Device  *account.Credential // what counts now; nil: nothing
	Waiting *account.Credential // what a second person has to confirm, or what waits for its time; nil: nothing
	Counts  time.Time           // from when what waits counts; zero: a second person has not confirmed it
}

// Staff returns the people whom the caller manages: those of an administrator's agency, or for an operator the exchange's
// own or those of the agency named.
func (x *Exchange) Staff(ctx context.Context, caller footage.PersonID, agency footage.AgencyID) (all []Member, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
		if err != nil {
			return err
		}
		if c.Agency != "" && agency != c.Agency {
			return footage.E(footage.NotFound, "You see the people of your own agency.")
		}
		people, err := tx.People(agency)
		if err != nil {
			return err
		}
		all, err = x.members(tx, people)
		return err
	})
	return all, err
}

// Member returns one person whom the caller manages.
func (x *Exchange) Member(ctx context.Context, caller, id footage.PersonID) (m Member, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.Person(id)
		if err != nil {
			return noPerson(id)
		}
		c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
		if err != nil {
			return err
		}
		if c.Agency != "" && c.Agency != p.Agency {
			return noPerson(id)
		}
		all, err := x.members(tx, []footage.Person{p})
		if err == nil {
			m = all[0]
		}
		return err
	})
	return m, err
}

func (x *Exchange) members(tx *store.Tx, people []footage.Person) (all []Member, err error) {
	for _, p := range people {
		m := Member{Person: p}
		if m.Seen, err = tx.PersonSeen(p.ID); err != nil {
			return nil, err
		}
		if m.Invited, err = tx.Invited(p.ID, x.now()); err != nil {
			return nil, err
		}
		devices, err := x.accounts.Devices(tx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range devices {
			switch {
			case c.Pending:
				m.Waiting = &c
			case !c.Revoked:
				m.Device = &c
			}
		}
		if m.Waiting != nil {
			if m.Counts, err = passkeyCounts(tx, m.Waiting.ID); err != nil {
				return nil, err
			}
		}
		all = append(all, m)
	}
	return all, nil
}

// passkeyCounts returns from when an authenticator is to count, or the zero time.
func passkeyCounts(tx *store.Tx, credential string) (time.Time, error) {
	changes, err := tx.KeyChanges()
	for _, k := range changes {
		if k.Use == footage.KeyPasskey && k.Subject == credential {
			return k.Counts, nil
		}
	}
	return time.Time{}, err
}

// DevicesToConfirm returns the people with a new device that the caller could confirm as a second person.
func (x *Exchange) DevicesToConfirm(ctx context.Context, caller footage.PersonID) (all []Member, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
		if err != nil {
			return err
		}
		rows, err := tx.PendingCredentials()
		if err != nil {
			return err
		}
		var people []footage.Person
		for _, r := range rows {
			p, err := tx.Person(r.Person)
			if err != nil {
				return err
			}
			if p.ID != c.ID && r.Inviter != c.ID && (c.Has(footage.Operator) || c.Agency == p.Agency) {
				people = append(people, p)
			}
		}
		all, err = x.members(tx, people)
		all = slices.DeleteFunc(all, func(m Member) bool { return !m.Counts.IsZero() })
		return err
	})
	return all, err
}

// RanksToConfirm returns the people with a rank that the caller could confirm as a second person.
func (x *Exchange) RanksToConfirm(ctx context.Context, caller footage.PersonID) (all []Member, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
		if err != nil {
			return err
		}
		people, err := tx.ProposedRanks()
		if err != nil {
			return err
		}
		people = slices.DeleteFunc(people, func(p footage.Person) bool {
			return p.ID == c.ID || p.ProposedBy == c.ID || !c.Has(footage.Operator) && c.Agency != p.Agency
		})
		all, err = x.members(tx, people)
		return err
	})
	return all, err
}

// Devices returns the caller's own authenticators, the newest first.
func (x *Exchange) Devices(ctx context.Context, caller footage.PersonID) (all []account.Credential, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = x.accounts.Devices(tx, caller)
		return err
	})
	slices.Reverse(all)
	return all, err
}
