package script

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"porchlight.example/internal/testenv"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
)

// passkeyTown serves one form for making a passkey and one for using it, under the policy of pages with islands.
type passkeyTown struct {
	*httptest.Server
	sent    []string // what came in the field credential
	refuse  string   // the detail with which the beginning is refused, if any
	options map[string]string
}

func startPasskeys(t *testing.T) *passkeyTown {
	t.Helper()
	pages, err := ui.New(ui.Site{})
	if err != nil {
		t.Fatal(err)
	}
	words, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := words.JSON("passkey.")
	if err != nil {
		t.Fatal(err)
	}
	p := &passkeyTown{options: map[string]string{}}
	mux := http.NewServeMux()
	mux.Handle(ui.AssetRoot, pages.Assets())
	mux.HandleFunc("GET /{kind}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", ui.PolicyOfIslands())
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>x</title><script type="module" src="%s"></script>
<form method="post" action="/finish" data-passkey="%s" data-begin="/begin/%[2]s" data-texts="%[3]s"><p data-without-script>x</p><input name="who" value="fay"><button>Go</button></form>`,
			pages.AssetPath("passkey.js"), r.PathValue("kind"), template.HTMLEscapeString(texts))
	})
	mux.HandleFunc("POST /begin/{kind}", func(w http.ResponseWriter, r *http.Request) {
		if p.refuse != "" || r.FormValue("who") != "fay" {
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(map[string]string{"detail": p.refuse})
			return
		}
		_, _ = w.Write([]byte(p.options[r.PathValue("kind")]))
	})
	mux.HandleFunc("POST /finish", func(w http.ResponseWriter, r *http.Request) {
		p.sent = append(p.sent, r.FormValue("credential"))
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>done</title>")
	})
	p.Server = httptest.NewServer(mux)
	p.URL = strings.Replace(p.URL, "127.0.0.1", "localhost", 1) // a passkey needs a name
	t.Cleanup(p.Close)
	return p
}

// TestPasskey: a form makes and uses a passkey with the browser's own virtual authenticator, under the strict policy, and
// says in words what went wrong.
func TestPasskey(t *testing.T) {
	p := startPasskeys(t)
	p.options["create"] = `{"publicKey": {"rp": {"id": "localhost", "name": "Lantern"}, "user": {"id": "ZmF5", "name": "fay", "displayName": "Fay"},
		"challenge": "AAECAwQFBgcICQoLDA0ODw", "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}], "authenticatorSelection": {"userVerification": "required", "residentKey": "required"}}}`
	p.options["get"] = `{"publicKey": {"rpId": "localhost", "challenge": "AAECAwQFBgcICQoLDA0ODw", "userVerification": "required"}}`
	tab := testenv.Chromium(t).Tab(390, 844)
	tab.Do("WebAuthn.enable", map[string]any{}, nil)
	authenticator := map[string]any{"options": map[string]any{"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
		"hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true}}
	var made struct{ AuthenticatorID string }
	tab.Do("WebAuthn.addVirtualAuthenticator", authenticator, &made)

	press := func(kind string) {
		t.Helper()
		tab.Open(p.URL + "/" + kind)
		tab.Eval(`document.querySelector("button").click()`, nil)
	}
	for i, kind := range []string{"create", "get"} {
		press(kind)
		tab.Until(`document.title === "done"`)
		var credential struct {
			Type     string
			Response struct{ ClientDataJSON string }
		}
		if err := json.Unmarshal([]byte(p.sent[i]), &credential); err != nil || credential.Type != "public-key" || credential.Response.ClientDataJSON == "" {
			t.Errorf("%s sent %q: %v", kind, p.sent[i], err)
		}
	}
	if said := tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}

	says := func(want string) {
		t.Helper()
		tab.Until(`!document.querySelector("[role=alert]").hidden`)
		var got string
		if tab.Eval(`document.querySelector("[role=alert]").textContent`, &got); !strings.Contains(got, want) {
			t.Errorf("the form says %q, not %q", got, want)
		}
	}
	p.refuse = "Your role here has ended."
	press("get")
	says("Your role here has ended.")
	p.refuse = ""
	tab.Do("WebAuthn.setUserVerified", map[string]any{"authenticatorId": made.AuthenticatorID, "isUserVerified": false}, nil)
	press("get")
	says("The passkey was not used")
	if len(p.sent) != 2 {
		t.Errorf("%d credentials were sent", len(p.sent))
	}
}
