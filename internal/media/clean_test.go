package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// copies are a clip and its two cleaned copies, as files. If the clip has no sound they are one and the same.
type copies struct {
	recipe
	original, mute, sounding string
}

// TestCleanMovies makes clips of every sort and lets programs of others judge the cleaned copies (C9, N7).
func TestCleanMovies(t *testing.T) {
	need(t, "ffmpeg", "ffprobe", "exiftool")
	dir := t.TempDir()
	stock(t, dir)
	var made []*copies
	t.Run("clip", func(t *testing.T) {
		for _, r := range recipes(t) {
			c := &copies{recipe: r, mute: filepath.Join(dir, "mute-"+r.name), sounding: filepath.Join(dir, "sounding-"+r.name)}
			made = append(made, c)
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.original = r.make(t, dir)
				c.clean(t)
				c.probed(t)
				c.played(t)
			})
		}
	})
	if !t.Failed() {
		judgeTags(t, made)
	}
}

// clean makes the copies.
func (c *copies) clean(t *testing.T) {
	before := read(t, c.original)
	mute, sounding := cleaned(t, before, media.Options{}), cleaned(t, before, media.Options{KeepAudio: true})
	write(t, c.mute, mute)
	if write(t, c.sounding, sounding); bytes.Equal(mute, sounding) {
		c.sounding = c.mute
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// cleaned cleans a clip and holds the copy to what [media.Clean] promises.
func cleaned(t testing.TB, data []byte, opts media.Options) []byte {
	t.Helper()
	original := bytes.Clone(data)
	c, err := media.Clean(bytes.NewReader(data), int64(len(data)), opts)
	if err != nil {
		t.Fatalf("clean: %v", err)
	}
	out, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil || int64(len(out)) != c.Size {
		t.Fatalf("read %d bytes of %d: %v", len(out), c.Size, err)
	}
	if c.Size != int64(len(data)) && !bytes.HasPrefix(data, []byte{0xFF, 0xD8}) {
		t.Errorf("%d bytes became %d", len(data), c.Size)
	}
	again, err := media.Clean(bytes.NewReader(data), int64(len(data)), opts)
	if err != nil || !cmp.Equal(again.Edits, c.Edits) || !bytes.Equal(drawn(t, again), out) {
		t.Errorf("cleaned again, the copy is another: %v", err)
	}
	if !bytes.Equal(original, data) {
		t.Error("cleaning changed the original")
	}
	cleanedTwice(t, out, opts)
	return out
}

// drawn reads the copy in pieces of random lengths, backwards, so that none follows from the one before.
func drawn(t testing.TB, c *media.Cleaned) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, c.Size)
	for end := c.Size; end > 0; {
		n := min(end, 1+random.Int64N(5000))
		if got, err := c.ReadAt(out[end-n:end], end-n); int64(got) != n || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("read %d bytes at %d: %d, %v", n, end-n, got, err)
		}
		end -= n
	}
	if n, err := c.ReadAt(make([]byte, 10), c.Size-4); n != min(4, int(c.Size)) || !errors.Is(err, io.EOF) {
		t.Errorf("read past the end: %d, %v", n, err)
	}
	if n, err := c.ReadAt(make([]byte, 1), c.Size); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("read behind the end: %d, %v", n, err)
	}
	return out
}

// cleanedTwice checks that there is nothing to clean in what is clean.
func cleanedTwice(t testing.TB, out []byte, opts media.Options) {
	t.Helper()
	twice, err := media.Clean(bytes.NewReader(out), int64(len(out)), opts)
	if err != nil {
		t.Fatalf("clean what is clean: %v", err)
	}
	if !bytes.Equal(drawn(t, twice), out) {
		t.Errorf("cleaning what is clean changes it: %v", twice.Edits)
	}
}

