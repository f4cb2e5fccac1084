package ledger

import (
	"cmp"
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
	agencies map[footage.AgencyID]StateAgency // Verified is kept in register, since it depends on the time
	register register
	people   map[footage.PersonID]StatePerson
	policies map[string][]PolicyAdopted // by name, in the record's order
	open     map[footage.RequestID]StateRequest

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
	if p.agencies == nil {
		p.agencies, p.people, p.register = map[footage.AgencyID]StateAgency{}, map[footage.PersonID]StatePerson{}, newRegister()
		p.policies, p.open = map[string][]PolicyAdopted{}, map[footage.RequestID]StateRequest{}
	}
	p.size = index + 1
	p.stale = p.stale || touchesState(fact)
	switch f := fact.(type) {
	case PolicyAdopted:
		p.policies[f.Name] = append(p.policies[f.Name], f)
	case RequestPublished:
		p.open[f.Request] = StateRequest{ID: f.Request, Head: string(f.Request)}
	case RequestUpdated:
		p.update(f)
	case RequestClosed:
		delete(p.open, f.Request)
	case PersonEnrolled:
		return p.enrol(f)
	case PersonDisabled:
		who := p.people[f.Person]
		who.ID, who.Disabled = f.Person, index
		p.people[f.Person] = who
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
	who := p.people[id]
	who.ID, who.Suspended = id, index
	p.people[id] = who
}

// touchesState reports whether a state document could be another one after a fact, but for what the time alone changes.
func touchesState(fact Fact) bool {
	switch fact.(type) {
	case State, AssetsPublished, CustodyRoot, PolicyAdopted, CustodianAdded:
		return false
	}
	return true
}

func (p *Present) update(f RequestUpdated) {
	r, ok := p.open[f.Request]
	if !ok {
		return
	}
	r.Head = f.Update
	p.open[f.Request] = r
	if f.Change != footage.Amended {
		delete(p.open, f.Request)
	}
}

func (p *Present) enrol(f PersonEnrolled) error {
	hash, err := HashJSON(f)
	if err != nil {
		return err
	}
	who := p.people[f.Person]
	who.ID, who.SHA256, who.Disabled = f.Person, hash, 0 // whoever was disabled is let back in by this
	p.people[f.Person] = who
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
		a = p.agencies[f.Agency.ID]
		a.ID = f.Agency.ID
		a.SHA256, err = HashJSON(f.Agency)
	case AgencySuspended:
		a = p.agencies[f.Agency]
		a.ID, a.Suspended = f.Agency, true
	case AgencyRestored:
		a = p.agencies[f.Agency]
		a.ID, a.Suspended = f.Agency, false
	case AgencyPaused:
		a = p.agencies[f.Agency]
		a.ID, a.Paused = f.Agency, true
	case AgencyResumed:
		a = p.agencies[f.Agency]
		a.ID, a.Paused = f.Agency, false
	case EpochOpened:
		a = p.agencies[f.Epoch.Agency]
		a.ID, a.Epoch = f.Epoch.Agency, &StateEpoch{Number: f.Epoch.Number}
		a.Epoch.SHA256, err = HashJSON(f.Epoch)
	default:
		return nil
	}
	p.agencies[a.ID] = a
	return err
}

// Document returns what the entries come to at a moment, on which it depends which policies and verifications are in force.
func (p *Present) Document(at time.Time) StateDocument {
	agencies := sortedValues(p.agencies)
	for i := range agencies {
		agencies[i].Verified = p.register.verified(agencies[i].ID, at)
	}
	return StateDocument{Type: StateType, Agencies: agencies, People: sortedValues(p.people), Open: sortedValues(p.open), Policies: p.InForce(at)}
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
	hash, err := HashJSON(p.Document(at))
	if err != nil {
		return "", err
	}
	p.hash, p.refs, p.at, p.stale = hash, refs, at, false
	return hash, nil
}

// sortedValues returns a map's values by ascending key, never nil.
func sortedValues[K cmp.Ordered, V any](m map[K]V) []V {
	all := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, m[k])
	}
	return all
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
