package townmap_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/townmap"
)

// field writes a field of a protocol buffer.
func field(out []byte, number int, value any) []byte {
	switch v := value.(type) {
	case int:
		return binary.AppendUvarint(binary.AppendUvarint(out, uint64(number)<<3), uint64(v))
	case string:
		return field(out, number, []byte(v))
	case []byte:
		return append(binary.AppendUvarint(binary.AppendUvarint(out, uint64(number)<<3|2), uint64(len(v))), v...)
	}
	panic("a field of another kind")
}

// tilePosition is where a position lies in a tile of a zoom, which may be outside of it.
func tilePosition(p footage.Point, z, x, y int) (int, int) {
	n := math.Exp2(float64(z))
	lat := p.Lat * math.Pi / 180
	across := (p.Lon+180)/360*n - float64(x)
	down := (1-math.Asinh(math.Tan(lat))/math.Pi)/2*n - float64(y)
	return int(math.Round(across * 4096)), int(math.Round(down * 4096))
}

// tileOf encodes the whole basemap into a tile, as the schema of Protomaps names it; what lies outside is left in.
func tileOf(b *townmap.Basemap, z, x, y int) []byte {
	layers := map[string][][]byte{}
	var keys, values []byte
	index := 0
	value := func(s string) int {
		values = field(values, 4, field(nil, 1, s))
		index++
		return index - 1
	}
	keys = field(field(keys, 3, "kind"), 3, "name")
	for _, f := range b.Features {
		layer, kind := map[townmap.Kind]string{townmap.Water: "water", townmap.Park: "landuse", townmap.Building: "buildings", townmap.Street: "roads", townmap.Rail: "roads", townmap.Place: "places"}[f.Kind], "minor_road"
		switch {
		case f.Kind == townmap.Rail:
			kind = "rail"
		case f.Major:
			kind = "major_road"
		case f.Kind == townmap.Park:
			kind = "park"
		}
		geometry, shape := []byte{}, 2
		lastX, lastY := 0, 0
		for _, line := range f.Lines {
			if f.Filled {
				line, shape = line[:len(line)-1], 3
			}
			for i, p := range line {
				px, py := tilePosition(p, z, x, y)
				if i == 0 {
					geometry = binary.AppendUvarint(geometry, 1<<3|1)
				} else if i == 1 {
					geometry = binary.AppendUvarint(geometry, uint64(len(line)-1)<<3|2)
				}
				geometry = binary.AppendVarint(binary.AppendVarint(geometry, int64(px-lastX)), int64(py-lastY))
				lastX, lastY = px, py
			}
			if f.Filled {
				geometry = binary.AppendUvarint(geometry, 1<<3|7)
			}
		}
		if f.Kind == townmap.Place {
			shape = 1
		}
		tags := binary.AppendUvarint([]byte{0}, uint64(value(kind)))
		tags = binary.AppendUvarint(append(tags, 1), uint64(value(f.Name)))
		layers[layer] = append(layers[layer], field(field(field(nil, 2, tags), 3, shape), 4, geometry))
	}
	var tile []byte
	for _, name := range []string{"buildings", "landuse", "places", "roads", "water"} {
		raw := field(field(nil, 15, 2), 1, name)
		for _, f := range layers[name] {
			raw = field(raw, 2, f)
		}
		tile = field(tile, 3, field(slices.Concat(raw, keys, values), 5, 4096))
	}
	return tile
}

func zipped(raw []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(raw)
	_ = z.Close()
	return out.Bytes()
}

// tileID is a tile's place on the Hilbert curves of all zooms.
func tileID(z, x, y int) uint64 {
	var id uint64
	for i := range z {
		id += 1 << (2 * i)
	}
	for s := 1 << z / 2; s > 0; s /= 2 {
		rx, ry := x/s&1, y/s&1
		id += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x&(s-1), s-1-y&(s-1)
			}
			x, y = y, x
		}
	}
	return id
}

