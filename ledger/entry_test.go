package ledger_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

var (
	person    = footage.PersonID("p-" + strings.Repeat("0", 26))
	complaint = footage.ComplaintID("q-0123456789abcdefghjkmnpqrs")
	other     = footage.PersonID("p-" + strings.Repeat("2", 26))
	change    = footage.KeyChangeID("n-" + strings.Repeat("3", 26))
	hash      = footage.Hash([]byte("text"))
	request   = footage.RequestID(hash)
	agency    = footage.Agency{ID: "maplewood-pd", Name: "Maplewood Police", Type: footage.MunicipalPolice, Body: "village-of-maplewood", State: "IL", County: "Cook", Contact: footage.Contact{Name: "Desk", Email: "desk@pd.example"}, Jurisdiction: []footage.Area{{Rings: [][]footage.Point{{{Lon: -87.7, Lat: 41.8}, {Lon: -87.6, Lat: 41.8}, {Lon: -87.6, Lat: 41.9}, {Lon: -87.7, Lat: 41.8}}}}}}
	// commitment is what an entry tells of a text that stays private.
	commitment = footage.Commit(make([]byte, 16), hash)
	custodian  = footage.CustodianKey{ID: footage.CustodianID("k-" + strings.Repeat("1", 26)), Person: person, Key: base64.RawURLEncoding.EncodeToString(make([]byte, 32))}
)

// facts returns one sound fact of each kind that may be written.
func facts(t testing.TB) []ledger.Fact {
	return []ledger.Fact{
		created(),
		ledger.PolicyAdopted{Name: "default", SHA256: hash, InForce: epoch},
		ledger.AgencyRegistered{Agency: agency},
		ledger.AgencyChanged{Agency: agency},
		ledger.AgencySuspended{Agency: agency.ID, Reason: hash},
		ledger.AgencyRestored{Agency: agency.ID},
		ledger.PersonEnrolled{Person: person, Agency: agency.ID, Roles: []footage.Role{footage.Officer, footage.Custodian}, PublicKey: spki(t, newP256(t, elliptic.P256())), Credential: "AQID", Software: true},
		ledger.PersonEnrolled{Person: person, Agency: agency.ID, Roles: []footage.Role{footage.Supervisor}, PublicKey: spki(t, newP256(t, elliptic.P256())), Credential: "AQID", Rank: footage.RankCaptain},
		ledger.PersonDisabled{Person: person},
		ledger.KeyAnnounced{Change: change, Use: footage.KeyPasskey, Agency: agency.ID, Person: person, Key: hash, Counts: epoch, Agreed: []footage.PersonID{}},
		ledger.KeyAnnounced{Change: change, Use: footage.KeyCustodian, Agency: agency.ID, Person: person, Key: hash, Counts: epoch, Agreed: []footage.PersonID{person, other}},
		ledger.KeyCancelled{Change: change, Agency: agency.ID, Person: person},
		ledger.EpochOpened{Epoch: footage.Epoch{Agency: agency.ID, Number: 1, Recipient: "age1pq1xyz", Custodians: []footage.CustodianKey{custodian}, Opened: epoch}},
		ledger.CustodianAdded{Agency: agency.ID, Epoch: 1, Custodian: custodian},
		ledger.RequestPublished{Request: request, Agency: agency.ID, Assertions: hash},
		ledger.RequestUpdated{Request: request, Update: hash, Change: footage.Amended, Assertions: hash},
		ledger.RequestClosed{Request: request, Status: footage.StatusExpired},
		ledger.CustodyRoot{Date: "2026-03-01", Root: hash, Leaves: 1024},
		ledger.State{Size: 41, SHA256: hash},
		ledger.AssetsPublished{SHA256: hash, Program: hash},
		ledger.ModerationUrgent{Agency: agency.ID, Commitment: commitment},
		ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeCleared, Urgent: true, Commitment: commitment, Request: request},
		ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeRefused, Reason: footage.ReasonProtest, Appeal: true, Commitment: commitment},
		ledger.ComplaintReceived{Complaint: complaint, Agency: agency.ID, Request: request, Reason: footage.ComplaintIdentity, Day: "2026-03-01", Due: "2026-03-15", Commitment: commitment},
		ledger.ComplaintReceived{Complaint: complaint, Agency: agency.ID, Reason: footage.ComplaintConduct, Day: "2026-03-01", Due: "2026-03-02", Commitment: commitment},
		ledger.ComplaintAnswered{Complaint: complaint, Agency: agency.ID, Request: request, Reason: footage.ComplaintIdentity, Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{footage.ResultWithdrawn}, Answer: hash},
		ledger.ComplaintAnswered{Complaint: complaint, Agency: agency.ID, Reason: footage.ComplaintConduct, Outcome: footage.ComplaintOutOfScope, Answer: hash},
		continued(t),
		ledger.OperatorNamed{Body: footage.Body{ID: "county-clerk", Name: "County Clerk"}},
		ledger.AttestorRegistered{Attestor: footage.Attestor{ID: "league", Name: "League of Towns", Body: "league-of-towns", Kind: footage.Independent, Key: custodian.Key}},
		ledger.AttestorWithdrawn{Attestor: "league", Reason: hash},
		ledger.AgencyAttested{Attestation: footage.Attestation{Type: footage.AttestationType, Exchange: "x.example/log", Attestor: "league", Agency: agency.ID, Description: hash,
			Checks: []footage.Check{{Kind: footage.CallBack, On: epoch, Source: "State directory"}}, By: "Clerk", Issued: epoch, Expires: epoch.AddDate(1, 0, 0), Signature: signature}},
		ledger.AgencyUnattested{Retraction: footage.Retraction{Type: footage.RetractionType, Exchange: "x.example/log", Attestor: "league", Agency: agency.ID, Attestation: hash, At: epoch, Signature: signature}},
		ledger.AgencyApproved{Approval: footage.Approval{Type: footage.ApprovalType, Exchange: "x.example/log", Operator: "county-clerk", Agency: agency.ID, Description: hash, Attestation: hash,
			Issued: epoch, Expires: epoch.AddDate(1, 0, 0)}, Assertion: footage.Assertion{Role: footage.Operator, Person: person}},
		ledger.AgencyUnapproved{Agency: agency.ID, Approval: hash},
		ledger.AgencyPaused{Agency: agency.ID, Lapse: footage.ApprovalEnded},
		ledger.AgencyResumed{Agency: agency.ID},
		ledger.PersonSuspended{Person: person, Agency: agency.ID, Reason: hash},
		ledger.PersonRestored{Person: person},
	}
}

