package web

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
)

// gatherer is a listener whose connections can send an answer in one piece. The standard library writes an answer that is
// larger than its buffer of 4 KiB in two: every feed file would cost two calls of the system, and the reader two as well.
type gatherer struct{ net.Listener }

// Accept waits for the next caller.
func (l gatherer) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &gathered{TCPConn: tcp}, nil
	}
	return c, err
}

// gathered is a connection that holds back what the server writes until an announced answer is whole. Its fields belong to
// the goroutine that serves the connection, which alone writes.
type gathered struct {
	*net.TCPConn
	body int    // bytes of the announced body that have not been written; nought: nothing is held back
	held []byte // the head of the answer, and what of the body came with it
}

type gatheredKey struct{}

// keepConn puts a connection into the context of its requests.
func keepConn(ctx context.Context, c net.Conn) context.Context {
	if g, ok := c.(*gathered); ok {
		return context.WithValue(ctx, gatheredKey{}, g)
	}
	return ctx
}

// gathering is the writer of an answer whose body is written in one call. Over TLS it makes no difference.
type gathering struct {
	http.ResponseWriter
	r *http.Request
}

// Write writes the whole body.
func (w gathering) Write(body []byte) (int, error) {
	if g, ok := w.r.Context().Value(gatheredKey{}).(*gathered); ok && w.r.Method == http.MethodGet && w.r.ContentLength == 0 {
		g.body, g.held = len(body), g.held[:0]
	}
	return w.ResponseWriter.Write(body)
}

// Write holds p back, or sends it with all that was held back.
func (g *gathered) Write(p []byte) (int, error) {
	body := p
	if g.body > 0 && len(g.held) == 0 {
		_, rest, whole := bytes.Cut(p, []byte("\r\n\r\n"))
		if body = rest; !whole {
			g.body = 0 // a head as large as that is none of ours: what is held back must be known to end
		}
	}
	if g.body == 0 {
		return g.TCPConn.Write(p)
	}
	if g.body -= min(len(body), g.body); g.body > 0 {
		g.held = append(g.held, p...)
		return len(p), nil
	}
	if _, err := (&net.Buffers{g.held, p}).WriteTo(g.TCPConn); err != nil {
		return 0, errors.Join(err, g.TCPConn.Close()) // a part may have gone out: nothing can follow it
	}
	return len(p), nil
}
