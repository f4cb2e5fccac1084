package script

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/geo"
)

// phone makes the tab one that is touched.
func (w *region) phone() {
	w.tab.Do("Emulation.setDeviceMetricsOverride", map[string]any{"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true}, nil)
	w.tab.Do("Emulation.setTouchEmulationEnabled", map[string]any{"enabled": true, "maxTouchPoints": 2}, nil)
}

// finger is where a finger begins and ends, in CSS pixels.
type finger struct{ fromX, fromY, toX, toY float64 }

// touch lays fingers on the page, moves them in ten steps and lifts them.
func (w *region) touch(fingers ...finger) {
	at := func(part float64) (points []map[string]any) {
		for i, f := range fingers {
			points = append(points, map[string]any{"id": i, "x": f.fromX + part*(f.toX-f.fromX), "y": f.fromY + part*(f.toY-f.fromY)})
		}
		return points
	}
	event := func(kind string, points []map[string]any) {
		w.tab.Do("Input.dispatchTouchEvent", map[string]any{"type": kind, "touchPoints": points}, nil)
	}
	event("touchStart", at(0))
	for step := range 10 {
		event("touchMove", at(float64(step+1)/10))
	}
	event("touchEnd", []map[string]any{})
}

// box is where an element stands in the window.
type box struct{ X, Y, Width, Height float64 }

func (w *region) box(selector string) (b box) {
	w.tab.Eval(fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().toJSON()`, selector), &b)
	return b
}

// TestPlaceOfTheDevice: a phone says where it is, with its owner's permission. The list is sorted by that, and the place never leaves
// the page: the exchange is asked for nothing. The feed of the coarse cell about it is linked. Where permission is not given
// the page says so.
func TestPlaceOfTheDevice(t *testing.T) {
	w := startFinding(t, 3)
	w.phone()
	w.open(w.tab)
	w.tab.Requests()
	w.asked()
	locate := `document.querySelector("[data-near=locate]").click()`
	w.tab.Do("Browser.setPermission", map[string]any{"origin": w.Server.URL, "permission": map[string]any{"name": "geolocation"}, "setting": "denied"}, nil)
	w.tab.Eval(locate, nil)
	w.tab.Until(`document.querySelector("[data-near=says]").textContent.includes("does not say where it is")`)
	here := w.Draft(1).Private.Place
	w.tab.Do("Browser.setPermission", map[string]any{"origin": w.Server.URL, "permission": map[string]any{"name": "geolocation"}, "setting": "granted"}, nil)
	w.tab.Do("Emulation.setGeolocationOverride", map[string]any{"latitude": here.Lat, "longitude": here.Lon, "accuracy": 5}, nil)
	w.tab.Eval(locate, nil)
	w.tab.Until(`document.querySelector(".chip-near")`)
	if got := titles(w.tab); len(got) != 3 || got[0] != w.Draft(1).Document.Title {
		t.Errorf("where the device is the list is %q", got)
	}
	if page, asked := w.tab.Requests(), w.asked(); len(page)+len(asked) > 0 {
		t.Errorf("the page asked for %v, the exchange was asked for %v", page, asked)
	}
	var feeds []string
	w.tab.Until(`!document.querySelector("[data-near=region]").hidden`)
	w.tab.Eval(`[...document.querySelectorAll("[data-near=region] a")].map(a => a.getAttribute("href"))`, &feeds)
	region, err := geo.Compile(w.Draft(1).Document.Area)
	if err != nil {
		t.Fatal(err)
	}
	cell := region.Cells(geo.FeedLevel)[0]
	if len(feeds) != 2 || feeds[0] != "/feed/region/"+cell+".atom" || feeds[1] != "/feed/region/"+cell+".json" {
		t.Fatalf("the feeds of the region are %q, want those of %s", feeds, cell)
	}
	for _, path := range feeds {
		body, err := api.New(w.Server.URL).Get(t.Context(), path)
		if err != nil || strings.Count(string(body), "urn:sha256:") != 3 {
			t.Errorf("%s: %v, %s", path, err, body)
		}
	}
}

// TestTouchedMap: one finger that moves sideways moves the map, two pinch it, and a tap opens what is under it; none of it asks the
// exchange for anything.
func TestTouchedMap(t *testing.T) {
	w := startFinding(t, 1)
	w.phone()
	w.open(w.tab)
	w.tab.Eval(`document.querySelector(".front [data-map]").scrollIntoView({ block: "center" })`, nil)
	w.tab.Until(`document.querySelector("[data-map] .m-shape")`)
	w.tab.Requests()
	w.asked()
	const shape = "[data-map] .m-shape path, [data-map] .m-shape polygon"
	before, frame := w.box(shape), w.box("[data-map] svg")
	x, y := frame.X+frame.Width/2, frame.Y+frame.Height/2
	w.touch(finger{x - 30, y, x + 30, y})
	moved := w.box(shape)
	if math.Abs(moved.X-before.X-60) > 12 || math.Abs(moved.Y-before.Y) > 6 {
		t.Errorf("a finger that moved by 60 moved the map from %+v to %+v", before, moved)
	}
	w.touch(finger{x - 20, y, x - 50, y}, finger{x + 20, y, x + 50, y})
	if pinched := w.box(shape); pinched.Width < 1.6*moved.Width {
		t.Errorf("two fingers that were spread made the area from %+v to %+v", moved, pinched)
	}
	w.touch(finger{x - 60, y, x - 20, y}, finger{x + 60, y, x + 20, y})
	if back := w.box(shape); back.Width > 1.3*moved.Width {
		t.Errorf("two fingers that came together left the area at %+v", back)
	}
	at := w.box(shape)
	w.tab.Do("Input.dispatchTouchEvent", map[string]any{"type": "touchStart", "touchPoints": []map[string]any{{"x": at.X + at.Width/2, "y": at.Y + at.Height/2}}}, nil)
	w.tab.Do("Input.dispatchTouchEvent", map[string]any{"type": "touchEnd", "touchPoints": []map[string]any{}}, nil)
	w.tab.Until(`document.querySelector("article .request-text")`)
	if page, asked := w.tab.Requests(), w.asked(); len(page)+len(asked) > 0 {
		t.Errorf("the page asked for %v, the exchange was asked for %v", page, asked)
	}
}
