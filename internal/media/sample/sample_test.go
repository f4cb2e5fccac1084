package sample

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"porchlight.example/internal/testenv"
)

// TestFilmsPlay has ffmpeg decode films in every container: what it shows is what [Film.Frame] draws, bit by bit.
func TestFilmsPlay(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		testenv.Skip(t, "this test needs ffmpeg")
	}
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, f := range map[string]Film{
		"plain.mp4":      {Seed: 1, Duration: 6 * time.Second},
		"plain.mov":      {Seed: 2, Duration: time.Second, Container: MOV, Start: start},
		"fragmented.mp4": {Seed: 3, Duration: 2500 * time.Millisecond, Container: Fragmented, Plant: Plant{Message: "between"}},
		"sounding.mp4":   {Seed: 4, Plant: Plant{Sound: "sound", Track: "track", Position: "+41.8781-087.6298/", Tail: "TAIL"}},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		var want []byte
		for i := range f.Frames() {
			p := f.Frame(i)
			want = slices.Concat(want, p.Y, p.U, p.V)
		}
		if !bytes.Equal(out, want) {
			t.Errorf("%s shows %d bytes of pictures, not the %d that were drawn", name, len(out), len(want))
		}
		f.stated(t, path)
	}
}

// stated checks what ffprobe reads of the film's length and time.
func (f Film) stated(t *testing.T, path string) {
	out, err := exec.Command("ffprobe", "-v", "error", "-of", "json", "-show_format", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format struct {
			Duration string
			Tags     struct {
				Created time.Time `json:"creation_time"`
			}
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	seconds, err := time.ParseDuration(got.Format.Duration + "s")
	if want := time.Duration(f.Frames()) * time.Second / Rate; err != nil || seconds != want || !got.Format.Tags.Created.Equal(f.start()) {
		t.Errorf("%s: %v from %v, want %v from %v", path, seconds, got.Format.Tags.Created, want, f.start())
	}
}

func TestFilmsAreTheSame(t *testing.T) {
	f := Film{Seed: 9, Duration: 2 * time.Second, Plant: Plant{Sound: "sound"}}
	if !bytes.Equal(f.Bytes(), f.Bytes()) {
		t.Error("the same film made twice differs")
	}
	if bytes.Equal(Clip(1, time.Second), Clip(2, time.Second)) {
		t.Error("two seeds make the same film")
	}
	if got := (Film{Duration: time.Millisecond}).Frames(); got != Rate {
		t.Errorf("the shortest film has %d pictures", got)
	}
}
