package script

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
	"porchlight.example/seal"
)

// staffDesk is a town whose police opens clips in pages of the exchange, a share for it, and a custodian at a browser.
type staffDesk struct {
	*nodetest.Town
	t      testing.TB
	tab    *testenv.Tab
	keys   *testenv.Authenticator
	person footage.PersonID
	admin  footage.PersonID
	share  footage.ShareID
	sent   nodetest.Sent // where a program sent the share
	device string        // the custodian's key file, under a passphrase
	seed   []byte        // what must lie nowhere in clear
	secret string
	folder string
}

const deskPassphrase = "seven lamps above the river"

func startStaffDesk(t testing.TB, clips ...[]byte) *staffDesk {
	w := sitDown(t, nodetest.Start(t, nil))
	w.sent = w.Send(w.Publish(w.Draft(0)), nil, clips...)
	w.share = w.sent.Receipt.Share
	w.Release()
	return w
}

// sitDown lets a custodian of a town's police with a key of their own sit down at a browser.
func sitDown(t testing.TB, town *nodetest.Town) *staffDesk {
	w := &staffDesk{Town: town, t: t, folder: t.TempDir()}
	w.tab = testenv.Chromium(t).Tab(1280, 900)
	w.keys = w.tab.SecretAuthenticator()
	w.person = w.signIn(w.Police.ID)
	w.register()
	w.admin = w.Enrol(w.Police.ID, footage.AgencyAdmin).ID
	return w
}

// signIn has a new custodian make a passkey in the browser and sign in with it.
func (w *staffDesk) signIn(agency footage.AgencyID) footage.PersonID {
	w.t.Helper()
	p, token, err := w.Node.Exchange.InvitePerson(w.t.Context(), agency, "Priya Raman", footage.Custodian)
	if err != nil {
		w.t.Fatal(err)
	}
	w.tab.Open(w.Server.URL + "/en/staff/join#" + token)
	w.press("Make the passkey")
	w.says("The passkey is made")
	w.press("Sign in with your passkey")
	w.says("Your work")
	return p.ID
}