var signature = base64.RawURLEncoding.EncodeToString(make([]byte, 64))

// continued is the first entry of a record that goes on from one that went on from another.
func continued(t testing.TB) ledger.ExchangeCreated {
	x := created()
	x.Continues = closed(t, "second.example/log", closed(t, "first.example/log", nil))
	return x
}

func closed(t testing.TB, origin string, before *ledger.Continues) *ledger.Continues {
	t.Helper()
	skey, vkey, err := ledger.GenerateKey(origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	head, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Tree: ledger.Tree{Size: 9}}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return &ledger.Continues{Origin: origin, Verifier: vkey, Checkpoint: string(head), Kept: 7, Closed: epoch, Continues: before}
}

func TestContinuedRecordNamesTheClosedOnes(t *testing.T) {
	x := continued(t)
	for origin, want := range map[string]bool{x.Origin: true, "second.example/log": true, "first.example/log": true, "third.example/log": false, "": false} {
		if x.Was(origin) != want {
			t.Errorf("Was(%q) = %v", origin, !want)
		}
	}
	for what, spoil := range map[string]func(*ledger.Continues){
		"another's head":  func(c *ledger.Continues) { c.Checkpoint = closed(t, c.Origin, nil).Checkpoint },
		"another's name":  func(c *ledger.Continues) { c.Origin = "third.example/log" },
		"no head":         func(c *ledger.Continues) { c.Checkpoint = "" },
		"nothing kept":    func(c *ledger.Continues) { c.Kept = 0 },
		"no closing time": func(c *ledger.Continues) { c.Closed = time.Time{} },
		"a bad one below": func(c *ledger.Continues) { c.Continues.Kept = -1 },
	} {
		x := continued(t)
		spoil(x.Continues)
		if _, err := ledger.NewEntry(epoch, x); footage.KindOf(err) != footage.Invalid {
			t.Errorf("%s: %v; want it refused", what, err)
		}
	}
}

