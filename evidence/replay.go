package evidence

import (
	"crypto/ed25519"
	"fmt"
	"maps"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// record is the part of the public record that a bundle shows, played entry by entry in the log's order.
type record struct {
	request   footage.RequestID
	agency    footage.AgencyID
	exchange  *ledger.ExchangeCreated
	agencyNow *footage.Agency
	suspended bool
	stopped   map[footage.PersonID]bool // suspended, until they are restored
	paused    footage.Lapse             // as the record says, or ""
	desk      bool                      // clips may be opened in pages that the exchange serves
	vouched
	epochs    []footage.Epoch
	keys      map[footage.CustodianID]ed25519.PublicKey
	people    map[footage.PersonID]ledger.PersonEnrolled
	lent      map[footage.PersonID]ledger.PersonLent // to the agency that asks
	policies  map[footage.PolicyRef]bool
	published *publication
	updates   []logged
	status    footage.RequestStatus
	withheld  *footage.Tombstone
	enrolled  map[footage.PersonID]int64 // index of the newest enrolment
	stops     map[footage.PersonID]int64 // index of the newest suspension or its end
	at        places
}

// publication is the entry that made the request public, and who could sign at that moment.
type publication struct {
	fact   ledger.RequestPublished
	at     time.Time
	index  int64
	people map[footage.PersonID]ledger.PersonEnrolled
	lent   map[footage.PersonID]ledger.PersonLent
	lapse  footage.Lapse // why the agency was not verified twice, or ""
}

// logged is an update's entry, and who could sign at that moment.
type logged struct {
	fact   ledger.RequestUpdated
	people map[footage.PersonID]ledger.PersonEnrolled
	lent   map[footage.PersonID]ledger.PersonLent
}

func untrusted(code, format string, args ...any) error {
	return footage.Coded(footage.Untrusted, code, fmt.Sprintf(format, args...))
}

// play takes one verified entry in.
func (r *record) play(e ledger.Entry, index int64) error {
	fact, err := e.Fact()
	if err != nil {
		return untrusted("bad_entry", "Entry %d of the public record cannot be read: %v", index, err)
	}
	r.place(fact, index)
	switch f := fact.(type) {
	case ledger.ExchangeCreated:
		return r.created(f, index)
	case ledger.PolicyAdopted:
		r.policies[footage.PolicyRef{Name: f.Name, Hash: f.SHA256}] = true
	case ledger.PersonEnrolled:
		r.people[f.Person] = f
	case ledger.PersonDisabled:
		delete(r.people, f.Person)
	case ledger.PersonLent:
		if f.To == r.agency {
			r.lent[f.Person] = f
		}
	case ledger.PersonReturned:
		if f.To == r.agency {
			delete(r.lent, f.Person)
		}
	case ledger.PersonSuspended:
		r.stopped[f.Person] = true
	case ledger.PersonRestored:
		delete(r.stopped, f.Person)
	case ledger.OperatorNamed, ledger.AttestorRegistered, ledger.AttestorWithdrawn, ledger.AgencyAttested, ledger.AgencyUnattested,
		ledger.AgencyApproved, ledger.AgencyUnapproved:
		if err := r.vouch(f, e.At, index); r.forged == nil {
			r.forged = err
		}
	case ledger.EpochOpened:
		return r.epoch(f.Epoch)
	case ledger.CustodianAdded:
		return r.custodian(f)
	case ledger.RequestPublished:
		return r.publish(f, e.At, index)
	case ledger.RequestUpdated:
		return r.update(f, e.At)
	case ledger.DocumentWithheld:
		if err := r.withhold(f, e.At, index); r.forged == nil {
			r.forged = err
		}
	default:
		r.standing(fact)
	}
	return nil
}

// place notes where the newest entry about a part of the request stands.
func (r *record) place(fact ledger.Fact, index int64) {
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		if f.Agency.ID == r.agency {
			r.at.registered, r.at.agency = index, index
		}
	case ledger.AgencyChanged:
		if f.Agency.ID == r.agency {
			r.at.agency = index
		}
	case ledger.AgencySuspended:
		if f.Agency == r.agency {
			r.at.agency = index
		}
	case ledger.AgencyRestored:
		if f.Agency == r.agency {
			r.at.agency = index
		}
	case ledger.AgencyDesk:
		if f.Agency == r.agency {
			r.at.desk = index
		}
	case ledger.PersonEnrolled:
		r.enrolled[f.Person] = index
	case ledger.PersonSuspended:
		r.stops[f.Person] = index
	case ledger.PersonRestored:
		r.stops[f.Person] = index
	case ledger.EpochOpened:
		r.at.epoch = index
	case ledger.RequestPublished, ledger.RequestUpdated:
		r.at.head = index
	default:
		if r.vouches(fact) {
			r.at.vouched = index
		}
	}
}

