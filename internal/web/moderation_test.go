package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestOneRoutePublishes is the "Done when": every route is called by everybody with a request that waits in
// moderation, and none but the moderator's clearing makes it public.
func TestOneRoutePublishes(t *testing.T) {
	w := nodetest.Start(t, nil)
	operator := w.Enrol("", footage.Operator)
	id := string(w.Submit(w.Police, w.Draft(0)))
	wildcard := regexp.MustCompile(`\{[a-z.]+\}`)
	tried := 0
	for _, pattern := range patterns(t, w) {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = http.MethodPost, pattern
		}
		if strings.HasSuffix(path, "/clear") || strings.HasSuffix(path, "/logout") {
			continue
		}
		for _, who := range []nodetest.Person{w.Police.Officer, w.Police.Supervisor, w.Police.Custodian, operator, w.Moderator} {
			fetch(t, w, method, wildcard.ReplaceAllString(path, id), "{}", "Authorization", "Bearer "+who.Client.Bearer)
			tried++
		}
	}
	if tried < 100 {
		t.Errorf("only %d calls were tried", tried)
	}
	if public, err := w.Node.Exchange.PublicRequests(context.Background(), false); err != nil || len(public) != 0 {
		t.Errorf("something became public: %v, %v", public, err)
	}
	w.Clear(id)
	if public, err := w.Node.Exchange.PublicRequests(context.Background(), false); err != nil || len(public) != 1 {
		t.Errorf("clearing made %d public: %v", len(public), err)
	}
}

// TestWhoMayModerate tries every call of the moderators as everybody.
func TestWhoMayModerate(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := string(w.Submit(w.Police, w.Draft(0)))
	operator, auditor := w.Enrol("", footage.Operator), w.Enrol("", footage.Auditor)
	verdict := `{"reason":"unclear","words":""}`
	bodies := map[string]string{"clear": "{}", "hold": verdict, "refuse": verdict, "hand-on": "{}", "answer": `{"outcome":"not_upheld","answer":"No."}`}
	other := w.Submit(w.Police, w.Draft(3))
	w.Clear(string(other))
	complaint, _ := w.Complain(other, "It asks the whole town.")
	for _, pattern := range patterns(t, w) {
		method, path, _ := strings.Cut(pattern, " ")
		if !strings.HasPrefix(path, "/v1/moderation/") {
			continue
		}
		if strings.Contains(path, "/complaints") {
			path = strings.ReplaceAll(path, "{id}", string(complaint.ID))
		}
		path = strings.ReplaceAll(path, "{id}", id)
		body := bodies[path[strings.LastIndex(path, "/")+1:]]
		for name, bearer := range map[string]string{"officer": w.Police.Officer.Client.Bearer, "supervisor": w.Police.Supervisor.Client.Bearer,
			"custodian": w.Police.Custodian.Client.Bearer, "operator": operator.Client.Bearer, "auditor": auditor.Client.Bearer, "nobody": ""} {
			want := http.StatusForbidden
			switch {
			case name == "nobody":
				want = http.StatusUnauthorized
			case name == "auditor" && method == http.MethodGet:
				want = http.StatusOK
			}
			header := []string{}
			if bearer != "" {
				header = []string{"Authorization", "Bearer " + bearer}
			}
			if res, said := fetch(t, w, method, path, body, header...); res.StatusCode != want {
				t.Errorf("%s by %s: %s %s", pattern, name, res.Status, said)
			}
		}
	}
	w.Clear(id)
}