func newP256(t testing.TB, curve elliptic.Curve) any {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

func spki(t testing.TB, key any) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(der)
}

func encode(t testing.TB, fact ledger.Fact) []byte {
	t.Helper()
	e, err := ledger.NewEntry(epoch.Add(1234567*time.Nanosecond).In(time.FixedZone("", 3600)), fact)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEachKindComesBack(t *testing.T) {
	for _, fact := range facts(t) {
		t.Run(string(fact.Kind()), func(t *testing.T) {
			b := encode(t, fact)
			canonical, err := footage.Canonicalize(b)
			if err != nil || string(canonical) != string(b) {
				t.Errorf("not canonical: %s, %v", b, err)
			}
			e, err := ledger.DecodeEntry(b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Fact()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fact, got); diff != "" {
				t.Error(diff)
			}
			if want := epoch.Add(1234 * time.Microsecond); !e.At.Equal(want) || e.Kind != fact.Kind() || e.V != ledger.Version {
				t.Errorf("entry %d %s at %v", e.V, e.Kind, e.At)
			}
		})
	}
}

func TestNewEntryRefusesBadFacts(t *testing.T) {
	pub, _, _ := ed25519.GenerateKey(rand.Reader)
	sound := facts(t)[6].(ledger.PersonEnrolled)
	edKey, otherCurve, noRole, oddRole, oddRank := sound, sound, sound, sound, sound
	edKey.PublicKey = spki(t, pub)
	encode(t, edKey) // Ed25519 is as good as P-256
	otherCurve.PublicKey = spki(t, newP256(t, elliptic.P384()))
	noRole.Roles = nil
	oddRole.Roles = []footage.Role{"mayor"}
	oddRank.Rank = "janitor"
	for name, fact := range map[string]ledger.Fact{
		"no name":         ledger.ExchangeCreated{Origin: origin},
		"no policy hash":  ledger.PolicyAdopted{Name: "default", InForce: epoch},
		"local time":      ledger.PolicyAdopted{Name: "default", SHA256: hash, InForce: epoch.In(time.FixedZone("", 3600))},
		"federal agency":  ledger.AgencyRegistered{Agency: footage.Agency{ID: "fbi", Name: "FBI", Type: "federal"}},
		"reason in text":  ledger.AgencySuspended{Agency: agency.ID, Reason: "Officer Smith lied."},
		"no agency":       ledger.AgencyRestored{},
		"other curve":     otherCurve,
		"no role":         noRole,
		"unknown role":    oddRole,
		"unknown rank":    oddRank,
		"no person":       ledger.PersonDisabled{Person: "Jane Doe"},
		"classical key":   ledger.EpochOpened{Epoch: footage.Epoch{Agency: agency.ID, Number: 1, Recipient: "age1xyz", Custodians: []footage.CustodianKey{custodian}, Opened: epoch}},
		"no custodian":    ledger.EpochOpened{Epoch: footage.Epoch{Agency: agency.ID, Number: 1, Recipient: "age1pq1xyz", Opened: epoch}},
		"short key":       ledger.CustodianAdded{Agency: agency.ID, Epoch: 1, Custodian: footage.CustodianKey{ID: custodian.ID, Person: person, Key: "AQID"}},
		"request text":    ledger.RequestPublished{Request: "a burglary", Agency: agency.ID, Assertions: hash},
		"unknown change":  ledger.RequestUpdated{Request: request, Update: hash, Change: "edited", Assertions: hash},
		"still open":      ledger.RequestClosed{Request: request, Status: footage.Published},
		"no commitment":   ledger.ModerationUrgent{Agency: agency.ID},
		"no outcome":      ledger.ModerationDecided{Agency: agency.ID, Commitment: commitment},
		"taken back":      ledger.ModerationDecided{Agency: agency.ID, Outcome: "taken_back", Commitment: commitment},
		"held, no reason": ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeHeld, Commitment: commitment},
		"held, and named": ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeHeld, Reason: footage.ReasonRace, Commitment: commitment, Request: request},
		"reason in words": ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeHeld, Reason: "He said so.", Commitment: commitment},
		"cleared why":     ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeCleared, Reason: footage.ReasonRace, Commitment: commitment, Request: request},
		"cleared what":    ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeCleared, Commitment: commitment},
		"due before":      ledger.ComplaintReceived{Complaint: complaint, Agency: agency.ID, Reason: "other", Day: "2026-03-01", Due: "2026-03-01", Commitment: commitment},
		"words":           ledger.ComplaintReceived{Complaint: complaint, Agency: agency.ID, Reason: "They rang.", Day: "2026-03-01", Due: "2026-03-02", Commitment: commitment},
		"words, hashed":   ledger.ComplaintReceived{Complaint: complaint, Agency: agency.ID, Reason: "other", Day: "2026-03-01", Due: "2026-03-02", Commitment: hash},
		"who complained":  ledger.ComplaintReceived{Complaint: "Jane Doe", Agency: agency.ID, Reason: "other", Day: "2026-03-01", Due: "2026-03-02", Commitment: commitment},
		"no answer":       ledger.ComplaintAnswered{Complaint: complaint, Agency: agency.ID, Reason: "other", Outcome: footage.ComplaintNotUpheld},
		"led to nothing":  ledger.ComplaintAnswered{Complaint: complaint, Agency: agency.ID, Reason: "other", Outcome: footage.ComplaintNotUpheld, LedTo: []footage.ComplaintResult{footage.ResultAgencyTold}, Answer: hash},
		"still waiting":   ledger.ComplaintAnswered{Complaint: complaint, Agency: agency.ID, Reason: "other", Answer: hash},
		"no size":         ledger.State{SHA256: hash},
		"no hash":         ledger.State{Size: 1},
		"no program":      ledger.AssetsPublished{SHA256: hash},
		"no day":          ledger.CustodyRoot{Date: "2026-02-30", Root: hash, Leaves: 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ledger.NewEntry(epoch, fact)
			wantKind(t, err, footage.Invalid)
		})
	}
}

