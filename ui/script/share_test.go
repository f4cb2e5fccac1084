package script

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
	"porchlight.example/seal"
)

// neighbourhood is a town with one open request, and a resident's browser on its page.
type neighbourhood struct {
	*nodetest.Town
	id     footage.RequestID
	tab    *testenv.Tab
	forged atomic.Pointer[string] // what is answered for a bundle instead, if anything
	cuts   atomic.Int32           // how many more pieces of an upload are cut off on the way
}

func startSharing(t testing.TB, changes ...func(*footage.Document)) *neighbourhood {
	t.Helper()
	w := &neighbourhood{Town: nodetest.Start(t, nil), tab: testenv.Chromium(t).Tab(390, 844)}
	draft := w.Draft(0)
	for _, change := range changes {
		change(&draft.Document)
	}
	w.id = w.Publish(draft)
	w.Refresh()
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if body := w.forged.Load(); body != nil && strings.HasPrefix(r.URL.Path, "/v1/requests/") {
			_, _ = io.WriteString(rw, *body)
			return
		}
		if r.Method == http.MethodPatch && w.cuts.Add(-1) >= 0 {
			r.Body = io.NopCloser(io.LimitReader(r.Body, 1<<20))
			honest.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		honest.ServeHTTP(rw, r)
	})
	return w
}

func (w *neighbourhood) page() string { return w.Server.URL + "/en/requests/" + string(w.id) }

// film writes a film of the request's hours, followed by padding that makes it as long as is asked.
func (w *neighbourhood) film(t testing.TB, name string, size int) (path string, raw []byte) {
	t.Helper()
	from := w.Draft(0).Document.Window.From.Add(10 * time.Minute)
	raw = sample.Film{Seed: 3, Duration: 4 * time.Second, Start: from, Plant: sample.Plant{Serial: "SERIAL-CANARY", Sound: "SOUND-CANARY"}}.Bytes()
	if n := size - len(raw); n > 8 {
		box := make([]byte, n)
		copy(box, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 'f', 'r', 'e', 'e'})
		copy(box[8:], pattern(n-8))
		raw = append(raw, box...)
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, raw
}

