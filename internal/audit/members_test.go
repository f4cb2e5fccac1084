package audit

import (
	"encoding/json"
	"testing"

	"porchlight.example/internal/footage"
)

// FuzzMembers: what is cut out of an object is what decoding it gives.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `"a"`, `1`, `{"a":"b"}`, `{"agency":{"id":"x","list":[1,"]",{"a":[]}]},"b":[],"c":true,"d":null,"e":-1.5e3}`,
		`{"a\"b":"c\\","d":"e\"}","f":{"g":"{"}}`, `{"\u0001":"\n","é":"ü,:"}`, `{"":""}`, `{"a":{"b":{"c":[[[{}]]]}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw, err := footage.Canonicalize(raw)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		_ = json.Unmarshal(raw, &want) // what is no object has no members
		got := membersOf(raw)
		if len(got) != len(want) {
			t.Fatalf("%s: %d members, want %d", raw, len(got), len(want))
		}
		for _, m := range got {
			if string(want[m.name]) != string(m.value) {
				t.Errorf("%s: %q is %s, want %s", raw, m.name, m.value, want[m.name])
			}
			var text string
			_ = json.Unmarshal(m.value, &text)
			if textOf(m.value) != text {
				t.Errorf("%s: the text of %s is %q, want %q", raw, m.value, textOf(m.value), text)
			}
		}
	})
}
