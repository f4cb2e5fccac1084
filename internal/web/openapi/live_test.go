package openapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
	"porchlight.example/seal"
)

func parsed(t *testing.T, path string) *url.URL {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// tap stands before the exchange and compares each request and answer that goes through it with the document.
type tap struct {
	t    *testing.T
	d    *Document
	next http.Handler

	mu       sync.Mutex      // guards what follows: the clients of the test may call at once
	answered map[string]bool // "ID status" that were seen
}

func (x *tap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		x.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	rec := httptest.NewRecorder()
	x.next.ServeHTTP(rec, r)
	x.compare(r, sent, rec)
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// compare checks one call.
func (x *tap) compare(r *http.Request, sent []byte, rec *httptest.ResponseRecorder) {
	o := x.operation(r)
	if o == nil {
		if rec.Code != http.StatusNotFound && rec.Code != http.StatusMethodNotAllowed {
			x.t.Errorf("%s %s is not in the document and answers %d", r.Method, r.URL.Path, rec.Code)
		}
		return
	}
	what := o.Method + " " + o.Path
	ok := rec.Code < 400
	if ok && o.In != nil {
		for _, fault := range x.d.judge(x.t, what+" sends", x.d.Schema(o.In), sent) {
			x.t.Error(fault)
		}
	}
	x.answered[o.ID+" "+strconv.Itoa(rec.Code)] = true
	media, _, _ := strings.Cut(rec.Header().Get("Content-Type"), ";")
	if !ok {
		x.problem(what, o, rec, media)
		return
	}
	for _, a := range o.Out {
		if a.Status != rec.Code {
			continue
		}
		want := a.Media
		if want == "" && a.Body != nil {
			want = "application/json"
		}
		if media != want && rec.Body.Len() > 0 {
			x.t.Errorf("%s answers %s, not %s", what, media, want)
		}
		for _, h := range a.Headers {
			if rec.Header().Get(h.Name) == "" {
				x.t.Errorf("%s answers without %s", what, h.Name)
			}
		}
		if a.Body != nil && r.Method != http.MethodHead {
			for _, fault := range x.d.judge(x.t, what+" answers", x.d.Schema(a.Body), rec.Body.Bytes()) {
				x.t.Error(fault)
			}
		}
		return
	}
	x.t.Errorf("%s answers %d, which is not in the document", what, rec.Code)
}

func (x *tap) problem(what string, o *Operation, rec *httptest.ResponseRecorder, media string) {
	listed := false
	for _, status := range o.failures() {
		listed = listed || status == rec.Code
	}
	if !listed {
		x.t.Errorf("%s fails with %d, which is not in the document: %s", what, rec.Code, rec.Body)
	}
	if o.Method == "head" {
		return
	}
	if media != "application/problem+json" {
		x.t.Errorf("%s fails as %s", what, media)
	}
	for _, fault := range x.d.judge(x.t, what+" fails", Object{{"$ref", ref("Problem")}}, rec.Body.Bytes()) {
		x.t.Error(fault)
	}
}

// operation finds what a request is by the document.
func (x *tap) operation(r *http.Request) *Operation {
	for i, o := range x.d.Operations {
		form := pathParam.ReplaceAllString(regexp.QuoteMeta(strings.NewReplacer("{", "\x00", "}", "\x01").Replace(o.Path)), "")
		form = regexp.MustCompile("\x00([a-z]+)\x01").ReplaceAllStringFunc(form, func(m string) string {
			if m == "\x00index\x01" {
				return ".+"
			}
			return "[^/]+"
		})
		method := strings.ToUpper(o.Method)
		if regexp.MustCompile("^"+form+"$").MatchString(r.URL.Path) && (method == r.Method || method == "GET" && r.Method == "HEAD") {
			return &x.d.Operations[i]
		}
	}
	return nil
}

// tapped is a town whose clients all speak through a tap.
func tapped(t *testing.T) (*nodetest.Town, *tap) {
	t.Helper()
	w := nodetest.Start(t, nil)
	h, err := w.Node.Handler(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	x := &tap{t: t, d: document(t), next: h, answered: map[string]bool{}}
	srv := httptest.NewServer(x)
	t.Cleanup(srv.Close)
	w.Server.URL = srv.URL
	other := town.Agencies()[0]
	other.ID, other.Name = "maplewood-pd-2", "Second Police Department"
	w.Police = w.Join(other) // its people sign in through the tap
	w.Moderator.Client = w.Login(w.Moderator.Key)
	return w, x
}

// TestLive plays what the exchange is for, and what goes wrong with it, and finds each call and answer in the document.
func TestLive(t *testing.T) {
	w, x := tapped(t)
	ctx := context.Background()
	in := w.Draft(0)
	in.Document.Agency, in.Document.AgencyName = w.Police.ID, w.Police.Name
	must(t, w.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/decide", in, nil))
	id := w.Publish(in)
	w.Update(w.Police, id, footage.Amended, "The bag was blue.")
	moderated(t, w)
	complained(t, w, id)
	sent := w.Send(id, nil, bytes.Repeat([]byte("frame"), 1000))
	box := api.New(w.Server.URL).As(sent.Secret.Credential())
	_, err := box.Mailbox(ctx)
	must(t, err)
	resumed(t, w, id)
	w.Release()
	custodian := w.Police.Custodian.Client
	share := "/v1/agency/shares/" + string(sent.Receipt.Share)
	for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted} {
		must(t, w.Event(w.Police, sent.Receipt.Share, kind, map[string]string{"note": "none"}))
	}
	for _, offset := range []int64{0, 100} {
		body, err := custodian.Clip(ctx, sent.Receipt.Share, sent.Receipt.Clips[0].ID, offset)
		must(t, err)
		must(t, body.Close())
	}
	must(t, custodian.Call(ctx, "POST", share+"/messages", api.Reply{Body: "AAAA"}, nil))
	must(t, box.Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: "AAAA"}, nil))
	w.Release()
	early(t, w)
	w.Advance(30 * time.Hour) // until the day's custody root
	must(t, w.Node.Exchange.RootCustody(ctx))
	w.Police.Custodian.Client = w.Login(w.Police.Custodian.Key)
	custodian = w.Police.Custodian.Client
	w.Police.Officer.Client = w.Login(w.Police.Officer.Key)
	_, err = box.Mailbox(ctx)
	must(t, err)
	for _, path := range []string{"/v1/me", "/v1/agency/keys", "/v1/agency/shares", share} {
		must(t, custodian.Call(ctx, "GET", path, nil, nil))
	}
	must(t, w.Police.Officer.Client.Call(ctx, "GET", "/v1/agency/requests", nil, nil))
	must(t, w.Event(w.Police, sent.Receipt.Share, footage.EventConfirmed, nil))
	w.Withdraw(sent.Secret)
	keys(t, w)
	public(t, w, id)
	withheld(t, w)
	demanded(t, w)
	noticed(t, w)
	followedUp(t, w)
	register(t, w)
	failures(t, w, x, id)
	policies(t, w)
	fromBrowser(t, w)
	must(t, custodian.Call(ctx, "POST", "/v1/logout", nil, nil))

	for _, o := range x.d.Operations {
		done := false
		for _, a := range o.Out {
			done = done || x.answered[o.ID+" "+strconv.Itoa(a.Status)]
		}
		if !done {
			t.Errorf("%s %s was never answered as it should be", o.Method, o.Path)
		}
	}
}

// moderated lets requests be held, refused and appealed.
func moderated(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, c := context.Background(), w.Moderator.Client
	in := w.Draft(1)
	in.Document.Agency, in.Document.AgencyName = w.Police.ID, w.Police.Name
	id := string(w.Hold(w.Police, in, footage.ReasonUnclear))
	must(t, w.Police.Officer.Client.Call(ctx, "POST", "/v1/agency/cases/"+id+"/appeal", api.Appeal{Words: "It is clear to us."}, nil))
	must(t, c.Call(ctx, "POST", "/v1/me/mail", api.MailAddress{Address: "noor@exchange.example"}, nil))
	for _, path := range []string{"/v1/me/mail", "/v1/moderation/cases", "/v1/moderation/cases/" + id} {
		must(t, c.Call(ctx, "GET", path, nil, nil))
	}
	if err := c.Call(ctx, "POST", "/v1/moderation/cases/"+id+"/clear", struct{}{}, nil); !errors.Is(err, footage.Forbidden) {
		t.Errorf("the appeal is decided by the same moderator: %v", err)
	}
	other := w.Enrol("", footage.Moderator)
	must(t, other.Client.Call(ctx, "POST", "/v1/moderation/cases/"+id+"/refuse", api.Verdict{Reason: footage.ReasonTooWide, Words: "Ask for less."}, nil))
}

// complained lets somebody complain, the agency read it, and a moderator answer.
func complained(t *testing.T, w *nodetest.Town, id footage.RequestID) {
	t.Helper()
	ctx := context.Background()
	complaint, code := w.Complain(id, "It asks the whole town.")
	must(t, api.New(w.Server.URL).As(code).Call(ctx, "GET", "/v1/complaint", nil, nil))
	other := w.Enrol("", footage.Moderator).Client
	at := "/v1/moderation/complaints/" + string(complaint.ID)
	must(t, other.Call(ctx, "GET", "/v1/moderation/complaints", nil, nil))
	must(t, other.Call(ctx, "GET", at, nil, nil))
	must(t, other.Call(ctx, "POST", at+"/hand-on", struct{}{}, nil))
	must(t, w.Police.Supervisor.Client.Call(ctx, "GET", "/v1/agency/complaints", nil, nil))
	must(t, other.Call(ctx, "POST", at+"/answer", api.AnswerComplaint{Outcome: footage.ComplaintUpheld, LedTo: []footage.ComplaintResult{footage.ResultAgencyTold}, Answer: "It will ask for less."}, nil))
	if err := w.Moderator.Client.Call(ctx, "POST", at+"/answer", api.AnswerComplaint{Outcome: footage.ComplaintUpheld, Answer: "Again."}, nil); err == nil {
		t.Error("a complaint is answered twice")
	}
}

// resumed asks where an upload stands before a byte of it is sent.
func resumed(t *testing.T, w *nodetest.Town, id footage.RequestID) {
	t.Helper()
	ctx, c := context.Background(), api.New(w.Server.URL)
	work, err := c.Work(ctx)
	must(t, err)
	solution, err := work.Solve(ctx)
	must(t, err)
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash(nil), Epoch: 1, Sizes: []int64{10}})
	must(t, err)
	path, err := c.As(begun.Ticket).CreateUpload(ctx, begun.Clips[0], 10)
	must(t, err)
	if offset, err := c.UploadOffset(ctx, path); err != nil || offset != 0 {
		t.Errorf("a new upload stands at %d: %v", offset, err)
	}
}

