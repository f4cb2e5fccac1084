package script

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var screens = flag.String("screens", "", "write a picture of every step of a share into this folder")

// TestShareScreens writes pictures of the steps of a share to look at, on a phone and on a desk, light and dark:
//
//	go test ./ui/script -run TestShareScreens -screens DIR
//
// With -pictures ../../doc/images it writes those of the documents, each as much of a step as a window shows.
func TestShareScreens(t *testing.T) {
	if *screens == "" && *pictures == "" {
		t.Skip("no folder is given with -screens or -pictures")
	}
	w := startSharing(t)
	window := w.Draft(0).Document.Window
	inside, _ := record(t, "Front door 2026-03-14.mp4", window.From.Add(10*time.Minute), 20)
	early, _ := record(t, "driveway.mp4", window.From.Add(-130*time.Minute), 10)
	heic := filepath.Join(t.TempDir(), "IMG_2041.HEIC")
	if err := os.WriteFile(heic, []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"+"\x00\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(w.Draft(0).Document.Zone)
	if err != nil {
		t.Fatal(err)
	}
	at := window.From.Add(20 * time.Minute).In(zone).Format("2006:01:02 15:04:05")
	taken := bytes.ReplaceAll(stills(t)["turned.jpg"], []byte("2026:11:20 18:00:00"), []byte(at))
	photo := filepath.Join(t.TempDir(), window.From.UTC().Format("PXL_20060102_150405000.jpg"))
	if err := os.WriteFile(photo, taken, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range []struct {
		name          string
		width, height int
	}{{"phone", 390, 844}, {"desktop", 1280, 800}} {
		for _, scheme := range []string{"light", "dark"} {
			w.tab.Resize(size.width, size.height)
			w.tab.Prefer("screen", map[string]string{"prefers-color-scheme": scheme})
			shoot := func(step string) {
				if *screens != "" {
					w.shoot(t, filepath.Join(*screens, "share-"+step+"-"+size.name+"-"+scheme+".png"))
				}
				if *pictures != "" && (step == "form" || step == "receipt") {
					w.tab.Eval(`document.querySelector(".clip, .receipt").scrollIntoView()`, nil)
					w.tab.Keep(*pictures, "share-"+step+"-"+scheme+"-"+size.name)
				}
			}
			w.tab.Open(w.page())
			w.tab.Eval(fmt.Sprintf(`localStorage.setItem("porchlight.record", JSON.stringify({ verifier: %q, checkpoint: "" }))`, strangeKey(t)), nil)
			w.tab.Open(w.page())
			w.ready(t)
			w.says("This exchange shows another key")
			shoot("key")
			w.press("Forget this exchange")
			w.says("Checked: this text")
			shoot("unknown")
			w.open(inside, photo, early, heic)
			w.says("Is the camera’s clock wrong?")
			w.says("This is a HEIC photo")
			w.tab.Eval(`document.querySelector(".clip-preview summary").click()`, nil)
			w.tab.Until(`document.querySelector(".clip-preview video")?.readyState >= 2`)
			w.fill(`[id^="cut-from"]`, "0:05")
			w.press("Blur a part of the picture")
			w.says("what is under the boxes")
			w.says("Only the part from 0:05")
			w.tab.Eval(`document.querySelectorAll(".clip-said summary")[1].click()`, nil)
			shoot("form")
			w.press("Seal and send")
			w.says("Leave out the clips")
			shoot("missing")
			w.tab.Eval(`[...document.querySelectorAll('[data-part="remove"]')].slice(2).reverse().forEach(b => b.click())`, nil)
			w.press("Seal and send")
			w.says("Your clips have arrived")
			shoot("receipt")
		}
	}
}

// shoot writes a picture of the flow alone.
func (w *neighbourhood) shoot(t *testing.T, path string) {
	t.Helper()
	whole, err := png.Decode(bytes.NewReader(w.tab.PNG(true)))
	if err != nil {
		t.Fatal(err)
	}
	var at struct{ Top, Bottom int }
	w.tab.Eval(`(() => { const r = document.querySelector("#share-flow").getBoundingClientRect(); return {top: Math.floor(r.top + scrollY), bottom: Math.ceil(r.bottom + scrollY)} })()`, &at)
	flow := image.NewNRGBA(image.Rect(0, 0, whole.Bounds().Dx(), at.Bottom-at.Top))
	draw.Draw(flow, flow.Bounds(), whole, image.Pt(0, at.Top), draw.Src)
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, flow); err != nil {
		t.Fatal(err)
	}
}
