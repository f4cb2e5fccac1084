package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// TestGathered: answers of all sizes, one after the other on one connection, arrive whole, whether or not they are sent in one
// piece, and what fails half-way ends the connection.
func TestGathered(t *testing.T) {
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	copy(noise[5000:], "\r\n\r\n") // no end of a head
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		w.Header().Set("Content-Length", strconv.Itoa(n))
		switch r.URL.Path {
		case "/gathered":
			_, _ = gathering{w, r}.Write(noise[:n])
		case "/head":
			w.Header().Set("Long", string(bytes.Repeat([]byte("x"), 6000)))
			_, _ = gathering{w, r}.Write(noise[:n])
		case "/cut":
			_, _ = gathering{w, r}.Write(noise[:n])
			panic(http.ErrAbortHandler)
		default:
			_, _ = w.Write(noise[:n])
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, HTTPServer(h, slog.New(slog.DiscardHandler)), l) }()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1, DisableCompression: true}, Timeout: 20 * time.Second}
	get := func(method, path string, n int) ([]byte, error) {
		r, _ := http.NewRequest(method, "http://"+l.Addr().String()+path+"?n="+strconv.Itoa(n), nil)
		res, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		if res.ContentLength != int64(n) {
			t.Errorf("%s %s: length %d, want %d", method, path, res.ContentLength, n)
		}
		return io.ReadAll(res.Body)
	}
	for _, n := range []int{0, 1, 3000, 3800, 3900, 4000, 4095, 4096, 4097, 8192, 10_556, 70_000} {
		for _, path := range []string{"/gathered", "/plain", "/head", "/gathered"} {
			if got, err := get("GET", path, n); err != nil || !bytes.Equal(got, noise[:n]) {
				t.Fatalf("%s of %d bytes: %d, %v", path, n, len(got), err)
			}
		}
		if got, err := get("HEAD", "/gathered", n); err != nil || len(got) != 0 {
			t.Fatalf("HEAD: %d, %v", len(got), err)
		}
	}
	_, _ = get("GET", "/cut", 10_000) // the whole of it may have gone out
	if got, err := get("GET", "/plain", 10_000); err != nil || !bytes.Equal(got, noise[:10_000]) {
		t.Errorf("after an answer that broke off: %d, %v", len(got), err)
	}
	client.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
