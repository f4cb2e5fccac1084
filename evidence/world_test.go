package evidence

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

var update = flag.Bool("update", false, "write golden files and vectors anew")

// noon is the moment at which every test world begins.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// bytesFrom is an endless deterministic stream that depends on its name alone, so that vectors are the same on every run.
type bytesFrom struct {
	name string
	n    uint64
	rest []byte
}

func (r *bytesFrom) Read(p []byte) (int, error) {
	for i := range p {
		if len(r.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(r.name), r.n))
			r.rest, r.n = sum[:], r.n+1
		}
		p[i], r.rest = r.rest[0], r.rest[1:]
	}
	return len(p), nil
}

func seed(name string) []byte {
	b := make([]byte, 32)
	_, _ = (&bytesFrom{name: name}).Read(b)
	return b
}

func edKey(name string) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed(name)) }

func edPublic(name string) string { return b64(edKey(name).Public().(ed25519.PublicKey)) }

func id(prefix, name string) string { return footage.NewID(&bytesFrom{name: name}, prefix) }

// p256 returns a passkey's private key; its signatures are deterministic (RFC 6979).
func p256(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	raw := seed("p256 " + name)
	raw[0] = 1 // below the order of the curve
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func logKeys(t testing.TB, origin, name string) (note.Signer, string) {
	t.Helper()
	vkey, err := note.NewEd25519VerifierKey(origin, edKey(name).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(vkey, "+", 3)
	s, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{1}, seed(name)...)))
	if err != nil {
		t.Fatal(err)
	}
	return s, vkey
}

// memory holds a log's objects.
type memory struct{ sync.Map }

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	if b, ok := m.Load(key); ok {
		return append([]byte(nil), b.([]byte)...), nil
	}
	return nil, footage.E(footage.NotFound, "no "+key)
}

func (m *memory) Put(_ context.Context, key string, data []byte) error {
	m.Store(key, append([]byte(nil), data...))
	return nil
}

// fact is one line that the world's exchange will write.
type fact struct {
	at   time.Time
	fact ledger.Fact
}

// world is an exchange with an agency and a published request. Its parts may be changed before log writes them.
type world struct {
	t        testing.TB
	exchange ledger.ExchangeCreated
	agency   footage.Agency
	vouch    vouching
	officer  ledger.PersonEnrolled
	super    ledger.PersonEnrolled
	epoch    footage.Epoch
	policy   ledger.PolicyAdopted
	doc      footage.Document
	before   []fact      // written in front of the request
	after    []fact      // written behind it
	drop     ledger.Kind // never written
	omit     ledger.Kind // written, but kept back from the bundle
	// dishonest signs other assertions than the honest two, or publishes something else.
	dishonest func(record *footage.Record, published *ledger.RequestPublished)
	updates   []footage.UpdateRecord
	logKey    string // name of the key that signs the log
}

// vouching is who vouches for the world's agency. Statement and approval are made from it when the log is written; the funcs
// may change them before they are signed.
type vouching struct {
	operator   footage.Body
	attestor   footage.Attestor
	person     ledger.PersonEnrolled // the operator's
	statement  func(*footage.Attestation)
	approval   func(*footage.Approval)
	statedBy   string // name of the key that signs the statement
	approvedBy string // name of the passkey that signs the approval
}

// vouchers returns the entries that say that the agency was verified twice.
func (w *world) vouchers(at time.Time) []fact {
	w.t.Helper()
	v := w.vouch
	description, err := footage.DescriptionHash(w.agency)
	if err != nil {
		w.t.Fatal(err)
	}
	a := footage.Attestation{Type: footage.AttestationType, Exchange: testOrigin, Attestor: v.attestor.ID, Agency: w.agency.ID, Description: description,
		Checks: []footage.Check{{Kind: footage.RegisterMatch, On: at.Add(-time.Hour), Source: "State register of agencies"}, {Kind: footage.CallBack, On: at.Add(-time.Hour), Source: "State directory"}},
		By:     "Deputy secretary", Issued: at, Expires: footage.YearAfter(at)}
	if v.statement != nil {
		v.statement(&a)
	}
	if err := a.Sign(edKey(v.statedBy)); err != nil {
		w.t.Fatal(err)
	}
	hash, err := a.Hash()
	if err != nil {
		w.t.Fatal(err)
	}
	p := footage.Approval{Type: footage.ApprovalType, Exchange: testOrigin, Operator: v.operator.ID, Agency: w.agency.ID, Description: description, Attestation: hash,
		Issued: at, Expires: footage.YearAfter(at)}
	if v.approval != nil {
		v.approval(&p)
	}
	canonical, err := p.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	return []fact{{at, ledger.OperatorNamed{Body: v.operator}}, {at, v.person}, {at, ledger.AttestorRegistered{Attestor: v.attestor}}, {at, ledger.AgencyAttested{Attestation: a}},
		{at, ledger.AgencyApproved{Approval: p, Assertion: w.assert(v.approvedBy, footage.Operator, w.exchange.RP.Origin, canonical)}}}
}

