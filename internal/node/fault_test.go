package node_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// sender is a resident's program in the midst of a share, with one clip of which nothing was sent.
type sender struct {
	t      *testing.T
	base   string
	ticket string
	path   string // of the upload
	offset int64
	size   int64
}

func newSender(t *testing.T, w *nodetest.Town, id footage.RequestID, size int64) *sender {
	t.Helper()
	ticket, clip := announce(t, w, id, size)
	path, err := api.New(w.Server.URL).As(ticket).CreateUpload(context.Background(), clip, size)
	check(t, err)
	return &sender{t: t, base: w.Server.URL, ticket: ticket, path: path, size: size}
}

// announce begins a share of one clip.
func announce(t *testing.T, w *nodetest.Town, id footage.RequestID, size int64) (ticket string, clip footage.ClipID) {
	t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	work, err := c.Work(ctx)
	check(t, err)
	solution, err := work.Solve(ctx)
	check(t, err)
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash([]byte(footage.NewSecret())), Epoch: 1, Sizes: []int64{size}})
	check(t, err)
	return begun.Ticket, begun.Clips[0]
}

// patch sends bytes from the acknowledged offset on, and returns the answer.
func (s *sender) patch(n int) (int, http.Header, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPatch, s.base+s.path, bytes.NewReader(bytes.Repeat([]byte("x"), n)))
	check(s.t, err)
	for name, value := range map[string]string{"Authorization": "Bearer " + s.ticket, "Tus-Resumable": "1.0.0",
		"Upload-Offset": strconv.FormatInt(s.offset, 10), "Content-Type": "application/offset+octet-stream"} {
		req.Header.Set(name, value)
	}
	return answer(s.t, req)
}

// stands returns the offset that the exchange remembers.
func (s *sender) stands() int64 {
	s.t.Helper()
	offset, err := api.New(s.base).As(s.ticket).UploadOffset(context.Background(), s.path)
	check(s.t, err)
	return offset
}

func answer(t *testing.T, req *http.Request) (int, http.Header, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	check(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	check(t, err)
	return res.StatusCode, res.Header, string(body)
}

func post(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, nil)
	check(t, err)
	return answer(t, req)
}

// wantAway checks an answer that says that a part is away for a while.
func wantAway(t *testing.T, what string, status int, head http.Header, body string, words string) {
	t.Helper()
	if status != http.StatusServiceUnavailable || head.Get("Retry-After") == "" || !strings.Contains(body, words) {
		t.Errorf("%s: %d, Retry-After %q, %s; want 503 with %q", what, status, head.Get("Retry-After"), body, words)
	}
}

// A full disk refuses new uploads and more bytes, keeps what was accepted, and takes up again when there is room.
func TestDiskFull(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	kept := w.Send(id, nil, []byte("accepted before"))
	s := newSender(t, w, id, 10<<20)
	if status, _, body := s.patch(5 << 20); status != http.StatusNoContent {
		t.Fatalf("the first half: %d %s", status, body)
	}
	s.offset = s.stands()
	ticket, clip := announce(t, w, id, 4<<20)
	disk := w.Node.Bucket().(*blob.Disk)
	reserve := disk.Reserve
	disk.Reserve = 1 << 62
	status, _, body := s.patch(5 << 20)
	if status != http.StatusInsufficientStorage || !strings.Contains(body, "storage_full") {
		t.Errorf("more bytes: %d %s; want 507", status, body)
	}
	if got := s.stands(); got != 5<<20 {
		t.Errorf("after the refusal %d bytes stand, want %d", got, 5<<20)
	}
	if _, err := api.New(w.Server.URL).As(ticket).CreateUpload(context.Background(), clip, 4<<20); !errors.Is(err, footage.Full) {
		t.Errorf("a new upload: %v; want it refused as full", err)
	}
	w.Release()
	if box, err := api.New(w.Server.URL).As(kept.Secret.Credential()).Mailbox(context.Background()); err != nil || box.State != footage.ShareReleased {
		t.Errorf("what was accepted: %s, %v", box.State, err)
	}
	disk.Reserve = reserve
	if status, _, body := s.patch(5 << 20); status != http.StatusNoContent {
		t.Errorf("with room again: %d %s", status, body)
	}
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("afterwards: %v", left)
	}
}

