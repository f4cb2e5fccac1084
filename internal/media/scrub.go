package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// scrub makes the overlay of one movie.
type scrub struct {
	m    *movie
	opts Options
	over *overlay
	kept spans // media data that stays
	log  editLog
}

func cleanMovie(r io.ReaderAt, size int64, format Format, opts Options) (*Cleaned, error) {
	m, err := openMovie(r, size, format)
	if err != nil {
		return nil, err
	}
	s := &scrub{m: m, opts: opts, over: &overlay{r: r, size: size}}
	if err := s.index(); err != nil {
		return nil, err
	}
	if err := s.fragments(); err != nil {
		return nil, err
	}
	s.kept = s.kept.merged()
	if err := s.topLevel(); err != nil {
		return nil, err
	}
	s.over.finish()
	return &Cleaned{ReaderAt: s.over, Size: size, Edits: s.log.edits()}, nil
}

// keeps reports whether the track's samples stay.
func (s *scrub) keeps(t *track) bool {
	return t != nil && (t.kind() == Video || t.kind() == Audio && s.opts.KeepAudio)
}

// index edits a copy of moov and lays the difference over the file.
func (s *scrub) index() error {
	for _, t := range s.m.tracks {
		if !s.keeps(t) {
			s.log.track(t)
			continue
		}
		if t.soundInPictures() && !s.opts.KeepAudio {
			return unsupported("clip_sound_in_pictures", "This clip holds its sound within its pictures (DV), so it cannot be made mute.")
		}
		if err := t.extent(&s.kept, s.m.size); err != nil {
			return err
		}
	}
	before := s.m.moov
	after := before
	after.raw = append([]byte(nil), before.raw...)
	if err := s.container("moov", after); err != nil {
		return err
	}
	return s.over.diff(before.off, before.raw, after.raw)
}

