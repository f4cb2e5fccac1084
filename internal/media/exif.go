package media

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// Tags of Exif (JEITA CP-3451, 4.6).
const (
	tagOrientation = 0x0112
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagTime        = 0x9003 // DateTimeOriginal
	tagZone        = 0x9011 // OffsetTimeOriginal
)

// maxTags bounds the entries of one directory that are looked at.
const maxTags = 512

// tiff is the body of an Exif segment, a TIFF file (TIFF 6.0, 2).
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// tag is one entry of a directory.
type tag struct {
	id, kind uint16
	value    []byte // nil if it lies outside the data
}

func openTIFF(data []byte) (tiff, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")) && len(data) >= 8:
		return tiff{data, binary.LittleEndian}, true
	case bytes.HasPrefix(data, []byte("MM\x00*")) && len(data) >= 8:
		return tiff{data, binary.BigEndian}, true
	}
	return tiff{}, false
}

// directory reads the directory at off and where the next one is. What lies outside the data is left out.
func (t tiff) directory(off uint32) (tags []tag, next uint32) {
	if uint64(off)+2 > uint64(len(t.data)) {
		return nil, 0
	}
	n := int(t.order.Uint16(t.data[off:]))
	entries := t.data[off+2:]
	for range min(n, maxTags) {
		if len(entries) < 12 {
			return tags, 0
		}
		tags = append(tags, t.entry(entries[:12]))
		entries = entries[12:]
	}
	if n <= maxTags && len(entries) >= 4 {
		next = t.order.Uint32(entries)
	}
	return tags, next
}

func (t tiff) entry(e []byte) tag {
	g := tag{id: t.order.Uint16(e), kind: t.order.Uint16(e[2:])}
	width := uint64(1)
	switch g.kind {
	case 3, 8:
		width = 2
	case 4, 9, 11:
		width = 4
	case 5, 10, 12:
		width = 8
	}
	size := width * uint64(t.order.Uint32(e[4:]))
	if size <= 4 {
		g.value = e[8 : 8+size]
	} else if off := uint64(t.order.Uint32(e[8:])); off+size <= uint64(len(t.data)) {
		g.value = t.data[off : off+size]
	}
	return g
}

func (t tiff) number(g tag) uint32 {
	switch {
	case g.kind == 3 && len(g.value) >= 2:
		return uint32(t.order.Uint16(g.value))
	case g.kind == 4 && len(g.value) >= 4:
		return t.order.Uint32(g.value)
	}
	return 0
}

// orientation returns how the picture is to be turned, 1 to 8; 1 is as it is.
func orientation(data []byte) uint16 {
	t, ok := openTIFF(data)
	if !ok {
		return 1
	}
	tags, _ := t.directory(t.order.Uint32(data[4:]))
	for _, g := range tags {
		if n := t.number(g); g.id == tagOrientation && n >= 1 && n <= 8 {
			return uint16(n)
		}
	}
	return 1
}

// orientationOnly returns an Exif segment that holds an orientation and nothing else.
func orientationOnly(turn uint16) []byte {
	out := []byte("\xFF\xE1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	out = binary.BigEndian.AppendUint16(out, turn)
	return append(out, 0, 0, 0, 0, 0, 0)
}

// exif looks at an Exif segment.
func (in *inspection) exif(data []byte) {
	t, ok := openTIFF(data)
	if !ok {
		in.add(Unknown, "EXIF", "A description of the picture that cannot be read, "+bytesOf(len(data))+".")
		return
	}
	before := len(in.clip.Findings)
	tags, next := t.directory(t.order.Uint32(data[4:]))
	var clock, zone string
	for _, g := range tags {
		if g.id == tagExif {
			inner, _ := t.directory(t.number(g))
			for _, e := range inner {
				switch e.id {
				case tagTime:
					clock = string(e.value)
				case tagZone:
					zone = string(e.value)
				}
				in.exifTag(t, e)
			}
		}
		in.exifTag(t, g)
	}
	in.clip.Created, in.clip.ZoneKnown = exifTime(clock, zone)
	if next != 0 {
		in.add(Thumbnail, "EXIF/IFD1", "A small picture, perhaps from before the picture was edited.")
	}
	if len(in.clip.Findings) == before {
		in.add(Unknown, "EXIF", "Camera settings, "+bytesOf(len(data))+".")
	}
}

func (in *inspection) exifTag(t tiff, g tag) {
	if g.id == tagGPS {
		if inner, _ := t.directory(t.number(g)); len(inner) > 0 {
			in.add(Position, "EXIF/GPS", "Position.")
		}
		return
	}
	if code, where, label := exifMeaning(g.id); code != "" && !allZero(g.value) {
		in.add(code, "EXIF/"+where, label+": "+show(g.value)+".")
	}
}

func exifMeaning(id uint16) (code, where, label string) {
	switch id {
	case 0x010F:
		return Device, "Make", "Maker"
	case 0x0110:
		return Device, "Model", "Model"
	case 0x0131:
		return Software, "Software", "Program"
	case 0x013C:
		return Device, "HostComputer", "Computer or phone"
	case 0x013B, 0x9C9D:
		return Owner, "Artist", "Name of a person"
	case 0x8298:
		return Owner, "Copyright", "Owner of the rights"
	case 0xA430:
		return Owner, "CameraOwnerName", "Owner of the camera"
	case 0xA431:
		return Serial, "BodySerialNumber", "Number of this very camera"
	case 0xA435:
		return Serial, "LensSerialNumber", "Number of this very lens"
	case 0xA420:
		return Serial, "ImageUniqueID", "Number of the picture"
	case 0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F:
		return Text, "Description", "Title or comment"
	case 0x010D:
		return FileName, "DocumentName", "Name of a file"
	case 0x927C:
		return Serial, "MakerNote", "The maker's notes, which often hold the camera's number"
	}
	return "", "", ""
}

// exifTime reads DateTimeOriginal with OffsetTimeOriginal, if there is one.
func exifTime(clock, zone string) (t time.Time, known bool) {
	clock, zone = strings.Trim(clock, "\x00 "), strings.Trim(zone, "\x00 ")
	if t, err := time.Parse("2006:01:02 15:04:05-07:00", clock+zone); err == nil {
		return t, true
	}
	t, err := time.Parse("2006:01:02 15:04:05", clock)
	if err != nil {
		return time.Time{}, false
	}
	return t, false
}
