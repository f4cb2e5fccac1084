package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// boxOf makes a box.
func boxOf(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

// words makes big-endian 32-bit numbers.
func words(v ...uint32) []byte {
	var out []byte
	for _, w := range v {
		out = binary.BigEndian.AppendUint32(out, w)
	}
	return out
}

func ftyp() []byte { return boxOf("ftyp", []byte("isom"), words(0x200), []byte("isom")) }

// verdict is how a file was taken: the kind and code of the refusal, or nothing.
func verdict(t testing.TB, r io.ReaderAt, size int64) string {
	t.Helper()
	_, err := media.Inspect(r, size)
	_, cleanErr := media.Clean(r, size, media.Options{})
	if err == nil {
		err = cleanErr
	} else if cleanErr == nil || err.Error() != cleanErr.Error() {
		t.Errorf("inspect: %v; clean: %v", err, cleanErr)
	}
	if err == nil {
		return ""
	}
	var coded *footage.Error
	if !errors.As(err, &coded) || coded.Code == "" || !strings.HasSuffix(coded.Msg, ".") {
		t.Errorf("a refusal without kind or code: %v", err)
		return "internal"
	}
	if coded.Kind == footage.Unsupported != strings.Contains(coded.Msg, "--original") {
		t.Errorf("%s: the way forward is wrong: %s", coded.Kind, coded.Msg)
	}
	return string(coded.Kind) + " " + coded.Code
}

func verdictOn(t testing.TB, data []byte) string {
	t.Helper()
	return verdict(t, bytes.NewReader(data), int64(len(data)))
}

// allocated returns how many bytes f allocates in all, an upper bound of what it holds at once.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestRefusals sends what is no clip, or none that can be cleaned.
func TestRefusals(t *testing.T) {
	const many = 1_000_000
	tiny := func(kind string) []byte { return bytes.Repeat(boxOf(kind), many) }
	film := sample.Clip(1, time.Second)
	moov := film[bytes.Index(film, []byte("moov"))-4 : bytes.Index(film, []byte("mdat"))-4]
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"no bytes":            {nil, "invalid clip_empty"},
		"text":                {[]byte("This is not a film.\nIt is a letter."), "invalid clip_not_video"},
		"zeros":               {make([]byte, 16<<20), "invalid clip_not_video"},
		"seven bytes":         {film[:7], "invalid clip_not_video"},
		"a type of 16 MiB":    {slicesOf(boxOf("ftyp", make([]byte, 16<<20)), film[32:]), "invalid clip_damaged"},
		"a type alone":        {ftyp(), "invalid clip_no_index"},
		"no index":            {slicesOf(ftyp(), boxOf("mdat", make([]byte, 100))), "invalid clip_no_index"},
		"two indexes":         {slicesOf(film, moov), "invalid clip_damaged"},
		"an empty index":      {slicesOf(ftyp(), boxOf("moov")), "invalid clip_damaged"},
		"no tracks":           {slicesOf(ftyp(), boxOf("moov", boxOf("mvhd", make([]byte, 100)))), "invalid clip_no_pictures"},
		"index that is zeros": {slicesOf(ftyp(), boxOf("moov", make([]byte, 1<<20))), "invalid clip_damaged"},
		"compressed index":    {slicesOf(ftyp(), boxOf("moov", boxOf("cmov"))), "unsupported clip_format"},
		"a piece of a stream": {slicesOf(boxOf("moof"), film), "invalid clip_no_index"},
		"tiny boxes":          {slicesOf(ftyp(), tiny("abcd")), "invalid clip_no_index"},
		"too many boxes":      {slicesOf(ftyp(), bytes.Repeat(boxOf("free"), 1<<20+1), moov), "unsupported clip_intricate"},
		"tiny boxes inside":   {slicesOf(ftyp(), boxOf("moov", tiny("abcd"))), "invalid clip_damaged"},
		"tiny tracks":         {slicesOf(ftyp(), boxOf("moov", boxOf("mvhd", make([]byte, 100)), tiny("trak"))), "invalid clip_damaged"},
		"a picture cut short": {photo(t)[:400], "invalid clip_cut_short"},
		"a picture of none":   {[]byte{0xFF, 0xD8, 0xFF, 0xD9}, "invalid clip_damaged"},
		"tiny segments":       {slicesOf([]byte{0xFF, 0xD8}, bytes.Repeat(segmentOf(0xFE, nil), many)), "unsupported clip_intricate"},
		"one track twice":     {slicesOf(ftyp(), boxOf("moov", boxOf("mvhd", make([]byte, 100)), nthBox(film, "trak", 0), nthBox(film, "trak", 0))), "invalid clip_damaged"},
		"a lying segment":     {[]byte{0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 0, 0}, "invalid clip_cut_short"},
		"rubbish in between":  {slicesOf([]byte{0xFF, 0xD8}, segmentOf(0xFE, nil), []byte("????")), "invalid clip_damaged"},
	} {
		runtime.GC() // TestMemory looks at the worst case, not at what several left behind
		var got string
		used := allocated(func() { got = verdictOn(t, c.data) })
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if used > 512<<20 {
			t.Errorf("%s: %d MiB were allocated", name, used>>20)
		}
		t.Logf("%s: %d KiB", name, used>>10)
	}
}

