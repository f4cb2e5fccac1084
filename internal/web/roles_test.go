package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// route is a call of an agency's people with a body that gets as far as the question who calls.
type route struct {
	path, body string // ROLE in the body stands for the caller's role
	may        []footage.Role
	others     int // what somebody of the right role in another agency is answered; 0: as much as the agency itself
}

// patterns returns the routes of the town's server.
func patterns(t *testing.T, w *nodetest.Town) []string {
	t.Helper()
	h, err := w.Node.Handler(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return h.Patterns()
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// staffRoutes returns every call that needs a sign-in, for one draft, one published request and one share that is released.
func staffRoutes(t *testing.T, w *nodetest.Town) map[string]route {
	t.Helper()
	published := w.Publish(w.Draft(0))
	sent := w.Send(published, nil, bytes.Repeat([]byte("frame"), 100))
	w.Release()
	in := w.Draft(3)
	var draft api.AgencyRequest
	if err := w.Police.Officer.Client.Call(context.Background(), "POST", "/v1/agency/requests", in, &draft); err != nil {
		t.Fatal(err)
	}
	another := w.Draft(2)
	request, update := "/v1/agency/requests/"+string(draft.ID), "/v1/agency/requests/"+string(published)+"/updates"
	share := "/v1/agency/shares/" + string(sent.Receipt.Share)
	key := w.Police.Epoch.Recipient()
	next := w.NextUpdate(published, footage.Withdrawn, "")
	officer, supervisor, custodian := footage.Officer, footage.Supervisor, footage.Custodian
	everybody := []footage.Role{officer, supervisor, custodian}
	signature := encoded(t, api.Signature{})
	return map[string]route{
		"GET /v1/me":                                    {"/v1/me", "", everybody, 0},
		"GET /v1/agency/requests":                       {"/v1/agency/requests", "", everybody, 0},
		"POST /v1/agency/requests":                      {"/v1/agency/requests", encoded(t, another), []footage.Role{officer}, 0},
		"POST /v1/agency/decide":                        {"/v1/agency/decide", encoded(t, another), []footage.Role{officer}, 0},
		"POST /v1/agency/requests/{id}/sign":            {request + "/sign", signature, []footage.Role{officer}, 404},
		"POST /v1/agency/requests/{id}/approve":         {request + "/approve", signature, []footage.Role{supervisor}, 404},
		"POST /v1/agency/requests/{id}/submit":          {request + "/submit", "{}", []footage.Role{supervisor}, 404},
		"POST /v1/agency/cases/{id}/appeal":             {"/v1/agency/cases/" + string(published) + "/appeal", encoded(t, api.Appeal{Words: "Look again."}), []footage.Role{officer, supervisor}, 404},
		"POST /v1/agency/requests/{id}/updates":         {update, encoded(t, api.SignedUpdate{Update: next, Assertion: footage.Assertion{Role: "ROLE"}}), []footage.Role{officer, supervisor}, 404},
		"POST /v1/agency/requests/{id}/updates/approve": {update + "/approve", signature, []footage.Role{supervisor}, 404},
		"GET /v1/agency/duties":                         {"/v1/agency/duties", "", everybody, 0},
		"POST /v1/agency/requests/{id}/followups":       {request + "/followups", encoded(t, api.SignedFollowUp{FollowUp: footage.FollowUp{Request: draft.ID, Duty: footage.DutyOutcome, Says: footage.SaidArrest}}), []footage.Role{supervisor}, 404},
		"POST /v1/agency/requests/{id}/followups/draft": {request + "/followups/draft", encoded(t, api.NewFollowUp{Duty: footage.DutyOutcome, Says: footage.SaidArrest}), []footage.Role{supervisor}, 404},
		"GET /v1/agency/complaints":                     {"/v1/agency/complaints", "", []footage.Role{supervisor}, 0},
		"POST /v1/policies":                             {"/v1/policies", encoded(t, api.AdoptPolicy{File: "{}"}), nil, 0},
		"GET /v1/agency/keys":                           {"/v1/agency/keys", "", []footage.Role{custodian}, 0},
		"POST /v1/agency/custodians":                    {"/v1/agency/custodians", encoded(t, api.NewCustodian{SignKey: api.Encode(make([]byte, 32)), Recipient: key}), []footage.Role{custodian}, 0},
		"POST /v1/agency/custodians/{id}/disable":       {"/v1/agency/custodians/k-00000000000000000000000000/disable", "{}", []footage.Role{custodian}, 404},
		"POST /v1/agency/epochs":                        {"/v1/agency/epochs", encoded(t, api.OpenEpoch{Number: 7, Recipient: key}), []footage.Role{custodian}, 0},
		"POST /v1/agency/wrapped":                       {"/v1/agency/wrapped", encoded(t, api.WrappedKey{Epoch: 1, Holder: string(w.Police.Device.ID), Wrapped: "AA"}), []footage.Role{custodian}, 404},
		"POST /v1/agency/keychanges/{id}/agree":         {"/v1/agency/keychanges/n-00000000000000000000000000/agree", "{}", []footage.Role{custodian}, 404},
		"POST /v1/agency/keychanges/{id}/stop":          {"/v1/agency/keychanges/n-00000000000000000000000000/stop", "{}", []footage.Role{officer, supervisor, custodian}, 404},
		"GET /v1/agency/shares":                         {"/v1/agency/shares", "", []footage.Role{custodian}, 0},
		"GET /v1/agency/shares/{id}":                    {share, "", []footage.Role{custodian}, 404},
		"POST /v1/agency/shares/{id}/events":            {share + "/events", encoded(t, footage.Event{Share: sent.Receipt.Share, Seq: 9, Kind: footage.EventOpened, Party: footage.PartyAgency, Signer: string(w.Police.Device.ID)}), []footage.Role{custodian}, 404},
		"POST /v1/agency/shares/{id}/messages":          {share + "/messages", encoded(t, api.Reply{Body: "AA"}), []footage.Role{custodian}, 404},
		"GET /v1/agency/shares/{id}/clips/{clip}":       {share + "/clips/" + string(sent.Receipt.Clips[0].ID), "", []footage.Role{custodian}, 404},
	}
}

// TestWhoMayCallWhat tries every call of staff as everybody.
func TestWhoMayCallWhat(t *testing.T) {
	w := nodetest.Start(t, nil)
	fire := w.Join(town.Agencies()[1])
	routes := staffRoutes(t, w)
	for _, pattern := range patterns(t, w) {
		if _, path, _ := strings.Cut(pattern, " "); strings.HasPrefix(path, "/v1/agency/") || path == "/v1/me" {
			if _, ok := routes[pattern]; !ok {
				t.Errorf("%s is not in the table", pattern)
			}
		}
	}
	gone := w.Enrol(w.Police.ID, footage.Officer, footage.Supervisor, footage.Custodian)
	if err := w.Node.Exchange.DisablePerson(context.Background(), gone.ID); err != nil {
		t.Fatal(err)
	}
	ours := map[footage.Role]nodetest.Person{footage.Officer: w.Police.Officer, footage.Supervisor: w.Police.Supervisor, footage.Custodian: w.Police.Custodian}
	theirs := map[footage.Role]nodetest.Person{footage.Officer: fire.Officer, footage.Supervisor: fire.Supervisor, footage.Custodian: fire.Custodian}
	said := ""
	ask := func(pattern string, r route, role footage.Role, bearer string) int {
		method, _, _ := strings.Cut(pattern, " ")
		header := []string{}
		if bearer != "" {
			header = append(header, "Authorization", "Bearer "+bearer)
		}
		res, body := fetch(t, w, method, r.path, strings.ReplaceAll(r.body, "ROLE", string(role)), header...)
		secure(t, pattern, res.Header)
		if res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept by a cache: %v", pattern, res.Header)
		}
		if res.StatusCode >= 500 {
			t.Errorf("%s: %s %s", pattern, res.Status, body)
		}
		said = string(body)
		return res.StatusCode
	}
	for pattern, r := range routes {
		for name, bearer := range map[string]string{"nobody": "", "a wrong token": "0000", "a disabled person": gone.Client.Bearer} {
			if got := ask(pattern, r, footage.Officer, bearer); got != http.StatusUnauthorized && (name != "a disabled person" || got != http.StatusForbidden) {
				t.Errorf("%s by %s: %d", pattern, name, got)
			}
		}
		for role, person := range ours {
			got := ask(pattern, r, role, person.Client.Bearer)
			if may := slices.Contains(r.may, role); may == (got == http.StatusForbidden) || got == http.StatusUnauthorized {
				t.Errorf("%s by the agency's %s: %d %s", pattern, role, got, said)
			}
		}
		for role, person := range theirs {
			got := ask(pattern, r, role, person.Client.Bearer)
			if may := slices.Contains(r.may, role); !may && got != http.StatusForbidden || may && r.others != 0 && got != r.others {
				t.Errorf("%s by another agency's %s: %d, not %d", pattern, role, got, r.others)
			}
		}
	}
}

// TestOthersSeeNothingOfOurs: what another agency may list are its own things.
func TestOthersSeeNothingOfOurs(t *testing.T) {
	w := nodetest.Start(t, nil)
	fire := w.Join(town.Agencies()[1])
	staffRoutes(t, w)
	for path, person := range map[string]nodetest.Person{"/v1/agency/requests": fire.Officer, "/v1/agency/shares": fire.Custodian} {
		_, body := fetch(t, w, "GET", path, "", "Authorization", "Bearer "+person.Client.Bearer)
		if strings.TrimSpace(string(body)) != "[]" {
			t.Errorf("%s of an agency without any: %s", path, body)
		}
	}
	_, keys := fetch(t, w, "GET", "/v1/agency/keys", "", "Authorization", "Bearer "+fire.Custodian.Client.Bearer)
	if strings.Contains(string(keys), string(w.Police.Device.ID)) || !strings.Contains(string(keys), string(fire.Device.ID)) {
		t.Errorf("keys: %s", keys)
	}
}
