package media_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// segmentOf makes one segment of a JPEG file.
func segmentOf(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2)), body...)
}

// photo makes a picture with segments before its own.
func photo(t testing.TB, segments ...[]byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.Set(i%64, i/64, color.RGBA{byte(i * 3), byte(i * 5), byte(i * 7), 255})
	}
	return withSegments(encode(t, img), segments...)
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func withSegments(picture []byte, segments ...[]byte) []byte {
	return slices.Concat([]byte{0xFF, 0xD8}, bytes.Join(segments, nil), picture[2:])
}

// scans makes a picture whose three colours come in scans of their own.
func scans(t testing.TB) []byte {
	t.Helper()
	var head, out []byte
	for c := range 3 {
		img := image.NewGray(image.Rect(0, 0, 64, 48))
		for i := range img.Pix {
			img.Pix[i] = byte(i*(c+1)) | 0x40
		}
		data := encode(t, img)
		sof, sos := bytes.Index(data, []byte{0xFF, 0xC0}), bytes.Index(data, []byte{0xFF, 0xDA})
		if c == 0 {
			frame := segmentOf(0xC0, []byte{8, 0, 48, 0, 64, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0})
			head = slices.Concat(data[:sof], frame, data[sof+13:sos])
		}
		data[sos+5] = byte(c + 1)
		out = append(out, data[sos:len(data)-2]...)
	}
	return slices.Concat(head, out, []byte{0xFF, 0xD9})
}

// exifTag is one entry of a TIFF directory: a text, directories of its own, or else a number.
type exifTag struct {
	id     uint16
	text   string
	inner  []exifTag
	number uint16
}

// tiffOf writes a TIFF file with one directory, big-endian; values stand behind the directory that they belong to.
func tiffOf(tags ...exifTag) []byte {
	return appendDirectory([]byte("MM\x00*\x00\x00\x00\x08"), tags)
}

func appendDirectory(out []byte, tags []exifTag) []byte {
	start := len(out)
	out = binary.BigEndian.AppendUint16(out, uint16(len(tags)))
	out = append(out, make([]byte, 12*len(tags)+4)...)
	for i, g := range tags {
		e, value := binary.BigEndian.AppendUint16(nil, g.id), binary.BigEndian.AppendUint32(nil, uint32(len(out)))
		switch {
		case g.inner != nil:
			e = append(e, 0, 4, 0, 0, 0, 1)
			out = appendDirectory(out, g.inner)
		case g.text != "":
			e = binary.BigEndian.AppendUint32(append(e, 0, 2), uint32(len(g.text)))
			if out = append(out, g.text...); len(g.text) <= 4 {
				value = append([]byte(g.text), 0, 0, 0, 0)[:4]
			}
		default:
			e = append(e, 0, 3, 0, 0, 0, 1)
			value = append(binary.BigEndian.AppendUint16(nil, g.number), 0, 0)
		}
		copy(out[start+2+12*i:], append(e, value...))
	}
	return out
}

func exifOf(tags ...exifTag) []byte {
	return segmentOf(0xE1, append([]byte("Exif\x00\x00"), tiffOf(tags...)...))
}

// cameraExif is what a camera writes: who, what, where and when, turned by a quarter.
func cameraExif() []byte {
	return exifOf(exifTag{id: 0x010F, text: "MAKER-CANARY"}, exifTag{id: 0x0110, text: "MODEL-CANARY"}, exifTag{id: 0x0112, number: 6},
		exifTag{id: 0x0131, text: "SOFTWARE-CANARY"}, exifTag{id: 0x013B, text: "OWNER-CANARY"},
		exifTag{id: 0x8769, inner: []exifTag{
			{id: 0x9003, text: "2026:01:02 03:04:05\x00"}, {id: 0x9011, text: "-06:00\x00"},
			{id: 0x927C, text: "NOTE-CANARY"}, {id: 0x9286, text: "COMMENT-CANARY"}, {id: 0xA431, text: "SERIAL-CANARY"}}},
		exifTag{id: 0x8825, inner: []exifTag{{id: 1, text: "N\x00"}, {id: 0x001D, text: "GPS-CANARY"}}})
}

var cameraSecrets = []string{"MAKER-CANARY", "MODEL-CANARY", "SOFTWARE-CANARY", "OWNER-CANARY", "NOTE-CANARY", "COMMENT-CANARY", "SERIAL-CANARY", "GPS-CANARY"}

// still is one picture to be cleaned.
type still struct {
	name    string
	data    []byte
	tags    []string // that exiftool writes
	secrets []string
	plain   bool // there is nothing to clean
	turned  bool
}

