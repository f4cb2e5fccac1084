package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// TestSharesFollowTheModel walks random ways through everything that can happen to shares, and after each step compares
// the exchange's answer and all that resident, agency and bucket show with a model of a few lines.
func TestSharesFollowTheModel(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		for seed := range uint64(2) {
			m := newModel(t, w, seed)
			for range 120 {
				m.step()
				if t.Failed() {
					t.Fatalf("seed %d; the way here:\n%s", seed, strings.Join(m.way, "\n"))
				}
			}
			m.calm()
		}
	})
}

// model is what ought to be.
type model struct {
	t         *testing.T
	w         *world
	rand      *rand.Rand
	way       []string
	request   footage.RequestID
	closes    time.Time
	suspended bool
	broken    bool // the bucket deletes nothing
	shares    []*expected
}

// expected is what ought to be of one share.
type expected struct {
	p         parcel
	request   footage.RequestID
	state     footage.ShareState // "" when it is gone without a trace
	sweep     time.Time          // begun: swept from then on
	abandoned bool               // begun and swept, but the bytes could not be deleted
	uploaded  [2]bool
	receipt   footage.Receipt
	committed time.Time // tick
	released  time.Time // tick; zero: the agency knows nothing of it
	done      map[footage.EventKind]bool
	recalled  time.Time // tick of asking back
	wrote     bool      // the resident has written, and the words are still kept
	mailbox   time.Time // closes then; zero while there are clips
	closed    bool
	waiting   []time.Time // ticks of replies that wait
	replies   int         // that the agency sees
	messages  int         // in all
}

const (
	tickLength = 15 * time.Minute
	retention  = 7 * 24 * time.Hour
)

func newModel(t *testing.T, w *world, seed uint64) *model {
	m := &model{t: t, w: w, rand: rand.New(rand.NewPCG(seed, 42))}
	m.publish()
	return m
}

// publish puts a fresh request in the place of the one before.
func (m *model) publish() {
	in := m.w.fresh()
	m.request, m.closes = m.w.publish(m.w.police, in), in.Document.Closes
}

func (m *model) tick() time.Time { return m.w.now().Truncate(tickLength) }

// step does one random thing.
func (m *model) step() {
	ops := []struct {
		name   string
		weight int
		do     func(s *expected)
	}{
		{"begin", 6, func(*expected) { m.begin() }},
		{"go on", 90, m.goOn},
		{"upload", 3, m.upload},
		{"commit", 3, m.commit},
		{"commit something else", 2, m.commitOther},
		{"event", 14, m.event},
		{"fetch", 6, m.fetch},
		{"withdraw", 4, m.withdraw},
		{"reply", 5, m.reply},
		{"ask", 4, m.ask},
		{"release", 5, func(*expected) { m.release() }},
		{"sweep", 6, func(*expected) { m.sweep() }},
		{"a while passes", 8, func(*expected) { m.advance(time.Duration(m.rand.IntN(20*60)) * time.Second) }},
		{"hours pass", 1, func(*expected) { m.advance(time.Duration(m.rand.IntN(40)) * time.Hour) }},
		{"days pass", 1, func(*expected) { m.advance(time.Duration(m.rand.IntN(12)) * 24 * time.Hour) }},
		{"months pass", 1, func(*expected) { m.advance(100 * 24 * time.Hour) }},
		{"suspend or restore", seldom(m.suspended), func(*expected) { m.suspend() }},
		{"bucket breaks or is mended", seldom(m.broken), func(*expected) { m.toggleBucket() }},
		{"restart", 1, func(*expected) { must(m.t, m.w.reopen()) }},
	}
	total := 0
	for _, op := range ops {
		total += op.weight
	}
	n := m.rand.IntN(total)
	for _, op := range ops {
		if n -= op.weight; n >= 0 {
			continue
		}
		var s *expected
		if len(m.shares) > 0 {
			s = m.shares[m.rand.IntN(len(m.shares))]
		}
		m.way = append(m.way, m.w.now().Format("02 15:04:05 ")+op.name)
		if s == nil {
			op.do = func(*expected) { m.begin() }
		}
		op.do(s)
		break
	}
	m.check()
}

