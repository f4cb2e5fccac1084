package upload_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
	"porchlight.example/internal/upload"
)

const base = "/v1/uploads/"

// exchange is a running server.
type exchange struct {
	*httptest.Server
	book   *memory
	bucket blob.Bucket
	log    *bytes.Buffer
}

func serve(t testing.TB, bucket blob.Bucket, o upload.Options) *exchange {
	t.Helper()
	x := &exchange{book: newMemory(), bucket: bucket, log: new(bytes.Buffer)}
	o.Log = slog.New(slog.NewTextHandler(&locked{w: x.log}, nil))
	h, err := upload.NewHandler(base, bucket, x.book, o)
	if err != nil {
		t.Fatal(err)
	}
	x.Server = httptest.NewServer(h)
	t.Cleanup(x.Close)
	return x
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func disk(t testing.TB) blob.Bucket {
	t.Helper()
	d, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// each runs a test on every kind of bucket, under the same name.
func each(t *testing.T, run func(t *testing.T, x *exchange)) {
	t.Run("Disk", func(t *testing.T) { run(t, serve(t, disk(t), upload.Options{})) })
	t.Run("S3", func(t *testing.T) {
		server := testenv.S3(t)
		b, err := s3.Open(t.Context(), server.URL("one"), s3.Credentials{AccessKey: server.AccessKey, SecretKey: server.SecretKey})
		if err != nil {
			t.Fatal(err)
		}
		run(t, serve(t, b, upload.Options{}))
	})
}

func random(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(out) // it never fails
	return out
}

func digestOf(body []byte) string {
	var d footage.SegmentDigest
	_, _ = d.Write(body) // it never fails
	return d.Sum()
}

// reply is an answer, read wholly.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) offset() int64 {
	n, err := strconv.ParseInt(r.header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (x *exchange) do(t testing.TB, method, path string, body io.Reader, header ...string) reply {
	t.Helper()
	r, err := x.try(method, path, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// try sends a request. Headers are given as name and value; an empty value removes one.
func (x *exchange) try(method, path string, body io.Reader, header ...string) (reply, error) {
	req, err := http.NewRequest(method, x.URL+path, body)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Authorization", "Bearer ticket")
	if body != nil {
		req.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Del(header[i])
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	res, err := x.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, raw}, err
}

func (x *exchange) create(t testing.TB, length int, header ...string) string {
	t.Helper()
	r := x.do(t, "POST", base, nil, append([]string{"Upload-Length", strconv.Itoa(length)}, header...)...)
	if r.status != http.StatusCreated || !strings.HasPrefix(r.header.Get("Location"), base+"u-") {
		t.Fatalf("create: %d, Location %q: %s", r.status, r.header.Get("Location"), r.body)
	}
	return r.header.Get("Location")
}

func (x *exchange) patch(t testing.TB, path string, offset int64, body io.Reader) reply {
	t.Helper()
	return x.do(t, "PATCH", path, body, "Upload-Offset", strconv.FormatInt(offset, 10))
}

func (x *exchange) head(t testing.TB, path string) int64 {
	t.Helper()
	r := x.do(t, "HEAD", path, nil)
	if r.status != http.StatusOK {
		t.Fatalf("ask for the offset: %d", r.status)
	}
	return r.offset()
}

// wantWhole checks that the one upload is complete and holds the bytes.
func (x *exchange) wantWhole(t *testing.T, body []byte) {
	t.Helper()
	row := x.book.only()
	if row.Offset != int64(len(body)) || row.Digest != digestOf(body) {
		t.Errorf("row at %d of %d with digest %q, want %s", row.Offset, len(body), row.Digest, digestOf(body))
	}
	r, err := x.bucket.Get(t.Context(), row.Key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the object differs (%d bytes, %v)", len(got), err)
	}
}

func wantProblem(t *testing.T, r reply, status int, kind footage.Kind) {
	t.Helper()
	var p struct {
		Status        int
		Detail, Title string
		Kind          footage.Kind
	}
	if r.status != status || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answer %d %s, want %d and a problem: %s", r.status, r.header.Get("Content-Type"), status, r.body)
	}
	if err := json.Unmarshal(r.body, &p); err != nil || p.Status != status || p.Kind != kind || p.Detail == "" || p.Title == "" {
		t.Errorf("problem %s, want status %d and kind %q", r.body, status, kind)
	}
}

func TestWhole(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		for _, size := range []int{1, 70_000, 1 << 20, 4 << 20, 8<<20 + 1, 24 << 20} {
			x.book.rows = newMemory().rows
			body := random(size)
			path := x.create(t, size)
			if got := x.head(t, path); got != 0 {
				t.Errorf("offset %d before the first byte", got)
			}
			if r := x.patch(t, path, 0, bytes.NewReader(body)); r.status != http.StatusNoContent || r.offset() != int64(size) {
				t.Fatalf("size %d: %d, offset %d: %s", size, r.status, r.offset(), r.body)
			}
			if got := x.head(t, path); got != int64(size) {
				t.Errorf("offset %d after %d bytes", got, size)
			}
			x.wantWhole(t, body)
		}
	})
}

func TestCreationWithUpload(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		for _, size := range []int{0, 1, 1 << 20, 9 << 20} {
			x.book.rows = newMemory().rows
			body := random(size)
			r := x.do(t, "POST", base, bytes.NewReader(body), "Upload-Length", strconv.Itoa(size), "Porchlight-Clip", "c-00000000000000000000000000")
			if r.status != http.StatusCreated || r.offset() != int64(size) {
				t.Fatalf("size %d: %d, offset %d: %s", size, r.status, r.offset(), r.body)
			}
			x.wantWhole(t, body)
		}
	})
}

