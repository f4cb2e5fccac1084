package townmap

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// Map is what one drawing shows.
type Map struct {
	Basemap *Basemap       // nil when the operator supplies none
	Areas   []footage.Area // what the map is about: all in view, filled
	Labels  []string       // beside Areas, such as the numbers of a list; may be shorter or nil
	Nearby  []footage.Area // outlines for orientation; they do not widen the view
	Bounds  []footage.Area // the jurisdiction's outline; it does not widen the view either
	Title   string         // read aloud in place of the picture
	Desc    string         // a longer description, read on request
	North   string         // the letter on the north arrow
	ID      string         // makes the element IDs unique on a page
}

// margin is the room about the areas, as a part of their size.
const margin = 0.45

// SVG draws the map. Without areas it fits the outlines instead, and without those it returns nothing.
func (m Map) SVG() template.HTML {
	view, ok := m.view()
	if !ok {
		return ""
	}
	d := &drawing{view: view}
	d.open(m)
	if m.Basemap == nil || len(m.Basemap.Features) == 0 {
		d.graticule()
	} else {
		d.base(m.Basemap)
	}
	d.areas("m-bounds", m.Bounds)
	d.areas("m-nearby", m.Nearby)
	d.areas("m-area", m.Areas)
	d.numbers(m)
	if m.Basemap != nil {
		d.names(m.Basemap)
	}
	d.scaleBar()
	d.northArrow(m.North)
	d.out.WriteString("</svg>")
	return template.HTML(d.out.String())
}

func (m Map) view() (view, bool) {
	frame, ok := boxOf(m.Areas)
	if !ok {
		if frame, ok = boxOf(append(append([]footage.Area(nil), m.Bounds...), m.Nearby...)); !ok {
			return view{}, false
		}
	}
	return newView(frame, m.margin()), true
}

// Frame says which position stands where in a drawing, for a script that draws on it: the middle, and how many degrees a
// unit is, to the east and to the north.
type Frame struct {
	MidLon, MidLat, East, North float64
}

// Frame returns the drawing's frame; ok is false when there is nothing to draw.
func (m Map) Frame() (f Frame, ok bool) {
	v, ok := m.view()
	if !ok {
		return f, false
	}
	return Frame{MidLon: v.midLon, MidLat: v.midLat, East: 1 / (metresPerDegree * v.cos * v.unitsPerMetre), North: 1 / (metresPerDegree * v.unitsPerMetre)}, true
}

// margin is smaller when the map only shows a jurisdiction or many areas at once: there is enough about each already.
func (m Map) margin() float64 {
	if len(m.Areas) != 1 {
		return 0.08
	}
	return margin
}

// drawing writes one SVG element.
type drawing struct {
	view   view
	out    strings.Builder
	placed [][2]float64 // points that lettering already covers
}

// farBelow is the scale, in units per metre, below which streets are drawn thin.
const farBelow = 0.13

func (d *drawing) open(m Map) {
	class := "map"
	if d.view.unitsPerMetre < farBelow {
		class = "map map-far"
	}
	id := html.EscapeString(m.ID)
	d.out.WriteString(`<svg class="` + class + `" viewBox="0 0 ` + num(Width) + ` ` + num(Height) + `" role="img" aria-labelledby="` +
		id + `-title" aria-describedby="` + id + `-desc"><title id="` + id + `-title">` + html.EscapeString(m.Title) +
		`</title><desc id="` + id + `-desc">` + html.EscapeString(m.Desc) + `</desc>` +
		`<rect class="m-land" width="` + num(Width) + `" height="` + num(Height) + `"/>`)
}

// base draws the basemap's shapes, each kind as one path.
func (d *drawing) base(b *Basemap) {
	type layer struct {
		class  string
		kind   Kind
		major  bool
		filled bool
	}
	for _, l := range []layer{
		{"m-park", Park, false, true}, {"m-water", Water, false, true}, {"m-stream", Water, false, false},
		{"m-building", Building, false, true}, {"m-street", Street, false, false}, {"m-street m-major", Street, true, false},
		{"m-rail", Rail, false, false},
	} {
		var path strings.Builder
		for _, f := range b.Features {
			if f.Kind != l.kind || f.Filled != l.filled || l.kind == Street && f.Major != l.major {
				continue
			}
			for _, line := range f.Lines {
				if d.view.visible(line) {
					d.view.path(&path, line, f.Filled)
				}
			}
		}
		d.path(l.class, path.String())
	}
}