// register makes a device for the custodian as the desk's program does, lets it in, and keeps its file under a passphrase.
func (w *staffDesk) register() {
	w.t.Helper()
	identity, err := seal.GenerateIdentity()
	if err != nil {
		w.t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := w.Node.Exchange.AddCustodian(w.t.Context(), w.person, api.NewCustodian{SignKey: api.Encode(public), Recipient: identity.Recipient()})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Wrap(w.Police, made.ID, made.Recipient)
	w.seed, w.secret = private.Seed(), identity.String()
	raw, err := json.Marshal(map[string]any{"type": "porchlight/desk-device/v1", "custodian": made.ID, "sign_seed": api.Encode(w.seed), "identity": w.secret})
	if err != nil {
		w.t.Fatal(err)
	}
	to, err := age.NewScryptRecipient(deskPassphrase)
	if err != nil {
		w.t.Fatal(err)
	}
	to.SetWorkFactor(12) // a true file has 17, which takes a second more
	var sealed bytes.Buffer
	out, err := age.Encrypt(&sealed, to)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := out.Write(raw); err != nil {
		w.t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.device = w.keep("device.age", sealed.Bytes())
}

func (w *staffDesk) keep(name string, raw []byte) string {
	w.t.Helper()
	path := filepath.Join(w.folder, name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *staffDesk) turnOn() {
	w.t.Helper()
	if err := w.Node.Exchange.AskDesk(w.t.Context(), w.admin); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Node.Exchange.AgreeDesk(w.t.Context(), w.person); err != nil {
		w.t.Fatal(err)
	}
}

func (w *staffDesk) path() string { return "/en/staff/desk/shares/" + string(w.share) }

func (w *staffDesk) says(words string) {
	w.t.Helper()
	w.tab.Until(fmt.Sprintf(`document.readyState === "complete" && document.body.innerText.includes(%q)`, words))
}

func (w *staffDesk) press(label string) {
	w.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button, summary")].find(b => b.textContent.trim() === %q && b.checkVisibility())`, label)
	w.tab.Until(find + " !== undefined")
	w.tab.Eval(find+".click()", nil)
}

func (w *staffDesk) look(name string) {
	w.t.Helper()
	if *screens == "" {
		return
	}
	for look, at := range map[string]struct {
		width  int
		scheme string
	}{"phone-light": {390, "light"}, "phone-dark": {390, "dark"}, "desk-light": {1280, "light"}, "desk-dark": {1280, "dark"}} {
		w.tab.Resize(at.width, 900)
		w.tab.Prefer("screen", map[string]string{"prefers-color-scheme": at.scheme, "prefers-reduced-motion": "reduce"})
		if err := os.WriteFile(filepath.Join(*screens, "staffdesk-"+name+"-"+look+".png"), w.tab.PNG(true), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	w.tab.Resize(1280, 900)
}

// unlock opens the share's page and unlocks the key from its file.
func (w *staffDesk) unlock(passphrase string) {
	w.t.Helper()
	w.tab.Open(w.Server.URL + w.path())
	w.says("Before you unlock")
	w.tab.Choose("#desk-file", w.device)
	w.tab.Eval(fmt.Sprintf(`document.querySelector("#desk-pass").value = %q`, passphrase), nil)
	w.press("Unlock with the file")
}

// opened returns the SHA-256 of every file that lies open in the page's folder.
func (w *staffDesk) opened() (hashes []string) {
	w.t.Helper()
	w.tab.Eval(`(async () => { const out = []; const root = await navigator.storage.getDirectory();
		for await (const [name, folder] of root.entries()) if (name.startsWith("desk-")) for await (const file of folder.values()) {
			const sum = await crypto.subtle.digest("SHA-256", await (await file.getFile()).arrayBuffer());
			out.push([...new Uint8Array(sum)].map(b => b.toString(16).padStart(2, "0")).join("")) }
		return out.sort() })()`, &hashes)
	return hashes
}

// saves presses a button that saves a clip, and waits until the browser has saved its very bytes.
func (w *staffDesk) saves(name string, clip []byte) {
	w.t.Helper()
	into := w.t.TempDir()
	w.tab.Do("Page.setDownloadBehavior", map[string]any{"behavior": "allow", "downloadPath": into}, nil)
	w.press("Save " + name)
	for end := time.Now().Add(time.Minute); ; {
		raw, err := os.ReadFile(filepath.Join(into, name))
		if err == nil && bytes.Equal(raw, clip) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("the browser saved %d bytes as %s: %v", len(raw), name, err)
		}
		w.tab.Until("true") // lets time go by
	}
}

func (w *staffDesk) chain() []footage.Event {
	w.t.Helper()
	var d api.Delivery
	if err := w.Police.Custodian.Client.Call(w.t.Context(), http.MethodGet, "/v1/agency/shares/"+string(w.share), nil, &d); err != nil {
		w.t.Fatal(err)
	}
	return d.Events
}

func (w *staffDesk) kinds() (out []footage.EventKind) {
	for _, e := range w.chain() {
		out = append(out, e.Kind)
	}
	return out
}

// clean checks that no key of the custodian's lies in clear anywhere on the exchange.
func (w *staffDesk) clean() {
	w.t.Helper()
	secrets := [][]byte{w.seed, []byte(api.Encode(w.seed)), []byte(w.secret), []byte(deskPassphrase), []byte(w.Police.Epoch.String())}
	for _, path := range w.Files() {
		raw, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		for i, secret := range secrets {
			if bytes.Contains(raw, secret) {
				w.t.Errorf("%s holds secret %d", path, i)
			}
		}
	}
}

// TestDeskInPages (S3): a custodian unlocks the key from its file in a page of the exchange, opens a real clip byte for byte, sees
// it in a frame of its own, asks the sender, accepts and confirms. A wrong passphrase opens nothing; no key reaches the exchange.
func TestDeskInPages(t *testing.T) {
	film, picture := staffFilm(t), []byte("\xff\xd8\xff\xe0 not a picture")
	w := startStaffDesk(t, film, picture)
	w.tab.Open(w.Server.URL + w.path())
	w.says("Pages of the exchange are not turned on")
	w.tab.Complaints() // of that answer
	w.turnOn()
	w.tab.Open(w.Server.URL + "/en/staff/desk")
	w.says("2 clips")
	w.look("inbox")
	judge(t, w.tab, axe(t), "the inbox")

	w.unlock("another passphrase")
	w.says("The passphrase does not open this file")
	w.look("locked")
	judge(t, w.tab, axe(t), "the locked page")
	if got := w.kinds(); got[len(got)-1] != footage.EventReleased {
		t.Errorf("before unlocking, the chain holds %v", got)
	}
	w.unlock(deskPassphrase)
	w.says("The key is unlocked")
	w.look("unlocked")
	w.press("Fetch, open and check")
	w.says("The clips are open and checked")
	w.tab.Until(`document.querySelector("iframe[data-shown]")`)
	w.look("opened")
	judge(t, w.tab, axe(t), "the open share")
	want := []string{footage.Hash(film), footage.Hash(picture)}
	slices.Sort(want)
	if got := w.opened(); !slices.Equal(got, want) {
		t.Errorf("what lies open has the hashes %v, want %v", got, want)
	}
	chain := w.chain()
	said := chain[len(chain)-1]
	if detail := w.judged(t); said.Kind != footage.EventVerified || said.Detail[evidence.DetailFindings] != detail[evidence.DetailFindings] || said.Detail[evidence.DetailManifest] != detail[evidence.DetailManifest] {
		t.Errorf("the page signed %v, the program would sign %v", said.Detail, detail)
	}
	w.saves("clip-01.mp4", film)
	w.tab.Eval(`document.querySelector("#field-question").value = "Which way did it go?"`, nil)
	w.press("Seal and send")
	w.says("The question is sent")
	w.press("Accept the clips")
	w.says("The clips are accepted")
	w.press("Confirm that we hold our own copy")
	w.says("Save every clip first")
	w.saves("clip-02.mp4", picture)
	w.tab.Eval(`document.querySelector("input[name=kept]").click()`, nil)
	w.press("Confirm that we hold our own copy")
	w.says("It is confirmed")
	tail := []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAsked, footage.EventAccepted, footage.EventConfirmed, footage.EventErased}
	if got := w.kinds(); !slices.Equal(got[len(got)-len(tail):], tail) {
		t.Errorf("the chain ends with %v", got)
	}
	w.tab.Open(w.Server.URL + "/en/staff/desk")
	w.says("Clips to open")
	w.tab.Open(w.Server.URL + w.path())
	w.says("Before you unlock")
	if said := w.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", strings.Join(said, "\n"))
	}
	w.clean()
}

// TestDeclinedInPages: what a resident has shared in a browser, told that it may be opened in pages of the exchange, is opened there
// as it was sent, and declined with a reason and a statement once the agency's copy is saved; the exchange erases its own.
func TestDeclinedInPages(t *testing.T) {
	n := startSharing(t)
	w := sitDown(t, n.Town)
	w.turnOn()
	n.Refresh()
	path, _ := n.film(t, "clip.mp4", 0)
	n.open(path)
	n.says("may open your clips in pages that this exchange serves")
	n.press("Seal and send")
	n.says("Your clips have arrived")
	sent := n.receive(t)
	w.share = n.inbox(t)
	w.unlock(deskPassphrase)
	w.says("The key is unlocked")
	w.press("Fetch, open and check")
	w.says("The clips are open and checked")
	if got, want := w.opened(), []string{footage.Hash(sent.clips[0])}; !slices.Equal(got, want) {
		t.Errorf("what lies open has the hashes %v, want %v", got, want)
	}
	w.press("Decline the clips…")
	for _, choice := range []string{"reason", "helps"} {
		w.press("Sign and decline")
		w.says(map[string]string{"reason": "Choose a reason.", "helps": "State whether the clips may help the defence."}[choice])
		w.tab.Eval(fmt.Sprintf(`document.querySelector("input[name=%s]").click()`, choice), nil)
	}
	w.press("Sign and decline")
	w.says("Save every clip first")
	w.saves(sent.manifest.Clips[0].Name, sent.clips[0])
	w.tab.Eval(`document.querySelector("input[name=held]").click()`, nil)
	w.press("Sign and decline")
	w.says("The clips are declined.")
	chain := w.chain()
	declined := chain[slices.IndexFunc(chain, func(e footage.Event) bool { return e.Kind == footage.EventDeclined })]
	if d, err := evidence.ParseDecline(declined.Detail); err != nil || d.Reason != evidence.NotRelevant || d.Exculpatory != evidence.NoneSeen {
		t.Errorf("the page signed %+v, %v", declined.Detail, err)
	}
	if last := chain[len(chain)-1]; last.Kind != footage.EventErased {
		t.Errorf("the chain ends with %s", last.Kind)
	}
	w.clean()
}

// inbox returns the only share of the police's inbox.
func (w *neighbourhood) inbox(t *testing.T) footage.ShareID {
	t.Helper()
	var all []api.InboxItem
	if err := w.Police.Custodian.Client.Call(t.Context(), http.MethodGet, "/v1/agency/shares", nil, &all); err != nil || len(all) != 1 {
		t.Fatalf("the inbox holds %d shares: %v", len(all), err)
	}
	return all[0].Share
}

// TestNotToldOfPages: a page that does not say where the agency opens clips, although the record does, sends nothing.
func TestNotToldOfPages(t *testing.T) {
	n := startSharing(t)
	path, _ := n.film(t, "clip.mp4", 0)
	n.open(path)
	admin := n.Enrol(n.Police.ID, footage.AgencyAdmin)
	for _, err := range []error{n.Node.Exchange.AskDesk(t.Context(), admin.ID), n.Node.Exchange.AgreeDesk(t.Context(), n.Police.Custodian.ID), n.Node.Exchange.State(t.Context())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	n.press("Seal and send")
	n.says("this page did not tell you so")
}

// TestHostileClipInPages (S3): a page that begins as a film is handed to the frame, runs nothing there and reaches nobody.
func TestHostileClipInPages(t *testing.T) {
	reached := make(chan string, 100)
	out := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached <- r.URL.Path }))
	defer out.Close()
	script := `<script>fetch("` + out.URL + `/script"); parent.document.title = "RAN"</script><img src="` + out.URL + `/img">`
	w := startStaffDesk(t, []byte("\x00\x00\x00\x14ftypisom"+script), []byte("#EXTM3U\n"+out.URL+"/segment.ts\n"))
	w.turnOn()
	w.unlock(deskPassphrase)
	w.says("The key is unlocked")
	w.press("Fetch, open and check")
	w.says("This clip is not played here") // the browser can make nothing of it
	w.press("clip-02.mp4")
	w.says("Clip 2 of 2")
	w.says("This clip is not played here") // it is not handed over at all
	var title string
	if w.tab.Eval(`document.title`, &title); title == "RAN" || len(reached) > 0 {
		t.Errorf("the title is %q, and %d calls went out", title, len(reached))
	}
}