// early looks at what there is before there is anything: lists that are empty are lists.
func early(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx := context.Background()
	bare := town.Agencies()[0]
	bare.ID, bare.Name = "bare-pd", "Bare Police Department"
	must(t, w.Node.Exchange.RegisterAgency(ctx, bare))
	c := w.Enrol(bare.ID, footage.Officer, footage.Custodian).Client
	for _, path := range []string{"/v1/agency/keys", "/v1/agency/shares", "/v1/agency/requests"} {
		must(t, c.Call(ctx, "GET", path, nil, nil))
	}
}

// policies adopts one more, signed by the operator, for tomorrow.
func policies(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, operator := context.Background(), w.Enrol("", footage.Operator)
	file, _ := policy.ShippedFile("illinois")
	p, err := policy.Parse(file)
	must(t, err)
	signed := w.Now().UTC().Truncate(time.Second)
	from := signed.Add(24 * time.Hour)
	a := footage.Adoption{Type: footage.AdoptionType, Exchange: w.Node.Exchange.Info().Origin, Name: p.Ref().Name, SHA256: p.Ref().Hash, Signed: signed, InForce: &from}
	canonical, err := a.Canonical()
	must(t, err)
	must(t, operator.Client.Call(ctx, "POST", "/v1/policies", api.AdoptPolicy{File: string(file), Adoption: a, Assertion: w.Assert(operator, footage.Operator, canonical)}, nil))
	var all []api.AdoptedPolicy
	must(t, operator.Client.Call(ctx, "GET", "/v1/policies", nil, &all))
	if len(all) != 2 || all[1].Name != "illinois" || !all[1].InForce.Equal(from) {
		t.Errorf("policies: %+v", all)
	}
	var offences []footage.Offence
	must(t, operator.Client.Call(ctx, "GET", "/v1/offences", nil, &offences))
	if len(offences) != len(footage.Offences()) {
		t.Errorf("%d offences", len(offences))
	}
}

