package proof_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
	"porchlight.example/internal/upload"
	"porchlight.example/internal/web"
	"porchlight.example/ui"
)

// TestLog is T-LOG on the true program, served with TLS and logging at debug level: what people's own data is planted in
// every flow, good and broken, and then appears nowhere in the data folder and in what the program says, but for the case
// number where the published list has it (N8).
func TestLog(t *testing.T) {
	t.Parallel()
	c := plant()
	w := onDisk(t)
	cert, key := certificate(t)
	logs := t.TempDir()
	server, err := launch(append(w.serveArgs(t), "--tls-cert", cert, "--tls-key", key, "--log-level", "debug"))
	must(t, err)
	defer server.kill()
	must(t, server.ready())
	base := strings.Replace(server.base, "http://", "https://", 1)
	w.callFrom(c, base)
	c.flows(t, w)
	c.handshakes(t, base)
	c.rawRequests(t, base)
	while := c.search(t, w.opts.Data) // the write-ahead log is there while the program runs
	must(t, server.stop())
	server2, err := launch(append(w.serveArgs(t), "--acme-hosts", "exchange.example", "--acme-directory", "http://127.0.0.1:9", "--log-level", "debug"))
	must(t, err)
	defer server2.kill()
	must(t, server2.ready())
	c.handshakes(t, strings.Replace(server2.base, "http://", "https://", 1))
	must(t, server2.stop())
	said := server.said.String() + server2.said.String()
	must(t, os.WriteFile(filepath.Join(logs, "said"), []byte(said), 0o600))
	if !strings.Contains(said, "TLS handshake error") {
		t.Errorf("the log has no handshake error, so this would prove nothing: %s", said)
	}
	db := openDatabase(t, w.opts)
	onlyCase(t, append(while, c.search(t, w.opts.Data, logs)...))
	columns := c.columnsWith(t, db, catalogue(t, w.opts))
	if !slices.Equal(columns, []string{"case number as it is: request.private"}) {
		t.Errorf("in the database: %q", columns)
	}
	c.planted(t, db, w.opts.Data, logs)
}

// onlyCase wants the case number in the database file, and nothing else anywhere.
func onlyCase(t *testing.T, hits []string) {
	t.Helper()
	for _, hit := range hits {
		database := strings.Contains(filepath.Base(hit), "exchange.db") || strings.Contains(hit, "/data/base/") || strings.Contains(hit, "/data/pg_wal/")
		if !strings.HasPrefix(hit, "case number as it is: ") || !database {
			t.Errorf("found: %s", hit)
		}
	}
	if len(hits) == 0 {
		t.Error("the case number was not found either, so this would prove nothing")
	}
}

// callFrom points everybody's clients to an address, from the planted place.
func (w *world) callFrom(c *canaries, base string) {
	w.base = base
	w.dial = func() *api.Client { return c.caller(base) }
	for role, client := range w.staff {
		w.staff[role] = w.public().As(client.Bearer)
		c.add("session token of "+string(role), client.Bearer)
	}
}

// flows plays every flow with planted data in it, good and refused.
func (c *canaries) flows(t *testing.T, w *world) {
	t.Helper()
	ctx := t.Context()
	in, err := w.draft(ctx, 0)
	must(t, err)
	in.Document.Code, in.Private.CaseNumber = "QZ-PUBLIC-1", c.of("case number")
	in.Document.Case = footage.Commit(make([]byte, 16), in.Private.CaseNumber)
	id, err := w.publishDraft(ctx, in)
	must(t, err)
	p := pack(t, w.epoch.Recipient(), c.of("credential"), []byte(c.all()), bytes.Repeat([]byte(c.of("clip name")), 9999))
	s, err := begin(ctx, w.public(), id, p)
	must(t, err)
	c.add("ticket", s.begun.Ticket)
	must(t, s.open(ctx, 0))
	c.add("upload ID", strings.TrimPrefix(s.paths[0], "/v1/uploads/"))
	must(t, s.sendAll(ctx))
	p.credential += " again"
	broken, err := begin(ctx, w.public(), id, p)
	must(t, err)
	must(t, broken.open(ctx, 0))
	c.add("ticket of a broken upload", broken.begun.Ticket)
	c.add("ID of a broken upload", strings.TrimPrefix(broken.paths[0], "/v1/uploads/"))
	c.brokenUploads(t, broken)
	p.credential = s.credential
	receipt, err := s.commit(ctx)
	must(t, err)
	box := w.public().As(p.credential)
	must(t, box.Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(w.sealed)}, nil))
	must(t, w.released(ctx, receipt.Share))
	for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted} {
		must(t, w.event(ctx, receipt.Share, kind))
	}
	must(t, box.Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, nil))
	c.refused(t, w, id)
}

