// Package nodetest sets up whole exchanges for tests: the fictional town with its agencies and their people, served over
// HTTP, on SQLite and disk or on PostgreSQL and S3.
package nodetest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/softkey"
	"porchlight.example/seal"
)

// Person is a member of staff with a software passkey, signed in.
type Person struct {
	ID     footage.PersonID
	Key    *softkey.Key
	Client *api.Client
}

// Agency is an agency with one person of each role and a sealing key.
type Agency struct {
	footage.Agency
	Officer, Supervisor, Custodian Person
	Epoch                          *seal.Identity
	Sign                           ed25519.PrivateKey
	Device                         api.CustodianDevice
}

// Town is a whole exchange that is being served.
type Town struct {
	Node   *node.Node
	Opts   node.Options
	Server *httptest.Server
	Police *Agency
	// Moderator clears what agencies hand in.
	Moderator Person
	// Operator is the exchange's own; League signs for the independent attestor.
	Operator Person
	League   ed25519.PrivateKey
	now      atomic.Int64 // microseconds added to the wall clock
	t        testing.TB
}

// Now returns the exchange's time.
func (w *Town) Now() time.Time {
	return time.Now().UTC().Truncate(time.Microsecond).Add(time.Duration(w.now.Load()) * time.Microsecond)
}

// Advance moves the exchange's clock.
func (w *Town) Advance(d time.Duration) { w.now.Add(d.Microseconds()) }

