package exchange

import (
	"context"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// SetRank swears a person of an agency in to a rank. The agency's administrator does it; a lower rank, or none, counts at once,
// a higher one when a second person has confirmed it. An empty caller is the office at the machine.
func (x *Exchange) SetRank(ctx context.Context, caller, id footage.PersonID, rank footage.Rank) error {
	if rank != "" && !rank.Known() {
		return footage.Coded(footage.Invalid, "rank_unknown", "There is no such rank. The ranks are officer, sergeant, lieutenant, captain and chief; other services take the nearest.")
	}
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := known(tx, id)
		if err == nil && caller != "" {
			_, err = x.mayManage(tx, caller, p)
		}
		switch {
		case err != nil:
			return err
		case p.Agency == "":
			return footage.Coded(footage.Invalid, "rank_body", "Ranks are for people of agencies: only they sign and approve requests.")
		case p.Disabled:
			return footage.E(footage.Conflict, "This person is disabled.")
		case rank == p.Rank && p.Proposed == "":
			return footage.E(footage.Conflict, "The person has this rank already.")
		case rank.Above(p.Rank):
			return tx.ProposeRank(id, rank, caller)
		}
		return x.giveRank(tx, p, rank)
	})
}

// ConfirmRank lets a rank count that was proposed. It takes a second person, as a new device does: an administrator of the agency
// or an operator, who neither is that person nor proposed it; the office at the machine only where nobody else could.
func (x *Exchange) ConfirmRank(ctx context.Context, caller, id footage.PersonID) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, err := x.managed(tx, caller, id)
		if err != nil {
			return err
		}
		if p.Proposed == "" {
			return footage.E(footage.Conflict, "No rank waits for a second person.")
		}
		if err := x.secondPerson(tx, caller, p.ProposedBy, id, "You proposed this rank, so somebody else must confirm it: another administrator of the agency, or an operator of the exchange."); err != nil {
			return err
		}
		return x.giveRank(tx, p, p.Proposed)
	})
}

// RefuseRank ends the proposal of a rank. Whoever may manage the person may refuse it.
func (x *Exchange) RefuseRank(ctx context.Context, caller, id footage.PersonID) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.managed(tx, caller, id); err != nil {
			return err
		}
		return tx.ProposeRank(id, "", "")
	})
}

// giveRank writes a rank into the register and, with the person's key, into the record.
func (x *Exchange) giveRank(tx *store.Tx, p footage.Person, rank footage.Rank) error {
	if err := tx.SetRank(p.ID, rank); err != nil || rank == p.Rank {
		return err
	}
	return x.recordAgain(tx, p.ID)
}

// recordAgain puts the key that speaks for a person into the record once more, since what goes with it has changed. Somebody who
// has none yet is recorded when they enrol.
func (x *Exchange) recordAgain(tx *store.Tx, id footage.PersonID) error {
	devices, err := x.accounts.Devices(tx, id)
	if err != nil {
		return err
	}
	for _, c := range devices {
		if !c.Revoked && !c.Pending {
			return x.recordKey(tx, c, "")
		}
	}
	return nil
}

// highEnough refuses a person whose rank does not reach what the policies in force ask of a role.
func (x *Exchange) highEnough(tx *store.Tx, p footage.Person, role footage.Role, language string) error {
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	if short := set.RankOf(role, p.Rank, language); len(short) > 0 {
		return &footage.Error{Kind: footage.Forbidden, Code: "rank_low", Reasons: short,
			Msg: "The policies in force ask for a higher rank. An administrator of the agency swears people in to a rank."}
	}
	return nil
}