// townTiles is an archive with the town's map in six tiles of zoom 13, below a directory of a directory.
func townTiles(b *townmap.Basemap) []byte {
	var data []byte
	var ids, runs, lengths []uint64
	tiles := map[uint64][]byte{}
	for x := 2115; x <= 2117; x++ {
		for y := 2968; y <= 2969; y++ {
			tiles[tileID(13, x, y)] = zipped(tileOf(b, 13, x, y))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(tiles)) {
		data = append(data, tiles[id]...)
		ids, runs, lengths = append(ids, id), append(runs, 1), append(lengths, uint64(len(tiles[id])))
	}
	directory := func(ids, runs, lengths []uint64) []byte {
		out := binary.AppendUvarint(nil, uint64(len(ids)))
		last := uint64(0)
		for _, id := range ids {
			out = binary.AppendUvarint(out, id-last)
			last = id
		}
		for _, column := range [][]uint64{runs, lengths} {
			for _, v := range column {
				out = binary.AppendUvarint(out, v)
			}
		}
		for i := range ids {
			out = binary.AppendUvarint(out, uint64(1-min(i, 1))) // the first at nought, each further one behind the one before
		}
		return zipped(out)
	}
	leaf := directory(ids, runs, lengths)
	root := directory(ids[:1], []uint64{0}, []uint64{uint64(len(leaf))})
	about := zipped([]byte(`{"attribution": "<a href=\"https://www.openstreetmap.org/copyright\">&copy; OpenStreetMap</a>"}`))
	head := append([]byte("PMTiles"), 3)
	at := uint64(127)
	for _, part := range []int{len(root), len(about), len(leaf), len(data)} {
		head = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(head, at), uint64(part))
		at += uint64(part)
	}
	head = append(head, make([]byte, 24)...)
	head = append(head, 1, 2, 2, 1)
	head = append(head, make([]byte, 127-len(head))...)
	return slices.Concat(head, root, about, leaf, data)
}

// TestTiles: a map that comes in vector tiles, cut at their edges, has the streets of each request's area that the same map
// has as one file, and draws.
func TestTiles(t *testing.T) {
	b := basemap(t)
	raw := townTiles(b)
	path := filepath.Join(t.TempDir(), "town.pmtiles")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := townmap.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range town.Requests() {
		want, have := b.StreetsIn(r.Area), got.StreetsIn(r.Area)
		slices.Sort(want)
		slices.Sort(have)
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-file +tiles):\n%s", r.Code, diff)
		}
	}
	if got.Attribution != "© OpenStreetMap" {
		t.Errorf("the map is by %q", got.Attribution)
	}
	classes := wellFormed(t, string(townmap.Map{Basemap: got, Areas: []footage.Area{town.Requests()[0].Area}, ID: "map"}.SVG()))
	for _, class := range []string{"m-street", "m-major", "m-park", "m-water", "m-area"} {
		if classes[class] == 0 {
			t.Errorf("nothing of class %q is drawn: %v", class, classes)
		}
	}
	for _, broken := range [][]byte{nil, []byte("PMTiles\x02"), raw[:200], append([]byte("PMTiles\x03"), bytes.Repeat([]byte{0xff}, 200)...)} {
		if _, err := townmap.ParseTiles(bytes.NewReader(broken)); err == nil {
			t.Errorf("%d broken bytes were read", len(broken))
		}
	}
}

// FuzzTiles: whatever bytes come as an archive, reading them ends, and what was read can be written and read again.
func FuzzTiles(f *testing.F) {
	b, err := townmap.Parse(town.Basemap())
	if err != nil {
		f.Fatal(err)
	}
	b.Features = b.Features[:4]
	f.Add(townTiles(b))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := townmap.ParseTiles(bytes.NewReader(raw))
		if err != nil {
			return
		}
		served, err := got.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := townmap.Parse(served); err != nil {
			t.Fatal(err)
		}
	})
}
