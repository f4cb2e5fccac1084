package exchange_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/softkey"
	"porchlight.example/internal/store"
	"porchlight.example/internal/store/storetest"
	"porchlight.example/internal/testenv"
	"porchlight.example/internal/upload"
	"porchlight.example/ledger"
)

// world is one exchange of the fictional town on real engines, with a clock that stands still until it is moved.
type world struct {
	t      testing.TB
	x      *exchange.Exchange
	cfg    exchange.Config
	faults *faults
	clock  atomic.Int64 // microseconds
	rp     footage.RelyingParty
	police *agency
	// operator is the exchange's own; league signs for the independent attestor.
	operator person
	league   ed25519.PrivateKey
	// moderator clears what agencies hand in.
	moderator person
	cases     int // investigations so far
}

// agency is an agency with one person of each role and, once it has one, a sealing key.
type agency struct {
	footage.Agency
	officer, supervisor, custodian person
	device                         api.CustodianDevice
	sign                           ed25519.PrivateKey
	epoch                          int
}

type person struct {
	id  footage.PersonID
	key *softkey.Key
}

// options vary a world.
type options struct {
	real     bool // not fictional: software keys are refused
	atOnce   bool
	keyDelay time.Duration
	policies [][]byte
}

const origin = "town.example/porchlight"

// each runs a test on SQLite with the disk and on PostgreSQL with S3, under the same names.
func each(t *testing.T, o options, run func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel() // each waits for its own disk most of the time
	storetest.Each(t, func(t *testing.T, url string) { run(t, newWorld(t, url, bucketFor(t, url), o)) })
}

// lite makes a world on SQLite and disk alone, for tests in which the engine plays no part.
func lite(t testing.TB, o options) *world {
	t.Helper()
	return newWorld(t, filepath.Join(t.TempDir(), "porchlight.db"), disk(t), o)
}

func bucketFor(t *testing.T, url string) blob.Bucket {
	t.Helper()
	if !strings.HasPrefix(url, "postgres:") {
		return disk(t)
	}
	server := testenv.S3(t)
	b, err := s3.Open(t.Context(), server.URL(""), s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey})
	must(t, err)
	return b
}

// folder is a bucket on disk, and where it lies.
type folder struct {
	*blob.Disk
	dir string
}

func disk(t testing.TB) blob.Bucket {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	d, err := blob.OpenDisk(dir)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return folder{d, dir}
}

func newWorld(t testing.TB, url string, bucket blob.Bucket, o options) *world {
	t.Helper()
	if !o.real && o.policies == nil && o.keyDelay == 0 {
		return begun(t).copy(t, url, bucket, o)
	}
	return makeWorld(t, url, bucket, o)
}

// makeWorld makes a world from nothing.
func makeWorld(t testing.TB, url string, bucket blob.Bucket, o options) *world {
	t.Helper()
	w := bareWorld(t, bucket, filepath.Join(t.TempDir(), "guard"), o)
	w.openDatabase(url)
	signer, verifier, err := ledger.GenerateKey(origin, rand.Reader)
	must(t, err)
	w.cfg.Keys = exchange.Keys{LogSigner: signer, LogVerifier: verifier, Receipt: [32]byte{1}, Secret: [32]byte{2}}
	if o.policies == nil {
		o.policies = [][]byte{rules(nil)}
	}
	w.x, err = exchange.Create(t.Context(), w.cfg, "Town", origin, w.rp, !o.real, o.policies...)
	must(t, err)
	if !o.real {
		w.moderator = w.enrol("", footage.Moderator)
		w.office()
		w.police = w.agency(town.Agencies()[0])
	}
	return w
}

// bareWorld is a world without database, keys and exchange.
func bareWorld(t testing.TB, bucket blob.Bucket, guardDir string, o options) *world {
	t.Helper()
	w := &world{t: t, faults: &faults{Bucket: bucket}, rp: footage.RelyingParty{ID: "town.example", Origin: "https://town.example"}}
	w.clock.Store(time.Date(2026, 11, 18, 15, 4, 5, 0, time.UTC).UnixMicro())
	guard, err := exchange.NewGuard(guardDir)
	must(t, err)
	w.cfg = exchange.Config{Bucket: w.faults, Guard: guard, Now: w.now, AtOnce: o.atOnce, KeyDelay: o.keyDelay}
	return w
}

