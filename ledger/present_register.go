package ledger

import (
	"time"

	"porchlight.example/internal/footage"
)

// register is what a record comes to about who vouches for which agency. It takes every entry's word: whether signatures
// hold is asked by those who check a record, not by those who sum it up.
type register struct {
	operator  footage.BodyID
	attestors map[footage.AttestorID]footage.Attestor
	agencies  map[footage.AgencyID]*vouched
	soonest   time.Time // no verification ends before it; zero: none ends
}

// vouched is one agency with what was said of it.
type vouched struct {
	footage.Vouching
	rests *StateVerified // what its right to ask rests on as long as that lasts; nil: nothing
}

func newRegister() register {
	return register{attestors: map[footage.AttestorID]footage.Attestor{}, agencies: map[footage.AgencyID]*vouched{}}
}

func (r *register) of(id footage.AgencyID) *vouched {
	if r.agencies[id] == nil {
		r.agencies[id] = &vouched{}
	}
	return r.agencies[id]
}

// take takes in what an entry says of who vouches for whom; other entries say nothing here.
func (r *register) take(fact Fact) error {
	switch f := fact.(type) {
	case AgencyRegistered:
		return r.describe(f.Agency)
	case AgencyChanged:
		return r.describe(f.Agency)
	case OperatorNamed:
		r.operator = f.Body.ID
		return r.all()
	case AttestorRegistered:
		r.attestors[f.Attestor.ID] = f.Attestor
	case AttestorWithdrawn:
		return r.withdraw(f.Attestor)
	case AgencyAttested:
		v := r.of(f.Attestation.Agency)
		v.Attestations = append(v.Attestations, footage.Vouched{Attestation: f.Attestation, Attestor: r.attestors[f.Attestation.Attestor]})
		return r.decide(v)
	case AgencyUnattested:
		return r.retract(f.Retraction)
	case AgencyApproved:
		v := r.of(f.Approval.Agency)
		v.Approval = &footage.Admission{Approval: f.Approval}
		return r.decide(v)
	case AgencyUnapproved:
		if v := r.of(f.Agency); v.Approval != nil {
			v.Approval.Taken = true
			return r.decide(v)
		}
	}
	return nil
}

func (r *register) describe(a footage.Agency) error {
	v := r.of(a.ID)
	v.Agency = a
	return r.decide(v)
}

func (r *register) withdraw(id footage.AttestorID) error {
	for _, v := range r.agencies {
		for i := range v.Attestations {
			v.Attestations[i].Taken = v.Attestations[i].Taken || v.Attestations[i].Attestor.ID == id
		}
	}
	return r.all()
}

func (r *register) retract(x footage.Retraction) error {
	v := r.of(x.Agency)
	for i, one := range v.Attestations {
		hash, err := one.Attestation.Hash()
		if err != nil {
			return err
		}
		v.Attestations[i].Taken = one.Taken || hash == x.Attestation && one.Attestor.ID == x.Attestor
	}
	return r.decide(v)
}

// all decides anew about every agency.
func (r *register) all() error {
	for _, v := range r.agencies {
		if err := r.decide(v); err != nil {
			return err
		}
	}
	return nil
}

// decide finds out what an agency's right to ask rests on. Time can only end it: of the statements that count the one that
// lasts longest is taken.
func (r *register) decide(v *vouched) (err error) {
	v.Operator, v.rests = r.operator, nil
	if v.rests, err = Rests(v.Vouching); err != nil || v.rests == nil {
		return err
	}
	if r.soonest.IsZero() || v.rests.Until.Before(r.soonest) {
		r.soonest = v.rests.Until
	}
	return nil
}

// Rests returns on whose word an agency's right to ask and receive rests until it ends, or nil if it has none.
func Rests(v footage.Vouching) (*StateVerified, error) {
	until, why, err := v.At(time.Time{})
	if err != nil || why != "" {
		return nil, err
	}
	description, err := footage.DescriptionHash(v.Agency)
	if err != nil {
		return nil, err
	}
	statement, _ := v.Independent(description, time.Time{})
	s := StateVerified{Attestor: statement.Attestor, Until: until}
	if s.Attestation, err = statement.Hash(); err != nil {
		return nil, err
	}
	s.Approval, err = v.Approval.Approval.Hash()
	return &s, err
}

// verified returns what an agency's right rests on at a time, or nil.
func (r *register) verified(id footage.AgencyID, at time.Time) *StateVerified {
	v := r.agencies[id]
	if v == nil || v.rests == nil || !at.Before(v.rests.Until) {
		return nil
	}
	return v.rests
}

// ended reports whether a verification may have ended, or was in force again, between two times.
func (r *register) ended(before, now time.Time) bool {
	if r.soonest.IsZero() || now.Before(r.soonest) && before.Before(r.soonest) {
		return false
	}
	r.soonest = time.Time{}
	for _, v := range r.agencies { // the next that ends
		if v.rests != nil && now.Before(v.rests.Until) && (r.soonest.IsZero() || v.rests.Until.Before(r.soonest)) {
			r.soonest = v.rests.Until
		}
	}
	return true
}

// Verified returns on whose word an agency may ask and receive at a time, or nil if it may not.
func (p *Present) Verified(id footage.AgencyID, at time.Time) *StateVerified {
	return p.register.verified(id, at)
}
