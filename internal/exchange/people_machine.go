package exchange

import (
	"context"
	"errors"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// scopeRoles is which role a person must have to give a program a scope: nobody gives away what they may not do.
func scopeRoles() map[account.Scope]footage.Role {
	return map[account.Scope]footage.Role{account.ScopeRequests: footage.Officer, account.ScopeShares: footage.Custodian, account.ScopeKeys: footage.Custodian}
}

// ScopesOf returns what a person could let a program do.
func ScopesOf(p footage.Person) (scopes []account.Scope) {
	for _, s := range account.Scopes() {
		if p.Has(scopeRoles()[s]) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// MakeMachine makes a credential with which a program acts in the caller's name. The token is returned this once.
func (x *Exchange) MakeMachine(ctx context.Context, caller footage.PersonID, name string, scopes []account.Scope, life time.Duration) (m account.Machine, token string, err error) {
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer, footage.Custodian)
		if err != nil {
			return err
		}
		if _, err := x.mayAsk(tx, p.Agency); err != nil {
			return err
		}
		for _, s := range scopes {
			if role, known := scopeRoles()[s]; known && !p.Has(role) {
				return &footage.Error{Kind: footage.Invalid, Code: "machine", Msg: "The credential cannot be made.", Reasons: []footage.Reason{{Code: "machine_scopes",
					Msg: "You cannot let a program do what you may not do yourself: this needs the role " + string(role) + "."}}}
			}
		}
		id := footage.NewID(x.random("machine", string(caller)+"/"+name), "m")
		m, token, err = x.accounts.MakeMachine(tx, id, caller, name, scopes, life)
		return err
	})
	return m, token, err
}

// OwnedMachine is a program's credential with the person in whose name it acts.
type OwnedMachine struct {
	account.Machine
	Owner footage.Person
}

// Machines returns the credentials of the caller's programs, and for an administrator those of the whole agency.
func (x *Exchange) Machines(ctx context.Context, caller footage.PersonID) (all []OwnedMachine, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer, footage.Custodian, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		people := []footage.Person{p}
		if p.Has(footage.AgencyAdmin) {
			if people, err = tx.People(p.Agency); err != nil {
				return err
			}
		}
		all = nil
		for _, owner := range people {
			some, err := x.accounts.Machines(tx, owner.ID)
			if err != nil {
				return err
			}
			for _, m := range some {
				all = append(all, OwnedMachine{m, owner})
			}
		}
		return nil
	})
	return all, err
}

// RevokeMachine ends a program's credential at once, by the person in whose name it acts or an administrator of the agency.
func (x *Exchange) RevokeMachine(ctx context.Context, caller footage.PersonID, id string) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Officer, footage.Custodian, footage.AgencyAdmin)
		if err != nil {
			return err
		}
		m, err := tx.Machine(id)
		if err != nil && !errors.Is(err, footage.NotFound) {
			return err
		}
		owner := p
		if err == nil && m.Person != p.ID {
			owner, err = tx.Person(m.Person)
		}
		if err != nil || owner.ID != p.ID && (owner.Agency != p.Agency || !p.Has(footage.AgencyAdmin)) {
			return footage.E(footage.NotFound, "There is no such credential of yours.")
		}
		if err := tx.RevokeMachine(id); !errors.Is(err, footage.Conflict) { // one that has ended is no error
			return err
		}
		return nil
	})
}
