package townmap

import (
	"math"
	"sort"

	"porchlight.example/internal/footage"
)

// sampleMetres is how closely a street is sampled to see how much of it lies in an area.
const sampleMetres = 15

// StreetsIn returns the names of the streets that run through the area, the longest stretch first. It is the map in
// words, for those who cannot see it and for print. A stretch under 40 metres, such as a corner, does not count.
func (b *Basemap) StreetsIn(area footage.Area) []string {
	if b == nil {
		return nil
	}
	inside := map[string]float64{}
	for _, f := range b.Features {
		if f.Kind != Street || f.Name == "" {
			continue
		}
		for _, line := range f.Lines {
			inside[f.Name] += lengthInside(line, area)
		}
	}
	var names []string
	for name, metres := range inside {
		if metres >= 40 {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		// By whole metres, so that the page's script, which does the same, finds the same order.
		if a, b := math.Round(inside[names[i]]), math.Round(inside[names[j]]); a != b {
			return a > b
		}
		return names[i] < names[j]
	})
	return names
}

func lengthInside(line []footage.Point, area footage.Area) float64 {
	total := 0.0
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		metres := math.Hypot((b.Lon-a.Lon)*math.Cos(a.Lat*math.Pi/180), b.Lat-a.Lat) * metresPerDegree
		n := min(int(metres/sampleMetres)+1, 10000) // a basemap's line may be absurdly long
		for k := 0; k < n; k++ {
			t := (float64(k) + 0.5) / float64(n)
			if contains(area, footage.Point{Lon: a.Lon + (b.Lon-a.Lon)*t, Lat: a.Lat + (b.Lat-a.Lat)*t}) {
				total += metres / float64(n)
			}
		}
	}
	return total
}

// contains is the even-odd rule on the plane, good enough for lettering; rules of requests are checked by package geo.
func contains(area footage.Area, p footage.Point) bool {
	in := false
	for _, ring := range area.Rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < (b.Lon-a.Lon)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lon {
				in = !in
			}
		}
	}
	return in
}
