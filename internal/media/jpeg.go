package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// Limits on stills, which are read into memory.
const (
	maxJPEG     = 64 << 20 // bytes
	maxSegments = 1 << 16
)

// Markers of a JPEG file (ITU-T T.81, table B.1).
const (
	mSOI  = 0xD8
	mEOI  = 0xD9
	mSOS  = 0xDA
	mAPP0 = 0xE0
	mCOM  = 0xFE
)

// segment is one marker segment. Of a scan, data runs on over the entropy-coded part.
type segment struct {
	marker byte
	data   []byte // marker and length included
}

// body returns what the segment holds behind marker and length; of a scan, its header.
func (s segment) body() []byte {
	if len(s.data) < 4 {
		return nil
	}
	return s.data[4 : 2+int(binary.BigEndian.Uint16(s.data[2:]))]
}

// still is a JPEG file in its parts.
type still struct {
	segments []segment // from behind SOI to before EOI
	rest     []byte    // behind EOI
}

func readStill(r io.ReaderAt, size int64) (*still, error) {
	if size > maxJPEG {
		return nil, unsupported("clip_too_large", "This picture has more than 64 MiB, too much to clean.")
	}
	data := make([]byte, size)
	if err := readFull(r, data, 0); err != nil {
		return nil, err
	}
	return parseStill(data)
}

func parseStill(data []byte) (*still, error) {
	s := &still{}
	frame := false
	for at := 2; ; {
		for at+1 < len(data) && data[at] == 0xFF && data[at+1] == 0xFF { // fill bytes
			at++
		}
		if at+2 > len(data) {
			return nil, invalid("clip_cut_short", "This picture is cut short: its end is missing. Download or copy it again.")
		}
		marker := data[at+1]
		if data[at] != 0xFF || marker < 0xC0 || marker == mSOI || marker >= 0xD0 && marker <= 0xD7 {
			return nil, damaged("list of segments")
		}
		if marker == mEOI {
			s.rest = data[at+2:]
			if !frame {
				return nil, damaged("list of segments, which holds no picture,")
			}
			return s, nil
		}
		n := segmentLength(data[at:], marker)
		if n == 0 {
			return nil, invalid("clip_cut_short", "This picture is cut short: a part of it is missing. Download or copy it again.")
		}
		if len(s.segments) == maxSegments {
			return nil, unsupported("clip_intricate", "This picture has too many parts.")
		}
		s.segments = append(s.segments, segment{marker, data[at : at+n]})
		frame = frame || marker == mSOS
		at += n
	}
}

// segmentLength returns the length of the segment at the start of data, or 0 if it is not whole.
func segmentLength(data []byte, marker byte) int {
	if len(data) < 4 {
		return 0
	}
	n := 2 + int(binary.BigEndian.Uint16(data[2:]))
	if n < 4 || n > len(data) {
		return 0
	}
	if marker != mSOS {
		return n
	}
	for ; n+1 < len(data); n++ {
		if next := data[n+1]; data[n] == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7) {
			return n
		}
	}
	return 0
}

func inspectJPEG(r io.ReaderAt, size int64) (*Clip, error) {
	s, err := readStill(r, size)
	if err != nil {
		return nil, err
	}
	in := &inspection{seen: map[Finding]bool{}, clip: &Clip{Format: JPEG, Size: size}}
	for _, g := range s.segments {
		in.segment(g)
	}
	if len(s.rest) > 0 {
		in.add(Leftover, "behind the picture", "Another picture, a film or other data: "+bytesOf(len(s.rest))+".")
	}
	return in.clip, nil
}

// segment looks at one segment of a JPEG file.
func (in *inspection) segment(g segment) {
	body := g.body()
	switch m := g.marker; {
	case m >= 0xC0 && m <= 0xCF && m != 0xC4 && m != 0xC8 && m != 0xCC && len(body) >= 5: // start of frame
		in.clip.Height, in.clip.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	case m == mCOM:
		in.add(Text, "COM", "Comment: "+show(body)+".")
	case m == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
		if !bytes.Equal(g.data, orientationOnly(orientation(body[6:]))) {
			in.exif(body[6:])
		}
	case m == 0xE1:
		in.add(Text, "APP1", "A description of the picture and its making (XMP or the like), "+bytesOf(len(body))+".")
	case m == 0xED:
		in.add(Text, "APP13", "Captions, authors and keywords (IPTC), "+bytesOf(len(body))+".")
	case m == mAPP0:
		if !bytes.Equal(g.data, plainJFIF(body)) {
			in.add(Thumbnail, "APP0", "A small picture, "+bytesOf(len(body))+".")
		}
	case m > mAPP0 && m <= 0xEF && !isAdobe(g):
		in.add(Unknown, "APP"+string("0123456789ABCDEF"[m&15]), "Data of the maker's own kind, "+bytesOf(len(body))+".")
	}
}

func isAdobe(g segment) bool {
	return g.marker == 0xEE && len(g.body()) == 12 && bytes.HasPrefix(g.body(), []byte("Adobe"))
}

// plainJFIF returns the JFIF segment without its small picture, or nil if body is none (T.871, 10.1).
func plainJFIF(body []byte) []byte {
	if len(body) < 14 || !bytes.HasPrefix(body, []byte("JFIF\x00")) {
		return nil
	}
	out := append([]byte{0xFF, mAPP0, 0, 16}, body[:12]...)
	return append(out, 0, 0)
}

// cleanJPEG writes the picture anew from the segments that decoders need. Image data is copied, never coded again.
func cleanJPEG(r io.ReaderAt, size int64) (*Cleaned, error) {
	s, err := readStill(r, size)
	if err != nil {
		return nil, err
	}
	var log editLog
	out := make([]byte, 0, size)
	out = append(out, 0xFF, mSOI)
	turn := uint16(1)
	for _, g := range s.segments {
		if g.marker == 0xE1 && bytes.HasPrefix(g.body(), []byte("Exif\x00\x00")) && turn == 1 {
			turn = orientation(g.body()[6:])
		}
	}
	turned := orientationOnly(turn)
	for _, g := range s.segments {
		kept := keptSegment(g)
		if g.marker != mAPP0 && turn != 1 { // behind APP0 or first
			out = append(out, turned...)
			turn = 1
		}
		out = append(out, kept...)
		if !bytes.Equal(kept, g.data) && !bytes.Equal(turned, g.data) {
			log.count("metadata", int64(len(g.data)-len(kept)))
		}
	}
	out = append(out, 0xFF, mEOI)
	log.count("tail", int64(len(s.rest)))
	return &Cleaned{ReaderAt: bytes.NewReader(out), Size: int64(len(out)), Edits: log.edits()}, nil
}

// keptSegment returns what stays of a segment.
func keptSegment(g segment) []byte {
	switch m := g.marker; {
	case m == mAPP0:
		return plainJFIF(g.body())
	case isAdobe(g): // says how colours are coded
		return g.data
	case m == mCOM || m >= mAPP0 && m <= 0xEF || m >= 0xF0 && m <= 0xFD:
		return nil
	}
	return g.data
}
