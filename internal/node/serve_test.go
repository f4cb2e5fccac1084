package node_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
)

// run serves a node on a free port of this machine and returns its address and a function that stops it and returns what
// Run returned.
func run(t *testing.T, n *node.Node, how node.TLS) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx, l, how) }()
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(30 * time.Second):
			t.Fatal("the node did not stop")
			return nil
		}
	}
	t.Cleanup(func() {
		if !stopped {
			_ = stop() // the test has failed already, or does not care
		}
	})
	return l.Addr().String(), stop
}

// freeAddress returns an address at which nobody listens just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// get returns status and body of an address, waiting for a server that is just starting.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		res, err := http.Get(url)
		if err == nil {
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(body)
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// created makes a small exchange without people and returns its settings.
func created(t *testing.T, fictional bool) node.Options {
	t.Helper()
	opts := node.Options{Data: filepath.Join(t.TempDir(), "data")}
	err := node.Create(context.Background(), opts, node.New{Name: "Small", Origin: "small.example/porchlight", Base: "http://localhost:1",
		Fictional: fictional, Policies: [][]byte{policy.DefaultFile()}})
	if err != nil {
		t.Fatal(err)
	}
	return opts
}

func open(t *testing.T, opts node.Options) *node.Node {
	t.Helper()
	n, err := node.Open(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// The metrics are an allow-list: a new name must be added here, after asking what it tells of people.
func TestMetricsAreAllowListed(t *testing.T) {
	opts := created(t, true)
	opts.MetricsListen = freeAddress(t)
	address, _ := run(t, open(t, opts), node.TLS{})
	get(t, "http://"+address+"/readyz")
	status, text := get(t, "http://"+opts.MetricsListen+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("metrics: %d\n%s", status, text)
	}
	var names []string
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if line := lines.Text(); !strings.HasPrefix(line, "#") {
			names = append(names, strings.Fields(line)[0]) // with its labels, of which there must be none
		}
	}
	slices.Sort(names)
	want := []string{"porchlight_ready", "porchlight_record_behind", "porchlight_record_entries", "porchlight_task_late_seconds"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if status, _ := get(t, "http://"+address+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the public listener answers /metrics with %d", status)
	}
	if status, _ := get(t, "http://"+opts.MetricsListen+"/"); status != http.StatusNotFound {
		t.Errorf("the metrics' listener answers / with %d", status)
	}
}

func TestReadyWhileTasksAreInTime(t *testing.T) {
	w := nodetest.Start(t, nil)
	if err := w.Node.RunDue(context.Background()); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, w.Server.URL+"/readyz"); status != http.StatusOK || body != "ready\n" {
		t.Fatalf("ready: %d %s", status, body)
	}
	w.Advance(2 * time.Hour)
	status, body := get(t, w.Server.URL+"/readyz")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "is late by") {
		t.Errorf("with late tasks: %d %s", status, body)
	}
	if err := w.Node.RunDue(context.Background()); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, w.Server.URL+"/readyz"); status != http.StatusOK {
		t.Errorf("after the tasks have run: %d %s", status, body)
	}
	w.Node.Close()
	if status, body := get(t, w.Server.URL+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d %s", status, body)
	}
	if status, body := get(t, w.Server.URL+"/healthz"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("health: %d %s", status, body)
	}
}

