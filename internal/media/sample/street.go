package sample

import (
	"bytes"
	"time"
)

// Picture is an image in three planes (4:2:0, BT.601, limited range), Width by Height.
type Picture struct {
	Y, U, V []byte
}

// paint is a colour as the planes hold it.
type paint struct{ y, u, v byte }

func newPicture() *Picture {
	return &Picture{make([]byte, Width*Height), make([]byte, Width*Height/4), make([]byte, Width*Height/4)}
}

// fill paints a rectangle, cut to the picture. Colour has half the resolution.
func (p *Picture) fill(x, y, w, h int, c paint) {
	left, right := max(0, x), min(Width, x+w)
	for row := max(0, y); row < min(Height, y+h) && left < right; row++ {
		for col := left; col < right; col++ {
			p.Y[row*Width+col] = c.y
			p.U[row/2*(Width/2)+col/2] = c.u
			p.V[row/2*(Width/2)+col/2] = c.v
		}
	}
}

// sameBlock compares one macroblock of two pictures.
func (p *Picture) sameBlock(q *Picture, x, y int) bool {
	for row := range 16 {
		at := (y*16+row)*Width + x*16
		if !bytes.Equal(p.Y[at:at+16], q.Y[at:at+16]) {
			return false
		}
	}
	for row := range 8 {
		at := (y*8+row)*(Width/2) + x*8
		if !bytes.Equal(p.U[at:at+8], q.U[at:at+8]) || !bytes.Equal(p.V[at:at+8], q.V[at:at+8]) {
			return false
		}
	}
	return true
}

// appendBlock appends the 384 samples of one macroblock (H.264, 7.3.5).
func (p *Picture) appendBlock(out []byte, x, y int) []byte {
	for row := range 16 {
		at := (y*16+row)*Width + x*16
		out = append(out, p.Y[at:at+16]...)
	}
	for _, plane := range [][]byte{p.U, p.V} {
		for row := range 8 {
			at := (y*8+row)*(Width/2) + x*8
			out = append(out, plane[at:at+8]...)
		}
	}
	return out
}

// roll is a small random sequence (splitmix64): the same on every machine and in every version of Go.
type roll uint64

func (r *roll) n(below int) int {
	*r += 0x9E3779B97F4A7C15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(below))
}

// Frame draws picture number i, counted from nought: a row of houses, a street, cars, somebody on the pavement, the clock.
func (f Film) Frame(i int) *Picture {
	r := roll(f.Seed)
	p := newPicture()
	dusk := byte(r.n(50))
	p.fill(0, 0, Width, 96, paint{150 - dusk, 140, 118})
	f.houses(p, &r, dusk)
	p.fill(0, 150, Width, 14, paint{120 - dusk/2, 128, 128}) // pavement
	p.fill(0, 164, Width, 60, paint{62, 128, 128})           // street
	for x := 8; x < Width; x += 48 {
		p.fill(x, 192, 24, 3, paint{190, 128, 128})
	}
	p.fill(0, 224, Width, 16, paint{104 - dusk/2, 118, 118})
	f.walker(p, &r, i)
	f.cars(p, &r, i)
	f.clock(p, i)
	return p
}

func (f Film) houses(p *Picture, r *roll, dusk byte) {
	for x := 0; x < Width; {
		w, h := 48+2*r.n(20), 60+2*r.n(24)
		wall := paint{byte(100+r.n(70)) - dusk, byte(112 + r.n(24)), byte(122 + r.n(30))}
		p.fill(x, 150-h, w-4, h, wall)
		for wx := x + 6; wx+10 < x+w-4; wx += 16 {
			for wy := 150 - h + 8; wy < 126; wy += 22 {
				glass := paint{48, 136, 124}
				if r.n(3) == 0 {
					glass = paint{200, 96, 146} // a light is on
				}
				p.fill(wx, wy, 10, 12, glass)
			}
		}
		p.fill(x+w/2-6, 128, 10, 22, paint{56, 120, 140})
		p.fill(x+w/2-8, 122, 14, 4, paint{225, 80, 150}) // the porch light
		x += w
	}
}

// walker crosses the pavement once in the film, two pixels in each picture.
func (f Film) walker(p *Picture, r *roll, i int) {
	from := -20 - r.n(60)
	x := from + 2*i
	coat := paint{byte(50 + r.n(100)), byte(100 + r.n(56)), byte(100 + r.n(56))}
	p.fill(x+2, 134, 6, 6, paint{170, 112, 148})
	p.fill(x, 140, 10, 12, coat)
	swing := i / 2 % 2 * 2
	p.fill(x+1-swing, 152, 3, 8, paint{40, 128, 128})
	p.fill(x+6+swing, 152, 3, 8, paint{40, 128, 128})
}

// cars pass on both lanes, one after another.
func (f Film) cars(p *Picture, r *roll, i int) {
	for lane := range 2 {
		speed, every := 4+2*r.n(3), 420+r.n(160)
		body := paint{byte(70 + r.n(130)), byte(80 + r.n(96)), byte(80 + r.n(96))}
		x := (i*speed+r.n(every))%every - 80
		y := 166
		if lane == 1 {
			x, y = Width-x-64, 198
		}
		p.fill(x+14, y, 34, 10, paint{90, 134, 124})
		p.fill(x, y+8, 64, 12, body)
		p.fill(x+8, y+18, 10, 6, paint{24, 128, 128})
		p.fill(x+44, y+18, 10, 6, paint{24, 128, 128})
	}
}

// glyphs returns the figures 0 to 9 and the colon, three by five, a row to an octal digit.
func glyphs() [11][5]byte {
	return [11][5]byte{
		{7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 7, 1, 7}, {5, 5, 7, 1, 1}, {7, 4, 7, 1, 7},
		{7, 4, 7, 5, 7}, {7, 1, 1, 1, 1}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7}, {0, 2, 0, 2, 0},
	}
}

// clock shows the time of day, as cameras do.
func (f Film) clock(p *Picture, i int) {
	text := f.start().Add(time.Duration(i) * time.Second / Rate).Format("15:04:05")
	p.fill(6, 6, 8*12+4, 20, paint{16, 128, 128})
	for n, c := range []byte(text) {
		glyph := glyphs()[c-'0']
		for row := range 5 {
			for col := range 3 {
				if glyph[row]>>(2-col)&1 == 1 {
					p.fill(10+n*12+col*3, 8+row*3, 3, 3, paint{230, 128, 128})
				}
			}
		}
	}
}
