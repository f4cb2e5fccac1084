package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// films are clips of every layout that the sampler makes, real footage where it is at hand, and what is no clip.
func films(t *testing.T) map[string][]byte {
	t.Helper()
	film := sample.Film{Seed: 7, Duration: 3 * time.Second, Start: time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)}
	out := map[string][]byte{"plain.mp4": film.Bytes(), "empty.mp4": {}, "text.mp4": []byte("This is no film, whatever its name says. It goes on for a while."),
		"cut.mp4": film.Bytes()[:2000], "picture.png": append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 600)...)}
	film.Plant = sample.Plant{Position: "+41.8781-087.6298/", Serial: "SERIAL", Owner: "OWNER", Title: "TITLE", Handler: "HANDLER", Encoder: "ENCODER",
		Sound: "SOUND", Track: "TRACK", Message: "MESSAGE", Free: "FREE", Tail: "a tail behind the end", Gap: "GAP"}
	out["everything.mp4"] = film.Bytes()
	film.Container = sample.MOV
	out["everything.mov"] = film.Bytes()
	real, err := filepath.Glob("../../../shared/footage/*.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range real {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = raw
	}
	return out
}

// TestCleanInNode: the page takes out of films what the program does, byte by byte, says the same of it, and refuses with the
// same codes.
func TestCleanInNode(t *testing.T) {
	dir, clips, out := built(t), t.TempDir(), t.TempDir()
	all := films(t)
	for name, raw := range all {
		if err := os.WriteFile(filepath.Join(clips, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	node(t, filepath.Join(dir, "clean.test.mjs"), "CLIPS="+clips, "OUT="+out)
	cleaned := 0
	for name, raw := range all {
		for suffix, keep := range map[string]bool{"-false": false, "-true": true} {
			want, err := media.Clean(bytes.NewReader(raw), int64(len(raw)), media.Options{KeepAudio: keep})
			if err != nil {
				var own *footage.Error
				if code, _ := os.ReadFile(filepath.Join(out, name+suffix+".code")); !errors.As(err, &own) || string(code) != own.Code {
					t.Errorf("%s is refused as %q, want %v", name, code, err)
				}
				continue
			}
			cleaned++
			compareClean(t, filepath.Join(out, name+suffix), raw, want)
		}
	}
	if cleaned < 6 {
		t.Errorf("only %d films were cleaned", cleaned)
	}
}

func compareClean(t *testing.T, path string, original []byte, want *media.Cleaned) {
	t.Helper()
	wanted, err := io.ReadAll(io.NewSectionReader(want, 0, want.Size))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		code, _ := os.ReadFile(path + ".code")
		t.Fatalf("%v: refused as %s", err, code)
	}
	if !bytes.Equal(got, wanted) {
		t.Errorf("%s is another copy than the program's", filepath.Base(path))
	}
	var said struct {
		Created  int64
		Edits    []struct{ Code, What string }
		Seconds  float64
		HasAudio bool
		Format   string
	}
	raw, err := os.ReadFile(path + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil {
		t.Fatal(err)
	}
	var edits []struct{ Code, What string }
	for _, e := range want.Edits {
		edits = append(edits, struct{ Code, What string }(e))
	}
	if d := cmp.Diff(edits, said.Edits); d != "" {
		t.Errorf("%s: edits (-program +page):\n%s", filepath.Base(path), d)
	}
	clip, err := media.Inspect(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		t.Fatal(err)
	}
	created := int64(0)
	if !clip.Created.IsZero() {
		created = clip.Created.Unix()
	}
	if said.Created != created || math.Abs(said.Seconds-clip.Duration.Seconds()) > 0.01 || said.HasAudio != clip.HasAudio() || said.Format != string(clip.Format) {
		t.Errorf("%s: %+v, want %v, %v, %v, %v", filepath.Base(path), said, created, clip.Duration, clip.HasAudio(), clip.Format)
	}
}
