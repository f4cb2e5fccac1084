package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
)

// TestOpenData: every table of the index is there for anybody, with a license and a strong tag that brings a 304, and stays the
// same bytes while the record does (T9).
func TestOpenData(t *testing.T) {
	w := started(t)
	_, raw := fetch(t, w, "GET", "/data/index.json", "")
	var index opendata.Catalog
	if err := json.Unmarshal(raw, &index); err != nil || len(index.Tables) < 9 || index.License != "CC0-1.0" {
		t.Fatalf("%v: %s", err, raw)
	}
	for _, table := range index.Tables {
		for _, path := range table.Files {
			res, body := fetch(t, w, "GET", path, "")
			etag := res.Header.Get("Etag")
			if res.StatusCode != http.StatusOK || !strings.HasPrefix(etag, `"`) || !strings.Contains(res.Header.Get("Link"), `rel="license"`) || res.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %s, tag %s, %v", path, res.Status, etag, res.Header)
			}
			if strings.HasSuffix(path, "json") && !json.Valid(body) {
				t.Errorf("%s is no JSON", path)
			}
			if res, again := fetch(t, w, "GET", path, "", "If-None-Match", etag); res.StatusCode != http.StatusNotModified || len(again) != 0 {
				t.Errorf("%s again: %s", path, res.Status)
			}
		}
	}
	_, figures := fetch(t, w, "GET", "/data/figures.csv", "")
	for _, want := range []string{",maplewood-pd,request.updated,withdrawn,,1", ",harbor-police,agency.suspended,,,1"} {
		if !bytes.Contains(figures, []byte(want)) {
			t.Errorf("the figures lack %q:\n%s", want, figures)
		}
	}
	for _, path := range []string{"/data/", "/data/nothing.csv", "/data/agencies.xml", "/data/figures.geojson", "/data/requests-2026-13.csv", "/data/entries-01.csv", "/data/entries-9.csv",
		"/data/entry/-1.json", "/data/entry/99999.json", "/data/agencies/nobody/requests.csv", "/data/agencies/maplewood-pd/secrets.csv"} {
		if res, _ := fetch(t, w, "GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// TestEveryEntryHasAPageAndAProof: the browser reaches each entry, and its proof holds against the key alone (T1, T2).
func TestEveryEntryHasAPageAndAProof(t *testing.T) {
	w := started(t)
	info := w.Node.Exchange.Info()
	head, err := w.Node.Exchange.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, list := fetch(t, w, "GET", "/en/record/entries", "")
	for i := range head.Integrated {
		path := "/record/entries/" + string('0'+rune(i/10)) + string('0'+rune(i%10))
		path = strings.Replace(path, "entries/0", "entries/", 1)
		if i == 0 {
			path = "/record/entries/0"
		}
		if i < 50 && !bytes.Contains(list, []byte(`href="/en`+path+`"`)) {
			t.Errorf("the list does not lead to %s", path)
		}
		if res, page := fetch(t, w, "GET", "/es"+path, ""); res.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("porchlight verify entry.json")) {
			t.Errorf("%s: %s", path, res.Status)
		}
		_, raw := fetch(t, w, "GET", strings.Replace(path, "/record/entries/", "/data/entry/", 1)+".json", "")
		var proven opendata.EntryProof
		if err := json.Unmarshal(raw, &proven); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		entry, err := proven.Entry.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proven.Proof.Verify(entry, info.LogVerifier); err != nil || proven.Proof.Index != i {
			t.Errorf("entry %d: %v", i, err)
		}
		if _, err := proven.Proof.Verify(append(entry, ' '), info.LogVerifier); err == nil {
			t.Errorf("entry %d holds when it was changed", i)
		}
	}
}

// TestRecordFollows: pages and tables say what was published since, and filters list what they name.
func TestRecordFollows(t *testing.T) {
	w := nodetest.Start(t, nil)
	w.Publish(w.Draft(0))
	w.Update(w.Police, w.Publish(w.Draft(1)), footage.Withdrawn, "")
	harbor := town.Agencies()[1]
	harbor.ID, harbor.Name = "harbor-police", "Harbor Police"
	w.Join(harbor)
	if err := w.Node.Exchange.SuspendAgency(t.Context(), harbor.ID, "Asked for another body."); err != nil {
		t.Fatal(err)
	}
	w.Refresh()
	says := func(path, want string) {
		t.Helper()
		if _, body := fetch(t, w, "GET", path, ""); !strings.Contains(string(body), want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	says("/en/record", "<dt>Requests published</dt><dd>2</dd>")
	says("/en/record", "Withdrawn")
	id := w.Publish(w.Draft(2))
	w.Refresh()
	says("/en/record", "<dt>Requests published</dt><dd>3</dd>")
	says("/data/requests.csv", string(id))
	says("/en/requests/"+string(id), "In the public record")
	says("/en/agencies/harbor-police", "An agency was suspended")
	says("/en/record/entries?agency=harbor-police&kind=agency.suspended", "1 entry, the newest first.")
	says("/es/record/data", "CC0-1.0")
	for _, path := range []string{"/en/record/entries?kind=no.such", "/en/record/entries?agency=nobody", "/en/record/entries/x", "/en/record/entries/100000"} {
		if res, _ := fetch(t, w, "GET", path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	raws, err := w.Node.Exchange.RecordEntries(t.Context(), 0, 1)
	if err != nil || len(raws) != 1 {
		t.Fatalf("%d entries, %v", len(raws), err)
	}
	if e, err := ledger.DecodeEntry(raws[0]); err != nil || e.Kind != ledger.KindExchangeCreated {
		t.Errorf("the first entry is %s, %v", e.Kind, err)
	}
}
