package deskweb_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// footageOr returns real footage, or a film of ours where there is none.
func footageOr(t testing.TB, seed uint64) []byte {
	t.Helper()
	paths, err := filepath.Glob("../../../shared/footage/*.mp4")
	must(t, err)
	if len(paths) == 0 {
		return sample.Clip(seed, 4e9)
	}
	raw, err := os.ReadFile(paths[0])
	must(t, err)
	return raw
}

// canary is a server of another origin that a clip tries to reach.
type canary struct {
	mu    sync.Mutex
	calls []string
}

// ServeHTTP remembers what it was asked for. Below /given it gives what is asked for as a page.
func (c *canary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/given" {
		given, _ := url.QueryUnescape(r.URL.RawQuery) // what it is does not matter
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, given)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.URL.Path != "/favicon.ico" {
		c.calls = append(c.calls, r.URL.Path)
	}
}

func (c *canary) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// malicious is a file that a stranger could send as a clip.
type malicious struct {
	name, media string
	raw         []byte
	shown       bool // it begins as a clip, so the browser is given it
}

func maliciousClips(out string) []malicious {
	script := `<script>fetch("` + out + `/script"); document.title = "RAN"</script><img src="` + out + `/img" onerror="document.title='RAN'">` +
		`<link rel="stylesheet" href="` + out + `/css"><iframe src="` + out + `/frame"></iframe><form action="` + out + `/form"><input autofocus onfocus="this.form.submit()"></form>`
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='RAN'"><script>fetch("` + out + `/svg")</script><image href="` + out + `/image"/></svg>`
	playlist := "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + out + "/segment.ts\n#EXT-X-ENDLIST\n" // Chromium plays these
	film, picture := sample.Clip(9, 1e9), "\xff\xd8\xff\xe0\x00\x10JFIF\x00"
	return []malicious{
		{"a page", "video/mp4", []byte("<!DOCTYPE html><html>" + script + "</html>"), false},
		{"a page as a picture", "image/jpeg", []byte("<!DOCTYPE html><html>" + script + "</html>"), false},
		{"a drawing", "image/jpeg", []byte(drawing), false},
		{"a drawing by its name", "image/svg+xml", []byte(drawing), false},
		{"a page by its name", "text/html", []byte(script), false},
		{"a playlist", "video/mp4", []byte(playlist), false},
		{"a playlist by its name", "application/vnd.apple.mpegurl", []byte(playlist), false},
		{"nothing", "video/mp4", []byte("x"), false},
		{"a film with a page in it", "video/mp4", append(append([]byte{}, film...), []byte("\x00\x00\x10\x00free<!DOCTYPE html>"+script)...), true},
		{"a page that begins as a film", "video/mp4", []byte("\x00\x00\x00\x14ftypisom" + script), true},
		{"a page that begins as a picture", "image/jpeg", []byte(picture + script), true},
	}
}

