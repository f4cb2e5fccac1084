package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

func readPolicies(tx *store.Tx, now time.Time) (policy.Set, error) {
	rows, err := tx.Policies(now)
	if err != nil {
		return policy.Set{}, err
	}
	return joinPolicies(rows)
}

func joinPolicies(rows []store.Policy) (policy.Set, error) {
	var all []*policy.Policy
	for _, row := range rows {
		p, err := policy.Parse(row.Body)
		if err != nil {
			return policy.Set{}, fmt.Errorf("policy %s in the database: %w", row.Name, err)
		}
		all = append(all, p)
	}
	return policy.NewSet(all...)
}

// Policies returns the rules in force now.
func (x *Exchange) Policies(ctx context.Context) (set policy.Set, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		set, err = x.policies(tx)
		return err
	})
	return set, err
}

// farthest is how long ahead a policy may be adopted.
const farthest = 366 * 24 * time.Hour

// AdoptPolicy puts a policy file in force at once and ends the one of the same name: the way of who has the exchange's
// machine. A file that would leave the exchange, then or later, without rules that can be applied together is refused.
func (x *Exchange) AdoptPolicy(ctx context.Context, raw []byte) error {
	return x.adopting(ctx, raw, func(tx *store.Tx) error { return x.adopt(tx, raw, nil) })
}

// AdoptPolicyFrom does the same from a time on, which is not over.
func (x *Exchange) AdoptPolicyFrom(ctx context.Context, raw []byte, from time.Time) error {
	return x.adopting(ctx, raw, func(tx *store.Tx) error { return x.adopt(tx, raw, &from) })
}

// adopting makes a file public and then does what names it in the record.
func (x *Exchange) adopting(ctx context.Context, raw []byte, do func(*store.Tx) error) error {
	if err := x.showPolicy(ctx, raw); err != nil {
		return err
	}
	return x.write(ctx, do)
}

// showPolicy makes a policy's file public under its hash, before any entry names it: whoever checks a request needs the rules
// of its day.
func (x *Exchange) showPolicy(ctx context.Context, raw []byte) error {
	p, err := policy.Parse(raw)
	if err != nil {
		return err
	}
	canonical, err := footage.Canonicalize(raw)
	if err != nil {
		return err
	}
	if err := x.bucket.PutNew(ctx, ledger.PolicyKey(p.Ref().Hash), canonical); err != nil && !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("publish the policy: %w", err)
	}
	return nil
}

// AdoptSigned does the same by the operator's signature, which goes into the record with it.
func (x *Exchange) AdoptSigned(ctx context.Context, caller footage.PersonID, in api.AdoptPolicy) error {
	canonical, err := in.Adoption.Canonical()
	if err != nil {
		return err
	}
	file := []byte(in.File)
	operator := func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Operator)
		if err != nil {
			return err
		}
		if err := x.checkAdoption(in); err != nil {
			return err
		}
		return x.verifyAssertion(tx, in.Assertion, p, footage.Operator, canonical)
	}
	if err := x.db.Read(ctx, operator); err != nil {
		return err // before anything is shown
	}
	return x.adopting(ctx, file, func(tx *store.Tx) error {
		if err := operator(tx); err != nil {
			return err
		}
		return x.adoptAs(tx, file, ledger.PolicyAdopted{Adoption: &in.Adoption, Assertion: &in.Assertion}, in.Adoption.InForce)
	})
}

// checkAdoption compares what was signed with the file, this exchange and the clock.
func (x *Exchange) checkAdoption(in api.AdoptPolicy) error {
	p, err := policy.Parse([]byte(in.File))
	if err != nil {
		return err
	}
	a := in.Adoption
	if a.Type != footage.AdoptionType || a.Exchange != x.info.Origin || a.Name != p.Ref().Name || a.SHA256 != p.Ref().Hash ||
		!documentTime(a.Signed) || a.InForce != nil && !documentTime(*a.InForce) {
		return footage.Coded(footage.Invalid, "adoption", "What was signed does not fit this file or this exchange. Look at it again and sign anew.")
	}
	if a.Signed.Sub(x.now()).Abs() > clockSkew {
		return clockError(a.Signed, x.now())
	}
	return nil
}

