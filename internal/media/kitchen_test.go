package media_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/media/sample"
)

// recipe makes one clip to be cleaned.
type recipe struct {
	name    string   // of the file, with its ending
	args    string   // of ffmpeg, split at spaces; {dir} is the kitchen's folder
	film    []byte   // or the clip itself
	path    string   // or where it lies
	tags    []string // that exiftool writes into it
	mend    func(t *testing.T, data []byte) []byte
	secrets []string // that stand in the clip and must not stand in any copy
	spoken  []string // that stand in the sound, and so in the copy that keeps it
	plain   bool     // ffprobe finds nothing in it that must go
}

// Sources of ffmpeg: a second of pictures, a second of sound.
const (
	pictures = " -f lavfi -i testsrc2=size=128x96:rate=10:duration=1"
	sound    = " -f lavfi -i sine=frequency=440:duration=1"
	h264     = " -c:v libx264 -preset ultrafast -threads 1"
	aac      = " -c:a aac"
	named    = " -metadata:s:v handler_name=HANDLER-CANARY-0451"
)

// planted are the secrets that [everything] plants.
var planted = []string{"41.8781", "SERIAL-CANARY", "OWNER-CANARY", "TITLE-CANARY", "HANDLER-CANARY", "ENCODER-CANARY",
	"TRACK-CANARY", "FREE-CANARY", "TAIL-CANARY", "GAP-CANARY"}

// everything is a film with metadata of every sort.
func everything(c sample.Container) []byte {
	return sample.Film{Seed: 7, Duration: 3 * time.Second, Container: c, Plant: sample.Plant{
		Position: "+41.8781-087.6298/", Serial: "SERIAL-CANARY", Owner: "OWNER-CANARY", Title: "TITLE-CANARY",
		Handler: "HANDLER-CANARY", Encoder: "ENCODER-CANARY", Sound: "SOUND-CANARY", Track: "TRACK-CANARY",
		Message: "MESSAGE", Free: "FREE-CANARY", Tail: "TAIL-CANARY", Gap: "GAP-CANARY",
	}}.Bytes()
}

// recipes lists the clips: of this project's own making, of ffmpeg's, and real ones where they are.
func recipes(t *testing.T) []recipe {
	spoken := []string{"SOUND-CANARY"}
	all := []recipe{
		{name: "sample.mp4", film: sample.Clip(3, 2*time.Second), plain: true},
		{name: "everything.mp4", film: everything(sample.MP4), secrets: planted, spoken: spoken},
		{name: "everything.mov", film: everything(sample.MOV), secrets: planted, spoken: spoken},
		{name: "everything-fragmented.mp4", film: everything(sample.Fragmented), secrets: without(planted, "FREE-CANARY"), spoken: spoken},
	}
	all = append(all, ffmpegRecipes()...)
	real, err := filepath.Glob("../../../shared/footage/*.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range real {
		all = append(all, recipe{name: filepath.Base(path), path: path})
	}
	return all
}

