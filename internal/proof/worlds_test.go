package proof_test

import (
	"context"
	"crypto/ed25519"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/softkey"
	"porchlight.example/internal/web"
	"porchlight.example/seal"
)

// stage is what all worlds of a test have in common: seed, clock, keys, the agency's people and what they write. Whatever
// would otherwise be random is made here, once, or follows from the seed and the object's name.
type stage struct {
	t      testing.TB
	seed   string
	start  time.Time
	new    node.New
	people map[footage.Role]*softkey.Key
	sign   ed25519.PrivateKey
	league ed25519.PrivateKey // of the attestor
	device *seal.Identity
	epoch  *seal.Identity
	open   api.OpenEpoch // but for the device's ID
	sealed []byte        // a sealed message
}

// staffRoles are those of the agency's people and of the exchange's own.
var staffRoles = []footage.Role{footage.Operator, footage.Officer, footage.Supervisor, footage.Custodian, footage.Moderator}

const exchangeAddress = "https://exchange.example"

// newStage sets the stage, with the default policy but for cheap work and no limit per network to speak of.
func newStage(t testing.TB, seed string) *stage {
	t.Helper()
	s := &stage{t: t, seed: seed, start: time.Date(2026, 11, 18, 15, 2, 0, 0, time.UTC), people: map[footage.Role]*softkey.Key{}}
	keys, err := node.NewKeys("town.example/porchlight")
	must(t, err)
	s.new = node.New{Name: town.Name + " Exchange", Origin: "town.example/porchlight", Base: exchangeAddress, Fictional: true,
		Policies: [][]byte{rules(t, map[string]float64{"proof_of_work_bits": 1, "shares_per_client_hour": 1000})}, Keys: keys}
	for _, role := range staffRoles {
		s.people[role], err = softkey.New("exchange.example", exchangeAddress)
		must(t, err)
	}
	s.league = ed25519.NewKeyFromSeed(s.bytes("league", "", 32))
	s.sign = ed25519.NewKeyFromSeed(s.bytes("sign", "", 32))
	s.device, s.epoch = identity(t), identity(t)
	recovery := identity(t)
	s.open = api.OpenEpoch{Number: 1, Recipient: s.epoch.Recipient()}
	for _, to := range []*seal.Identity{s.device, recovery} {
		wrapped, err := seal.Wrap(s.epoch, to.Recipient())
		must(t, err)
		s.open.Wrapped = append(s.open.Wrapped, api.WrappedKey{Epoch: 1, Holder: "recovery", Wrapped: api.Encode(wrapped)})
	}
	s.sealed, err = seal.SealBytes([]byte("a word"), 4096, s.epoch.Recipient())
	must(t, err)
	return s
}

func identity(t testing.TB) *seal.Identity {
	t.Helper()
	id, err := seal.GenerateIdentity()
	must(t, err)
	return id
}

// rules returns the default policy with other limits.
func rules(t testing.TB, limits map[string]float64) []byte {
	t.Helper()
	var file map[string]any
	must(t, json.Unmarshal(policy.DefaultFile(), &file))
	changed := 0
	for _, r := range file["rules"].([]any) {
		rule := r.(map[string]any)
		if limit, ok := limits[rule["kind"].(string)]; ok {
			rule["limit"] = limit
			changed++
		}
	}
	if changed != len(limits) {
		t.Fatalf("the default policy has %d of the rules %v", changed, limits)
	}
	raw, err := json.Marshal(file)
	must(t, err)
	return raw
}

// random is the randomness of one object (decision 26). Only of puzzles are there several for one name; they are gone
// before anybody compares.
func (s *stage) random(kind, of string) io.Reader {
	if kind == "work" {
		return crand.Reader
	}
	return rand.NewChaCha8(sha256.Sum256([]byte(s.seed + "\n" + kind + "\n" + of)))
}

func (s *stage) bytes(kind, of string, n int) []byte {
	b := make([]byte, n)
	_, _ = io.ReadFull(s.random(kind, of), b) // it never fails
	return b
}