// TestMaliciousClip (S3): whatever a stranger sends as a clip, nothing of it runs when it is shown, it reaches nobody, and the desk
// stays as it was: in its frame, as the frame alone, and as the bytes alone.
func TestMaliciousClip(t *testing.T) {
	w := nodetest.Start(t, nil)
	out := &canary{}
	l, origin := listenFor(t, out)
	defer l.Close()
	hostile := maliciousClips(origin)
	var clips [][]byte
	for _, h := range hostile {
		clips = append(clips, h.raw)
	}
	sent := w.Send(w.Publish(w.Draft(0)), func(m *evidence.Manifest) {
		m.Message = `<script>document.title = "RAN"</script><img src="` + origin + `/message">`
		for i := range m.Clips {
			m.Clips[i].MediaType = hostile[i].media
		}
	}, clips...)
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	tab := testenv.Chromium(t).Tab(1280, 900)
	f.enterIn(tab)
	at := f.origin + "/en/shares/" + string(sent.Receipt.Share)
	tab.Open(at)
	tab.Eval(`document.querySelector('button[data-key="o"]').click()`, nil)
	tab.Until(`document.querySelector(".ladder")`)
	for i, h := range hostile {
		tab.Open(fmt.Sprint(at, "?clip=", i+1))
		settle(tab)
		var frame string
		if tab.Eval(`document.querySelector("iframe")?.src ?? ""`, &frame); (frame != "") != h.shown {
			t.Errorf("%s: its frame is %q", h.name, frame)
		}
		if frame == "" {
			continue
		}
		var status int
		if tab.Eval(fmt.Sprintf(`fetch(%q).then(r => r.status)`, frame+"/clip"), &status); status != http.StatusForbidden {
			t.Errorf("%s: a script gets the bytes with %d", h.name, status)
		}
		tab.Open(frame) // the frame as a page, which its policy keeps in the same sandbox: not even our own scripts run there
		tab.Until(`document.readyState === "complete" && !document.title.includes("RAN")`)
		var own string
		if tab.Eval(`self.origin`, &own); own != "null" {
			t.Errorf("%s: the frame's origin is %s; want one of its own", h.name, own)
		}
	}
	for _, address := range tab.Requests() {
		if !strings.HasPrefix(address, f.origin+"/") && !strings.HasPrefix(address, "data:image/svg+xml") { // those are the pictures of the player's buttons
			t.Errorf("a page asked for %s", address)
		}
	}
	tab.Open(at)
	settle(tab)
	if calls := out.all(); len(calls) > 0 {
		t.Errorf("the clips reached %v", calls)
	}
	for _, raw := range clips { // given as what they are, some of them would
		tab.Do("Page.navigate", map[string]any{"url": origin + "/given?" + url.QueryEscape(string(raw[:min(len(raw), 2000)]))}, nil)
		tab.Until(`document.readyState === "complete"`)
	}
	if calls := out.all(); len(calls) < 3 {
		t.Errorf("without a frame the clips reached only %v, so this test shows nothing", calls)
	}
}

// enterIn lets a tab in by the printed link. The page leaves for the inbox before all of it is loaded.
func (f *face) enterIn(tab *testenv.Tab) {
	f.t.Helper()
	tab.Do("Page.navigate", map[string]any{"url": f.s.Link()}, nil)
	tab.Until(`document.querySelector(".desk-request, .empty")`)
}

// settle waits until a page of the desk has had time to run what it could run, and checks that nothing of a clip ran.
func settle(tab *testenv.Tab) {
	tab.Eval(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))`, nil)
	tab.Until(`document.readyState === "complete" && !document.title.includes("RAN")`)
}

// TestFootagePlays: Chromium plays real footage from the sealed file, in its frame and by its ranges, and the desk keeps no open
// copy. The bytes that it is given are those that were sent.
func TestFootagePlays(t *testing.T) {
	raw := footageOr(t, 3)
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, raw)
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	frame := frameOf(t, f.post(at+"/open"))
	if got := f.get(frame + "/clip"); got != string(raw) {
		t.Error("the clip's bytes are others than those that were sent")
	}
	tab := testenv.Chromium(t).Tab(1280, 900)
	tab.Open(f.origin + frame)
	tab.Until(`document.querySelector("video").readyState >= 2`) // there is a picture
	var film struct {
		Duration float64
		Width    int
		Failed   bool
	}
	tab.Eval(`(v => ({Duration: v.duration, Width: v.videoWidth, Failed: v.error !== null}))(document.querySelector("video"))`, &film)
	if film.Failed || film.Duration < 1 || film.Width < 100 {
		t.Errorf("the film shows as %+v", film)
	}
	tab.Eval(`document.querySelector("video").currentTime = document.querySelector("video").duration - 0.5`, nil)
	tab.Until(`!document.querySelector("video").seeking && document.querySelector("video").readyState >= 2`)
}