// keys registers a device more, lets it open the epoch and takes it out of use.
func keys(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, c := context.Background(), w.Police.Custodian.Client
	colleague := w.Enrol(w.Police.Agency.ID, footage.Custodian).Client
	for _, answer := range []string{"agree", "stop"} {
		var device api.CustodianDevice
		must(t, c.Call(ctx, "POST", "/v1/agency/custodians", api.NewCustodian{SignKey: api.Encode(make([]byte, 32)), Recipient: w.Police.Epoch.Recipient()}, &device))
		wrapped, err := seal.Wrap(w.Police.Epoch, w.Police.Epoch.Recipient())
		must(t, err)
		var change api.KeyChange
		must(t, c.Call(ctx, "POST", "/v1/agency/wrapped", api.WrappedKey{Epoch: 1, Holder: string(device.ID), Wrapped: api.Encode(wrapped)}, &change))
		must(t, colleague.Call(ctx, "POST", "/v1/agency/keychanges/"+string(change.ID)+"/"+answer, struct{}{}, nil))
		must(t, c.Call(ctx, "POST", "/v1/agency/custodians/"+string(device.ID)+"/disable", struct{}{}, nil))
	}
}

// register applies, looks at what waits, and takes a statement back.
func register(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, c, office := context.Background(), api.New(w.Server.URL), w.Login(w.Operator.Key)
	work, err := c.Work(ctx)
	must(t, err)
	solution, err := work.Solve(ctx)
	must(t, err)
	var applied api.Applied
	must(t, c.Call(ctx, "POST", "/v1/applications", api.Apply{Work: solution, Application: footage.Application{Name: "Harbor Fire", Type: footage.FireService, BodyName: "Harbor",
		State: "ZZ", County: "Lantern", FDID: "ZZ108", Jurisdiction: w.Police.Agency.Jurisdiction, Website: "https://fire.harbor.example", Contact: footage.Contact{Name: "Desk", Phone: "+1 555 0108"}}}, &applied))
	for _, path := range []string{"/v1/applications/" + string(applied.ID), "/v1/register", "/v1/register/due", "/v1/register/applications"} {
		must(t, office.Call(ctx, "GET", path, nil, nil))
	}
	must(t, office.Call(ctx, "POST", "/v1/register/applications/"+string(applied.ID)+"/answer", api.ApplicationAnswer{Reason: footage.NotComplete}, nil))
	s, err := w.Node.Exchange.Agency(ctx, w.Police.ID)
	must(t, err)
	statement := s.Verification.Attestations[0].Attestation
	hash, err := statement.Hash()
	must(t, err)
	r := footage.Retraction{Type: footage.RetractionType, Exchange: statement.Exchange, Attestor: statement.Attestor, Agency: statement.Agency, Attestation: hash, At: w.Now()}
	must(t, r.Sign(w.League))
	must(t, c.Call(ctx, "POST", "/v1/register/agencies/"+string(w.Police.ID)+"/retractions", r, nil))
}

