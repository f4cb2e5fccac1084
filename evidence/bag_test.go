package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// TestWriteBag writes a whole package, in which the terms travel for people and for programs (D6).
func TestWriteBag(t *testing.T) {
	s := newShare(t)
	s.amend(footage.Amended, "Also the alley.")
	s.root()
	dir := filepath.Join(t.TempDir(), "bag")
	var steps []int64
	p := s.pack()
	p.Progress = func(done, total int64) {
		if total != 75_000 {
			t.Errorf("total %d", total)
		}
		steps = append(steps, done)
	}
	hash, err := WriteBag(t.Context(), dir, p)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := BagHash(dir); err != nil || again != hash {
		t.Errorf("hash %s, written %s, %v", again, hash, err)
	}
	if !slices.IsSorted(steps) || steps[len(steps)-1] != 75_000 {
		t.Errorf("progress %v", steps)
	}
	want := []string{"bag-info.txt", "bagit.txt", "data/certificate-draft.txt", "data/clips/Einfahrt Süd 50- (2).mov", "data/clips/clip-01.mp4", "data/consent.txt", "data/custody.json", "data/manifest.json",
		"data/package.json", "data/receipt.json", "data/report.html", "data/request/bundle.json", "data/request/document.json", "data/request/record.json", "data/request/update-01.json",
		"data/terms.json", "data/terms.txt", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "tagmanifest-sha512.txt"}
	if diff := cmp.Diff(want, filesOf(t, dir)); diff != "" {
		t.Error(diff)
	}
	raw, err := os.ReadFile(filepath.Join(dir, documentPath))
	if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != string(s.id()) {
		t.Errorf("the document does not hash to the request's ID: %v", err)
	}
	if f := s.verify(dir); f.Failed() {
		t.Errorf("%+v", f)
	}
}

// TestBagByOtherPrograms lets the system's own tools check every hash (D8).
func TestBagByOtherPrograms(t *testing.T) {
	dir := newShare(t).bag()
	for tool, lists := range map[string][]string{
		"sha256sum": {"manifest-sha256.txt", "tagmanifest-sha256.txt"}, "sha512sum": {"manifest-sha512.txt", "tagmanifest-sha512.txt"}} {
		path, err := exec.LookPath(tool)
		if err != nil {
			if os.Getenv("PORCHLIGHT_REQUIRE_ALL") == "1" {
				t.Fatal(err)
			}
			t.Skipf("%s is not installed", tool)
		}
		check := func(list string) error {
			cmd := exec.Command(path, "--check", "--strict", "--quiet", list)
			cmd.Dir = dir
			return cmd.Run()
		}
		for _, list := range lists {
			if err := check(list); err != nil {
				t.Errorf("%s %s: %v", tool, list, err)
			}
		}
	}
	flip(t, filepath.Join(dir, "data/receipt.json"), 10, 1)
	cmd := exec.Command("sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt")
	cmd.Dir = dir
	if cmd.Run() == nil {
		t.Error("the judge passes a changed file")
	}
}

