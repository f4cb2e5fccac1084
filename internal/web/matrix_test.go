package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/ui"
)

// openToAll are the routes that ask nobody who they are: what is public, what residents use, and the ways in.
func openToAll() []string {
	return []string{
		"/", "GET /healthz", "GET /readyz", "GET /assets/", "GET /{$}", "GET /requests/{id}", "GET /agencies", "GET /agencies/{id}", "GET /requests/{id}/complain", "GET /agencies/{id}/complain", "GET /complaints", "POST /complaints", "POST /v1/complaints", "GET /v1/complaint", "GET /apply", "POST /apply", "GET /apply/{id}", "GET /how", "GET /privacy",
		"GET /guidelines", "GET /about", "GET /record", "GET /record/data", "GET /record/decisions", "GET /record/reports", "GET /record/followups", "GET /notices", "GET /notices/{id}", "GET /record/entries", "GET /record/entries/{number}", "GET /data/", "GET /shares", "GET /v1/offences", "GET /v1/policies", "GET /feed/", "GET /log/", "GET /v1/exchange", "GET /v1/notices", "GET /v1/requests/{id}", "GET /openapi.yaml",
		"POST /v1/work", "POST /v1/requests/{id}/shares", "POST /v1/shares/commit", "GET /v1/mailbox", "POST /v1/mailbox/withdraw", "POST /v1/mailbox/messages", "/v1/uploads/",
		"POST /v1/login/challenge", "POST /v1/login", "POST /v1/login/device", "POST /v1/login/device/token", "POST /v1/logout", "POST /v1/enrol/challenge", "POST /v1/enrol",
		"GET /staff/signin", "POST /staff/signin", "POST /staff/signin/begin", "GET /staff/join", "POST /staff/join", "POST /staff/join/begin", "POST /staff/signout", "POST /staff/passkey/begin",
	}
}

// cast is one person of each role, of the police, of another agency and of the exchange.
type cast struct {
	*nodetest.Town
	people map[string]nodetest.Person // "own officer", "other officer", "operator"
	fire   *nodetest.Agency
}

func assemble(t *testing.T) *cast {
	t.Helper()
	w := nodetest.Start(t, nil)
	c := &cast{Town: w, fire: w.Join(town.Agencies()[1])}
	c.people = map[string]nodetest.Person{
		"own officer": w.Police.Officer, "own supervisor": w.Police.Supervisor, "own custodian": w.Police.Custodian, "own agency_admin": w.Enrol(w.Police.ID, footage.AgencyAdmin),
		"other officer": c.fire.Officer, "other supervisor": c.fire.Supervisor, "other custodian": c.fire.Custodian, "other agency_admin": w.Enrol(c.fire.ID, footage.AgencyAdmin),
		"operator": w.Enrol("", footage.Operator), "moderator": w.Moderator, "auditor": w.Enrol("", footage.Auditor),
	}
	for _, role := range footage.Roles() {
		if _, there := c.people[string(role)]; !there && (c.people["own "+string(role)].ID == "" || c.people["other "+string(role)].ID == "") {
			t.Fatalf("nobody has the role %s", role)
		}
	}
	return c
}

// staffPage is one signed-in page or act, with what each may expect: an answer of their own, 403 for a role that may not, 404
// for somebody else's object.
type staffPage struct {
	path string
	form url.Values
	may  map[string]int // by the person in the cast; who is missing here must be refused with 403
}

// everybody may see a page of their own.
func (c *cast) everybody(status int) map[string]int {
	out := map[string]int{}
	for name := range c.people {
		out[name] = status
	}
	return out
}

