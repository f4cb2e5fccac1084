package deskweb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/deskweb"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// face is a custodian's desk that is open in a browser.
type face struct {
	*nodetest.Town
	d        *desk.Desk
	s        *deskweb.Server
	origin   string
	packages string
	client   *http.Client // of the custodian's browser; it follows nothing by itself
	t        testing.TB

	mu   sync.Mutex
	told []string
}

// custodian makes a desk whose device can open the police's key.
func custodian(t testing.TB, w *nodetest.Town) *desk.Desk {
	t.Helper()
	opts := desk.Options{Dir: filepath.Join(t.TempDir(), "desk"), Verifier: w.Node.Exchange.Info().LogVerifier, Now: w.Now, Software: "porchlight test"}
	d, err := desk.Enrol(t.Context(), opts, w.Server.URL, w.Invite(w.Police.ID, "Priya Raman", footage.Custodian))
	must(t, err)
	v, err := d.AddDevice(t.Context())
	must(t, err)
	w.Wrap(w.Police, v.ID, v.Recipient)
	return d
}

// openDesk serves a desk.
func openDesk(t testing.TB, w *nodetest.Town, d *desk.Desk) *face {
	t.Helper()
	f := &face{Town: w, d: d, packages: filepath.Join(t.TempDir(), "packages"), t: t}
	l, origin, err := deskweb.Listen("127.0.0.1:0", false)
	must(t, err)
	f.origin = origin
	ctx, cancel := context.WithCancel(context.Background())
	f.s, err = deskweb.New(ctx, deskweb.Options{Desk: d, Origin: origin, Packages: f.packages, Patience: time.Minute, Tell: func(link string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.told = append(f.told, link)
	}})
	must(t, err)
	srv := &http.Server{Handler: f.s.Handler(), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		cancel()
		_ = srv.Close()
		<-served
		if err := f.s.Close(); err != nil {
			t.Error(err)
		}
	})
	f.client = browser(l.Addr().String())
	return f
}

// browser is a client that takes every name for the desk's address, as a browser takes names below localhost.
func browser(address string) *http.Client {
	jar, _ := cookiejar.New(nil) // without options nothing can fail
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}}}
}

// ask sends a request with headers, NAME and value by turns, and returns the answer with its body.
func (f *face) ask(method, path string, form url.Values, headers ...string) (*http.Response, string) {
	f.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = f.origin + path
	}
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	must(f.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", f.origin)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	res, err := f.client.Do(r)
	must(f.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(f.t, err)
	return res, string(body)
}

// get returns a page, which must be there.
func (f *face) get(path string) string {
	f.t.Helper()
	res, body := f.ask("GET", path, nil)
	if res.StatusCode != http.StatusOK {
		f.t.Fatalf("%s answers %d: %s", path, res.StatusCode, body)
	}
	return body
}

// post sends a form that must lead on, and returns the page that it leads to.
func (f *face) post(path string, fields ...string) string {
	f.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	res, body := f.ask("POST", path, form)
	if res.StatusCode != http.StatusSeeOther {
		f.t.Fatalf("%s answers %d: %s", path, res.StatusCode, body)
	}
	return f.get(res.Header.Get("Location"))
}

func code(link string) string { return link[strings.Index(link, "#")+1:] }

// come lets the browser in.
func (f *face) come() {
	f.t.Helper()
	if page := f.post("/en/enter", "code", code(f.s.Link())); !strings.Contains(page, "Inbox") {
		f.t.Fatalf("behind the link there is %s", page)
	}
}

// noise is what begins as a film and goes on as nothing.
func noise(seed byte, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i*7) ^ byte(i>>8)*31 ^ seed
	}
	copy(b[4:], "ftyp")
	return b
}

