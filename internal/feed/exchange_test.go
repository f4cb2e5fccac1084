package feed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/node/nodetest"
)

// get fetches a path and returns the answer with its body as it came.
func get(t *testing.T, w *nodetest.Town, method, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, w.Server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, raw
}

// files returns every file of the feed by its path.
func files(t *testing.T, w *nodetest.Town) map[string]string {
	t.Helper()
	out := map[string]string{}
	queue := []string{"/feed/index.json", "/feed/all.json", "/feed/requests.json", "/feed/requests.atom", "/feed/requests.geojson"}
	var index feed.Index
	_, raw := get(t, w, "GET", queue[0])
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	for _, c := range index.Cells {
		queue = append(queue, c.Path)
	}
	for _, path := range queue {
		res, raw := get(t, w, "GET", path)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", path, res.Status)
		}
		out[path] = string(raw)
	}
	return out
}

// bundles verifies every request in a file and returns their IDs.
func bundles(t *testing.T, w *nodetest.Town, raw string) (ids []footage.RequestID) {
	t.Helper()
	var cell feed.Cell
	if err := json.Unmarshal([]byte(raw), &cell); err != nil {
		t.Fatal(err)
	}
	for _, one := range cell.Requests {
		b, err := evidence.ParseBundle(one)
		if err != nil {
			t.Fatal(err)
		}
		checked, err := b.Verify(evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, w.Now())
		if err != nil {
			t.Fatalf("a request of the feed does not verify: %v", err)
		}
		ids = append(ids, checked.ID)
	}
	return ids
}

