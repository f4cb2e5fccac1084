package script

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

// record has ffmpeg write a film with sound that was begun at a moment, with a key picture each second.
func record(t *testing.T, name string, start time.Time, seconds int, args ...string) (path string, raw []byte) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		testenv.Skip(t, "there is no ffmpeg")
	}
	path = filepath.Join(t.TempDir(), name)
	line := strings.Fields(fmt.Sprintf("-v error -f lavfi -i testsrc=size=320x180:rate=10:duration=%d -f lavfi -i sine=duration=%d -pix_fmt yuv420p", seconds, seconds))
	if len(args) == 0 {
		args = strings.Fields("-c:v libx264 -preset ultrafast -g 10 -c:a aac")
	}
	line = append(append(line, args...), "-metadata", "creation_time="+start.UTC().Format(time.RFC3339), path)
	if said, err := exec.Command("ffmpeg", line...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, raw
}

// fill types into a field, as a person leaves it.
func (w *neighbourhood) fill(selector, text string) {
	w.tab.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("change", {bubbles: true})) })()`, selector, text), nil)
}

// TestPartSharedInBrowser: the browser shows a chosen film, its owner chooses a part of it, and the agency gets that part alone, without
// sound, with the time that it was filmed at and a commitment to the whole original. C9, C10, N7.
func TestPartSharedInBrowser(t *testing.T) {
	w := startSharing(t)
	begun := w.Draft(0).Document.Window.From.Add(10 * time.Minute)
	path, raw := record(t, "porch.mp4", begun, 8)
	w.open(path)
	w.tab.Eval(`document.querySelector(".clip-preview summary").click()`, nil)
	w.tab.Until(`document.querySelector(".clip-preview video")?.videoWidth === 320 && document.querySelector(".clip-preview video").muted`)
	w.fill(`[id^="cut-from"]`, "0:05")
	w.fill(`[id^="cut-to"]`, "0:03")
	w.says("the end behind the beginning.")
	w.fill(`[id^="cut-to"]`, "0:07")
	w.says("Only the part from 0:05 to 0:07 of 0:08 is sent.")
	judge(t, w.tab, axe(t), "a clip that is looked at")
	w.press("Seal and send")
	w.says("Your clips have arrived")
	got := w.receive(t)
	line := got.manifest.Clips[0]
	cut := filepath.Join(t.TempDir(), "cut.mp4")
	if err := os.WriteFile(cut, got.clips[0], 0o600); err != nil {
		t.Fatal(err)
	}
	if pictures := len(frames(t, cut)); pictures < 20 || pictures > 24 {
		t.Errorf("the agency sees %d pictures, want those of two seconds", pictures)
	}
	kinds, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", cut).Output()
	if err != nil || strings.TrimSpace(string(kinds)) != "video" {
		t.Errorf("the copy holds %s: %v", kinds, err)
	}
	var codes []evidence.EditCode
	for _, e := range line.Edits {
		codes = append(codes, e.Code)
	}
	if fmt.Sprint(codes[:2]) != "[trimmed muted]" {
		t.Errorf("the manifest names the edits %v", line.Edits)
	}
	salt, err := api.Decode(line.Original.Salt)
	if err != nil || line.Original.Commitment != footage.Commit(salt, footage.Hash(raw)) || line.Original.Sent {
		t.Errorf("the manifest says of the original %+v: %v", line.Original, err)
	}
	if !line.Capture.From.Equal(begun.Add(5*time.Second)) || !line.Capture.To.Equal(begun.Add(7*time.Second)) {
		t.Errorf("the manifest says that it was filmed from %v to %v, want from %v on", line.Capture.From, line.Capture.To, begun.Add(5*time.Second))
	}
	if said := w.tab.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %s", said)
	}
}

// TestShareOnPhone: on a phone whose processor is six times as slow, over a line of 1.6 Mb/s, a share takes less than two minutes
// from the page's address to the receipt, with a clip that is looked at and cut.
func TestShareOnPhone(t *testing.T) {
	w := startSharing(t)
	path, _ := record(t, "porch.mp4", w.Draft(0).Document.Window.From.Add(10*time.Minute), 20)
	w.tab.Do("Emulation.setCPUThrottlingRate", map[string]any{"rate": 6}, nil)
	w.tab.Do("Network.emulateNetworkConditions", map[string]any{"offline": false, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}, nil)
	start := time.Now()
	w.open(path)
	w.tab.Eval(`document.querySelector(".clip-preview summary").click()`, nil)
	w.tab.Until(`document.querySelector(".clip-preview video")?.readyState >= 1`)
	w.fill(`[id^="cut-from"]`, "0:05")
	w.says("Only the part from 0:05")
	w.press("Seal and send")
	w.says("Your clips have arrived")
	took := time.Since(start)
	t.Logf("from the address to the receipt: %.1f s", took.Seconds())
	if took > 2*time.Minute {
		t.Errorf("a share took %v", took)
	}
}

// TestFragmentsSharedInBrowser: a film in fragments, as recorders and browsers write it, is cleaned and sent whole, without its sound;
// a part of it cannot be cut out here, and the page says so.
func TestFragmentsSharedInBrowser(t *testing.T) {
	w := startSharing(t)
	begun := w.Draft(0).Document.Window.From.Add(10 * time.Minute)
	path, _ := record(t, "recorder.mp4", begun, 4, strings.Fields("-c:v libx264 -preset ultrafast -g 10 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -metadata title=CANARY")...)
	w.open(path)
	w.tab.Eval(`document.querySelector(".clip-preview summary").click()`, nil)
	w.tab.Until(`document.querySelector(".clip-preview video")?.videoWidth === 320`)
	w.fill(`[id^="cut-to"]`, "0:02")
	w.says("cannot send a part of it alone")
	w.press("The whole film")
	w.tab.Until(`document.querySelectorAll(".clip[data-state=inside]").length === 1`)
	w.press("Seal and send")
	w.says("Your clips have arrived")
	w.wantSent(t, path)
}
