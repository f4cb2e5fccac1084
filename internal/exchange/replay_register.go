package exchange

import (
	"errors"
	"fmt"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

const lostReason = "The reason was lost when the exchange was restored from a backup. Ask the operator."

// register does what an entry says of the register, and decides again what follows from it for the agencies.
func (b *restore) register(tx *store.Tx, e replayed) (lost string, err error) {
	switch f := e.fact.(type) {
	case ledger.OperatorNamed:
		b.info.Operator = f.Body // the exchange's own row is written last
		return "", b.lookAtAll(tx, e)
	case ledger.AttestorRegistered:
		return "", tx.InsertAttestor(f.Attestor, e.at)
	case ledger.AttestorWithdrawn:
		if err := tx.WithdrawAttestor(f.Attestor, e.at, lostReason); err != nil {
			return "", err
		}
		agencies, err := tx.AgenciesVouchedBy(f.Attestor)
		for _, id := range agencies {
			err = errors.Join(err, b.lookAgain(tx, e, id))
		}
		return fmt.Sprintf("The attestor %s is withdrawn, but the reason is lost.", f.Attestor), err
	case ledger.PersonSuspended:
		return fmt.Sprintf("%s is suspended, but the reason is lost. End the suspension and suspend them again with its reason.", f.Person),
			tx.SuspendPerson(f.Person, lostReason)
	case ledger.PersonRestored:
		return "", tx.SuspendPerson(f.Person, "")
	}
	lost, err = b.agency(tx, e)
	if id := Verifies(e.fact); err == nil && id != "" {
		err = b.lookAgain(tx, e, id)
	}
	return lost, err
}

// agency does what an entry says of one agency.
func (b *restore) agency(tx *store.Tx, e replayed) (lost string, err error) {
	switch f := e.fact.(type) {
	case ledger.AgencyRegistered:
		return "", tx.InsertAgency(f.Agency, e.at)
	case ledger.AgencyChanged:
		return "", tx.ChangeAgency(f.Agency)
	case ledger.AgencySuspended:
		return fmt.Sprintf("%s is suspended, but the reason is lost. End the suspension and suspend it again with its reason.", f.Agency),
			tx.SetSuspended(f.Agency, true, lostReason)
	case ledger.AgencyRestored:
		return "", tx.SetSuspended(f.Agency, false, "")
	case ledger.AgencyAttested:
		hash, err := f.Attestation.Hash()
		return "", errors.Join(err, tx.InsertAttestation(hash, f.Attestation, e.index))
	case ledger.AgencyUnattested:
		return "", tx.TakeAttestation(f.Retraction.Attestation, f.Retraction.Attestor, f.Retraction.Agency)
	case ledger.AgencyApproved:
		hash, err := f.Approval.Hash()
		return "", errors.Join(err, tx.InsertApproval(hash, footage.Admission{Approval: f.Approval, Person: f.Assertion.Person, Entry: e.index, At: e.at}))
	case ledger.AgencyUnapproved:
		return "", tx.TakeApproval(f.Approval)
	case ledger.AgencyPaused:
		return "", setPaused(tx, f.Agency, true)
	case ledger.AgencyResumed:
		return "", setPaused(tx, f.Agency, false)
	}
	return "", footage.E(footage.Unsupported, fmt.Sprintf("This program cannot restore entries of the kind %s. Use a newer one.", e.fact.Kind()))
}

func setPaused(tx *store.Tx, id footage.AgencyID, paused bool) error {
	s, err := tx.Agency(id)
	if err != nil {
		return err
	}
	s.Verification.Paused = paused
	return tx.SetVerification(id, s.Verification)
}

func (b *restore) lookAtAll(tx *store.Tx, e replayed) error {
	all, err := tx.Agencies()
	for _, s := range all {
		err = errors.Join(err, b.lookAgain(tx, e, s.Agency.ID))
	}
	return err
}

// lookAgain decides what an agency's verifications were at an entry's time. Whether it was paused then, other entries say.
func (b *restore) lookAgain(tx *store.Tx, e replayed, id footage.AgencyID) error {
	s, err := tx.Agency(id)
	if err != nil {
		return err
	}
	v, err := vouchingUnder(tx, b.info.Operator.ID, s.Agency)
	if err != nil {
		return err
	}
	next := footage.Verification{Paused: s.Verification.Paused, Attestations: footage.Newest(v.Attestations), Approval: v.Approval}
	if next.Until, next.Lapse, err = v.At(e.at); err != nil {
		return err
	}
	return tx.SetVerification(id, next)
}
