package desk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// through makes a custodian's desk that speaks to the exchange through a proxy.
func through(t testing.TB, w *nodetest.Town) (*desk.Desk, *proxy) {
	t.Helper()
	p := newProxy(t, w)
	d, err := desk.Enrol(ctx(t), options(t, w), p.URL, w.Invite(w.Police.ID, "Sam", footage.Custodian))
	must(t, err)
	v, err := d.AddDevice(ctx(t))
	must(t, err)
	w.Wrap(w.Police, v.ID, v.Recipient)
	d.Hurry()
	return d, p
}

// whole checks that every file below the share's folder that has a clip's name is whole.
func whole(t testing.TB, d *desk.Desk, sent nodetest.Sent) {
	t.Helper()
	sizes := map[string]int64{}
	for i, c := range sent.Receipt.Clips {
		sizes[string(c.ID)+".age"], sizes[sent.Manifest.Clips[i].Name] = c.Size, int64(len(sent.Clips[i]))
	}
	err := filepath.WalkDir(d.Dir(), func(path string, e fs.DirEntry, err error) error {
		want, named := sizes[filepath.Base(path)]
		if err != nil || !named {
			return err
		}
		if info, err := e.Info(); err != nil || info.Size() != want {
			t.Errorf("%s has %d bytes, a clip of %d is meant: %v", path, info.Size(), want, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFetchThroughCuts fetches while the connection breaks at random bytes, in the middle of answers of all kinds, with the
// command run again whenever it gives up. No file under its own name is ever less than whole, and what came is not fetched
// twice.
func TestFetchThroughCuts(t *testing.T) {
	w := nodetest.Start(t, nil)
	d, p := through(t, w)
	clips := [][]byte{film(1, 6_000_000), film(2, 100), film(3, 3_000_000)}
	sent := released(t, w, clips...)
	random := rand.New(rand.NewPCG(1, 2))
	p.cutEvery(func() int64 { return random.Int64N(900_000) })
	p.sent.Store(0)
	tries := 0
	for ; tries < 200; tries++ {
		_, err := d.Fetch(ctx(t), sent.Receipt.Share, nil)
		whole(t, d, sent)
		if err == nil {
			break
		}
		if kind := footage.KindOf(err); kind != footage.Unavailable && kind != footage.Interrupted {
			t.Fatalf("try %d: %v", tries, err)
		}
	}
	p.cutEvery(nil)
	if cuts := p.cuts.Load(); cuts < 8 {
		t.Errorf("only %d cuts: the test shows nothing", cuts)
	}
	if came, size := p.sent.Load(), int64(9_200_000); came > 2*size {
		t.Errorf("%d bytes came over the line for %d bytes of clips: what was there was fetched again", came, size)
	}
	opened, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{})
	must(t, err)
	for i, path := range opened.Files {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, clips[i]) {
			t.Errorf("clip %d differs after %d cuts: %v", i, p.cuts.Load(), err)
		}
	}
}

// TestOnePassThroughCuts fetches and opens in one pass while the connection breaks.
func TestOnePassThroughCuts(t *testing.T) {
	w := nodetest.Start(t, nil)
	d, p := through(t, w)
	clip := film(4, 8_000_000)
	sent := released(t, w, clip)
	random := rand.New(rand.NewPCG(3, 4))
	p.cutEvery(func() int64 { return 500_000 + random.Int64N(2_000_000) })
	opened, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
	must(t, err)
	if got, err := os.ReadFile(opened.Files[0]); err != nil || !bytes.Equal(got, clip) || p.cuts.Load() == 0 {
		t.Errorf("the clip differs after %d cuts: %v", p.cuts.Load(), err)
	}
}

// TestFetchGivesUp stops when nothing comes through at all, and keeps what had come.
func TestFetchGivesUp(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(5, 5_000_000))
	m, client := meddled(t)
	left := int64(2_000_000)
	m.after = func(r *http.Request, res *http.Response) error {
		if strings.Contains(r.URL.Path, "/clips/") {
			res.Body = &short{res.Body, &left}
		}
		return nil
	}
	broken, err := desk.Open(desk.Options{Dir: d.Dir(), Now: w.Now, HTTP: client})
	must(t, err)
	broken.Hurry()
	_, err = broken.Fetch(ctx(t), sent.Receipt.Share, nil)
	if !errors.Is(err, footage.Interrupted) {
		t.Fatalf("fetching over a dead line: %v; want interrupted", err)
	}
	parts, _ := filepath.Glob(filepath.Join(d.Dir(), "shares", "*", "sealed", "*.part"))
	if info, err := os.Stat(parts[0]); err != nil || info.Size() != 2_000_000 {
		t.Errorf("%d bytes were kept of 2,000,000 that came: %v", info.Size(), err)
	}
	_, err = d.Fetch(ctx(t), sent.Receipt.Share, nil)
	must(t, err)
	whole(t, d, sent)
}

// TestFetchOverDamage goes on from a part that was damaged on disk: it is noticed, thrown away, and fetched anew.
func TestFetchOverDamage(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(6, 5_000_000))
	sealed := filepath.Join(d.Dir(), "shares", string(sent.Receipt.Share), "sealed", string(sent.Receipt.Clips[0].ID)+".age")
	must(t, os.MkdirAll(filepath.Dir(sealed), 0o700))
	for _, junk := range [][]byte{film(7, 1_000_000), film(8, 9_000_000), make([]byte, 1)} {
		must(t, os.WriteFile(sealed+".part", junk, 0o600))
		var done, total int64
		_, err := d.Fetch(ctx(t), sent.Receipt.Share, func(a, b int64) { done, total = a, b })
		must(t, err)
		if done != total {
			t.Errorf("progress ended at %d of %d", done, total)
		}
		whole(t, d, sent)
		must(t, os.Remove(sealed))
	}
}

// TestWrongBytes: the exchange gives other bytes than the receipt names. They are thrown away.
func TestWrongBytes(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(13, 100_000))
	m, client := meddled(t)
	m.after = func(r *http.Request, res *http.Response) error {
		if strings.Contains(r.URL.Path, "/clips/") {
			rewrite(res, func(s string) string { return s[:1000] + string(s[1000]^1) + s[1001:] })
		}
		return nil
	}
	bad := again(t, w, d, client)
	_, err := bad.Fetch(ctx(t), sent.Receipt.Share, nil)
	var own *footage.Error
	if !errors.As(err, &own) || own.Code != desk.CodeDigest {
		t.Errorf("fetching other bytes: %v; want %s", err, desk.CodeDigest)
	}
	if _, err := bad.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true}); !errors.Is(err, footage.Untrusted) {
		t.Errorf("opening other bytes: %v; want untrusted", err)
	}
	for _, pattern := range []string{"sealed/*", "clips/*"} {
		if left, _ := filepath.Glob(filepath.Join(d.Dir(), "shares", "*", filepath.FromSlash(pattern))); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestFetchAtOnce lets two processes fetch the same share into the same folder.
func TestFetchAtOnce(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	clip := film(9, 4_000_000)
	sent := released(t, w, clip)
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		both.Go(func() { _, errs[i] = d.Fetch(ctx(t), sent.Receipt.Share, nil) })
	}
	both.Wait()
	must(t, errors.Join(errs...))
	opened, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{})
	must(t, err)
	if got, err := os.ReadFile(opened.Files[0]); err != nil || !bytes.Equal(got, clip) {
		t.Errorf("the clip differs: %v", err)
	}
}