// seldom is the weight of what seldom happens and is soon over.
func seldom(now bool) int {
	if now {
		return 20
	}
	return 2
}

// answer compares an answer with the model's; "" is success.
func (m *model) answer(err error, want footage.Kind) bool {
	m.t.Helper()
	m.way[len(m.way)-1] += fmt.Sprintf(" -> %v", err)
	if got := footage.KindOf(err); got != want || (err == nil) != (want == "") {
		m.t.Errorf("%s; want kind %q", m.way[len(m.way)-1], want)
	}
	return err == nil
}

func (m *model) begin() {
	if !m.w.now().Before(m.closes) && !m.suspended {
		m.publish()
	}
	if len(m.shares) == 4 { // forget one, so that the walk stays among few
		m.shares = slices.Delete(m.shares, 0, 1)
	}
	var want footage.Kind
	if m.suspended {
		want = footage.Refused
	}
	p, err := m.w.begin(m.request, m.w.police.epoch, []byte("first sealed clip"), []byte("second"))
	if m.answer(err, want) {
		m.shares = append(m.shares, &expected{p: p, request: m.request, state: footage.ShareBegun, sweep: m.w.now().Add(24 * time.Hour),
			done: map[footage.EventKind]bool{}})
	}
}

func (m *model) upload(s *expected) {
	i := m.rand.IntN(2)
	var want footage.Kind
	switch {
	case s.state != footage.ShareBegun || s.abandoned || !m.w.now().Before(s.sweep):
		want = footage.Refused
	case s.uploaded[i]:
		want = footage.Conflict
	}
	if m.answer(m.w.upload(s.p, i), want) {
		s.uploaded[i] = true
	}
}

func (m *model) commit(s *expected) {
	var want footage.Kind
	fresh := s.state == footage.ShareBegun
	switch {
	case s.state == "" || s.closed || s.abandoned || fresh && !m.w.now().Before(s.sweep):
		want = footage.Refused
	case fresh && s.uploaded != [2]bool{true, true}:
		want = footage.Conflict
	case fresh && m.suspended:
		want = footage.Refused
	}
	r, err := m.w.commit(s.p)
	if !m.answer(err, want) {
		return
	}
	if !fresh {
		if r.Sig != s.receipt.Sig {
			m.t.Error("the same commit has two receipts")
		}
		return
	}
	must(m.t, r.Verify(m.w.receiptKey()))
	s.receipt, s.state, s.committed = r, footage.ShareCommitted, m.tick()
}

func (m *model) commitOther(s *expected) {
	want := footage.Conflict
	if s.state == "" || s.closed || s.abandoned || s.state == footage.ShareBegun && !m.w.now().Before(s.sweep) {
		want = footage.Refused
	}
	other := s.p
	other.clips = [][]byte{[]byte("first sealed clip"), []byte("secund")}
	if m.rand.IntN(2) == 0 && s.state != footage.ShareBegun {
		other = s.p
		other.manifest = api.Encode([]byte("another manifest"))
	}
	_, err := m.w.commit(other)
	m.answer(err, want)
}

// visible reports whether the agency knows of the share.
func (s *expected) visible() bool {
	return !s.released.IsZero() && s.state != footage.ShareWithdrawn && s.state != footage.ShareTakenBack
}

func (m *model) event(s *expected) {
	kinds := []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted,
		footage.EventConfirmed, footage.EventDeclined, footage.EventExported, footage.EventAnswered}
	kind := kinds[m.rand.IntN(len(kinds))]
	m.record(s, kind)
}

// record tries one step of the agency.
func (m *model) record(s *expected, kind footage.EventKind) {
	m.way[len(m.way)-1] += " " + string(kind)
	var detail map[string]string
	switch kind {
	case footage.EventDeclined:
		detail, _ = evidence.Decline{Reason: evidence.NotRelevant, Exculpatory: evidence.NoneSeen}.Detail()
	case footage.EventAnswered:
		detail, _ = evidence.Recall{Answer: evidence.RecallDestroyed}.Detail()
	}
	if !m.answer(m.w.step(m.w.police, s.p.Share, kind, detail), m.allows(s, kind)) {
		return
	}
	s.done[kind] = true
	switch kind {
	case footage.EventPickedUp:
		s.state = footage.SharePickedUp
	case footage.EventConfirmed:
		s.state = footage.ShareConfirmed
		m.erase(s)
	case footage.EventDeclined:
		s.state = footage.ShareDeclined
		m.erase(s)
	}
}

