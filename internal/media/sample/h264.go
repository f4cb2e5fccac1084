package sample

// bits writes a raw byte sequence payload (ITU-T H.264, 7.2 and 9.1).
type bits struct {
	out  []byte
	free int // bits still free in the last byte
}

func (b *bits) u(n int, v uint32) {
	for n--; n >= 0; n-- {
		if b.free == 0 {
			b.out, b.free = append(b.out, 0), 8
		}
		b.free--
		b.out[len(b.out)-1] |= byte(v>>n&1) << b.free
	}
}

// ue writes an unsigned Exp-Golomb number.
func (b *bits) ue(v uint32) {
	n := 0
	for v+1 >= 2<<n {
		n++
	}
	b.u(n, 0)
	b.u(n+1, v+1)
}

// se writes the signed number nought, the only one needed.
func (b *bits) se0() { b.ue(0) }

func (b *bits) align() { b.free = 0 }

// end writes the stop bit.
func (b *bits) end() []byte {
	b.u(1, 1)
	return b.out
}

// Types of unit, with their importance (7.4.1).
const (
	unitSlice = 0x41
	unitKey   = 0x65
	unitSEI   = 0x06
	unitSPS   = 0x67
	unitPPS   = 0x68
)

// escape makes a unit of a payload: no three bytes in it may look like the start of another (7.4.1.1).
func escape(kind byte, payload []byte) []byte {
	out := append(make([]byte, 0, len(payload)+16), kind)
	zeros := 0
	for _, c := range payload {
		if zeros == 2 && c <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, c); c == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// encoder codes pictures of one size in the constrained baseline profile.
type encoder struct {
	wide, high    int // in macroblocks
	width, height int
	number        uint32 // frame_num since the last key picture
	keys          uint32
}

func newEncoder(width, height int) *encoder {
	return &encoder{wide: (width + 15) / 16, high: (height + 15) / 16, width: width, height: height}
}

// sps returns the sequence parameter set (7.3.2.1). Sizes are whole macroblocks.
func (e *encoder) sps() []byte {
	var b bits
	b.u(8, 66)   // baseline
	b.u(8, 0xC0) // constrained
	b.u(8, 20)   // level 2
	b.ue(0)      // parameter set 0
	b.ue(4)      // frame_num has 8 bits
	b.ue(2)      // pictures are shown in the order of coding
	b.ue(1)      // one reference picture
	b.u(1, 0)
	b.ue(uint32(e.wide - 1))
	b.ue(uint32(e.high - 1))
	b.u(1, 1) // frames only
	b.u(1, 1)
	b.u(1, 0) // no cropping
	b.u(1, 0) // no further information
	return escape(unitSPS, b.end())
}

// pps returns the picture parameter set (7.3.2.2).
func (e *encoder) pps() []byte {
	var b bits
	b.ue(0)
	b.ue(0)
	b.u(1, 0) // CAVLC
	b.u(1, 0)
	b.ue(0) // one slice group
	b.ue(0)
	b.ue(0)
	b.u(3, 0) // no weighted prediction
	b.se0()
	b.se0()
	b.se0()
	b.u(1, 1) // slices say whether they are filtered: they are not
	b.u(2, 0)
	return escape(unitPPS, b.end())
}

// header writes a slice header (7.3.3).
func (e *encoder) header(b *bits, key bool) {
	b.ue(0) // first macroblock
	if key {
		e.number = 0
		b.ue(7) // I
	} else {
		e.number = (e.number + 1) & 0xFF
		b.ue(5) // P
	}
	b.ue(0)
	b.u(8, e.number)
	if key {
		b.ue(e.keys & 1)
		e.keys++
		b.u(2, 0) // no long-term reference
	} else {
		b.u(1, 0) // one reference
		b.u(1, 0) // in the usual order
		b.u(1, 0) // sliding window
	}
	b.se0()
	b.ue(1) // no deblocking
}

// encode codes a picture as one unit: by itself if before is nil, or by what changed.
func (e *encoder) encode(now, before *Picture) []byte {
	var b bits
	key := before == nil
	e.header(&b, key)
	kind, mbType, skipped := byte(unitKey), uint32(25), uint32(0) // I_PCM
	if !key {
		kind, mbType = unitSlice, 30
	}
	for y := range e.high {
		for x := range e.wide {
			if !key && now.sameBlock(before, x, y) {
				skipped++
				continue
			}
			if !key {
				b.ue(skipped)
				skipped = 0
			}
			b.ue(mbType)
			b.align()
			b.out = now.appendBlock(b.out, x, y)
		}
	}
	if skipped > 0 {
		b.ue(skipped)
	}
	return escape(kind, b.end())
}

// userData returns an SEI unit with a text (D.1.7).
func userData(text string) []byte {
	payload := append([]byte("porchlight/v1:sei"[:16]), text...)
	out := []byte{5}
	n := len(payload)
	for ; n >= 255; n -= 255 {
		out = append(out, 255)
	}
	out = append(append(out, byte(n)), payload...)
	return escape(unitSEI, append(out, 0x80))
}

// unit puts the length before a unit, as MP4 wants it.
func unit(data []byte) []byte {
	n := len(data)
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, data...)
}