// dice is randomness for what a script decides.
func (s *stage) dice(kind, of string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256([]byte(s.seed + "\ndice " + kind + "\n" + of))))
}

// world is one exchange on which a script is played.
type world struct {
	*stage
	name     string
	opts     node.Options
	node     *node.Node
	handler  *web.Handler
	server   *httptest.Server
	base     string             // where clients find it
	dial     func() *api.Client // another way of making a client; nil: none
	apart    bool               // the true program serves it
	wall     bool               // the clock is the wall's
	log      tail
	clock    atomic.Int64 // microseconds
	staff    map[footage.Role]*api.Client
	persons  map[footage.Role]footage.PersonID
	custody  api.CustodianDevice
	requests []footage.RequestID
	sendings map[string]*sending // of residents, by credential
	receipts map[string]footage.Receipt
	leaks    []*leak // watch what happens, see leaks_test.go
}

// fromHeader says in a test which network a resident sits in.
const fromHeader = "X-Test-From"

// build makes the exchange, registers the agency and publishes n requests at the start of the script's time.
func (s *stage) build(t testing.TB, name string, engine func(*node.Options), n int) *world {
	t.Helper()
	w := &world{stage: s, name: name, staff: map[footage.Role]*api.Client{}, persons: map[footage.Role]footage.PersonID{},
		sendings: map[string]*sending{}, receipts: map[string]footage.Receipt{}, leaks: leaks()}
	w.set(s.start)
	w.opts = node.Options{Data: filepath.Join(t.TempDir(), "data"), Now: w.now, Random: s.random,
		Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	engine(&w.opts)
	ctx := t.Context()
	must(t, node.Create(ctx, w.opts, s.new))
	var err error
	w.node, err = node.Open(ctx, w.opts)
	must(t, err)
	t.Cleanup(func() { w.node.Close() })
	w.handler, err = w.node.Handler(ctx)
	must(t, err)
	w.server = httptest.NewServer(http.HandlerFunc(w.serve))
	w.base = w.server.URL
	t.Cleanup(w.server.Close)
	w.enrol(t)
	for i := range n {
		w.publish(t, i)
	}
	return w
}

// serve is the exchange, with each resident in a network of its own and the planted leaks looking on.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	if from := r.Header.Get(fromHeader); from != "" {
		r.RemoteAddr = net.JoinHostPort(from, "4711")
	}
	for _, l := range w.leaks {
		l.saw(w, r)
	}
	if r.URL.Path == "/metrics" { // served apart; what it tells may tell nothing either
		w.node.Metrics().ServeHTTP(rw, r)
		return
	}
	w.handler.ServeHTTP(rw, r)
}

func (w *world) set(at time.Time) { w.clock.Store(at.UnixMicro()) }

// public returns a client of nobody in particular.
func (w *world) public() *api.Client {
	if w.dial != nil {
		return w.dial()
	}
	return api.New(w.base)
}

func (w *world) now() time.Time {
	if w.wall {
		return time.Now().UTC().Truncate(time.Microsecond)
	}
	return time.UnixMicro(w.clock.Load()).UTC()
}

// enrol registers the agency, its people and its key.
func (w *world) enrol(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	x := w.node.Exchange
	must(t, x.RegisterAgency(ctx, town.Agencies()[0]))
	must(t, x.RegisterAgency(ctx, town.Agencies()[1]))
	for _, role := range staffRoles {
		agency := town.Police
		if role.OfExchange() {
			agency = ""
		}
		p, token, err := x.InvitePerson(ctx, agency, "Pat "+string(role), role)
		must(t, err)
		w.persons[role] = p.ID
		challenge, err := x.Accounts().EnrolChallenge(ctx, token)
		must(t, err)
		w.people[role].User, err = api.Decode(challenge.User)
		must(t, err)
		raw, err := api.Decode(challenge.Challenge)
		must(t, err)
		response, err := w.people[role].Create(raw)
		must(t, err)
		_, err = x.Enrol(ctx, token, response)
		must(t, err)
	}
	w.verify(t, town.Agencies()[0])
	must(t, w.signIn(ctx))
	custodian := w.staff[footage.Custodian]
	pub := w.sign.Public().(ed25519.PublicKey)
	must(t, custodian.Call(ctx, "POST", "/v1/agency/custodians", api.NewCustodian{SignKey: api.Encode(pub), Recipient: w.device.Recipient()}, &w.custody))
	open := w.open
	open.Wrapped = append([]api.WrappedKey(nil), w.open.Wrapped...)
	open.Wrapped[0].Holder = string(w.custody.ID)
	must(t, custodian.Call(ctx, "POST", "/v1/agency/epochs", open, nil))
}