// press clicks on the button with a label.
func (w *neighbourhood) press(label string) {
	w.tab.Eval(fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => b.textContent.trim() === %q && !b.hidden).click()`, label), nil)
}

func (w *neighbourhood) says(words string) {
	w.tab.Until(fmt.Sprintf(`document.querySelector("#share-flow").innerText.includes(%q)`, words))
}

// open fills in the form, up to the last button.
func (w *neighbourhood) open(clips ...string) {
	w.tab.Open(w.page())
	w.tab.Until(`document.querySelector("[data-share] button") && !document.querySelector("[data-share]").hidden`)
	w.press("Share footage from here")
	w.says("Checked: this text")
	w.tab.Choose("#share-files", clips...)
	w.says("In the hours that are asked for")
	w.tab.Eval(`document.querySelector("#share-message").value = "It is the grey one."; document.querySelector("#share-agree").click()`, nil)
}

// opened is a share as the agency has it.
type opened struct {
	manifest evidence.Manifest
	clips    [][]byte
}

// receive releases the only share, fetches it and opens it with the agency's key.
func (w *neighbourhood) receive(t *testing.T) opened {
	t.Helper()
	ctx := t.Context()
	if err := w.Node.Exchange.Release(ctx); err != nil {
		t.Fatal(err)
	}
	custodian := w.Police.Custodian.Client
	var inbox []api.InboxItem
	if err := custodian.Call(ctx, "GET", "/v1/agency/shares", nil, &inbox); err != nil || len(inbox) != 1 {
		t.Fatalf("the inbox holds %d shares: %v", len(inbox), err)
	}
	share := inbox[0].Share
	if err := w.Event(w.Police, share, footage.EventPickedUp, nil); err != nil {
		t.Fatal(err)
	}
	var d api.Delivery
	if err := custodian.Call(ctx, "GET", "/v1/agency/shares/"+string(share), nil, &d); err != nil {
		t.Fatal(err)
	}
	sealed, err := api.Decode(d.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := seal.OpenBytes(sealed, w.Police.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	var out opened
	if out.manifest, err = evidence.ParseManifest(raw); err != nil {
		t.Fatal(err)
	}
	if err := out.manifest.Verify(); err != nil {
		t.Fatal(err)
	}
	for i, c := range d.Clips {
		body, err := custodian.Clip(ctx, share, c.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		r, err := seal.Open(body, w.Police.Epoch)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		out.clips = append(out.clips, plain[:out.manifest.Clips[i].Size])
	}
	return out
}

// TestShareInBrowser: a resident shares a film from a request's page. The agency opens exactly what the program would have
// sent, with a manifest that holds, and the words on the screen are the share's.
func TestShareInBrowser(t *testing.T) {
	w := startSharing(t)
	path, raw := w.film(t, "front door.mp4", 0)
	w.open(path)
	source := axe(t)
	judge(t, w.tab, source, "the form of a share")
	if asked := w.tab.Requests(); !strings.Contains(strings.Join(asked, " "), "share.worker.js") {
		t.Errorf("the page asked for %v", asked)
	}
	w.press("Seal and send")
	w.says("Your clips have arrived")
	judge(t, w.tab, source, "the receipt")
	var words []string
	w.tab.Eval(`[...document.querySelectorAll(".words code")].map(c => c.textContent)`, &words)
	secret, err := seal.ParseWords(strings.Join(words, " "))
	if err != nil {
		t.Fatal(err)
	}
	w.takesBack(t, words)
	got := w.receive(t)
	cleaned, err := media.Clean(bytes.NewReader(raw), int64(len(raw)), media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(io.NewSectionReader(cleaned, 0, cleaned.Size))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.clips) != 1 || !bytes.Equal(got.clips[0], want) {
		t.Error("the agency opened something else")
	}
	line := got.manifest.Clips[0]
	salt, err := api.Decode(line.Original.Salt)
	if err != nil || line.Original.Commitment != footage.Commit(salt, footage.Hash(raw)) || line.SHA256 != footage.Hash(want) || line.Name != "clip-01.mp4" {
		t.Errorf("the manifest says %+v", line)
	}
	if got.manifest.Message != "It is the grey one." || got.manifest.Pseudonym != secret.Pseudonym() || got.manifest.Contact != nil {
		t.Errorf("the manifest says %+v", got.manifest)
	}
	if said := w.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
	var left int
	w.tab.Eval(`new Promise(done => { const r = indexedDB.open("porchlight"); r.onsuccess = () => { const q = r.result.transaction("pending").objectStore("pending").count(); q.onsuccess = () => done(q.result) } })`, &left)
	if left != 0 {
		t.Error("the file keys were kept after the receipt")
	}
}

// takesBack looks at the share with its words on the page of shares, first mistyped, sends a message, and does not take it back
// after all.
func (w *neighbourhood) takesBack(t *testing.T, words []string) {
	t.Helper()
	w.tab.Open(w.Server.URL + "/en/shares")
	w.tab.Until(`document.querySelector("#shares-words")`)
	show := func(text, says string) {
		w.tab.Eval(fmt.Sprintf(`document.querySelector("#shares-words").value = %q`, text), nil)
		w.press("Show this share")
		w.tab.Until(fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, says))
	}
	show("three words only", "A receipt has ten words.")
	show(strings.Replace(strings.Join(words, " "), words[0], words[0]+"x", 1), "did you mean")
	show(strings.ToUpper(strings.Join(words, "  ")), "Your clips arrived, complete and durable.")
	w.tab.Eval(`document.querySelector("#shares-reply").value = "The gate is mine."`, nil)
	w.press("Seal and send")
	w.tab.Until(`document.querySelector(".request-text")?.innerText === "The gate is mine."`)
	w.tab.Until(`[...document.querySelectorAll("button")].some(b => b.textContent === "Take my clips back")`)
}

// TestTakenBackInBrowser: before pick-up the words take a share back, and the page shows that the copy is gone.
func TestTakenBackInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "clip.mp4", 0)
	w.open(path)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	w.tab.Eval(`[...document.querySelectorAll(".receipt input")].at(-1).click()`, nil)
	w.tab.Open(w.Server.URL + "/en/shares")
	w.tab.Until(`document.querySelector("[data-shares] li button")`)
	w.tab.Eval(`document.querySelector("[data-shares] li button").click()`, nil)
	w.tab.Until(`document.querySelector("main").innerText.includes("Your clips arrived")`)
	w.press("Take my clips back")
	w.press("Yes, really")
	w.tab.Until(`document.querySelector("main").innerText.includes("You took your clips back before they were picked up.")`)
	if said := w.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
}

// TestShareResumedInBrowser: the tab is closed while a large clip is under way. Opened again, the page asks for the file and
// goes on from what is durable; what the agency opens is whole.
func TestShareResumedInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "long.mp4", 40<<20)
	w.open(path)
	w.tab.Do("Network.emulateNetworkConditions", map[string]any{"offline": false, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 6 << 20}, nil)
	w.press("Seal and send")
	w.tab.Until(`document.querySelector("#share-flow progress")?.value > 0.3`)
	w.tab.Open("about:blank")
	w.tab.Do("Network.emulateNetworkConditions", map[string]any{"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}, nil)

	other, _ := w.film(t, "other.mp4", 1<<20)
	w.tab.Open(w.page())
	w.says("Go on with your share")
	w.tab.Choose("#share-again", other)
	w.says("is not one of the files")
	w.tab.Choose("#share-again", path)
	w.says("Your clips have arrived")
	w.wantSent(t, path)
}

// wantSent checks that the agency opens the cleaned copy of a film, whole, and that the manifest names its hash.
func (w *neighbourhood) wantSent(t *testing.T, path string) {
	t.Helper()
	got := w.receive(t)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cleaned, err := media.Clean(bytes.NewReader(raw), int64(len(raw)), media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(io.NewSectionReader(cleaned, 0, cleaned.Size))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.clips[0], want) || got.manifest.Clips[0].SHA256 != footage.Hash(want) {
		t.Error("the agency opened something else")
	}
}

// TestShareCutInBrowser: pieces that break off on the way are asked about and gone on with, without the person.
func TestShareCutInBrowser(t *testing.T) {
	w := startSharing(t)
	path, _ := w.film(t, "long.mp4", 12<<20)
	w.open(path)
	w.cuts.Store(3)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	if left := w.cuts.Load(); left >= 0 {
		t.Errorf("%d cuts were left over", left)
	}
	w.wantSent(t, path)
}

// TestShareRefusedInBrowser: what is missing is said at once, a text file is no film, a film of another day is marked, and a
// request whose proof does not hold is answered with nothing.
func TestShareRefusedInBrowser(t *testing.T) {
	w := startSharing(t)
	text := filepath.Join(t.TempDir(), "notes.mp4")
	if err := os.WriteFile(text, []byte(strings.Repeat("Only words. ", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old.mp4")
	if err := os.WriteFile(old, sample.Clip(4, 2*time.Second), 0o600); err != nil {
		t.Fatal(err)
	}
	w.tab.Open(w.page())
	w.tab.Until(`document.querySelector("[data-share] button") && !document.querySelector("[data-share]").hidden`)
	w.press("Share footage from here")
	w.says("Checked: this text")
	w.press("Seal and send")
	w.says("Choose at least one clip.")
	w.says("Read the statement and tick the box under it.")
	w.tab.Choose("#share-files", text, old)
	w.says("This is not a video.")
	w.says("Not from the hours that are asked for")
	w.press("Seal and send")
	w.says("“old.mp4” is not from the hours that are asked for.")
	w.press("Do not share")
	w.tab.Until(`document.querySelector("#share-flow").hidden`)

	bundle, err := api.New(w.Server.URL).Get(t.Context(), "/v1/requests/"+string(w.id))
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(string(bundle), w.Police.Epoch.Recipient()[10:30], w.Police.Epoch.Recipient()[11:30]+"q", 1)
	w.forged.Store(&forged)
	w.press("Share footage from here")
	w.says("does not hold against the public record (not_in_log)")
}