// released waits until the agency sees a share.
func (w *world) released(ctx context.Context, share footage.ShareID) error {
	for deadline := time.Now().Add(10 * time.Second); ; {
		if !w.apart {
			if err := w.node.Exchange.Release(ctx); err != nil {
				return err
			}
		}
		err := w.staff[footage.Custodian].Call(ctx, "GET", "/v1/agency/shares/"+string(share), nil, nil)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// try sends a request of any form and wants it refused.
func (c *canaries) try(t *testing.T, client *api.Client, method, path, body string, header ...string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, client.Base+path, strings.NewReader(body))
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if res, err := client.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("%s %s was accepted", method, path)
	}
}

// brokenUploads sends an upload's bytes in ways that are refused, and breaks off in the midst of one.
func (c *canaries) brokenUploads(t *testing.T, s *sending) {
	t.Helper()
	tus := []string{"Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream"}
	name := base64.StdEncoding.EncodeToString([]byte(c.of("clip name")))
	c.try(t, s.client, "POST", "/v1/uploads/", "", append(tus, "Upload-Length", "9", "Upload-Metadata", "filename "+name)...)
	c.try(t, s.client, "PATCH", s.paths[0], c.all(), append(tus, "Upload-Offset", "77")...)
	c.try(t, s.client, "PATCH", s.paths[0], c.all(), append(tus, "Upload-Offset", c.of("position"))...)
	c.try(t, s.client, "PATCH", s.paths[0]+"x", c.all(), append(tus, "Upload-Offset", "0")...)
	c.try(t, s.client, "GET", s.paths[0], "", tus...)
	c.try(t, s.client, "DELETE", s.paths[0], "", tus...)
	c.try(t, s.client.As(c.of("all words")), "POST", "/v1/uploads/", "", append(tus, "Upload-Length", "9")...)
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", s.client.Base+s.paths[0], io.MultiReader(strings.NewReader("x"), brokenReader{}))
	must(t, err)
	req.ContentLength = int64(len(s.clips[0]))
	for i := 0; i < len(tus); i += 2 {
		req.Header.Set(tus[i], tus[i+1])
	}
	req.Header.Set("Upload-Offset", "0")
	if res, err := s.client.Do(req); err == nil {
		res.Body.Close()
		t.Error("a broken upload was accepted")
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// refused asks for what is refused: wrong credentials, malformed bodies, addresses that hold planted texts.
func (c *canaries) refused(t *testing.T, w *world, id footage.RequestID) {
	t.Helper()
	for _, what := range []string{"all words", "person", "credential", "custodian key", "ticket"} {
		as := w.public().As(c.of(what) + "x")
		for _, path := range []string{"/v1/mailbox", "/v1/me", "/v1/agency/shares", "/v1/agency/keys"} {
			c.try(t, as, "GET", path, "")
		}
		c.try(t, as, "POST", "/v1/shares/commit", `{"clips":[],"manifest":"`+base64.RawURLEncoding.EncodeToString([]byte(c.all()))+`"}`)
		c.try(t, as, "POST", "/v1/mailbox/withdraw", c.all())
	}
	for _, path := range []string{"/", "/requests/", "/es/requests/", "/agencies/", "/feed/", "/log/tile/", "/v1/requests/", "/v1/uploads/", "/v1/agency/shares/"} {
		c.try(t, w.public(), "GET", path+url.PathEscape(c.all())+"?near="+url.QueryEscape(c.of("position")), "")
	}
	custodian := w.staff[footage.Custodian]
	for _, path := range []string{"/v1/requests/" + string(id) + "/shares", "/v1/login", "/v1/enrol", "/v1/enrol/challenge", "/v1/shares/commit", "/v1/mailbox/messages"} {
		for _, body := range []string{c.all(), `{"` + c.of("person") + `":1}`, `{"token":"` + c.of("all words") + `"}`, "{\"token\":\"\xff" + c.of("street"), `[` + strings.Repeat(`"`+c.of("person")+`",`, 9000)} {
			c.try(t, w.public(), "POST", path, body)
		}
	}
	for _, path := range []string{"/v1/agency/custodians", "/v1/agency/epochs", "/v1/agency/wrapped", "/v1/agency/requests", "/v1/agency/decide"} {
		c.try(t, custodian, "POST", path, `{"sign_key":"`+c.of("custodian key")+`","recipient":"`+c.of("custodian key")+`"}`)
		c.try(t, custodian, "POST", path, c.all())
	}
	in, err := w.draft(t.Context(), 0)
	must(t, err)
	in.Private.CaseNumber, in.Document.Text = c.of("case number"), c.of("street")
	if err := w.staff[footage.Officer].Call(t.Context(), "POST", "/v1/agency/requests", in, nil); err == nil {
		t.Error("a request without its commitments was accepted")
	}
}

// handshakes breaks TLS in the ways in which that is logged.
func (c *canaries) handshakes(t *testing.T, base string) {
	t.Helper()
	address := strings.TrimPrefix(base, "https://")
	name := strings.ReplaceAll(strings.ToLower(c.of("person")), " ", "-") + ".example"
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(callerAddress)}}
	for _, config := range []*tls.Config{
		{ServerName: name},
		{ServerName: name, MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true},
		{ServerName: name, NextProtos: []string{c.of("person")}, InsecureSkipVerify: true},
	} {
		conn, err := tls.DialWithDialer(dialer, "tcp", address, config)
		if err == nil {
			conn.Close()
			t.Error("the handshake succeeded")
		}
	}
	for _, bytes := range []string{"GET /" + url.PathEscape(c.of("street")) + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n", "\x16\x03\x01\x00\xff" + c.all(), c.all()} {
		conn, err := dialer.Dial("tcp", address)
		must(t, err)
		_, err = io.WriteString(conn, bytes)
		must(t, err)
		must(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
		_, _ = io.ReadAll(io.LimitReader(conn, 1000)) // an alert, an answer, or nothing
		conn.Close()
	}
}

// rawRequests sends what no client would: broken request lines, headers and lengths.
func (c *canaries) rawRequests(t *testing.T, base string) {
	t.Helper()
	address := strings.TrimPrefix(base, "https://")
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(callerAddress)}}
	street, person := url.PathEscape(c.of("street")), c.of("person")
	for _, request := range []string{
		"GET /" + street + " HTTP/9.9\r\nHost: x\r\n\r\n",
		"BREW /" + street + "%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /" + c.of("street") + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: " + person + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n" + person + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX-Name: " + strings.Repeat(person, 5000) + "\r\n\r\n",
		"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 10\r\n\r\n" + c.all(),
		"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + person + "\r\n\r\n" + c.all(),
		"POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + c.all(),
		"POST /v1/login HTTP/1.1\r\nHost: x\r\nExpect: " + person + "\r\nContent-Length: 9\r\n\r\n" + c.all(),
		"GET /es/../" + street + " HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\nOrigin: https://" + street + "\r\n\r\n",
		"POST /v1/login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\nOrigin: https://" + street + "\r\nContent-Length: 0\r\n\r\n",
	} {
		conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{InsecureSkipVerify: true})
		must(t, err)
		_, _ = io.WriteString(conn, request) // it may be cut off before its end
		must(t, conn.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
		_, _ = io.ReadAll(io.LimitReader(conn, 1000)) // whatever is answered
		conn.Close()
	}
}