// staffPages is the table of every signed-in page by every role, of the own and of another agency. The person in question is
// an officer of the police, the credential one of the police's custodian.
func staffPages(t *testing.T, c *cast) map[string]staffPage {
	t.Helper()
	target := c.Enrol(c.Police.ID, footage.Officer)
	m, _, err := c.Node.Exchange.MakeMachine(t.Context(), c.Police.Custodian.ID, "Evidence system", []account.Scope{account.ScopeShares}, account.MachineLife)
	if err != nil {
		t.Fatal(err)
	}
	page, person, machine := ui.StaffRoot, "/staff/people/"+string(target.ID), "/staff/programs/"+m.ID+"/revoke"
	managers := func(own, operator, other int) map[string]int {
		return map[string]int{"own agency_admin": own, "operator": operator, "other agency_admin": other}
	}
	makers := map[string]int{"own officer": 422, "own custodian": 422, "other officer": 422, "other custodian": 422}
	owners := map[string]int{"own officer": 200, "own custodian": 200, "own agency_admin": 200, "other officer": 200, "other custodian": 200, "other agency_admin": 200}
	admins := map[string]int{"own agency_admin": 200, "other agency_admin": 200}
	request := "/staff/requests/" + string(c.Publish(c.Draft(1)))
	withhold := strings.Replace(request, "requests", "withhold", 1)
	ended := c.Publish(c.Draft(2))
	c.Update(c.Police, ended, footage.Resolved, "Thank you.")
	outcome := "/staff/followups/" + string(ended) + "/outcome"
	office := func(status int) map[string]int { return map[string]int{"operator": status, "moderator": status} }
	agency := func(officer, supervisor, custodian, admin int) map[string]int { // at both agencies, each for its own
		out := map[string]int{}
		for role, status := range map[string]int{"officer": officer, "supervisor": supervisor, "custodian": custodian, "agency_admin": admin} {
			if status != 0 {
				out["own "+role], out["other "+role] = status, status
			}
		}
		return out
	}
	theirs := func(officer, supervisor, custodian, admin int) map[string]int { // what another agency does not see
		out := agency(officer, supervisor, custodian, admin)
		for name := range out {
			if strings.HasPrefix(name, "other ") {
				out[name] = http.StatusNotFound
			}
		}
		return out
	}
	officer := url.Values{"person": {string(target.ID)}, "to": {string(c.fire.ID)}}
	return map[string]staffPage{
		"GET /staff/{$}":                     {page, nil, c.everybody(200)},
		"GET /staff/moderation":              {"/staff/moderation", nil, map[string]int{"moderator": 200, "auditor": 200}},
		"GET /staff/moderation/{id}":         {"/staff/moderation/none", nil, map[string]int{"moderator": 404, "auditor": 404}},
		"POST /staff/moderation/{id}/clear":  {"/staff/moderation/none/clear", nil, map[string]int{"moderator": 404}},
		"POST /staff/moderation/{id}/decide": {"/staff/moderation/none/decide", nil, map[string]int{"moderator": 404}},

		"GET /staff/applications":              {"/staff/applications", nil, map[string]int{"operator": 200}},
		"GET /staff/applications/{id}":         {"/staff/applications/none", nil, map[string]int{"operator": 404}},
		"POST /staff/applications/{id}/accept": {"/staff/applications/none/accept", nil, map[string]int{"operator": 404}},
		"POST /staff/applications/{id}/refuse": {"/staff/applications/none/refuse", url.Values{"reason": {"not_local"}}, map[string]int{"operator": 404}},

		"GET /staff/complaints":               {"/staff/complaints", nil, map[string]int{"moderator": 200, "auditor": 200, "own supervisor": 200, "own agency_admin": 200, "other supervisor": 200, "other agency_admin": 200}},
		"GET /staff/complaints/{id}":          {"/staff/complaints/none", nil, map[string]int{"moderator": 404, "auditor": 404}},
		"POST /staff/complaints/{id}/answer":  {"/staff/complaints/none/answer", url.Values{"outcome": {"not_upheld"}, "answer": {"No."}}, map[string]int{"moderator": 404}},
		"POST /staff/complaints/{id}/hand-on": {"/staff/complaints/none/hand-on", nil, map[string]int{"moderator": 404}},

		"GET /staff/register":              {"/staff/register", nil, map[string]int{"operator": 200}},
		"GET /staff/register/{id}":         {"/staff/register/" + string(c.Police.ID), nil, map[string]int{"operator": 200}},
		"POST /staff/register/{id}/attest": {"/staff/register/" + string(c.Police.ID) + "/attest", url.Values{"statement": {"{}"}}, map[string]int{"operator": 422}},
		"POST /staff/register/{id}":        {"/staff/register/" + string(c.Police.ID), nil, map[string]int{"operator": 422}},
		"POST /staff/register/{id}/begin":  {"/staff/register/" + string(c.Police.ID) + "/begin", nil, map[string]int{"operator": 422}},

		"GET /staff/notices":              {"/staff/notices", nil, map[string]int{"operator": 200, "moderator": 200, "auditor": 200}},
		"POST /staff/notices":             {"/staff/notices", nil, office(422)},
		"GET /staff/notices/{id}":         {"/staff/notices/none", nil, office(404)},
		"POST /staff/notices/{id}/update": {"/staff/notices/none/update", nil, office(404)},
		"POST /staff/notices/{id}/agree":  {"/staff/notices/none/agree", nil, office(404)},
		"POST /staff/notices/{id}/drop":   {"/staff/notices/none/drop", nil, office(404)},
		"GET /staff/demands":              {"/staff/demands", nil, map[string]int{"operator": 200, "moderator": 200, "auditor": 200}},
		"POST /staff/demands":             {"/staff/demands", nil, office(422)},
		"GET /staff/demands/{id}":         {"/staff/demands/none", nil, office(404)},
		"POST /staff/demands/{id}/answer": {"/staff/demands/none/answer", url.Values{"answer": {"all"}}, office(404)},
		"POST /staff/demands/{id}/agree":  {"/staff/demands/none/agree", nil, office(404)},

		"GET /staff/withhold":             {"/staff/withhold", nil, map[string]int{"operator": 200, "moderator": 200, "auditor": 200}},
		"POST /staff/withhold":            {"/staff/withhold", nil, office(422)},
		"GET /staff/withhold/{id}":        {withhold, nil, office(200)},
		"POST /staff/withhold/{id}":       {withhold, nil, office(422)},
		"POST /staff/withhold/{id}/begin": {withhold + "/begin", nil, office(422)},
		"POST /staff/withhold/{id}/drop":  {withhold + "/drop", nil, office(404)},

		"GET /staff/followups":                    {"/staff/followups", nil, agency(200, 200, 200, 200)},
		"GET /staff/followups/{id}/{duty}":        {outcome, nil, theirs(200, 200, 200, 200)},
		"POST /staff/followups/{id}/{duty}":       {outcome, nil, theirs(0, 422, 0, 0)},
		"POST /staff/followups/{id}/{duty}/begin": {outcome + "/begin", url.Values{"signed": {c.Now().Format(time.RFC3339)}, "says": {"arrest"}}, theirs(0, 200, 0, 0)},

		"GET /staff/requests":                     {"/staff/requests", nil, agency(200, 200, 200, 200)},
		"GET /staff/requests/new":                 {"/staff/requests/new", nil, agency(200, 0, 0, 0)},
		"POST /staff/requests/new":                {"/staff/requests/new", nil, agency(422, 0, 0, 0)},
		"POST /staff/requests/new/decide":         {"/staff/requests/new/decide", nil, agency(200, 0, 0, 0)},
		"GET /staff/requests/{id}":                {request, nil, theirs(200, 200, 200, 200)},
		"POST /staff/requests/{id}/appeal":        {request + "/appeal", url.Values{"words": {"Why."}}, theirs(409, 409, 0, 0)},
		"POST /staff/requests/{id}/takeback":      {request + "/takeback", nil, theirs(409, 409, 0, 0)},
		"POST /staff/requests/{id}/submit":        {request + "/submit", nil, theirs(0, 409, 0, 0)},
		"POST /staff/requests/{id}/approver":      {request + "/approver", nil, theirs(409, 0, 0, 0)},
		"POST /staff/requests/{id}/sign":          {request + "/sign", nil, theirs(422, 0, 0, 0)},
		"POST /staff/requests/{id}/approve":       {request + "/approve", nil, theirs(0, 422, 0, 0)},
		"POST /staff/requests/{id}/sign/begin":    {request + "/sign/begin", nil, theirs(200, 200, 200, 200)},
		"POST /staff/requests/{id}/approve/begin": {request + "/approve/begin", nil, theirs(200, 200, 200, 200)},

		"POST /staff/account/mail":      {"/staff/account/mail", url.Values{"address": {"somebody"}}, c.everybody(422)},
		"GET /staff/policies":           {"/staff/policies", nil, map[string]int{"operator": 200, "auditor": 200}},
		"POST /staff/policies/look":     {"/staff/policies/look", nil, map[string]int{"operator": 422}},
		"POST /staff/policies/begin":    {"/staff/policies/begin", nil, map[string]int{"operator": 422}},
		"POST /staff/policies":          {"/staff/policies", nil, map[string]int{"operator": 422}},
		"GET /staff/gatherings":         {"/staff/gatherings", nil, map[string]int{"operator": 200, "moderator": 200, "auditor": 200}},
		"POST /staff/gatherings":        {"/staff/gatherings", nil, map[string]int{"operator": 422, "moderator": 422}},
		"POST /staff/gatherings/import": {"/staff/gatherings/import", url.Values{"csv": {"name"}}, map[string]int{"operator": 422, "moderator": 422}},
		"POST /staff/gatherings/remove": {"/staff/gatherings/remove", url.Values{"id": {"g-none"}}, map[string]int{"operator": 404, "moderator": 404}},

		"GET /staff/account":                       {"/staff/account", nil, c.everybody(200)},
		"GET /staff/device":                        {"/staff/device", nil, c.everybody(200)},
		"POST /staff/device":                       {"/staff/device", url.Values{"code": {"BCDF-GHJK"}}, c.everybody(404)},
		"GET /staff/desk/switch":                   {"/staff/desk/switch", nil, agency(0, 200, 200, 200)},
		"POST /staff/desk/switch":                  {"/staff/desk/switch", nil, agency(0, 0, 0, 422)},
		"POST /staff/desk/switch/agree":            {"/staff/desk/switch/agree", nil, agency(0, 422, 422, 422)},
		"GET /staff/desk":                          {"/staff/desk", nil, agency(0, 0, 404, 0)}, // neither agency has turned it on
		"GET /staff/desk/frame":                    {"/staff/desk/frame", nil, agency(0, 0, 404, 0)},
		"GET /staff/desk/keys":                     {"/staff/desk/keys", nil, agency(0, 0, 404, 0)},
		"GET /staff/desk/shares/{id}":              {"/staff/desk/shares/none", nil, agency(0, 0, 404, 0)},
		"GET /staff/desk/shares/{id}/delivery":     {"/staff/desk/shares/none/delivery", nil, agency(0, 0, 404, 0)},
		"GET /staff/desk/shares/{id}/clips/{clip}": {"/staff/desk/shares/none/clips/none", nil, agency(0, 0, 404, 0)},
		"POST /staff/desk/shares/{id}/events":      {"/staff/desk/shares/none/events", nil, agency(0, 0, 404, 0)},
		"POST /staff/desk/shares/{id}/messages":    {"/staff/desk/shares/none/messages", nil, agency(0, 0, 404, 0)},
		"POST /staff/desk/switch/end":              {"/staff/desk/switch/end", nil, agency(0, 0, 0, 409)},

		"GET /staff/people":     {"/staff/people", nil, managers(200, 200, 200)},
		"GET /staff/people/new": {"/staff/people/new", nil, managers(200, 200, 200)},
		"POST /staff/people":    {"/staff/people", url.Values{"name": {""}}, managers(422, 422, 422)},

		"GET /staff/people/{id}":               {person, nil, managers(200, 200, 404)},
		"POST /staff/people/{id}/invite":       {person + "/invite", nil, managers(200, 200, 404)},
		"POST /staff/people/{id}/roles":        {person + "/roles", nil, managers(422, 403, 404)}, // an agency's roles are its administrator's to give
		"POST /staff/people/{id}/confirm":      {person + "/confirm", nil, managers(404, 404, 404)},
		"POST /staff/people/{id}/refuse":       {person + "/refuse", nil, managers(404, 404, 404)},
		"POST /staff/people/{id}/rank":         {person + "/rank", url.Values{"rank": {"wizard"}}, managers(422, 422, 404)},
		"POST /staff/people/{id}/rank/confirm": {person + "/rank/confirm", nil, managers(409, 409, 404)},
		"POST /staff/people/{id}/rank/refuse":  {person + "/rank/refuse", nil, managers(303, 303, 404)},
		"POST /staff/people/{id}/disable":      {"/staff/people/p-00000000000000000000000000/disable", nil, managers(404, 404, 404)},
		"GET /staff/digest":                    {"/staff/digest", nil, map[string]int{"own supervisor": 200, "other supervisor": 200}},
		"GET /staff/keys":                      {"/staff/keys", nil, c.everybody(200)},
		"POST /staff/keys/agree":               {"/staff/keys/agree", url.Values{"change": {"n-00000000000000000000000000"}}, map[string]int{"own custodian": 404, "other custodian": 404, "own agency_admin": 404, "other agency_admin": 404, "operator": 404}},
		"POST /staff/keys/stop":                {"/staff/keys/stop", url.Values{"change": {"n-00000000000000000000000000"}}, c.everybody(404)},
		"GET /staff/programs":                  {"/staff/programs", nil, owners},
		"POST /staff/programs":                 {"/staff/programs", nil, makers},
		"POST /staff/programs/{id}/revoke": {machine, nil, map[string]int{"own custodian": 303, "own agency_admin": 303, "own officer": 404,
			"other officer": 404, "other custodian": 404, "other agency_admin": 404}},
		"GET /staff/loans":         {"/staff/loans", nil, admins},
		"POST /staff/loans":        {"/staff/loans", officer, map[string]int{"own agency_admin": 422, "other agency_admin": 404}},
		"POST /staff/loans/accept": {"/staff/loans/accept", officer, map[string]int{"own agency_admin": 404, "other agency_admin": 404}},
		"POST /staff/loans/end":    {"/staff/loans/end", officer, map[string]int{"own agency_admin": 404, "other agency_admin": 404}},
		"POST /staff/account/end":  {"/staff/account/end", url.Values{"session": {strings.Repeat("0", 64)}}, c.everybody(303)},
	}
}

