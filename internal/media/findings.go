package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// maxFindings bounds the list: a file may hold millions of boxes.
const maxFindings = 200

// inspection collects what is found.
type inspection struct {
	clip *Clip
	m    *movie
	seen map[Finding]bool
}

func (m *movie) inspect() (*Clip, error) {
	in := &inspection{m: m, seen: map[Finding]bool{}, clip: &Clip{Format: m.format, Size: m.size}}
	extents, err := m.pictureExtents()
	if err != nil {
		return nil, err
	}
	in.describe()
	in.container("moov", m.moov.children(0))
	for _, t := range m.tracks {
		in.track(t)
	}
	if err := in.topLevel(); err != nil {
		return nil, err
	}
	return in.clip, in.messages(extents)
}

// pictureExtents returns where the samples of the first video track stand, and sums the fragments' durations on the way.
func (m *movie) pictureExtents() (spans, error) {
	var out spans
	first := m.firstVideo()
	if err := first.extent(&out, m.size); err != nil {
		return nil, err
	}
	err := m.eachFragment(func(f *fragment) error {
		for _, t := range f.trafs {
			for _, r := range t.runs {
				if t.track != first {
					continue
				}
				if err := out.add(r.data.off, r.data.end); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

func (m *movie) firstVideo() *track {
	for _, t := range m.tracks {
		if t.kind() == Video {
			return t
		}
	}
	return nil // openMovie lets no such movie pass
}

func (in *inspection) describe() {
	c, m := in.clip, in.m
	c.Duration = m.duration
	c.Created = boxTime(m.created)
	c.ZoneKnown = !c.Created.IsZero()
	for _, g := range m.top {
		c.Fragmented = c.Fragmented || g.kind == "moof"
	}
	longest := time.Duration(0)
	for _, t := range m.tracks {
		c.Tracks = append(c.Tracks, Track{Kind: t.kind(), Codec: printable(t.codec), Duration: t.length()})
		longest = max(longest, t.length())
	}
	if c.Fragmented || c.Duration == 0 {
		c.Duration = max(c.Duration, longest)
	}
	v := m.firstVideo()
	c.Width, c.Height = v.width, v.height
}

// add notes a finding once.
func (in *inspection) add(code, where, what string) {
	in.note(Finding{Code: code, What: what, Where: where})
}

func (in *inspection) note(f Finding) {
	if !in.seen[f] && len(in.clip.Findings) < maxFindings {
		in.seen[f] = true
		in.clip.Findings = append(in.clip.Findings, f)
	}
}

// container looks at boxes that hold descriptions, wherever they stand.
func (in *inspection) container(where string, inside func(func(box) bool)) {
	for b := range inside {
		at := where + "/" + printable(b.kind)
		switch b.kind {
		case "udta":
			for c := range b.children(0) {
				in.userData(at, c)
			}
		case "meta":
			in.meta(at, b)
		case "uuid":
			in.uuid(at, b.body())
		case "gps ":
			in.add(Position, at, "The camera kept a list of positions.")
		case "free", "skip", "":
			in.leftover(at, b.body())
		case "trak", "mvhd", "mvex", "iods", "wide":
		default:
			if moovRule("moov", b.kind) == drop {
				in.add(Unknown, at, "Data of unknown meaning, "+bytesOf(len(b.body()))+".")
			}
		}
	}
}

func (in *inspection) leftover(where string, data []byte) {
	if !allZero(data) {
		in.add(Leftover, where, "Something is left in space marked as free: "+bytesOf(len(data))+".")
	}
}

// userData looks at one entry of udta: QuickTime's ©-entries, 3GPP's (TS 26.244, 8) and those that makers add.
func (in *inspection) userData(where string, b box) {
	at := where + "/" + printable(b.kind)
	switch b.kind {
	case "":
		in.leftover(where, b.raw)
	case "meta":
		in.meta(at, b)
	case "uuid":
		in.uuid(at, b.body())
	case "free", "skip":
		in.leftover(at, b.body())
	default:
		code, name := entryMeaning(b.kind)
		text := b.body()
		if b.kind[0] == 0xA9 || (len(text) > 4 && text[0] == 0 && int(text[1])+4 == len(text)) {
			text = text[min(4, len(text)):] // length and language go before the text
		}
		in.add(code, at, name+": "+show(text)+".")
	}
}

func (in *inspection) uuid(where string, body []byte) {
	xmp := []byte{0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC}
	if bytes.HasPrefix(body, xmp) {
		in.add(Text, where, "A description of the clip and its making (XMP), "+bytesOf(len(body)-16)+".")
		return
	}
	in.add(Unknown, where, "Data of the maker's own kind, "+bytesOf(len(body))+".")
}

// track looks at the names inside a track, and at what it would tell when played.
func (in *inspection) track(t *track) {
	where := fmt.Sprintf("track %d", t.id)
	if t.kind() != Video && t.kind() != Audio {
		in.stray(where, t)
		return
	}
	in.trackBoxes(where, t)
	if hidden := t.hidden(in.m.duration); hidden >= time.Second {
		in.note(Finding{Code: HiddenPart, Where: where + "/edts", Stays: true,
			What: fmt.Sprintf("%s at the start or end were cut by marking alone: players skip them, but they are still in the file.", hidden.Round(time.Second))})
	}
	for _, path := range [][]string{{"mdia", "hdlr"}, {"mdia", "minf", "hdlr"}} {
		if h, ok := t.box.child(path...); ok && len(h.body()) > 12 && !allZero(h.body()[12:]) {
			in.add(Handler, where+"/hdlr", "Recorder's name for the track: "+show(h.body()[min(24, len(h.body())):])+".")
		}
	}
	if dref, ok := t.box.child("mdia", "minf", "dinf", "dref"); ok {
		for d := range dref.children(8) {
			if d.kind != "" && len(d.body()) > 4 && !allZero(d.body()[4:]) {
				in.add(FileName, where+"/dref", "Name or place of a file: "+show(d.body()[4:])+".")
			}
		}
	}
	in.entry(where, t)
}

// stray names a track that holds neither pictures nor sound.
func (in *inspection) stray(where string, t *track) {
	switch what := printable(t.codec); {
	case t.codec == "gpmd" || t.codec == "camm" || t.codec == "rtmd" || t.codec == "mebx" || t.handler == "camm":
		in.add(Position, where, "A track of measurements ("+what+"), which may tell position and movement second by second.")
	case t.codec == "tmcd":
		in.add(Device, where, "A time code track, which may name the tape or camera.")
	default:
		in.add(Unknown, where, "A track that is neither picture nor sound ("+what+").")
	}
}

// trackBoxes reports descriptions inside the containers of a track.
func (in *inspection) trackBoxes(where string, t *track) {
	var visit func(kind, at string, b box, depth int)
	visit = func(kind, at string, b box, depth int) {
		for c := range b.children(0) {
			switch rule := moovRule(kind, c.kind); {
			case rule == enter && depth > 0:
				visit(c.kind, at+"/"+c.kind, c, depth-1)
			case c.kind == "udta" || c.kind == "meta" || c.kind == "uuid" || c.kind == "free" || c.kind == "skip":
				one := func(yield func(box) bool) { yield(c) }
				in.container(at, one)
			}
		}
	}
	visit("trak", where, t.box, 4)
}

// entry looks at the names in the sample descriptions.
func (in *inspection) entry(where string, t *track) {
	body := t.entry.body()
	if t.kind() == Video && len(body) >= 78 {
		if name := body[42:74]; !allZero(name) {
			in.add(Software, where+"/stsd", "Encoder: "+show(name)+".")
		}
		if t.codec == "jpeg" || t.codec == "mjpa" || t.codec == "mjpb" {
			in.note(Finding{Code: InPicture, Where: where, Stays: true, What: "Each picture is a JPEG of its own, which may carry descriptions that stay."})
		}
		if t.soundInPictures() {
			in.note(Finding{Code: InPicture, Where: where, Stays: true, What: "Each picture (DV) carries its sound and the time of recording, which stay."})
		}
	}
}

// hidden returns how much of the track its edit list (elst, 8.6.6) leaves out.
func (t *track) hidden(movie time.Duration) time.Duration {
	elst, ok := t.box.child("edts", "elst")
	if !ok || t.duration == 0 || movie == 0 {
		return 0
	}
	f := elst.field()
	version, _ := f.full()
	entries := f.u32()
	if entries == 0 || entries > 64 {
		return 0
	}
	start := uint64(0)
	for range entries {
		f.word(version)
		media := f.word(version)
		f.u32()
		if empty := media == 1<<64-1 || version == 0 && media == 1<<32-1; !empty && !f.short {
			start = media
			break
		}
	}
	return max(ticks(start, t.scale), t.length()-movie)
}

// topLevel looks at what stands outside moov. Of large free space only the beginning is read.
func (in *inspection) topLevel() error {
	for _, g := range in.m.top {
		switch g.kind {
		case "free", "skip", "wide", "", "uuid", "udta", "meta":
		case "ftyp", "styp", "moov", "moof", "mdat", "sidx", "mfra", "prft":
			continue
		default:
			in.add(Unknown, printable(g.kind), "Data of unknown meaning, "+bytesOf(int(g.size-g.head))+".")
			continue
		}
		raw := make([]byte, min(g.size, 64<<10))
		if err := readFull(in.m.r, raw, g.off); err != nil {
			return err
		}
		b := box{kind: g.kind, off: g.off, head: int(g.head), raw: raw}
		if g.kind == "" && !allZero(raw) {
			in.add(Leftover, "end of file", "Something stands behind the end of the clip: "+bytesOf(int(g.size))+".")
			continue
		}
		in.container("file", func(yield func(box) bool) { yield(b) })
	}
	return nil
}

func allZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

func bytesOf(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// printable shows a type of four bytes; © is 0xA9 in them, in the Mac Roman encoding of its day.
func printable(kind string) string {
	out := make([]rune, 0, 4)
	for _, c := range []byte(kind) {
		switch {
		case c == 0xA9:
			out = append(out, '©')
		case c > ' ' && c < 0x7F:
			out = append(out, rune(c))
		default:
			out = append(out, '_')
		}
	}
	return string(out)
}

// show quotes a text, or says that there is none to read.
func show(b []byte) string {
	b = bytes.Trim(b, "\x00 ")
	readable := 0
	for _, c := range b {
		if c >= ' ' && c != 0x7F {
			readable++
		}
	}
	if len(b) == 0 || readable*10 < len(b)*9 {
		return bytesOf(len(b))
	}
	return quote(b)
}

// keyTable reads the names of a QuickTime metadata list (keys box), counted from one.
func keyTable(meta box, skip int) []string {
	names := []string{""}
	for b := range meta.children(skip) {
		if b.kind != "keys" || len(b.body()) < 8 {
			continue
		}
		for k := range boxes(b.body()[8:], 0) {
			if names = append(names, string(k.body())); len(names) > maxFindings {
				break
			}
		}
	}
	return names
}

// meta looks at a meta box: of the ISO kind, which starts with version and flags, or of QuickTime's, which does not.
func (in *inspection) meta(where string, b box) {
	skip := 4
	if body := b.body(); len(body) >= 8 && string(body[4:8]) == "hdlr" {
		skip = 0
	}
	names := keyTable(b, skip)
	found := false
	for c := range b.children(skip) {
		if c.kind != "ilst" {
			continue
		}
		for item := range c.children(0) {
			if item.kind != "" {
				in.item(where, item, names)
				found = true
			}
		}
	}
	if !found {
		in.add(Unknown, where, "A description of the clip, "+bytesOf(len(b.body()))+".")
	}
}

// item looks at one entry of an ilst: a value under a four-character type, or under the number of a key.
func (in *inspection) item(where string, item box, names []string) {
	name := printable(item.kind)
	code, label := entryMeaning(item.kind)
	if i := binary.BigEndian.Uint32([]byte(item.kind)); i > 0 && int64(i) < int64(len(names)) {
		name = quote([]byte(names[i]))
		code, label = keyMeaning(names[i])
	}
	for d := range item.children(0) {
		switch {
		case d.kind == "name" && item.kind == "----" && len(d.body()) > 4:
			code, label = keyMeaning(string(d.body()[4:]))
		case d.kind == "data" && len(d.body()) > 8:
			value := d.body()[8:]
			if i := binary.BigEndian.Uint32([]byte(item.kind)); i > 0 && int64(i) < int64(len(names)) && names[i] == "com.apple.quicktime.creationdate" {
				in.creation(string(value))
			}
			in.add(code, where+"/"+name, label+": "+show(value)+".")
		}
	}
}

// creation takes a capture time with its zone, which says more than the header's.
func (in *inspection) creation(value string) {
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", time.RFC3339} {
		if t, err := time.Parse(layout, value); err == nil {
			in.clip.Created, in.clip.ZoneKnown = t, true
			return
		}
	}
}
