package census

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

const table = "GEOID20,HOUSING20,INTPTLAT20,INTPTLON20\r\n170318391001000,42,+41.8838,-087.6318\r\n170318391001001,0,41.9,-87.7\r\n"

const points = `{"type": "FeatureCollection", "features": [
	{"type": "Feature", "properties": {"GEOID20": "170318391001000", "HOUSING20": 42, "INTPTLAT20": "+41.8838", "INTPTLON20": "-087.6318"}, "geometry": null},
	{"type": "Feature", "properties": {"block": "170318391001001", "households": 0}, "geometry": {"type": "Point", "coordinates": [-87.7, 41.9]}}]}`

const square = `{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"block": "a", "households": 7},
	"geometry": {"type": "Polygon", "coordinates": [[[-100, 40], [-99.99, 40], [-99.99, 40.01], [-100, 40.01], [-100, 40]]]}}]}`

func TestRead(t *testing.T) {
	want := []Block{{"170318391001000", footage.Point{Lat: 41.8838, Lon: -87.6318}, 42}, {"170318391001001", footage.Point{Lat: 41.9, Lon: -87.7}, 0}}
	for _, raw := range []string{table, "\xef\xbb\xbf" + table, points} {
		got, err := Read([]byte(raw))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v, %s", err, cmp.Diff(want, got))
		}
	}
	got, err := Read([]byte(square))
	if err != nil || len(got) != 1 || got[0].Households != 7 || got[0].Middle.Lat < 40.004 || got[0].Middle.Lat > 40.006 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBadFiles(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing": "", "no header": "1,2,3\n", "no rows": "block,lat,lon,households\n", "a column is missing": "block,lat,lon\na,1,2\n",
		"a place beyond": "block,lat,lon,households\na,91,2,3\n", "no place": "block,lat,lon,households\na,NaN,2,3\n", "a share of one": "block,lat,lon,households\na,1,2,0.5\n",
		"less than none": "block,lat,lon,households\na,1,2,-1\n", "too many": "block,lat,lon,households\na,1,2,9999999999\n", "no name": "block,lat,lon,households\n,1,2,3\n",
		"twice": "block,lat,lon,households\na,1,2,3\na,1,2,3\n", "a short row": "block,lat,lon,households\na,1\n", "a quote": "block,lat,lon,households\n\"a,1,2,3\n",
		"other JSON": `{"type": "Point"}`, "cut off": points[:60], "no count": `{"type": "FeatureCollection", "features": [{"properties": {"block": "a"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}`,
		"no geometry": `{"type": "FeatureCollection", "features": [{"properties": {"block": "a", "households": 1}, "geometry": null}]}`,
	} {
		if got, err := Read([]byte(raw)); !errors.Is(err, footage.Invalid) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// FuzzRead: whatever is read has a name, a place and a count.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{table, points, square} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		blocks, err := Read(raw)
		if err != nil {
			if !errors.Is(err, footage.Invalid) {
				t.Fatal(err)
			}
			return
		}
		for _, b := range blocks {
			if b.ID == "" || strings.TrimSpace(b.ID) != b.ID || b.Households < 0 || !(b.Middle.Lat >= -90 && b.Middle.Lat <= 90 && b.Middle.Lon >= -180 && b.Middle.Lon <= 180) {
				t.Fatalf("%+v", b)
			}
		}
	})
}