func (w *world) openDatabase(url string) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), url, store.Options{})
	must(w.t, err)
	w.t.Cleanup(func() { db.Close() })
	w.cfg.DB = db
}

// office names the body that runs the exchange, enrols its operator and registers the independent attestor.
func (w *world) office() {
	w.t.Helper()
	ctx := context.Background()
	must(w.t, w.x.NameOperator(ctx, town.Operator()))
	w.operator = w.enrol("", footage.Operator)
	w.league = w.attestor(town.Attestors()[0])
}

// attestor registers an attestor with a new key.
func (w *world) attestor(a footage.Attestor) ed25519.PrivateKey {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(w.t, err)
	a.Key = api.Encode(public)
	must(w.t, w.x.RegisterAttestor(context.Background(), a))
	return private
}

// statement returns the league's signed statement about an agency, as changed by mutate, if that is not nil.
func (w *world) statement(a footage.Agency, mutate func(*footage.Attestation)) footage.Attestation {
	w.t.Helper()
	s, err := town.Statement(town.League, origin, a, w.now())
	must(w.t, err)
	if mutate != nil {
		mutate(&s)
	}
	must(w.t, s.Sign(w.league))
	return s
}

// approve has the operator approve an agency until a time, or for a year.
func (w *world) approve(id footage.AgencyID, until time.Time) error {
	ctx := context.Background()
	a, err := w.x.ApprovalFor(ctx, w.operator.id, id, until)
	if err != nil {
		return err
	}
	return w.x.ApproveAgency(ctx, w.operator.id, api.SignedApproval{Approval: a, Assertion: assert(w.operator, footage.Operator, canonical(w.t, a))})
}

// verify has an agency vouched for and approved, both for a year.
func (w *world) verify(a footage.Agency) {
	w.t.Helper()
	must(w.t, w.x.Attest(context.Background(), a.ID, w.statement(a, nil)))
	must(w.t, w.approve(a.ID, time.Time{}))
}

// rules returns the default policy with other limits. One bit of work is enough for everybody here, and how often one may
// ask is bounded only where a test says how.
func rules(limits map[string]float64) []byte {
	var f map[string]any
	if err := json.Unmarshal(policy.DefaultFile(), &f); err != nil {
		panic(err)
	}
	var kept []any
	for _, r := range f["rules"].([]any) {
		rule := r.(map[string]any)
		if _, named := limits[rule["kind"].(string)]; !named && slices.Contains(rateKinds(), rule["kind"].(string)) {
			continue
		}
		kept = append(kept, rule)
		if rule["kind"] == "proof_of_work_bits" {
			rule["limit"] = 1
		}
		if limit, ok := limits[rule["kind"].(string)]; ok {
			rule["limit"] = limit
		}
	}
	f["rules"] = kept
	raw, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return raw
}

// rateKinds are the rules of how often one may ask.
func rateKinds() []string {
	return []string{"officer_requests_per_day", "agency_requests_per_day", "agency_requests_per_month", "camera_hours_per_month",
		"spot_requests_max", "spot_requests_ceiling"}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantKind fails the test unless err is of a kind.
func wantKind(t testing.TB, what string, err error, kind footage.Kind) {
	t.Helper()
	if footage.KindOf(err) != kind {
		t.Errorf("%s: %v (kind %q); want kind %q", what, err, footage.KindOf(err), kind)
	}
}

// wantCode fails the test unless err bears a code.
func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	var e *footage.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("%s: %v; want code %q", what, err, code)
	}
}

func (w *world) now() time.Time          { return time.UnixMicro(w.clock.Load()).UTC() }
func (w *world) advance(d time.Duration) { w.clock.Add(d.Microseconds()) }

// reopen is a restart of the program.
func (w *world) reopen() error {
	x, err := exchange.Open(context.Background(), w.cfg)
	if err == nil {
		w.x = x
	}
	return err
}

