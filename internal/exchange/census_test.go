package exchange_test

import (
	"encoding/json"
	"slices"
	"testing"

	"porchlight.example/internal/census"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
)

// TestB11Households: where public counts say few or many households, one moderator more must clear a request; the agency is
// answered the same whatever the count, and where nothing is loaded nothing is asked.
func TestB11Households(t *testing.T) {
	strict, err := json.Marshal(map[string]any{"type": policy.FileType, "name": "city", "about": map[string]string{"en": "A", "es": "B"}, "rules": []any{
		map[string]any{"kind": "households_min", "limit": 20, "en": "{limit}.", "es": "{limit}."},
		map[string]any{"kind": "households_max", "limit": 500, "en": "{limit}.", "es": "{limit}."}}})
	must(t, err)
	each(t, options{policies: [][]byte{rules(nil), strict}}, func(t *testing.T, w *world) {
		ctx := t.Context()
		region, err := geo.Compile(w.draft(0).Document.Area)
		must(t, err)
		inside, outside := region.Center(), region.Center()
		outside.Lat += 0.02
		var answers []string
		for _, test := range []struct {
			blocks []census.Block
			needs  int
			code   string
		}{
			{nil, 1, ""},
			{[]census.Block{{ID: "out", Middle: outside, Households: 100}}, 2, "households_few"},
			{[]census.Block{{ID: "in", Middle: inside, Households: 19}, {ID: "out", Middle: outside, Households: 100}}, 2, "households_few"},
			{[]census.Block{{ID: "in", Middle: inside, Households: 20}}, 1, ""},
			{[]census.Block{{ID: "in", Middle: inside, Households: 300}, {ID: "too", Middle: inside, Households: 200}}, 1, ""},
			{[]census.Block{{ID: "in", Middle: inside, Households: 300}, {ID: "too", Middle: inside, Households: 201}}, 2, "households_many"},
		} {
			must(t, w.x.LoadCensus(ctx, test.blocks))
			in := w.draft(0)
			decision, err := w.x.Judge(ctx, w.police.officer.id, in, "en")
			must(t, err)
			id := w.submitted(w.police, in)
			c := w.theCase(string(id))
			found := slices.ContainsFunc(c.Check, func(r footage.Reason) bool { return r.Code == test.code && r.Value == "" })
			if c.Needs != test.needs || found != (test.code != "") {
				t.Errorf("%v: %d moderators, %+v", test.blocks, c.Needs, c.Check)
			}
			answers = append(answers, w.answered(decision, id))
		}
		if len(slices.Compact(answers)) != 1 {
			t.Errorf("the agency can tell: %q", answers)
		}
	})
}

// answered is all that an agency is told of a request that it has handed in, without what is random.
func (w *world) answered(decision any, id footage.RequestID) string {
	w.t.Helper()
	all, err := w.x.AgencyRequests(w.t.Context(), w.police.officer.id)
	must(w.t, err)
	for _, q := range all {
		if q.ID != id {
			continue
		}
		q.ID, q.Document.Nonce, q.Document.Case, q.Document.Place = "", "", "", ""
		q.Document.Code = ""
		for i := range q.Moderation {
			q.Moderation[i].Case, q.Moderation[i].Salt, q.Moderation[i].Commitment = "", "", ""
		}
		raw, err := json.Marshal([]any{decision, q})
		must(w.t, err)
		return string(raw)
	}
	w.t.Fatalf("the agency has no request %s", id)
	return ""
}