// Start makes the town's exchange and serves it. mutate may change the options, such as database and blobs.
func Start(t testing.TB, mutate func(*node.Options)) *Town {
	t.Helper()
	ctx := context.Background()
	w := &Town{t: t, Opts: node.Options{Data: filepath.Join(t.TempDir(), "data"), AtOnce: true}}
	w.Opts.Now = w.Now
	if mutate != nil {
		mutate(&w.Opts)
	}
	srv := httptest.NewUnstartedServer(nil)
	base := "http://localhost:" + srv.Listener.Addr().String()[strings.LastIndex(srv.Listener.Addr().String(), ":")+1:]
	must(t, node.Create(ctx, w.Opts, node.New{Name: town.Name + " Exchange", Origin: "town.example/porchlight", Base: base, Fictional: true,
		Policies: [][]byte{policy.DefaultFile()}}))
	var err error
	w.Node, err = node.Open(ctx, w.Opts)
	must(t, err)
	t.Cleanup(func() { w.Node.Close() })
	h, err := w.Node.Handler(ctx)
	must(t, err)
	srv.Config.Handler = h
	srv.Start()
	srv.URL = base
	t.Cleanup(srv.Close)
	w.Server = srv
	w.Moderator = w.Enrol("", footage.Moderator)
	w.office()
	w.Police = w.agency(town.Agencies()[0])
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// agency registers an agency with its people and its key.
func (w *Town) agency(a footage.Agency) *Agency {
	w.t.Helper()
	ctx := context.Background()
	must(w.t, w.Node.Exchange.RegisterAgency(ctx, a))
	w.Verify(a)
	out := &Agency{Agency: a, Officer: w.Enrol(a.ID, footage.Officer), Supervisor: w.Enrol(a.ID, footage.Supervisor), Custodian: w.Enrol(a.ID, footage.Custodian)}
	w.key(out)
	return out
}

// office names the body that runs the exchange, enrols its operator and registers the independent attestor.
func (w *Town) office() {
	w.t.Helper()
	ctx := context.Background()
	must(w.t, w.Node.Exchange.NameOperator(ctx, town.Operator()))
	w.Operator = w.Enrol("", footage.Operator)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(w.t, err)
	w.League = private
	a := town.Attestors()[0]
	a.Key = api.Encode(public)
	must(w.t, w.Node.Exchange.RegisterAttestor(ctx, a))
}

// Verify has the independent attestor vouch for an agency and the operator approve it, both for a year.
func (w *Town) Verify(a footage.Agency) {
	w.t.Helper()
	ctx := context.Background()
	statement, err := town.Statement(town.League, w.Node.Exchange.Info().Origin, a, w.Now())
	must(w.t, err)
	must(w.t, statement.Sign(w.League))
	must(w.t, api.New(w.Server.URL).Call(ctx, "POST", "/v1/register/agencies/"+string(a.ID)+"/attestations", statement, nil))
	w.Operator.Client = w.Login(w.Operator.Key) // days may have passed
	var in api.SignedApproval
	path := "/v1/register/agencies/" + string(a.ID) + "/approval"
	must(w.t, w.Operator.Client.Call(ctx, "GET", path, nil, &in.Approval))
	canonical, err := in.Approval.Canonical()
	must(w.t, err)
	in.Assertion = w.Assert(w.Operator, footage.Operator, canonical)
	must(w.t, w.Operator.Client.Call(ctx, "POST", path, in, nil))
}

// Enrol adds a person, enrols a software passkey and signs in.
func (w *Town) Enrol(agency footage.AgencyID, roles ...footage.Role) Person {
	w.t.Helper()
	ctx := context.Background()
	p, token, err := w.Node.Exchange.InvitePerson(ctx, agency, "Pat "+string(roles[0]), roles...)
	must(w.t, err)
	key := w.Accept(token)
	return Person{ID: p.ID, Key: key, Client: w.Login(key)}
}

// Accept turns an invitation into a software passkey.
func (w *Town) Accept(token string) *softkey.Key {
	w.t.Helper()
	ctx := context.Background()
	rp := w.Node.Exchange.Info().RP
	key, err := softkey.New(rp.ID, rp.Origin)
	must(w.t, err)
	c := api.New(w.Server.URL)
	var challenge struct {
		Challenge string `json:"challenge"`
		User      string `json:"user"`
	}
	must(w.t, c.Call(ctx, "POST", "/v1/enrol/challenge", api.Invitation{Token: token}, &challenge))
	raw, err := api.Decode(challenge.Challenge)
	must(w.t, err)
	key.User, err = api.Decode(challenge.User)
	must(w.t, err)
	response, err := key.Create(raw)
	must(w.t, err)
	must(w.t, c.Call(ctx, "POST", "/v1/enrol", api.Enrolment{Token: token, Response: response}, nil))
	return key
}

// Login signs in with a software passkey.
func (w *Town) Login(key *softkey.Key) *api.Client {
	w.t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	var challenge struct {
		Challenge string `json:"challenge"`
	}
	must(w.t, c.Call(ctx, "POST", "/v1/login/challenge", nil, &challenge))
	raw, err := api.Decode(challenge.Challenge)
	must(w.t, err)
	response, err := key.GetJSON(raw)
	must(w.t, err)
	var session api.Session
	must(w.t, c.Call(ctx, "POST", "/v1/login", api.Login{Response: response}, &session))
	return c.As(session.Token)
}

func (w *Town) key(a *Agency) {
	ctx := context.Background()
	device, err := seal.GenerateIdentity()
	must(w.t, err)
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	must(w.t, err)
	a.Sign = priv
	must(w.t, a.Custodian.Client.Call(ctx, "POST", "/v1/agency/custodians", api.NewCustodian{SignKey: api.Encode(pub), Recipient: device.Recipient()}, &a.Device))
	w.OpenEpoch(a, 1)
}

// OpenEpoch gives an agency a new sealing key under a number, the next one.
func (w *Town) OpenEpoch(a *Agency, number int) {
	w.t.Helper()
	ctx := context.Background()
	var err error
	a.Epoch, err = seal.GenerateIdentity()
	must(w.t, err)
	recovery, err := seal.GenerateIdentity()
	must(w.t, err)
	open := api.OpenEpoch{Number: number, Recipient: a.Epoch.Recipient()}
	for holder, to := range map[string]string{string(a.Device.ID): a.Device.Recipient, "recovery": recovery.Recipient()} {
		wrapped, err := seal.Wrap(a.Epoch, to)
		must(w.t, err)
		open.Wrapped = append(open.Wrapped, api.WrappedKey{Epoch: number, Holder: holder, Wrapped: api.Encode(wrapped)})
	}
	must(w.t, a.Custodian.Client.Call(ctx, "POST", "/v1/agency/epochs", open, nil))
}

// Draft returns the town's sample request i, complete for the exchange.
func (w *Town) Draft(i int) api.DraftRequest {
	w.t.Helper()
	set, err := w.Node.Exchange.Policies(context.Background())
	must(w.t, err)
	sample := town.Requests()[i]
	salt := base64.RawURLEncoding.EncodeToString(make([]byte, 16))
	var nonce [16]byte
	_, _ = rand.Read(nonce[:])
	d := sample.Document(w.Now(), "en")
	place, err := footage.Canonical(sample.Place)
	must(w.t, err)
	d.Nonce, d.Policies = base64.RawURLEncoding.EncodeToString(nonce[:]), set.Refs()
	d.Case, d.Place = footage.Commit(make([]byte, 16), sample.Case), footage.Commit(make([]byte, 16), string(place))
	return api.DraftRequest{Document: d, Private: footage.Private{CaseNumber: sample.Case, CaseSalt: salt, Place: sample.Place, PlaceSalt: salt}}
}

// Publish takes a request of the police through everybody's hands until it is public, and returns its ID.
func (w *Town) Publish(in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	return w.PublishAs(w.Police, in)
}

// Assert signs canonical bytes with a person's passkey.
func (w *Town) Assert(p Person, role footage.Role, canonical []byte) footage.Assertion {
	sum := sha256.Sum256(canonical)
	return p.Key.Get(sum[:], role, p.ID)
}

// Event signs the next custody event of a share as the agency's custodian.
func (w *Town) Event(a *Agency, share footage.ShareID, kind footage.EventKind, detail map[string]string) error {
	ctx := context.Background()
	var d api.Delivery
	if err := a.Custodian.Client.Call(ctx, "GET", "/v1/agency/shares/"+string(share), nil, &d); err != nil {
		return err
	}
	last := d.Events[len(d.Events)-1]
	prev, err := last.Hash()
	if err != nil {
		return err
	}
	at := w.Now()
	if at.Before(last.At) {
		at = last.At
	}
	e := footage.Event{Share: share, Seq: len(d.Events), Prev: prev, At: at, Kind: kind, Party: footage.PartyAgency, Signer: string(a.Device.ID), Detail: detail}
	if err := e.Sign(a.Sign); err != nil {
		return err
	}
	return a.Custodian.Client.Call(ctx, "POST", "/v1/agency/shares/"+string(share)+"/events", e, nil)
}

// Files lists every file below the data folder.
func (w *Town) Files() []string {
	var all []string
	_ = filepath.WalkDir(w.Opts.Data, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return nil
	})
	return all
}
