package desk_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"porchlight.example/internal/node/nodetest"
)

// proxy stands between a desk and the exchange and cuts connections when it is told to.
type proxy struct {
	URL  string
	left atomic.Int64 // bytes from the exchange until the next cut; negative: none
	sent atomic.Int64 // bytes that came from the exchange
	cuts atomic.Int64
	next func() int64 // bytes until the cut after that
}

// newProxy returns a proxy that cuts nothing yet.
func newProxy(t testing.TB, w *nodetest.Town) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	must(t, err)
	p := &proxy{URL: "http://localhost:" + l.Addr().String()[strings.LastIndex(l.Addr().String(), ":")+1:]}
	p.left.Store(-1)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(c, w.Server.Listener.Addr().String()) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.Server.CloseClientConnections()
		running.Wait()
	})
	return p
}

func (p *proxy) serve(client net.Conn, exchange string) {
	defer client.Close()
	server, err := net.Dial("tcp", exchange)
	if err != nil {
		return
	}
	defer server.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(server, client) // one side closed: the other is closed below
		server.Close()
	}()
	p.back(client, server)
	client.Close()
	<-done
}

// back copies from the exchange until it closes or the cut comes.
func (p *proxy) back(client io.Writer, server io.Reader) {
	buf := make([]byte, 8<<10)
	for {
		n, err := server.Read(buf)
		if left := p.left.Load(); left >= 0 && int64(n) > left {
			_, _ = client.Write(buf[:left])
			p.cuts.Add(1)
			p.left.Store(p.next())
			return
		} else if left >= 0 {
			p.left.Add(-int64(n))
		}
		p.sent.Add(int64(n))
		if _, werr := client.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// cutEvery makes the proxy cut from now on, after as many bytes as next says each time; nil ends it.
func (p *proxy) cutEvery(next func() int64) {
	if p.next = next; next == nil {
		p.left.Store(-1)
		return
	}
	p.left.Store(next())
}

// meddler lets a test act between a desk's calls, or spoil them.
type meddler struct {
	http.RoundTripper
	before func(*http.Request) error                 // before the exchange gets the call, which an error keeps back; may be nil
	after  func(*http.Request, *http.Response) error // after it answered; may be nil
}

func (m *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.before != nil {
		if err := m.before(r); err != nil {
			return nil, err
		}
	}
	res, err := m.RoundTripper.RoundTrip(r)
	if err == nil && m.after != nil {
		if err := m.after(r, res); err != nil {
			res.Body.Close()
			return nil, err
		}
	}
	return res, err
}

// meddled returns a meddler and a client whose calls go through it.
func meddled(t testing.TB) (*meddler, *http.Client) {
	t.Helper()
	m := &meddler{RoundTripper: &http.Transport{DisableCompression: true}}
	t.Cleanup(func() { m.RoundTripper.(*http.Transport).CloseIdleConnections() })
	return m, &http.Client{Transport: m}
}

// rewrite changes an answer's body and reports whether it did.
func rewrite(res *http.Response, change func(string) string) bool {
	raw, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return false
	}
	changed := change(string(raw))
	res.Body, res.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	res.Header.Del("Content-Length")
	return changed != string(raw)
}