// A database that another program has locked answers 503, loses nothing, and goes on when it is free.
func TestDatabaseLocked(t *testing.T) {
	w := nodetest.Start(t, func(o *node.Options) { o.Patience = 100 * time.Millisecond })
	id := w.Publish(w.Draft(0))
	s := newSender(t, w, id, 3000)
	db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
	check(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("BEGIN IMMEDIATE")
	check(t, err)
	status, head, body := post(t, w.Server.URL+"/v1/login/challenge")
	wantAway(t, "a call that writes", status, head, body, "Another program holds the database")
	status, head, body = s.patch(3000)
	wantAway(t, "an upload", status, head, body, "Another program holds the database")
	if status, _ := get(t, w.Server.URL+"/v1/requests/"+string(id)); status != http.StatusOK {
		t.Errorf("a page that only reads: %d", status)
	}
	_, err = db.Exec("ROLLBACK")
	check(t, err)
	s.offset = s.stands()
	if status, _, body := s.patch(3000 - int(s.offset)); status != http.StatusNoContent {
		t.Errorf("when it is free: %d %s", status, body)
	}
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("afterwards: %v", left)
	}
}

// An object store that is down answers 503, and public reads go on.
func TestObjectStoreDown(t *testing.T) {
	server, objects := nodetest.ObjectStore(t)
	w := nodetest.Start(t, objects)
	id := w.Publish(w.Draft(0))
	s := newSender(t, w, id, 3000)
	server.Stop()
	status, head, body := s.patch(3000)
	wantAway(t, "an upload", status, head, body, "storage_unavailable")
	status, _, body = post(t, w.Server.URL+"/v1/login/challenge")
	if status != http.StatusOK {
		t.Errorf("a sign-in needs no object store: %d %s", status, body)
	}
	if status, _ := get(t, w.Server.URL+"/feed/all.json"); status != http.StatusOK {
		t.Errorf("the feed: %d", status)
	}
	if status, _ := get(t, w.Server.URL+"/readyz"); status != http.StatusOK {
		t.Errorf("ready, which asks for database and tasks: %d", status)
	}
}

// PostgreSQL that is killed between and within transactions answers 503; when it is back everything goes on.
func TestPostgresRestarted(t *testing.T) {
	cluster := testenv.StartPostgres(t)
	w := nodetest.Start(t, func(o *node.Options) {
		o.Database = cluster.Database(t)
		o.Patience = 300 * time.Millisecond
	})
	id := w.Publish(w.Draft(0))
	s := newSender(t, w, id, 3000)
	cluster.Kill(t)
	status, head, body := post(t, w.Server.URL+"/v1/login/challenge")
	wantAway(t, "a call", status, head, body, "does not answer")
	status, head, body = s.patch(3000)
	wantAway(t, "an upload", status, head, body, "does not answer")
	status, head, body = func() (int, http.Header, string) {
		req, err := http.NewRequest(http.MethodGet, w.Server.URL+"/readyz", nil)
		check(t, err)
		return answer(t, req)
	}()
	wantAway(t, "ready", status, head, body, "does not answer")
	if status, _ := get(t, w.Server.URL+"/feed/all.json"); status != http.StatusOK {
		t.Errorf("the feed, which asks no database: %d", status)
	}
	cluster.Start(t)
	s.offset = s.stands()
	if status, _, body := s.patch(3000 - int(s.offset)); status != http.StatusNoContent {
		t.Errorf("when it is back: %d %s", status, body)
	}
	if status, _ := get(t, w.Server.URL+"/readyz"); status != http.StatusOK {
		t.Errorf("ready when it is back: %d", status)
	}
	w.Send(id, nil, []byte("after the restart"))
	if left := findings(t, w.Opts); len(left) > 0 {
		t.Errorf("afterwards: %v", left)
	}
}