// public reads what anybody can read.
func public(t *testing.T, w *nodetest.Town, id footage.RequestID) {
	t.Helper()
	ctx, c := context.Background(), api.New(w.Server.URL)
	w.Refresh()
	_, err := c.Exchange(ctx)
	must(t, err)
	for _, path := range []string{"/v1/requests/" + string(id), "/log/checkpoint", "/log/head.json", "/openapi.yaml", "/healthz", "/readyz",
		"/feed/index.json", "/feed/all.json", "/feed/requests.json", "/feed/requests.atom", "/feed/requests.geojson", "/data/index.json", "/data/agencies.csv", "/data/figures.json", "/data/requests.geojson",
		"/data/agencies/maplewood-pd/requests.csv", "/data/entry/0.json"} {
		_, err := c.Get(ctx, path)
		must(t, err)
	}
	var index struct{ Cells []struct{ Cell, Path string } }
	must(t, c.Call(ctx, "GET", "/feed/index.json", nil, &index))
	for _, path := range []string{index.Cells[0].Path, "/feed/region/" + index.Cells[0].Cell + ".atom", "/feed/region/" + index.Cells[0].Cell + ".json"} {
		_, err = c.Get(ctx, path)
		must(t, err)
	}
	head, err := w.Node.Exchange.Checkpoint(ctx)
	must(t, err)
	raw, err := c.Get(ctx, "/log/head.json")
	must(t, err)
	now, err := evidence.ParseHead(raw)
	must(t, err)
	hash, err := now.StateHash()
	must(t, err)
	_, err = c.Get(ctx, "/"+ledger.StateKey(hash))
	must(t, err)
	set, err := w.Node.Exchange.Policies(ctx)
	must(t, err)
	_, err = c.Get(ctx, "/"+ledger.PolicyKey(set.Refs()[0].Hash))
	must(t, err)
	list, program := ledger.AssetList{Type: ledger.AssetsType, Root: "/assets/0/", Files: []ledger.AssetFile{{Name: "a.css", SHA256: footage.Hash(nil)}}}, footage.Hash(nil)
	must(t, w.Node.Exchange.PublishAssets(ctx, list, program))
	canonical, err := footage.Canonical(list)
	must(t, err)
	_, err = c.Get(ctx, "/"+ledger.AssetsKey(footage.Hash(canonical)))
	must(t, err)
	head, err = w.Node.Exchange.Checkpoint(ctx)
	must(t, err)
	for _, level := range []string{"0", "entries"} {
		_, err := c.Get(ctx, "/log/tile/"+level+"/000.p/"+strconv.FormatInt(head.Integrated, 10))
		must(t, err)
	}
}

