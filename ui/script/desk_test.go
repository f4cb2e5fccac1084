package script

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/deskweb"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// pictures is where TestDeskInBrowser writes what the custodian sees:
//
//	go test ./ui/script -run TestDeskInBrowser -pictures ../../doc/images
var pictures = flag.String("pictures", "", "write the pictures of the documents into this folder")

// workplace is a custodian's browser at the desk of the police.
type workplace struct {
	*deskweb.Server
	d        *desk.Desk
	tab      *testenv.Tab
	packages string
	t        *testing.T
}

// startDesk makes a custodian's desk and serves it, as 'porchlight desk serve' does.
func startDesk(t *testing.T, w *nodetest.Town, tab *testenv.Tab) *workplace {
	t.Helper()
	d, err := desk.Enrol(t.Context(), desk.Options{Dir: filepath.Join(t.TempDir(), "desk"), Verifier: w.Node.Exchange.Info().LogVerifier, Now: w.Now, Software: "porchlight test"},
		w.Server.URL, w.Invite(w.Police.ID, "Priya Raman", footage.Custodian))
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.AddDevice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Wrap(w.Police, v.ID, v.Recipient)
	l, origin, err := deskweb.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	p := &workplace{d: d, tab: tab, packages: filepath.Join(t.TempDir(), "packages"), t: t}
	ctx, cancel := context.WithCancel(context.Background())
	p.Server, err = deskweb.New(ctx, deskweb.Options{Desk: d, Origin: origin, Packages: p.packages, Tell: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: p.Handler(), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		cancel()
		_ = srv.Close()
		<-served
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// press presses a key that stands for a letter, and then those that are named, such as "Enter".
func (p *workplace) press(letter string, then ...string) {
	p.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		p.tab.Do("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": letter, "text": map[bool]string{true: letter}[kind == "keyDown"]}, nil)
	}
	for _, key := range then {
		p.tab.Key(key)
	}
}

func (p *workplace) says(words string) {
	p.t.Helper()
	p.tab.Until(`document.querySelector("main")?.innerText.includes("` + words + `") && document.readyState === "complete"`)
}

// look judges the page on a phone and on a desktop, and takes its picture.
func (p *workplace) look(source, what string) {
	p.t.Helper()
	for device, size := range map[string][2]int{"phone": {390, 844}, "desktop": {1280, 860}} {
		p.tab.Resize(size[0], size[1])
		judge(p.t, p.tab, source, what+" on a "+device)
		var wide bool
		if p.tab.Eval(`document.documentElement.scrollWidth > innerWidth`, &wide); wide {
			p.t.Errorf("%s is wider than a %s", what, device)
		}
		for _, scheme := range []string{"light", "dark"} {
			if *pictures == "" || what == "desk-exported" || what == "desk-done" { // these show where the test's packages lie
				continue
			}
			p.tab.Prefer("screen", map[string]string{"prefers-color-scheme": scheme})
			p.tab.Eval(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))`, nil)
			p.tab.Keep(*pictures, what+"-"+scheme+"-"+device)
		}
	}
	p.tab.Resize(1280, 860)
}

// realFilm is real footage where there is some, with a clock that was right in the hours that are asked for.
func realFilm(t *testing.T, w *neighbourhood) (path string, raw []byte) {
	t.Helper()
	real, err := filepath.Glob("../../../shared/footage/*.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if len(real) == 0 {
		return w.film(t, "street.mp4", 0)
	}
	if raw, err = os.ReadFile(real[0]); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(raw, []byte("mvhd\x00")) // ISO/IEC 14496-12, 8.2.2: version 0, flags, then the time in seconds since 1904
	if at < 0 {
		t.Fatal("the footage has no header of a kind that this test knows")
	}
	from := w.Draft(0).Document.Window.From.Add(10 * time.Minute)
	binary.BigEndian.PutUint32(raw[at+8:], uint32(from.Unix()+2_082_844_800))
	path = filepath.Join(t.TempDir(), "front door.mp4")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, raw
}

// cleanedOf is the copy that is sent of a film.
func cleanedOf(t *testing.T, raw []byte) []byte {
	t.Helper()
	cleaned, err := media.Clean(bytes.NewReader(raw), int64(len(raw)), media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(io.NewSectionReader(cleaned, 0, cleaned.Size))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDeskInBrowser: a resident shares real footage from the page of a request. A custodian opens it at the desk by keyboard alone,
// sees it play, accepts it, writes the package and confirms; the package verifies and holds the very copy that was sealed. Axe
// finds nothing at any step, on a phone as on a desktop.
func TestDeskInBrowser(t *testing.T) {
	w := startSharing(t)
	path, raw := realFilm(t, w)
	w.open(path)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	w.Release()

	source := axe(t)
	p := startDesk(t, w.Town, w.tab)
	p.tab.Do("Page.navigate", map[string]any{"url": p.Link()}, nil)
	p.says("What residents have sent")
	p.look(source, "desk-inbox")
	p.press("j", "Enter")
	p.says("Fetch the clips, open them on this machine and check them.")
	p.look(source, "desk-new")
	p.press("o", "Enter")
	p.says("What is known of the origin")
	p.look(source, "desk-share")
	if said := p.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
	p.press("q")
	p.tab.Until(`document.activeElement.id === "field-question"`)
	p.tab.Type("Which way does the camera look?")
	p.tab.Key("Tab")
	p.tab.Key("Enter")
	p.says("The question is sent.")
	p.press("a", "Enter")
	p.says("The clips are accepted.")
	p.press("e")
	p.tab.Until(`document.activeElement.id === "field-case"`)
	p.tab.Type("26-0412")
	p.press("e") // typed into the field, where keys do nothing else
	p.tab.Key("Enter")
	p.says("The package lies at")
	p.look(source, "desk-exported")
	p.press("c", "Enter")
	p.says("Nothing waits here.")
	p.look(source, "desk-done")
	p.press("?")
	p.says("What you can rely on")
	p.keysOff()
	if said := p.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
	p.holds(cleanedOf(t, raw), w.Town)
}

// keysOff turns single keys off, after which they do nothing.
func (p *workplace) keysOff() {
	p.t.Helper()
	p.tab.Eval(`document.querySelector('form[action$="/help"] button').click()`, nil)
	p.says("Single keys are turned off.")
	p.press("u")
	p.tab.Eval(`new Promise(done => setTimeout(done))`, nil)
	var at string
	if p.tab.Eval(`location.pathname`, &at); at != "/en/help" {
		p.t.Errorf("with keys turned off, one leads to %s", at)
	}
}

// holds checks the package: it verifies, and its clip is the one that was sealed.
func (p *workplace) holds(clip []byte, w *nodetest.Town) {
	p.t.Helper()
	bags, _ := filepath.Glob(filepath.Join(p.packages, "*"))
	if len(bags) != 1 {
		p.t.Fatalf("there are the packages %v", bags)
	}
	verdict, err := evidence.VerifyBag(p.t.Context(), bags[0], evidence.VerifyOptions{Trust: evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, Now: w.Now()})
	if err != nil || verdict.Failed() {
		p.t.Errorf("the package does not verify: %+v, %v", verdict, err)
	}
	got, err := os.ReadFile(filepath.Join(bags[0], "data", "clips", "clip-01.mp4"))
	if err != nil || !bytes.Equal(got, clip) {
		p.t.Errorf("the package's clip is another one: %d bytes, %v", len(got), err)
	}
	inbox, err := p.d.Inbox(p.t.Context())
	if err != nil || len(inbox) != 1 || inbox[0].State != footage.ShareErased {
		p.t.Errorf("the inbox holds %+v, %v", inbox, err)
	}
	s, err := p.d.Share(p.t.Context(), inbox[0].Share)
	if err != nil {
		p.t.Fatal(err)
	}
	var steps []footage.EventKind
	for _, e := range s.Events {
		steps = append(steps, e.Kind)
	}
	want := []footage.EventKind{footage.EventCommitted, footage.EventReleased, footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAsked,
		footage.EventAccepted, footage.EventExported, footage.EventConfirmed, footage.EventErased}
	if !slices.Equal(steps, want) {
		p.t.Errorf("custody tells of %v; want %v", steps, want)
	}
}