// A stop lets the upload that is under way come to its end, and refuses new callers meanwhile.
func TestStopLetsAnUploadFinish(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	address, stop := run(t, w.Node, node.TLS{})
	c := api.New("http://" + address)
	ctx := context.Background()
	work, err := c.Work(ctx)
	if err != nil {
		t.Fatal(err)
	}
	solution, err := work.Solve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const size = 300_000
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash([]byte("c")), Epoch: 1, Sizes: []int64{size}})
	if err != nil {
		t.Fatal(err)
	}
	ticket := c.As(begun.Ticket)
	path, err := ticket.CreateUpload(ctx, begun.Clips[0], size)
	if err != nil {
		t.Fatal(err)
	}
	body, half := io.Pipe()
	answer := make(chan error, 1)
	go func() {
		offset, err := ticket.Append(ctx, path, 0, size, body)
		if err == nil && offset != size {
			err = io.ErrUnexpectedEOF
		}
		answer <- err
	}()
	piece := bytes.Repeat([]byte("x"), size/2)
	if _, err := half.Write(piece); err != nil {
		t.Fatal(err)
	}
	for !slices.ContainsFunc(w.Files(), func(file string) bool { return strings.HasSuffix(file, "~part") }) {
		time.Sleep(time.Millisecond) // until the server takes it in: a connection without a request is just closed
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for { // until it takes no more callers
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		conn.Close()
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := half.Write(piece); err != nil {
		t.Fatal(err)
	}
	half.Close()
	if err := <-answer; err != nil {
		t.Errorf("the upload that was under way: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("stop: %v", err)
	}
}

// certificate writes a self-signed certificate for localhost and its key, and returns the certificate.
func certificate(t *testing.T, certFile, keyFile string, mode os.FileMode) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), mode); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestServeTLSFromFiles(t *testing.T) {
	dir := t.TempDir()
	how := node.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	cert := certificate(t, how.CertFile, how.KeyFile, 0o600)
	address, stop := run(t, open(t, created(t, true)), how)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost"}}}
	res, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.TLS.Version != tls.VersionTLS13 || res.ProtoMajor != 2 {
		t.Errorf("status %d, TLS %x, %s", res.StatusCode, res.TLS.Version, res.Proto)
	}
	if res.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	if conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, ServerName: "localhost", MaxVersion: tls.VersionTLS12}); err == nil {
		conn.Close()
		t.Error("TLS 1.2 is spoken")
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestRunRefusesUnusableTLS(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	certificate(t, file("cert"), file("key"), 0o600)
	certificate(t, file("cert2"), file("key2"), 0o644)
	n := open(t, created(t, true))
	for name, c := range map[string]struct {
		how  node.TLS
		want string
	}{
		"no key":         {node.TLS{CertFile: file("cert")}, "give both --tls-cert and --tls-key"},
		"missing":        {node.TLS{CertFile: file("cert"), KeyFile: file("none")}, "is not there"},
		"another's key":  {node.TLS{CertFile: file("cert2"), KeyFile: file("key")}, "cannot be used together"},
		"readable key":   {node.TLS{CertFile: file("cert2"), KeyFile: file("key2")}, "Run 'chmod 600'"},
		"files and ACME": {node.TLS{CertFile: file("cert"), KeyFile: file("key"), ACMEHosts: []string{"a.example"}}, "not both"},
		"no host":        {node.TLS{ACMEDirectory: "https://acme.example"}, "give --acme-hosts as well"},
		"odd host":       {node.TLS{ACMEHosts: []string{"https://a.example"}}, "is no host name"},
		"bare host":      {node.TLS{ACMEHosts: []string{"localhost"}}, "is no host name"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := n.Run(ctx, l, c.how); err == nil || footage.KindOf(err) == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

// Whatever reaches the node's log, addresses and residents' IDs do not.
func TestLogIsQuiet(t *testing.T) {
	var out bytes.Buffer
	opts := created(t, true)
	opts.Log = slog.New(slog.NewTextHandler(&out, nil))
	n := open(t, opts)
	secret := footage.NewID(rand.Reader, "s")
	n.Log().With("share", secret).WithGroup("g").Error("lost "+secret, "peer", "192.0.2.7:4711", "error", io.EOF, "n", 7,
		slog.Group("more", "peer", "[2001:db8::1]:80", "key", "clips/"+secret))
	text := out.String()
	for _, word := range []string{secret, "192.0.2.7", "2001:db8"} {
		if strings.Contains(text, word) {
			t.Errorf("the log holds %q: %s", word, text)
		}
	}
	if !strings.Contains(text, "EOF") || !strings.Contains(text, "n=7") {
		t.Errorf("the log lost what it may hold: %s", text)
	}
}
