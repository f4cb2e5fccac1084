package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"porchlight.example/internal/feed"
	"porchlight.example/internal/testenv"
)

// publicPages are the paths of one page of each kind that anybody reads.
func (w *region) publicPages() []string {
	return []string{"/en/", "/en/requests/" + string(w.ids[0]), "/en/agencies", "/en/agencies/" + string(w.Police.Agency.ID), "/en/record", "/en/record/entries", "/en/record/entries/3",
		"/en/record/data", "/en/how", "/es/privacy", "/en/shares", "/en/guidelines", "/en/about"}
}

// TestPageWeight: what a public page loads by itself, with styles, scripts, workers and texts, is 60 kB at most as it is sent;
// the street map and the requests themselves aside. (P7)
func TestPageWeight(t *testing.T) {
	const limit = 60_000
	w := startFinding(t, 4)
	w.asked()
	for _, page := range w.publicPages() {
		w.tab.Do("Network.clearBrowserCache", nil, nil)
		w.tab.Open(w.Server.URL + page)
		if page == "/en/" {
			w.tab.Until(checked)
		}
		total, data := 0, 0
		asked := w.asked()
		for _, one := range asked {
			path := strings.Fields(one)[1]
			if n := w.sent(t, path); strings.HasPrefix(path, "/feed/") || strings.HasPrefix(path, "/log/") || strings.HasSuffix(path, "basemap.json") {
				data += n
			} else {
				total += n
			}
		}
		t.Logf("%-90s %6d bytes, and %d of requests and map: %q", page, total, data, asked)
		if total > limit || total < 5000 {
			t.Errorf("%s weighs %d bytes", page, total)
		}
	}
}

// drawing is the map that the server draws into a page.
var drawing = regexp.MustCompile(`(?s)<svg class="map.*?</svg>`)

// sent is how many bytes a file has as a browser gets it, without the map that is drawn in a page.
func (w *region) sent(t *testing.T, path string) int {
	t.Helper()
	res, err := http.Get(w.Server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", path, res.Status, err)
	}
	w.asked()
	f, err := feed.NewFile("", drawing.ReplaceAll(raw, nil))
	if err != nil {
		t.Fatal(err)
	}
	return len(f.Gzip)
}

// TestLighthouse: Lighthouse gives the public pages 0.95 and more for performance, accessibility and best practices. It looks
// at four kinds of page, or at all of them with PORCHLIGHT_LIGHTHOUSE=all. (P7)
func TestLighthouse(t *testing.T) {
	if !testenv.RequireAll() && os.Getenv("PORCHLIGHT_LIGHTHOUSE") == "" {
		t.Skip("Lighthouse takes a while; PORCHLIGHT_LIGHTHOUSE=1 or =all asks for it")
	}
	folder, err := exec.Command("../../tools/lighthouse").Output()
	if err != nil {
		testenv.Skip(t, fmt.Sprintf("there is no Lighthouse: %v", err))
	}
	chromium, err := testenv.FindTool("chromium")
	if err != nil {
		testenv.Skip(t, err.Error())
	}
	w := startFinding(t, 4)
	pages := w.publicPages()
	if os.Getenv("PORCHLIGHT_LIGHTHOUSE") != "all" {
		pages = []string{pages[0], pages[1], pages[4], pages[9]}
	}
	args := []string{"test/lighthouse.mjs", strings.TrimSpace(string(folder))}
	for _, page := range pages {
		args = append(args, w.Server.URL+page)
	}
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Env = append(os.Environ(), "CHROME_PATH="+chromium)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, failed.Bytes())
	}
	var verdicts []struct {
		URL    string
		Scores []float64
		Paint  int // milliseconds until something is to be seen on a slow phone and line, as Lighthouse reckons
		Bytes  int
		Short  []string
	}
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(pages) {
		t.Fatalf("%d verdicts: %v", len(verdicts), err)
	}
	for i, v := range verdicts {
		t.Logf("%-90s %v, first paint %d ms, %d bytes", pages[i], v.Scores, v.Paint, v.Bytes)
		for _, score := range v.Scores {
			if score < 0.95 {
				t.Errorf("%s has %v: %s", pages[i], v.Scores, strings.Join(v.Short, "; "))
			}
		}
	}
}

// BenchmarkFirstPaint measures how long a page takes until something of its text is to be seen, on a processor that is slowed
// down six times and a line of 1.6 Mb/s with 150 ms to the exchange and back, with an empty cache. (P7)
func BenchmarkFirstPaint(b *testing.B) {
	w := startFinding(b, 4)
	w.tab.Do("Emulation.setCPUThrottlingRate", map[string]any{"rate": 6}, nil)
	for _, latency := range []int{0, 150} {
		w.tab.Do("Network.emulateNetworkConditions", map[string]any{"offline": false, "latency": latency, "downloadThroughput": 200_000, "uploadThroughput": 100_000}, nil)
		for _, page := range []string{"/en/", "/en/requests/" + string(w.ids[0]), "/en/record", "/es/privacy"} {
			b.Run(fmt.Sprintf("%s/%dms", strings.Split(page, "/")[2], latency), func(b *testing.B) {
				total := 0.0
				for b.Loop() {
					w.tab.Do("Network.clearBrowserCache", nil, nil)
					w.tab.Open(w.Server.URL + page)
					var paint float64
					w.tab.Eval(`new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime)).observe({type: "largest-contentful-paint", buffered: true}))`, &paint)
					total += paint
				}
				b.ReportMetric(total/float64(b.N), "ms/paint")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
