package script

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// ready waits until the island of a request's page is there, and presses its button.
func (w *neighbourhood) ready(t *testing.T) {
	t.Helper()
	w.tab.Until(`document.querySelector("[data-share] button") && !document.querySelector("[data-share]").hidden`)
	w.press("Share footage from here")
}

// key types a key that a person was given, and has it checked.
func (w *neighbourhood) key(text string) {
	w.tab.Eval(fmt.Sprintf(`(() => { document.querySelector(".recognise").open = true; document.querySelector("#recognise-key").value = %q })()`, text), nil)
	w.press("Check with this key")
}

// knows waits for what the page says of the exchange, be it folded up.
func (w *neighbourhood) knows(words string) {
	w.tab.Until(fmt.Sprintf(`document.querySelector(".recognise")?.textContent.includes(%q)`, words))
}

func strangeKey(t *testing.T) string {
	t.Helper()
	_, verifier, err := ledger.GenerateKey("exchange.example/log", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

// remembered is what the browser keeps of the exchange, as text; empty for nothing.
func (w *neighbourhood) remembered() string {
	var kept string
	w.tab.Eval(`localStorage.getItem("porchlight.record") ?? ""`, &kept)
	return kept
}

// TestKeyRememberedInBrowser: looking leaves nothing behind. Sharing leaves the exchange's key and how far its record had come, and
// not which request it was; from then on the page refuses another key, whatever is proven under it, until the person types the
// new one or has the old one forgotten. Decision 9.
func TestKeyRememberedInBrowser(t *testing.T) {
	w := startSharing(t)
	verifier := w.Node.Exchange.Info().LogVerifier
	path, _ := w.film(t, "clip.mp4", 0)
	w.open(path)
	if kept := w.remembered(); kept != "" {
		t.Fatalf("opening the form left %s", kept)
	}
	w.knows("Nothing in this browser says which exchange this is.")
	w.press("Seal and send")
	w.says("Your clips have arrived")
	if kept := w.remembered(); !strings.Contains(kept, verifier) || strings.Contains(kept, string(w.id)) || strings.Contains(kept, string(w.Police.ID)) {
		t.Fatalf("sharing left %q", kept)
	}
	w.tab.Open(w.page())
	w.ready(t)
	w.says("Checked: this text")
	w.knows("This browser remembers this exchange.")

	another := strangeKey(t)
	w.tab.Eval(fmt.Sprintf(`localStorage.setItem("porchlight.record", JSON.stringify({ verifier: %q, checkpoint: "" }))`, another), nil)
	w.tab.Open(w.page())
	w.ready(t)
	w.says("This exchange shows another key than the one that this browser remembers.")
	judge(t, w.tab, axe(t), "the refusal of another key")
	w.press("Seal and send")
	w.says("This exchange shows another key")
	w.key(strangeKey(t))
	w.says("This exchange does not have the key that you gave.")
	w.key("town.example+nonsense")
	w.says("This is no key of an exchange.")
	if kept := w.remembered(); !strings.Contains(kept, another) {
		t.Errorf("a key that does not fit has changed what is remembered to %q", kept)
	}
	w.key("  " + verifier + " ")
	w.says("The exchange has the key that you gave. This browser remembers it.")
	w.says("Checked: this text")
	if kept := w.remembered(); !strings.Contains(kept, verifier) {
		t.Errorf("the new key is not remembered: %q", kept)
	}
	w.press("Forget this exchange")
	w.says("Nothing in this browser says which exchange this is.")
	w.says("Checked: this text")
	if kept := w.remembered(); kept != "" {
		t.Errorf("what was forgotten is still there: %q", kept)
	}
	w.press("Remember this exchange")
	w.tab.Until(`localStorage.getItem("porchlight.record")`)
}

// TestKeyInLinkInBrowser: a link may carry the key. It is checked and remembered; one that names another key than the one that is
// remembered changes nothing by itself.
func TestKeyInLinkInBrowser(t *testing.T) {
	w := startSharing(t)
	verifier := w.Node.Exchange.Info().LogVerifier
	w.tab.Open(w.page() + "#key=" + strangeKey(t))
	w.ready(t)
	w.says("This exchange does not have the key that you gave.")
	if kept := w.remembered(); kept != "" {
		t.Errorf("a wrong key is remembered: %q", kept)
	}
	w.tab.Open("about:blank")
	w.tab.Open(w.page() + "#key=" + verifier)
	w.ready(t)
	w.says("The exchange has the key that you gave. This browser remembers it.")
	w.tab.Open("about:blank")
	w.tab.Open(w.page() + "#key=" + strangeKey(t))
	w.ready(t)
	w.says("Checked: this text")
	w.says("The link that you opened names another key")
	if kept := w.remembered(); !strings.Contains(kept, verifier) {
		t.Errorf("a link changed what is remembered to %q", kept)
	}
}

// TestRecordGoesOnInBrowser: a page that remembers the record takes a newer one that continues it, and an older copy of it that a
// cache may have kept, but no record that has lost what the browser has seen.
func TestRecordGoesOnInBrowser(t *testing.T) {
	w := startSharing(t)
	check := func(says string) {
		t.Helper()
		w.tab.Open(w.page())
		w.ready(t)
		w.says(says)
	}
	check("Checked: this text")
	w.press("Remember this exchange")
	w.tab.Until(`localStorage.getItem("porchlight.record")`)
	first := w.remembered()
	stale, err := w.Police.Custodian.Client.Get(t.Context(), "/log/head.json")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.Enrol(w.Police.ID, footage.Officer)
		if err := w.Node.Exchange.State(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	check("Checked: this text")
	newest := w.remembered()
	if newest == first {
		t.Error("the newest state of the record is not remembered")
	}
	var lost atomic.Bool
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/log/head.json":
			_, _ = rw.Write(stale)
		case lost.Load() && strings.HasPrefix(r.URL.Path, "/log/tile/"):
			http.NotFound(rw, r)
		default:
			honest.ServeHTTP(rw, r)
		}
	})
	check("Checked: this text")
	if kept := w.remembered(); kept != newest {
		t.Error("an older copy took the place of what is remembered")
	}
	lost.Store(true)
	check("does not go on from what this browser has seen of it")
}
