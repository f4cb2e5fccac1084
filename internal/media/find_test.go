package media_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

func inspect(t testing.TB, data []byte) *media.Clip {
	t.Helper()
	clip, err := media.Inspect(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return clip
}

// codes returns the codes of the findings, each once, and those that stay with an exclamation mark.
func codes(clip *media.Clip) []string {
	var out []string
	for _, f := range clip.Findings {
		if f.Stays {
			f.Code += "!"
		}
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestInspectFinds checks that the owner is told of everything that is planted, and of nothing else.
func TestInspectFinds(t *testing.T) {
	all := []string{"handler", "in_picture!", "leftover", "owner", "position", "serial", "software", "text"}
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"plain":              {sample.Clip(1, time.Second), nil},
		"everything":         {everything(sample.MP4), all},
		"QuickTime":          {everything(sample.MOV), all},
		"fragments":          {everything(sample.Fragmented), all},
		"a bare photo":       {photo(t), nil},
		"a turned photo":     {photo(t, exifOf(exifTag{id: 0x0112, number: 3})), nil},
		"a camera's photo":   {photo(t, cameraExif()), []string{"device", "owner", "position", "serial", "software", "text"}},
		"a photo and a film": {append(photo(t), "more"...), []string{"leftover"}},
		"empty Exif":         {photo(t, exifOf()), []string{"unknown"}},
		"broken Exif":        {photo(t, segmentOf(0xE1, []byte("Exif\x00\x00MM"))), []string{"unknown"}},
	} {
		clip := inspect(t, c.data)
		if diff := cmp.Diff(c.want, codes(clip)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if clip.Size != int64(len(c.data)) {
			t.Errorf("%s has %d bytes", name, clip.Size)
		}
	}
}

// TestInspectQuotes checks that what is quoted from a file cannot do harm on a screen.
func TestInspectQuotes(t *testing.T) {
	evil := "Home\x1b[2J\u202etxt.exe\x00\r\n" + strings.Repeat("x", 300)
	for _, data := range [][]byte{
		sample.Film{Plant: sample.Plant{Title: evil, Owner: evil, Serial: evil, Handler: evil[:40], Encoder: evil[:30], Message: evil}}.Bytes(),
		photo(t, segmentOf(0xFE, []byte(evil)), exifOf(exifTag{id: 0x010E, text: evil})),
	} {
		quoted := false
		for _, f := range inspect(t, data).Findings {
			if strings.ContainsAny(f.What+f.Where, "\x00\x1b\r\n\u202e") || len(f.What) > 300 {
				t.Errorf("%q at %q", f.What, f.Where)
			}
			quoted = quoted || strings.Contains(f.What, "Home")
		}
		if !quoted {
			t.Error("nothing is quoted at all")
		}
	}
}

// TestInspectDescribes checks what is said about the clip as a whole.
func TestInspectDescribes(t *testing.T) {
	start := time.Date(2026, 1, 2, 17, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		container sample.Container
		format    media.Format
	}{{sample.MP4, media.MP4}, {sample.MOV, media.MOV}, {sample.Fragmented, media.MP4}} {
		got := inspect(t, everything(c.container))
		got.Findings, got.Size = nil, 0
		slices.SortFunc(got.Tracks, func(a, b media.Track) int { return strings.Compare(a.Codec, b.Codec) })
		want := &media.Clip{Format: c.format, Fragmented: c.container == sample.Fragmented, Duration: 3 * time.Second,
			Created: start, ZoneKnown: true, Width: sample.Width, Height: sample.Height,
			Tracks: []media.Track{{Kind: media.Video, Codec: "avc1", Duration: 3 * time.Second},
				{Kind: media.Metadata, Codec: "gpmd", Duration: 3 * time.Second}, {Kind: media.Audio, Codec: "sowt", Duration: 3 * time.Second}}}
		if diff := cmp.Diff(want, got); diff != "" || !got.HasAudio() {
			t.Errorf("container %d (-want +got):\n%s", c.container, diff)
		}
	}
	got := inspect(t, photo(t, cameraExif()))
	if got.Format != media.JPEG || got.Width != 64 || got.Height != 48 || !got.ZoneKnown || !got.Created.Equal(time.Date(2026, 1, 2, 9, 4, 5, 0, time.UTC)) {
		t.Errorf("a photo is %+v", got)
	}
	if inspect(t, sample.Clip(1, time.Second)).HasAudio() {
		t.Error("a mute clip sounds")
	}
}

// TestEditsQuoteNothing checks the sentences that go into a manifest, which the agency reads.
func TestEditsQuoteNothing(t *testing.T) {
	for _, data := range [][]byte{everything(sample.MP4), everything(sample.Fragmented), photo(t, cameraExif(), segmentOf(0xFE, []byte("WORDS-CANARY")))} {
		c, err := media.Clean(bytes.NewReader(data), int64(len(data)), media.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, e := range c.Edits {
			if strings.Contains(e.What, "CANARY") || strings.Contains(e.What, "41.8") || e.Code == "" || seen[e.Code] {
				t.Errorf("edit %+v", e)
			}
			seen[e.Code] = true
		}
		if !seen["metadata"] {
			t.Errorf("edits are %+v", c.Edits)
		}
	}
	data := everything(sample.MP4)
	c, err := media.Clean(bytes.NewReader(data), int64(len(data)), media.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range c.Edits {
		got = append(got, e.Code)
	}
	want := []string{"audio", "timed_metadata", "metadata", "names", "encoder", "modified", "media_data", "free", "tail"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
}

// TestSampleDescription goes through what may stand in the description of pictures beside what decoders need.
func TestSampleDescription(t *testing.T) {
	for kind, c := range map[string]struct { // by type, and a word to tell them apart
		body  string
		stays bool
	}{
		"colr":            {"nclx\x00\x01\x00\x01\x00\x01\x00", true},
		"pasp":            {"\x00\x00\x00\x01\x00\x00\x00\x01", true},
		"colr profile":    {"profPROFILE-CANARY", false},
		"colr restricted": {"rICCPROFILE-CANARY", false},
		"uuid":            {"SERIAL-CANARY 16", false},
		"sv3d":            {"MAKER-CANARY", false},
	} {
		box := boxOf(kind[:4], []byte(c.body))
		out := cleaned(t, layout{chunks: 2, perChunk: 2, picture: 10, entry: box}.bytes(), media.Options{})
		if bytes.Contains(out, box) != c.stays || bytes.Contains(out, []byte(c.body)) != c.stays {
			t.Errorf("%s: stays %v, want %v", kind, !c.stays, c.stays)
		}
	}
}

// TestDV: sound that is woven into the pictures cannot be taken out, so that no copy is made that is mute only by its word.
func TestDV(t *testing.T) {
	need(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), "dv.mov")
	run(t, "ffmpeg", strings.Fields("-v error -nostdin -f lavfi -i testsrc2=size=720x576:rate=25:duration=0.2 -f lavfi -i sine=duration=0.2 -c:v dvvideo -pix_fmt yuv420p "+path)...)
	data := read(t, path)
	if got := verdictOn(t, data); got != "unsupported clip_sound_in_pictures" {
		t.Errorf("mute: %q", got)
	}
	cleaned(t, data, media.Options{KeepAudio: true})
	if got := codes(inspect(t, data)); !slices.Contains(got, "in_picture!") {
		t.Errorf("findings are %v", got)
	}
}

// TestMessageInDescription: what H.265 encoders say of themselves stands beside the parameter sets; it stays, and is told.
func TestMessageInDescription(t *testing.T) {
	message := "\x4E\x01\x05\x1E0123456789abcdefMESSAGE-CANARY\x80"
	array := "\xA7\x00\x01\x00" + string(rune(len(message))) + message
	told := func(lists string) bool {
		hvcC := boxOf("hvcC", make([]byte, 21), []byte("\x03"), []byte(lists))
		film := layout{chunks: 2, perChunk: 2, picture: 10, entry: hvcC}.bytes()
		judged(t, film)
		for _, f := range inspect(t, film).Findings {
			if strings.Contains(f.What, "MESSAGE-CANARY") {
				return f.Stays && f.Code == media.InPicture
			}
		}
		return false
	}
	if !told("\x01"+array) || !told("\x02\x20\x00\x01\x00\x01\x40"+array) {
		t.Error("the message is not told")
	}
	for _, lists := range []string{"", "\x01", "\x01" + array[:20], "\xFF", "\x01\xA7\xFF\xFF\x00\x00"} {
		if told(lists) {
			t.Errorf("a message in %q", lists)
		}
	}
}
