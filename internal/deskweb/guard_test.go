package deskweb_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"porchlight.example/internal/deskweb"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestListensHereAlone: no address but a loopback one is listened on, whatever it is called.
func TestListensHereAlone(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.7:0", "desk.example:0", "127.0.0.1.example:0", "127.0.0.1", "localhost.example:0", "169.254.0.1:0"} {
		l, _, err := deskweb.Listen(address, false)
		if footage.KindOf(err) != footage.Invalid {
			t.Errorf("%s: %v; want invalid", address, err)
		}
		if err == nil {
			l.Close()
		}
	}
	names := map[string]bool{}
	for range 3 {
		l, origin, err := deskweb.Listen("127.0.0.1:0", false)
		must(t, err)
		u, err := url.Parse(origin)
		must(t, err)
		if !strings.HasSuffix(u.Hostname(), ".localhost") || len(u.Hostname()) < 20 || names[u.Hostname()] {
			t.Errorf("the origin is %s", origin)
		}
		names[u.Hostname()] = true
		l.Close()
	}
	l, origin, err := deskweb.Listen("127.0.0.1:0", true)
	must(t, err)
	if origin != "http://"+l.Addr().String() {
		t.Errorf("the plain origin is %s", origin)
	}
	l.Close()
}

// TestDeskIsGuarded tries to reach the desk as everybody who is not meant could: another page whose name points here, forms and
// pictures of other pages, another person on the machine, an older browser of one's own. All get the same nothing.
func TestDeskIsGuarded(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(9, 30_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	host := strings.TrimPrefix(f.origin, "http://")
	port := host[strings.LastIndex(host, ":"):]
	for name, headers := range map[string][]string{
		"a name that points here":             {"Host", "evil.example"},
		"the same with our port":              {"Host", "evil.example" + port},
		"the bare address":                    {"Host", "127.0.0.1" + port},
		"localhost":                           {"Host", "localhost" + port},
		"our name below another":              {"Host", strings.TrimSuffix(host, port) + ".evil.example" + port},
		"our name without its port":           {"Host", strings.TrimSuffix(host, port)},
		"a page elsewhere that loads":         {"Sec-Fetch-Site", "cross-site"},
		"a page on another port":              {"Sec-Fetch-Site", "same-site"},
		"a page elsewhere that reads":         {"Origin", "https://evil.example"},
		"a page of no origin, such as a clip": {"Origin", "null"},
	} {
		for _, path := range []string{"/en/", at, "/en/enter", "/assets/", at + "/work"} {
			res, body := f.ask("GET", path, nil, headers...)
			if res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusMisdirectedRequest || body != "" || len(res.Cookies()) > 0 {
				t.Errorf("%s at %s: %d with %d bytes", name, path, res.StatusCode, len(body))
			}
		}
		if res, _ := f.ask("POST", at+"/open", nil, headers...); res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s sends a form: %d", name, res.StatusCode)
		}
	}
	if res, _ := f.ask("POST", at+"/open", nil, "Origin", ""); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form that does not say where it comes from: %d", res.StatusCode)
	}
	s, err := f.d.Share(t.Context(), sent.Receipt.Share)
	must(t, err)
	if n := len(s.Events); n != 2 {
		t.Errorf("somebody who was not meant left custody events: %+v", s.Events)
	}
	f.post(at + "/open")
}