func stills(t *testing.T) []still {
	second := photo(t, segmentOf(0xFE, []byte("SECOND-CANARY")))
	jfif := segmentOf(0xE0, []byte("JFIF\x00\x01\x01\x01\x00\x48\x00\x48\x00\x00"))
	thumb := segmentOf(0xE0, append([]byte("JFIF\x00\x01\x01\x01\x00\x48\x00\x48\x02\x02"), "THUMB-CANARY"...))
	large := segmentOf(0xE0, append([]byte("JFXX\x00\x10"), withSegments(second, segmentOf(0xFE, []byte("JFXX-CANARY")))...))
	adobe := segmentOf(0xEE, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01"))
	film := sample.Film{Seed: 1, Duration: time.Second, Plant: sample.Plant{Position: "FILM-CANARY"}}.Bytes()
	return []still{
		{name: "bare.jpg", data: photo(t), plain: true},
		{name: "jfif.jpg", data: photo(t, jfif, adobe), plain: true},
		{name: "scans.jpg", data: scans(t), plain: true},
		{name: "turned.jpg", data: photo(t, exifOf(exifTag{id: 0x0112, number: 6})), turned: true, plain: true},
		{name: "camera.jpg", data: photo(t, cameraExif()), secrets: cameraSecrets, turned: true},
		{name: "camera-jfif.jpg", data: photo(t, jfif, cameraExif(), adobe), secrets: cameraSecrets, turned: true},
		{name: "thumbs.jpg", data: photo(t, thumb, large), secrets: []string{"THUMB-CANARY", "JFXX-CANARY"}},
		{name: "words.jpg", data: photo(t, segmentOf(0xFE, []byte("WORDS-CANARY")), segmentOf(0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00XMP-CANARY")),
			segmentOf(0xE1, []byte("http://ns.adobe.com/xmp/extension/\x00EXTENDED-CANARY")), segmentOf(0xED, []byte("Photoshop 3.0\x00IPTC-CANARY")),
			segmentOf(0xE2, []byte("ICC_PROFILE\x00\x01\x01PROFILE-CANARY")), segmentOf(0xE5, []byte("OWN-CANARY")), segmentOf(0xEE, []byte("Adobe and ADOBE-CANARY"))),
			secrets: []string{"WORDS-CANARY", "XMP-CANARY", "EXTENDED-CANARY", "IPTC-CANARY", "PROFILE-CANARY", "OWN-CANARY", "ADOBE-CANARY"}},
		{name: "many.jpg", data: append(photo(t, segmentOf(0xE2, append([]byte("MPF\x00"), tiffOf(exifTag{id: 0xB000, text: "0100"})...))), second...), secrets: []string{"SECOND-CANARY"}},
		{name: "moving.jpg", data: append(photo(t), film...), secrets: []string{"FILM-CANARY"}},
		{name: "written.jpg", data: photo(t), tags: []string{"-GPSLatitude=41.8781", "-GPSLatitudeRef=N", "-Artist=OWNER-CANARY", "-XMP-aux:SerialNumber=SERIAL-CANARY", "-IPTC:By-line=LINE-CANARY",
			"-XMP:PersonInImage=PERSON-CANARY", "-Comment=COMMENT-CANARY", "-ThumbnailImage<={dir}/bare.jpg", "-DateTimeOriginal=2026:01:02 03:04:05"},
			secrets: []string{"OWNER-CANARY", "SERIAL-CANARY", "LINE-CANARY", "PERSON-CANARY", "COMMENT-CANARY"}},
	}
}

// TestCleanStills cleans pictures of every sort and lets programs of others judge the copies (N7).
func TestCleanStills(t *testing.T) {
	need(t, "ffmpeg", "exiftool")
	dir := t.TempDir()
	var paths []string
	all := stills(t)
	for _, s := range all {
		path := filepath.Join(dir, s.name)
		write(t, path, s.data)
		if len(s.tags) > 0 {
			args := append([]string{"-q", "-overwrite_original", path}, s.tags...)
			run(t, "exiftool", strings.Split(strings.ReplaceAll(strings.Join(args, "\n"), "{dir}", dir), "\n")...)
		}
		out := cleaned(t, read(t, path), media.Options{})
		write(t, filepath.Join(dir, "clean-"+s.name), out)
		if same := bytes.Equal(out, read(t, path)); s.plain && !same {
			t.Errorf("%s is clean, and yet is changed", s.name)
		}
		paths = append(paths, path, filepath.Join(dir, "clean-"+s.name))
	}
	faults := exiftool(t, paths...)
	for i, s := range all {
		before, after := paths[2*i], paths[2*i+1]
		for _, f := range append(faults[after], secretsIn(t, after, s.secrets)...) {
			t.Errorf("%s: %s", s.name, f)
		}
		if got := secretsIn(t, before, s.secrets); len(got) != len(s.secrets) || !s.plain && len(faults[before]) == 0 {
			t.Errorf("%s holds only %v, and exiftool finds %v", s.name, got, faults[before])
		}
		sameStill(t, before, after)
		if turned := strings.Contains(run(t, "exiftool", "-Orientation", after), "Rotate 90 CW"); turned != s.turned {
			t.Errorf("%s: turned %v, want %v", s.name, turned, s.turned)
		}
	}
}

// sameStill asks ffmpeg and the standard library whether two files show the same picture.
func sameStill(t *testing.T, before, after string) {
	t.Helper()
	pixels := func(path string) (string, image.Image) {
		img, err := jpeg.Decode(bytes.NewReader(read(t, path)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return run(t, "ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "framemd5", "-"), img
	}
	hash, img := pixels(before)
	hashAfter, imgAfter := pixels(after)
	if hash != hashAfter || !cmp.Equal(img, imgAfter) || !strings.Contains(hash, "\n0,") {
		t.Errorf("%s shows another picture than %s", after, before)
	}
}
