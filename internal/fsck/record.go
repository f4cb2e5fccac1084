package fsck

import (
	"errors"
	"fmt"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// state is what the record says, played entry by entry.
type state struct {
	head       head
	size       int64
	created    *ledger.ExchangeCreated
	since      time.Time // of the first entry
	verifier   string    // of the record, as the exchange's row says
	policies   map[string]*policyState
	operator   footage.Body
	attestors  map[footage.AttestorID]*attestorState
	agencies   map[footage.AgencyID]*agencyState
	people     map[footage.PersonID]*personState
	keys       map[footage.CustodianID]keyState
	epochs     map[string]epochState
	changes    map[footage.KeyChangeID]keyChange // of keys, by ID: those that wait for their time
	waiting    map[string]string                 // the hashes of the keys of credentials that are to count, as key_change tells them,
	pending    map[string]string                 // and as the credentials that wait do
	letIn      []string                          // devices that wait to be let in
	loans      map[string]loan                   // by person and borrowing agency
	published  map[footage.RequestID]int64       // index of the entry; kept only until its row was seen
	updates    map[string]int64                  // hash of an update to its entry's index; kept only until its row was seen
	decided    map[string]int64                  // commitment of a case that was not cleared to its entry's index; kept only until its row was seen
	complaints map[int64]int64                   // entries about complaints; kept only until their row was seen
	roots      map[string]int64                  // day to its entry's index; kept only until its row was seen
	present    ledger.Present                    // what the entries come to
	states     map[string]bool                   // hashes of the state documents that entries commit to
	assets     map[string]bool                   // and of the asset lists
	withheld   map[footage.RequestID]withheld    // by request
	forgotten  map[footage.ComplaintID]int64     // whose words were withheld with a text, and by which entry
	demands    map[int64]ledger.LegalDemands     // by the index of the entry
	notices    map[int64]bool                    // entries about incidents; kept only until their row was seen
	closed     map[footage.RequestID]time.Time
	followups  map[int64]footage.RequestID // entries of agencies' words; kept only until their row was seen
}

// head is log_head.
type head struct {
	size, integrated, last int64
	checkpoint             string
	tree                   ledger.Tree // of the first integrated entries of the database
}

type policyState struct {
	name    string
	adopted time.Time
	inForce time.Time
	ended   time.Time
	index   int64
}

type agencyState struct {
	agency    footage.Agency
	since     time.Time
	suspended bool
	reason    string // SHA-256
	index     int64  // of the entry that suspended it last
	desk      ledger.AgencyDesk
	deskSince time.Time // when it began to open clips in pages of the exchange; zero: it does not
	vouched
}

type personState struct {
	enrolled map[string]enrolment // by credential
	latest   ledger.PersonEnrolled
	index    int64 // of the latest enrolment
	disabled bool
	stopped  string // SHA-256 of the reason of a suspension
	stop     int64  // index of the entry that suspended them last
}

type enrolment struct {
	fact  ledger.PersonEnrolled
	at    time.Time
	index int64
	later bool // not the person's first, so that a second person had to confirm it
}

type keyState struct {
	agency footage.AgencyID
	key    footage.CustodianKey
}

type epochState struct {
	epoch footage.Epoch
	index int64
}

func newState() state {
	return state{policies: map[string]*policyState{}, attestors: map[footage.AttestorID]*attestorState{}, agencies: map[footage.AgencyID]*agencyState{},
		people: map[footage.PersonID]*personState{}, keys: map[footage.CustodianID]keyState{}, epochs: map[string]epochState{}, loans: map[string]loan{}, changes: map[footage.KeyChangeID]keyChange{}, waiting: map[string]string{}, pending: map[string]string{},
		published: map[footage.RequestID]int64{}, updates: map[string]int64{}, decided: map[string]int64{}, complaints: map[int64]int64{}, roots: map[string]int64{}, withheld: map[footage.RequestID]withheld{}, forgotten: map[footage.ComplaintID]int64{}, demands: map[int64]ledger.LegalDemands{}, notices: map[int64]bool{},
		closed: map[footage.RequestID]time.Time{}, followups: map[int64]footage.RequestID{}, states: map[string]bool{}, assets: map[string]bool{}}
}

func epochKey(agency footage.AgencyID, number int) string {
	return fmt.Sprintf("%s/%d", agency, number)
}

// entries checks log_entry and log_head, and plays the entries.
func (c *check) entries() error {
	if err := c.head(); err != nil {
		return err
	}
	s := &c.state
	var last time.Time
	var failed error
	tree, err := ledger.TreeOf(func(yield func([]byte, error) bool) {
		more := true
		failed = c.each(tables()["log_entry"], func(r row) error {
			c.want(r.num("idx") == s.size, Record, r.name(), "The entry before it is missing.")
			s.size = r.num("idx") + 1
			if len(r.bytes("body")) > ledger.MaxEntry {
				return unreadable{errors.New("the entry is longer than any can be")}
			}
			if more && s.size <= s.head.integrated {
				more = yield(r.bytes("body"), nil)
			}
			return c.entry(r, &last)
		})
	})
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	s.head.tree = tree
	c.want(s.size == s.head.size, Record, "log_head", "It counts %d entries, the database holds %d.", s.head.size, s.size)
	c.want(s.size == 0 || s.head.last == stamp(last), Record, "log_head", "Its time is not that of the newest entry.")
	c.want(s.head.integrated <= s.head.size, Record, "log_head", "Its checkpoint covers more entries than there are.")
	return nil
}

// head reads log_head.
func (c *check) head() error {
	found := false
	err := c.each(tables()["log_head"], func(r row) error {
		found = true
		c.state.head = head{size: r.num("size"), integrated: r.num("integrated"), last: r.num("last_at"), checkpoint: r.str("checkpoint")}
		return nil
	})
	c.want(found, Record, "log_head", "The record has no head.")
	return err
}

// entry checks one row of log_entry and plays it.
func (c *check) entry(r row, last *time.Time) error {
	index := r.num("idx")
	e, err := ledger.DecodeEntry(r.bytes("body"))
	if err != nil {
		return unreadable{err}
	}
	fact, err := e.Fact()
	if err != nil {
		return unreadable{err}
	}
	c.want(r.str("kind") == string(e.Kind), Record, r.name(), "The row says %q, the entry is %s.", r.str("kind"), e.Kind)
	c.want(r.str("subject") == exchange.Subject(fact), Record, r.name(), "The row says that it is about %q, the entry is about %q.", r.str("subject"), exchange.Subject(fact))
	c.want(!e.At.Before(*last), Record, r.name(), "The entry is dated before the one in front of it.")
	c.want((e.Kind == ledger.KindExchangeCreated) == (index == 0), Record, r.name(), "The exchange's own entry must be the first, and only the first.")
	*last = e.At
	return c.play(index, e.At, fact)
}

// play takes in what an entry says.
func (c *check) play(index int64, at time.Time, fact ledger.Fact) error {
	s := &c.state
	if f, ok := fact.(ledger.State); ok {
		if err := c.playState(index, at, f); err != nil {
			return err
		}
	}
	if err := s.present.TakeAt(index, fact); err != nil {
		return err
	}
	switch f := fact.(type) {
	case ledger.ExchangeCreated:
		s.created, s.since = &f, at
	case ledger.PolicyAdopted:
		s.adopt(f, at, index)
	case ledger.RequestPublished:
		s.published[f.Request] = index
	case ledger.RequestUpdated:
		s.updates[f.Update] = index
	case ledger.RequestClosed:
		s.closed[f.Request] = at // and played where the request's row is checked
	case ledger.FollowedUp:
		s.followups[index] = f.Request
	case ledger.ModerationUrgent:
		// starts a clock; what it waits for is decided, or waits
	case ledger.ModerationDecided:
		if f.Outcome != footage.OutcomeCleared { // what is cleared has its own entry, and its row may be lost in a restore
			s.decided[f.Commitment] = index
		}
	case ledger.ComplaintReceived, ledger.ComplaintAnswered:
		s.complaints[index] = index
	case ledger.LegalDemands:
		s.demands[index] = f
	case ledger.NoticePublished, ledger.NoticeUpdated, ledger.NoticeEnded:
		s.notices[index] = true
	case ledger.ErasuresTotal:
		// rounded down, and the least: what the database counts may be less after a restore
	case ledger.DocumentWithheld:
		s.withheld[f.Request] = withheld{f, index, at}
		for _, id := range f.Withholding.Complaints {
			s.forgotten[id] = index
		}
	case ledger.CustodyRoot:
		s.roots[f.Date] = index
	case ledger.State:
		// played already
	case ledger.AssetsPublished:
		s.assets[f.SHA256] = true
	default:
		c.playRegister(index, at, fact)
	}
	return nil
}

// playRegister takes in what an entry says of agencies, people and keys.
func (c *check) playRegister(index int64, at time.Time, fact ledger.Fact) {
	s := &c.state
	agency := func(id footage.AgencyID) *agencyState { return c.agency(index, id) }
	switch f := fact.(type) {
	case ledger.AgencyRegistered:
		s.agencies[f.Agency.ID] = &agencyState{agency: f.Agency, since: at}
	case ledger.AgencyChanged:
		agency(f.Agency.ID).agency = f.Agency
	case ledger.AgencySuspended:
		a := agency(f.Agency)
		a.suspended, a.reason, a.index = true, f.Reason, index
	case ledger.AgencyRestored:
		agency(f.Agency).suspended = false
	case ledger.AgencyDesk:
		a := agency(f.Agency)
		if a.desk, a.deskSince = f, at; !f.Served {
			a.deskSince = time.Time{}
		}
	case ledger.KeyAnnounced:
		s.changes[f.Change] = keyChange{f, index}
	case ledger.KeyCancelled:
		delete(s.changes, f.Change)
	case ledger.PersonEnrolled:
		s.counts(footage.KeyPasskey, ledger.PasskeyHash(f), nil)
		p := c.person(f.Person)
		first, again := p.enrolled[f.Credential] // with other roles
		if !again {
			first = enrolment{f, at, index, len(p.enrolled) > 0 || p.disabled}
		}
		p.enrolled[f.Credential] = first
		p.latest, p.index, p.disabled = f, index, false
	case ledger.PersonDisabled:
		c.person(f.Person).disabled = true
	case ledger.EpochOpened:
		hash, err := ledger.EpochHash(f.Epoch)
		s.counts(footage.KeyEpoch, hash, err)
		s.epochs[epochKey(f.Epoch.Agency, f.Epoch.Number)] = epochState{f.Epoch, index}
		for _, k := range f.Epoch.Custodians {
			s.keys[k.ID] = keyState{f.Epoch.Agency, k}
		}
	case ledger.CustodianAdded:
		hash, err := ledger.CustodianHash(f)
		s.counts(footage.KeyCustodian, hash, err)
		s.keys[f.Custodian.ID] = keyState{f.Agency, f.Custodian}
	case ledger.PersonSuspended:
		p := c.person(f.Person)
		p.stopped, p.stop = f.Reason, index
	case ledger.PersonRestored:
		c.person(f.Person).stopped = ""
	case ledger.PersonLent:
		s.loans[loanKey(f.Person, f.To)] = loan{f, index}
	case ledger.PersonReturned:
		delete(s.loans, loanKey(f.Person, f.To))
	}
	c.playVouching(index, at, fact)
}

// agency returns what the record says of an agency.
func (c *check) agency(index int64, id footage.AgencyID) *agencyState {
	if c.state.agencies[id] == nil {
		c.find(Record, fmt.Sprintf("log_entry %d", index), "It is about the agency %s, which is not registered.", id)
		c.state.agencies[id] = &agencyState{}
	}
	return c.state.agencies[id]
}

func (c *check) person(id footage.PersonID) *personState {
	if c.state.people[id] == nil {
		c.state.people[id] = &personState{enrolled: map[string]enrolment{}}
	}
	return c.state.people[id]
}

// exchange checks the exchange's own row.
func (c *check) exchange() error {
	found := false
	err := c.each(tables()["exchange"], func(r row) error {
		found = true
		c.state.verifier = r.str("log_verifier")
		x := c.state.created
		if x == nil {
			return nil // the record has no first entry, which is a finding already
		}
		for column, want := range map[string]string{"name": x.Name, "origin": x.Origin, "rp_id": x.RP.ID, "rp_origin": x.RP.Origin, "receipt_key": x.ReceiptKey} {
			c.want(r.str(column) == want, Database, r.name(), "The column %s says %q, the record says %q.", column, r.str(column), want)
		}
		c.want(r.num("fictional") == truth(x.Fictional), Database, r.name(), "The mark of a fictional exchange is not that of the record.")
		c.want(r.num("created") == stamp(c.state.since), Database, r.name(), "It was not created when the record says.")
		operator := ""
		if c.state.operator.ID != "" {
			operator = encoded(c.state.operator)
		}
		c.want(r.str("operator") == operator, Database, r.name(), "The body that runs it is not the one in the record.")
		v, err := ledger.NewVerifier(c.state.verifier)
		c.want(err == nil && v.Name() == x.Origin, Database, r.name(), "The verifier key is not of the record %s.", x.Origin)
		return nil
	})
	c.want(found, Database, "exchange", "The exchange has no row of its own.")
	c.want(c.state.created != nil, Record, "log_entry 0", "The record does not begin with the exchange's own entry.")
	return err
}

// fact returns what an entry of the database says, or nil.
func (c *check) fact(index int64) (ledger.Fact, time.Time) {
	raw, err := c.tx.LogEntry(index)
	if err != nil {
		return nil, time.Time{}
	}
	e, err := ledger.DecodeEntry(raw)
	if err != nil {
		return nil, time.Time{}
	}
	fact, err := e.Fact()
	if err != nil {
		return nil, time.Time{}
	}
	return fact, e.At
}

// leftover reports the entries whose rows were not found, unless a restore has told so.
func (c *check) leftover(index int64, what string) {
	if !c.lost[index] {
		c.find(Database, fmt.Sprintf("log_entry %d", index), "The entry says that %s, but there is no such row.", what)
	}
}
