package geo

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"porchlight.example/internal/footage"
)

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{5, 64, 1000} {
		a := circle(n)
		b.Run(fmt.Sprintf("corners=%d", n), func(b *testing.B) {
			for b.Loop() {
				must(b, a)
			}
		})
	}
}

func BenchmarkCompileBoundary(b *testing.B) {
	a := circle(10_000)
	for b.Loop() {
		if _, err := CompileBoundary(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegion(b *testing.B) {
	r := must(b, circle(64))
	town, err := CompileBoundary(circle(10_000))
	if err != nil {
		b.Fatal(err)
	}
	small := must(b, Square(chicago, 1e5))
	across := must(b, Square(footage.Point{Lon: chicago.Lon + 0.006, Lat: chicago.Lat}, 1e5))
	for name, fn := range map[string]func(){
		"Contains":      func() { r.Contains(chicago) },
		"Covering":      func() { r.Covering() },
		"Cells":         func() { r.Cells(FeedLevel) },
		"Distance":      func() { r.Distance(across) },
		"Span":          func() { r.Span() },
		"Within":        func() { small.Within([]*Region{town}) },
		"WithinRefused": func() { across.Within([]*Region{town}) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fn()
			}
		})
	}
}

func BenchmarkUnionArea(b *testing.B) {
	for _, k := range []int{10, 100, 1000} {
		rnd := rand.New(rand.NewPCG(15, 16))
		var regions []*Region
		for range k {
			at := footage.Point{Lon: chicago.Lon + 0.2*rnd.Float64(), Lat: chicago.Lat + 0.2*rnd.Float64()}
			regions = append(regions, must(b, star(rnd, at, 640, 8)))
		}
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := UnionArea(regions...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	regions, _ := tiles(b, 10)
	b.Run("tiles=100", func(b *testing.B) {
		for b.Loop() {
			if _, err := UnionArea(regions...); err != nil {
				b.Fatal(err)
			}
		}
	})
}