const testOrigin = "exchange.example/log"

func newWorld(t testing.TB) *world {
	policy := footage.Hash([]byte("the policy"))
	w := &world{
		t: t,
		exchange: ledger.ExchangeCreated{Name: "Example County Exchange", Origin: testOrigin, Fictional: true,
			RP: footage.RelyingParty{ID: "exchange.example", Origin: "https://exchange.example"}, ReceiptKey: edPublic("receipt")},
		agency: footage.Agency{ID: "maplewood-pd", Name: "Maplewood Police Department", Type: footage.MunicipalPolice, Body: "town-of-maplewood", ORI: "IL0160000", State: "IL", County: "Example County",
			Jurisdiction: []footage.Area{square(-87.70, 41.80, 0.1)}, Contact: footage.Contact{Name: "Records", Phone: "555-0100"}},
		policy: ledger.PolicyAdopted{Name: "default", SHA256: policy, InForce: noon.Add(-time.Hour)},
		epoch: footage.Epoch{Agency: "maplewood-pd", Number: 1, Recipient: "age1pq1" + strings.Repeat("q", 1952), Opened: noon.Add(-time.Hour),
			Custodians: []footage.CustodianKey{{ID: footage.CustodianID(id("k", "custodian")), Person: footage.PersonID(id("p", "custodian")), Key: edPublic("custodian")}}},
		logKey: "log",
	}
	w.vouch = vouching{operator: footage.Body{ID: "county-clerk", Name: "County Clerk"}, person: w.person("operator", footage.Operator),
		attestor: footage.Attestor{ID: "league", Name: "League of Towns", Body: "league-of-towns", Kind: footage.Independent, Key: edPublic("league")}, statedBy: "league", approvedBy: "operator"}
	w.vouch.person.Agency = ""
	w.officer, w.super = w.person("officer", footage.Officer), w.person("supervisor", footage.Supervisor)
	w.doc = footage.Document{
		Type: footage.DocumentType, Nonce: b64(seed("nonce")[:16]), Agency: w.agency.ID, AgencyName: w.agency.Name, Code: "MPD-2026-0042", Offence: "13A",
		Title: "Assault near Oak Street on 13 March", Text: "A person was attacked on the evening of 13 March.\nWe look for footage of the pavement.", Language: "en", Zone: "America/Chicago",
		Area: square(-87.65, 41.88, 0.005), Window: footage.Window{From: noon.Add(-18 * time.Hour), To: noon.Add(-16 * time.Hour)}, Closes: noon.Add(14 * 24 * time.Hour),
		Contact: footage.Contact{Name: "Detective unit", Email: "unit@maplewood.example"}, OwnCase: true, Federal: "none",
		Case: footage.Commit(seed("case")[:16], "26-001"), Place: footage.Commit(seed("place")[:16], "[-87.65,41.88]"),
		Policies: []footage.PolicyRef{{Name: "default", Hash: policy}},
	}
	return w
}

func square(lon, lat, side float64) footage.Area {
	return footage.Area{Rings: [][]footage.Point{{{Lon: lon, Lat: lat}, {Lon: lon + side, Lat: lat}, {Lon: lon + side, Lat: lat + side}, {Lon: lon, Lat: lat + side}, {Lon: lon, Lat: lat}}}}
}

// person enrols somebody whose passkey bears their name.
func (w *world) person(name string, roles ...footage.Role) ledger.PersonEnrolled {
	w.t.Helper()
	der, err := x509.MarshalPKIXPublicKey(p256(w.t, name).Public())
	if err != nil {
		w.t.Fatal(err)
	}
	return ledger.PersonEnrolled{Person: footage.PersonID(id("p", name)), Agency: w.agency.ID, Roles: roles, PublicKey: b64(der), Credential: b64([]byte("credential of " + name)), Software: true}
}

// assert signs canonical bytes as a person, at an origin.
func (w *world) assert(name string, role footage.Role, origin string, canonical []byte) footage.Assertion {
	w.t.Helper()
	challenge, rp := sha256.Sum256(canonical), sha256.Sum256([]byte(w.exchange.RP.ID))
	client := []byte(`{"type":"webauthn.get","challenge":"` + b64(challenge[:]) + `","origin":"` + origin + `","crossOrigin":false}`)
	auth := append(rp[:], 0x05, 0, 0, 0, 7)
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte(nil), auth...), clientHash[:]...))
	sig, err := p256(w.t, name).Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		w.t.Fatal(err)
	}
	return footage.Assertion{Role: role, Person: footage.PersonID(id("p", name)), Credential: b64([]byte("credential of " + name)), ClientData: b64(client), AuthenticatorData: b64(auth), Signature: b64(sig)}
}