func changed(a, b map[string]string) (paths []string) {
	for path := range a {
		if a[path] != b[path] {
			paths = append(paths, path)
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// TestFeedOfAnExchange follows the feed of a running exchange through what can happen to its requests.
func TestFeedOfAnExchange(t *testing.T) {
	ctx := context.Background()
	w := nodetest.Start(t, nil)
	first, second := w.Publish(w.Draft(0)), w.Publish(w.Draft(3))
	before := files(t, w)
	for _, path := range []string{"/feed/all.json", onlyCell(t, before)} {
		if ids := bundles(t, w, before[path]); len(ids) != 2 || !slices.Contains(ids, first) || !slices.Contains(ids, second) {
			t.Errorf("%s holds %v", path, ids)
		}
	}
	cell := strings.TrimSuffix(strings.TrimPrefix(onlyCell(t, before), "/feed/cell/"), ".json")
	if !slices.Contains(geo.CellsAround(town.Centre(), geo.FeedLevel), cell) {
		t.Errorf("somebody in the town would not fetch %s", cell)
	}
	private := w.Draft(0).Private
	for path, body := range before {
		for _, secret := range []string{private.CaseNumber, fmt.Sprint(private.Place.Lon), fmt.Sprint(private.Place.Lat)} {
			if strings.Contains(body, secret) {
				t.Errorf("%s publishes %s", path, secret)
			}
		}
	}

	t.Run("what concerns others changes nothing", func(t *testing.T) {
		if err := w.Node.Exchange.RootCustody(ctx); err != nil {
			t.Fatal(err)
		}
		fire := w.Join(town.Agencies()[1])
		w.Refresh()
		if paths := changed(before, files(t, w)); len(paths) > 0 {
			t.Errorf("another agency in the register changes %v", paths)
		}
		other := w.PublishAs(fire, w.Draft(4))
		after := files(t, w)
		for _, one := range requests(t, before["/feed/all.json"]) {
			if !strings.Contains(after["/feed/all.json"], one) {
				t.Error("another request changes the bytes of one")
			}
		}
		w.Update(fire, other, footage.Withdrawn, "Wrong day.")
		if paths := changed(before, files(t, w)); len(paths) > 0 {
			t.Errorf("a request that came and went leaves %v changed", paths)
		}
	})

	t.Run("shares change nothing", func(t *testing.T) {
		before := files(t, w)
		sent := w.Send(first, nil, bytes.Repeat([]byte("frame"), 1000))
		w.Release()
		w.Withdraw(sent.Secret)
		w.Release()
		w.Refresh()
		if paths := changed(before, files(t, w)); len(paths) > 0 {
			t.Errorf("a share changes %v", paths)
		}
	})

	t.Run("an update changes its request alone", func(t *testing.T) {
		before := files(t, w)
		w.Update(w.Police, first, footage.Amended, "The bag had a white strap.")
		after := files(t, w)
		if !strings.Contains(after["/feed/all.json"], "white strap") || len(bundles(t, w, after["/feed/all.json"])) != 2 {
			t.Error("the update is not in the feed")
		}
		kept := 0
		for _, one := range requests(t, before["/feed/all.json"]) {
			if strings.Contains(after["/feed/all.json"], one) {
				kept++
			}
		}
		if kept != 1 {
			t.Errorf("%d of two requests kept their bytes, not one", kept)
		}
	})

	t.Run("a suspended agency's requests pause", func(t *testing.T) {
		if err := w.Node.Exchange.SuspendAgency(ctx, w.Police.ID, "Asked for another body."); err != nil {
			t.Fatal(err)
		}
		w.Refresh()
		if ids := bundles(t, w, files(t, w)["/feed/all.json"]); len(ids) != 0 {
			t.Errorf("the feed holds %v of a suspended agency", ids)
		}
		if _, page := get(t, w, "GET", "/en/requests/"+string(first)); !strings.Contains(string(page), "This agency is suspended on this exchange.") {
			t.Error("the page does not say that the agency is suspended")
		}
		if err := w.Node.Exchange.RestoreAgency(ctx, w.Police.ID); err != nil {
			t.Fatal(err)
		}
		w.Refresh()
		if ids := bundles(t, w, files(t, w)["/feed/all.json"]); len(ids) != 2 {
			t.Errorf("the feed holds %v of a restored agency", ids)
		}
	})

	t.Run("what is closed leaves", func(t *testing.T) {
		w.Update(w.Police, first, footage.Withdrawn, "The house was another.")
		w.Update(w.Police, second, footage.Resolved, "Thank you.")
		after := files(t, w)
		if len(after) != 5 || len(bundles(t, w, after["/feed/all.json"])) != 0 {
			t.Errorf("%d files, requests %v", len(after), bundles(t, w, after["/feed/all.json"]))
		}
		for id, want := range map[footage.RequestID]string{first: "The house was another.", second: "Thank you."} {
			_, page := get(t, w, "GET", "/en/requests/"+string(id))
			if !strings.Contains(string(page), want) || !strings.Contains(string(page), "This request takes no more footage.") {
				t.Errorf("the page of %s does not tell how it ended", id.Short())
			}
		}
		if _, front := get(t, w, "GET", "/en/?closed=yes"); !strings.Contains(string(front), "3 closed requests") {
			t.Error("the list of closed requests does not hold them")
		}
		res, body := get(t, w, "GET", onlyCell(t, before))
		var p api.Problem
		if err := json.Unmarshal(body, &p); err != nil || res.StatusCode != http.StatusNotFound || p.Kind != footage.NotFound || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("a cell without requests answers %s: %s", res.Status, body)
		}
	})
}

func onlyCell(t *testing.T, all map[string]string) string {
	t.Helper()
	var cells []string
	for path := range all {
		if strings.HasPrefix(path, "/feed/cell/") {
			cells = append(cells, path)
		}
	}
	if len(cells) != 1 {
		t.Fatalf("the town lies in %v", cells)
	}
	return cells[0]
}

// requests returns the bundles in a file as they stand there.
func requests(t *testing.T, raw string) (out []string) {
	t.Helper()
	var cell feed.Cell
	if err := json.Unmarshal([]byte(raw), &cell); err != nil {
		t.Fatal(err)
	}
	for _, one := range cell.Requests {
		out = append(out, string(one))
	}
	return out
}

// TestFeedOverHTTP: the headers that let any cache in between serve the feed.
func TestFeedOverHTTP(t *testing.T) {
	w := nodetest.Start(t, nil)
	w.Publish(w.Draft(0))
	for path, body := range files(t, w) {
		res, _ := get(t, w, "GET", path)
		if res.Header.Get("Vary") != "Accept-Encoding" || res.Header.Get("Cache-Control") != "public, max-age=60" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, res.Header)
		}
		again, raw := get(t, w, "GET", path, "If-None-Match", res.Header.Get("Etag"))
		if again.StatusCode != http.StatusNotModified || len(raw) != 0 {
			t.Errorf("%s again: %s with %d bytes", path, again.Status, len(raw))
		}
		zipped, raw := get(t, w, "GET", path, "Accept-Encoding", "gzip")
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != body || zipped.Header.Get("Etag") == res.Header.Get("Etag") {
			t.Errorf("%s zipped: %v, %v", path, err, zipped.Header)
		}
		head, raw := get(t, w, "HEAD", path)
		if head.ContentLength != int64(len(body)) || len(raw) != 0 || head.Header.Get("Etag") != res.Header.Get("Etag") {
			t.Errorf("HEAD %s: %v", path, head.Header)
		}
		if post, _ := get(t, w, "POST", path); post.StatusCode != http.StatusMethodNotAllowed || post.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: %s, %v", path, post.Status, post.Header)
		}
	}
}
