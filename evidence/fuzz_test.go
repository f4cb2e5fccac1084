package evidence

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// papers returns the papers and hashes of a good bag.
func papers(t testing.TB, dir string) content {
	t.Helper()
	c := content{files: map[string][]byte{}, sums: map[string]sums{}}
	for _, name := range filesOf(t, dir) {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		c.files[name], c.sums[name] = raw, hashBytes(raw)
	}
	return c
}

// FuzzPapers puts any bytes into any paper of a package and repacks it, so that every hash of the bag fits: no paper that
// proves something passes with other bytes than its own.
func FuzzPapers(f *testing.F) {
	s := newShare(f)
	s.amend(footage.Amended, "Also the alley.")
	s.root()
	good, trust, now := papers(f, s.bag()), s.pin(), noon.Add(48*time.Hour)
	var names []string
	for _, name := range slices.Sorted(maps.Keys(good.files)) {
		if filepath.Dir(name) != "data/clips" && isPayload(name) && name != reportPath && name != certificatePath && name != packagePath {
			names = append(names, name)
		}
	}
	if len(names) < 10 || good.judge(trust, now).Failed() {
		f.Fatalf("papers %v; %+v", names, good.judge(trust, now).Findings)
	}
	for i, name := range names {
		size := len(good.files[name])
		f.Add(byte(i), uint16(0), uint16(0), []byte(" "))
		f.Add(byte(i), uint16(size/2), uint16(size), []byte{})
		f.Add(byte(i), uint16(size/3), uint16(1), []byte("7"))
		f.Add(byte(i), uint16(1), uint16(0), []byte(`"type":null,`))
	}
	f.Fuzz(func(t *testing.T, which byte, at, cut uint16, put []byte) {
		name := names[int(which)%len(names)]
		raw := good.files[name]
		from := int(at) % (len(raw) + 1)
		data := slices.Concat(raw[:from], put, raw[min(from+int(cut), len(raw)):])
		c := content{files: maps.Clone(good.files), sums: maps.Clone(good.sums)}
		c.files[name], c.sums[name] = data, hashBytes(data)
		if c.judge(trust, now).Failed() || bytes.Equal(data, good.files[name]) {
			return
		}
		if canonical, err := footage.Canonicalize(data); err != nil || !bytes.Equal(canonical, good.files[name]) { // white space says nothing
			t.Errorf("%s passes with other bytes", name)
		}
	})
}

// FuzzParseCustody: what is accepted is written back as it was read, but for white space and order.
func FuzzParseCustody(f *testing.F) {
	s := newShare(f)
	s.root()
	vkey := s.pin().Verifier
	raw, err := footage.Canonical(CustodyRecord{Type: CustodyType, Events: s.events, Days: s.days})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"type":"porchlight/custody-record/v1","events":[],"days":[]}`))
	f.Add(bytes.Replace(raw, []byte(`"days":[`), []byte(`"days":[{},`), 1))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseCustody(raw)
		if err != nil {
			return
		}
		again, err := footage.Canonical(r)
		if err != nil {
			t.Fatal(err)
		}
		if canonical, err := footage.Canonicalize(raw); err != nil || !bytes.Equal(canonical, again) {
			t.Errorf("%s became %s", canonical, again)
		}
		for _, d := range r.Days {
			_, _ = d.Verify(r.Events, vkey) // must not panic
		}
	})
}

// FuzzParseTerms: what is accepted is written back byte for byte.
func FuzzParseTerms(f *testing.F) {
	raw, _, err := TermsJSON(CurrentVersion)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(bytes.Replace(raw, []byte(`"type"`), []byte(`"Type"`), 1))
	f.Add([]byte(`{"type":"porchlight/terms/v1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		terms, err := ParseTerms(raw)
		if err != nil {
			return
		}
		if again, err := footage.Canonical(terms); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s became %s, %v", raw, again, err)
		}
	})
}

// FuzzStatements: an accepted statement of a decline or a recall says in its fields all that its detail said.
func FuzzStatements(f *testing.F) {
	for _, s := range []string{`{"reason":"not_relevant","exculpatory":"none_seen"}`, `{"reason":"other","exculpatory":"possibly","note":"Too dark."}`,
		`{"answer":"destroyed"}`, `{"answer":"kept_by_law","note":"Order 12"}`, `{"answer":"destroyed","note":""}`, `{"answer":"destroyed","reason":"other"}`, `{"reason":"other","exculpatory":"possibly","note":"a\nb"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var detail map[string]string
		if json.Unmarshal(raw, &detail) != nil {
			return
		}
		decline, declineErr := ParseDecline(detail)
		recall, recallErr := ParseRecall(detail)
		if declineErr == nil && recallErr == nil {
			t.Errorf("%v is both", detail)
		}
		if declineErr == nil {
			again, err := decline.Detail()
			if err != nil || !cmp.Equal(again, detail) {
				t.Errorf("%v became %v, %v", detail, again, err)
			}
		}
		if recallErr == nil {
			again, err := recall.Detail()
			if err != nil || !cmp.Equal(again, detail) {
				t.Errorf("%v became %v, %v", detail, again, err)
			}
		}
	})
}