func ffmpegRecipes() []recipe {
	position := " -metadata location=+41.8781-087.6298/ -metadata location-eng=+41.8781-087.6298/"
	texts := " -metadata title=TITLE-CANARY -metadata comment=COMMENT-CANARY -metadata artist=OWNER-CANARY -metadata encoder=ENCODER-CANARY -metadata creation_time=2026-01-02T03:04:05Z"
	textSecrets := []string{"HANDLER-CANARY", "TITLE-CANARY", "COMMENT-CANARY", "OWNER-CANARY"}
	return []recipe{
		{name: "front.mp4", args: pictures + sound + h264 + aac + " -movflags +faststart" + position + texts + named, secrets: textSecrets},
		{name: "end.mp4", args: pictures + sound + h264 + aac + texts + named, secrets: textSecrets},
		{name: "keys.mp4", args: pictures + h264 + " -movflags use_metadata_tags -metadata com.apple.quicktime.location.ISO6709=+41.8781-087.6298/ -metadata camera.serial=SERIAL-CANARY", secrets: []string{"41.8781", "SERIAL-CANARY"}},
		{name: "fragmented.mp4", args: pictures + sound + h264 + aac + " -g 5 -movflags frag_keyframe+empty_moov" + position + texts + named, secrets: textSecrets},
		{name: "fragmented-moof.mp4", args: pictures + sound + h264 + aac + " -g 5 -movflags frag_keyframe+empty_moov+default_base_moof+separate_moof" + named, secrets: textSecrets[:1]},
		{name: "fragmented-dash.mp4", args: pictures + sound + h264 + aac + " -g 5 -movflags dash+frag_keyframe+global_sidx" + named, secrets: textSecrets[:1]},
		{name: "apple.mov", args: pictures + sound + h264 + " -c:a pcm_s16le" + position + texts + named + " -timecode 01:02:03:04", secrets: append([]string{"+41.8781-087.6298"}, textSecrets...)},
		{name: "mpeg4.mp4", args: pictures + sound + " -c:v mpeg4 -c:a ac3" + named, secrets: textSecrets[:1]},
		{name: "hevc.mp4", args: pictures + " -c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1" + named, secrets: textSecrets[:1]},
		{name: "av1.mp4", args: pictures + " -c:v libaom-av1 -cpu-used 8 -row-mt 0 -threads 1" + named, secrets: textSecrets[:1]},
		{name: "prores.mov", args: pictures + sound + " -c:v prores_ks -c:a aac" + named, secrets: textSecrets[:1]},
		{name: "motion-jpeg.mov", args: pictures + sound + " -c:v mjpeg -c:a pcm_mulaw -ar 8000" + named, secrets: textSecrets[:1]},
		{name: "wide-sound.mov", args: pictures + sound + h264 + " -c:a pcm_s24le -ac 6" + named, secrets: textSecrets[:1]},
		{name: "b-frames.mp4", args: pictures + " -c:v libx264 -preset medium -threads 1 -bf 3" + named, secrets: textSecrets[:1]},
		{name: "chapters.mp4", args: pictures + sound + " -i {dir}/words.srt -i {dir}/chapters.txt -i {dir}/cover.jpg -map 0 -map 1 -map 2 -map 4 -map_chapters 3 -map_metadata 3" +
			" -c:v:0 libx264 -preset ultrafast -c:a aac -c:s mov_text -c:v:1 copy -disposition:v:1 attached_pic", secrets: []string{"CHAPTER-CANARY", "SUBTITLE-CANARY", "COVER-CANARY"}},
		{name: "measured.mp4", args: " -i {dir}/timed.mp4 -map 0 -c copy -copy_unknown" + named, secrets: []string{"TRACK-CANARY", "HANDLER-CANARY"}},
		{name: "edited.mp4", args: " -ss 1.25 -i {dir}/street.mp4 -c copy -avoid_negative_ts disabled" + named, secrets: textSecrets[:1]},
		{name: "turned.mp4", args: pictures + h264 + named, mend: turn, secrets: textSecrets[:1]},
		{name: "wide.mp4", args: pictures + sound + h264 + aac + named, mend: widen, secrets: textSecrets[:1]},
		{name: "described.mp4", args: pictures + h264, tags: []string{"-XMP:Creator=OWNER-CANARY", "-XMP:GPSLatitude=41.8781", "-Keys:GPSCoordinates=41.8781,-87.6298",
			"-UserData:GPSCoordinates=41.8781,-87.6298", "-Keys:Make=DEVICE-CANARY", "-ItemList:Artist=ARTIST-CANARY"}, secrets: []string{"OWNER-CANARY", "41.8781", "DEVICE-CANARY", "ARTIST-CANARY"}},
	}
}

func without(list []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == word })
}

// stock makes what recipes are made from.
func stock(t *testing.T, dir string) {
	t.Helper()
	for name, data := range map[string][]byte{
		"words.srt":    []byte("1\n00:00:00,000 --> 00:00:00,900\nSUBTITLE-CANARY\n"),
		"chapters.txt": []byte(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=CHAPTER-CANARY\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=two\n"),
		"street.mp4":   sample.Clip(5, 3*time.Second),
		"timed.mp4":    sample.Film{Seed: 5, Plant: sample.Plant{Track: "TRACK-CANARY"}}.Bytes(),
		"cover.jpg":    photo(t, segmentOf(0xFE, []byte("COVER-CANARY"))),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// make makes the clip in dir and returns its path.
func (r recipe) make(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, r.name)
	data := r.film
	if r.path != "" {
		var err error
		if data, err = os.ReadFile(r.path); err != nil {
			t.Fatal(err)
		}
	}
	if data != nil {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := "-v error -nostdin -y" + strings.ReplaceAll(r.args, "{dir}", dir)
	run(t, "ffmpeg", append(strings.Fields(args), path)...)
	if len(r.tags) > 0 {
		run(t, "exiftool", append(r.tags, "-q", "-overwrite_original", path)...)
	}
	if r.mend != nil {
		made, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, r.mend(t, made), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// turn writes into a clip that its pictures are to be turned by a quarter, as phones do.
func turn(t *testing.T, data []byte) []byte {
	at := bytes.Index(data, []byte("tkhd"))
	if at < 0 || data[at+4] != 0 {
		t.Fatal("no track header of version 0")
	}
	for i, v := range []uint32{0, 1 << 16, 0, 0xFFFF0000, 0, 0, 96 << 16, 0, 1 << 30} {
		binary.BigEndian.PutUint32(data[at+4+40+4*i:], v)
	}
	return data
}

// widen gives the media data a length of 64 bits, in the place that ffmpeg leaves for it.
func widen(t *testing.T, data []byte) []byte {
	at := bytes.Index(data, []byte("\x00\x00\x00\x08free"))
	if at < 0 || string(data[at+12:at+16]) != "mdat" {
		t.Fatal("no place before the media data")
	}
	size := uint64(binary.BigEndian.Uint32(data[at+8:])) + 8
	copy(data[at:], "\x00\x00\x00\x01mdat")
	binary.BigEndian.PutUint64(data[at+8:], size)
	return data
}
