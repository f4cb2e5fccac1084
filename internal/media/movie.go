package media

import (
	"io"
	"math"
	"time"
)

// movie is an MP4 or QuickTime file whose index has been read.
type movie struct {
	r        io.ReaderAt
	size     int64
	format   Format
	top      []region
	moov     box
	tracks   []*track
	created  uint64 // as in mvhd
	duration time.Duration
}

// openMovie reads the index.
func openMovie(r io.ReaderAt, size int64, format Format) (*movie, error) {
	top, err := scanTop(r, size)
	if err != nil {
		return nil, err
	}
	m := &movie{r: r, size: size, format: format, top: top}
	if err := m.readIndex(); err != nil {
		return nil, err
	}
	for b := range m.moov.children(0) {
		if b.kind != "trak" {
			continue
		}
		t, err := parseTrack(b)
		if err != nil {
			return nil, err
		}
		if m.track(t.id) != nil { // fragments could not be told apart: sound could pass for pictures
			return nil, damaged("track list")
		}
		if m.tracks = append(m.tracks, t); len(m.tracks) > maxTracks {
			return nil, unsupported("clip_intricate", "This clip has too many tracks.")
		}
	}
	m.parseDefaults()
	return m, m.usable()
}

func (m *movie) readIndex() error {
	for _, g := range m.top {
		if g.kind == "ftyp" && g.size > maxFileType {
			return damaged("file type")
		}
		if g.kind != "moov" {
			continue
		}
		if m.moov.raw != nil {
			return damaged("index, which stands there twice,")
		}
		var err error
		if m.moov, err = readRegionBox(m.r, g, maxIndex); err != nil {
			return err
		}
	}
	if m.moov.raw == nil {
		return invalid("clip_no_index", "This clip has no index, as when recording or copying broke off. Copy it again, or repair it with the camera's own program.")
	}
	return m.parseHeader()
}

func (m *movie) parseHeader() error {
	if _, ok := m.moov.child("cmov"); ok {
		return unsupported("clip_format", "QuickTime files with a compressed index cannot be cleaned.")
	}
	mvhd, ok := m.moov.child("mvhd")
	if !ok {
		return damaged("index")
	}
	f := mvhd.field()
	version, _ := f.full()
	m.created = f.word(version)
	f.word(version)
	scale := f.u32()
	m.duration = ticks(f.word(version), scale)
	if f.short {
		return damaged("movie header")
	}
	return nil
}

// usable refuses what holds no pictures, or pictures that nobody could see.
func (m *movie) usable() error {
	pictures := false
	for _, t := range m.tracks {
		pictures = pictures || t.kind() == Video
		switch t.codec {
		case "encv", "enca", "drmi", "drms":
			return unsupported("clip_encrypted", "This clip is encrypted by its maker, so nothing in it can be cleaned.")
		}
	}
	if !pictures {
		return invalid("clip_no_pictures", "This file holds no pictures. Choose the video file itself.")
	}
	return nil
}

// track finds a track by its ID.
func (m *movie) track(id uint32) *track {
	for _, t := range m.tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}

// parseDefaults reads what fragments take for granted (trex, ISO/IEC 14496-12, 8.8.3).
func (m *movie) parseDefaults() {
	mvex, ok := m.moov.child("mvex")
	if !ok {
		return
	}
	for b := range mvex.children(0) {
		if b.kind != "trex" {
			continue
		}
		f := b.field()
		f.full()
		if t := m.track(f.u32()); t != nil {
			f.u32()
			t.defaultDuration, t.defaultSize = f.u32(), f.u32()
		}
	}
}

// ticks turns a duration in units of 1/scale seconds into time; unknown and absurd durations (over 30 years) become zero.
func ticks(n uint64, scale uint32) time.Duration {
	if scale == 0 || n == math.MaxUint64 || n == math.MaxUint32 || n/uint64(scale) > 1e9 {
		return 0
	}
	s, rest := n/uint64(scale), n%uint64(scale)
	return time.Duration(s)*time.Second + time.Duration(rest*uint64(time.Second)/uint64(scale))
}

// epoch1904 is the QuickTime epoch, 1 January 1904, in Unix seconds counted backwards.
const epoch1904 = 2082844800

// boxTime reads a creation time (ISO/IEC 14496-12, 8.2.2.3: seconds since 1904, UTC). Some recorders count from 1970
// instead; as no camera filmed before 1970, a number too small for 1904 is taken as that. Zero is unknown.
func boxTime(n uint64) time.Time {
	const from, to = 631152000, 7258118400 // 1990 and 2200, in Unix seconds
	if n >= epoch1904 {
		n -= epoch1904
	}
	if n < from || n > to {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}