func slicesOf(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// TestNoClip checks what a person reads who chose a wrong file.
func TestNoClip(t *testing.T) {
	for data, want := range map[string]string{
		"":                                "empty",
		"Dear neighbour,":                 "text file",
		strings.Repeat("días y ñ", 100):   "text file",
		strings.Repeat("\x00", 1000):      "no video",
		strings.Repeat("\x00text", 1000):  "no video",
		"RIFF\x00\x00\x00\x00WAVEfmt ":    "no video",
		strings.Repeat("\xFE\x12z", 1000): "no video",
	} {
		_, err := media.Inspect(strings.NewReader(data), int64(len(data)))
		if !errors.Is(err, footage.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", data, err)
		}
	}
}

// TestOtherFormats sends what others make.
func TestOtherFormats(t *testing.T) {
	need(t, "ffmpeg")
	dir := t.TempDir()
	args := strings.Fields("-v error -nostdin -y -f lavfi -i testsrc2=size=176x144:rate=25:duration=0.2")
	names := strings.Fields("a.avi a.mkv a.webm a.ts a.mpg a.flv a.wmv a.ogv a.gif a.webp a.png a.tiff a.h264")
	for _, name := range names {
		if name == "a.webm" {
			args = append(args, "-c:v", "libvpx", "-deadline", "realtime")
		}
		if name == "a.png" || name == "a.tiff" || name == "a.webp" {
			args = append(args, "-frames:v", "1")
		}
		args = append(args, filepath.Join(dir, name))
	}
	run(t, "ffmpeg", args...)
	for _, name := range names {
		if got := verdictOn(t, read(t, filepath.Join(dir, name))); got != "unsupported clip_format" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, brand := range []string{"heic", "mif1", "avif"} {
		if got := verdictOn(t, slicesOf(boxOf("ftyp", []byte(brand), words(0)), boxOf("meta", words(0)))); got != "unsupported clip_format" {
			t.Errorf("%s: %q", brand, got)
		}
	}
}

// TestLargeIndex stands at the limit of the index: one byte more is refused before it is read.
func TestLargeIndex(t *testing.T) {
	const limit = 64 << 20
	for size, want := range map[int64]string{limit: "invalid clip_damaged", limit + 1: "unsupported clip_index_large", 4 << 30: "unsupported clip_index_large"} {
		head := slicesOf(ftyp(), words(1), []byte("moov"), words(uint32(size>>32), uint32(size)))
		file := &sparse{head: head, size: int64(len(ftyp())) + size}
		var got string
		used := allocated(func() { got = verdict(t, file, file.size) })
		if got != want || size > limit && used > 1<<20 {
			t.Errorf("%d bytes: %q, want %q; %d KiB were allocated", size, got, want, used>>10)
		}
		t.Logf("%d: %d MiB", size, used>>20)
	}
	picture := &sparse{head: []byte{0xFF, 0xD8, 0xFF}, size: limit + 1}
	if got := verdict(t, picture, picture.size); got != "unsupported clip_too_large" {
		t.Errorf("a picture of as many bytes: %q", got)
	}
}

// TestLyingSizes gives every box of a film, one after another, a length that is not its own.
func TestLyingSizes(t *testing.T) {
	for _, film := range [][]byte{everything(sample.MP4), everything(sample.Fragmented)} {
		places := boxPlaces(film, 0, len(film))
		if len(places) < 60 {
			t.Fatalf("only %d boxes", len(places))
		}
		for _, at := range places {
			was := binary.BigEndian.Uint32(film[at:])
			for _, lie := range []uint32{0, 1, 2, 7, 8, 9, was - 1, was + 1, 2 * was, 0x7FFFFFFF, 0xFFFFFFFF} {
				binary.BigEndian.PutUint32(film[at:], lie)
				judged(t, film)
			}
			binary.BigEndian.PutUint32(film[at:], was)
		}
	}
}

// judged holds a file to what must be true of any: it is refused with a reason, or it is cleaned.
func judged(t testing.TB, data []byte) {
	t.Helper()
	_, err := media.Inspect(bytes.NewReader(data), int64(len(data)))
	for _, opts := range []media.Options{{}, {KeepAudio: true}} {
		c, cleanErr := media.Clean(bytes.NewReader(data), int64(len(data)), opts)
		if kind := footage.KindOf(cleanErr); cleanErr != nil && kind != footage.Invalid && kind != footage.Unsupported {
			t.Fatalf("refused without a reason: %v", cleanErr)
		}
		if err != nil && cleanErr == nil {
			t.Fatalf("cleaned, and yet cannot be inspected: %v", err)
		}
		if cleanErr == nil {
			if out, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size)); err != nil || int64(len(out)) != c.Size {
				t.Fatalf("the copy cannot be read: %v", err)
			}
		}
	}
	if kind := footage.KindOf(err); err != nil && kind != footage.Invalid && kind != footage.Unsupported {
		t.Fatalf("refused without a reason: %v", err)
	}
}