// TestDeskUnderPasskey: a key that was unlocked once is kept in the browser under what the passkey alone gives, and unlocks there
// again without a file. What lies in the browser opens nothing by itself; another passkey opens nothing; forgotten is forgotten.
func TestDeskUnderPasskey(t *testing.T) {
	film := sample.Clip(3, 1e9)
	w := startStaffDesk(t, film)
	w.turnOn()
	w.unlock(deskPassphrase)
	w.says("The key is unlocked")
	w.press("Keep it here under your passkey")
	w.says("This browser keeps the key, sealed under your passkey.")
	var kept string
	w.tab.Eval(`new Promise(done => { const r = indexedDB.open("porchlight-desk"); r.onsuccess = () => { const all = r.result.transaction("device").objectStore("device").getAll();
		all.onsuccess = () => { const k = all.result[0]; done(JSON.stringify(k, (name, v) => v instanceof Uint8Array ? String.fromCharCode(...v) : v)); r.result.close() } } })`, &kept)
	if !strings.Contains(kept, string(w.person)) || strings.Contains(kept, w.secret) || strings.Contains(kept, api.Encode(w.seed)) {
		t.Errorf("the browser keeps %q", kept)
	}
	w.tab.Open(w.Server.URL + w.path())
	w.press("Unlock with your passkey")
	w.says("The key is unlocked")
	w.look("passkey")
	w.press("Fetch, open and check")
	w.says("The clips are open and checked")
	if got, want := w.opened(), []string{footage.Hash(film)}; !slices.Equal(got, want) {
		t.Errorf("what lies open has the hashes %v, want %v", got, want)
	}
	w.tab.Open(w.Server.URL + w.path())
	w.says("Before you unlock")
	if left := w.opened(); len(left) > 0 {
		t.Errorf("after the page was left, %d clips lie open", len(left))
	}
	w.keys.Verify(false) // another finger
	w.press("Unlock with your passkey")
	w.says("The passkey was not used")
	w.keys.Verify(true)
	w.unlock(deskPassphrase)
	w.says("The key is unlocked")
	w.press("Forget it in this browser")
	w.says("Next time you need no file")
	w.tab.Open(w.Server.URL + w.path())
	w.says("Unlock your key")
	w.tab.Until(`!document.querySelector("#desk-passkey").checkVisibility()`)
	w.clean()
}

