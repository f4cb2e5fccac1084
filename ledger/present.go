package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// Present is what a record comes to, played entry by entry: the one way from entries to a [StateDocument]. The zero value
// is an empty record. It is for one goroutine at a time.
type Present struct {
	size     int64
	agencies shelf[footage.AgencyID, StateAgency] // Verified is as of the time that was asked for last
	register register
	people   shelf[footage.PersonID, StatePerson]
	policies map[string][]PolicyAdopted // by name, in the record's order
	open     shelf[footage.RequestID, StateRequest]

	stale bool // something but policies changed since hash was made
	refs  []footage.PolicyRef
	hash  string    // of the document when it was asked for last,
	at    time.Time // which was this
}

// Size returns how many entries were taken in.
func (p *Present) Size() int64 { return p.size }

// Take takes the next entry's fact in.
func (p *Present) Take(fact Fact) error { return p.TakeAt(p.size, fact) }

// TakeAt takes in the fact of a later entry, with nothing to be said of those between.
func (p *Present) TakeAt(index int64, fact Fact) error {
	if p.policies == nil {
		p.policies, p.register = map[string][]PolicyAdopted{}, newRegister()
	}
	p.size = index + 1
	p.stale = p.stale || touchesState(fact)
	switch f := fact.(type) {
	case PolicyAdopted:
		p.policies[f.Name] = append(p.policies[f.Name], f)
	case RequestPublished:
		p.open.set(f.Request, StateRequest{ID: f.Request, Head: string(f.Request)})
	case RequestUpdated:
		p.update(f)
	case RequestClosed:
		p.open.delete(f.Request)
	case PersonEnrolled:
		return p.enrol(f)
	case PersonDisabled:
		who, _ := p.people.get(f.Person)
		who.ID, who.Disabled = f.Person, index
		p.people.set(f.Person, who)
	case PersonSuspended:
		p.stop(f.Person, index)
	case PersonRestored:
		p.stop(f.Person, 0)
	default:
		return errors.Join(p.agency(fact), p.register.take(fact))
	}
	return nil
}

// stop notes since which entry a person may not act; 0 lets them act again.
func (p *Present) stop(id footage.PersonID, index int64) {
	who, _ := p.people.get(id)
	who.ID, who.Suspended = id, index
	p.people.set(id, who)
}

// touchesState reports whether a state document could be another one after a fact, but for what the time alone changes.
func touchesState(fact Fact) bool {
	switch fact.(type) {
	case State, AssetsPublished, CustodyRoot, PolicyAdopted, CustodianAdded, KeyAnnounced, KeyCancelled, NoticePublished, NoticeUpdated, NoticeEnded:
		return false
	}
	return true
}

func (p *Present) update(f RequestUpdated) {
	r, ok := p.open.get(f.Request)
	if !ok {
		return
	}
	r.Head = f.Update
	p.open.set(f.Request, r)
	if f.Change != footage.Amended {
		p.open.delete(f.Request)
	}
}

func (p *Present) enrol(f PersonEnrolled) error {
	hash, err := HashJSON(f)
	if err != nil {
		return err
	}
	who, _ := p.people.get(f.Person)
	who.ID, who.SHA256, who.Disabled = f.Person, hash, 0 // whoever was disabled is let back in by this
	p.people.set(f.Person, who)
	return nil
}

// agency takes in what an entry says of an agency; other entries say nothing here.
func (p *Present) agency(fact Fact) (err error) {
	var a StateAgency
	switch f := fact.(type) {
	case AgencyRegistered:
		a = StateAgency{ID: f.Agency.ID}
		a.SHA256, err = HashJSON(f.Agency)
	case AgencyChanged:
		a, _ = p.agencies.get(f.Agency.ID)
		a.ID = f.Agency.ID
		a.SHA256, err = HashJSON(f.Agency)
	case AgencySuspended:
		a, _ = p.agencies.get(f.Agency)
		a.ID, a.Suspended = f.Agency, true
	case AgencyRestored:
		a, _ = p.agencies.get(f.Agency)
		a.ID, a.Suspended = f.Agency, false
	case AgencyPaused:
		a, _ = p.agencies.get(f.Agency)
		a.ID, a.Paused = f.Agency, true
	case AgencyResumed:
		a, _ = p.agencies.get(f.Agency)
		a.ID, a.Paused = f.Agency, false
	case AgencyDesk:
		a, _ = p.agencies.get(f.Agency)
		a.ID, a.Desk = f.Agency, f.Served
	case EpochOpened:
		a, _ = p.agencies.get(f.Epoch.Agency)
		a.ID, a.Epoch = f.Epoch.Agency, &StateEpoch{Number: f.Epoch.Number}
		a.Epoch.SHA256, err = HashJSON(f.Epoch)
	default:
		return nil
	}
	p.agencies.set(a.ID, a)
	return err
}

// Document returns what the entries come to at a moment, on which it depends which policies and verifications are in force.
func (p *Present) Document(at time.Time) StateDocument {
	p.verify(at)
	return StateDocument{Type: StateType, Agencies: p.agencies.values(), People: p.people.values(), Open: p.open.values(), Policies: p.InForce(at)}
}

// verify brings each agency's verification up to a moment.
func (p *Present) verify(at time.Time) {
	for _, id := range p.agencies.keys {
		if a, now := p.agencies.at[id], p.register.verified(id, at); a.value.Verified != now {
			a.value.Verified, a.encoded = now, nil
		}
	}
}

// InForce returns the policies in force at a moment, by name.
func (p *Present) InForce(at time.Time) []footage.PolicyRef {
	refs := []footage.PolicyRef{}
	for _, name := range slices.Sorted(maps.Keys(p.policies)) {
		if ref, ok := inForce(p.policies[name], at); ok {
			refs = append(refs, ref)
		}
	}
	return refs
}

// Hash returns the hash of the state document at a moment. It is made anew only after something changed.
func (p *Present) Hash(at time.Time) (string, error) {
	refs := p.InForce(at)
	if p.hash != "" && !p.stale && slices.Equal(refs, p.refs) && !p.register.ended(p.at, at) {
		return p.hash, nil
	}
	hash, err := p.sum(at, refs)
	if err != nil {
		return "", err
	}
	p.hash, p.refs, p.at, p.stale = hash, refs, at, false
	return hash, nil
}

// sum hashes the document's canonical JSON, member by member in their order.
func (p *Present) sum(at time.Time, refs []footage.PolicyRef) (string, error) {
	p.verify(at)
	policies, err := footage.Canonical(refs)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write([]byte(`{"agencies":`))
	err = p.agencies.write(h)
	h.Write([]byte(`,"open":`))
	err = errors.Join(err, p.open.write(h))
	h.Write([]byte(`,"people":`))
	err = errors.Join(err, p.people.write(h))
	h.Write([]byte(`,"policies":` + string(policies) + `,"type":"` + StateType + `"}`))
	return hex.EncodeToString(h.Sum(nil)), err
}

// inForce returns the one of a policy's texts that is in force at a moment: the newest whose time has come.
func inForce(adopted []PolicyAdopted, at time.Time) (ref footage.PolicyRef, ok bool) {
	for _, a := range adopted {
		if !a.InForce.After(at) {
			ref, ok = footage.PolicyRef{Name: a.Name, Hash: a.SHA256}, true
		}
	}
	return ref, ok
}
