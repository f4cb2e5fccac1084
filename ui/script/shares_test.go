package script

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

// TestRecalledInBrowser: the words show what the agency's program did with a share, and after pick-up they ask for it back. What
// proves all of it is kept as a file, which holds no words. C8.
func TestRecalledInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "clip.mp4", 0)
	w.open(path)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	var words []string
	w.tab.Eval(`[...document.querySelectorAll(".words code")].map(c => c.textContent)`, &words)
	w.receive(t)
	w.tab.Open(w.Server.URL + "/en/shares")
	w.tab.Until(`document.querySelector("#shares-words")`)
	w.tab.Eval(fmt.Sprintf(`document.querySelector("#shares-words").value = %q`, strings.Join(words, " ")), nil)
	w.press("Show this share")
	shows := func(words string) {
		w.tab.Until(fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, words))
	}
	shows("began to fetch your clips")
	judge(t, w.tab, axe(t), "a share in My shares")
	w.press("Ask for my clips back")
	w.press("Yes, really")
	shows("You asked for your clips back.")
	w.tab.Eval(`(() => { const make = URL.createObjectURL; URL.createObjectURL = (b) => { b.text().then((t) => globalThis.saved = t); return make.call(URL, b) } })()`, nil)
	w.press("Save the proof as a file")
	w.tab.Until(`globalThis.saved`)
	var saved string
	w.tab.Eval(`globalThis.saved`, &saved)
	var proof struct {
		Receipt footage.Receipt
		Events  []footage.Event
	}
	if err := json.Unmarshal([]byte(saved), &proof); err != nil {
		t.Fatal(err)
	}
	last := proof.Events[len(proof.Events)-1]
	if last.Kind != footage.EventRecalled || last.Share != proof.Receipt.Share {
		t.Errorf("the proof ends with %+v", last)
	}
	if strings.Contains(saved, words[0]+" ") {
		t.Error("the proof holds the words")
	}
	if *screens != "" {
		if err := os.WriteFile(filepath.Join(*screens, "shares.png"), w.tab.PNG(true), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*screens, "shares.pdf"), w.tab.PDF(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