// container applies the rules to the boxes inside b.
func (s *scrub) container(kind string, b box) error {
	for c := range b.children(0) {
		if c.kind == "" {
			if len(c.raw) >= 8 && binary.BigEndian.Uint32(c.raw) != 0 {
				return damaged("index (" + kind + ")")
			}
			clear(c.raw) // a terminator, as QuickTime sets it, with what follows
			continue
		}
		var err error
		switch moovRule(kind, c.kind) {
		case drop:
			s.drop(c)
		case enter:
			err = s.container(c.kind, c)
		case edit:
			err = s.edit(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drop turns a box into free space.
func (s *scrub) drop(b box) {
	if b.kind == "free" && allZero(b.body()) {
		return
	}
	s.log.dropped(b.kind, int64(len(b.body())))
	copy(b.raw[4:8], "free")
	clear(b.body())
}

func (s *scrub) edit(b box) error {
	body := b.body()
	switch b.kind {
	case "mvhd", "tkhd", "mdhd":
		s.modified(body)
	case "hdlr":
		s.blank("names", body[min(12, len(body)):])
	case "dref":
		return s.references(b)
	case "stsd":
		for c := range b.children(8) {
			s.entry(c)
		}
	case "trak":
		return s.trak(b)
	case "tref":
		if s.refersToDropped(b) {
			s.drop(b)
		}
	case "trex":
		if f := (&field{data: body}); len(body) >= 8 {
			f.full()
			if !s.keeps(s.m.track(f.u32())) {
				s.quietDrop(b)
			}
		}
	}
	return nil
}

// quietDrop drops what belongs to a dropped track and needs no mention of its own.
func (s *scrub) quietDrop(b box) {
	copy(b.raw[4:8], "free")
	clear(b.body())
}

// modified makes the modification time zero, which is unknown.
func (s *scrub) modified(body []byte) {
	if len(body) >= 20 && body[0] == 1 {
		s.blank("modified", body[12:20])
	} else if len(body) >= 12 {
		s.blank("modified", body[8:12])
	}
}

// blank makes bytes zero and logs it, if they were not.
func (s *scrub) blank(code string, b []byte) {
	if !allZero(b) {
		s.log.count(code, int64(len(b)))
		clear(b)
	}
}

// trak keeps or drops a track.
func (s *scrub) trak(b box) error {
	for _, t := range s.m.tracks {
		if t.box.off == b.off && s.keeps(t) {
			return s.container("trak", b)
		}
	}
	s.quietDrop(b)
	return nil
}

// refersToDropped reports whether a tref names a track that goes. Players stumble over references that lead nowhere.
func (s *scrub) refersToDropped(tref box) bool {
	for c := range tref.children(0) {
		f := c.field()
		for len(f.data) >= 4 {
			if !s.keeps(s.m.track(f.u32())) {
				return true
			}
		}
	}
	return false
}

// references blanks the names of files in dref. Data that really stands in another file cannot be sent from here.
func (s *scrub) references(b box) error {
	for c := range b.children(8) {
		if c.kind == "" || len(c.body()) < 4 {
			s.blank("names", c.body())
			continue
		}
		if c.body()[3]&1 == 0 {
			return unsupported("clip_elsewhere", "This clip only refers to pictures in another file.")
		}
		s.blank("names", c.body()[4:])
	}
	return nil
}

// entry blanks the free texts of a sample description and drops the boxes inside it that no decoder needs. The fixed part has
// 78 bytes for pictures (14496-12, 12.1.3) and 28 for sound (12.2.3), more in QuickTime's versions 1 and 2.
func (s *scrub) entry(e box) {
	body := e.body()
	t := s.trackAt(e.off)
	if e.kind == "" || t == nil {
		s.blank("metadata", e.raw)
		return
	}
	fixed := 78
	if t.kind() == Audio {
		fixed = 28
		if len(body) >= 28 {
			fixed += []int{0, 16, 36}[min(2, binary.BigEndian.Uint16(body[8:]))]
		}
	} else if len(body) >= fixed {
		s.blank("encoder", body[42:74])
	}
	if len(body) < fixed {
		return
	}
	s.blank("encoder", body[12:16]) // QuickTime's vendor
	for c := range e.children(fixed) {
		if c.kind == "" {
			clear(c.raw)
		} else if entryRule(c.kind) == drop || isProfile(c) {
			s.drop(c)
		}
	}
}

// isProfile reports whether a colour box (14496-12, 12.1.5) holds a profile, which may name a device, rather than numbers.
func isProfile(b box) bool {
	return b.kind == "colr" && (bytes.HasPrefix(b.body(), []byte("prof")) || bytes.HasPrefix(b.body(), []byte("rICC")))
}

// trackAt finds the track whose box holds a place in the file.
func (s *scrub) trackAt(off int64) *track {
	for _, t := range s.m.tracks {
		if t.box.off <= off && off < t.box.off+int64(len(t.box.raw)) {
			return t
		}
	}
	return nil
}

// topLevel deals with everything outside moov and moof.
func (s *scrub) topLevel() error {
	inside, err := s.mediaData()
	if err != nil {
		return err
	}
	for _, g := range s.kept {
		if !inside.covers(g) {
			return unsupported("clip_intricate", "This clip keeps pictures outside its media data.")
		}
	}
	for _, g := range s.m.top {
		if err := s.region(g); err != nil {
			return err
		}
	}
	return nil
}

// mediaData zeroes what no kept track refers to, and returns where media data may stand.
func (s *scrub) mediaData() (spans, error) {
	var inside spans
	i := 0
	for _, g := range s.m.top {
		if g.kind != "mdat" {
			continue
		}
		body := g.body()
		if body.off < body.end {
			inside = append(inside, body)
		}
		at, unused := body.off, int64(0)
		for ; i < len(s.kept) && s.kept[i].off < body.end; i++ {
			unused += max(0, s.kept[i].off-at)
			if err := s.over.zeros.add(at, s.kept[i].off); err != nil {
				return nil, err
			}
			at = max(at, s.kept[i].end)
		}
		unused += max(0, body.end-at)
		if err := s.over.zeros.add(at, body.end); err != nil {
			return nil, err
		}
		s.log.count("media_data", unused)
	}
	return inside, nil
}

func (s *scrub) region(g region) error {
	body := g.body()
	switch g.kind {
	case "ftyp", "styp", "moov", "moof", "mdat", "prft":
		return nil
	case "sidx":
		if kept, err := s.keepsIndex(g); kept || err != nil {
			return err
		}
	case "":
		return s.tail(g)
	}
	if g.size > g.head {
		s.log.dropped(g.kind, g.size-g.head)
	}
	if err := s.over.change(g.off+4, []byte("free")); err != nil {
		return err
	}
	return s.over.zeros.add(body.off, body.end)
}

// keepsIndex reports whether a segment index (8.16.3) is of a kept track.
func (s *scrub) keepsIndex(g region) (bool, error) {
	if g.size-g.head < 8 {
		return false, nil
	}
	var head [8]byte
	if err := readFull(s.m.r, head[:], g.off+g.head); err != nil {
		return false, err
	}
	return s.keeps(s.m.track(binary.BigEndian.Uint32(head[4:]))), nil
}

// tail turns what stands behind the last box into free space.
func (s *scrub) tail(g region) error {
	s.log.count("tail", g.size)
	head := make([]byte, 0, 8)
	if g.size >= 8 {
		size := uint32(0) // to the end of the file
		if g.size < 1<<32 {
			size = uint32(g.size)
		}
		head = append(binary.BigEndian.AppendUint32(head, size), "free"...)
	}
	if len(head) > 0 {
		if err := s.over.change(g.off, head); err != nil {
			return err
		}
	}
	return s.over.zeros.add(g.off+int64(len(head)), g.off+g.size)
}