// TestDeskInPages takes a share from the inbox to its erasure with forms alone, as a browser without scripts does, and the
// package that it gives verifies.
func TestDeskInPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	clips := [][]byte{noise(1, 300_000), noise(2, 1_500_000)}
	sent := w.Send(w.Publish(w.Draft(0)), func(m *evidence.Manifest) { m.Message = "It is the grey one <b>there</b>." }, clips...)
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	id := string(sent.Receipt.Share)
	inbox := f.get("/en/")
	if agency, title := strings.Index(inbox, w.Police.Name), strings.Index(inbox, w.Draft(0).Document.Title); agency < 0 || title < agency || !strings.Contains(inbox, "/en/shares/"+id) {
		t.Errorf("the inbox does not name agency, request and share in order: %s", inbox)
	}
	at := "/en/shares/" + id
	if page := f.get(at); strings.Contains(page, "iframe") || !strings.Contains(page, "Fetch, open and check") {
		t.Errorf("before it is opened the share shows %s", page)
	}
	page := f.post(at + "/open")
	for _, want := range []string{"It is the grey one &lt;b&gt;there&lt;/b&gt;.", "Unverified origin", "Accept the clips", sent.Secret.Pseudonym(), "The consent statement, version v1", `sandbox=""`, "Checked"} {
		if !strings.Contains(page, want) {
			t.Errorf("the opened share does not say %q", want)
		}
	}
	f.sameClips(page, at, clips)
	if page = f.post(at+"/ask", "question", "Which way\r\ndoes it look?"); !strings.Contains(page, "Which way\ndoes it look?") {
		t.Errorf("the question is not shown: %s", page)
	}
	if res, body := f.ask("POST", at+"/ask", url.Values{"question": {""}}); res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "The message is empty.") {
		t.Errorf("an empty question: %d %s", res.StatusCode, body)
	}
	if page = f.post(at + "/accept"); !strings.Contains(page, "The clips are accepted.") || !strings.Contains(page, "Write the package") {
		t.Errorf("after accepting: %s", page)
	}
	page = f.post(at+"/export", "case", "26-001")
	bag := filepath.Join(f.packages, id)
	if !strings.Contains(page, bag) {
		t.Errorf("the page does not say where the package lies: %s", page)
	}
	f.verifies(bag)
	f.downloads(at+"/packages/1", id)
	if page = f.post(at + "/confirm"); !strings.Contains(page, "The exchange’s copy erased") && !strings.Contains(page, "Own copy confirmed") {
		t.Errorf("after confirming: %s", page)
	}
	f.get("/es" + at[3:])
}

// sameClips reads every clip by the address in its frame, whole and in parts.
func (f *face) sameClips(page, at string, clips [][]byte) {
	f.t.Helper()
	for i, want := range clips {
		if i > 0 {
			page = f.get(at + "?clip=" + string(rune('1'+i)))
		}
		frame := regexp.MustCompile(`<iframe[^>]* src="([^"]+)"`).FindStringSubmatch(page)
		if frame == nil {
			f.t.Fatalf("clip %d has no frame: %s", i, page)
		}
		if doc := f.get(frame[1]); !strings.Contains(doc, `src="`+f.origin+frame[1]+`/clip"`) {
			f.t.Errorf("the frame holds %s", doc)
		}
		if got := f.get(frame[1] + "/clip"); got != string(want) {
			f.t.Errorf("clip %d has %d other bytes", i, len(got))
		}
		res, part := f.ask("GET", frame[1]+"/clip", nil, "Range", "bytes=100000-165000")
		if res.StatusCode != http.StatusPartialContent || part != string(want[100_000:165_001]) || res.Header.Get("Content-Type") != "video/mp4" {
			f.t.Errorf("a range of clip %d: %d, %d bytes, %v", i, res.StatusCode, len(part), res.Header)
		}
	}
}

func (f *face) verifies(bag string) {
	f.t.Helper()
	verdict, err := evidence.VerifyBag(context.Background(), bag, evidence.VerifyOptions{Trust: evidence.Trust{Verifier: f.Node.Exchange.Info().LogVerifier}, Now: f.Now()})
	must(f.t, err)
	if verdict.Failed() {
		f.t.Errorf("the package does not verify: %+v", verdict)
	}
}

