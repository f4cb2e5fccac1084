package townmap

import (
	"math"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// The drawing's size in its own units; the page scales it.
const (
	Width  = 400.0
	Height = 300.0
)

const metresPerDegree = 6371008.8 * math.Pi / 180 // of latitude, on a sphere with the Earth's mean radius

// view maps positions to the drawing: an equirectangular projection about its middle, true to scale there and wrong by
// less than one part in a thousand across a town.
type view struct {
	midLon, midLat float64
	cos            float64
	unitsPerMetre  float64
}

type box struct{ minLon, minLat, maxLon, maxLat float64 }

// boxOf returns the smallest box about all rings; ok is false when there is no point.
func boxOf(areas []footage.Area) (b box, ok bool) {
	b = box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, a := range areas {
		for _, ring := range a.Rings {
			for _, p := range ring {
				b.minLon, b.maxLon = min(b.minLon, p.Lon), max(b.maxLon, p.Lon)
				b.minLat, b.maxLat = min(b.minLat, p.Lat), max(b.maxLat, p.Lat)
				ok = true
			}
		}
	}
	return b, ok
}

// minSpan keeps a map of a tiny area from being drawn at a scale that shows single houses.
const minSpan = 600.0 // metres across

// newView fits the box into the drawing with a margin, given as a part of the box's size on each side.
func newView(b box, margin float64) view {
	v := view{midLon: (b.minLon + b.maxLon) / 2, midLat: (b.minLat + b.maxLat) / 2}
	v.cos = math.Cos(v.midLat * math.Pi / 180)
	wide := max((b.maxLon-b.minLon)*metresPerDegree*v.cos, 1)
	high := max((b.maxLat-b.minLat)*metresPerDegree, 1)
	v.unitsPerMetre = min(Width/wide, Height/high) / (1 + 2*margin)
	v.unitsPerMetre = min(v.unitsPerMetre, Width/minSpan)
	return v
}

func (v view) xy(p footage.Point) (x, y float64) {
	x = Width/2 + (p.Lon-v.midLon)*metresPerDegree*v.cos*v.unitsPerMetre
	y = Height/2 - (p.Lat-v.midLat)*metresPerDegree*v.unitsPerMetre
	return x, y
}

// visible reports whether the line's bounding box meets the drawing.
func (v view) visible(line []footage.Point) bool {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range line {
		x, y := v.xy(p)
		minX, maxX, minY, maxY = min(minX, x), max(maxX, x), min(minY, y), max(maxY, y)
	}
	return maxX >= 0 && minX <= Width && maxY >= 0 && minY <= Height
}

// path appends the line as SVG path data with one decimal; points closer than half a unit to the last are dropped.
func (v view) path(out *strings.Builder, line []footage.Point, closed bool) {
	lastX, lastY := math.Inf(1), math.Inf(1)
	for i, p := range line {
		if closed && i == len(line)-1 {
			break // the closing position is the first again
		}
		x, y := v.xy(p)
		if i == 0 {
			out.WriteString("M")
		} else if math.Hypot(x-lastX, y-lastY) < 0.5 && i < len(line)-1 {
			continue
		} else {
			out.WriteString("L")
		}
		out.WriteString(num(x) + " " + num(y))
		lastX, lastY = x, y
	}
	if closed {
		out.WriteString("Z")
	}
}

func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}