// probed asks ffprobe.
func (c *copies) probed(t *testing.T) {
	before, mute, sounding := ffprobe(t, c.original), ffprobe(t, c.mute), ffprobe(t, c.sounding)
	for _, f := range slices.Concat(mute.faults(), sounding.faults()) {
		t.Error(f)
	}
	if kinds := mute.kinds(); kinds != "video" {
		t.Errorf("the mute copy has %s", kinds)
	}
	if got, want := sounding.kinds(), before.kinds(); got != want {
		t.Errorf("the copy with sound has %s, want %s", got, want)
	}
	if left, all := before.soundLeft(read(t, c.mute)); left > 0 || strings.Contains(before.kinds(), "audio") != (all > 0) {
		t.Errorf("%d bytes of %d are left of the sound", left, all)
	}
	if mute.rotation() != before.rotation() {
		t.Errorf("turned by %d, want %d", mute.rotation(), before.rotation())
	}
	if !c.plain && c.path == "" && len(before.faults()) == 0 {
		t.Error("ffprobe finds nothing in the original either")
	}
}

// played asks ffmpeg.
func (c *copies) played(t *testing.T) {
	before := play(t, c.original)
	if c.sounding != c.mute {
		if diff := cmp.Diff(before, play(t, c.sounding)); diff != "" {
			t.Errorf("the copy with sound shows or sounds otherwise (-original +copy):\n%s", diff)
		}
		before.Sound = nil
	}
	if diff := cmp.Diff(before, play(t, c.mute)); diff != "" {
		t.Errorf("the mute copy shows otherwise (-original +copy):\n%s", diff)
	}
}

// judgeTags asks exiftool about all files at once, and looks for the secrets themselves.
func judgeTags(t *testing.T, made []*copies) {
	var paths []string
	for _, c := range made {
		paths = append(paths, c.original, c.mute, c.sounding)
	}
	faults := exiftool(t, paths...)
	for _, c := range made {
		for _, path := range []string{c.mute, c.sounding} {
			for _, f := range slices.Concat(faults[path], secretsIn(t, path, c.secrets)) {
				t.Errorf("%s: %s", filepath.Base(path), f)
			}
		}
		for _, f := range secretsIn(t, c.mute, c.spoken) {
			t.Errorf("%s: %s of the sound", filepath.Base(c.mute), f)
		}
		if got := secretsIn(t, c.original, c.secrets); len(got) != len(c.secrets) {
			t.Errorf("%s holds only %v of %v", c.name, got, c.secrets)
		}
		if len(faults[c.original]) == 0 {
			t.Errorf("%s: exiftool finds nothing in the original either", c.name)
		}
	}
}

// TestJudges shows that the judges see each single fault put into a clean copy.
func TestJudges(t *testing.T) {
	need(t, "ffmpeg", "ffprobe", "exiftool")
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		write(t, path, data)
		return path
	}
	original := everything(sample.MP4)
	mute, sounding := cleaned(t, original, media.Options{}), cleaned(t, original, media.Options{KeepAudio: true})
	paths := map[string]string{}
	for _, tag := range []string{"-UserData:GPSCoordinates=41.8,-87.6", "-Keys:Make=ACME", "-XMP:SerialNumber=1", "-ItemList:Title=Home", "-QuickTime:TrackModifyDate=2026:01:02 03:04:05"} {
		path := file(fmt.Sprint(len(paths), ".mp4"), mute)
		if run(t, "exiftool", "-q", "-overwrite_original", "-api", "QuickTimeHandler=0", tag, path); !bytes.Equal(read(t, path), mute) {
			paths[path] = tag
		}
	}
	if len(paths) < 4 {
		t.Errorf("only %v could be written", paths)
	}
	faults := exiftool(t, slices.Collect(maps.Keys(paths))...)
	for path, tag := range paths {
		if len(faults[path]) == 0 {
			t.Errorf("exiftool passes %s", tag)
		}
	}
	if left, all := ffprobe(t, file("original.mp4", original)).soundLeft(sounding); left < all/2 {
		t.Errorf("of %d bytes of sound only %d are seen", all, left)
	}
	if p := ffprobe(t, file("sounding.mp4", sounding)); p.kinds() != "video audio" {
		t.Errorf("ffprobe finds %s", p.kinds())
	}
	good := file("mute.mp4", mute)
	i := bytes.Index(mute, []byte("mdat"))
	mute[i+20_000] ^= 1
	if cmp.Equal(play(t, good), play(t, file("other.mp4", mute))) {
		t.Error("ffmpeg sees no change in a picture")
	}
	if len(secretsIn(t, file("spoken.mp4", sounding), []string{"SOUND-CANARY", "OTHER"})) != 1 {
		t.Error("a secret is not found")
	}
}