const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// answerLogin answers a login's challenge as a person's passkey does.
func (c *cast) answerLogin(t *testing.T, p nodetest.Person) json.RawMessage {
	t.Helper()
	challenge, err := c.Node.Exchange.Accounts().LoginChallenge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := api.Decode(challenge.Challenge)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Key.GetJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// cookie signs a person in as a browser does, and returns the cookie.
func (c *cast) cookie(t *testing.T, p nodetest.Person) string {
	t.Helper()
	form := url.Values{"credential": {string(c.answerLogin(t, p))}}
	res, body := fetch(t, c.Town, "POST", "/staff/signin", form.Encode(), c.browser("")...)
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("sign in: %s %s", res.Status, body)
	}
	set := res.Cookies()[0]
	if !set.HttpOnly || set.SameSite != http.SameSiteStrictMode || set.Path != "/" || set.Domain != "" || set.MaxAge != 0 {
		t.Errorf("the cookie is %+v", set)
	}
	return set.Name + "=" + set.Value
}

// browser returns the headers that a browser sends with a form of our own.
func (c *cast) browser(cookie string) []string {
	return []string{"User-Agent", agent, "Sec-Fetch-Site", "same-origin", "Origin", c.Node.Exchange.Info().RP.Origin, "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookie}
}

// TestMatrix: every role by every signed-in page, on the own agency's objects and on another's. A route that stands in no table
// fails (T7).
func TestMatrix(t *testing.T) {
	c := assemble(t)
	pages, calls := staffPages(t, c), staffRoutes(t, c.Town)
	for _, pattern := range patterns(t, c.Town) {
		_, page := pages[pattern]
		_, call := calls[pattern]
		_, path, _ := strings.Cut(pattern, " ")
		known := slices.Contains(openToAll(), pattern) || strings.HasPrefix(path, "/v1/moderation/") || strings.HasPrefix(path, "/v1/register") || strings.HasPrefix(path, "/v1/applications") || strings.HasPrefix(path, "/v1/withholdings") || strings.HasPrefix(path, "/v1/demands") || strings.HasPrefix(path, "/v1/notices/") || path == "/v1/me/mail" // which tests of their own try
		if n := len(slices.DeleteFunc([]bool{page, call, known}, func(b bool) bool { return !b })); n != 1 {
			t.Errorf("%s stands in %d tables of who may do what, not one", pattern, n)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.people)) {
		p := c.people[name]
		cookie := c.cookie(t, p)
		for pattern, page := range pages {
			want, may := page.may[name]
			if !may {
				want = http.StatusForbidden
			}
			if got, body := c.visit(t, pattern, page, cookie, p); got != want {
				t.Errorf("%s by the %s: %d, not %d: %s", pattern, name, got, want, firstSentence(body))
			}
		}
	}
	for pattern, page := range pages {
		want := http.StatusUnauthorized
		if strings.HasPrefix(pattern, "GET ") {
			want = http.StatusSeeOther // to the sign-in
		}
		for name, cookie := range map[string]string{"nobody": "", "a wrong cookie": "porchlight-session=0", "a bearer token": "porchlight-session=" + c.Police.Officer.Client.Bearer} {
			if got, _ := c.visit(t, pattern, page, cookie, nodetest.Person{}); got != want {
				t.Errorf("%s by %s: %d, not %d", pattern, name, got, want)
			}
		}
	}
}

// visit asks for a page or sends its form, with the passkey used once more where there is one.
func (c *cast) visit(t *testing.T, pattern string, page staffPage, cookie string, p nodetest.Person) (int, string) {
	t.Helper()
	method, _, _ := strings.Cut(pattern, " ")
	form := url.Values{}
	maps.Copy(form, page.form)
	if p.Key != nil && method == "POST" {
		form.Set("credential", string(c.answerLogin(t, p)))
	}
	res, body := fetch(t, c.Town, method, page.path, form.Encode(), c.browser(cookie)...)
	if res.StatusCode >= 500 {
		t.Errorf("%s: %s %s", pattern, res.Status, body)
	}
	if res.Header.Get("Cache-Control") != "no-store" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "script-src 'nonce-") {
		t.Errorf("%s: %v", pattern, res.Header)
	}
	return res.StatusCode, string(body)
}

