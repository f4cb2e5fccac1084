package resident_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between client and server and breaks their connections (real TCP, cut in mid-stream).
type proxy struct {
	net.Listener
	target atomic.Value // string: HOST:PORT of the server
	// cut returns after how many bytes from the client the next connection is cut; less than 0 for never.
	cut  func() int64
	cuts atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool // guarded by mu
	wait sync.WaitGroup
}

func newProxy(t testing.TB, target string, cut func() int64) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, cut: cut, open: map[net.Conn]bool{}}
	p.target.Store(target)
	p.wait.Go(p.accept)
	t.Cleanup(func() { l.Close(); p.hangUp(); p.wait.Wait() })
	return p
}

func (p *proxy) url() string { return "http://" + p.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target.Load().(string))
		if err != nil {
			client.Close()
			continue
		}
		p.track(client, server)
		limit := int64(-1)
		if p.cut != nil {
			limit = p.cut()
		}
		p.wait.Go(func() {
			p.pass(server, client, limit)
			p.end(client, server)
		})
		p.wait.Go(func() {
			p.pass(client, server, -1)
			p.end(client, server)
		})
	}
}

// pass copies until a side ends, or the limit is reached: then both are reset.
func (p *proxy) pass(to, from net.Conn, limit int64) {
	if limit < 0 {
		_, _ = io.Copy(to, from)
		return
	}
	if n, _ := io.Copy(to, io.LimitReader(from, limit)); n == limit {
		p.cuts.Add(1)
		for _, c := range []net.Conn{to, from} {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
	}
}

func (p *proxy) track(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.open[c] = true
	}
}

func (p *proxy) end(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.open, c)
	}
}

// hangUp resets every connection.
func (p *proxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		delete(p.open, c)
	}
}