func TestEmpty(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		x.create(t, 0)
		x.wantWhole(t, nil)
	})
}

// TestResume sends pieces of odd sizes around the borders of buffers, segments and parts, in requests of their own.
func TestResume(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		body := random(21<<20 + 13)
		step := x.bucket.Step(int64(len(body)))
		path := x.create(t, len(body))
		var at int64
		for i := 0; at < int64(len(body)); i++ {
			piece := []int64{1, 65_535, 256<<10 + 1, 4<<20 - 256<<10, 4 << 20, 4<<20 + 1, 3}[i%7]
			if step > 1 {
				piece += step
			}
			r := x.patch(t, path, at, bytes.NewReader(body[at:min(at+piece, int64(len(body)))]))
			if r.status != http.StatusNoContent || r.offset() <= at {
				t.Fatalf("at %d: %d, offset %d: %s", at, r.status, r.offset(), r.body)
			}
			if at = x.head(t, path); at != r.offset() {
				t.Fatalf("acknowledged %d, then told %d", r.offset(), at)
			}
		}
		x.wantWhole(t, body)
	})
}

// TestCut breaks the connection in the middle, again and again.
func TestCut(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		body := random(26<<20 + 5)
		step := x.bucket.Step(int64(len(body)))
		path := x.create(t, len(body))
		var at int64
		for cuts, rest := 0, int64(0); cuts < 6; cuts++ {
			rest = int64(len(body)) - at
			send := min(9<<20+int64(cuts)*77_777, rest-1)
			broken := io.MultiReader(bytes.NewReader(body[at:at+send]), failing{})
			req, err := http.NewRequest("PATCH", x.URL+path, broken)
			if err != nil {
				t.Fatal(err)
			}
			req.ContentLength = rest
			req.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {strconv.FormatInt(at, 10)}, "Content-Type": {"application/offset+octet-stream"}}
			if res, err := x.Client().Do(req); err == nil {
				res.Body.Close()
				t.Fatalf("a broken request was answered with %s", res.Status)
			}
			now := x.head(t, path)
			// What the client's kernel had not sent yet is lost with the connection; what came must be kept.
			if now < at || now > at+send || now%step != 0 {
				t.Fatalf("sent %d from %d, now at %d", send, at, now)
			}
			at = now
		}
		if at == 0 {
			t.Error("six cut requests brought nothing")
		}
		x.finish(t, path, body)
		x.wantWhole(t, body)
	})
}

