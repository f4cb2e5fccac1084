package townmap

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"porchlight.example/internal/footage"
)

// Vector tiles, version 2 (https://github.com/mapbox/vector-tile-spec/tree/master/2.1), as far as a map of streets needs them.

// wire reads the protocol buffers that tiles are made of.
type wire struct{ left []byte }

func (p *wire) varint() (uint64, bool) {
	v, n := binary.Uvarint(p.left)
	if n <= 0 {
		return 0, false
	}
	p.left = p.left[n:]
	return v, true
}

// field returns the next field's number with its value: a number, or bytes. ok is false at the end and where it is broken.
func (p *wire) field() (number uint64, value uint64, data []byte, ok bool) {
	key, ok := p.varint()
	if !ok {
		return 0, 0, nil, false
	}
	size := uint64(0)
	switch key & 7 {
	case 0:
		value, ok = p.varint()
		return key >> 3, value, nil, ok
	case 1:
		size = 8
	case 2:
		if size, ok = p.varint(); !ok {
			return 0, 0, nil, false
		}
	case 5:
		size = 4
	default:
		return 0, 0, nil, false
	}
	if size > uint64(len(p.left)) {
		return 0, 0, nil, false
	}
	data, p.left = p.left[:size], p.left[size:]
	return key >> 3, 0, data, true
}

// fields calls a function for each field and reports whether all of the bytes are fields.
func fields(raw []byte, each func(number, value uint64, data []byte)) bool {
	p := wire{raw}
	for len(p.left) > 0 {
		number, value, data, ok := p.field()
		if !ok {
			return false
		}
		each(number, value, data)
	}
	return true
}

