package exchange

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// NameOperator says which body runs the exchange. It may be neither an agency's nor an attestor's (decision 20). Approvals
// that another body gave count no more.
func (x *Exchange) NameOperator(ctx context.Context, b footage.Body) error {
	if !b.ID.Valid() || !policy.Plain(b.Name, false) || strings.TrimSpace(b.Name) == "" {
		return footage.E(footage.Invalid, "The body needs an ID of 2 to 63 of a-z, 0-9 and hyphen, and a name.")
	}
	return x.write(ctx, func(tx *store.Tx) error {
		agencies, err := tx.Agencies()
		if err != nil {
			return err
		}
		for _, s := range agencies {
			if s.Agency.Body.Same(b.ID) {
				return sameBody(fmt.Sprintf("The agency %s is of the body %s. An agency cannot run the exchange on which it asks.", s.Agency.ID, b.ID))
			}
		}
		attestors, err := tx.Attestors()
		if err != nil {
			return err
		}
		for _, a := range attestors {
			if a.Body.Same(b.ID) && a.Withdrawn.IsZero() {
				return sameBody(fmt.Sprintf("The attestor %s is of the body %s. One body cannot give both verifications.", a.ID, b.ID))
			}
		}
		if _, err := x.record(tx, ledger.OperatorNamed{Body: b}); err != nil {
			return err
		}
		if err := tx.SetOperator(b); err != nil {
			return err
		}
		for _, s := range agencies {
			if err := x.look(tx, s.Agency.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func sameBody(msg string) error { return footage.Coded(footage.Conflict, "same_body", msg) }

// Operator returns the body that runs the exchange; the zero value when none is named yet.
func (x *Exchange) Operator(ctx context.Context) (b footage.Body, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		b, err = tx.Operator()
		return err
	})
	return b, err
}

// RegisterAttestor adds a body whose word about agencies is taken. Its key must be its own.
func (x *Exchange) RegisterAttestor(ctx context.Context, a footage.Attestor) error {
	if err := x.checkAttestor(a); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		operator, err := tx.Operator()
		if err != nil {
			return err
		}
		if a.Body.Same(operator.ID) {
			return sameBody("The attestor is of the body that runs this exchange. One body cannot give both verifications.")
		}
		others, err := tx.Attestors()
		if err != nil {
			return err
		}
		for _, other := range others {
			switch {
			case other.ID == a.ID:
				return footage.Coded(footage.Conflict, "attestor_exists", "There is or was an attestor "+string(a.ID)+" already. Choose another ID.")
			case other.Key == a.Key:
				return footage.Coded(footage.Conflict, "attestor_key", "The attestor "+string(other.ID)+" has this key already. Each needs a key of its own.")
			case other.Body.Same(a.Body) && other.Withdrawn.IsZero():
				return sameBody("The body " + string(a.Body) + " vouches already, as " + string(other.ID) + ". One body has one word.")
			}
		}
		_, at, err := x.recordAt(tx, x.now(), ledger.AttestorRegistered{Attestor: a})
		if err != nil {
			return err
		}
		return tx.InsertAttestor(a, at)
	})
}

func (x *Exchange) checkAttestor(a footage.Attestor) error {
	var r []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			r = append(r, footage.Reason{Code: code, Msg: msg})
		}
	}
	add(!a.ID.Valid(), "attestor_id", "The register ID must have 2 to 63 of a-z, 0-9 and hyphen.")
	add(!policy.Plain(a.Name, false) || strings.TrimSpace(a.Name) == "", "attestor_name", "The attestor needs a name.")
	add(!a.Body.Valid(), "attestor_body", "The attestor needs the ID of the legal body that it is.")
	add(a.Kind != footage.Independent && a.Kind != footage.Partner, "attestor_kind", "An attestor is independent or a partner.")
	key := a.PublicKey()
	add(key == nil, "attestor_key", "The key must be an Ed25519 public key, 32 bytes as base64url. 'porchlight attest key show' prints it.")
	own := x.keys.receiptKey().Public().(ed25519.PublicKey)
	add(key != nil && own.Equal(key), "attestor_key", "This is the exchange's own key.")
	if len(r) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "attestor", Msg: "The attestor cannot be registered.", Reasons: r}
	}
	return nil
}

