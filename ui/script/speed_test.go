package script

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"porchlight.example/internal/testenv"
	"porchlight.example/seal"
)

// BenchmarkSeal compares sealing in Chromium with sealing here, over the same 256 MB of zeros:
//
//	go test ./ui/script -run '^$' -bench Seal -benchtime 1x
func BenchmarkSeal(b *testing.B) {
	const megabytes = 256
	id, err := seal.GenerateIdentity()
	if err != nil {
		b.Fatal(err)
	}
	url := servePage(b, filepath.Join(built(b), "seal.page.mjs"), map[string]string{"twin.json": twinFile})
	tab := testenv.Chromium(b).Tab(390, 844)
	tab.Open(url)
	tab.Until("globalThis.result")
	b.ResetTimer()
	for range b.N {
		env, err := seal.New(megabytes*1e6, id.Recipient())
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if _, err := io.Copy(io.Discard, env.Reader(bytes.NewReader(make([]byte, megabytes*1e6)), 0)); err != nil {
			b.Fatal(err)
		}
		native := megabytes / time.Since(start).Seconds()
		var browser float64
		tab.Eval(`speed(`+"256, '"+id.Recipient()+`')`, &browser)
		b.ReportMetric(native, "native-MB/s")
		b.ReportMetric(browser, "chromium-MB/s")
		b.ReportMetric(browser/native, "ratio")
	}
}

// BenchmarkShare sends a clip of PORCHLIGHT_SHARE_MB megabytes (256) from a page to an exchange on this machine, and tells
// how fast it went and how much memory the page's worker took at most (1970 is the longest that the policy allows, padding
// included):
//
//	go test ./ui/script -run '^$' -bench Share -benchtime 1x
func BenchmarkShare(b *testing.B) {
	w := startSharing(b)
	size := 256
	if s := os.Getenv("PORCHLIGHT_SHARE_MB"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	path := w.longFilm(b, int64(size)*1e6)
	for range b.N {
		w.open(path)
		b.ResetTimer()
		start := time.Now()
		w.press("Seal and send")
		before, most := w.memory(), 0.0
		for arrived := false; !arrived; {
			most = max(most, w.memory())
			w.tab.Eval(`document.querySelector("#share-flow").innerText.includes("Your clips have arrived")`, &arrived)
			var wrong string
			w.tab.Eval(`document.querySelector("#share-flow [role=alert]:not([hidden])")?.innerText ?? ""`, &wrong)
			if wrong != "" {
				b.Fatal(wrong)
			}
		}
		b.ReportMetric(float64(size)/time.Since(start).Seconds(), "MB/s")
		b.ReportMetric(most-before, "MB-more")
	}
}

// longFilm writes a film that is mostly a hole: it takes no room on the disk, whatever its length.
func (w *neighbourhood) longFilm(b *testing.B, size int64) string {
	b.Helper()
	path, raw := w.film(b, "long.mp4", 0)
	rest := binary.BigEndian.AppendUint32(nil, uint32(size-int64(len(raw))))
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	_, err = file.Write(append(rest, "free"...))
	if err := errors.Join(err, file.Truncate(size)); err != nil {
		b.Fatal(err)
	}
	return path
}

// memory is how many MB the browser's processes for pages hold now.
func (w *neighbourhood) memory() float64 {
	return float64(w.tab.Resident()) / 1e6
}