// TestOnlyByTheCode: without code and cookie nothing of the desk is seen, the code is good once, and a new browser ends the old
// one's stay.
func TestOnlyByTheCode(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(10, 30_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	at := "/en/shares/" + string(sent.Receipt.Share)
	stranger := func(what string) {
		t.Helper()
		for _, path := range []string{"/en/", at, at + "/work", "/en/help", at + "/packages/1"} {
			if res, body := f.ask("GET", path, nil); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/en/enter" || strings.Contains(body, w.Police.Name) {
				t.Errorf("%s: %s answers %d to %s", what, path, res.StatusCode, res.Header.Get("Location"))
			}
		}
		for _, path := range []string{at + "/open", at + "/accept", "/en/help"} {
			if res, body := f.ask("POST", path, nil); res.StatusCode != http.StatusUnauthorized || strings.Contains(body, w.Draft(0).Document.Title) {
				t.Errorf("%s: a form to %s answers %d", what, path, res.StatusCode)
			}
		}
	}
	stranger("before coming in")
	first := code(f.s.Link())
	for _, wrong := range []string{"", first[1:], first + "x", strings.Repeat("a", len(first))} {
		res, body := f.ask("POST", "/en/enter", url.Values{"code": {wrong}})
		if res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 || wrong != "" && strings.Contains(body, wrong) {
			t.Errorf("the code %q: %d", wrong, res.StatusCode)
		}
	}
	res, _ := f.ask("POST", "/en/enter", url.Values{"code": {" " + strings.ToUpper(first)}})
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("the right code, typed: %d", res.StatusCode)
	}
	if c := res.Cookies()[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || len(c.Value) < 26 {
		t.Errorf("the cookie is %+v", c)
	}
	if page := f.get(at); strings.Contains(page, first) {
		t.Error("a page shows the code")
	}
	if len(f.told) != 1 || code(f.told[0]) == first || f.told[0] != f.s.Link() {
		t.Errorf("the program told %v after the code %s was used", f.told, first)
	}
	old := f.client.Jar
	f.client.Jar, _ = cookiejar.New(nil)
	if res, _ := f.ask("POST", "/en/enter", url.Values{"code": {first}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("the code a second time: %d", res.StatusCode)
	}
	stranger("with a used code")
	f.come()
	f.get(at)
	fresh := f.client.Jar
	f.client.Jar = old
	stranger("the browser that was in before")
	f.client.Jar = fresh
	f.post("/en/leave")
	stranger("after leaving")
}

// TestHeaders: every answer of the desk says what a browser may do with it.
func TestHeaders(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(11, 30_000))
	w.Release()
	f := openDesk(t, w, custodian(t, w))
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	page := f.post(at + "/open")
	frame := frameOf(t, page)
	for path, wants := range map[string][]string{
		at:              {"default-src 'none'", "script-src 'nonce-", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"},
		"/en/":          {"default-src 'none'", "script-src 'nonce-"},
		frame:           {"sandbox;", "default-src 'none'", "media-src " + f.origin + frame + "/clip;", "frame-ancestors " + f.origin, "form-action 'none'"},
		frame + "/clip": {"sandbox;", "default-src 'none'"},
	} {
		res, _ := f.ask("GET", path, nil)
		policy := res.Header.Get("Content-Security-Policy")
		for _, want := range wants {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		for _, never := range []string{"unsafe", "*", "https:", "data:", "allow-"} {
			if strings.Contains(policy, never) {
				t.Errorf("%s: the policy %q holds %q", path, policy, never)
			}
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: the headers are %v", path, res.Header)
		}
	}
	if a, b := nonceOf(t, f, "/en/"), nonceOf(t, f, "/en/"); a == b {
		t.Error("two answers have the same nonce")
	}
}

func nonceOf(t *testing.T, f *face, path string) string {
	t.Helper()
	res, body := f.ask("GET", path, nil)
	_, rest, _ := strings.Cut(res.Header.Get("Content-Security-Policy"), "'nonce-")
	nonce, _, _ := strings.Cut(rest, "'")
	if nonce == "" || !strings.Contains(body, `nonce="`+nonce+`"`) {
		t.Errorf("the nonce %q is not the page's", nonce)
	}
	return nonce
}

// TestPreviewIsGuarded: a preview's address is good for its clip and its run of the program alone, and the bytes are given for a
// film or a picture and for nothing that could run.
func TestPreviewIsGuarded(t *testing.T) {
	w := nodetest.Start(t, nil)
	sent := w.Send(w.Publish(w.Draft(0)), nil, noise(12, 30_000), noise(13, 30_000))
	w.Release()
	d := custodian(t, w)
	f := openDesk(t, w, d)
	f.come()
	at := "/en/shares/" + string(sent.Receipt.Share)
	frame := frameOf(t, f.post(at+"/open"))
	clips := sent.Manifest.Clips
	other := strings.Replace(frame, string(clips[0].ID), string(clips[1].ID), 1)
	for _, path := range []string{other, other + "/clip", frame[:len(frame)-1] + "x", frame + "/clip/more", "/preview/x/y/z"} {
		if res, body := f.ask("GET", path, nil); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusSeeOther || len(body) > 10_000 && strings.Contains(body, string(noise(12, 100))) {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
	for _, dest := range []string{"document", "iframe", "frame", "script", "worker", "style", "object", "embed", "font", "manifest", "empty", "audioworklet"} {
		if res, _ := f.ask("GET", frame+"/clip", nil, "Sec-Fetch-Dest", dest, "Sec-Fetch-Site", "cross-site"); res.StatusCode != http.StatusForbidden {
			t.Errorf("as %s a clip is given with %d", dest, res.StatusCode)
		}
	}
	if res, body := f.ask("GET", frame+"/clip", nil, "Sec-Fetch-Dest", "video", "Sec-Fetch-Site", "cross-site"); res.StatusCode != http.StatusOK || body != string(noise(12, 30_000)) {
		t.Errorf("as a film it is given with %d", res.StatusCode)
	}
	if res, _ := f.ask("POST", frame, nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form to a preview: %d", res.StatusCode)
	}
	next := openDesk(t, w, d)
	next.come()
	if res, _ := next.ask("GET", frame+"/clip", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("the next run of the program gives the clip with %d", res.StatusCode)
	}
	f.post("/en/leave")
	if res, _ := f.ask("GET", frame+"/clip", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("after leaving a clip is given with %d", res.StatusCode)
	}
}

func frameOf(t testing.TB, page string) string {
	t.Helper()
	_, rest, _ := strings.Cut(page, `<iframe class="desk-frame" src="`)
	path, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("the page has no frame: %s", page)
	}
	return path
}