// sign makes the honest record.
func (w *world) sign() footage.Record {
	w.t.Helper()
	canonical, err := w.doc.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	return footage.Record{Document: w.doc, Assertions: []footage.Assertion{
		w.assert("officer", footage.Officer, w.exchange.RP.Origin, canonical), w.assert("supervisor", footage.Supervisor, w.exchange.RP.Origin, canonical)}}
}

// amend adds an update signed by both.
func (w *world) amend(kind footage.UpdateKind, text string) {
	w.t.Helper()
	previous, err := w.doc.ID()
	if err != nil {
		w.t.Fatal(err)
	}
	if n := len(w.updates); n > 0 {
		previous = footage.RequestID(w.hash(w.updates[n-1].Update))
	}
	u := footage.Update{Type: footage.UpdateType, Nonce: b64(seed("nonce of " + text)[:16]), Request: w.id(), Previous: string(previous), Kind: kind, Text: text, At: noon.Add(time.Hour)}
	canonical, err := u.Canonical()
	if err != nil {
		w.t.Fatal(err)
	}
	r := footage.UpdateRecord{Update: u, Assertions: []footage.Assertion{}}
	if kind != footage.Expired {
		r.Assertions = append(r.Assertions, w.assert("officer", footage.Officer, w.exchange.RP.Origin, canonical), w.assert("supervisor", footage.Supervisor, w.exchange.RP.Origin, canonical))
	}
	w.updates = append(w.updates, r)
	w.after = append(w.after, fact{noon.Add(time.Hour), ledger.RequestUpdated{Request: u.Request, Update: w.hash(u), Change: kind, Assertions: w.hash(r.Assertions)}})
}

func (w *world) id() footage.RequestID {
	w.t.Helper()
	id, err := w.doc.ID()
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) hash(v any) string {
	w.t.Helper()
	h, err := ledger.HashJSON(v)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// facts returns the whole log, in order.
func (w *world) facts() ([]fact, footage.Record) {
	record := w.sign()
	published := ledger.RequestPublished{Request: w.id(), Agency: w.agency.ID, Assertions: w.hash(record.Assertions)}
	if w.dishonest != nil {
		w.dishonest(&record, &published)
	}
	early := noon.Add(-time.Hour)
	all := []fact{{early, w.exchange}, {early, w.policy}, {early, ledger.AgencyRegistered{Agency: w.agency}}, {early, w.officer}, {early, w.super}, {early, ledger.EpochOpened{Epoch: w.epoch}}}
	all = append(all, w.vouchers(early)...)
	all = append(append(append(all, w.before...), fact{noon, published}), w.after...)
	kept := all[:0]
	for _, f := range all {
		if f.fact.Kind() != w.drop {
			kept = append(kept, f)
		}
	}
	return kept, record
}

// log writes the world's public record and returns its objects, signed checkpoint, verifier key and tree.
func (w *world) log(all []fact) (*memory, []byte, string, ledger.Tree) {
	w.t.Helper()
	signer, vkey := logKeys(w.t, testOrigin, w.logKey)
	var entries [][]byte
	for _, f := range all {
		e, err := ledger.NewEntry(f.at, f.fact)
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := e.Encode()
		if err != nil {
			w.t.Fatal(err)
		}
		entries = append(entries, b)
	}
	objects := &memory{}
	tree, err := ledger.Integrate(w.t.Context(), objects, ledger.EmptyTree(), entries)
	if err != nil {
		w.t.Fatal(err)
	}
	checkpoint, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: testOrigin, Tree: tree}, signer)
	if err != nil {
		w.t.Fatal(err)
	}
	return objects, checkpoint, vkey, tree
}

// bundle writes the log and gathers all of it.
func (w *world) bundle() Bundle {
	w.t.Helper()
	all, record := w.facts()
	objects, checkpoint, vkey, tree := w.log(all)
	var indexes []int64
	for i := range tree.Size {
		if all[i].fact.Kind() != w.omit {
			indexes = append(indexes, i)
		}
	}
	b, err := NewBundle(w.t.Context(), objects, checkpoint, vkey, record, w.updates, indexes)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// pin returns the trust of somebody who pinned the honest log's key.
func (w *world) pin() Trust {
	_, vkey := logKeys(w.t, testOrigin, "log")
	return Trust{Verifier: vkey}
}
