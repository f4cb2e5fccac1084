package resident_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node"
	"porchlight.example/internal/resident"
)

// noise is bytes that look random and are the same for each seed.
func noise(seed uint64, n int) []byte {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	out := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(out)
	return out
}

// longFilm is a film followed by media data that no track refers to: cleaning blanks it, so that original and copy differ
// all along.
func (w *world) longFilm(t testing.TB, seed uint64, size int) string {
	t.Helper()
	f := sample.Film{Seed: seed, Duration: time.Second, Start: w.request(t).Document.Window.From.Add(10 * time.Minute)}
	head := binary.BigEndian.AppendUint32(nil, uint32(size))
	raw := append(f.Bytes(), append(append(head, "mdat"...), noise(seed, size-8)...)...)
	return write(t, "long.mp4", raw)
}

// through returns the resident with a proxy in between.
func (w *world) through(p *proxy) *resident.Exchange {
	return resident.New(p.url(), w.x.Verifier)
}

func (w *world) address() string {
	return strings.TrimPrefix(w.Server.Listener.Addr().String(), "http://")
}

// TestCutConnections sends through connections that break after random numbers of bytes, and the agency opens exactly what
// was prepared.
func TestCutConnections(t *testing.T) {
	w := start(t)
	rng := rand.New(rand.NewPCG(7, 11))
	p := newProxy(t, w.address(), func() int64 { return rng.Int64N(6 << 20) })
	x := w.through(p)
	long, short := w.longFilm(t, 1, 20<<20+123), w.film(t, "short.mov", sample.Film{Seed: 3, Container: sample.MOV})
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, long, resident.ClipOptions{}), open(t, short, resident.ClipOptions{})}}
	sent, err := x.Send(t.Context(), share, resident.SendOptions{Patience: 20 * time.Second})
	if err != nil {
		t.Fatalf("after %d cuts: %v", p.cuts.Load(), err)
	}
	if p.cuts.Load() < 4 {
		t.Fatalf("only %d connections were cut", p.cuts.Load())
	}
	got := w.receive(t, sent.Receipt.Share)
	wantClip(t, got, 0, cleaned(t, read(t, long), media.Options{}), read(t, long))
	wantClip(t, got, 1, cleaned(t, read(t, short), media.Options{}), read(t, short))
}

// TestServerRestarts stops the exchange in mid-upload and starts it again on the same data.
func TestServerRestarts(t *testing.T) {
	w := start(t)
	p := newProxy(t, w.address(), nil)
	x := w.through(p)
	long := w.longFilm(t, 2, 24<<20)
	restarted := 0
	progress := func(done, total int64) {
		if restarted < 2 && done > int64(restarted+1)*total/3 {
			restarted++
			p.hangUp()
			w.restart(t)
			p.target.Store(w.address())
		}
	}
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, long, resident.ClipOptions{})}}
	sent, err := x.Send(t.Context(), share, resident.SendOptions{Patience: 20 * time.Second, Progress: progress})
	if err != nil || restarted != 2 {
		t.Fatalf("after %d restarts: %v", restarted, err)
	}
	wantClip(t, w.receive(t, sent.Receipt.Share), 0, cleaned(t, read(t, long), media.Options{}), read(t, long))
}

// restart closes the exchange and serves it anew, at another address.
func (w *world) restart(t testing.TB) {
	t.Helper()
	w.Server.CloseClientConnections()
	w.Server.Close()
	if err := w.Node.Close(); err != nil {
		t.Error(err)
	}
	n, err := node.Open(context.Background(), w.Opts)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { n.Close() })
	h, err := n.Handler(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	w.Node = n
	w.Server = serve(t, h)
	client := *w.Police.Custodian.Client
	client.Base = w.Server.URL
	w.Police.Custodian.Client = &client
	w.x = resident.New(w.Server.URL, w.x.Verifier)
}