// goOn does what comes next when nothing disturbs.
func (m *model) goOn(s *expected) {
	switch s.state {
	case footage.ShareBegun:
		if s.uploaded == [2]bool{true, true} {
			m.commit(s)
		} else {
			m.upload(s)
		}
	case footage.ShareCommitted:
		m.advance(tickLength)
		m.release()
	case footage.ShareReleased, footage.SharePickedUp:
		m.record(s, m.next(s))
	default:
		m.begin()
	}
}

// next is a step that an agency would take now.
func (m *model) next(s *expected) footage.EventKind {
	for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted} {
		if !s.done[kind] {
			return kind
		}
	}
	return [2]footage.EventKind{footage.EventConfirmed, footage.EventDeclined}[m.rand.IntN(2)]
}

// allows says how an event of the agency is answered.
func (m *model) allows(s *expected, kind footage.EventKind) footage.Kind {
	in, after := s.state == footage.SharePickedUp, s.done
	ok := map[footage.EventKind]bool{
		footage.EventPickedUp:  in || s.state == footage.ShareReleased,
		footage.EventOpened:    after[footage.EventPickedUp],
		footage.EventVerified:  after[footage.EventPickedUp],
		footage.EventExported:  after[footage.EventPickedUp],
		footage.EventAnswered:  after[footage.EventPickedUp] && after[footage.EventRecalled],
		footage.EventAccepted:  in && after[footage.EventVerified],
		footage.EventConfirmed: in && after[footage.EventAccepted],
		footage.EventDeclined:  in && after[footage.EventOpened],
	}[kind]
	switch {
	case !s.visible():
		return footage.NotFound
	case m.suspended && kind == footage.EventPickedUp:
		return footage.Forbidden
	case !ok:
		return footage.Conflict
	}
	return ""
}

