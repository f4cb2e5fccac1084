package script

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/media"
)

// TestCaptureInNode: the page and the program agree on when a clip was filmed: by what it states, by its name, in zones with
// summer time and in the nights in which clocks are changed, and by when the file was changed.
func TestCaptureInNode(t *testing.T) {
	type given struct {
		Name    string
		Created int64
		Zoned   bool
		Seconds float64
		Format  string
		Zone    string
		Ahead   int64
	}
	evening := time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC).Unix()
	cases := []given{
		{Name: "clip.mp4", Created: evening, Zoned: true, Seconds: 30, Format: "mp4", Zone: "America/Chicago"},
		{Name: "clip.mp4", Created: evening, Zoned: true, Seconds: 30, Format: "mp4", Zone: "America/Chicago", Ahead: 3600},
		{Name: "VID_20261120_180000.mp4", Created: evening, Zoned: true, Seconds: 30, Format: "mp4", Zone: "America/Chicago"},
		{Name: "VID_20261120_120000.mp4", Created: evening, Zoned: true, Seconds: 30, Format: "mp4", Zone: "America/Chicago"},
		{Name: "VID_20261120_175930.mp4", Created: evening, Zoned: true, Seconds: 30, Format: "mp4", Zone: "America/Chicago"},
		{Name: "PXL_20261120_180000123.mp4", Seconds: 10, Format: "mp4", Zone: "America/Chicago", Ahead: -60},
		{Name: "Front 2026-07-01 at 03.04.05.mov", Seconds: 10, Format: "mp4", Zone: "America/New_York"},
		{Name: "260701_030405_001_FH.MP4", Seconds: 10, Format: "mp4", Zone: "Europe/Madrid"},
		{Name: "clip-1795000000123.mp4", Seconds: 10, Format: "mp4", Zone: "Asia/Kolkata"},
		{Name: "2026-11-01 01.30.00.mp4", Seconds: 10, Format: "mp4", Zone: "America/Chicago"},
		{Name: "2026-03-08 02.30.00.mp4", Seconds: 10, Format: "mp4", Zone: "America/Chicago"},
		{Name: "2026-13-01 01.30.00.mp4", Seconds: 10, Format: "mp4", Zone: "America/Chicago"},
		{Name: "plain.mp4", Seconds: 10, Format: "mp4", Zone: "America/Chicago", Ahead: 60},
		{Name: "IMG.jpg", Created: evening, Zoned: true, Format: "jpeg", Zone: "America/Chicago"},
		{Name: "IMG.jpg", Created: evening, Format: "jpeg", Zone: "America/Chicago"},
		{Name: "IMG.jpg", Format: "jpeg", Zone: "America/Chicago"},
	}
	asked, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.json")
	node(t, filepath.Join(built(t), "capture.test.mjs"), "CASES="+string(asked), "OUT="+out)
	var got []struct {
		From, To, Margin float64
		Source           string
	}
	raw, err := os.ReadFile(out)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil || len(got) != len(cases) {
		t.Fatalf("%d answers: %v", len(got), err)
	}
	sources := map[media.Source]string{media.FromContainer: "container", media.FromExif: "exif", media.FromName: "name", media.FromFile: "file"}
	for i, c := range cases {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		clip := media.Clip{Format: media.Format(c.Format), Duration: time.Duration(c.Seconds * float64(time.Second)), ZoneKnown: c.Zoned}
		if c.Created != 0 {
			clip.Created = time.Unix(c.Created, 0).UTC()
		}
		want := clip.Window(media.Hint{Name: c.Name, Modified: time.Unix(1_790_000_000, 0), Zone: zone, ClockAhead: time.Duration(c.Ahead) * time.Second})
		g := got[i]
		if g.From != float64(want.From.Unix()) || g.To != float64(want.To.Unix()) || g.Source != sources[want.Source] || g.Margin != want.Margin.Seconds() {
			t.Errorf("%+v: the page says %+v, the program %v to %v, %s, give or take %v", c, g, want.From.UTC(), want.To.UTC(), want.Source, want.Margin)
		}
	}
}