// finish sends the rest of an upload as a sender does whose earlier request may still be on its way through the server:
// asked to wait or to ask again, it asks for the offset again.
func (x *exchange) finish(t *testing.T, path string, body []byte) {
	t.Helper()
	for range 20 {
		at := x.head(t, path)
		r := x.patch(t, path, at, bytes.NewReader(body[at:]))
		switch r.status {
		case http.StatusNoContent:
			return
		case http.StatusLocked, http.StatusConflict:
		default:
			t.Fatalf("%d: %s", r.status, r.body)
		}
	}
	t.Fatal("the upload stays busy")
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the line is cut") }

// TestPauses has the clock run so that progress is noted in the middle of a request.
func TestPauses(t *testing.T) {
	each(t, func(t *testing.T, plain *exchange) {
		var mu sync.Mutex
		clock := time.Unix(0, 0)
		x := serve(t, plain.bucket, upload.Options{Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			clock = clock.Add(3 * time.Second)
			return clock
		}})
		var noted []int64
		x.book.seen = func(r upload.Row) { noted = append(noted, r.Offset) }
		body := random(32 << 20)
		path := x.create(t, len(body))
		if r := x.patch(t, path, 0, bytes.NewReader(body)); r.offset() != int64(len(body)) {
			t.Fatalf("%d: %s", r.status, r.body)
		}
		x.wantWhole(t, body)
		if want := "[8388608 16777216 25165824 33554432]"; fmt.Sprint(noted) != want {
			t.Errorf("noted %v, want %s", noted, want)
		}
	})
}

// TestLostNote has the server die, in effect, between making the object visible and noting it.
func TestLostNote(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		body := random(17<<20 + 3)
		path := x.create(t, len(body))
		if r := x.patch(t, path, 0, bytes.NewReader(body[:16<<20])); r.offset() != 16<<20 {
			t.Fatalf("%d: %s", r.status, r.body)
		}
		x.book.fail = errors.New("disk of the database is gone, upload " + path)
		r := x.patch(t, path, 16<<20, bytes.NewReader(body[16<<20:]))
		wantProblem(t, r, http.StatusInternalServerError, "")
		if bytes.Contains(r.body, []byte("database")) {
			t.Error("the answer tells what went wrong inside")
		}
		if log := x.log.String(); !strings.Contains(log, "database") || strings.Contains(log, path[len(base):]) {
			t.Errorf("log %q must tell the reason, and not the ID", log)
		}
		if got := x.head(t, path); got != int64(len(body)) {
			t.Errorf("offset %d after the restart, want all", got)
		}
		x.wantWhole(t, body)
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		path := x.create(t, 10)
		if r := x.patch(t, path, 0, strings.NewReader("0123")); r.status == http.StatusUnprocessableEntity { // too small a piece for S3
			wantProblem(t, r, http.StatusUnprocessableEntity, footage.Invalid)
		}
		at := x.head(t, path)
		wantProblem(t, x.patch(t, path, at+1, strings.NewReader("x")), http.StatusConflict, footage.Conflict)
		wantProblem(t, x.patch(t, path, at, strings.NewReader("0123456789more")), http.StatusRequestEntityTooLarge, footage.TooLarge)
		wantProblem(t, x.patch(t, path, -1, strings.NewReader("x")), http.StatusBadRequest, footage.Invalid)
		if got := x.head(t, path); got != at {
			t.Errorf("offset %d after refusals, want %d", got, at)
		}
		unknown := base + footage.NewID(zeros{}, "u")
		wantProblem(t, x.patch(t, unknown, 0, strings.NewReader("x")), http.StatusNotFound, footage.NotFound)
		if r := x.do(t, "HEAD", unknown, nil); r.status != http.StatusNotFound {
			t.Errorf("HEAD of an unknown upload: %d", r.status)
		}
		over := x.book.only()
		over.Key = ""
		x.book.put(over)
		wantProblem(t, x.patch(t, path, at, strings.NewReader("x")), http.StatusGone, footage.Gone)
	})
}