// adopt puts a policy in force without a signature: at once when no time is given.
func (x *Exchange) adopt(tx *store.Tx, raw []byte, from *time.Time) error {
	return x.adoptAs(tx, raw, ledger.PolicyAdopted{}, from)
}

func (x *Exchange) adoptAs(tx *store.Tx, raw []byte, fact ledger.PolicyAdopted, from *time.Time) error {
	p, err := policy.Parse(raw)
	if err != nil {
		return err
	}
	ref, now := p.Ref(), x.now()
	fact.Name, fact.SHA256, fact.InForce = ref.Name, ref.Hash, now
	if from != nil {
		fact.InForce = from.UTC()
	}
	if fact.InForce.Before(now) {
		return footage.Coded(footage.Invalid, "policy_backdated", "A policy cannot be in force from a time that is over: what was decided then stays decided. Leave the time out, or choose a later one.")
	}
	if fact.InForce.After(now.Add(farthest)) {
		return footage.Coded(footage.Invalid, "policy_far", "A policy can be adopted at most a year ahead.")
	}
	then, err := tx.Policies(fact.InForce)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(then, func(row store.Policy) bool { return row.Hash == ref.Hash && row.Ended.IsZero() }) {
		return footage.E(footage.Conflict, "This policy is in force already.")
	}
	_, stamped, err := x.recordAt(tx, now, fact)
	if err != nil {
		return err
	}
	if err := tx.InsertPolicy(store.Policy{Hash: ref.Hash, Name: ref.Name, Body: raw, Adopted: stamped, InForce: fact.InForce}); err != nil {
		return err
	}
	if x.info.Name == "" {
		return nil // Create adopts several and looks at them together
	}
	return x.keepable(tx, fact.InForce)
}

// keepable refuses what would leave the exchange without rules that can be applied together, at a time or at any change that
// is to come.
func (x *Exchange) keepable(tx *store.Tx, at time.Time) error {
	rows, err := tx.AllPolicies()
	if err != nil {
		return err
	}
	times := []time.Time{at}
	for _, row := range rows {
		for _, t := range []time.Time{row.InForce, row.Ended} {
			if t.After(at) {
				times = append(times, t)
			}
		}
	}
	for _, t := range times {
		var then []store.Policy
		for _, row := range rows {
			if !row.InForce.After(t) && (row.Ended.IsZero() || row.Ended.After(t)) {
				then = append(then, row)
			}
		}
		if _, err := joinPolicies(then); err != nil {
			return err
		}
	}
	return nil
}

// TryPolicy returns the rules that would be in force if a policy file were adopted, or why it cannot be.
func (x *Exchange) TryPolicy(ctx context.Context, raw []byte) (set policy.Set, err error) {
	p, err := policy.Parse(raw)
	if err != nil {
		return set, err
	}
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Policies(x.now())
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(row store.Policy) bool { return row.Name == p.Ref().Name })
		set, err = joinPolicies(append(rows, store.Policy{Name: p.Ref().Name, Body: raw}))
		return err
	})
	return set, err
}

// AdoptedPolicies returns every policy that was ever adopted, and when each was in force.
func (x *Exchange) AdoptedPolicies(ctx context.Context) ([]api.AdoptedPolicy, error) {
	out := []api.AdoptedPolicy{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.AllPolicies()
		for _, row := range rows {
			one := api.AdoptedPolicy{Name: row.Name, SHA256: row.Hash, Adopted: row.Adopted, InForce: row.InForce}
			if !row.Ended.IsZero() {
				one.Ended = &row.Ended
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}

// PolicyInForce returns the policy of a name that is in force now, or nil.
func (x *Exchange) PolicyInForce(ctx context.Context, name string) (p *policy.Policy, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Policies(x.now())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rows, func(row store.Policy) bool { return row.Name == name })
		if i < 0 {
			return nil
		}
		p, err = policy.Parse(rows[i].Body)
		return err
	})
	return p, err
}
