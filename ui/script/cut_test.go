package script

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/testenv"
)

// toCut are the sampler's film, and films with key pictures a second apart: with pictures that are shown in another order than
// they are coded in and sound that begins late, with pictures that lean on those before a key picture, and of H.265.
func toCut(t *testing.T, dir string) []string {
	t.Helper()
	film := sample.Film{Seed: 7, Duration: 8 * time.Second, Start: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC), Plant: sample.Plant{Sound: "SOUND", Serial: "SERIAL"}}
	if err := os.WriteFile(filepath.Join(dir, "sample.mp4"), film.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out := []string{"sample.mp4"}
	for name, args := range map[string]string{
		"reordered.mp4": "-c:v libx264 -preset ultrafast -bf 3 -x264opts bframes=3:b-adapt=0 -g 20 -c:a aac -af adelay=300 -movflags +faststart",
		"open.mov":      "-c:v libx264 -preset ultrafast -bf 2 -x264opts open_gop=1:keyint=20:bframes=2:b-adapt=0 -c:a pcm_s16le",
		"h265.mp4":      "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=20 -tag:v hvc1 -an",
	} {
		line := append(strings.Fields("-v error -f lavfi -i testsrc=size=160x120:rate=20:duration=4 -f lavfi -i sine=duration=4 -shortest"), strings.Fields(args)...)
		if said, err := exec.Command("ffmpeg", append(line, filepath.Join(dir, name))...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, said)
		}
		out = append(out, name)
	}
	return out
}

// frame is one picture as ffmpeg shows it.
type frame struct {
	at  float64 // seconds
	sum string
}

// frames has ffmpeg show every picture of a film.
func frames(t *testing.T, path string) []frame {
	t.Helper()
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, raw)
	}
	var out []frame
	scale := 1.0
	for line := range strings.Lines(string(raw)) {
		if after, found := strings.CutPrefix(line, "#tb 0: 1/"); found {
			scale, _ = strconv.ParseFloat(strings.TrimSpace(after), 64)
		}
		f := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(f) < 6 {
			continue
		}
		at, err := strconv.ParseFloat(strings.TrimSpace(f[2]), 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, frame{at / scale, strings.TrimSpace(f[5])})
	}
	return out
}

// TestCutInNode: what the page cuts out of a film are exactly its pictures of that part, from the key picture before on, at
// their times, as ffmpeg sees them; the program finds nothing in it that gives its owner away, and the manifest's hashes are
// those of the copy and of the whole original. C10.
func TestCutInNode(t *testing.T) {
	for _, tool := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(tool); err != nil {
			testenv.Skip(t, "there is no "+tool)
		}
	}
	dir, clips, out := built(t), t.TempDir(), t.TempDir()
	names := toCut(t, clips)
	node(t, filepath.Join(dir, "cut.test.mjs"), "CLIPS="+clips, "OUT="+out, "RECIPIENT="+twinIdentity(t).Recipient())
	for _, name := range names {
		whole := frames(t, filepath.Join(clips, name))
		original, err := os.ReadFile(filepath.Join(clips, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []float64{1.2, 2} {
			path := filepath.Join(out, name+"-"+strconv.FormatFloat(from, 'f', -1, 64))
			compareCut(t, path, original, whole, from)
		}
	}
}

func compareCut(t *testing.T, path string, original []byte, whole []frame, from float64) {
	t.Helper()
	name := filepath.Base(path)
	raw, err := os.ReadFile(path)
	if err != nil {
		code, _ := os.ReadFile(path + ".code")
		t.Fatalf("%s is refused: %s", name, code)
	}
	var said struct {
		Part struct{ From, To float64 }
		// The hashes of copy and original.
		SHA256, Original string
		Edits            []struct{ Code, What string }
	}
	if line, err := os.ReadFile(path + ".json"); err != nil || json.Unmarshal(line, &said) != nil {
		t.Fatal(err)
	}
	reach := 1.01 // seconds between key pictures; the sampler has one alone
	if strings.HasPrefix(name, "sample") {
		reach = from
	}
	if said.Part.From > from || said.Part.From < from-reach || said.Edits[0].Code != "trimmed" {
		t.Errorf("%s begins at %v, %+v", name, said.Part.From, said.Edits)
	}
	if said.SHA256 != footage.Hash(raw) || said.Original != footage.Hash(original) {
		t.Errorf("%s has other hashes than are stated", name)
	}
	got := frames(t, path)
	start := slices.IndexFunc(whole, func(f frame) bool { return f.at >= said.Part.From-0.001 })
	wanted := slices.IndexFunc(whole, func(f frame) bool { return f.at >= said.Part.To-0.001 })
	if wanted < 0 {
		wanted = len(whole)
	}
	if n := wanted - start; len(got) < n || len(got) > n+4 {
		t.Errorf("%s has %d pictures, want %d", name, len(got), n)
	}
	for i, f := range got {
		if want := whole[min(start+i, len(whole)-1)]; i < wanted-start && (f.sum != want.sum || math.Abs(f.at-(want.at-said.Part.From)) > 0.01) {
			t.Fatalf("%s: picture %d is %v, want %v", name, i, f, want)
		}
	}
	clip, err := media.Inspect(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, f := range clip.Findings {
		if !f.Stays {
			t.Errorf("%s holds %s at %s", name, f.What, f.Where)
		}
	}
	before, err := media.Inspect(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := clip.Created, before.Created.Add(time.Duration(said.Part.From)*time.Second); clip.HasAudio() != before.HasAudio() || !before.Created.IsZero() && !got.Equal(want) {
		t.Errorf("%s has sound: %v, and was filmed at %v, want %v", name, clip.HasAudio(), got, want)
	}
	if d := clip.Duration.Seconds() - (said.Part.To - said.Part.From); math.Abs(d) > 0.15 {
		t.Errorf("%s lasts %v, want %v to %v", name, clip.Duration, said.Part.From, said.Part.To)
	}
}
