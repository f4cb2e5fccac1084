package footage

import (
	"errors"
	"math"
	"testing"
)

// TestCanonicalizeExamples checks the behaviour that RFC 8785 lays down in 3.2.2 to 3.2.4.
func TestCanonicalizeExamples(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":2}`:                       `{"a":2,"b":1}`,
		` [ 1 , 2.50 , 1e21 , 1E-7, -0 ] `:    `[1,2.5,1e+21,1e-7,0]`,
		`333333333.33333329`:                  `333333333.3333333`,
		`1E30`:                                `1e+30`,
		`4.50`:                                `4.5`,
		`2e-3`:                                `0.002`,
		`0.000000000000000000000000001`:       `1e-27`,
		`"\u20ac$\u000F\u000aA'\u0042\"\\/"`:  "\"€$\\u000f\\nA'B\\\"\\\\/\"",
		`{"\ud83d\ude00":1,"\ufb33":2,"1":3}`: "{\"1\":3,\"😀\":1,\"\ufb33\":2}",
		`"<&>"`:                               `"<&>"`,
		`"\\ud800\ud83d\ude00\\"`:             `"\\ud800😀\\"`,
		`"\u2028"`:                            "\"\u2028\"",
		`null`:                                `null`,
		`[true,false]`:                        `[true,false]`,
	} {
		got, err := Canonicalize([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("Canonicalize(%s) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestCanonicalizeRefuses(t *testing.T) {
	for _, in := range []string{``, `{`, `{"a":1,"a":2}`, `1 2`, `"\xff"`, `1e999`, `[1,]`, `{"a" 1}`, "\"\xff\"", `"\ud800"`, `"\udc00\ud800"`, `"\ud800\n"`, `"\ud800\u0041"`, `{"\uDFFF":1}`} {
		if got, err := Canonicalize([]byte(in)); !errors.Is(err, Invalid) {
			t.Errorf("Canonicalize(%q) = %s, %v; want an error of kind invalid", in, got, err)
		}
	}
	if _, err := Canonical(math.NaN()); err == nil {
		t.Error("Canonical(NaN) succeeded")
	}
}

func TestDecodeStrict(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
	}
	var w struct {
		A    int              `json:"a"`
		List []inner          `json:"list"`
		Map  map[string]inner `json:"map"`
		Ptr  *inner           `json:"ptr"`
		Area *Area            `json:"area"`
		inner
	}
	for _, in := range []string{`{"a":1}`, `{"a":1,"list":[{"name":"A\":"}],"map":{"Key":{"name":"B"}},"ptr":null,"name":"y"}`} {
		if err := DecodeStrict([]byte(in), &w); err != nil || w.A != 1 {
			t.Errorf("DecodeStrict(%s) = %v, %v", in, w, err)
		}
	}
	for _, in := range []string{`{"a":1,"b":2}`, `{"a":"x"}`, `{"a":1}{}`, `{"A":1}`, `{"a":1,"A":2}`, `{"list":[{"Name":"x"}]}`, `{"Li\u017Ft":[]}`,
		`{"map":{"Key":{"NAME":"x"}}}`, `{"ptr":{"nAme":"x"}}`, `{"area":{"Type":"Polygon","coordinates":[]}}`, `{"area":{"TYPE":"Polygon","type":"Point"}}`} {
		if err := DecodeStrict([]byte(in), &w); !errors.Is(err, Invalid) {
			t.Errorf("DecodeStrict(%s) = %v; want invalid", in, err)
		}
	}
}

// FuzzCanonicalize: what is canonical stays as it is.
func FuzzCanonicalize(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,{"b":null}]}`, `"é\u0001"`, `-1.5e-9`, `{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, err := Canonicalize(raw)
		if err != nil {
			return
		}
		twice, err := Canonicalize(once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("canonical form changed: %s became %s, %v", once, twice, err)
		}
	})
}
