package main

import (
	"fmt"
	"math"
	"strings"
)

const (
	trees   = "Alder Ash Aspen Beech Birch Cedar Cherry Chestnut Cypress Dogwood Elm Fir Hawthorn Hazel Hickory Holly Larch Linden Locust Magnolia Mulberry Oak Pine Poplar Rowan Spruce Sycamore Walnut Willow Yew"
	birds   = "Bittern Curlew Dunlin Egret Finch Heron Kestrel Lark Martin Osprey Plover Swift Tern Wren"
	trades  = "Baker Carter Chandler Cooper Dyer Fletcher Fuller Glover Joiner Mason Miller Potter Sawyer Smith Tanner Thatcher Tinker Turner Weaver Wright"
	flowers = "Anemone Aster Bellflower Bergamot Betony Bluebell Buttercup Camellia Campion Celandine Chicory Clover Columbine Comfrey Cornflower Cowslip Crocus Daffodil Dahlia Daisy Flax Foxglove Freesia Gentian Geranium Harebell Heather Hyacinth Iris Jasmine Larkspur Lavender Lilac Lily Lobelia Lupin Mallow Marigold Melilot Mint Myrtle Narcissus Orchid Pansy Peony Petunia Phlox Poppy Primrose Sage Sorrel Speedwell Tansy Teasel Thistle Thyme Trillium Verbena Vetch Violet Yarrow Zinnia"
)

// grid is a quarter of parallel and crossing streets, turned about its origin.
type grid struct {
	origin xy
	turn   float64 // radians, anticlockwise
	inside func(xy) bool
}

func (g grid) at(u, v float64) xy {
	sin, cos := math.Sincos(g.turn)
	return xy{g.origin.x + u*cos - v*sin, g.origin.y + u*sin + v*cos}
}

// street lays a straight street from one end to the other and keeps the stretches where building is possible: a park or
// the water interrupts it, and it goes on behind under the same name.
func (m *mapper) street(g grid, name, class string, u0, v0, u1, v1 float64) {
	const step, shortest = 12.0, 90.0
	length := math.Hypot(u1-u0, v1-v0)
	var first, last xy
	open := false
	flush := func() {
		if open && math.Hypot(last.x-first.x, last.y-first.y) >= shortest {
			m.line("street", name, class, []xy{first, last})
		}
		open = false
	}
	for s := 0.0; s <= length; s += step {
		p := g.at(u0+(u1-u0)*s/length, v0+(v1-v0)*s/length)
		if !g.inside(p) || !inTown(p) || inWater(p) || inPark(p) {
			flush()
			continue
		}
		if !open {
			first, open = p, true
		}
		last = p
	}
	flush()
}

func (m *mapper) streets() {
	m.thoroughfares()
	west := grid{xy{0, 0}, 0.035, func(p xy) bool { return p.x < riverX(p.y) }}
	east := grid{xy{900, 0}, -0.30, func(p xy) bool { return p.x > riverX(p.y) }}
	for i := 0; i < 14; i++ {
		u := -70 - 172*float64(i)
		m.street(west, ordinal(i+1)+" Avenue", major(i == 4), u, -2200, u, 2200)
	}
	m.rows(west, strings.Fields(trees), "Street", 118, -2600, 500)
	for i, name := range strings.Fields(birds) {
		u := -780 + 178*float64(i)
		m.street(east, name+" Way", major(i == 6), u, -2300, u, 2300)
	}
	m.rows(east, strings.Fields(trades), "Road", 176, -1500, 2200)
	m.lanes(west, strings.Fields(flowers)[:34], "Court", -2330, 172, -1420)
	m.lanes(east, strings.Fields(flowers)[34:], "Lane", -520, 178, -1100)
}

// rows lays the streets that run east and west, in the order of their names from the south, and leaves the middle free
// for Main Street.
func (m *mapper) rows(g grid, names []string, kind string, gap, from, to float64) {
	for i, name := range names {
		v := (float64(i-len(names)/2) + 0.5) * gap
		m.street(g, name+" "+kind, "", from, v, to, v)
	}
}

// lanes are short dead ends inside blocks, scattered by a fixed rule.
func (m *mapper) lanes(g grid, names []string, kind string, u0, gapU, v0 float64) {
	for i, name := range names {
		u := u0 + gapU*(float64((i*5)%13)+0.5)
		v := v0 + float64((i*271)%2800)
		m.street(g, name+" "+kind, "", u, v, u, v+105)
	}
}

// thoroughfares are the old roads, which bend and cross the river.
func (m *mapper) thoroughfares() {
	curve := func(name, class string, from, to float64, at func(t float64) xy) {
		var line []xy
		for t := from; t <= to; t += 110 {
			line = append(line, at(t))
		}
		m.line("street", name, class, line)
	}
	curve("Main Street", "major", -4000, 4000, func(t float64) xy { return xy{t, 0.035*t - max(0, t-400)*0.2} })
	curve("Station Road", "major", -2300, 2300, func(t float64) xy { return xy{t, 830 - 40*math.Cos(t/900) - max(0, t)*0.12} })
	curve("Ferry Road", "major", -2250, 2250, func(t float64) xy { return xy{t, -905 - 50*math.Sin(t/600)} })
	curve("River Road", "major", -1450, 2700, func(t float64) xy { return xy{riverX(t) - riverHalfWidth(t) - 75, t} })
	curve("Bay Shore Drive", "major", -2600, -100, func(t float64) xy { return xy{t, shoreY(t) + 70} })
	curve("Lighthouse Road", "", 520, 3300, func(t float64) xy { return xy{t, shoreY(t) + 75} })
	curve("County Road 7", "", -4000, 4000, func(t float64) xy { return xy{t, 1830 + 130*math.Sin(t/1300)} })
	curve("Quarry Road", "", -3400, 2200, func(t float64) xy { return xy{-2520 - 90*math.Sin(t/700), t} })
	curve("Airfield Road", "", -1500, 3400, func(t float64) xy { return xy{2480 + 110*math.Sin(t/800), t} })
}

func major(is bool) string {
	if is {
		return "major"
	}
	return ""
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