// planted shows that the search finds what it must: a leak is planted in each place and form, found, and taken out.
func (c *canaries) planted(t *testing.T, db *sql.DB, data, logs string) {
	t.Helper()
	name := c.of("person")
	for path, content := range map[string]string{
		filepath.Join(data, "access.log"):                callerAddress + " - - GET /",
		filepath.Join(data, "blobs", "clips", "c-1"):     "xx" + c.of("clip name") + "xx",
		filepath.Join(logs, "json"):                      `{"path":"` + url.PathEscape(c.of("street")) + `"}`,
		filepath.Join(logs, "hex"):                       fmt.Sprintf("%x", "ab"+name),
		filepath.Join(logs, "base64"):                    base64.StdEncoding.EncodeToString([]byte("abcd" + name + "ef")),
		filepath.Join(logs, "base64url"):                 base64.RawURLEncoding.EncodeToString([]byte("a" + name)),
		filepath.Join(logs, "words"):                     "for " + c.of("all words"),
		filepath.Join(logs, "wide"):                      string(forms(name)["in UTF-16"]),
		filepath.Join(data, url.PathEscape(name)):        "",
		filepath.Join(data, "exchange.db-wal.before"):    c.of("ticket"),
		filepath.Join(data, "keys", "session"):           c.of("session token of officer"),
		filepath.Join(data, "guard", "upload"):           c.of("upload ID"),
		filepath.Join(data, "blobs", "position"):         c.of("position"),
		filepath.Join(data, "blobs", "~new", "identity"): c.of("custodian key"),
	} {
		before := len(c.search(t, data, logs))
		must(t, os.WriteFile(path, []byte(content), 0o600))
		if len(c.search(t, data, logs)) == before {
			t.Errorf("the search did not find what was planted in %s", filepath.Base(path))
		}
		must(t, os.Remove(path))
	}
	_, err := db.ExecContext(t.Context(), `UPDATE agency SET reason = $1`, "seen at "+c.of("street"))
	must(t, err)
	if hits := c.columnsWith(t, db, []string{"agency.reason"}); len(hits) == 0 {
		t.Error("the search did not find what was planted in a column")
	}
}