// staffFilm is real footage, or a film of ours where there is none.
func staffFilm(t *testing.T) []byte {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/footage/*.mp4")
	if err != nil || len(paths) == 0 {
		return sample.Clip(3, 4e9)
	}
	raw, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// judged is what the desk's program would sign of the share without a pinned key.
func (w *staffDesk) judged(t *testing.T) map[string]string {
	t.Helper()
	var d api.Delivery
	if err := w.Police.Custodian.Client.Call(t.Context(), http.MethodGet, "/v1/agency/shares/"+string(w.share), nil, &d); err != nil {
		t.Fatal(err)
	}
	raw, err := api.New(w.Server.URL).Get(t.Context(), "/v1/requests/"+string(d.Request))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := evidence.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := w.sent.Manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	before := d.Events[:len(d.Events)-1] // the page judged before it signed
	p := evidence.Package{Manifest: manifest, Bundle: bundle, Receipt: d.Receipt, Custody: evidence.CustodyRecord{Type: evidence.CustodyType, Events: before, Days: d.Days}, Clips: map[footage.ClipID]evidence.Source{},
		Info: evidence.Info{Type: evidence.PackageType, Exported: w.Now().Truncate(time.Second), Exporter: w.Police.Device.ID, Software: "porchlight"}}
	for i, c := range w.sent.Manifest.Clips {
		p.Clips[c.ID] = evidence.Source{Path: w.keep(fmt.Sprint("sent-", i), w.sent.Clips[i])}
	}
	found, err := evidence.Examine(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return evidence.VerifiedDetail(manifest, found)
}

// TestDeskOfOthers (A1): a custodian of another agency finds nothing of the police's shares, whether or not either agency has
// turned the pages on.
func TestDeskOfOthers(t *testing.T) {
	w := startStaffDesk(t, sample.Clip(3, 1e9))
	w.turnOn()
	fire := w.Join(town.Agencies()[1])
	w.press("Sign out")
	w.says("Sign in")
	w.keys.Remove() // the first custodian takes it along
	w.tab.SecretAuthenticator()
	w.signIn(fire.ID)
	for _, on := range []bool{false, true} {
		if on {
			admin := w.Enrol(fire.ID, footage.AgencyAdmin)
			if err := w.Node.Exchange.AskDesk(t.Context(), admin.ID); err != nil {
				t.Fatal(err)
			}
			if err := w.Node.Exchange.AgreeDesk(t.Context(), fire.Custodian.ID); err != nil {
				t.Fatal(err)
			}
			w.tab.Open(w.Server.URL + "/en/staff/desk")
			w.says("Nothing has come in.")
		}
		for _, path := range []string{"", "/delivery", "/clips/" + string(w.sent.Receipt.Clips[0].ID)} {
			var status int
			w.tab.Eval(fmt.Sprintf(`fetch("/staff/desk/shares/%s%s").then(r => r.status)`, w.share, path), &status)
			if status != http.StatusNotFound {
				t.Errorf("turned on: %v, %q: %d", on, path, status)
			}
		}
	}
}

// BenchmarkDeskInPages opens a clip of 256 MB in a page of the exchange, and tells how fast it went and by how much the page's
// process grew at most:
//
//	go test ./ui/script -run '^$' -bench DeskInPages -benchtime 1x
func BenchmarkDeskInPages(b *testing.B) {
	const megabytes = 256
	film := append(sample.Clip(3, 4e9), make([]byte, megabytes*1e6)...)
	for range b.N {
		w := startStaffDesk(b, film)
		w.turnOn()
		w.unlock(deskPassphrase)
		w.says("The key is unlocked")
		before, most := w.tab.Resident(), int64(0)
		b.ResetTimer()
		w.press("Fetch, open and check")
		for open := false; !open; {
			w.tab.Eval(`document.body.innerText.includes("The clips are open and checked")`, &open)
			most = max(most, w.tab.Resident()-before)
		}
		b.ReportMetric(float64(len(film))/1e6/b.Elapsed().Seconds(), "MB/s")
		b.ReportMetric(float64(most)/1e6, "MB-grown")
	}
}