func (d *drawing) path(class, data string) {
	if data != "" {
		d.out.WriteString(`<path class="` + class + `" d="` + data + `"/>`)
	}
}

func (d *drawing) areas(class string, areas []footage.Area) {
	for _, a := range areas {
		var path strings.Builder
		for _, ring := range a.Rings {
			if d.view.visible(ring) {
				d.view.path(&path, ring, true)
			}
		}
		d.path(class, path.String())
	}
}

// graticule draws lines of longitude and latitude where there is no basemap, a handful across, each with its degrees.
func (d *drawing) graticule() {
	step := graticuleStep(Width / d.view.unitsPerMetre / metresPerDegree / d.view.cos)
	var path strings.Builder
	west := d.view.midLon - Width/2/d.view.unitsPerMetre/metresPerDegree/d.view.cos
	south := d.view.midLat - Height/2/d.view.unitsPerMetre/metresPerDegree
	for lon := math.Ceil(west/step) * step; ; lon += step {
		x, _ := d.view.xy(footage.Point{Lon: lon, Lat: d.view.midLat})
		if x > Width {
			break
		}
		path.WriteString("M" + num(x) + " 0V" + num(Height))
		d.letter("m-degree", x+3, 9, 0, degrees(lon, step, "E", "W"))
	}
	for lat := math.Ceil(south/step) * step; ; lat += step {
		_, y := d.view.xy(footage.Point{Lon: d.view.midLon, Lat: lat})
		if y < 0 {
			break
		}
		path.WriteString("M0 " + num(y) + "H" + num(Width))
		d.letter("m-degree", 3, y-3, 0, degrees(lat, step, "N", "S"))
	}
	d.path("m-graticule", path.String())
}

// graticuleStep picks a round step that gives three to eight lines over so many degrees.
func graticuleStep(span float64) float64 {
	for step := 0.001; ; step *= 10 {
		for _, k := range []float64{1, 2, 5} {
			if span/(step*k) <= 6 || step > 10 {
				return step * k
			}
		}
	}
}

func degrees(v, step float64, positive, negative string) string {
	side := positive
	if v < 0 {
		side = negative
	}
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return strconv.FormatFloat(math.Abs(v), 'f', decimals, 64) + "° " + side
}

// scaleBar draws the longest round length that fits into a quarter of the width, in miles and in metres.
func (d *drawing) scaleBar() {
	const metresPerMile = 1609.344
	miles := 0.05
	for _, m := range []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500} {
		if m*metresPerMile*d.view.unitsPerMetre <= Width/4 {
			miles = m
		}
	}
	long := miles * metresPerMile * d.view.unitsPerMetre
	metric := strconv.FormatFloat(math.Round(miles*metresPerMile), 'f', -1, 64) + " m"
	if miles >= 1 {
		metric = strconv.FormatFloat(miles*metresPerMile/1000, 'f', 1, 64) + " km"
	}
	y := Height - 10.0
	d.path("m-scale", "M10 "+num(y-4)+"V"+num(y)+"H"+num(10+long)+"V"+num(y-4))
	d.letter("m-scale-text", 12, y-7, 0, strconv.FormatFloat(miles, 'f', -1, 64)+" mi · "+metric)
}

func (d *drawing) northArrow(letter string) {
	x := Width - 16.0
	d.path("m-north", "M"+num(x)+" 8L"+num(x+5)+" 24L"+num(x)+" 20L"+num(x-5)+" 24Z")
	d.letter("m-north-text", x, 35, 0, letter)
}

// letter writes a text, turned clockwise by so many degrees about its own position.
func (d *drawing) letter(class string, x, y, turn float64, s string) {
	if s == "" {
		return
	}
	at := `x="` + num(x) + `" y="` + num(y) + `"`
	if turn != 0 {
		at = `transform="translate(` + num(x) + ` ` + num(y) + `)rotate(` + num(turn) + `)"`
	}
	d.out.WriteString(`<text class="` + class + `" ` + at + `>` + html.EscapeString(s) + `</text>`)
}
