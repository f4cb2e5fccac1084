package script

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
)

// brightness has ffmpeg show a part of every picture of a film, as brightness, as it is shown.
func brightness(t *testing.T, path string, x, y, w, h int) []byte {
	t.Helper()
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-fps_mode", "passthrough", "-vf", fmt.Sprintf("format=gray,crop=%d:%d:%d:%d", w, h, x, y), "-f", "rawvideo", "-").Output()
	if err != nil || len(raw) == 0 || len(raw)%(w*h) != 0 {
		t.Fatalf("%s: %d bytes: %v", path, len(raw), err)
	}
	return raw
}

// detail is how much points of a region differ from what lies on a line between their neighbours, on average.
func detail(raw []byte, w int) float64 {
	sum := 0.0
	for i := w; i+w < len(raw); i++ {
		if i%w == 0 || i%w == w-1 {
			continue
		}
		here := 2 * float64(raw[i])
		sum += math.Abs(float64(raw[i-1])+float64(raw[i+1])-here) + math.Abs(float64(raw[i-w])+float64(raw[i+w])-here)
	}
	return sum / float64(len(raw))
}

// TestBlurredInBrowser: a box that is moved with the keys lies over every picture that the agency gets, also of a film that a phone
// held upright: under it nothing can be told apart, outside it the pictures are what they were, each at its own time. C10.
func TestBlurredInBrowser(t *testing.T) {
	for _, upright := range []bool{false, true} {
		t.Run(fmt.Sprintf("upright=%v", upright), func(t *testing.T) { testBlurred(t, upright) })
	}
}

func testBlurred(t *testing.T, upright bool) {
	w := startSharing(t)
	width, height := 320, 180
	path, _ := record(t, "porch.mp4", w.Draft(0).Document.Window.From.Add(10*time.Minute), 3, strings.Fields("-vf noise=alls=50 -c:v libx264 -preset ultrafast -bf 2 -g 10 -c:a aac")...)
	if upright {
		width, height = height, width
		turned := filepath.Join(t.TempDir(), "upright.mp4")
		if said, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-c", "copy", "-map_metadata", "0", "-metadata:s:v:0", "rotate=90", turned).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		path = turned
	}
	w.open(path)
	w.tab.Eval(`document.querySelector(".clip-preview summary").click()`, nil)
	w.tab.Until(fmt.Sprintf(`document.querySelector(".clip-preview video")?.videoWidth === %d`, width))
	w.press("Blur a part of the picture")
	w.says("what is under the boxes")
	for range 5 {
		w.tab.Key("ArrowUp")
	}
	judge(t, w.tab, axe(t), "a film that is blurred")
	w.tab.Until(`document.querySelector(".blur-box").style.top === "20%" && document.querySelector("[data-state=inside]")`)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	got := w.receive(t)
	blurred := filepath.Join(t.TempDir(), "blurred.mp4")
	if err := os.WriteFile(blurred, got.clips[0], 0o600); err != nil {
		t.Fatal(err)
	}
	was, is := frames(t, path), frames(t, blurred)
	if len(was) != len(is) || len(is) != 30 {
		t.Fatalf("%d pictures became %d", len(was), len(is))
	}
	for i := range is {
		if math.Abs((is[i].at-is[0].at)-(was[i].at-was[0].at)) > 0.002 {
			t.Errorf("picture %d is shown at %v, was at %v", i, is[i].at, was[i].at)
		}
	}
	part := func(file string, x, y, w, h float64) ([]byte, int) {
		n := int(w * float64(width))
		return brightness(t, file, int(x*float64(width)), int(y*float64(height)), n, int(h*float64(height))), n
	}
	before, n := part(path, 0.37, 0.22, 0.26, 0.26)
	after, _ := part(blurred, 0.37, 0.22, 0.26, 0.26)
	if was, is := detail(before, n), detail(after, n); is > was/3 {
		t.Errorf("under the box there is a detail of %.1f, before it was laid there of %.1f", is, was)
	}
	for _, y := range []float64{0, 0.52} {
		before, _ := part(path, 0, y, 1, 0.19)
		after, _ := part(blurred, 0, y, 1, 0.19)
		sum := 0.0
		for i := range before {
			sum += math.Abs(float64(before[i]) - float64(after[i]))
		}
		if mean := sum / float64(len(before)); mean > 12 { // the noise is coded coarsely
			t.Errorf("outside the box, %v down, points are other ones by %.1f", y, mean)
		}
	}
	var codes []evidence.EditCode
	for _, e := range got.manifest.Clips[0].Edits {
		codes = append(codes, e.Code)
	}
	if fmt.Sprint(codes[:3]) != "[blurred recoded muted]" {
		t.Errorf("the manifest names the edits %v", codes)
	}
	if said := w.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
}