// failures calls what must fail.
func failures(t *testing.T, w *nodetest.Town, x *tap, id footage.RequestID) {
	t.Helper()
	ctx, c := context.Background(), api.New(w.Server.URL)
	none := footage.RequestID(strings.Repeat("0", 64))
	officer := w.Police.Officer.Client
	for _, call := range []struct {
		c            *api.Client
		method, path string
		in           any
	}{
		{c, "GET", "/v1/requests/" + string(none), nil}, {c, "GET", "/feed/cell/0.json", nil}, {c, "GET", "/feed/region/0.json", nil}, {c, "GET", "/feed/region/0.atom", nil}, {c, "GET", "/data/nothing.csv", nil}, {c, "GET", "/data/nothing.json", nil},
		{c, "GET", "/data/figures.geojson", nil}, {c, "GET", "/data/agencies/nobody/requests.csv", nil}, {c, "GET", "/data/entry/999999.json", nil}, {c, "GET", "/log/tile/9/000", nil}, {c, "GET", "/v1/mailbox", nil},
		{c, "POST", "/v1/requests/" + string(none) + "/shares", api.BeginShare{}}, {c, "POST", "/v1/shares/commit", api.CommitShare{Manifest: "AA"}},
		{c, "POST", "/v1/mailbox/withdraw", nil}, {c, "POST", "/v1/mailbox/messages", api.Reply{Body: "AA"}}, {c, "POST", "/v1/mailbox/messages", map[string]int{"x": 1}},
		{c, "POST", "/v1/login", api.Login{Response: []byte("{}")}}, {c, "POST", "/v1/enrol", api.Enrolment{Token: "x", Response: []byte("{}")}},
		{c, "POST", "/v1/enrol/challenge", api.Invitation{Token: "x"}}, {c, "GET", "/v1/me", nil}, {c, "POST", "/v1/agency/requests", api.DraftRequest{}},
		{officer, "POST", "/v1/agency/requests", api.DraftRequest{}}, {officer, "POST", "/v1/agency/decide", api.DraftRequest{}},
		{officer, "POST", "/v1/agency/requests/" + string(id) + "/sign", api.Signature{}}, {officer, "POST", "/v1/agency/requests/" + string(none) + "/sign", api.Signature{}},
		{officer, "POST", "/v1/agency/requests/" + string(id) + "/approve", api.Signature{}}, {officer, "GET", "/v1/agency/shares", nil},
		{w.Police.Custodian.Client, "GET", "/v1/agency/shares/s-00000000000000000000000000", nil}, {w.Police.Custodian.Client, "POST", "/v1/agency/epochs", api.OpenEpoch{Number: 9}},
		{c, "POST", "/v1/uploads/", nil}, {c, "HEAD", "/v1/uploads/u-00000000000000000000000000", nil}, {c, "PATCH", "/v1/uploads/u-00000000000000000000000000", nil},
	} {
		if err := call.c.Call(ctx, call.method, call.path, call.in, nil); err == nil {
			t.Errorf("%s %s succeeds", call.method, call.path)
		}
	}
	key, err := softkey.New("localhost", "http://localhost")
	must(t, err)
	response, err := key.GetJSON(make([]byte, 32))
	must(t, err)
	if err := c.Call(ctx, "POST", "/v1/login", api.Login{Response: response}, nil); !errors.Is(err, footage.Unauthorized) {
		t.Errorf("a login without a challenge: %v", err)
	}
	r := httptest.NewRequest("OPTIONS", "/v1/uploads/", nil)
	x.ServeHTTP(httptest.NewRecorder(), r)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fromBrowser signs a program in that shows a code, before and after somebody has typed it.
func fromBrowser(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, c := context.Background(), api.New(w.Server.URL)
	var waiting api.DeviceLogin
	must(t, c.Call(ctx, "POST", "/v1/login/device", nil, &waiting))
	ask := api.FinishDevice{Device: waiting.Device}
	if err := c.Call(ctx, "POST", "/v1/login/device/token", ask, nil); !errors.Is(err, footage.Conflict) {
		t.Errorf("a code that nobody typed: %v", err)
	}
	accounts := w.Node.Exchange.Accounts()
	sessions, err := accounts.Sessions(ctx, w.Police.Officer.ID)
	must(t, err)
	must(t, accounts.AllowDevice(ctx, sessions[len(sessions)-1], waiting.Code))
	must(t, c.Call(ctx, "POST", "/v1/login/device/token", ask, nil))
	if err := c.Call(ctx, "POST", "/v1/login/device/token", ask, nil); !errors.Is(err, footage.Unauthorized) {
		t.Errorf("a program that is signed in already: %v", err)
	}
}

// withheld proposes to withhold a text, drops that, and withholds another.
func withheld(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx := context.Background()
	in := w.Draft(3)
	in.Document.Agency, in.Document.AgencyName = w.Police.ID, w.Police.Name
	for _, p := range []*nodetest.Person{&w.Police.Officer, &w.Police.Supervisor, &w.Moderator} {
		p.Client = w.Login(p.Key)
	}
	id := w.Publish(in)
	office, path := w.Login(w.Operator.Key), "/v1/withholdings/"+string(id)
	must(t, office.Call(ctx, "GET", "/v1/withholdings", nil, nil))
	first := api.SignedWithholding{Reference: "A reason."}
	must(t, office.Call(ctx, "POST", path+"/draft", api.Withhold{Authority: footage.VictimProtection, Reference: first.Reference}, &first.Withholding))
	canonical, err := first.Withholding.Canonical()
	must(t, err)
	first.Assertion = w.Assert(w.Operator, footage.Operator, canonical)
	must(t, office.Call(ctx, "POST", path+"/propose", first, nil))
	must(t, office.Call(ctx, "POST", path+"/drop", struct{}{}, nil))
	w.Withhold(id)
	must(t, office.Call(ctx, "GET", "/v1/withholdings", nil, nil))
}

// followedUp ends a request and says what came of it.
func followedUp(t *testing.T, w *nodetest.Town) {
	t.Helper()
	for _, p := range []*nodetest.Person{&w.Police.Officer, &w.Police.Supervisor, &w.Moderator} {
		p.Client = w.Login(p.Key)
	}
	in := w.Draft(4)
	in.Document.Agency, in.Document.AgencyName = w.Police.ID, w.Police.Name
	id := w.Publish(in)
	w.Update(w.Police, id, footage.Resolved, "Thank you.")
	w.FollowUp(w.Police, id, api.NewFollowUp{Duty: footage.DutyOutcome, Says: footage.SaidStillOpen})
	must(t, w.Police.Supervisor.Client.Call(context.Background(), "GET", "/v1/agency/duties", nil, nil))
}

// demanded enters a legal demand, which two people answer.
func demanded(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, first, second := context.Background(), w.Login(w.Operator.Key), w.Login(w.Moderator.Key)
	must(t, first.Call(ctx, "GET", "/v1/demands", nil, nil))
	var in api.EnteredDemand
	must(t, first.Call(ctx, "POST", "/v1/demands", api.NewDemand{Received: w.Now().Format(time.DateOnly), Body: footage.DemandByCourt, Kind: footage.DemandSubpoena, Asked: "All of it."}, &in))
	path := "/v1/demands/" + string(in.ID)
	must(t, first.Call(ctx, "POST", path+"/answer", api.DemandReply{Answer: footage.DemandNothing, Given: "None."}, nil))
	must(t, second.Call(ctx, "POST", path+"/agree", struct{}{}, nil))
	must(t, first.Call(ctx, "GET", "/v1/demands", nil, nil))
}

// noticed tells the public of an incident, by two people.
func noticed(t *testing.T, w *nodetest.Town) {
	t.Helper()
	ctx, first, second := context.Background(), w.Login(w.Operator.Key), w.Login(w.Moderator.Key)
	propose := func(in api.NewNotice) footage.NoticeID {
		var out api.ProposedNotice
		must(t, first.Call(ctx, "POST", "/v1/notices/steps", in, &out))
		must(t, second.Call(ctx, "GET", "/v1/notices/steps", nil, nil))
		return out.ID
	}
	step := func(id footage.NoticeID, what string) {
		must(t, second.Call(ctx, "POST", "/v1/notices/steps/"+string(id)+"/"+what, struct{}{}, nil))
	}
	id := propose(api.NewNotice{Sort: footage.NoticePage, Found: w.Now().Format(time.DateOnly), Touched: []footage.NoticeTouched{footage.TouchedPages},
		Advice: []footage.NoticeAdvice{footage.AdviceNothing}, NoticeText: footage.NoticeText{En: "A page was changed.", Es: "Se cambió una página."}})
	step(id, "agree")
	step(propose(api.NewNotice{Notice: id, End: true}), "drop")
	step(propose(api.NewNotice{Notice: id, End: true}), "agree")
	w.Refresh()
	must(t, first.Call(ctx, "GET", "/v1/notices", nil, nil))
}
