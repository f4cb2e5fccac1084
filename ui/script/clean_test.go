package script

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	film.Container = sample.Fragmented
	out["everything-fragmented.mp4"] = film.Bytes()
	for name, line := range map[string]string{ // as recorders, browsers and cameras write fragments
		"fragments.mp4":         "-movflags frag_keyframe+empty_moov",
		"fragments-based.mp4":   "-movflags frag_keyframe+empty_moov+default_base_moof",
		"fragments-each.mp4":    "-movflags frag_every_frame+empty_moov+default_base_moof",
		"fragments-apart.mp4":   "-movflags frag_keyframe+empty_moov+default_base_moof+separate_moof",
		"fragments-some.mp4":    "-movflags frag_keyframe",
		"fragments-index.mp4":   "-movflags frag_keyframe+empty_moov+default_base_moof+global_sidx+write_colr",
		"fragments-dash.mp4":    "-movflags dash+frag_keyframe+delay_moov",
		"fragments-cut-off.mp4": "-movflags frag_keyframe+empty_moov",
	} {
		_, out[name] = record(t, name, film.Start, 3, append(strings.Fields("-c:v libx264 -preset ultrafast -g 10 -c:a aac -metadata location=+41.8781-087.6298/ -metadata title=CANARY"), strings.Fields(line)...)...)
	}
	whole := out["fragments-cut-off.mp4"]
	out["fragments-cut-off.mp4"] = whole[:len(whole)*2/3]
	for name, raw := range stills(t) {
		out[name] = raw
	}
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

// stills are pictures as cameras write them: turned, with all that Exif can tell, with comments, and with a second picture
// behind the first.
func stills(t *testing.T) map[string][]byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 32, 24)), nil); err != nil {
		t.Fatal(err)
	}
	raw := plain.Bytes()
	segment := func(marker byte, body string) string {
		return "\xff" + string([]byte{marker}) + string(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))) + body
	}
	// A directory of four entries at 8, its strings from 62 on, the inner ones at 100 and 160.
	long := func(id, kind, n, value uint32) string {
		b := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, uint16(id)), uint16(kind))
		return string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, n), value))
	}
	exif := "MM\x00*\x00\x00\x00\x08\x00\x04" + long(0x010F, 2, 9, 62) + long(0x0112, 3, 1, 6<<16) + long(0x8769, 4, 1, 100) + long(0x8825, 4, 1, 160) + "\x00\x00\x00\x00"
	exif += "CAMMAKER\x00" + strings.Repeat("\x00", 100-62-9)
	exif += "\x00\x02" + long(0x9003, 2, 20, 190) + long(0x9011, 2, 7, 210) + "\x00\x00\x00\x00" + strings.Repeat("\x00", 160-100-30)
	exif += "\x00\x01" + long(1, 2, 2, 'N'<<24) + "\x00\x00\x00\x00" + strings.Repeat("\x00", 190-160-18) + "2026:11:20 18:00:00\x00" + "+01:00\x00"
	with := func(segments string, behind string) []byte {
		return []byte("\xff\xd8" + segments + string(raw[2:]) + behind)
	}
	return map[string][]byte{
		"plain.jpg": raw,
		"camera.jpg": with(segment(0xE0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01abc")+segment(0xE1, "Exif\x00\x00"+exif)+segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00<x>")+
			segment(0xED, "Photoshop")+segment(0xEE, "Adobe\x00\x64\x00\x00\x00\x00\x00")+segment(0xE5, "own")+segment(0xFE, "COMMENT"), "a film behind the picture"),
		"turned.jpg":  with(segment(0xE1, "Exif\x00\x00"+strings.Replace(exif, "+01:00", "zone??", 1)), ""),
		"cut.jpg":     raw[:len(raw)-40],
		"broken.jpg":  with("\xff\xe1\x00\x01", ""),
		"nothing.jpg": []byte("\xff\xd8\xff\xd9"),
	}
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
	if cleaned < 26 {
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
		Zoned    bool
		Edits    []struct{ Code, What string }
		Seconds  float64
		HasAudio bool
		Format   string
		Found    []struct {
			Code, Where, Value string
			Stays              bool
		}
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
	if d := cmp.Diff(edits, said.Edits, cmpopts.EquateEmpty()); d != "" {
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
	if said.Created != created || math.Abs(said.Seconds-clip.Duration.Seconds()) > 0.01 || said.HasAudio != clip.HasAudio() || said.Format != string(clip.Format) ||
		created != 0 && said.Zoned != clip.ZoneKnown {
		t.Errorf("%s: %+v, want %v, %v, %v, %v", filepath.Base(path), said, created, clip.Duration, clip.HasAudio(), clip.Format)
	}
	var finds []string
	for _, f := range clip.Findings {
		if f.Where != "between the pictures" { // messages between the pictures: the page does not look for them
			finds = append(finds, fmt.Sprint(f.Code, " ", f.Where, " ", f.Stays))
		}
	}
	var found []string
	for i, f := range said.Found {
		found = append(found, fmt.Sprint(f.Code, " ", f.Where, " ", f.Stays))
		if f.Value != "" && i < len(clip.Findings) && !strings.Contains(clip.Findings[i].What, f.Value) {
			t.Errorf("%s: the page reads %q where the program says %s", filepath.Base(path), f.Value, clip.Findings[i].What)
		}
	}
	if strings.HasPrefix(filepath.Base(path), "camera.jpg") && !slices.Contains(found, "position EXIF/GPS false") {
		t.Errorf("%s: only %q is found", filepath.Base(path), found)
	}
	if d := cmp.Diff(finds, found); d != "" {
		t.Errorf("%s: findings (-program +page):\n%s", filepath.Base(path), d)
	}
}