// TestLongBody sends more than was declared, without saying how much is coming.
func TestLongBody(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		body := random(3 << 20)
		path := x.create(t, len(body))
		r := x.patch(t, path, 0, io.MultiReader(bytes.NewReader(body), strings.NewReader("more"))) // chunked
		wantProblem(t, r, http.StatusRequestEntityTooLarge, footage.TooLarge)
		x.wantWhole(t, body)
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestNotOffered(t *testing.T) {
	x := serve(t, disk(t), upload.Options{MaxSize: 1000})
	path := x.create(t, 10)
	for _, method := range []string{"GET", "DELETE", "PUT", "POST"} {
		wantProblem(t, x.do(t, method, path, nil), http.StatusMethodNotAllowed, footage.Unsupported)
	}
	for _, method := range []string{"GET", "DELETE", "PUT", "PATCH"} {
		wantProblem(t, x.do(t, method, base, nil), http.StatusMethodNotAllowed, footage.Unsupported)
	}
	length := []string{"Upload-Length", "10"}
	for _, header := range [][]string{
		{"Upload-Metadata", "filename ZG9vci5tcDQ="}, {"Upload-Concat", "partial"}, {"Upload-Concat", "final;" + path}, {"Upload-Checksum", "sha1 Kq5s"},
		{"Upload-Defer-Length", "1"}, {"X-HTTP-Method-Override", "DELETE"}, {"X-HTTP-Method-Override", "PATCH"},
		{"Upload-Draft-Interop-Version", "6"}, {"Porchlight-Clip", "../a"},
	} {
		wantProblem(t, x.do(t, "POST", base, nil, append(header, length...)...), http.StatusUnprocessableEntity, footage.Invalid)
		if header[0] != "Porchlight-Clip" {
			wantProblem(t, x.do(t, "PATCH", path, strings.NewReader("0123456789"), append(header, "Upload-Offset", "0")...), http.StatusUnprocessableEntity, footage.Invalid)
		}
	}
	for _, bad := range []string{base + "x", base + "u-../../etc", base + "u-" + strings.Repeat("0", 25), "/other", base + footage.NewID(zeros{}, "u") + "/x"} {
		wantProblem(t, x.do(t, "PATCH", bad, strings.NewReader("x")), http.StatusNotFound, footage.NotFound)
	}
	if got := x.head(t, path); got != 0 {
		t.Errorf("offset %d after refusals", got)
	}
}

func TestOpeningRefused(t *testing.T) {
	x := serve(t, disk(t), upload.Options{MaxSize: 1000})
	open := func(header ...string) reply { return x.do(t, "POST", base, nil, header...) }
	wantProblem(t, open("Upload-Length", "10", "Authorization", ""), http.StatusUnauthorized, footage.Unauthorized)
	wantProblem(t, open("Upload-Length", "10", "Authorization", "Bearer other"), http.StatusForbidden, footage.Refused)
	wantProblem(t, open("Upload-Length", "10", "Tus-Resumable", "0.2.2"), http.StatusPreconditionFailed, footage.Unsupported)
	wantProblem(t, open(), http.StatusBadRequest, footage.Invalid)
	wantProblem(t, open("Upload-Length", "-1"), http.StatusBadRequest, footage.Invalid)
	wantProblem(t, open("Upload-Length", "1001"), http.StatusRequestEntityTooLarge, footage.TooLarge)
	wantProblem(t, open("Upload-Length", "413"), http.StatusRequestEntityTooLarge, footage.TooLarge)
	wantProblem(t, open("Upload-Length", "429"), http.StatusTooManyRequests, footage.TooMany)
	x.bucket.(*blob.Disk).Reserve = 1 << 62
	wantProblem(t, open("Upload-Length", "10"), http.StatusInsufficientStorage, footage.Full)
	if r := x.do(t, "PATCH", base+string(x.book.only().ID), strings.NewReader("0123456789"), "Upload-Offset", "0", "Content-Type", "text/plain"); r.status != http.StatusBadRequest {
		t.Errorf("wrong content type: %d", r.status)
	}
	r := x.do(t, "OPTIONS", base, nil, "Origin", "https://elsewhere.example")
	if r.header.Get("Tus-Extension") != "creation,creation-with-upload" || r.header.Get("Tus-Max-Size") != "1000" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("OPTIONS says %v", r.header)
	}
}

