package testenv

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
)

// Picture is what the window shows, as a PNG for the documents: with 32 steps of each colour, which nobody misses on a page and
// which halves a picture with a gradient.
func (t *Tab) Picture() []byte {
	t.b.t.Helper()
	in, err := png.Decode(bytes.NewReader(t.PNG(false)))
	if err != nil {
		t.b.t.Fatal(err)
	}
	out := image.NewNRGBA(in.Bounds())
	draw.Draw(out, out.Bounds(), in, in.Bounds().Min, draw.Src)
	for i, v := range out.Pix {
		out.Pix[i] = v&0xf8 | v>>5
	}
	var packed bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&packed, out); err != nil {
		t.b.t.Fatal(err)
	}
	return packed.Bytes()
}