// agency registers an agency with its people and its key.
func (w *world) agency(a footage.Agency) *agency {
	w.t.Helper()
	must(w.t, w.x.RegisterAgency(context.Background(), a))
	w.verify(a)
	out := &agency{Agency: a, officer: w.enrol(a.ID, footage.Officer), supervisor: w.enrol(a.ID, footage.Supervisor),
		custodian: w.enrol(a.ID, footage.Custodian)}
	out.device, out.sign = w.device(out.custodian)
	w.openEpoch(out)
	return out
}

// enrol adds a person with a software passkey.
func (w *world) enrol(agency footage.AgencyID, roles ...footage.Role) person {
	w.t.Helper()
	p, token, err := w.x.InvitePerson(context.Background(), agency, "Pat the "+string(roles[0]), roles...)
	must(w.t, err)
	key, err := softkey.New(w.rp.ID, w.rp.Origin)
	must(w.t, err)
	must(w.t, w.accept(token, key))
	return person{p.ID, key}
}

// accept enrols a key with an invitation.
func (w *world) accept(token string, key *softkey.Key) error {
	ctx := context.Background()
	challenge, err := w.x.Accounts().EnrolChallenge(ctx, token)
	if err != nil {
		return err
	}
	raw, err := api.Decode(challenge.Challenge)
	must(w.t, err)
	key.User, err = api.Decode(challenge.User)
	must(w.t, err)
	response, err := key.Create(raw)
	must(w.t, err)
	_, err = w.x.Enrol(ctx, token, response)
	return err
}

// device registers a device of a custodian.
func (w *world) device(p person) (api.CustodianDevice, ed25519.PrivateKey) {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(w.t, err)
	device, err := w.x.AddCustodian(context.Background(), p.id, api.NewCustodian{SignKey: api.Encode(public), Recipient: recipient('d')})
	must(w.t, err)
	return device, private
}

// recipient has the form of a post-quantum age recipient, which is all that the exchange can tell.
func recipient(filler byte) string { return "age1pq1" + strings.Repeat(string(filler), 1952) }

// openEpoch opens the agency's next epoch, wrapped for its custodian's device.
func (w *world) openEpoch(a *agency) {
	w.t.Helper()
	a.epoch++
	_, err := w.x.OpenEpoch(context.Background(), a.custodian.id, epochFor(a.epoch, a.device.ID))
	must(w.t, err)
}

func epochFor(number int, holders ...footage.CustodianID) api.OpenEpoch {
	in := api.OpenEpoch{Number: number, Recipient: recipient('e'), Wrapped: []api.WrappedKey{{Epoch: number, Holder: "recovery", Wrapped: api.Encode([]byte("sheet"))}}}
	for _, h := range holders {
		in.Wrapped = append(in.Wrapped, api.WrappedKey{Epoch: number, Holder: string(h), Wrapped: api.Encode([]byte("device"))})
	}
	return in
}

// draft returns the town's sample request i, complete for the exchange, with a fresh nonce.
func (w *world) draft(i int) api.DraftRequest {
	w.t.Helper()
	set, err := w.x.Policies(context.Background())
	must(w.t, err)
	sample := town.Requests()[i]
	d := sample.Document(w.now(), "en")
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	d.Nonce, d.Policies = api.Encode(nonce), set.Refs()
	return bind(api.DraftRequest{Document: d, Private: footage.Private{CaseNumber: sample.Case, Place: sample.Place}})
}

// fresh returns a request of an investigation of its own.
func (w *world) fresh() api.DraftRequest {
	in := w.draft(0)
	w.cases++
	in.Private.CaseNumber, in.Document.Code = fmt.Sprintf("%d/26", w.cases), fmt.Sprintf("MLPD-%06d", w.cases)
	return bind(in)
}

// bind makes the document's commitments fit its private part.
func bind(in api.DraftRequest) api.DraftRequest {
	salt := make([]byte, 16)
	in.Private.CaseSalt, in.Private.PlaceSalt = api.Encode(salt), api.Encode(salt)
	place, err := footage.Canonical(in.Private.Place)
	if err != nil {
		panic(err)
	}
	in.Document.Case, in.Document.Place = footage.Commit(salt, in.Private.CaseNumber), footage.Commit(salt, string(place))
	return in
}