// boxPlaces returns where the boxes of a film stand, from those that hold others down.
func boxPlaces(film []byte, from, to int) []int {
	var out []int
	for from+8 <= to {
		size := int(binary.BigEndian.Uint32(film[from:]))
		if size < 8 || from+size > to {
			break
		}
		out = append(out, from)
		switch string(film[from+4 : from+8]) {
		case "moov", "trak", "mdia", "minf", "dinf", "stbl", "udta", "moof", "traf", "mvex":
			out = append(out, boxPlaces(film, from+8, from+size)...)
		case "stsd", "dref":
			out = append(out, boxPlaces(film, from+16, from+size)...)
		}
		from += size
	}
	return out
}

// TestCutShort cuts films at every 64th part and at the borders of all boxes.
func TestCutShort(t *testing.T) {
	for name, film := range map[string][]byte{"front": sample.Clip(1, 2*time.Second), "end": sample.Film{Container: sample.MOV}.Bytes(), "picture": photo(t, cameraExif())} {
		cuts := boxPlaces(film, 0, len(film))
		for i := range 64 {
			cuts = append(cuts, len(film)*i/64)
		}
		for _, cut := range append(cuts, len(film)-1, 1, 3, 8, 12, 15, 16) {
			got := verdictOn(t, film[:cut])
			if kind, _, _ := strings.Cut(got, " "); kind != "invalid" {
				t.Errorf("%s, cut to %d of %d bytes: %q", name, cut, len(film), got)
			}
		}
		if got := verdictOn(t, film); got != "" {
			t.Errorf("%s, whole: %q", name, got)
		}
	}
	film := everything(sample.Fragmented)
	for i := range 256 {
		judged(t, film[:len(film)*i/256])
	}
	for _, cut := range boxPlaces(film, 0, len(film)) {
		judged(t, film[:cut])
	}
}

