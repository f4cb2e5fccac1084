package media

import (
	"encoding/binary"
	"time"
)

// track is one trak box, as far as it is needed here.
type track struct {
	box           box
	id            uint32
	handler       string
	codec         string
	entry         box // first sample entry of stsd
	width, height int
	scale         uint32 // ticks per second
	duration      uint64 // ticks
	frameBytes    uint64 // of uncompressed sound: bytes of one moment in all channels, or 0
	stbl          box

	// What fragments add, and take for granted.
	defaultDuration, defaultSize uint32
	fragmentTicks                uint64
}

func (t *track) kind() Kind {
	switch t.handler {
	case "vide":
		return Video
	case "soun":
		return Audio
	case "meta", "camm", "gpmd", "rtmd", "data":
		return Metadata
	}
	return Other
}

// soundInPictures reports whether the pictures are DV, which weaves the sound and the time of recording into each of them.
func (t *track) soundInPictures() bool {
	switch t.codec {
	case "dvc ", "dvcp", "dvpp", "dvp ", "dv5n", "dv5p", "dvh2", "dvh3", "dvh5", "dvh6", "dvhp", "dvhq", "AVdv", "AVd1":
		return true
	}
	return false
}

func (t *track) length() time.Duration {
	if t.duration != 0 {
		return ticks(t.duration, t.scale)
	}
	return ticks(t.fragmentTicks, t.scale)
}

func parseTrack(b box) (*track, error) {
	t := &track{box: b}
	tkhd, ok1 := b.child("tkhd")
	mdhd, ok2 := b.child("mdia", "mdhd")
	hdlr, ok3 := b.child("mdia", "hdlr")
	stbl, ok4 := b.child("mdia", "minf", "stbl")
	if !ok1 || !ok2 || !ok3 || !ok4 || len(hdlr.body()) < 12 {
		return nil, damaged("track list")
	}
	t.stbl = stbl
	t.handler = string(hdlr.body()[8:12])
	f := tkhd.field()
	version, _ := f.full()
	f.word(version)
	f.word(version)
	t.id = f.u32()
	g := mdhd.field()
	version, _ = g.full()
	g.word(version)
	g.word(version)
	t.scale = g.u32()
	t.duration = g.word(version)
	if f.short || g.short {
		return nil, damaged("track header")
	}
	t.parseEntry()
	return t, nil
}

// parseEntry reads the first sample description (ISO/IEC 14496-12, 8.5.2; QuickTime File Format, sample descriptions).
func (t *track) parseEntry() {
	stsd, ok := t.stbl.child("stsd")
	if !ok {
		return
	}
	for t.entry = range stsd.children(8) {
		break
	}
	t.codec = t.entry.kind
	body := t.entry.body()
	switch {
	case t.kind() == Video && len(body) >= 28:
		t.width, t.height = int(binary.BigEndian.Uint16(body[24:])), int(binary.BigEndian.Uint16(body[26:]))
	case t.kind() == Audio && len(body) >= 28:
		t.frameBytes = frameBytes(t.codec, body)
	}
}

// frameBytes returns how long one moment of uncompressed sound is. QuickTime's sample sizes say 1 for it, whatever it is.
func frameBytes(codec string, body []byte) uint64 {
	switch version := binary.BigEndian.Uint16(body[8:]); {
	case version == 1 && len(body) >= 44 && binary.BigEndian.Uint32(body[28:]) == 1:
		return uint64(binary.BigEndian.Uint32(body[36:]))
	case version == 2 && len(body) >= 64:
		return uint64(binary.BigEndian.Uint32(body[56:]))
	}
	channels, bits := uint64(binary.BigEndian.Uint16(body[16:])), uint64(binary.BigEndian.Uint16(body[18:]))
	switch codec {
	case "sowt", "twos", "raw ", "NONE", "in24", "in32", "fl32", "fl64", "ipcm", "fpcm", "lpcm":
		return channels * bits / 8
	case "ulaw", "alaw":
		return channels
	}
	return 0
}