func (m *model) fetch(s *expected) {
	want := footage.Gone
	switch {
	case !s.visible():
		want = footage.NotFound
	case m.suspended:
		want = footage.Forbidden
	case s.state == footage.ShareReleased:
		want = footage.Conflict
	case s.state == footage.SharePickedUp:
		want = ""
	}
	i, offset := m.rand.IntN(2), m.rand.IntN(5)
	r, size, err := m.w.x.OpenClip(context.Background(), m.w.police.custodian.id, s.p.Share, s.p.Clips[i], int64(offset))
	if !m.answer(err, want) {
		return
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || size != int64(len(s.p.clips[i])) || !bytes.Equal(got, s.p.clips[i][offset:]) {
		m.t.Errorf("fetched %q of %d bytes, %v", got, size, err)
	}
}

// hasMailbox reports whether the receipt answers.
func (s *expected) hasMailbox() bool {
	return s.state != "" && s.state != footage.ShareBegun && !s.closed
}

func (s *expected) mailboxKind() footage.Kind {
	if s.hasMailbox() {
		return ""
	}
	return footage.Refused
}

func (m *model) withdraw(s *expected) {
	state, err := m.w.x.Withdraw(context.Background(), s.p.credential)
	if !m.answer(err, s.mailboxKind()) {
		return
	}
	want := s.state
	switch s.state {
	case footage.ShareCommitted, footage.ShareReleased, footage.ShareWithdrawn: // the last could not be erased before
		s.state, want = footage.ShareWithdrawn, footage.ShareWithdrawn
		m.erase(s)
	default:
		if s.done[footage.EventPickedUp] && s.recalled.IsZero() {
			s.recalled = m.tick()
		}
	}
	if state != want {
		m.t.Errorf("withdrawing says %s; want %s", state, want)
	}
}

func (m *model) reply(s *expected) {
	_, err := m.w.x.Reply(context.Background(), s.p.credential, api.Encode([]byte("sealed reply")))
	if m.answer(err, s.mailboxKind()) {
		s.waiting = append(s.waiting, m.tick())
		s.messages++
		s.wrote = true
	}
}

func (m *model) ask(s *expected) {
	var want footage.Kind
	switch {
	case !s.visible():
		want = footage.NotFound
	case m.suspended && !s.wrote:
		want = footage.Forbidden
	case s.closed:
		want = footage.Gone
	}
	_, err := m.w.x.Ask(context.Background(), m.w.police.custodian.id, s.p.Share, api.Encode([]byte("sealed question")))
	if m.answer(err, want) {
		s.messages++
	}
}

func (m *model) release() {
	m.answer(m.w.x.Release(context.Background()), "")
	tick := m.tick()
	for _, s := range m.shares {
		if s.state == footage.ShareCommitted && s.committed.Before(tick) && !m.suspended {
			s.state, s.released = footage.ShareReleased, tick
		}
		if !s.released.IsZero() {
			due := func(at time.Time) bool { return at.Before(tick) }
			before := len(s.waiting)
			s.waiting = slices.DeleteFunc(s.waiting, due)
			s.replies += before - len(s.waiting)
		}
		if !s.recalled.IsZero() && s.recalled.Before(tick) {
			s.done[footage.EventRecalled] = true
		}
	}
}

func (m *model) sweep() {
	err := m.w.x.Sweep(context.Background())
	if !m.broken {
		m.answer(err, "")
	}
	failed := false
	for _, s := range m.shares {
		m.sweepOne(s)
		left := slices.Contains([]footage.ShareState{footage.ShareConfirmed, footage.ShareDeclined, footage.ShareWithdrawn, footage.ShareExpired}, s.state)
		failed = failed || left || s.abandoned
	}
	if failed && err == nil {
		m.t.Error("a sweep that left clips behind said nothing")
	}
}

func (m *model) sweepOne(s *expected) {
	now := m.w.now()
	switch s.state {
	case footage.ShareBegun:
		if s.abandoned = !now.Before(s.sweep) && m.broken; !now.Before(s.sweep) && !m.broken {
			s.state = ""
		}
	case footage.ShareCommitted, footage.ShareReleased, footage.SharePickedUp:
		if !now.Before(s.committed.Add(retention)) {
			s.state = footage.ShareExpired
			m.erase(s)
		}
	case footage.ShareConfirmed, footage.ShareDeclined, footage.ShareWithdrawn, footage.ShareExpired:
		m.erase(s)
	case footage.ShareErased, footage.ShareTakenBack:
		if !s.closed && !now.Before(s.mailbox) {
			s.closed, s.messages, s.replies, s.waiting, s.wrote = true, 0, 0, nil, false
		}
	}
}

// erase is what follows at once when a share's life ends, if the bucket can.
func (m *model) erase(s *expected) {
	if m.broken {
		return
	}
	if s.state == footage.ShareWithdrawn {
		s.state = footage.ShareTakenBack
	} else {
		s.state = footage.ShareErased
	}
	s.mailbox = m.w.now().AddDate(0, 0, 90)
}

func (m *model) advance(d time.Duration) { m.w.advance(d) }

func (m *model) suspend() {
	change := func() error { return m.w.x.SuspendAgency(context.Background(), m.w.police.ID, "A test.") }
	if m.suspended {
		change = func() error { return m.w.x.RestoreAgency(context.Background(), m.w.police.ID) }
	}
	if m.answer(change(), "") {
		m.suspended = !m.suspended
		for _, s := range m.shares {
			if now := m.w.now(); m.suspended && s.state == footage.ShareBegun && now.Before(s.sweep) {
				s.sweep = now
			}
		}
	}
}

// calm ends suspension and faults.
func (m *model) calm() {
	if m.suspended {
		m.suspend()
	}
	if m.broken {
		m.toggleBucket()
	}
}

func (m *model) toggleBucket() {
	m.broken = !m.broken
	m.w.faults.set(nil)
	if m.broken {
		m.w.faults.set(func(op, _ string) error {
			if op == "delete" {
				return errBroken
			}
			return nil
		})
	}
}

// check compares all that can be seen with the model.
func (m *model) check() {
	m.t.Helper()
	ctx := context.Background()
	inbox, err := m.w.x.Inbox(ctx, m.w.police.custodian.id)
	must(m.t, err)
	sorted := slices.IsSortedFunc(inbox, func(a, b api.InboxItem) int {
		if c := a.Released.Compare(b.Released); c != 0 {
			return c
		}
		return strings.Compare(string(a.Share), string(b.Share))
	})
	if !sorted {
		m.t.Error("the inbox is not in order of release and random ID")
	}
	kept := m.w.clips()
	for _, s := range m.shares {
		i := slices.IndexFunc(inbox, func(item api.InboxItem) bool { return item.Share == s.p.Share })
		if (i >= 0) != s.visible() {
			m.t.Errorf("share %s in state %s: in the inbox: %v", s.p.Share, s.state, i >= 0)
		} else if i >= 0 {
			m.checkItem(s, inbox[i])
			m.checkDelivery(s)
		}
		m.checkMailbox(s)
		m.checkClips(s, kept)
	}
}

func (m *model) checkItem(s *expected, item api.InboxItem) {
	m.t.Helper()
	if item.State != s.state || !item.Released.Equal(s.released) || item.Recalled != s.done[footage.EventRecalled] || item.Messages != s.replies {
		m.t.Errorf("the inbox shows %+v; want %+v", item, s)
	}
}

func (m *model) checkDelivery(s *expected) {
	m.t.Helper()
	d, err := m.w.x.Delivery(context.Background(), m.w.police.custodian.id, s.p.Share)
	must(m.t, err)
	if _, err := footage.CheckChain(d.Events, m.w.keyOf(m.w.police)); err != nil {
		m.t.Error(err)
	}
	hasClips := s.state != footage.ShareErased
	if want := s.done[footage.EventPickedUp] && hasClips; (d.Manifest != "") != want {
		m.t.Errorf("share in state %s shows its manifest: %v", s.state, d.Manifest != "")
	}
	for kind := range s.done {
		if !slices.ContainsFunc(d.Events, func(e footage.Event) bool { return e.Kind == kind }) {
			m.t.Errorf("the chain lacks %s", kind)
		}
	}
	for i, e := range d.Events {
		coarse := e.At.Equal(e.At.Truncate(tickLength)) || i > 0 && e.At.Equal(d.Events[i-1].At)
		ours := e.Party == footage.PartyExchange && e.Kind != footage.EventErased && e.Kind != footage.EventExpired
		if ours && !coarse {
			m.t.Errorf("event %d (%s) is dated %s, finer than the tick", i, e.Kind, e.At)
		}
	}
	if last := d.Events[len(d.Events)-1]; s.state == footage.ShareErased && !slices.ContainsFunc(d.Events, func(e footage.Event) bool { return e.Kind == footage.EventErased }) {
		m.t.Errorf("an erased share's chain ends with %s", last.Kind)
	}
}

func (m *model) checkMailbox(s *expected) {
	m.t.Helper()
	box, err := m.w.x.Mailbox(context.Background(), s.p.credential)
	if !s.hasMailbox() {
		wantKind(m.t, "mailbox", err, footage.Refused)
		return
	}
	must(m.t, err)
	if box.State != s.state || box.Recalled == s.recalled.IsZero() || box.Receipt.Sig != s.receipt.Sig || len(box.Messages) != s.messages {
		m.t.Errorf("the receipt says %s, recalled %v, %d messages; want %+v", box.State, box.Recalled, len(box.Messages), s)
	}
	if _, err := footage.CheckChain(box.Events, m.w.keyOf(m.w.police)); err != nil {
		m.t.Error(err)
	}
}

// checkClips: a share that is erased has no clip in the bucket, and one that is not has all that were sent.
func (m *model) checkClips(s *expected, kept []string) {
	m.t.Helper()
	for i, clip := range s.p.Clips {
		gone := s.state == "" || s.state == footage.ShareErased || s.state == footage.ShareTakenBack
		if there := slices.Contains(kept, "clips/"+string(clip)); there != (s.uploaded[i] && !gone) {
			m.t.Errorf("share in state %q, clip %d uploaded %v: in the bucket: %v", s.state, i, s.uploaded[i], there)
		}
	}
}
