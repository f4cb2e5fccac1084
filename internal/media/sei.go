package media

import (
	"bytes"
	"encoding/binary"
)

// How much of the pictures is looked at for messages: the first units of some stretches, and the start of each message.
const (
	seiStretches = 4
	seiUnits     = 64
	seiBytes     = 4 << 10
)

// messages warns of user data between the pictures: SEI messages of type 4 and 5 (ITU-T H.264, D.1.6 and D.1.7; H.265 alike).
// Players ignore them, but cameras write models, settings and even positions into them. Pictures and messages are woven so
// closely that cleaning leaves both alone.
func (in *inspection) messages(extents spans) error {
	t := in.m.firstVideo()
	for c := range t.entry.children(78) {
		if c.kind == "hvcC" {
			in.described(c.field())
		}
	}
	length, hevc := t.nalLength()
	if length == 0 || len(extents) == 0 {
		return nil
	}
	step := max(1, len(extents)/seiStretches)
	for i := 0; i < len(extents); i += step {
		if err := in.units(extents[i], length, hevc); err != nil {
			return err
		}
	}
	return nil
}

// described looks at the units that H.265 keeps in the sample description (hvcC, ISO/IEC 14496-15, 8.3.3.1): parameter sets, and
// messages that hold for the whole film.
func (in *inspection) described(f *field) {
	const lengthBefore = 22 // bytes of the record before the number of its lists
	f.take(lengthBefore)
	for range f.take(1)[0] {
		f.take(1) // their type, which each unit says too
		for range binary.BigEndian.Uint16(f.take(2)) {
			unit := f.take(int(binary.BigEndian.Uint16(f.take(2))))
			if f.short {
				return
			}
			if len(unit) > 1 && isSEI(unit, true) {
				in.sei(unit, true)
			}
		}
	}
}

// nalLength returns how many bytes tell a unit's length, from avcC or hvcC (ISO/IEC 14496-15, 5.3.3 and 8.3.3), or 0.
func (t *track) nalLength() (length int, hevc bool) {
	for c := range t.entry.children(78) {
		switch body := c.body(); {
		case c.kind == "avcC" && len(body) > 4:
			return int(body[4]&3) + 1, false
		case c.kind == "hvcC" && len(body) > 21:
			return int(body[21]&3) + 1, true
		}
	}
	return 0, false
}

// units reads the heads of the units in a stretch.
func (in *inspection) units(s span, length int, hevc bool) error {
	for off, n := s.off, 0; n < seiUnits && off+int64(length) < s.end; n++ {
		head := make([]byte, min(int64(length)+seiBytes, s.end-off))
		if err := readFull(in.m.r, head[:min(len(head), length+2)], off); err != nil {
			return err
		}
		var size [8]byte
		copy(size[8-length:], head)
		unit := int64(binary.BigEndian.Uint64(size[:]))
		if unit <= 0 || unit > s.end-off-int64(length) {
			return nil
		}
		if isSEI(head[length:], hevc) {
			head = head[:min(int64(len(head)), int64(length)+unit)]
			if err := readFull(in.m.r, head, off); err != nil {
				return err
			}
			in.sei(head[length:], hevc)
		}
		off += int64(length) + unit
	}
	return nil
}

func isSEI(unit []byte, hevc bool) bool {
	if hevc {
		kind := unit[0] >> 1 & 0x3F
		return kind == 39 || kind == 40
	}
	return unit[0]&0x1F == 6
}

// sei goes through the messages of one unit (H.264, 7.3.2.3).
func (in *inspection) sei(unit []byte, hevc bool) {
	skip := 1
	if hevc {
		skip = 2
	}
	data := bytes.ReplaceAll(unit[min(skip, len(unit)):], []byte{0, 0, 3}, []byte{0, 0})
	for len(data) > 2 {
		var kind, size int
		kind, data = seiNumber(data)
		size, data = seiNumber(data)
		size = min(size, len(data))
		if text := data[:size]; kind == 5 && size >= 16 {
			in.message(show(text[16:]))
		} else if kind == 4 && size > 0 {
			in.message(bytesOf(size))
		}
		data = data[size:]
	}
}

func (in *inspection) message(what string) {
	in.note(Finding{Code: InPicture, Where: "between the pictures", Stays: true,
		What: "The encoder left a message that stays in the copy: " + what + ". Sending it exported anew from another program may remove it."})
}

func seiNumber(data []byte) (int, []byte) {
	n := 0
	for len(data) > 0 && data[0] == 0xFF {
		n, data = n+255, data[1:]
	}
	if len(data) == 0 {
		return n, nil
	}
	return n + int(data[0]), data[1:]
}