// assert signs canonical bytes with a person's passkey.
func assert(p person, role footage.Role, canonical []byte) footage.Assertion {
	sum := sha256.Sum256(canonical)
	return p.key.Get(sum[:], role, p.id)
}

func canonical(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := footage.Canonical(v)
	must(t, err)
	return raw
}

// approved drafts, signs and approves a request.
func (w *world) approved(a *agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	ctx := context.Background()
	draft, err := w.x.Draft(ctx, a.officer.id, in)
	must(w.t, err)
	raw := canonical(w.t, in.Document)
	must(w.t, w.x.Sign(ctx, a.officer.id, draft.ID, assert(a.officer, footage.Officer, raw)))
	must(w.t, w.x.Approve(ctx, a.supervisor.id, draft.ID, assert(a.supervisor, footage.Supervisor, raw)))
	return draft.ID
}

// publish takes a request all the way.
func (w *world) publish(a *agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	id := w.submitted(a, in)
	must(w.t, w.x.Clear(context.Background(), w.moderator.id, string(id)))
	return id
}

// submitted takes a request to the moderators.
func (w *world) submitted(a *agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	id := w.approved(a, in)
	must(w.t, w.x.Submit(context.Background(), a.supervisor.id, id, api.Submit{}))
	return id
}

// update returns the next update of a request.
func (w *world) update(id footage.RequestID, previous string, kind footage.UpdateKind, text string) footage.Update {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	return footage.Update{Type: footage.UpdateType, Nonce: api.Encode(nonce), Request: id, Previous: previous, Kind: kind, Text: text, At: w.now()}
}

// parcel is a share on its way, as its sender knows it.
type parcel struct {
	api.BegunShare
	credential string
	clips      [][]byte
	manifest   string
}

// begin begins a share of some clips.
func (w *world) begin(id footage.RequestID, epoch int, clips ...[]byte) (parcel, error) {
	ctx := context.Background()
	p := parcel{credential: footage.NewSecret(), clips: clips, manifest: api.Encode([]byte("sealed manifest"))}
	work, err := w.x.Work(ctx)
	if err != nil {
		return p, err
	}
	solution, err := work.Solve(ctx)
	must(w.t, err)
	in := api.BeginShare{Work: solution, Credential: footage.Hash([]byte(p.credential)), Epoch: epoch}
	for _, c := range clips {
		in.Sizes = append(in.Sizes, int64(len(c)))
	}
	p.BegunShare, err = w.x.BeginShare(ctx, id, in)
	return p, err
}

// upload brings clip i to the exchange as package upload does it.
func (w *world) upload(p parcel, i int) error {
	ctx := context.Background()
	book := w.x.Book()
	size := int64(len(p.clips[i]))
	row, err := book.Begin(ctx, upload.Opening{Ticket: p.Ticket, Clip: p.Clips[i], Length: size})
	if err != nil {
		return err
	}
	if row.State, err = w.faults.Begin(ctx, row.Key, size); err != nil {
		return err
	}
	if _, row.State, err = w.faults.Append(ctx, row.Key, row.State, 0, bytes.NewReader(p.clips[i])); err != nil {
		return err
	}
	if err := w.faults.Finish(ctx, row.Key, row.State); err != nil {
		return err
	}
	row.Offset, row.Digest = size, digestOf(p.clips[i])
	return book.Progress(ctx, 0, row)
}

func digestOf(clip []byte) string {
	var d footage.SegmentDigest
	_, _ = d.Write(clip)
	return d.Sum()
}

// commit commits what the sender believes to have sent.
func (w *world) commit(p parcel) (footage.Receipt, error) {
	in := api.CommitShare{Manifest: p.manifest}
	for i, c := range p.clips {
		in.Clips = append(in.Clips, api.ClipDigest{ID: p.Clips[i], Digest: digestOf(c)})
	}
	return w.x.CommitShare(context.Background(), p.Ticket, in)
}

// send takes a share from its beginning to its receipt.
func (w *world) send(a *agency, id footage.RequestID, clips ...[]byte) (parcel, footage.Receipt) {
	w.t.Helper()
	if len(clips) == 0 {
		clips = [][]byte{[]byte("sealed clip")}
	}
	p, err := w.begin(id, a.epoch, clips...)
	must(w.t, err)
	for i := range clips {
		must(w.t, w.upload(p, i))
	}
	r, err := w.commit(p)
	must(w.t, err)
	return p, r
}

