package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// stateEvery is how old the newest state entry may be before another is due, whether or not anything changed: clients
// refuse one that is older than a day.
const stateEvery = time.Hour

// revoking reports whether the state does not wait for the tick after an entry of a kind: it takes trust away.
func revoking(kind string) bool {
	switch ledger.Kind(kind) {
	case ledger.KindAgencySuspended, ledger.KindAgencyPaused, ledger.KindPersonDisabled, ledger.KindPersonSuspended, ledger.KindEpochOpened:
		return true
	}
	return false
}

// State writes a state entry if one is due: on a tick since which something changed, at once when trust was taken away, and
// hourly. Its document is made from the tables that the exchange acts on, not from the entries: whoever plays the entries
// sees whether it acts on what it has recorded. Then it publishes the head, and sees to it that witnesses have cosigned what is
// public.
func (x *Exchange) State(ctx context.Context) error {
	for {
		s, err := x.present(ctx)
		if err == nil && s.due {
			err = x.writeState(ctx, s)
		}
		if errors.Is(err, errGrown) {
			continue
		}
		if err != nil {
			return err
		}
		if err := x.showPolicies(ctx); err != nil {
			return err
		}
		return errors.Join(x.publishHead(ctx), x.cosignCheckpoint(ctx))
	}
}

// showPolicies makes the policies public that an older program or a restore has left in the database alone: those of the past
// too, since requests were decided by them.
func (x *Exchange) showPolicies(ctx context.Context) error {
	x.mu.Lock()
	shown := x.shown
	x.mu.Unlock()
	var rows []store.Policy
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		hashes, err := tx.PolicyHashes()
		if err != nil || strings.Join(hashes, " ") == shown {
			return err
		}
		shown = strings.Join(hashes, " ")
		rows, err = tx.AllPolicies()
		return err
	})
	for _, row := range rows {
		if err == nil {
			err = x.showPolicy(ctx, row.Body)
		}
	}
	if err != nil {
		return fmt.Errorf("publish the policies: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shown = shown
	return nil
}

// errGrown means that the record grew while its state was written.
var errGrown = errors.New("the record has grown meanwhile")

// presentState is a state document that may be due.
type presentState struct {
	size int64
	at   time.Time
	doc  []byte
	due  bool
}

// present makes the state document, unless nothing was recorded since the last one, and says whether it is due.
func (x *Exchange) present(ctx context.Context) (s presentState, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		head, err := tx.LogHead()
		if err != nil {
			return err
		}
		last, at, err := lastState(tx, head.Size)
		if err != nil {
			return err
		}
		s.size, s.at = head.Size, x.now()
		old := !s.at.Before(at.Add(stateEvery))
		if last.Size+1 == head.Size && !old {
			return nil
		}
		now, err := x.stateRate(tx, last, at)
		if err != nil || !old && !now {
			return err
		}
		doc, err := x.stateDocument(tx, s.at)
		if err != nil {
			return err
		}
		if s.doc, err = doc.Encode(); err == nil {
			s.due = old || footage.Hash(s.doc) != last.SHA256
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("make the state: %w", err)
	}
	return s, err
}

// stateRate reports whether a changed state may be written now: one to a tick, unless trust was taken away.
func (x *Exchange) stateRate(tx *store.Tx, last ledger.State, at time.Time) (bool, error) {
	set, err := x.policies(tx)
	if err != nil {
		return false, err
	}
	if x.atOnce || at.Before(x.tick(set.Limits())) {
		return true, nil
	}
	kinds, err := tx.KindsSince(last.Size)
	return slices.ContainsFunc(kinds, revoking), err
}

// lastState returns the newest state entry below a size and its time; the zero values if there is none.
func lastState(tx *store.Tx, below int64) (s ledger.State, at time.Time, err error) {
	rows, err := tx.NewestOfKind(string(ledger.KindState), below, 1)
	if err != nil || len(rows) == 0 {
		return s, at, err
	}
	entry, err := ledger.DecodeEntry(rows[0].Body)
	if err != nil {
		return s, at, err
	}
	fact, err := entry.Fact()
	if err != nil {
		return s, at, err
	}
	s, _ = fact.(ledger.State)
	return s, entry.At, nil
}

// stateDocument makes the document of a time from the tables.
func (x *Exchange) stateDocument(tx *store.Tx, at time.Time) (d ledger.StateDocument, err error) {
	d = ledger.StateDocument{Type: ledger.StateType, Policies: []footage.PolicyRef{}, Open: []ledger.StateRequest{}}
	set, err := x.policies(tx)
	if err != nil {
		return d, err
	}
	d.Policies = append(d.Policies, set.Refs()...)
	slices.SortFunc(d.Policies, func(a, b footage.PolicyRef) int { return cmp.Compare(a.Name, b.Name) })
	open, err := tx.OpenHeads()
	if err != nil {
		return d, err
	}
	for _, h := range open {
		d.Open = append(d.Open, ledger.StateRequest{ID: h.ID, Head: h.Head})
	}
	slices.SortFunc(d.Open, func(a, b ledger.StateRequest) int { return cmp.Compare(a.ID, b.ID) }) // whatever the engine's order of text
	if d.Agencies, err = stateAgencies(tx, at); err != nil {
		return d, err
	}
	d.People, err = x.statePeople(tx)
	return d, err
}

// stateAgencies returns the register as the tables hold it.
func stateAgencies(tx *store.Tx, at time.Time) ([]ledger.StateAgency, error) {
	vouched, err := vouchings(tx)
	if err != nil {
		return nil, err
	}
	epochs, err := tx.NewestEpochs()
	if err != nil {
		return nil, err
	}
	keys := map[footage.AgencyID]*ledger.StateEpoch{}
	for _, e := range epochs {
		hash, err := ledger.HashJSON(e.Epoch)
		if err != nil {
			return nil, err
		}
		keys[e.Agency] = &ledger.StateEpoch{Number: e.Number, SHA256: hash}
	}
	standings, err := tx.Agencies()
	if err != nil {
		return nil, err
	}
	all := make([]ledger.StateAgency, 0, len(standings))
	for _, s := range standings {
		hash, err := ledger.HashJSON(s.Agency)
		if err != nil {
			return nil, err
		}
		now := ledger.StateAgency{ID: s.Agency.ID, SHA256: hash, Suspended: s.Suspended, Paused: s.Verification.Paused, Epoch: keys[s.Agency.ID], Desk: !s.DeskSince.IsZero()}
		if now.Verified, err = stateVerified(s, vouched(s.Agency), at); err != nil {
			return nil, err
		}
		all = append(all, now)
	}
	slices.SortFunc(all, func(a, b ledger.StateAgency) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// vouchings reads who vouches for which agency.
func vouchings(tx *store.Tx) (func(footage.Agency) footage.Vouching, error) {
	operator, err := tx.Operator()
	if err != nil {
		return nil, err
	}
	statements, err := tx.AllAttestations()
	if err != nil {
		return nil, err
	}
	approvals, err := tx.NewestApprovals()
	if err != nil {
		return nil, err
	}
	stated, approved := map[footage.AgencyID][]footage.Vouched{}, map[footage.AgencyID]*footage.Admission{}
	for _, one := range statements {
		stated[one.Attestation.Agency] = append(stated[one.Attestation.Agency], one)
	}
	for _, one := range approvals {
		approved[one.Approval.Agency] = &one
	}
	return func(a footage.Agency) footage.Vouching {
		return footage.Vouching{Operator: operator.ID, Agency: a, Attestations: stated[a.ID], Approval: approved[a.ID]}
	}, nil
}

// stateVerified returns what an agency's right to ask rests on. Whether it has it, and until when, is what the exchange acts
// on, whatever statement and approval would come to.
func stateVerified(s footage.Standing, v footage.Vouching, at time.Time) (*ledger.StateVerified, error) {
	if !s.Verification.InForce(at) {
		return nil, nil
	}
	rests, err := ledger.Rests(v)
	if err != nil {
		return nil, err
	}
	now := ledger.StateVerified{Until: s.Verification.Until}
	if rests != nil {
		now.Attestor, now.Attestation, now.Approval = rests.Attestor, rests.Attestation, rests.Approval
	}
	return &now, nil
}

// statePeople returns everybody who was ever enrolled. The record is the register of people's keys: what it says of them is
// played. Who may not act is what the exchange acts on: if that is another than the record says, the state shows it.
func (x *Exchange) statePeople(tx *store.Tx) ([]ledger.StatePerson, error) {
	var all []store.Logged
	for _, kind := range []ledger.Kind{ledger.KindPersonEnrolled, ledger.KindPersonDisabled, ledger.KindPersonSuspended, ledger.KindPersonRestored} {
		some, err := tx.EntriesOfKind(string(kind), 0)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b store.Logged) int { return cmp.Compare(a.Index, b.Index) })
	var people ledger.Present
	for _, row := range all {
		entry, err := ledger.DecodeEntry(row.Body)
		if err != nil {
			return nil, err
		}
		fact, err := entry.Fact()
		if err != nil {
			return nil, err
		}
		if err := people.TakeAt(row.Index, fact); err != nil {
			return nil, err
		}
	}
	out := people.Document(zeroTime).People
	stopped, err := tx.StoppedPeople()
	if err != nil {
		return nil, err
	}
	for i := range out {
		actOn(&out[i], stopped[out[i].ID])
	}
	return out, nil
}

// unrecorded stands in a state for the entry of which there is none: nobody who plays the entries comes to it.
const unrecorded = math.MaxInt32

// actOn lets a state say what the exchange acts on where that is not what its entries come to.
func actOn(p *ledger.StatePerson, now store.Stopped) {
	hold := func(index *int64, holds bool) {
		switch {
		case !holds:
			*index = 0
		case *index == 0:
			*index = unrecorded
		}
	}
	hold(&p.Suspended, now.Suspended)
	hold(&p.Disabled, now.Disabled)
}

// writeState stores the document, then the entry that commits to it, unless the record has grown.
func (x *Exchange) writeState(ctx context.Context, s presentState) error {
	hash := footage.Hash(s.doc)
	if err := x.bucket.PutNew(ctx, ledger.StateKey(hash), s.doc); err != nil && !errors.Is(err, footage.Conflict) {
		return fmt.Errorf("store the state: %w", err)
	}
	return x.write(ctx, func(tx *store.Tx) error {
		index, _, err := x.recordAt(tx, s.at, ledger.State{Size: s.size, SHA256: hash})
		if err == nil && index != s.size {
			return errGrown
		}
		return err
	})
}
