package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// IdleLimit is how long an account may lie unused before it is disabled (CJIS Security Policy 6.0, AC-2).
const IdleLimit = 90 * 24 * time.Hour

// InvitePerson adds a member of staff and returns the token with which they enrol an authenticator, once. It is the office's
// act, at the machine; [Exchange.InviteStaff] is that of people who are signed in.
func (x *Exchange) InvitePerson(ctx context.Context, agency footage.AgencyID, name string, roles ...footage.Role) (footage.Person, string, error) {
	return x.addPerson(ctx, "", agency, name, roles)
}

// InviteStaff is InvitePerson by somebody who is signed in: an agency's administrator adds people of the agency, an operator
// those of the exchange and administrators of agencies.
func (x *Exchange) InviteStaff(ctx context.Context, caller footage.PersonID, agency footage.AgencyID, name string, roles ...footage.Role) (footage.Person, string, error) {
	return x.addPerson(ctx, caller, agency, name, roles)
}

// addPerson adds a person; the caller is empty for the office.
func (x *Exchange) addPerson(ctx context.Context, caller footage.PersonID, agency footage.AgencyID, name string, roles []footage.Role) (footage.Person, string, error) {
	p := footage.Person{ID: footage.PersonID(footage.NewID(x.random("person", string(agency)+"/"+name), "p")), Agency: agency, Name: strings.TrimSpace(name), Roles: roles}
	if err := checkPerson(p); err != nil {
		return p, "", err
	}
	var token string
	err := x.db.Write(ctx, func(tx *store.Tx) (err error) {
		if caller != "" {
			if _, err := x.mayManage(tx, caller, p); err != nil {
				return err
			}
		}
		if agency != "" {
			if _, err := registered(tx, agency); err != nil {
				return err
			}
		}
		if err := namesake(tx, p); err != nil {
			return err
		}
		if err := tx.InsertPerson(p, x.now()); err != nil {
			return err
		}
		token, err = x.accounts.Invite(tx, p.ID, caller)
		return err
	})
	return p, token, err
}

// namesake refuses a person of an agency who bears the name of one of the exchange's own, or the other way round: nobody
// has roles in both. Two people of one name must be written so that they can be told apart.
func namesake(tx *store.Tx, p footage.Person) error {
	others, err := tx.OtherSide(p.Agency)
	if err != nil {
		return err
	}
	plain := func(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }
	if slices.ContainsFunc(others, func(o footage.Person) bool { return !o.Disabled && plain(o.Name) == plain(p.Name) }) {
		return &footage.Error{Kind: footage.Invalid, Code: "person", Msg: "The person cannot be added.", Reasons: []footage.Reason{{Code: "person_both",
			Msg: "Somebody of this name works for the other side. Nobody has roles both at an agency and at the exchange. If they are two people, write the name so that they can be told apart."}}}
	}
	return nil
}

func checkPerson(p footage.Person) error {
	var reasons []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	add(p.Name == "", "person_name", "The person needs a name. Only this office sees it.")
	add(len(p.Roles) == 0, "person_roles", "The person needs at least one role.")
	for i, role := range p.Roles {
		known := slices.Contains(footage.Roles(), role)
		add(!known, "role_unknown", fmt.Sprintf("There is no role %q. The roles are officer, supervisor, custodian and agency_admin of an agency, and operator, moderator and auditor of the exchange.", role))
		add(known && role.OfExchange() != (p.Agency == ""), "role_body", fmt.Sprintf("The role %s does not go with that body: an agency cannot run the exchange on which it asks, nor the exchange ask.", role))
		add(slices.Contains(p.Roles[:i], role), "role_twice", fmt.Sprintf("The role %s stands twice.", role))
	}
	if len(reasons) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "person", Msg: "The person cannot be added.", Reasons: reasons}
	}
	return nil
}

// mayManage returns the caller if they may add, invite, change or disable the person: an administrator of the same agency;
// an operator for the exchange's own people and for administrators of agencies. Nobody manages themselves.
func (x *Exchange) mayManage(tx *store.Tx, caller footage.PersonID, p footage.Person) (footage.Person, error) {
	c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
	switch {
	case err != nil:
		return c, err
	case c.ID == p.ID:
		return c, footage.Coded(footage.Forbidden, "own_account", "Nobody does this to their own account. Ask another administrator or the operator.")
	case p.Agency != "" && c.Agency == p.Agency && c.Has(footage.AgencyAdmin), c.Has(footage.Operator) && (p.Agency == "" || p.Has(footage.AgencyAdmin)):
		return c, nil
	case c.Has(footage.Operator):
		return c, footage.Coded(footage.Forbidden, "agency_people", "An agency's people are its administrator's to add. The operator adds the exchange's own people and administrators of agencies.")
	}
	return c, noPerson(p.ID) // of another body: whether there is such a person is not the caller's business
}