// TestLock has one request hang in the middle of an upload, a second one refused, and a third one take over by asking for
// the offset first.
func TestLock(t *testing.T) {
	x := serve(t, disk(t), upload.Options{})
	body := random(100_000)
	path := x.create(t, len(body))
	send, answered := x.hang(t, path, body[:60_000])
	wantProblem(t, x.patch(t, path, 0, strings.NewReader("")), http.StatusLocked, footage.Conflict)
	at := x.head(t, path)
	if at < 0 || at > 60_000 {
		t.Fatalf("offset %d", at)
	}
	if r := x.patch(t, path, at, bytes.NewReader(body[at:])); r.status != http.StatusNoContent {
		t.Fatalf("%d: %s", r.status, r.body)
	}
	x.wantWhole(t, body)
	send.CloseWithError(errors.New("too late"))
	if r := <-answered; r.status == http.StatusNoContent {
		t.Error("the hanging request was acknowledged")
	}
}

// hang sends the first bytes of an upload in a request that waits for more, and returns when the server has given it the
// lock: it looks for the upload only then.
func (x *exchange) hang(t *testing.T, path string, first []byte) (*io.PipeWriter, <-chan reply) {
	t.Helper()
	found := make(chan struct{})
	x.book.found = sync.OnceFunc(func() { close(found) })
	body, send := io.Pipe()
	done := make(chan reply, 1)
	go func() {
		r, _ := x.try("PATCH", path, body, "Upload-Offset", "0") // a failed request shows as status 0
		done <- r
	}()
	if _, err := send.Write(first); err != nil {
		t.Fatal(err)
	}
	<-found
	return send, done
}

// TestOtherNode has another node, with locks of its own, advance the upload while a request is under way.
func TestOtherNode(t *testing.T) {
	x := serve(t, disk(t), upload.Options{})
	path := x.create(t, 10)
	send, done := x.hang(t, path, []byte("01234"))
	row := x.book.only()
	row.Offset = 3
	x.book.put(row)
	if err := send.Close(); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, <-done, http.StatusConflict, footage.Conflict)
	if got := x.head(t, path); got != 3 {
		t.Errorf("offset %d, want the other node's", got)
	}
}

// TestLost continues an upload whose staged bytes are gone.
func TestLost(t *testing.T) {
	each(t, func(t *testing.T, x *exchange) {
		body := random(18 << 20)
		path := x.create(t, len(body))
		if r := x.patch(t, path, 0, bytes.NewReader(body[:16<<20])); r.status != http.StatusNoContent {
			t.Fatalf("%d: %s", r.status, r.body)
		}
		if err := x.bucket.Abort(context.Background(), x.book.only().Key, nil); err != nil {
			t.Fatal(err)
		}
		wantProblem(t, x.patch(t, path, 16<<20, bytes.NewReader(body[16<<20:])), http.StatusGone, footage.Gone)
	})
}