// downloads unpacks the package that a page gives, and verifies it.
func (f *face) downloads(path, folder string) {
	f.t.Helper()
	raw := f.get(path)
	z, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
	must(f.t, err)
	dir := f.t.TempDir()
	for _, file := range z.File {
		if !filepath.IsLocal(file.Name) {
			f.t.Fatalf("the archive holds %s", file.Name)
		}
		r, err := file.Open()
		must(f.t, err)
		data, err := io.ReadAll(r)
		must(f.t, err)
		to := filepath.Join(dir, file.Name)
		must(f.t, os.MkdirAll(filepath.Dir(to), 0o700))
		must(f.t, os.WriteFile(to, data, 0o600))
	}
	f.verifies(filepath.Join(dir, folder))
}

// TestDeclineInPages declines with reason and statement, and not without; D9.
func TestDeclineInPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(3, 10_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	f.post(at + "/open")
	res, body := f.ask("POST", at+"/decline", url.Values{"why": {"kept"}})
	if res.StatusCode == http.StatusSeeOther || !strings.Contains(body, `href="#field-reason"`) || !strings.Contains(body, `href="#field-helps"`) || !strings.Contains(body, `value="kept"`) {
		t.Errorf("declining without a statement: %d %s", res.StatusCode, body)
	}
	page := f.post(at+"/decline", "reason", "not_relevant", "helps", "possibly")
	if !strings.Contains(page, "They do not bear on the case. May help the defence: Possibly.") || strings.Contains(page, "Accept the clips") {
		t.Errorf("after declining: %s", page)
	}
	review, err := f.d.Review(t.Context(), sent.Receipt.Share)
	must(t, err)
	if !review.Held || !slices.ContainsFunc(review.Share.Events, func(e footage.Event) bool { return e.Kind == footage.EventDeclined }) {
		t.Errorf("the chain is %+v", review.Share.Events)
	}
}