// noPerson is the answer about a person who is not there, or not the caller's to see.
func noPerson(id footage.PersonID) error {
	return footage.E(footage.NotFound, fmt.Sprintf("There is no person %q. 'porchlight office person list' shows people with their IDs.", id))
}

// managed returns a person whom the caller may manage. An operator may stop or let in anybody of any body.
func (x *Exchange) managed(tx *store.Tx, caller, id footage.PersonID) (footage.Person, error) {
	p, err := known(tx, id)
	if err != nil || caller == "" {
		return p, err
	}
	c, err := x.staff(tx, caller, footage.AgencyAdmin, footage.Operator)
	if err != nil {
		return p, err
	}
	if c.Has(footage.Operator) && c.ID != p.ID {
		return p, nil
	}
	_, err = x.mayManage(tx, caller, p)
	return p, err
}

// InviteAgain returns a new invitation for a person whose authenticator is lost or to be replaced, or who comes back after
// having been disabled. What they enrol with it counts once a second person has confirmed it; until then the old one counts.
// For a stolen one, disable the person.
func (x *Exchange) InviteAgain(ctx context.Context, id footage.PersonID) (token string, err error) {
	return x.inviteAgain(ctx, "", id)
}

// RenewInvitation is InviteAgain by somebody who is signed in.
func (x *Exchange) RenewInvitation(ctx context.Context, caller, id footage.PersonID) (token string, err error) {
	return x.inviteAgain(ctx, caller, id)
}

func (x *Exchange) inviteAgain(ctx context.Context, caller, id footage.PersonID) (token string, err error) {
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.managed(tx, caller, id); err != nil {
			return err
		}
		token, err = x.accounts.Invite(tx, id, caller)
		return err
	})
	return token, err
}

// known returns a person, or an error that names who was looked for.
func known(tx *store.Tx, id footage.PersonID) (footage.Person, error) {
	p, err := tx.Person(id)
	if errors.Is(err, footage.NotFound) {
		return p, noPerson(id)
	}
	return p, err
}

// Enrol turns an invitation into a credential. The first one of a person counts at once, and their public key goes into the
// record; another one waits for [Exchange.ConfirmDevice].
func (x *Exchange) Enrol(ctx context.Context, token string, response []byte) (cred account.Credential, err error) {
	err = x.write(ctx, func(tx *store.Tx) (err error) {
		if cred, err = x.accounts.Enrol(tx, token, response); err != nil {
			return err
		}
		if cred.Pending {
			return x.stopKeys(tx, passkeyOf(cred.Person, cred.ID)) // what waited before was for another device
		}
		return x.recordKey(tx, cred, "")
	})
	return cred, err
}

// recordKey puts the public key that speaks for a person now into the record.
func (x *Exchange) recordKey(tx *store.Tx, cred account.Credential, confirmed footage.PersonID) error {
	p, err := tx.Person(cred.Person)
	if err != nil {
		return err
	}
	_, err = x.record(tx, ledger.PersonEnrolled{Person: p.ID, Agency: p.Agency, Roles: p.Roles, Rank: p.Rank, PublicKey: encode(cred.PublicKey),
		Credential: cred.ID, Software: cred.Software, Confirmed: confirmed})
	return err
}

// ConfirmDevice agrees to a person's new authenticator, which is to count in the place of the old one or let back in a person who
// was disabled. It takes a second person: an administrator of the agency or an operator, who neither is that person nor invited
// them. An empty caller is the office at the machine, which may do so only for what it did not invite to, or where the
// exchange has no operator who could. The authenticator counts after [footage.KeyDelay]; until then the old one does.
func (x *Exchange) ConfirmDevice(ctx context.Context, caller, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, cred, err := x.second(tx, caller, id)
		if err != nil {
			return err
		}
		hash := ledger.PasskeyHash(ledger.PersonEnrolled{PublicKey: encode(cred.PublicKey)})
		k, err := x.askKey(tx, store.KeyChange{Agency: p.Agency, Use: footage.KeyPasskey, Person: id, Subject: cred.ID, Hash: hash, Asked: cred.Inviter}, struct{}{})
		if err != nil {
			return err
		}
		_, err = x.announceKey(tx, k, caller)
		return err
	})
}

// RefuseDevice ends an enrolment that waits for a second person or for its time. Whoever may manage the person may refuse it.
func (x *Exchange) RefuseDevice(ctx context.Context, caller, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := x.managed(tx, caller, id); err != nil {
			return err
		}
		if err := x.accounts.Refuse(tx, id); err != nil {
			return err
		}
		return x.stopKeys(tx, passkeyOf(id, ""))
	})
}