// WithdrawAttestor ends an attestor's standing for good. What rests on its word alone is paused at once.
func (x *Exchange) WithdrawAttestor(ctx context.Context, id footage.AttestorID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return footage.E(footage.Invalid, "The withdrawal needs a reason, which the register shows.")
	}
	return x.write(ctx, func(tx *store.Tx) error {
		a, err := attestor(tx, id)
		if err != nil {
			return err
		}
		if !a.Withdrawn.IsZero() {
			return footage.E(footage.Conflict, "The attestor "+string(id)+" was withdrawn already.")
		}
		_, at, err := x.recordAt(tx, x.now(), ledger.AttestorWithdrawn{Attestor: id, Reason: footage.Hash([]byte(reason))})
		if err != nil {
			return err
		}
		if err := tx.WithdrawAttestor(id, at, reason); err != nil {
			return err
		}
		return x.lookAtThoseOf(tx, id)
	})
}

func (x *Exchange) lookAtThoseOf(tx *store.Tx, id footage.AttestorID) error {
	agencies, err := tx.AgenciesVouchedBy(id)
	if err != nil {
		return err
	}
	for _, agency := range agencies {
		if err := x.look(tx, agency); err != nil {
			return err
		}
	}
	return nil
}

// attestor returns an attestor, or an error that names what was looked for.
func attestor(tx *store.Tx, id footage.AttestorID) (store.Attestor, error) {
	a, err := tx.Attestor(id)
	if errors.Is(err, footage.NotFound) {
		return a, footage.Coded(footage.NotFound, "attestor_unknown", fmt.Sprintf("The register holds no attestor %q. 'porchlight office attestor list' shows those that it holds.", id))
	}
	return a, err
}

// Attestors returns every attestor, those that were withdrawn too.
func (x *Exchange) Attestors(ctx context.Context) (all []store.Attestor, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Attestors()
		return err
	})
	return all, err
}

// maxStatementAge is how old a statement may be when it is filed.
const maxStatementAge = 30 * 24 * time.Hour

// Attest files an attestor's statement about an agency. Whoever brings it, it counts for what its signature says.
func (x *Exchange) Attest(ctx context.Context, agency footage.AgencyID, a footage.Attestation) error {
	if a.Agency != agency {
		return footage.Coded(footage.Untrusted, "attestation_other_agency", fmt.Sprintf("The statement is about %s, not about %s.", a.Agency, agency))
	}
	hash, err := a.Hash()
	if err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		if err := x.checkAttestation(tx, a, hash); err != nil {
			return err
		}
		index, err := x.record(tx, ledger.AgencyAttested{Attestation: a})
		if err != nil {
			return err
		}
		if err := tx.InsertAttestation(hash, a, index); err != nil {
			return err
		}
		return x.look(tx, agency)
	})
}

// checkAttestation checks everything about a statement that is to be filed.
func (x *Exchange) checkAttestation(tx *store.Tx, a footage.Attestation, hash string) error {
	by, err := attestor(tx, a.Attestor)
	if err != nil {
		return err
	}
	if err := a.Verify(by.PublicKey()); err != nil {
		return err
	}
	if !by.Withdrawn.IsZero() {
		return footage.Coded(footage.Forbidden, "attestor_withdrawn", by.Name+" was withdrawn from the register: "+by.Reason)
	}
	if faults := a.Faults(by.Kind); len(faults) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "attestation", Msg: "The statement is not one that counts.", Reasons: faults}
	}
	if a.Exchange != x.info.Origin {
		return footage.Coded(footage.Untrusted, "attestation_other_exchange", "The statement is for the exchange "+a.Exchange+", not for "+x.info.Origin+".")
	}
	s, err := registered(tx, a.Agency)
	if err != nil {
		return err
	}
	if err := threeBodies(tx, by.Attestor, s.Agency); err != nil {
		return err
	}
	description, err := footage.DescriptionHash(s.Agency)
	if err != nil {
		return err
	}
	if a.Description != description {
		return footage.Coded(footage.Conflict, "attestation_old", "The statement speaks of another description of "+s.Agency.Name+" than the register holds now. Check the present one and make a new statement.")
	}
	return x.checkDates(tx, a, by, hash)
}