func TestDecodeEntryRefuses(t *testing.T) {
	good := string(encode(t, ledger.RequestClosed{Request: request, Status: footage.StatusExpired}))
	edit := func(old, new string) string {
		s := strings.Replace(good, old, new, 1)
		if s == good {
			t.Fatalf("%s does not hold %s", good, old)
		}
		return s
	}
	for name, c := range map[string]struct {
		raw  string
		kind footage.Kind
	}{
		"nothing":          {"", footage.Invalid},
		"not JSON":         {"entry", footage.Invalid},
		"not an object":    {"[]", footage.Invalid},
		"trailing byte":    {good + " ", footage.Invalid},
		"white space":      {edit(`,"kind"`, `, "kind"`), footage.Invalid},
		"order of members": {edit(`,"v":1}`, `}`)[:0] + `{"v":1,` + good[1:len(good)-len(`,"v":1}`)] + "}", footage.Invalid},
		"doubled member":   {edit(`,"v":1`, `,"v":1,"v":1`), footage.Invalid},
		"unknown member":   {edit(`,"v":1`, `,"v":1,"w":1`), footage.Invalid},
		"unknown datum":    {edit(`"expired"`, `"expired","text":"x"`), footage.Invalid},
		"missing datum":    {edit(`,"status":"expired"`, ``), footage.Invalid},
		"spelling":         {edit(`"status"`, `"Status"`), footage.Invalid},
		"null datum":       {edit(`"expired"`, `null`), footage.Invalid},
		"no data":          {`{"at":"2026-03-01T12:00:00Z","kind":"request.closed","v":1}`, footage.Invalid},
		"other version":    {edit(`"v":1`, `"v":2`), footage.Unsupported},
		"unknown kind":     {edit(`request.closed`, `request.edited`), footage.Unsupported},
		"other zone":       {edit(`Z"`, `+01:00"`), footage.Invalid},
		"odd zone":         {edit(`Z"`, `+00:00"`), footage.Invalid},
		"nanoseconds":      {edit(`001234Z`, `001234567Z`), footage.Invalid},
		"trailing nought":  {edit(`001234Z`, `0012340Z`), footage.Invalid},
		"no UTF-8":         {edit(`expired`, "exp\xffired"), footage.Invalid},
		"too long":         {edit(`expired`, strings.Repeat("x", ledger.MaxEntry)), footage.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ledger.DecodeEntry([]byte(c.raw))
			wantKind(t, err, c.kind)
		})
	}
}