func firstSentence(page string) string {
	_, after, _ := strings.Cut(page, "<h1>")
	return after[:min(len(after), 200)]
}

// TestOtherOrigins: no page of another origin can send a form with a person's cookie, whatever the browser says or does not
// say; nor is the cookie of use in another sort of browser.
func TestOtherOrigins(t *testing.T) {
	c := assemble(t)
	cookie := c.cookie(t, c.Police.Officer)
	ours := c.Node.Exchange.Info().RP.Origin
	for name, headers := range map[string][]string{
		"another site":            {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		"another site, old":       {"Origin", "https://evil.example"},
		"another port":            {"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:1"},
		"nothing":                 {},
		"no origin":               {"Origin", "null"},
		"one that lies of itself": {"Sec-Fetch-Site", "same-origin", "Origin", "https://evil.example"},
		"a sandbox":               {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
		"our name, another site":  {"Sec-Fetch-Site", "cross-site", "Origin", ours},
	} {
		headers = append(headers, "User-Agent", agent, "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded")
		for _, path := range []string{"/staff/signout", "/staff/account/end", "/staff/signin", "/staff/people"} {
			if res, body := fetch(t, c.Town, "POST", path, "", headers...); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s to %s: %s %s", name, path, res.Status, firstSentence(string(body)))
			}
		}
	}
	see := func(agent string) int {
		res, _ := fetch(t, c.Town, "GET", "/staff/account", "", "User-Agent", agent, "Cookie", cookie)
		return res.StatusCode
	}
	if see(agent) != http.StatusOK || see(strings.ReplaceAll(agent, "140", "141")) != http.StatusOK {
		t.Error("the same browser is signed out, or one that was updated")
	}
	if see("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1") != http.StatusSeeOther {
		t.Error("the cookie is of use in another sort of browser")
	}
}

// TestProgramsReachNoFurther: a program's credential opens the routes of its scopes and no others, whatever its person may do.
func TestProgramsReachNoFurther(t *testing.T) {
	c := assemble(t)
	calls := staffRoutes(t, c.Town)
	all := c.Enrol(c.Police.ID, footage.Officer, footage.Supervisor, footage.Custodian)
	opened := map[string]bool{}
	for _, scope := range account.Scopes() {
		_, token, err := c.Node.Exchange.MakeMachine(t.Context(), all.ID, "Program for "+string(scope), []account.Scope{scope}, account.MachineLife)
		if err != nil {
			t.Fatal(err)
		}
		for pattern, r := range calls {
			method, _, _ := strings.Cut(pattern, " ")
			res, body := fetch(t, c.Town, method, r.path, strings.ReplaceAll(r.body, "ROLE", "officer"), "Authorization", "Bearer "+token)
			inside := !strings.Contains(string(body), "machine_scope")
			if !inside && res.StatusCode != http.StatusForbidden || res.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s by a program for %s: %s %s", pattern, scope, res.Status, body)
			}
			opened[pattern] = opened[pattern] || inside
		}
		res, _ := fetch(t, c.Town, "GET", "/staff/account", "", "Authorization", "Bearer "+token, "Cookie", "porchlight-session="+token)
		if res.StatusCode != http.StatusSeeOther {
			t.Errorf("a program for %s sees the pages of people: %s", scope, res.Status)
		}
	}
	for pattern, inside := range opened {
		signing := strings.Contains(pattern, "sign") || strings.Contains(pattern, "approve") || strings.Contains(pattern, "submit") || strings.Contains(pattern, "updates") ||
			strings.Contains(pattern, "custodians") || strings.Contains(pattern, "epochs") || strings.Contains(pattern, "wrapped") || strings.Contains(pattern, "appeal") || strings.Contains(pattern, "policies") || strings.Contains(pattern, "mail") || strings.Contains(pattern, "complaints") ||
			strings.Contains(pattern, "keychanges") || strings.Contains(pattern, "followups") || strings.Contains(pattern, "duties")
		if inside == signing {
			t.Errorf("%s is open to some program: %t", pattern, inside)
		}
	}
}