// TestLogOfFaults plants the same data in flows that fail within: panics, a database that lacks a table, servers that are
// down. The log then has lines about them, and no planted text.
func TestLogOfFaults(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		faulty(t, func(o *node.Options) {}, func(t *testing.T, w *world) {
			_, err := openDatabase(t, w.opts).ExecContext(t.Context(), `ALTER TABLE upload RENAME TO upload_gone`)
			must(t, err)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		cluster := testenv.StartPostgres(t)
		address, err := url.Parse(cluster.Database(t))
		must(t, err)
		faulty(t, func(o *node.Options) { o.Database = address.String() }, func(t *testing.T, w *world) { cluster.Kill(t) }, address.Query().Get("host"))
	})
	t.Run("s3", func(t *testing.T) {
		server, engine := nodetest.ObjectStore(t)
		faulty(t, engine, func(t *testing.T, w *world) { server.Stop() }, server.Folder)
	})
}

// faulty plays the flows, breaks something and plays some again, refused or not. The folders are those of the engine.
func faulty(t *testing.T, engine func(*node.Options), breakIt func(*testing.T, *world), folders ...string) {
	t.Helper()
	c := plant()
	s := newStage(t, "faulty")
	s.start = time.Now().UTC().Truncate(time.Second)
	w := s.build(t, "faulty", func(o *node.Options) {
		engine(o)
		o.AtOnce, o.Patience = true, 300*time.Millisecond
	}, 1)
	w.wall = true
	w.callFrom(c, w.base)
	ctx := t.Context()
	c.flows(t, w)
	p := pack(t, w.epoch.Recipient(), c.of("credential")+" of another share", []byte(c.all()))
	half, err := begin(ctx, w.public(), w.requests[0], p)
	must(t, err)
	must(t, half.open(ctx, 0))
	c.add("ticket of another share", half.begun.Ticket)
	c.add("ID of another upload", strings.TrimPrefix(half.paths[0], "/v1/uploads/"))
	panics(t, c, w)
	breakIt(t, w)
	_, err = half.send(ctx, 0, 0, int64(len(p.clips[0])))
	if err == nil {
		t.Error("a byte was acknowledged by a broken exchange")
	}
	_, _ = half.commit(ctx) // refused or not, it may leave a line
	_, _ = deliver(ctx, w.public(), w.requests[0], p)
	_, _ = w.public().As(c.of("credential")).Mailbox(ctx)
	for _, client := range w.staff {
		_ = client.Call(ctx, "GET", "/v1/agency/shares", nil, nil)
	}
	_ = w.node.RunDue(ctx)
	logs := t.TempDir()
	must(t, os.WriteFile(filepath.Join(logs, "log"), []byte(w.log.String()), 0o600))
	onlyCase(t, c.search(t, append(folders, logs, w.opts.Data)...))
	for _, line := range []string{"level=ERROR", "panic"} {
		if !strings.Contains(w.log.String(), line) {
			t.Errorf("the log has no %q, so this would prove nothing:\n%s", line, w.log.String())
		}
	}
}

// panics serves handlers that panic with planted texts, and uploads whose book does.
func panics(t *testing.T, c *canaries, w *world) {
	t.Helper()
	pages, err := ui.New(ui.Site{})
	must(t, err)
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	uploads, err := upload.NewHandler("/v1/uploads/", nil, panicking{c}, upload.Options{Log: log})
	must(t, err)
	h, err := web.New(t.Context(), web.Config{Exchange: w.node.Exchange, Pages: pages, Uploads: uploads, Base: exchangeAddress, Log: log})
	must(t, err)
	server := httptest.NewUnstartedServer(h)
	server.Config = web.HTTPServer(h, log)
	server.Start()
	defer server.Close()
	client := c.caller(server.URL).As(c.of("ticket"))
	c.try(t, client, "POST", "/v1/uploads/", "", "Tus-Resumable", "1.0.0", "Upload-Length", "9")
	c.try(t, client, "HEAD", "/v1/uploads/"+c.of("upload ID"), "", "Tus-Resumable", "1.0.0")
}

// panicking is a book of uploads that panics.
type panicking struct{ c *canaries }

func (p panicking) Begin(context.Context, upload.Opening) (upload.Row, error) { panic(p.c.all()) }

func (p panicking) Find(context.Context, footage.UploadID) (upload.Row, error) { panic(p.c.all()) }

func (p panicking) Progress(context.Context, int64, upload.Row) error { panic(p.c.all()) }
