package evidence

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// TestRepackedBag changes a package and makes all its manifests anew, so that only signatures, proofs and the chain can tell.
func TestRepackedBag(t *testing.T) {
	good := goodBag(t)
	forger := edKey("forger")
	remake := func(change func(s *share)) func(*share, map[string][]byte) {
		return func(s *share, files map[string][]byte) {
			change(s)
			s.receipt.Sig = strings.TrimSpace(s.receipt.Sig)
			must := func(b []byte, err error) []byte {
				if err != nil {
					s.t.Fatal(err)
				}
				return b
			}
			files[manifestPath] = s.manifest()
			files[receiptPath] = must(footage.Canonical(s.receipt))
			files[custodyPath] = must(footage.Canonical(CustodyRecord{Type: CustodyType, Events: s.events, Days: s.days}))
		}
	}
	edit := func(name, old, new string) func(*share, map[string][]byte) {
		return func(s *share, files map[string][]byte) {
			changed := bytes.Replace(files[name], []byte(old), []byte(new), 1)
			if bytes.Equal(changed, files[name]) {
				s.t.Fatalf("%s holds no %q", name, old)
			}
			files[name] = changed
		}
	}
	for _, c := range []struct {
		name, want string
		level      Level
		do         func(*share, map[string][]byte)
	}{
		{"clip replaced", "clip_hash", Fail, edit("data/clips/clip-01.mp4", "\x00", "\x01")},
		{"clip renamed", "clip_missing", Fail, func(_ *share, files map[string][]byte) {
			files["data/clips/clip-09.mp4"] = files["data/clips/clip-01.mp4"]
			delete(files, "data/clips/clip-01.mp4")
		}},
		{"clip added", "bag_extra", Fail, func(_ *share, files map[string][]byte) { files["data/clips/clip-03.mp4"] = []byte("more") }},
		{"paper added", "bag_extra", Fail, func(_ *share, files map[string][]byte) { files["data/request/update-01.json"] = []byte("{}") }},
		{"manifest's words changed", "manifest_signature", Fail, edit(manifestPath, "quiet-heron-41", "quiet-heron-42")},
		{"manifest not canonical", "paper_unreadable", Fail, edit(manifestPath, "{", "{ ")},
		{"manifest with another member", "paper_unreadable", Fail, edit(manifestPath, `{"agency"`, `{"aaa":1,"agency"`)},
		{"manifest forged with the forger's key", "manifest_vouched", Fail, remake(func(s *share) {
			s.m.Message = "It was the neighbour."
			if err := s.m.Sign(forger); err != nil {
				s.t.Fatal(err)
			}
		})},
		{"manifest for another request", "manifest_binding", Fail, remake(func(s *share) { s.m.Request = footage.RequestID(footage.Hash([]byte("other"))); s.seal() })},
		{"manifest for another epoch", "manifest_binding", Fail, remake(func(s *share) { s.m.Epoch = 2; s.seal() })},
		{"manifest under other consent", "consent_text", Fail, remake(func(s *share) { s.m.Consent.SHA256 = footage.Hash(nil); s.seal() })},
		{"manifest under other terms", "terms_text", Fail, remake(func(s *share) { s.m.Terms.SHA256 = footage.Hash(nil); s.seal() })},
		{"manifest that calls a copy an original", "clip_original", Fail, remake(func(s *share) {
			s.m.Clips[0].Original.Sent, s.m.Clips[0].Edits = true, []Edit{}
			s.seal()
		})},
		{"consent text changed", "consent_text", Fail, edit(consentPath, "You may say no", "You may not say no")},
		{"terms text changed", "terms_text", Fail, edit(termsPath, "No face recognition", "Face recognition")},
		{"terms data changed", "terms_text", Fail, edit(termsJSONPath, `"days_without_charge":60`, `"days_without_charge":600`)},
		{"receipt's time changed", "receipt_signature", Fail, edit(receiptPath, `"committed":"2026-03-14T14`, `"committed":"2026-03-14T13`)},
		{"receipt for fewer clips", "receipt_binding", Fail, remake(func(s *share) {
			s.receipt.Clips = s.receipt.Clips[:1]
			if err := s.receipt.Sign(edKey("receipt")); err != nil {
				s.t.Fatal(err)
			}
		})},
		{"custody event left out", "custody_chain", Fail, remake(func(s *share) { s.events = slices.Delete(s.events, 1, 2) })},
		{"custody event signed by the wrong party", "custody_party", Fail, remake(func(s *share) {
			e := &s.events[len(s.events)-1]
			e.Party, e.Signer = footage.PartyExchange, "exchange"
			if err := e.Sign(edKey("receipt")); err != nil {
				s.t.Fatal(err)
			}
		})},
		{"custody chain of another share", "custody_start", Fail, remake(func(s *share) {
			s.receipt.Share = footage.ShareID(id("s", "other"))
			if err := s.receipt.Sign(edKey("receipt")); err != nil {
				s.t.Fatal(err)
			}
		})},
		{"custody chain written anew by all key holders", "custody_path", Fail, remake(func(s *share) {
			old := s.days
			s.events = s.events[:len(s.events)-1]
			s.event(footage.EventDeclined, map[string]string{"reason": "not_relevant", "exculpatory": "none_seen"})
			s.days = old
		})},
		{"custody chain for other sealed clips", "custody_binding", Fail, remake(func(s *share) {
			s.events, s.days = nil, nil
			detail := CommittedDetail(s.receipt)
			detail[string(s.m.Clips[0].ID)] = footage.Hash(nil)
			s.event(footage.EventCommitted, detail)
		})},
		{"custody without the custodian's word", "manifest_vouched", Warn, remake(func(s *share) { s.events, s.days = s.events[:3], nil })},
		{"custody without a daily root", "custody_no_root", Warn, remake(func(s *share) { s.days = nil })},
		{"request's text changed apart", "request_papers", Fail, edit(documentPath, "Oak Street", "Elm Street")},
		{"request's text changed in the bundle", "request_papers", Fail, edit(bundlePath, "Oak Street", "Elm Street")},
		{"description that cannot be read", "paper_unreadable", Fail, edit(packagePath, `"neutral_names":false`, `"neutral_names":0`)},
		{"report changed", "report", Warn, edit(reportPath, "What was not verified", "What was verified")},
		{"certificate changed", "report", Warn, edit(certificatePath, "DRAFT", "FINAL")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, dir := good.copy(t)
			files := map[string][]byte{}
			for _, name := range filesOf(t, dir) {
				if isPayload(name) {
					raw, err := os.ReadFile(filepath.Join(dir, name))
					if err != nil {
						t.Fatal(err)
					}
					files[name] = raw
				}
			}
			before := slices.Collect(maps.Keys(files))
			c.do(s, files)
			for _, name := range before {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			for name, raw := range files {
				if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			rehash(t, dir)
			found := s.verify(dir)
			if x, ok := found.Find(c.want); !ok || x.Level != c.level || found.Failed() != (c.level == Fail) {
				t.Errorf("no %s %s in %+v", c.level, c.want, found)
			}
			if x, ok := found.Find("bag_whole"); !ok {
				t.Errorf("the bag itself is not whole, so the test shows nothing: %+v", x)
			}
		})
	}
}

func TestCustodyDay(t *testing.T) {
	s := newShare(t)
	_, vkey := logKeys(t, testOrigin, "log")
	day, err := s.days[0].Verify(s.events, vkey)
	if err != nil || day.Format(time.DateOnly) != "2026-03-14" {
		t.Fatalf("%v, %v", day, err)
	}
	for name, change := range map[string]func(d *CustodyDay){
		"seq":         func(d *CustodyDay) { d.Seq-- },
		"seq too big": func(d *CustodyDay) { d.Seq += 10 },
		"leaf":        func(d *CustodyDay) { d.Leaf++ },
		"path":        func(d *CustodyDay) { d.Path = d.Path[1:] },
		"path form":   func(d *CustodyDay) { d.Path = []string{"zz"} },
		"proof":       func(d *CustodyDay) { d.Proof.Index-- },
		"kind": func(d *CustodyDay) {
			e, err := ledger.NewEntry(noon, s.policy)
			if err != nil {
				t.Fatal(err)
			}
			d.Entry = e
		},
	} {
		d := s.days[0]
		change(&d)
		if _, err := d.Verify(s.events, vkey); footage.KindOf(err) != footage.Untrusted {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.days[0].Verify(s.events[:2], vkey); footage.KindOf(err) != footage.Untrusted {
		t.Errorf("shorter chain: %v", err)
	}
}

func TestReport(t *testing.T) {
	s := newShare(t)
	s.m.Message = `<script>alert("no")</script>`
	s.m.Contact = &footage.Contact{Name: "Robin Example", Phone: "555-0101"}
	s.amend(footage.Amended, "Also the alley.")
	s.seal()
	dir := s.bag()
	for name, file := range map[string]string{reportPath: "report.html", certificatePath: "certificate-draft.txt", "bag-info.txt": "bag-info.txt"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata", file), got)
		if bytes.Contains(got, []byte("<script")) || bytes.Contains(got, []byte("http:")) || bytes.Contains(got, []byte("src=")) {
			t.Errorf("%s holds a script or fetches something", name)
		}
	}
}