func TestFindingsOfAGoodBag(t *testing.T) {
	s := newShare(t)
	dir := s.bag()
	type line struct {
		Level Level
		Code  string
	}
	var got []line
	for _, x := range s.verify(dir) {
		got = append(got, line{x.Level, x.Code})
		if !strings.HasSuffix(x.Text, ".") {
			t.Errorf("%s: %q is no sentence", x.Code, x.Text)
		}
	}
	clip := func(original, capture line) []line {
		return []line{{OK, "clip_hash"}, original, capture, {Warn, "rung_maker_signature"}, {Warn, "rung_maker_service"}, {Warn, "rung_hash_at_capture"}, {OK, "rung_hash_at_sending"}, {Warn, "rung_origin_unknown"}}
	}
	want := []line{{OK, "bag_whole"}, {OK, "manifest_signature"}, {OK, "pinned_key"}, {Warn, "fictional_exchange"}, {OK, "request_published"}, {OK, "request_signed"}, {OK, "consent"}, {OK, "terms"},
		{OK, "manifest_binding"}, {OK, "receipt"}, {OK, "custody_chain"}, {OK, "manifest_vouched"}, {OK, "custody_root"}}
	want = append(append(want, clip(line{Warn, "clip_derived"}, line{OK, "capture_window"})...), clip(line{OK, "clip_original"}, line{OK, "capture_window"})...)
	if diff := cmp.Diff(append(want, line{OK, "report"}), got); diff != "" {
		t.Error(diff)
	}
	first, err := VerifyBag(t.Context(), dir, VerifyOptions{})
	if x, ok := first.Find("first_use_key"); err != nil || first.Failed() || !ok || x.Level != Warn {
		t.Errorf("without a pinned key: %+v, %v", first, err)
	}
	other := newWorld(t)
	_, other.logKey = logKeys(t, testOrigin, "other")
	f, err := VerifyBag(t.Context(), dir, VerifyOptions{Trust: Trust{Verifier: other.logKey}})
	if x, _ := f.Find("bad_checkpoint"); err != nil || x.Level != Fail {
		t.Errorf("with another key pinned: %+v, %v", f, err)
	}
}

func flip(t testing.TB, name string, at int64, bits byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= bits
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedByte flips a byte at several places of every file, and many in the tag files, which nothing else guards.
func TestFlippedByte(t *testing.T) {
	s := newShare(t)
	dir := s.bag()
	for _, name := range filesOf(t, dir) {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		size := info.Size()
		places := []int64{0, size / 3, size / 2, size - 1}
		if strings.HasPrefix(name, "tagmanifest") {
			for i := int64(0); i < size; i += 7 {
				places = append(places, i)
			}
		}
		for i, place := range places {
			bits := []byte{0x20, 0x01}[i%2] // 0x20 turns a letter's case
			flip(t, path, place, bits)
			if !s.verify(dir).Failed() {
				t.Errorf("%s: bits %#x of byte %d flipped, and nobody noticed", name, bits, place)
			}
			flip(t, path, place, bits)
		}
	}
	if s.verify(dir).Failed() {
		t.Error("flipped back, the bag fails: the test proved nothing")
	}
}

// TestBrokenBag breaks a bag without making its manifests anew.
func TestBrokenBag(t *testing.T) {
	good := goodBag(t)
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	edit := func(name, old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			must(t, err)
			changed := strings.Replace(string(raw), old, new, 1)
			if changed == string(raw) {
				t.Fatalf("%s holds no %q", name, old)
			}
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600))
		}
	}
	add := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
		}
	}
	for _, c := range []struct {
		name, want string
		do         func(*testing.T, string)
	}{
		{"clip removed", "bag_missing", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "data/clips/clip-01.mp4"))) }},
		{"clip cut short", "bag_changed", func(t *testing.T, dir string) {
			must(t, os.Truncate(filepath.Join(dir, "data/clips/clip-01.mp4"), 69_999))
		}},
		{"clip longer", "bag_changed", func(t *testing.T, dir string) {
			must(t, os.Truncate(filepath.Join(dir, "data/clips/clip-01.mp4"), 70_001))
		}},
		{"receipt removed", "paper_missing", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "data/receipt.json"))) }},
		{"clip added", "bag_unlisted", add("data/clips/clip-02.mp4")},
		{"tag file added", "bag_unlisted", add("notes.txt")},
		{"fetch file added", "bag_unlisted", add("fetch.txt")},
		{"declaration removed", "bag_declaration", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "bagit.txt"))) }},
		{"declaration of another version", "bag_declaration", edit("bagit.txt", "1.0", "0.97")},
		{"manifest removed", "bag_manifest", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "manifest-sha512.txt"))) }},
		{"tag manifest removed", "bag_manifest", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "tagmanifest-sha256.txt"))) }},
		{"path out of the bag", "bag_path", edit("manifest-sha256.txt", "data/consent.txt", "data/../../etc/passwd")},
		{"absolute path", "bag_path", edit("manifest-sha256.txt", "data/consent.txt", "/etc/passwd")},
		{"drive path", "bag_path", edit("manifest-sha256.txt", "data/consent.txt", `C:\consent.txt`)},
		{"payload named in tag manifest", "bag_missing", edit("tagmanifest-sha256.txt", "bagit.txt", "data/receipt.json")},
		{"oxum", "bag_oxum", edit("bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1")},
		{"symlink to a file", "bag_irregular", func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "data/consent.txt"), filepath.Join(dir, "..", "outside")))
			must(t, os.Symlink("../../outside", filepath.Join(dir, "data/consent.txt")))
		}},
		{"symlink to a folder", "bag_irregular", func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "data/request"), filepath.Join(dir, "..", "request")))
			must(t, os.Symlink("../../request", filepath.Join(dir, "data/request")))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, dir := good.copy(t)
			c.do(t, dir)
			if x, ok := s.verify(dir).Find(c.want); !ok || x.Level != Fail {
				t.Errorf("no failing %s in %+v", c.want, s.verify(dir))
			}
		})
	}
}