// checkDates refuses statements that are dated wrongly, old, or filed already.
func (x *Exchange) checkDates(tx *store.Tx, a footage.Attestation, by store.Attestor, hash string) error {
	known, err := tx.Attestations(a.Agency)
	if err != nil {
		return err
	}
	backdated := a.Issued.Before(by.Since.Add(-clockSkew))
	for _, one := range known {
		if other, err := one.Attestation.Hash(); err != nil || other == hash {
			return errors.Join(err, footage.Coded(footage.Conflict, "attestation_known", "This statement was filed already."))
		}
		backdated = backdated || one.Attestor.ID == by.ID && !a.Issued.After(one.Attestation.Issued)
	}
	now := x.now()
	switch {
	case a.Issued.After(now.Add(clockSkew)):
		return clockError(a.Issued, now)
	case backdated:
		return footage.Coded(footage.Conflict, "attestation_backdated", "The statement is dated before the attestor was registered, or not after its statement before. Make a new one.")
	case now.Sub(a.Issued) > maxStatementAge:
		return footage.Coded(footage.Conflict, "attestation_stale", "The statement is more than 30 days old. Make a new one.")
	case !now.Before(a.Expires):
		return footage.Coded(footage.Conflict, "attestation_ended", "The statement's time is over. Make a new one.")
	}
	return nil
}

// threeBodies refuses one body in two roles on a request's path (decision 20).
func threeBodies(tx *store.Tx, a footage.Attestor, agency footage.Agency) error {
	operator, err := tx.Operator()
	if err != nil {
		return err
	}
	switch {
	case operator.ID == "":
		return footage.Coded(footage.Conflict, "operator_unnamed", "Say first which body runs this exchange: 'porchlight office operator ID NAME'.")
	case a.Body.Same(operator.ID):
		return sameBody("The attestor is of the body that runs this exchange. One body cannot give both verifications.")
	case a.Body.Same(agency.Body):
		return sameBody("The attestor is of the agency's own body. Nobody vouches for themselves.")
	}
	return nil
}

// Retract takes a statement back, as its attestor asks.
func (x *Exchange) Retract(ctx context.Context, agency footage.AgencyID, r footage.Retraction) error {
	if r.Agency != agency {
		return footage.Coded(footage.Untrusted, "attestation_other_agency", fmt.Sprintf("The retraction is about %s, not about %s.", r.Agency, agency))
	}
	return x.write(ctx, func(tx *store.Tx) error {
		by, err := attestor(tx, r.Attestor)
		if err != nil {
			return err
		}
		if err := r.Verify(by.PublicKey()); err != nil {
			return err
		}
		if r.Exchange != x.info.Origin {
			return footage.Coded(footage.Untrusted, "attestation_other_exchange", "The retraction is for the exchange "+r.Exchange+", not for "+x.info.Origin+".")
		}
		err = tx.TakeAttestation(r.Attestation, r.Attestor, r.Agency)
		if errors.Is(err, footage.Conflict) {
			return footage.Coded(footage.Conflict, "attestation_gone", "There is no such statement in force.")
		}
		if err != nil {
			return err
		}
		if _, err := x.record(tx, ledger.AgencyUnattested{Retraction: r}); err != nil {
			return err
		}
		return x.look(tx, agency)
	})
}
