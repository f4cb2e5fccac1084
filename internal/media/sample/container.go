package sample

import (
	"encoding/binary"
	"time"
)

// Time scales: movie and pictures count thousandths, sound its samples.
const (
	scale      = 1000
	soundRate  = 8000
	soundChunk = soundRate / Rate // samples beside one picture
)

// box makes a box of parts.
func box(kind string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	out := append(binary.BigEndian.AppendUint32(make([]byte, 0, n), uint32(n)), kind...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// words makes big-endian 32-bit numbers.
func words(v ...uint32) []byte {
	out := make([]byte, 0, 4*len(v))
	for _, w := range v {
		out = binary.BigEndian.AppendUint32(out, w)
	}
	return out
}

func halves(v ...uint16) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, w := range v {
		out = binary.BigEndian.AppendUint16(out, w)
	}
	return out
}

// stamp is a time as boxes hold it, in seconds since 1904.
func stamp(t time.Time) uint32 { return uint32(t.Unix() + 2082844800) }

// stream is one track to be written.
type stream struct {
	id      uint32
	handler string
	entry   []byte // sample description
	scale   uint32
	ticks   uint32 // of one sample
	samples [][]byte
	perStep int    // samples that belong to one picture
	keys    []bool // nil: every sample
	places  []uint32
}

// streams lays out the tracks: pictures, then what is planted.
func (f Film) streams(pictures []picture) []*stream {
	e := newEncoder(Width, Height)
	video := &stream{id: 1, handler: "vide", entry: f.videoEntry(e), scale: scale, ticks: scale / Rate, perStep: 1}
	for _, p := range pictures {
		video.samples, video.keys = append(video.samples, p.data), append(video.keys, p.key)
	}
	out := []*stream{video}
	if f.Plant.Sound != "" {
		entry := box("sowt", words(0), halves(0, 1), words(0, 0), halves(1, 16, 0, 0), words(soundRate<<16))
		sound := &stream{id: 2, handler: "soun", entry: entry, scale: soundRate, ticks: 1, perStep: soundChunk}
		data := repeated(f.Plant.Sound, 2*soundChunk*len(pictures))
		for ; len(data) > 0; data = data[2:] {
			sound.samples = append(sound.samples, data[:2])
		}
		out = append(out, sound)
	}
	if f.Plant.Track != "" {
		entry := box("gpmd", words(0), halves(0, 1), words(0))
		track := &stream{id: 3, handler: "meta", entry: entry, scale: scale, ticks: scale / Rate, perStep: 1}
		for range pictures {
			track.samples = append(track.samples, repeated(f.Plant.Track, 64))
		}
		out = append(out, track)
	}
	return out
}

func (f Film) videoEntry(e *encoder) []byte {
	name := make([]byte, 32)
	name[0] = byte(copy(name[1:], f.Plant.Encoder))
	sps, pps := e.sps(), e.pps()
	avcC := box("avcC", []byte{1, sps[1], sps[2], sps[3], 0xFF, 0xE1}, halves(uint16(len(sps))), sps,
		[]byte{1}, halves(uint16(len(pps))), pps)
	return box("avc1", words(0), halves(0, 1), words(0, 0, 0, 0), halves(Width, Height), words(72<<16, 72<<16, 0),
		halves(1), name, halves(24, 0xFFFF), avcC)
}

func identity() []byte { return words(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30) }

// millis is the length of the film.
func (f Film) millis() uint32 { return uint32(f.Frames()) * scale / Rate }

func (f Film) mvhd(duration uint32) []byte {
	at := stamp(f.start())
	return box("mvhd", words(0, at, at+3600, scale, duration, 1<<16), halves(0x100, 0), words(0, 0), identity(),
		words(0, 0, 0, 0, 0, 0, 4))
}

// trak writes a track. Without tables it is one of a fragmented film.
func (f Film) trak(s *stream, tables bool) []byte {
	at := stamp(f.start())
	size, media, movie := []byte(words(0, 0)), uint32(0), uint32(0)
	if s.handler == "vide" {
		size = words(Width<<16, Height<<16)
	}
	if tables {
		media, movie = uint32(len(s.samples))*s.ticks, f.millis()
	}
	tkhd := box("tkhd", words(3, at, at+3600, s.id, 0, movie, 0, 0, 0, 0x01000000), identity(), size)
	if s.handler != "soun" {
		copy(tkhd[8+36:], halves(0))
	}
	mdhd := box("mdhd", words(0, at, at+3600, s.scale, media, 0x55C40000))
	header := map[string][]byte{"vide": box("vmhd", words(1, 0, 0)), "soun": box("smhd", words(0, 0)), "meta": box("nmhd", words(0))}[s.handler]
	dinf := box("dinf", box("dref", words(0, 1), box("url ", words(1))))
	mdia := box("mdia", mdhd, f.hdlr(s.handler), box("minf", header, dinf, s.stbl(tables)))
	var own []byte
	if f.Plant.Serial != "" {
		own = box("udta", box("name", []byte(f.Plant.Serial)))
	}
	return box("trak", tkhd, mdia, own)
}

// hdlr names the track: a counted text in QuickTime, an ended one in MP4.
func (f Film) hdlr(handler string) []byte {
	name := append([]byte(f.Plant.Handler), 0)
	kind := "\x00\x00\x00\x00"
	if f.Container == MOV {
		name = append([]byte{byte(len(f.Plant.Handler))}, f.Plant.Handler...)
		kind = "mhlr"
	}
	return box("hdlr", words(0), []byte(kind), []byte(handler), words(0, 0, 0), name)
}

func (s *stream) stbl(tables bool) []byte {
	stsd := box("stsd", words(0, 1), s.entry)
	if !tables {
		return box("stbl", stsd, box("stts", words(0, 0)), box("stsc", words(0, 0)), box("stsz", words(0, 0, 0)), box("stco", words(0, 0)))
	}
	n := uint32(len(s.samples))
	stsz := words(0, 0, n)
	for _, data := range s.samples {
		stsz = append(stsz, words(uint32(len(data)))...)
	}
	if s.handler == "soun" {
		stsz = words(0, 2, n)
	}
	parts := [][]byte{stsd, box("stts", words(0, 1, n, s.ticks)), box("stsc", words(0, 1, 1, uint32(s.perStep), 1)),
		box("stsz", stsz), box("stco", words(0, uint32(len(s.places))), words(s.places...))}
	if s.keys != nil {
		var keys []uint32
		for i, key := range s.keys {
			if key {
				keys = append(keys, uint32(i+1))
			}
		}
		parts = append(parts, box("stss", words(0, uint32(len(keys))), words(keys...)))
	}
	return box("stbl", parts...)
}

// interleave writes the samples in the order of time and notes where they come to stand, from base on.
func (f Film) interleave(streams []*stream, base uint32, first, n int) []byte {
	var out []byte
	for step := first; step < first+n; step++ {
		if step == first {
			out = append(out, f.Plant.Gap...)
		}
		for _, s := range streams {
			s.places = append(s.places, base+uint32(len(out)))
			for _, data := range s.samples[step*s.perStep : (step+1)*s.perStep] {
				out = append(out, data...)
			}
		}
	}
	return out
}

// whole writes a film with one index: at the front in MP4, at the end in QuickTime.
func (f Film) whole(pictures []picture) []byte {
	streams := f.streams(pictures)
	start := f.ftyp()
	if f.Plant.Free != "" {
		start = append(start, box("free", []byte(f.Plant.Free))...)
	}
	base := uint32(len(start) + 8)
	if f.Container == MP4 {
		f.interleave(streams, 0, 0, len(pictures)) // the tables' lengths do not depend on their values
		base += uint32(len(f.moov(streams)))
		for _, s := range streams {
			s.places = nil
		}
	}
	data := box("mdat", f.interleave(streams, base, 0, len(pictures)))
	if f.Container == MP4 {
		start = append(start, f.moov(streams)...)
	}
	start = append(start, data...)
	if f.Container == MOV {
		start = append(start, f.moov(streams)...)
	}
	return append(start, f.Plant.Tail...)
}

func (f Film) ftyp() []byte {
	if f.Container == MOV {
		return box("ftyp", []byte("qt  "), words(0x200), []byte("qt  "))
	}
	return box("ftyp", []byte("isom"), words(0x200), []byte("isomiso6mp41avc1"))
}

func (f Film) moov(streams []*stream) []byte {
	parts := [][]byte{f.mvhd(f.millis())}
	for _, s := range streams {
		parts = append(parts, f.trak(s, true))
	}
	return box("moov", append(parts, f.planted()...)...)
}

// planted writes the descriptions that cameras and programs leave in moov.
func (f Film) planted() [][]byte {
	text := func(kind, value string) []byte {
		if value == "" {
			return nil
		}
		return box(kind, halves(uint16(len(value)), 0x15C7), []byte(value))
	}
	p := f.Plant
	var out [][]byte
	udta := box("udta", text("\xA9xyz", p.Position), text("\xA9ART", p.Owner), text("\xA9nam", p.Title), serial(p.Serial))
	if len(udta) > 8 {
		out = append(out, udta)
	}
	if p.Position != "" {
		out = append(out, keys("com.apple.quicktime.location.ISO6709", p.Position))
	}
	return out
}

func serial(s string) []byte {
	if s == "" {
		return nil
	}
	return box("CAME", []byte(s))
}

// keys writes a QuickTime metadata list with one entry.
func keys(name, value string) []byte {
	item := box("\x00\x00\x00\x01", box("data", words(1, 0), []byte(value)))
	return box("meta", box("hdlr", words(0, 0), []byte("mdta"), words(0, 0, 0), []byte{0}),
		box("keys", words(0, 1), box("mdta", []byte(name))), box("ilst", item))
}

// fragmented writes a film in fragments of a second. As older recorders do, each part of a fragment counts its places from
// where the part before ended.
func (f Film) fragmented(pictures []picture) []byte {
	streams := f.streams(pictures)
	if len(streams) > 1 { // sound first, so that taking it out moves the base of the pictures
		streams = append(streams[1:], streams[0])
	}
	parts, extends := [][]byte{f.mvhd(0)}, []byte(nil)
	for _, s := range streams {
		parts = append(parts, f.trak(s, false))
		extends = append(extends, box("trex", words(0, s.id, 1, s.ticks, 0, 0))...)
	}
	parts = append(parts, box("mvex", extends))
	out := append(f.ftyp(), box("moov", append(parts, f.planted()...)...)...)
	for at := 0; at < len(pictures); at += Rate {
		out = append(out, f.fragment(streams, at, min(Rate, len(pictures)-at))...)
	}
	return append(out, f.Plant.Tail...)
}

// fragment writes the samples of n pictures.
func (f Film) fragment(streams []*stream, first, n int) []byte {
	build := func(start int) ([]byte, []byte) {
		moof := [][]byte{box("mfhd", words(0, uint32(first/Rate+1)))}
		data := []byte(f.Plant.Gap)
		lead := uint32(start + len(data))
		for _, s := range streams {
			samples := s.samples[first*s.perStep : (first+n)*s.perStep]
			sizes := []byte{}
			for i, sample := range samples {
				flags := uint32(0x02000000)
				if s.keys != nil && !s.keys[first+i] {
					flags = 0x01010000
				}
				sizes = append(sizes, words(uint32(len(sample)), flags)...)
				data = append(data, sample...)
			}
			moof = append(moof, box("traf", box("tfhd", words(0, s.id)),
				box("tfdt", words(0, uint32(first*s.perStep)*s.ticks)),
				box("trun", words(0x601, uint32(len(samples)), lead), sizes)))
			lead = 0
		}
		return box("moof", moof...), data
	}
	moof, _ := build(0)
	moof, data := build(len(moof) + 8)
	return append(moof, box("mdat", data)...)
}