// TestWithdrawnDuringPickUp takes the share back between the look at it and the recording of the pick-up, and after it.
func TestWithdrawnDuringPickUp(t *testing.T) {
	for name, at := range map[string]string{"before": "/events", "after": "/clips/"} {
		t.Run(name, func(t *testing.T) {
			w := nodetest.Start(t, nil)
			d := custodian(t, w)
			sent := released(t, w, film(10, 100_000))
			m, client := meddled(t)
			var once sync.Once
			m.before = func(r *http.Request) error {
				if strings.Contains(r.URL.Path, at) {
					once.Do(func() { w.Withdraw(sent.Secret) })
				}
				return nil
			}
			d, err := desk.Open(desk.Options{Dir: d.Dir(), Now: w.Now, HTTP: client})
			must(t, err)
			_, err = d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
			if name == "after" { // too late to take back: it is asked back, and the agency has it
				must(t, err)
				s, err := d.Share(ctx(t), sent.Receipt.Share)
				if err != nil || !s.Recalled {
					t.Errorf("the share is not asked back: %v", err)
				}
				return
			}
			if !errors.Is(err, footage.Gone) {
				t.Errorf("fetching what was taken back: %v; want gone", err)
			}
			if left, _ := filepath.Glob(filepath.Join(d.Dir(), "shares", "*", "*")); len(left) > 0 {
				t.Errorf("left of what was taken back: %v", left)
			}
		})
	}
}

// short breaks a body off after so many bytes of all.
type short struct {
	body interface {
		Read([]byte) (int, error)
		Close() error
	}
	left *int64
}

func (s *short) Read(p []byte) (int, error) {
	if *s.left <= 0 {
		return 0, errors.New("the line is dead")
	}
	n, err := s.body.Read(p[:min(int64(len(p)), *s.left)])
	*s.left -= int64(n)
	return n, err
}

func (s *short) Close() error { return s.body.Close() }

// TestHostileManifests: what does not fit the receipt, the request or the bytes opens to nothing, and can be declined.
func TestHostileManifests(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	request := w.Publish(w.Draft(0))
	for name, c := range map[string]struct {
		change func(*evidence.Manifest)
		code   string
	}{
		"other hash":    {func(m *evidence.Manifest) { m.Clips[0].SHA256 = footage.Hash(nil) }, "clip_hash"},
		"shorter":       {func(m *evidence.Manifest) { m.Clips[0].Size-- }, "bad_padding"},
		"other clip":    {func(m *evidence.Manifest) { m.Clips[0].Sealed.Digest = footage.Hash(nil) }, "manifest_binding"},
		"other request": {func(m *evidence.Manifest) { m.Request = footage.RequestID(footage.Hash(nil)) }, "manifest_binding"},
		"upward name":   {func(m *evidence.Manifest) { m.Clips[0].Name = "../../desk.json" }, "manifest"},
		"device name":   {func(m *evidence.Manifest) { m.Clips[0].Name = "CON.mp4" }, "manifest"},
		"no clips":      {func(m *evidence.Manifest) { m.Clips = nil }, "manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			sent := w.Send(request, c.change, film(11, 70_001))
			w.Release()
			id := sent.Receipt.Share
			to := filepath.Join(t.TempDir(), "out")
			_, err := d.Unseal(ctx(t), id, desk.UnsealOptions{To: to, Stream: true})
			var own *footage.Error
			if !errors.As(err, &own) || own.Kind != footage.Untrusted || own.Code != c.code {
				t.Errorf("opening: %v; want untrusted with code %s", err, c.code)
			}
			if left, _ := filepath.Glob(filepath.Join(to, "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if left, _ := filepath.Glob(filepath.Join(to, ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			_, err = d.Fetch(ctx(t), id, nil)
			must(t, err)
			_, err = d.Decline(ctx(t), id, evidence.Decline{Reason: evidence.Unreadable, Exculpatory: evidence.NotReviewed})
			must(t, err)
		})
	}
}