// second checks that the caller is a second person for what waits of a person.
func (x *Exchange) second(tx *store.Tx, caller, id footage.PersonID) (p footage.Person, cred account.Credential, err error) {
	if p, err = x.managed(tx, caller, id); err != nil {
		return p, cred, err
	}
	if cred, err = x.accounts.Waiting(tx, id); err != nil {
		return p, cred, err
	}
	return p, cred, x.secondPerson(tx, caller, cred.Inviter, id, "You invited this person, so somebody else must confirm the new device: another administrator of the agency, or an operator of the exchange.")
}

// secondPerson refuses a caller who is the first person already, with what to do. The office at the machine is refused too,
// unless the exchange has no operator who could.
func (x *Exchange) secondPerson(tx *store.Tx, caller, first, id footage.PersonID, instead string) error {
	if caller != first {
		return nil
	}
	if caller == "" {
		alone, err := x.noOperator(tx, id)
		if err != nil || alone {
			return err
		}
	}
	return footage.Coded(footage.Forbidden, "second_person", instead)
}

// noOperator reports whether nobody but the person could confirm something as an operator.
func (x *Exchange) noOperator(tx *store.Tx, id footage.PersonID) (bool, error) {
	own, err := tx.People("")
	if err != nil {
		return false, err
	}
	for _, p := range own {
		if p.ID == id || p.Disabled || !p.Has(footage.Operator) {
			continue
		}
		devices, err := x.accounts.Devices(tx, p.ID)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(devices, func(c account.Credential) bool { return !c.Pending && !c.Revoked }) {
			return false, nil
		}
	}
	return true, nil
}

// SetRoles changes what a person may do. The record shows the roles that go with the person's key from then on.
func (x *Exchange) SetRoles(ctx context.Context, caller, id footage.PersonID, roles ...footage.Role) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := known(tx, id)
		if err != nil {
			return err
		}
		if _, err := x.mayManage(tx, caller, p); err != nil {
			return err
		}
		p.Roles = roles
		if err := checkPerson(p); err != nil {
			return err
		}
		if _, err := x.mayManage(tx, caller, p); err != nil { // nor may the caller give more than they could
			return err
		}
		if err := tx.SetRoles(id, roles); err != nil {
			return err
		}
		return x.recordAgain(tx, id)
	})
}

// DisablePerson disables a leaver at once: sessions end, keys count no more. It is the office's act, at the machine.
func (x *Exchange) DisablePerson(ctx context.Context, id footage.PersonID) error {
	return x.disableBy(ctx, "", id)
}

// DisableStaff is DisablePerson by somebody who is signed in.
func (x *Exchange) DisableStaff(ctx context.Context, caller, id footage.PersonID) error {
	return x.disableBy(ctx, caller, id)
}

func (x *Exchange) disableBy(ctx context.Context, caller, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.managed(tx, caller, id)
		if err != nil {
			return err
		}
		if p.Disabled {
			return footage.E(footage.Conflict, "This person is disabled already.")
		}
		return x.disable(tx, id)
	})
}

func (x *Exchange) disable(tx *store.Tx, id footage.PersonID) error {
	if err := x.stopKeys(tx, concerns(id)); err != nil {
		return err
	}
	for _, end := range []func(footage.PersonID) error{tx.DisablePerson, func(id footage.PersonID) error { return x.accounts.Revoke(tx, id) }, tx.DisableCustodians} {
		if err := end(id); err != nil {
			return err
		}
	}
	_, err := x.record(tx, ledger.PersonDisabled{Person: id})
	return err
}

// DisableIdle disables those who have not signed in for [IdleLimit] (A9). They come back as leavers do, by a new invitation
// and a second person.
func (x *Exchange) DisableIdle(ctx context.Context) error {
	return x.write(ctx, func(tx *store.Tx) error {
		idle, err := tx.IdlePeople(x.now().Add(-IdleLimit), x.now())
		if err != nil {
			return err
		}
		for _, p := range idle {
			if err := x.disable(tx, p.ID); err != nil {
				return fmt.Errorf("disable %s, who was not here for %v: %w", p.ID, IdleLimit, err)
			}
		}
		return nil
	})
}

// Person returns a member of staff.
func (x *Exchange) Person(ctx context.Context, id footage.PersonID) (p footage.Person, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.Person(id)
		return err
	})
	return p, err
}

// People returns an agency's staff, or the exchange's own for an empty ID. It is for the office at the machine.
func (x *Exchange) People(ctx context.Context, agency footage.AgencyID) (all []footage.Person, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.People(agency)
		return err
	})
	return all, err
}