// verify has an independent attestor vouch for an agency and the operator approve it.
func (w *world) verify(t testing.TB, a footage.Agency) {
	t.Helper()
	ctx, x := t.Context(), w.node.Exchange
	must(t, x.NameOperator(ctx, town.Operator()))
	by := town.Attestors()[0]
	by.Key = api.Encode(w.league.Public().(ed25519.PublicKey))
	must(t, x.RegisterAttestor(ctx, by))
	says, err := town.Statement(by.ID, x.Info().Origin, a, w.now())
	must(t, err)
	must(t, says.Sign(w.league))
	must(t, x.Attest(ctx, a.ID, says))
	approval, err := x.ApprovalFor(ctx, w.persons[footage.Operator], a.ID, time.Time{})
	must(t, err)
	canonical, err := approval.Canonical()
	must(t, err)
	must(t, x.ApproveAgency(ctx, w.persons[footage.Operator], api.SignedApproval{Approval: approval, Assertion: w.assert(footage.Operator, canonical)}))
}

// signIn signs the agency's people in, as they do each day.
func (w *world) signIn(ctx context.Context) error {
	for role, key := range w.people {
		c := w.public()
		var challenge api.LoginChallenge
		if err := c.Call(ctx, "POST", "/v1/login/challenge", nil, &struct {
			*api.LoginChallenge
			Options json.RawMessage `json:"options"`
		}{LoginChallenge: &challenge}); err != nil {
			return err
		}
		raw, err := api.Decode(challenge.Challenge)
		if err != nil {
			return err
		}
		response, err := key.GetJSON(raw)
		if err != nil {
			return err
		}
		var session api.Session
		if err := c.Call(ctx, "POST", "/v1/login", api.Login{Response: response}, &session); err != nil {
			return err
		}
		w.staff[role] = c.As(session.Token)
	}
	return nil
}

// publish publishes the town's sample request i of the police.
func (w *world) publish(t testing.TB, i int) {
	t.Helper()
	in, err := w.draft(t.Context(), i)
	must(t, err)
	id, err := w.publishDraft(t.Context(), in)
	must(t, err)
	w.requests = append(w.requests, id)
}

// draft returns the town's sample request i of the police, complete for the exchange.
func (w *world) draft(ctx context.Context, i int) (api.DraftRequest, error) {
	info, err := w.public().Exchange(ctx)
	if err != nil {
		return api.DraftRequest{}, err
	}
	var samples []town.Request
	for _, r := range town.Requests() {
		if r.Agency == town.Police {
			samples = append(samples, r)
		}
	}
	sample := samples[i]
	salt := make([]byte, 16)
	d := sample.Document(w.now(), "en")
	place, err := footage.Canonical(sample.Place)
	d.Nonce, d.Policies = api.Encode(w.bytes("nonce", sample.Code, 16)), info.Policies
	d.Case, d.Place = footage.Commit(salt, sample.Case), footage.Commit(salt, string(place))
	return api.DraftRequest{Document: d, Private: footage.Private{CaseNumber: sample.Case, CaseSalt: api.Encode(salt),
		Place: sample.Place, PlaceSalt: api.Encode(salt)}}, err
}

