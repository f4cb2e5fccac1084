package main

import "math"

// The river comes down from the north in a few bends and ends in the bay.
func riverX(y float64) float64 { return 260 + 190*math.Sin(y/640) + 60*math.Sin(y/230+1) }

func riverHalfWidth(y float64) float64 { return 42 + 14*math.Sin(y/410) + max(0, -1100-y)/9 }

// The bay's shore runs along the south.
func shoreY(x float64) float64 { return -1720 + 120*math.Sin(x/760+0.6) + 40*math.Sin(x/260) }

// inTown is the rounded outline within which streets are built.
func inTown(p xy) bool {
	r := math.Pow(math.Abs(p.x)/2480, 3) + math.Pow(math.Abs(p.y+60)/1840, 3)
	return r < 1+0.13*math.Sin(math.Atan2(p.y, p.x)*7)
}

func inWater(p xy) bool {
	return p.y < shoreY(p.x)+45 || math.Abs(p.x-riverX(p.y)) < riverHalfWidth(p.y)+25
}

// rect is an upright rectangle.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) contains(p xy) bool { return p.x > r.x0 && p.x < r.x1 && p.y > r.y0 && p.y < r.y1 }

// rounded returns the rectangle with its corners cut in short steps.
func (r rect) rounded(radius float64) []xy {
	var out []xy
	corners := []xy{{r.x1 - radius, r.y1 - radius}, {r.x0 + radius, r.y1 - radius}, {r.x0 + radius, r.y0 + radius}, {r.x1 - radius, r.y0 + radius}}
	for i, c := range corners {
		for k := 0; k <= 4; k++ {
			a := (float64(i) + float64(k)/4) * math.Pi / 2
			out = append(out, xy{c.x + radius*math.Cos(a), c.y + radius*math.Sin(a)})
		}
	}
	return out
}

func juniperPark() rect { return rect{-1370, 205, -700, 690} }
func heronMeadow() rect { return rect{1120, -980, 1620, -560} }
func cemetery() rect    { return rect{-2080, -1010, -1790, -770} }

func inPark(p xy) bool {
	return juniperPark().contains(p) || heronMeadow().contains(p) || cemetery().contains(p)
}

func (m *mapper) waters() {
	var west, east []xy
	for y := 2700.0; y >= -1650; y -= 75 {
		west = append(west, xy{riverX(y) - riverHalfWidth(y), y})
		east = append([]xy{{riverX(y) + riverHalfWidth(y), y}}, east...)
	}
	m.polygon("water", "Lantern River", append(west, east...))
	bay := []xy{{-4200, -3400}, {4200, -3400}}
	for x := 4200.0; x >= -4200; x -= 120 {
		bay = append(bay, xy{x, shoreY(x)})
	}
	m.polygon("water", "Lantern Bay", bay)
	var brook []xy
	for x := -3200.0; x <= riverX(1500); x += 140 {
		brook = append(brook, xy{x, 1460 + 90*math.Sin(x/420) + 30*math.Sin(x/150)})
	}
	m.line("water", "Otter Brook", "", append(brook, xy{riverX(1420), 1420}))
}

func (m *mapper) parks() {
	m.polygon("park", "Juniper Park", juniperPark().rounded(60))
	m.polygon("park", "Heron Meadow", heronMeadow().rounded(120))
	m.polygon("park", "Hillside Cemetery", cemetery().rounded(20))
	m.polygon("water", "", rect{-1090, 400, -900, 520}.rounded(55))
}

func (m *mapper) buildings() {
	for _, b := range []struct {
		name string
		at   rect
	}{
		{"Town Hall", rect{-92, 22, -28, 66}},
		{"Library", rect{-255, -62, -205, -26}},
		{"Station", rect{-540, 868, -430, 892}},
		{"Hospital", rect{880, 330, 1010, 420}},
		{"High School", rect{-1640, -320, -1500, -240}},
		{"Police", rect{-420, 20, -375, 60}},
		{"Fire Station", rect{610, -275, 670, -235}},
		{"Boat Yard", rect{-250, -1560, -130, -1500}},
	} {
		r := b.at
		m.polygon("building", b.name, []xy{{r.x0, r.y0}, {r.x1, r.y0}, {r.x1, r.y1}, {r.x0, r.y1}})
	}
}

func (m *mapper) railway() {
	var line []xy
	for x := -4000.0; x <= 4000; x += 160 {
		line = append(line, xy{x, 900 + 160*math.Sin(x/1900) - 0.00001*x*x})
	}
	m.line("rail", "Lakeshore Railway", "", line)
}

func (m *mapper) places() {
	for _, p := range []struct {
		name string
		at   xy
	}{
		{"Old Town", xy{-330, -300}}, {"East Bank", xy{1150, 120}}, {"The Landing", xy{-60, -1290}},
		{"North End", xy{-1100, 1150}}, {"Orchard Hill", xy{-1900, -450}}, {"Mill Quarter", xy{1250, 950}},
	} {
		m.add("place", p.name, "", "Point", positions([]xy{p.at})[0])
	}
}