// patched returns the film with numbers written behind the first box of a kind, at 32-bit words counted from its body.
func patched(t testing.TB, film []byte, kind string, word int, values ...uint32) []byte {
	t.Helper()
	at := bytes.Index(film, []byte(kind))
	if at < 0 {
		t.Fatalf("no %s", kind)
	}
	out := bytes.Clone(film)
	copy(out[at+4+4*word:], words(values...))
	return out
}

// TestLyingTables gives a film tables that point elsewhere.
func TestLyingTables(t *testing.T) {
	film := sample.Clip(1, 2*time.Second)
	chunk := binary.BigEndian.Uint32(film[bytes.Index(film, []byte("stco"))+12:])
	pieces := everything(sample.Fragmented)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"behind the end":             {patched(t, film, "stco", 2, uint32(len(film))), "invalid clip_cut_short"},
		"far behind the end":         {patched(t, film, "stco", 2, 0xFFFFFFFF), "invalid clip_cut_short"},
		"into the index":             {patched(t, film, "stco", 2, 100), "unsupported clip_intricate"},
		"one before the media data":  {patched(t, film, "stco", 2, chunk-1), "unsupported clip_intricate"},
		"all at one place":           {patched(t, film, "stco", 2, chunk, chunk, chunk, chunk), ""},
		"a sample too long":          {patched(t, film, "stsz", 3, 0xFFFFFFFF), "invalid clip_cut_short"},
		"more samples than there":    {patched(t, film, "stsz", 2, 21), "invalid clip_damaged"},
		"more samples than chunks":   {patched(t, film, "stsz", 1, 1, 0xFFFFFFFF), "invalid clip_damaged"},
		"more chunks than there":     {patched(t, film, "stco", 1, 0xFFFFFFFF), "invalid clip_damaged"},
		"no samples in chunks":       {patched(t, film, "stsc", 3, 0), "invalid clip_damaged"},
		"all samples in one chunk":   {patched(t, film, "stsc", 3, 20), ""},
		"more runs than there":       {patched(t, film, "stsc", 1, 0xFFFFFFFF), "invalid clip_damaged"},
		"more entries than there":    {patched(t, film, "stsd", 1, 0xFFFFFFFF), ""},
		"a fragment behind the end":  {patched(t, pieces, "trun", 2, 0x7FFFFFFF), "invalid clip_cut_short"},
		"a fragment before the file": {patched(t, pieces, "trun", 2, 0x80000000), "invalid clip_cut_short"},
		"a fragment of many":         {patched(t, pieces, "trun", 1, 0xFFFFFFFF), "invalid clip_damaged"},
	} {
		if got := verdictOn(t, c.data); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		judged(t, c.data)
	}
}

// TestNesting puts boxes into boxes without end.
func TestNesting(t *testing.T) {
	film := sample.Clip(1, time.Second)
	for _, kind := range []string{"moov", "trak", "mdia", "meta", "udta", "edts", "moof", "traf"} {
		const deep = 100_000
		nest := bytes.Repeat([]byte{0, 0, 0, 0, kind[0], kind[1], kind[2], kind[3]}, deep)
		for i := range deep {
			binary.BigEndian.PutUint32(nest[8*i:], uint32(len(nest)-8*i))
		}
		at := bytes.Index(film, []byte("moov")) - 4
		size := binary.BigEndian.Uint32(film[at:])
		inside := slicesOf(film[:at], boxOf("moov", film[at+8:at+int(size)], nest), film[at+int(size):])
		judged(t, slicesOf(film, nest))
		used := allocated(func() { judged(t, inside) })
		if used > 64<<20 {
			t.Errorf("%s: %d MiB were allocated", kind, used>>20)
		}
	}
}