func numbers(raw []byte) []uint64 {
	var out []uint64
	for p := (wire{raw}); len(p.left) > 0; {
		v, ok := p.varint()
		if !ok {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// tileLayer is a layer of a tile.
type tileLayer struct {
	name     string
	keys     []string
	values   []string // those that are no text are empty
	extent   uint64
	features [][]byte
}

func parseLayer(raw []byte) (tileLayer, bool) {
	l := tileLayer{extent: 4096}
	ok := fields(raw, func(number, value uint64, data []byte) {
		switch number {
		case 1:
			l.name = string(data)
		case 2:
			l.features = append(l.features, data)
		case 3:
			l.keys = append(l.keys, string(data))
		case 4:
			text := ""
			fields(data, func(n, _ uint64, s []byte) {
				if n == 1 {
					text = string(s)
				}
			})
			l.values = append(l.values, text)
		case 5:
			l.extent = value
		}
	})
	return l, ok && l.extent > 0 && l.extent <= 1<<16
}

// tile adds what a tile holds.
func (c *collector) tile(raw []byte, id uint64) error {
	z, x, y := place(id)
	whole := true
	ok := fields(raw, func(number, _ uint64, data []byte) {
		if number != 3 {
			return
		}
		l, ok := parseLayer(data)
		whole = whole && ok
		for _, f := range l.features {
			if feature, drawn := l.feature(f); drawn {
				feature.Lines = onEarth(feature.Lines, z, x, y, float64(l.extent))
				c.add(feature)
			}
		}
	})
	if !ok || !whole {
		return fmt.Errorf("it is broken")
	}
	return nil
}

// feature reads one feature, with positions in units of the tile and cut to it.
func (l tileLayer) feature(raw []byte) (f Feature, drawn bool) {
	var tags, geometry []uint64
	var kind uint64
	fields(raw, func(number, value uint64, data []byte) {
		switch number {
		case 2:
			tags = numbers(data)
		case 3:
			kind = value
		case 4:
			geometry = numbers(data)
		}
	})
	tag := map[string]string{}
	for i := 0; i+1 < len(tags); i += 2 {
		if tags[i] < uint64(len(l.keys)) && tags[i+1] < uint64(len(l.values)) {
			tag[l.keys[tags[i]]] = l.values[tags[i+1]]
		}
	}
	if f, drawn = featureOf(l.name, tag, kind); !drawn {
		return f, false
	}
	f.Lines = cut(path(geometry), kind, float64(l.extent))
	return f, len(f.Lines) > 0
}

// The kinds of geometry.
const (
	tilePoint   = 1
	tileLine    = 2
	tilePolygon = 3
)

// featureOf says what a feature of a layer is on our maps: layers and tags of Protomaps' basemaps and of OpenMapTiles.
func featureOf(layer string, tag map[string]string, geometry uint64) (Feature, bool) {
	class := tag["kind"]
	if class == "" {
		class = tag["class"]
	}
	f := Feature{Name: tag["name"], Filled: geometry == tilePolygon}
	is := func(names ...string) bool { return slices.Contains(names, class) }
	switch layer {
	case "water", "waterway":
		f.Kind = Water
	case "landuse", "landcover", "park":
		f.Kind = Park
		if layer != "park" && !is("park", "forest", "wood", "grass", "nature_reserve", "cemetery", "golf_course", "recreation_ground", "garden", "pitch") {
			return f, false
		}
	case "buildings", "building":
		f.Kind, f.Name = Building, ""
	case "roads", "transportation", "transportation_name":
		f.Kind, f.Major = Street, is("highway", "major_road", "motorway", "trunk", "primary")
		if is("rail", "transit") {
			f.Kind = Rail
		} else if is("path", "ferry", "other", "aeroway", "raceway") {
			return f, false
		}
	case "places", "place":
		f.Kind = Place
	default:
		return f, false
	}
	fits := map[Kind][]uint64{Water: {tileLine, tilePolygon}, Park: {tilePolygon}, Building: {tilePolygon}, Street: {tileLine}, Rail: {tileLine}, Place: {tilePoint}}
	return f, slices.Contains(fits[f.Kind], geometry)
}

// path follows the commands of a geometry (4.3 of the specification). A ring is closed by its first position again.
func path(commands []uint64) [][]footage.Point {
	var out [][]footage.Point
	var x, y int64
	for i := 0; i < len(commands); {
		command, count := commands[i]&7, commands[i]>>3
		i++
		switch command {
		case 1, 2: // move, line
			for ; count > 0 && i+1 < len(commands); count-- {
				x, y = x+zigzag(commands[i]), y+zigzag(commands[i+1])
				i += 2
				if command == 1 || len(out) == 0 {
					out = append(out, nil)
				}
				last := len(out) - 1
				out[last] = append(out[last], footage.Point{Lon: float64(x), Lat: float64(y)})
			}
		case 7: // close
			if n := len(out); n > 0 && len(out[n-1]) > 0 {
				out[n-1] = append(out[n-1], out[n-1][0])
			}
		default:
			return out
		}
	}
	return out
}

func zigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// cut keeps what lies in the tile: the rest is in its neighbours too, and would be drawn twice.
func cut(lines [][]footage.Point, kind uint64, extent float64) [][]footage.Point {
	var out [][]footage.Point
	for _, line := range lines {
		switch kind {
		case tilePoint:
			if p := line[0]; p.Lon >= 0 && p.Lon < extent && p.Lat >= 0 && p.Lat < extent {
				out = append(out, line[:1])
			}
		case tileLine:
			out = append(out, cutLine(line, extent)...)
		case tilePolygon:
			if ring := cutRing(line, extent); len(ring) >= 4 {
				out = append(out, ring)
			}
		}
	}
	return out
}

// cutLine returns the stretches of a line that lie in the tile.
func cutLine(line []footage.Point, extent float64) [][]footage.Point {
	var out [][]footage.Point
	for i := 1; i < len(line); i++ {
		from, to, ok := cutSegment(line[i-1], line[i], extent)
		if !ok {
			continue
		}
		if n := len(out); n > 0 && out[n-1][len(out[n-1])-1] == from {
			out[n-1] = append(out[n-1], to)
		} else {
			out = append(out, []footage.Point{from, to})
		}
	}
	return out
}

// cutSegment cuts one segment (Liang and Barsky).
func cutSegment(a, b footage.Point, extent float64) (from, to footage.Point, ok bool) {
	dx, dy := b.Lon-a.Lon, b.Lat-a.Lat
	t0, t1 := 0.0, 1.0
	for _, e := range [4][2]float64{{-dx, a.Lon}, {dx, extent - a.Lon}, {-dy, a.Lat}, {dy, extent - a.Lat}} {
		switch p, q := e[0], e[1]; {
		case p == 0 && q < 0:
			return from, to, false
		case p < 0:
			t0 = max(t0, q/p)
		case p > 0:
			t1 = min(t1, q/p)
		}
	}
	if t0 >= t1 {
		return from, to, false
	}
	at := func(t float64) footage.Point { return footage.Point{Lon: a.Lon + t*dx, Lat: a.Lat + t*dy} }
	if from, to = a, b; t0 > 0 {
		from = at(t0)
	}
	if t1 < 1 {
		to = at(t1)
	}
	return from, to, true
}

// cutRing cuts a closed ring at the tile's four edges, one after the other (Sutherland and Hodgman).
func cutRing(ring []footage.Point, extent float64) []footage.Point {
	for edge := range 4 {
		depth := func(p footage.Point) float64 { // how far inside the edge
			return [4]float64{p.Lon, extent - p.Lon, p.Lat, extent - p.Lat}[edge]
		}
		var out []footage.Point
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			da, db := depth(a), depth(b)
			if (da >= 0) != (db >= 0) {
				t := da / (da - db)
				out = append(out, footage.Point{Lon: a.Lon + t*(b.Lon-a.Lon), Lat: a.Lat + t*(b.Lat-a.Lat)})
			}
			if db >= 0 {
				out = append(out, b)
			}
		}
		if len(out) < 3 {
			return nil
		}
		ring = append(out, out[0])
	}
	return ring
}

// onEarth turns positions in a tile into longitude and latitude, to six decimals (web Mercator).
func onEarth(lines [][]footage.Point, z int, x, y uint64, extent float64) [][]footage.Point {
	n := math.Exp2(float64(z))
	micro := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	for _, line := range lines {
		for i, p := range line {
			lon := (float64(x)+p.Lon/extent)/n*360 - 180
			lat := math.Atan(math.Sinh(math.Pi*(1-2*(float64(y)+p.Lat/extent)/n))) * 180 / math.Pi
			line[i] = footage.Point{Lon: micro(lon), Lat: micro(lat)}
		}
	}
	return lines
}
