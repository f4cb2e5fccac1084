package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	a := parse(t, write("aa", `"kind":"look_back_days","limit":10`, `"kind":"declined_days","limit":10`, `"kind":"offences_prohibited","codes":["35A","90B"]`,
		`"kind":"languages","codes":["en","es"]`, `"kind":"approver_rank","codes":["captain"]`, `"kind":"own_case"`, `"kind":"open_days_max","limit":5`,
		`"kind":"purposes_prohibited","codes":["press","protest"]`, `"kind":"offences_urgent","codes":["100"]`, `"kind":"moderators","limit":1`))
	b := parse(t, write("bb", `"kind":"look_back_days","limit":9`, `"kind":"declined_days","limit":9`, `"kind":"offences_prohibited","codes":["90B","35A","35B"]`,
		`"kind":"languages","codes":["es"]`, `"kind":"approver_rank","codes":["sergeant"]`, `"kind":"plain_text"`, `"kind":"open_days_max","limit":5`,
		`"kind":"purposes_prohibited","codes":["press","worship"]`, `"kind":"offences_urgent","codes":["100","X-CHILD"]`, `"kind":"moderators","limit":2`))
	ways := func(list []Change) map[string]Way {
		out := map[string]Way{}
		for _, c := range list {
			out[c.Kind] = c.Way
		}
		return out
	}
	want := map[string]Way{"look_back_days": Stricter, "declined_days": Looser, "offences_prohibited": Stricter, "languages": Stricter, "approver_rank": Looser,
		"own_case": Left, "plain_text": Added, "purposes_prohibited": Otherwise, "offences_urgent": Looser, "moderators": Stricter}
	if diff := cmp.Diff(want, ways(Diff(a, b))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	opposite := map[Way]Way{Stricter: Looser, Looser: Stricter, Left: Added, Added: Left, Otherwise: Otherwise}
	for kind, way := range ways(Diff(b, a)) {
		if way != opposite[want[kind]] {
			t.Errorf("the other way round %s is %s", kind, way)
		}
	}
	if got := Diff(a, a); len(got) != 0 {
		t.Errorf("a policy differs from itself: %+v", got)
	}
	c := parse(t, []byte(`{"type":"porchlight/policy/v1","name":"cc","about":{"en":"A","es":"B"},"rules":[{"kind":"own_case","en":"Other words.","es":"Otras."}]}`))
	if got := ways(Diff(parse(t, write("dd", `"kind":"own_case"`)), c)); !cmp.Equal(got, map[string]Way{"own_case": Reworded}) {
		t.Errorf("reworded: %v", got)
	}
}