func TestVerifyBagErrors(t *testing.T) {
	if _, err := VerifyBag(t.Context(), filepath.Join(t.TempDir(), "nothing"), VerifyOptions{}); err == nil {
		t.Error("a folder that is not there was checked")
	}
	f, err := VerifyBag(t.Context(), t.TempDir(), VerifyOptions{})
	if err != nil || !f.Failed() {
		t.Errorf("an empty folder: %v, %v", f, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := VerifyBag(ctx, newShare(t).bag(), VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestRefusedPackage shows that WriteBag leaves nothing behind when it cannot write a package that would hold.
func TestRefusedPackage(t *testing.T) {
	broken := errors.New("the disk is gone")
	reading := func(r io.Reader) Source {
		return Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(r), nil }}
	}
	for _, c := range []struct {
		name string
		do   func(*share, *Package)
		want error
	}{
		{"a clip with another byte", func(s *share, p *Package) {
			data := bytes.Clone(s.clips[s.m.Clips[1].ID])
			data[100] ^= 1
			p.Clips[s.m.Clips[1].ID] = reading(bytes.NewReader(data))
		}, footage.Untrusted},
		{"a clip with its padding", func(s *share, p *Package) {
			p.Clips[s.m.Clips[0].ID] = reading(io.MultiReader(bytes.NewReader(s.clips[s.m.Clips[0].ID]), bytes.NewReader(make([]byte, 100))))
		}, footage.Untrusted},
		{"a clip that is not there", func(s *share, p *Package) { delete(p.Clips, s.m.Clips[1].ID) }, footage.NotFound},
		{"a clip that cannot be opened", func(s *share, p *Package) {
			p.Clips[s.m.Clips[0].ID] = Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, broken }}
		}, broken},
		{"a clip that breaks off", func(s *share, p *Package) {
			p.Clips[s.m.Clips[0].ID] = reading(io.MultiReader(strings.NewReader("begin"), errReader{broken}))
		}, broken},
		{"a receipt by somebody else", func(_ *share, p *Package) { _ = p.Receipt.Sign(edKey("forger")) }, footage.Untrusted},
		{"a custody chain with a gap", func(_ *share, p *Package) { p.Custody.Events = slices.Delete(slices.Clone(p.Custody.Events), 2, 3) }, footage.Untrusted},
		{"a manifest that is none", func(_ *share, p *Package) { p.Manifest = []byte("{}") }, footage.Invalid},
		{"another exchange pinned", func(s *share, p *Package) { _, p.Trust.Verifier = logKeys(s.t, "other.example/log", "x") }, footage.Untrusted},
		{"a case number of two lines", func(_ *share, p *Package) { p.Info.Case = "1\nPayload-Oxum: 0.0" }, footage.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShare(t)
			p := s.pack()
			c.do(s, &p)
			parent := t.TempDir()
			if _, err := WriteBag(t.Context(), filepath.Join(parent, "bag"), p); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	t.Run("something there already", func(t *testing.T) {
		s := newShare(t)
		if _, err := WriteBag(t.Context(), t.TempDir(), s.pack()); !errors.Is(err, footage.Conflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		parent := t.TempDir()
		if _, err := WriteBag(ctx, filepath.Join(parent, "bag"), newShare(t).pack()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if left, _ := os.ReadDir(parent); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// TestLinkedClips shows that a clip that lies on the same file system is not copied, and that neutral names hide the kept.
func TestLinkedClips(t *testing.T) {
	s := newShare(t)
	p := s.pack()
	p.Info.Neutral = true
	parent := t.TempDir()
	for clipID, data := range s.clips {
		name := filepath.Join(parent, string(clipID))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p.Clips[clipID] = Source{Path: name}
	}
	dir := filepath.Join(parent, "bag")
	if _, err := WriteBag(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	for i, clip := range s.m.Clips {
		from, err1 := os.Stat(filepath.Join(parent, string(clip.ID)))
		to, err2 := os.Stat(filepath.Join(dir, clipFolder, []string{"clip-01.mp4", "clip-02.mov"}[i]))
		if err1 != nil || err2 != nil || !os.SameFile(from, to) {
			t.Errorf("%s was copied: %v, %v", clip.Name, err1, err2)
		}
	}
	if f := s.verify(dir); f.Failed() {
		t.Errorf("%+v", f)
	}
	p.Clips[s.m.Clips[0].ID] = Source{Path: parent}
	if _, err := WriteBag(t.Context(), filepath.Join(parent, "other"), p); footage.KindOf(err) != footage.Invalid {
		t.Errorf("a folder as a clip: %v", err)
	}
}

// TestConstantMemory writes and checks a package with a clip of 96 MiB, or of PORCHLIGHT_BAG_MIB, and counts what was allocated.
func TestConstantMemory(t *testing.T) {
	mib := int64(96)
	if v := os.Getenv("PORCHLIGHT_BAG_MIB"); v != "" {
		var err error
		if mib, err = strconv.ParseInt(v, 10, 32); err != nil {
			t.Fatal(err)
		}
	}
	size := mib << 20
	s := newShare(t)
	zeros := func() io.Reader { return io.LimitReader(zeroReader{}, size) }
	h, err := hashStream(t.Context(), newChunk(), zeros(), io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	clip := &s.m.Clips[0]
	clip.Size, clip.Padded, clip.Sealed.Size, clip.SHA256 = size, size+1, size+2, h.sha256
	s.seal()
	p := s.pack()
	p.Clips[clip.ID] = Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(zeros()), nil }}
	dir := filepath.Join(t.TempDir(), "bag")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := WriteBag(t.Context(), dir, p); err != nil {
		t.Fatal(err)
	}
	var last int64
	f, err := VerifyBag(t.Context(), dir, VerifyOptions{Trust: s.pin(), Now: noon.Add(48 * time.Hour), Progress: func(done, total int64) { last = total - done }})
	runtime.ReadMemStats(&after)
	if err != nil || f.Failed() || last != 0 {
		t.Errorf("%v, %v, %d bytes not reported", f.Summary(), err, last)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%d MiB allocated for a clip of %d MiB", used>>20, mib)
	} else {
		t.Logf("%d MiB allocated, %d MiB from the system, for a clip of %d MiB", used>>20, after.Sys>>20, mib)
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// BenchmarkHashStream makes both hashes of 64 MiB, the cost that governs writing and checking a package.
func BenchmarkHashStream(b *testing.B) {
	b.SetBytes(64 << 20)
	for b.Loop() {
		if _, err := hashStream(b.Context(), newChunk(), io.LimitReader(zeroReader{}, 64<<20), io.Discard, nil); err != nil {
			b.Fatal(err)
		}
	}
}