// TestRecallInPages answers a sender who asks for clips back; what the desk holds is deleted, and no clip can be shown any more.
func TestRecallInPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(4, 100_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	page := f.post(at + "/open")
	frame := regexp.MustCompile(`<iframe[^>]* src="([^"]+)"`).FindStringSubmatch(page)[1]
	f.get(frame + "/clip")
	w.Withdraw(sent.Secret)
	w.Release()
	if page = f.get(at); !strings.Contains(page, "The sender asks for the clips back") {
		t.Errorf("the recall is not shown: %s", page)
	}
	if res, body := f.ask("POST", at+"/recall", url.Values{"answer": {"kept_by_law"}}); res.StatusCode == http.StatusSeeOther || !strings.Contains(body, "Name the law or order that") {
		t.Errorf("an answer without its law: %d %s", res.StatusCode, body)
	}
	if page = f.post(at+"/recall", "answer", "destroyed"); !strings.Contains(page, "Recall answered") {
		t.Errorf("after the answer: %s", page)
	}
	if res, _ := f.ask("GET", frame+"/clip", nil); res.StatusCode == http.StatusOK {
		t.Error("a destroyed clip is still shown")
	}
	if left, _ := filepath.Glob(filepath.Join(f.d.Dir(), "shares", "*", "sealed", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFailuresAreTold: what fails in the work is told on the share's page, and a desk that is not signed in says what to do.
func TestFailuresAreTold(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(5, 50_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	if res, body := f.ask("POST", at+"/accept", nil); res.StatusCode != http.StatusConflict || !strings.Contains(body, "Check the clips first.") {
		t.Errorf("accepting what is not checked: %d %s", res.StatusCode, body)
	}
	w.Withdraw(sent.Secret)
	w.Release()
	if res, body := f.ask("POST", at+"/open", nil); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusGone || !strings.Contains(body, "no such share") && !strings.Contains(body, "took the clips back") {
		t.Errorf("opening what was taken back: %d %s", res.StatusCode, body)
	}
	must(t, f.d.Logout(t.Context()))
	if res, body := f.ask("GET", "/en/", nil); res.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "Sign in") {
		t.Errorf("without a sign-in: %d %s", res.StatusCode, body)
	}
	if res, _ := f.ask("GET", "/en/nowhere", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("no page: %d", res.StatusCode)
	}
}

// TestWhatFailsIsNotAccepted: clips that are not those of the sender's list, and a list that is for another request, are told of in
// words, cannot be accepted, and can be declined.
func TestWhatFailsIsNotAccepted(t *testing.T) {
	w := nodetest.Start(t, nil)
	request := w.Publish(w.Draft(0))
	for name, c := range map[string]struct {
		spoil func(*evidence.Manifest)
		says  string
	}{
		"another clip":    {func(m *evidence.Manifest) { m.Clips[0].SHA256 = strings.Repeat("0", 64) }, "Something does not hold, so these clips cannot be accepted."},
		"another request": {func(m *evidence.Manifest) { m.Request = footage.RequestID(strings.Repeat("0", 64)) }, "for other clips than the receipt, or for another request"},
	} {
		sent := w.Send(request, c.spoil, noise(8, 20_000))
		w.Release()
		f := openDesk(t, w, custodian(t, w))
		f.come()
		at := "/en/shares/" + string(sent.Receipt.Share)
		_, _ = f.ask("POST", at+"/open", nil)
		page := f.get(at)
		if !strings.Contains(page, c.says) || strings.Contains(page, "Accept the clips") {
			t.Errorf("%s: the page says %s", name, page)
		}
		if res, _ := f.ask("POST", at+"/accept", nil); res.StatusCode == http.StatusSeeOther {
			t.Errorf("%s was accepted", name)
		}
		if page := f.post(at+"/decline", "reason", "unreadable", "helps", "not_reviewed"); !strings.Contains(page, "They cannot be opened or watched.") {
			t.Errorf("%s: after declining: %s", name, page)
		}
	}
}

// TestLongWorkGoesOn: when a browser does not wait, the page tells how far the work is, and then its result.
func TestLongWorkGoesOn(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(6, 50_000))
	w.Release()
	d := custodian(t, w)
	hold := make(chan struct{})
	honest := w.Server.Config.Handler
	w.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/clips/") {
			<-hold
		}
		honest.ServeHTTP(rw, r)
	})
	f := openDesk(t, w, d)
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", f.origin+at+"/open", nil)
	must(t, err)
	r.Header.Set("Origin", f.origin)
	gone := make(chan error, 1)
	go func() {
		_, err := f.client.Do(r)
		gone <- err
	}()
	for !strings.Contains(f.get(at), "Fetching the clips") { // the pick-up is on its way
		<-time.After(5 * time.Millisecond)
	}
	cancel()
	if err := <-gone; err == nil {
		t.Error("the browser went away and got an answer")
	}
	if body := f.get(at + "/work"); !strings.Contains(body, `"over":false`) || !strings.Contains(body, "0 B of") {
		t.Errorf("the work says %s", body)
	}
	if res, body := f.ask("POST", at+"/open", nil); res.StatusCode != http.StatusConflict || !strings.Contains(body, "already") {
		t.Errorf("the same work at once: %d %s", res.StatusCode, body)
	}
	close(hold)
	for !strings.Contains(f.get(at+"/work"), `"over":true`) {
		<-time.After(5 * time.Millisecond)
	}
	if page := f.get(at); !strings.Contains(page, "The clips are open and checked.") || !strings.Contains(page, "Accept the clips") {
		t.Errorf("after the work: %s", page)
	}
}

// TestNothingLiesOpen: from inbox to acceptance no clip lies open on the disk.
func TestNothingLiesOpen(t *testing.T) {
	w := nodetest.Start(t, nil)
	clip := noise(7, 400_000)
	sent := w.Send(w.Publish(w.Draft(0)), nil, clip)
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	page := f.post(at + "/open")
	f.sameClips(page, at, [][]byte{clip})
	f.post(at + "/accept")
	open := func() (found []string) {
		for _, dir := range []string{f.d.Dir(), f.packages} {
			_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
				if raw, err := os.ReadFile(path); err == nil && bytes.Contains(raw, clip[200_000:200_100]) {
					found = append(found, path)
				}
				return nil
			})
		}
		return found
	}
	if found := open(); len(found) > 0 {
		t.Errorf("open on the disk: %v", found)
	}
	f.post(at + "/export")
	if found := open(); len(found) == 0 {
		t.Error("the exported clip is not found, so this test shows nothing")
	}
}

// listenFor serves a handler on an address of its own and returns its origin.
func listenFor(t testing.TB, h http.Handler) (net.Listener, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		<-served
	})
	return l, "http://" + l.Addr().String()
}