// TestDecodeEntryRefusesOddlyWritten: the kinds that are read in one go have one encoding, too.
func TestDecodeEntryRefusesOddlyWritten(t *testing.T) {
	cleared := string(encode(t, ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeCleared, Commitment: commitment, Request: request}))
	held := string(encode(t, ledger.ModerationDecided{Agency: agency.ID, Outcome: footage.OutcomeHeld, Reason: footage.ReasonUnclear, Commitment: commitment}))
	published := string(encode(t, ledger.RequestPublished{Request: request, Agency: agency.ID, Assertions: hash}))
	updated := string(encode(t, ledger.RequestUpdated{Request: request, Update: hash, Change: footage.Amended, Assertions: hash}))
	for name, c := range map[string]struct{ raw, old, new string }{
		"an empty member that is left out":  {cleared, `"outcome":"cleared",`, `"outcome":"cleared","reason":"",`},
		"an empty request":                  {held, `,"urgent"`, `,"request":"","urgent"`},
		"a number for a flag":               {cleared, `"addition":false`, `"addition":0`},
		"a text for a flag":                 {cleared, `"urgent":false`, `"urgent":"false"`},
		"a flag that goes on":               {cleared, `"urgent":false`, `"urgent":falsely`},
		"a flag missing":                    {cleared, `"appeal":false,`, ``},
		"the first flag missing":            {cleared, `"addition":false,`, ``},
		"a member twice":                    {cleared, `"appeal":false,`, `"appeal":false,"appeal":false,`},
		"an escape":                         {cleared, `"outcome":"cleared"`, `"outcome":"\u0063leared"`},
		"no end of a text":                  {published, `"}`, `}`},
		"no agency":                         {published, `"agency":"maplewood-pd",`, ``},
		"white space":                       {published, `"agency":"maplewood-pd"`, `"agency": "maplewood-pd"`},
		"another order":                     {updated, `"kind":"amended",`, ``},
		"a list for a text":                 {updated, `"kind":"amended"`, `"kind":["amended"]`},
		"a member more":                     {updated, `"kind":"amended"`, `"kind":"amended","like":"it"`},
		"an empty list that is left out":    {published, `"request":`, `"linked":[],"request":`},
		"a member between two that must be": {published, `"request":`, `"other":"x","request":`},
		"null":                              {published, `"agency":"maplewood-pd"`, `"agency":null`},
		"letters for digits":                {published, `"agency":"maplewood-pd"`, `"agency":"Maplewood-pd"`},
		"a hyphen in front":                 {published, `"agency":"maplewood-pd"`, `"agency":"-maplewood-pd"`},
		"an ID of one letter":               {published, `"agency":"maplewood-pd"`, `"agency":"m"`},
		"an ID that is too long":            {published, `"agency":"maplewood-pd"`, `"agency":"` + strings.Repeat("m", 64) + `"`},
		"a line feed at the end of an ID":   {published, `"agency":"maplewood-pd"`, `"agency":"maplewood-pd\n"`},
		"something behind the end":          {published, `"},"kind"`, `"},"kind":"x","kind"`},
		"the data of another kind":          {published, `request.published`, `request.closed`},
		"the wrong case of a member's name": {updated, `"kind":"amended"`, `"Kind":"amended"`},
	} {
		t.Run(name, func(t *testing.T) {
			raw := strings.Replace(c.raw, c.old, c.new, 1)
			if raw == c.raw {
				t.Fatalf("%s does not hold %s", c.raw, c.old)
			}
			_, err := ledger.DecodeEntry([]byte(raw))
			wantKind(t, err, footage.Invalid)
		})
	}
}

func TestEncodeLimits(t *testing.T) {
	long := agency
	long.Policies = strings.Repeat("x", ledger.MaxEntry)
	e, err := ledger.NewEntry(epoch, ledger.AgencyChanged{Agency: long})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Encode()
	wantKind(t, err, footage.TooLarge)
	e.Data = []byte(`{ "agency": {} }`)
	_, err = e.Encode()
	wantKind(t, err, footage.Invalid)
}

func TestHashJSON(t *testing.T) {
	a, err := ledger.HashJSON([]footage.Assertion{{Role: footage.Officer}})
	if err != nil || !footage.RequestID(a).Valid() {
		t.Errorf("got %q, %v", a, err)
	}
	if _, err := ledger.HashJSON(func() {}); err == nil {
		t.Error("hashes a function")
	}
}