// publishDraft drafts, signs, approves and publishes.
func (w *world) publishDraft(ctx context.Context, in api.DraftRequest) (footage.RequestID, error) {
	canonical, err := in.Document.Canonical()
	if err != nil {
		return "", err
	}
	var draft api.AgencyRequest
	if err := w.staff[footage.Officer].Call(ctx, "POST", "/v1/agency/requests", in, &draft); err != nil {
		return "", fmt.Errorf("draft: %w", err)
	}
	path := "/v1/agency/requests/" + string(draft.ID)
	if err := w.staff[footage.Officer].Call(ctx, "POST", path+"/sign", api.Signature{Assertion: w.assert(footage.Officer, canonical)}, nil); err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if err := w.staff[footage.Supervisor].Call(ctx, "POST", path+"/approve", api.Signature{Assertion: w.assert(footage.Supervisor, canonical)}, nil); err != nil {
		return "", fmt.Errorf("approve: %w", err)
	}
	if err := w.staff[footage.Supervisor].Call(ctx, "POST", path+"/submit", api.Submit{}, nil); err != nil {
		return "", fmt.Errorf("submit: %w", err)
	}
	if err := w.staff[footage.Moderator].Call(ctx, "POST", "/v1/moderation/cases/"+string(draft.ID)+"/clear", struct{}{}, nil); err != nil {
		return "", fmt.Errorf("clear: %w", err)
	}
	return draft.ID, nil
}

// resolve ends a request by its officer's signature.
func (w *world) resolve(ctx context.Context, id footage.RequestID) error {
	u := footage.Update{Type: footage.UpdateType, Request: id, Previous: string(id), Kind: footage.Resolved, Nonce: api.Encode(w.bytes("nonce", "update", 16)), At: w.now().Truncate(time.Second)}
	canonical, err := u.Canonical()
	if err != nil {
		return err
	}
	return w.staff[footage.Officer].Call(ctx, "POST", "/v1/agency/requests/"+string(id)+"/updates", api.SignedUpdate{Update: u, Assertion: w.assert(footage.Officer, canonical)}, nil)
}

// followUp says something after a request that has ended, by its supervisor's signature.
func (w *world) followUp(ctx context.Context, id footage.RequestID, in api.NewFollowUp) error {
	supervisor, path := w.staff[footage.Supervisor], "/v1/agency/requests/"+string(id)+"/followups"
	var f footage.FollowUp
	if err := supervisor.Call(ctx, "POST", path+"/draft", in, &f); err != nil {
		return err
	}
	canonical, err := f.Canonical()
	if err != nil {
		return err
	}
	return supervisor.Call(ctx, "POST", path, api.SignedFollowUp{FollowUp: f, Assertion: w.assert(footage.Supervisor, canonical)}, nil)
}

func (w *world) assert(role footage.Role, canonical []byte) footage.Assertion {
	sum := sha256.Sum256(canonical)
	return w.people[role].Get(sum[:], role, w.persons[role])
}

// event records the next custody event of a share as the agency's custodian.
func (w *world) event(ctx context.Context, share footage.ShareID, kind footage.EventKind) error {
	var d api.Delivery
	custodian := w.staff[footage.Custodian]
	if err := custodian.Call(ctx, "GET", "/v1/agency/shares/"+string(share), nil, &d); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	last := d.Events[len(d.Events)-1]
	prev, err := last.Hash()
	if err != nil {
		return err
	}
	e := footage.Event{Share: share, Seq: len(d.Events), Prev: prev, At: w.now(), Kind: kind, Party: footage.PartyAgency, Signer: string(w.custody.ID)}
	if e.At.Before(last.At) {
		e.At = last.At
	}
	if kind == footage.EventDeclined {
		e.Detail = map[string]string{"reason": "not_relevant", "exculpatory": "none_seen"}
	}
	if err := e.Sign(w.sign); err != nil {
		return err
	}
	if err := custodian.Call(ctx, "POST", "/v1/agency/shares/"+string(share)+"/events", e, nil); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// act is something that somebody does at a time.
type act struct {
	at  time.Duration // after the start
	who string
	do  func(ctx context.Context, w *world) error
}

// play plays acts, which must be in order of time.
func (w *world) play(t testing.TB, acts []act) {
	t.Helper()
	for _, a := range acts {
		w.set(w.start.Add(a.at))
		if err := a.do(t.Context(), w); err != nil {
			t.Fatalf("world %q, %s after %v: %v", w.name, a.who, a.at, err)
		}
	}
}