// release lets two ticks pass, after which the agency sees what was committed.
func (w *world) release() {
	w.t.Helper()
	w.advance(30 * time.Minute)
	must(w.t, w.x.Release(context.Background()))
}

// event signs the next custody event of a share with the agency's device.
func (w *world) event(a *agency, share footage.ShareID, kind footage.EventKind, detail map[string]string) (footage.Event, error) {
	d, err := w.x.Delivery(context.Background(), a.custodian.id, share)
	if err != nil {
		return footage.Event{}, err
	}
	last := d.Events[len(d.Events)-1]
	e := footage.Event{Share: share, Seq: len(d.Events), At: w.now(), Kind: kind, Party: footage.PartyAgency, Signer: string(a.device.ID), Detail: detail}
	if e.At.Before(last.At) {
		e.At = last.At
	}
	if e.Prev, err = last.Hash(); err != nil {
		return e, err
	}
	return e, e.Sign(a.sign)
}

// step records the next custody event of a share.
func (w *world) step(a *agency, share footage.ShareID, kind footage.EventKind, detail map[string]string) error {
	e, err := w.event(a, share, kind, detail)
	if err != nil {
		return err
	}
	return w.x.RecordEvent(context.Background(), a.custodian.id, e)
}

// steps records several events that must succeed.
func (w *world) steps(a *agency, share footage.ShareID, kinds ...footage.EventKind) {
	w.t.Helper()
	for _, kind := range kinds {
		if err := w.step(a, share, kind, nil); err != nil {
			w.t.Fatalf("%s: %v", kind, err)
		}
	}
}

// keyOf finds the key of a custody event's signer.
func (w *world) keyOf(a *agency) func(footage.Party, string) (ed25519.PublicKey, error) {
	return func(party footage.Party, signer string) (ed25519.PublicKey, error) {
		if party == footage.PartyExchange {
			return w.receiptKey(), nil
		}
		if signer != string(a.device.ID) {
			return nil, footage.E(footage.NotFound, "no such custodian")
		}
		return a.sign.Public().(ed25519.PublicKey), nil
	}
}

func (w *world) receiptKey() ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(w.cfg.Keys.Receipt[:]).Public().(ed25519.PublicKey)
}

// clips returns the keys of the clips that the bucket holds, stagings aside.
func (w *world) clips() []string {
	w.t.Helper()
	var keys []string
	for info, err := range w.faults.List(context.Background(), "clips/") {
		must(w.t, err)
		keys = append(keys, info.Key)
	}
	return keys
}

// faults is the real bucket with failures that a test orders.
type faults struct {
	blob.Bucket
	fail atomic.Pointer[func(op, key string) error]
}

var errBroken = errors.New("the bucket is broken")

// set makes operations fail as fn says, until it is called with nil.
func (f *faults) set(fn func(op, key string) error) {
	if fn == nil {
		f.fail.Store(nil)
		return
	}
	f.fail.Store(&fn)
}

func (f *faults) check(op, key string) error {
	if fn := f.fail.Load(); fn != nil {
		return (*fn)(op, key)
	}
	return nil
}

func (f *faults) Put(ctx context.Context, key string, body []byte) error {
	if err := f.check("put", key); err != nil {
		return err
	}
	return errors.Join(f.Bucket.Put(ctx, key, body), f.check("after put", key))
}

func (f *faults) PutNew(ctx context.Context, key string, body []byte) error {
	if err := f.check("put", key); err != nil {
		return err
	}
	return errors.Join(f.Bucket.PutNew(ctx, key, body), f.check("after put", key))
}

func (f *faults) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := f.check("get", key); err != nil {
		return nil, err
	}
	return f.Bucket.Get(ctx, key, offset, length)
}

func (f *faults) Delete(ctx context.Context, key string) error {
	if err := f.check("delete", key); err != nil {
		return err
	}
	return errors.Join(f.Bucket.Delete(ctx, key), f.check("after delete", key))
}
