package audit_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"porchlight.example/evidence"
	"porchlight.example/internal/audit"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/ledger"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// town is a served exchange behind a proxy in which its answers can be changed, as a dishonest operator or somebody on the way
// would, and an audit of it.
type town struct {
	*nodetest.Town
	t      *testing.T
	proxy  *httptest.Server
	tamper func(path string, body []byte) []byte // nil: nothing; a nil body: not found
	cfg    audit.Config
	ids    []footage.RequestID
}

func startTown(t *testing.T) *town {
	t.Helper()
	w := &town{Town: nodetest.Start(t, nil), t: t}
	w.ids = []footage.RequestID{w.Publish(w.Draft(0)), w.Publish(w.Draft(1))}
	must(t, w.Node.RunDue(t.Context())) // the state, and of which files the pages are made
	w.Refresh()
	w.proxy = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.proxy.Close)
	w.cfg = audit.Config{Base: w.proxy.URL, Trust: evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, Dir: t.TempDir(), Now: w.Now, Slack: time.Nanosecond}
	return w
}

func (w *town) serve(out http.ResponseWriter, r *http.Request) {
	u, _ := url.JoinPath(w.Server.URL, r.URL.Path)
	res, err := http.Get(u)
	if err != nil {
		http.Error(out, "", http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		http.Error(out, "", http.StatusBadGateway)
		return
	}
	if w.tamper != nil {
		if body = w.tamper(r.URL.Path, body); body == nil {
			http.NotFound(out, r)
			return
		}
	}
	out.WriteHeader(res.StatusCode)
	_, _ = out.Write(body)
}

// audit does one round in a new process and returns the codes of all findings.
func (w *town) audit() []string {
	w.t.Helper()
	a, err := audit.Open(w.t.Context(), w.cfg)
	must(w.t, err)
	report, err := a.Round(w.t.Context())
	must(w.t, err)
	return codes(w.t, report)
}

func codes(t testing.TB, report audit.Report) (all []string) {
	t.Helper()
	for _, f := range report.Findings {
		if !strings.HasSuffix(f.Text, ".") || len(f.Text) < 20 || f.Subject == "" || f.Found.IsZero() {
			t.Errorf("finding %+v is no plain sentence", f)
		}
		if !slices.Contains(all, f.Code) {
			all = append(all, f.Code)
		}
	}
	return all
}

func (w *town) want(what string, want ...string) {
	w.t.Helper()
	if got := w.audit(); !slices.Equal(got, want) {
		w.t.Errorf("%s: found %v, want %v", what, got, want)
	}
}

// TestSound: an honest exchange has no finding, round after round, whatever happens on it.
func TestSound(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.want("at the beginning")
	w.Update(w.Police, w.ids[0], footage.Amended, "Also the alley behind the bakery.")
	w.Update(w.Police, w.ids[1], footage.Resolved, "Thank you.")
	w.OpenEpoch(w.Police, 2)
	must(t, w.Node.RunDue(t.Context()))
	w.Refresh()
	w.want("after updates and a new key")
	must(t, w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "A test."))
	must(t, w.Node.RunDue(t.Context()))
	w.Refresh()
	w.want("after a suspension")
	w.Advance(30 * time.Hour)
	must(t, w.Node.RunDue(t.Context()))
	w.Refresh()
	w.want("a day later")
}