// vouches reports whether an entry could bring the agency's verifications into force.
func (r *record) vouches(fact ledger.Fact) bool {
	switch f := fact.(type) {
	case ledger.OperatorNamed:
		return true
	case ledger.AgencyAttested:
		return f.Attestation.Agency == r.agency
	case ledger.AgencyApproved:
		return f.Approval.Agency == r.agency
	case ledger.AgencyResumed:
		return f.Agency == r.agency
	}
	return false
}

// standing takes in what an entry says of the agency's standing or the request's end; entries about others, and other kinds, say nothing here.
func (r *record) standing(fact ledger.Fact) {
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		r.describe(f.Agency)
	case ledger.AgencyChanged:
		r.describe(f.Agency)
	case ledger.AgencySuspended:
		r.suspended = r.suspended || f.Agency == r.agency
	case ledger.AgencyRestored:
		r.suspended = r.suspended && f.Agency != r.agency
	case ledger.AgencyPaused:
		if f.Agency == r.agency {
			r.paused = f.Lapse
		}
	case ledger.AgencyResumed:
		if f.Agency == r.agency {
			r.paused = ""
		}
	case ledger.AgencyDesk:
		if f.Agency == r.agency {
			r.desk = f.Served
		}
	case ledger.RequestClosed:
		if f.Request == r.request {
			r.status = f.Status
		}
	}
}

// lentAt returns who was lent to the agency that asks at a moment.
func (r *record) lentAt(at time.Time) map[footage.PersonID]ledger.PersonLent {
	out := maps.Clone(r.lent)
	maps.DeleteFunc(out, func(_ footage.PersonID, f ledger.PersonLent) bool { return !at.Before(f.Until) })
	return out
}

func (r *record) describe(a footage.Agency) {
	if a.ID == r.agency {
		r.agencyNow = &a
	}
}

func (r *record) created(f ledger.ExchangeCreated, index int64) error {
	if index != 0 || r.exchange != nil {
		return untrusted("wrong_exchange", "The record names its exchange at entry %d, not at its beginning.", index)
	}
	r.exchange = &f
	return nil
}

func (r *record) epoch(e footage.Epoch) error {
	if e.Agency != r.agency {
		return untrusted("epoch_other_agency", "The sealing key belongs to %s, not to %s who asks. Nothing may be sealed to it.", e.Agency, r.agency)
	}
	if n := len(r.epochs); n > 0 && e.Number <= r.epochs[n-1].Number {
		return untrusted("epoch_order", "The agency's sealing keys are not in their order.")
	}
	r.epochs = append(r.epochs, e)
	for _, k := range e.Custodians {
		if err := r.key(k); err != nil {
			return err
		}
	}
	return nil
}

func (r *record) custodian(f ledger.CustodianAdded) error {
	if f.Agency != r.agency {
		return untrusted("epoch_other_agency", "A custodian of %s stands among those of %s.", f.Agency, r.agency)
	}
	return r.key(f.Custodian)
}

// key takes in a custodian's signing key. One ID never means two keys.
func (r *record) key(k footage.CustodianKey) error {
	raw, err := footage.DecodeBase64(k.Key)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return untrusted("bad_entry", "The key of custodian %s cannot be read.", k.ID)
	}
	if old, ok := r.keys[k.ID]; ok && !old.Equal(ed25519.PublicKey(raw)) {
		return untrusted("custodian_twice", "Custodian %s has two different keys.", k.ID)
	}
	r.keys[k.ID] = raw
	return nil
}

func (r *record) publish(f ledger.RequestPublished, at time.Time, index int64) error {
	if f.Request != r.request {
		return untrusted("text_changed", "The text is not the one that was published: it hashes to %s, the record says %s.", r.request.Short(), f.Request.Short())
	}
	if f.Agency != r.agency {
		return untrusted("other_agency", "The text names %s, the record says that %s published it.", r.agency, f.Agency)
	}
	if r.published != nil {
		return untrusted("published_twice", "The record shows the request published twice.")
	}
	r.published = &publication{fact: f, at: at, index: index, people: r.whoMaySign(), lent: r.lentAt(at), lapse: r.lapseAt(at)}
	r.status = footage.Published
	return nil
}

// whoMaySign returns those who are enrolled and not suspended at this moment.
func (r *record) whoMaySign() map[footage.PersonID]ledger.PersonEnrolled {
	people := maps.Clone(r.people)
	for id := range r.stopped {
		delete(people, id)
	}
	return people
}

func (r *record) update(f ledger.RequestUpdated, at time.Time) error {
	if f.Request != r.request {
		return untrusted("update_unlogged", "The bundle shows an update of another request, %s.", f.Request.Short())
	}
	r.updates = append(r.updates, logged{f, r.whoMaySign(), r.lentAt(at)})
	switch f.Change {
	case footage.Resolved:
		r.status = footage.StatusResolved
	case footage.Withdrawn:
		r.status = footage.StatusWithdrawn
	case footage.Expired:
		r.status = footage.StatusExpired
	}
	return nil
}