// TestResume stops the program at random places, again and again, and goes on each time from what was kept.
func TestResume(t *testing.T) {
	w := start(t)
	rng := rand.New(rand.NewPCG(5, 6))
	folder := resident.Folder{Dir: filepath.Join(t.TempDir(), "unfinished")}
	long, short := w.longFilm(t, 3, 16<<20+5), w.film(t, "short.mp4", sample.Film{Seed: 4})
	ctx, stop := context.WithCancel(t.Context())
	options := func() resident.SendOptions {
		after := rng.Int64N(20 << 20)
		return resident.SendOptions{Keep: folder.Save, Progress: func(done, _ int64) {
			if done > after {
				stop()
			}
		}}
	}
	share := resident.Share{Request: w.request(t), Language: "en", Message: "Once.", Clips: []*resident.Clip{open(t, short, resident.ClipOptions{KeepName: true}), open(t, long, resident.ClipOptions{})}}
	sent, err := w.x.Send(ctx, share, options())
	stops := 0
	for ; errors.Is(err, context.Canceled); stops++ {
		if stops > 100 {
			t.Fatal("it never comes to an end")
		}
		all, lerr := folder.List(time.Now())
		if lerr != nil || len(all) != 1 || sent.Pending == nil {
			t.Fatalf("%d pending shares, %v", len(all), lerr)
		}
		ctx, stop = context.WithCancel(t.Context())
		sent, err = w.x.Resume(ctx, all[0], options())
	}
	stop()
	if err != nil || stops < 2 {
		t.Fatalf("after %d stops: %v", stops, err)
	}
	got := w.receive(t, sent.Receipt.Share)
	wantClip(t, got, 0, cleaned(t, read(t, short), media.Options{}), read(t, short))
	wantClip(t, got, 1, cleaned(t, read(t, long), media.Options{}), read(t, long))
	if got.manifest.Message != "Once." || got.manifest.Clips[0].Name != "short.mp4" {
		t.Errorf("the manifest lost something: %+v", got.manifest)
	}
	if err := folder.Remove(sent.Pending); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	if _, err := w.x.Mailbox(t.Context(), sent.Secret); err != nil {
		t.Error(err)
	}
}

// stopped begins a share of one long film and stops in the middle. It returns the film's path and the pending share.
func (w *world) stopped(t *testing.T) (string, *resident.Pending, resident.Folder) {
	t.Helper()
	folder := resident.Folder{Dir: filepath.Join(t.TempDir(), "unfinished")}
	long := w.longFilm(t, 9, 12<<20)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, long, resident.ClipOptions{})}}
	_, err := w.x.Send(ctx, share, resident.SendOptions{Keep: folder.Save, Progress: func(done, total int64) {
		if done > total/2 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopping gave %v", err)
	}
	all, err := folder.List(time.Now())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d pending shares, %v", len(all), err)
	}
	return long, all[0], folder
}

// TestResumeRefuses what is not the same any more: other bytes may never go out under the same file key.
func TestResumeRefuses(t *testing.T) {
	w := start(t)
	t.Run("changed", func(t *testing.T) {
		long, p, _ := w.stopped(t)
		if err := os.WriteFile(long, append(read(t, long)[:4<<20], noise(1, 8<<20)...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.x.Resume(t.Context(), p, resident.SendOptions{}); !errors.Is(err, footage.Conflict) && !errors.Is(err, footage.Invalid) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("changed in secret", func(t *testing.T) {
		long, p, _ := w.stopped(t)
		info, err := os.Stat(long)
		if err != nil {
			t.Fatal(err)
		}
		raw := read(t, long)
		i := bytes.Index(raw, []byte("mdat")) + 2000 // in the film itself
		raw[i] ^= 1
		if err := errors.Join(os.WriteFile(long, raw, 0o600), os.Chtimes(long, info.ModTime(), info.ModTime())); err != nil {
			t.Fatal(err)
		}
		if len(p.Clips[0].Segments) == 0 {
			t.Fatal("no segment was kept, so this test would prove nothing")
		}
		if _, err := w.x.Resume(t.Context(), p, resident.SendOptions{}); !errors.Is(err, footage.Gone) {
			t.Errorf("got %v, want gone", err)
		}
	})
	t.Run("missing", func(t *testing.T) {
		long, p, _ := w.stopped(t)
		if err := os.Remove(long); err != nil {
			t.Fatal(err)
		}
		if _, err := w.x.Resume(t.Context(), p, resident.SendOptions{}); !errors.Is(err, footage.NotFound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("forgotten", func(t *testing.T) {
		_, p, folder := w.stopped(t)
		late := resident.New(w.Server.URL, w.x.Verifier)
		late.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
		if _, err := late.Resume(t.Context(), p, resident.SendOptions{}); !errors.Is(err, footage.Gone) {
			t.Errorf("got %v", err)
		}
		if all, err := folder.List(late.Now()); err != nil || len(all) != 0 {
			t.Errorf("%d pending shares are left, %v", len(all), err)
		}
	})
	t.Run("damaged", func(t *testing.T) {
		_, _, folder := w.stopped(t)
		files, err := filepath.Glob(filepath.Join(folder.Dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read the keys: %v", err)
		}
		raw := read(t, files[0])
		if err := os.WriteFile(files[0], raw[:len(raw)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := folder.List(time.Now()); !errors.Is(err, footage.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}

// TestNotKept says what helps when the folder cannot be written.
func TestNotKept(t *testing.T) {
	w := start(t)
	folder := resident.Folder{Dir: filepath.Join(write(t, "file", []byte("in the way")), "unfinished")}
	share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, w.longFilm(t, 30, 1<<20), resident.ClipOptions{})}}
	if _, err := w.x.Send(t.Context(), share, resident.SendOptions{Keep: folder.Save}); !errors.Is(err, footage.Full) || !strings.Contains(err.Error(), "--no-resume") {
		t.Errorf("got %v", err)
	}
}