// TestDishonestFiles changes what the exchange shows, one thing at a time (security.md 3.2): each is found, with a sentence.
func TestDishonestFiles(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.want("untouched")
	without := func(path string) func(string, []byte) []byte { // drops the newest request from a file
		return func(p string, body []byte) []byte {
			if p != path && !(strings.HasSuffix(path, "*") && strings.HasPrefix(p, strings.TrimSuffix(path, "*"))) {
				return body
			}
			var file map[string]json.RawMessage
			var all []json.RawMessage
			must(t, json.Unmarshal(body, &file))
			must(t, json.Unmarshal(file["requests"], &all))
			file["requests"], _ = json.Marshal(all[1:])
			body, _ = json.Marshal(file)
			return body
		}
	}
	replace := func(path, old, new string) func(string, []byte) []byte {
		return func(p string, body []byte) []byte {
			if strings.HasPrefix(p, path) {
				return bytes.ReplaceAll(body, []byte(old), []byte(new))
			}
			return body
		}
	}
	gone := func(path string) func(string, []byte) []byte {
		return func(p string, body []byte) []byte {
			if strings.HasPrefix(p, path) {
				return nil
			}
			return body
		}
	}
	text := w.Draft(0).Document.Title[:12]
	fresh := w.cfg.Dir
	for name, c := range map[string]struct {
		tamper func(string, []byte) []byte
		anew   bool // by an audit that has never seen this exchange
		want   string
	}{
		"a request dropped from one file of the feed": {tamper: without("/feed/all.json"), want: "feed_dropped"},
		"a request dropped from a cell":               {tamper: without("/feed/cell/*"), want: "feed_dropped"},
		"an edited text in the feed":                  {tamper: replace("/feed/all.json", text, "Something el"), want: "text_changed"},
		"an edited text on its page":                  {tamper: replace("/v1/requests/", text, "Something el"), want: "text_changed"},
		"an edited text, first seen":                  {tamper: replace("/v1/requests/", text, "Something el"), anew: true, want: "text_changed"},
		"a request not shown any more":                {tamper: gone("/v1/requests/"), want: "request_missing"},
		"a changed policy file":                       {tamper: replace("/log/policy/", "0.5", "5.0"), anew: true, want: "policy_changed"},
		"a policy kept back":                          {tamper: gone("/log/policy/"), anew: true, want: "policy_missing"},
		"a state kept back":                           {tamper: gone("/log/state/"), want: "state_withheld"},
		"another state":                               {tamper: replace("/log/state/", `"suspended":false`, `"suspended":true`), want: "state_changed"},
		"no head":                                     {tamper: gone("/log/head.json"), want: "head_missing"},
		"a flipped entry":                             {tamper: replace("/log/tile/entries/", "maplewood", "mapelwood"), anew: true, want: "tiles_damaged"},
		"a flipped tile":                              {tamper: flip("/log/tile/0/"), anew: true, want: "tiles_damaged"},
		"an edited checkpoint":                        {tamper: flip("/log/checkpoint"), want: "checkpoint_forged"},
		"a changed script":                            {tamper: replace("/assets/", "function", "functiom"), want: "asset_changed"},
		"a changed style":                             {tamper: replace("/assets/", "color", "colar"), want: "asset_changed"},
		"another list of the pages' files":            {tamper: replace("/log/assets/", "porchlight.css", "porchlight.cs2"), want: "assets_changed"},
		"a list kept back":                            {tamper: gone("/log/assets/"), want: "assets_withheld"},
		"a page that loads something else":            {tamper: replace("/", `/porchlight.css"`, `/evil.css"`), want: "asset_unlisted"},
		"a figure that is less":                       {tamper: replace("/data/figures.json", `"kind":"request.published","state":"","reason":"","count":2`, `"kind":"request.published","state":"","reason":"","count":1`), want: "figures_wrong"},
		"a figure left out":                           {tamper: replace("/data/figures.json", `"moderation.decided"`, `"moderation.decided2"`), want: "figures_wrong"},
		"no figures":                                  {tamper: gone("/data/figures.json"), want: "figures_missing"},
		"no checkpoint":                               {tamper: gone("/log/checkpoint"), want: "checkpoint_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w.tamper, w.t = c.tamper, t
			w.cfg.Dir = t.TempDir()
			if !c.anew { // an audit that has seen the honest exchange before
				must(t, copyFolder(w.cfg.Dir, fresh))
			}
			if got := w.audit(); !slices.Contains(got, c.want) {
				t.Errorf("found %v, want %s", got, c.want)
			}
		})
	}
	w.tamper = nil
}

