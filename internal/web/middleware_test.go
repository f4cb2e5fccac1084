package web

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPanic: a panic is an internal error like any other; one that means to break off the connection does.
func TestPanic(t *testing.T) {
	s, logged := bare(t)
	w := httptest.NewRecorder()
	s.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of 203.0.113.77") })).ServeHTTP(w, httptest.NewRequest("GET", "/v1/x", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String()+logged.String(), "secret") || !strings.Contains(logged.String(), "panic") {
		t.Errorf("%d %s, log %s", w.Code, w.Body, logged)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a broken-off answer was completed")
		}
	}()
	s.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// TestCrossOrigin: another site cannot send anything in somebody's name; programs and our own pages can.
func TestCrossOrigin(t *testing.T) {
	s, _ := bare(t)
	h := s.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for name, c := range map[string]struct {
		method, site, origin string
		through              bool
	}{
		"a program":             {"POST", "", "", true},
		"our page":              {"POST", "same-origin", "https://exchange.example", true},
		"the reader":            {"POST", "none", "", true},
		"another site":          {"POST", "cross-site", "https://evil.example", false},
		"a site beside us":      {"POST", "same-site", "https://other.example", false},
		"an old browser":        {"POST", "", "https://evil.example", false},
		"an old browser, ours":  {"POST", "", "https://exchange.example", true},
		"another site, reading": {"GET", "cross-site", "https://evil.example", true},
		"another site, upload":  {"PATCH", "cross-site", "https://evil.example", false},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "https://exchange.example/v1/x", nil)
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		h.ServeHTTP(w, r)
		if (w.Code == http.StatusTeapot) != c.through || !c.through && w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestTransportSecurity(t *testing.T) {
	s, _ := bare(t)
	h := s.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, encrypted := range []bool{true, false} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		if encrypted {
			r.TLS = &tls.ConnectionState{}
		}
		h.ServeHTTP(w, r)
		if (w.Header().Get("Strict-Transport-Security") != "") != encrypted {
			t.Errorf("encrypted %v: %v", encrypted, w.Header())
		}
	}
}

// TestQuietLog: what the standard library's server says of a connection reaches the log without the address.
func TestQuietLog(t *testing.T) {
	var out bytes.Buffer
	srv := HTTPServer(http.NotFoundHandler(), slog.New(slog.NewTextHandler(&out, nil)))
	for _, line := range []string{
		"http: TLS handshake error from 203.0.113.77:4711: EOF", "http: TLS handshake error from [2001:db8::7%eth0]:4711: EOF",
		"http2: received GOAWAY from 203.0.113.77", "http: panic serving 203.0.113.77:4711: /v1/uploads/u-0123456789abcdefghjkmnpqrs",
	} {
		out.Reset()
		srv.ErrorLog.Print(line)
		if s := out.String(); !strings.Contains(s, "[address]") || strings.Contains(s, "113.77") || strings.Contains(s, "db8") || strings.Contains(s, "u-0123") || strings.Contains(s, "4711") {
			t.Errorf("%q is logged as %q", line, s)
		}
	}
	if srv.ReadHeaderTimeout == 0 || srv.IdleTimeout == 0 || srv.MaxHeaderBytes == 0 {
		t.Error("a slow sender holds a connection for ever")
	}
	if _, ours := srv.ErrorLog.Writer().(quietLog); !ours || srv.ErrorLog == log.Default() {
		t.Error("the server writes elsewhere")
	}
}

// TestBlurredLimit: how many shares of a network begin before one is refused differs from hour to hour and network to
// network, between half of the limit and all of it, and stays the same within the hour.
func TestBlurredLimit(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	l := newLimiter(func() int { return 20 }, func() time.Time { return now })
	seen := map[int]int{}
	for hour := range 10 {
		for network := range 20 {
			r := httptest.NewRequest("POST", "/", nil)
			r.RemoteAddr = fmt.Sprintf("203.0.%d.7:99", network)
			begun := 0
			for range 25 {
				if ok, _ := l.allow(r); ok {
					begun++
				}
			}
			if seen[begun]++; begun < 10 || begun > 20 {
				t.Fatalf("%d shares began in hour %d", begun, hour)
			}
		}
		now = now.Add(time.Hour)
	}
	if len(seen) < 8 {
		t.Errorf("the limit is nearly always the same: %v", seen)
	}
}

// TestLimiter: counts per network and hour, and nobody's address.
func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 59, 30, 0, time.UTC)
	l := newLimiter(func() int { return 3 }, func() time.Time { return now })
	try := func(address string) (bool, time.Duration) {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = address
		return l.allow(r)
	}
	for i := range 2 { // the third is let through or not, by chance
		if ok, _ := try(fmt.Sprintf("203.0.113.%d:99", i)); !ok {
			t.Fatalf("share %d of a network is refused", i+1)
		}
	}
	try("203.0.113.199:99")
	ok, wait := try("203.0.113.200:99")
	if ok || wait != 30*time.Second {
		t.Errorf("a fourth share: %v, wait %v", ok, wait)
	}
	for _, other := range []string{"203.0.114.1:99", "[2001:db8:0:1::1]:99", "[::ffff:198.51.100.1]:99", "nonsense"} {
		if ok, _ := try(other); !ok {
			t.Errorf("%s pays for another network", other)
		}
	}
	if ok, _ := try("[::ffff:203.0.113.9]:1"); ok {
		t.Error("an address in the form of the other family escapes")
	}
	if ok, _ := try("[2001:db8:0:2::1]:99"); !ok {
		t.Error("too few")
	}
	try("[2001:db8:0:fd::1]:99")
	try("[2001:db8:0:fe::1]:99")
	if ok, _ := try("[2001:db8:0:ff::1]:99"); ok {
		t.Error("a house's network of 2001:db8::/56 has many addresses")
	}
	for key := range l.counts {
		if strings.Contains(string(key[:]), "203.") {
			t.Error("an address is kept")
		}
	}
	key := l.key
	now = now.Add(time.Minute)
	if ok, _ := try("203.0.113.200:99"); !ok || len(l.counts) != 1 || l.key != key {
		t.Error("the next hour does not begin anew")
	}
	now = now.Add(24 * time.Hour)
	if try("203.0.113.200:99"); l.key == key {
		t.Error("yesterday's key is kept")
	}
}

// TestScrub cuts what tells of somebody and leaves what tells of us.
func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"dial tcp 10.1.2.3:5432: refused":              "dial tcp [address]: refused",
		"from [2001:db8::1]:99 and 203.0.113.7":        "from [address] and [address]",
		"share s-0123456789abcdefghjkmnpqrs is late":   "share [id] is late",
		"person p-0123456789abcdefghjkmnpqrs of 1.2.3": "person p-0123456789abcdefghjkmnpqrs of 1.2.3",
	} {
		if got := Scrub(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}
