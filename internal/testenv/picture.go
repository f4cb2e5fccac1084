package testenv

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
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

// Keep writes a picture of the window into the folder of the documents' pictures, if one of the documents about that folder shows
// a picture of this name: what no document shows is not kept there.
func (t *Tab) Keep(folder, name string) {
	t.b.t.Helper()
	documents, err := filepath.Glob(filepath.Join(folder, "..", "*.md"))
	if err != nil {
		t.b.t.Fatal(err)
	}
	for _, path := range append(documents, filepath.Join(folder, "..", "..", "README.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.b.t.Fatal(err)
		}
		if !strings.Contains(string(text), "images/"+name+".png)") {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name+".png"), t.Picture(), 0o644); err != nil {
			t.b.t.Fatal(err)
		}
		return
	}
}