// TestUpdateKeptBack: the exchange goes on showing a request as it was before an update that its record has, on its page or in
// the feed.
func TestUpdateKeptBack(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.want("untouched")
	old := map[string][]byte{}
	w.tamper = func(path string, body []byte) []byte {
		old[path] = body
		return body
	}
	w.want("still untouched")
	w.tamper = nil
	w.Update(w.Police, w.ids[0], footage.Amended, "Also the alley behind the bakery.")
	w.Refresh()
	w.Advance(time.Minute)
	w.want("updated")
	fresh := w.cfg.Dir
	for _, path := range []string{"/v1/requests/" + string(w.ids[0]), "/feed/all.json"} {
		w.cfg.Dir = t.TempDir()
		must(t, copyFolder(w.cfg.Dir, fresh))
		w.tamper = func(p string, body []byte) []byte {
			if p == path {
				return old[p]
			}
			return body
		}
		w.want("as it was before, in "+path, "update_withheld")
	}
}

// flip changes a byte in the midst of a file.
func flip(path string) func(string, []byte) []byte {
	return func(p string, body []byte) []byte {
		if strings.HasPrefix(p, path) {
			body = bytes.Clone(body)
			body[len(body)/2] ^= 1
		}
		return body
	}
}

// TestChangedTables: the exchange acts on something of which no entry tells: another sealing key, a suspension lifted in the
// dark, a verification that goes on for longer than anybody gave it. Its next state shows it.
func TestChangedTables(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		before func(w *town)
		query  string
	}{
		"another sealing key": {query: `UPDATE epoch SET body = replace(body, 'age1pq1', 'age1pq1q')`},
		"a suspension lifted": {before: func(w *town) { must(t, w.Node.Exchange.SuspendAgency(t.Context(), w.Police.ID, "A test.")) },
			query: `UPDATE agency SET suspended = 0, reason = ''`},
		"a verification prolonged": {query: `UPDATE agency SET verification = replace(verification, '"until":"2027', '"until":"2028'), verified_until = verified_until + 31536000000000`},
		"verified again in the dark": {before: func(w *town) { must(t, w.Node.Exchange.UnapproveAgency(t.Context(), w.Police.ID)) },
			query: `UPDATE agency SET verification = replace(replace(verification, '"lapse":"approval_taken"', '"until":"2027-11-01T00:00:00Z"'), '"paused":true', '"paused":false'), verified_until = 1824681600000000 WHERE verified_until = 0`},
		"a person let act again": {before: func(w *town) { must(t, w.Node.Exchange.SuspendPerson(t.Context(), w.Police.Officer.ID, "A test.")) },
			query: `UPDATE person SET suspended = '' WHERE suspended <> ''`},
		"a request kept open": {before: func(w *town) { w.Update(w.Police, w.ids[0], footage.Resolved, "Thank you.") },
			query: `UPDATE request SET status = 'published' WHERE status = 'resolved'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startTown(t)
			if change.before != nil {
				change.before(w)
				must(t, w.Node.Exchange.State(t.Context()))
				w.Refresh()
			}
			w.want("untouched")
			db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
			must(t, err)
			defer db.Close()
			res, err := db.ExecContext(t.Context(), change.query)
			must(t, err)
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				t.Fatalf("%d rows were changed, %v", n, err)
			}
			w.Enrol("", footage.Moderator)
			must(t, w.Node.Exchange.State(t.Context()))
			w.Refresh()
			w.want("changed", "state_disagrees")
			w.want("it stays a finding", "state_disagrees")
		})
	}
}

// TestWrongKey: what is signed with another key than the pinned one is nobody's record.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	_, other, err := ledger.GenerateKey("town.example/porchlight", rand.Reader)
	must(t, err)
	w.cfg.Trust.Verifier = other
	w.want("another key is pinned", "checkpoint_forged")
	w.cfg.Trust.Verifier = w.Node.Exchange.Info().LogVerifier
	if _, err := audit.Open(t.Context(), w.cfg); !errors.Is(err, footage.Untrusted) {
		t.Errorf("the state of an audit with another key: %v, want untrusted", err)
	}
}

// TestUnreachable: an exchange that does not answer is no finding.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	w := startTown(t)
	w.want("it answers")
	w.proxy.Close()
	a, err := audit.Open(t.Context(), w.cfg)
	must(t, err)
	report, err := a.Round(t.Context())
	if !errors.Is(err, footage.Unavailable) || len(report.Findings) != 0 || report.Entries == 0 {
		t.Errorf("got %v with %d findings and %d entries", err, len(report.Findings), report.Entries)
	}
}
