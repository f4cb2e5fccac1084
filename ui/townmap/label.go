package townmap

import (
	"math"
	"sort"
	"strconv"
	"unicode/utf8"

	"porchlight.example/internal/footage"
)

// Lettering is measured by rule of thumb, since the server does not know the reader's font.
const (
	letterWidth = 4.6  // units per letter, on the generous side
	clearance   = 10.0 // units between two letterings
	maxNames    = 26
)

// numbers writes each area's label in a disc at the middle of its box.
func (d *drawing) numbers(m Map) {
	for i, a := range m.Areas {
		b, ok := boxOf([]footage.Area{a})
		if i >= len(m.Labels) || !ok {
			continue
		}
		x, y := d.view.xy(footage.Point{Lon: (b.minLon + b.maxLon) / 2, Lat: (b.minLat + b.maxLat) / 2})
		d.out.WriteString(`<circle class="m-number" cx="` + num(x) + `" cy="` + num(y) + `" r="9"/>`)
		d.letter("m-number-text", x, y+3.7, 0, m.Labels[i])
		d.placed = append(d.placed, [2]float64{x, y}, [2]float64{x - 7, y}, [2]float64{x + 7, y})
	}
}

// run is a nearly straight stretch of a named line inside the drawing.
type run struct {
	name           string
	major          bool
	x1, y1, x2, y2 float64
}

func (r run) length() float64 { return math.Hypot(r.x2-r.x1, r.y2-r.y1) }

// names letters places first, then streets from the longest run down, each once, as long as nothing overlaps.
func (d *drawing) names(b *Basemap) {
	best := map[string]run{}
	for _, f := range b.Features {
		if f.Name == "" {
			continue
		}
		if f.Kind == Place || f.Filled {
			d.placeName(f)
			continue
		}
		for _, line := range f.Lines {
			if r := d.longestRun(line); r.length() > best[f.Name].length() {
				r.name, r.major = f.Name, f.Major
				best[f.Name] = r
			}
		}
	}
	runs := make([]run, 0, len(best))
	for _, r := range best {
		runs = append(runs, r)
	}
	sort.Slice(runs, func(i, j int) bool {
		a, b := runs[i], runs[j]
		if a.major != b.major {
			return a.major
		}
		if a.length() != b.length() {
			return a.length() > b.length()
		}
		return a.name < b.name
	})
	written := 0
	for _, r := range runs {
		if written < maxNames && d.streetName(r) {
			written++
		}
	}
}

// placeName letters a place at its point, or a filled shape in the middle of its box.
func (d *drawing) placeName(f Feature) {
	b, ok := boxOf([]footage.Area{{Rings: f.Lines}})
	if !ok {
		return
	}
	x, y := d.view.xy(footage.Point{Lon: (b.minLon + b.maxLon) / 2, Lat: (b.minLat + b.maxLat) / 2})
	half := float64(utf8.RuneCountInString(f.Name)) * letterWidth / 2
	if x-half < 4 || x+half > Width-4 || y < 14 || y > Height-28 || !d.reserve(x-half, y, x+half, y) {
		return
	}
	d.letter("m-name m-name-"+string(f.Kind), x, y+3, 0, f.Name)
}

func (d *drawing) streetName(r run) bool {
	half := float64(utf8.RuneCountInString(r.name)) * letterWidth / 2
	if r.length() < 2*half+6 {
		return false
	}
	if r.x2 < r.x1 {
		r.x1, r.y1, r.x2, r.y2 = r.x2, r.y2, r.x1, r.y1
	}
	ux, uy := (r.x2-r.x1)/r.length(), (r.y2-r.y1)/r.length()
	for _, part := range []float64{0.5, 0.3, 0.7} {
		x, y := r.x1+(r.x2-r.x1)*part, r.y1+(r.y2-r.y1)*part
		room := min(part, 1-part) * r.length()
		if room < half || !d.reserve(x-ux*half, y-uy*half, x+ux*half, y+uy*half) {
			continue
		}
		// The letters' middle shall lie on the street: move the base line by a third of the type's height.
		d.letter("m-name", x-uy*2.4, y+ux*2.4, math.Atan2(uy, ux)*180/math.Pi, r.name)
		return true
	}
	return false
}

// reserve claims the strip from one point to another unless lettering already lies near it.
func (d *drawing) reserve(x1, y1, x2, y2 float64) bool {
	steps := int(math.Hypot(x2-x1, y2-y1)/5) + 1
	var strip [][2]float64
	for i := 0; i <= steps; i++ {
		t := float64(i) / float64(steps)
		p := [2]float64{x1 + (x2-x1)*t, y1 + (y2-y1)*t}
		// The corners hold the north arrow and the scale bar.
		if p[0] > Width-30 && p[1] < 42 || p[0] < Width/4+30 && p[1] > Height-30 {
			return false
		}
		for _, q := range d.placed {
			if math.Hypot(p[0]-q[0], p[1]-q[1]) < clearance {
				return false
			}
		}
		strip = append(strip, p)
	}
	d.placed = append(d.placed, strip...)
	return true
}

// longestRun finds the longest stretch of the line that bends less than a few degrees at each point and is in view.
func (d *drawing) longestRun(line []footage.Point) run {
	const bend = 8 * math.Pi / 180
	var best, cur run
	last := math.NaN()
	for i := 1; i < len(line); i++ {
		s, ok := d.clip(line[i-1], line[i])
		if !ok {
			last = math.NaN()
			continue
		}
		dir := math.Atan2(s.y2-s.y1, s.x2-s.x1)
		if math.Abs(math.Remainder(dir-last, 2*math.Pi)) < bend && cur.x2 == s.x1 && cur.y2 == s.y1 {
			cur.x2, cur.y2 = s.x2, s.y2
		} else {
			cur = s
		}
		last = dir
		if cur.length() > best.length() {
			best = cur
		}
	}
	return best
}

// clip cuts the segment to the drawing less a small border (Liang and Barsky).
func (d *drawing) clip(from, to footage.Point) (run, bool) {
	const border = 6
	x1, y1 := d.view.xy(from)
	x2, y2 := d.view.xy(to)
	dx, dy := x2-x1, y2-y1
	t0, t1 := 0.0, 1.0
	for _, e := range [4][2]float64{{-dx, x1 - border}, {dx, Width - border - x1}, {-dy, y1 - border}, {dy, Height - border - y1}} {
		p, q := e[0], e[1]
		switch {
		case p == 0 && q < 0:
			return run{}, false
		case p < 0:
			t0 = max(t0, q/p)
		case p > 0:
			t1 = min(t1, q/p)
		}
	}
	if t0 >= t1 {
		return run{}, false
	}
	return run{x1: x1 + t0*dx, y1: y1 + t0*dy, x2: x1 + t1*dx, y2: y1 + t1*dy}, true
}

// Numbers returns the labels "1" to "n" for a numbered list of areas.
func Numbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}
