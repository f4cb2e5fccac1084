// Package policy holds a jurisdiction's rules and decides whether a request keeps them.
//
// A [Policy] is a JSON file of data alone: a closed set of rule kinds, each with a limit and a sentence in English and
// Spanish that a person understands. There is no expression language. Several policies apply together as a [Set]: state,
// city and exchange each state theirs and the strictest wins, so that no file can loosen another. A decision lists every
// broken rule at once and names the policy that holds it.
package policy

import (
	_ "embed" // the policy files
	"fmt"
	"regexp"
	"slices"

	"porchlight.example/internal/footage"
)

// FileType is the value of a policy file's type member.
const FileType = "porchlight/policy/v1"

//go:embed default.json
var defaultFile []byte

//go:embed illinois.json
var illinoisFile []byte

//go:embed san-francisco.json
var sanFranciscoFile []byte

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,39}$`)

// Policy is one policy file that passed every check. It is immutable.
type Policy struct {
	name  string
	hash  string
	about Words
	rules []Rule
}

// Rule is one rule as pages show it.
type Rule struct {
	Kind     string   // stable name, such as "area_max_sq_mi"
	Policy   string   // name of the policy that holds it
	SHA256   string   // hash of that policy
	Value    float64  // the limit in the unit that Kind names, nought when there is none
	Codes    []string // when the rule lists some
	Limit    Words    // the limit with its unit, such as "0.5 sq mi", or the names of the codes
	Words    Words    // the rule in plain words, "{limit}" in the place of its limit
	Sentence Words    // the same with the limit filled in
}

// Reason returns the rule as a reason to refuse or to hold a request: in its own words, or in others where it has several
// sides, and in a language, "en" or "es".
func (r Rule) Reason(code string, value, msg Words, language string) footage.Reason {
	if msg == (Words{}) {
		msg = r.Sentence
	}
	return footage.Reason{Code: code, Msg: msg.In(language), Limit: r.Limit.In(language), Value: value.In(language), Policy: r.Policy,
		SHA256: r.SHA256, Rule: r.Kind}
}

// file is a policy as it is written down.
type file struct {
	Type  string  `json:"type"`
	Name  string  `json:"name"`
	About Words   `json:"about"`
	Rules []entry `json:"rules"`
}

type entry struct {
	Kind  string   `json:"kind"`
	Limit *float64 `json:"limit,omitempty"`
	Codes []string `json:"codes,omitempty"`
	En    string   `json:"en"` // "{limit}" stands for the limit with its unit
	Es    string   `json:"es"`
}

// Default returns the policy that ships with Porchlight: the strictest rules published by the systems that it follows.
func Default() *Policy {
	p, err := Parse(defaultFile)
	if err != nil {
		panic("policy: the embedded default is broken: " + err.Error())
	}
	return p
}

// maxFile bounds a policy file, in bytes. The shipped ones have a sixth of it.
const maxFile = 128 << 10

// ShippedFile returns the bytes of a policy that ships with Porchlight: "default", or the worked examples "illinois" and
// "san-francisco", which stand beside the default.
func ShippedFile(name string) ([]byte, bool) {
	file, ok := map[string][]byte{"default": defaultFile, "illinois": illinoisFile, "san-francisco": sanFranciscoFile}[name]
	return slices.Clone(file), ok
}

// Shipped returns the names of the policies that ship with Porchlight.
func Shipped() []string { return []string{"default", "illinois", "san-francisco"} }

// DefaultFile returns the bytes of the default policy, as a start for one's own.
func DefaultFile() []byte { return slices.Clone(defaultFile) }

// Parse reads a policy file. Unknown members and kinds, limits out of their range (nought is), contradictions and missing
// sentences are refused with every reason at once, as a *footage.Error of kind Invalid.
func Parse(raw []byte) (*Policy, error) {
	if len(raw) > maxFile {
		return nil, footage.Coded(footage.Invalid, "policy_too_large", fmt.Sprintf("A policy file may have at most %d bytes.", maxFile))
	}
	var f file
	if err := footage.DecodeStrict(raw, &f); err != nil {
		return nil, fmt.Errorf("parse policy: %w", err)
	}
	canonical, err := footage.Canonicalize(raw)
	if err != nil {
		return nil, fmt.Errorf("parse policy: %w", err)
	}
	c := checker{policy: f.Name}
	c.file(f)
	if len(c.reasons) > 0 {
		return nil, &footage.Error{Kind: footage.Invalid, Code: "policy_refused",
			Msg: "This policy cannot be used.", Reasons: c.reasons}
	}
	p := &Policy{name: f.Name, hash: footage.Hash(canonical), about: f.About}
	for _, e := range f.Rules {
		p.rules = append(p.rules, newRule(p.Ref(), e))
	}
	return p, nil
}

func newRule(ref footage.PolicyRef, e entry) Rule {
	k, _ := kindByName(e.Kind) // checked before
	r := Rule{Kind: e.Kind, Policy: ref.Name, SHA256: ref.Hash, Words: Words{e.En, e.Es}}
	if e.Limit != nil {
		r.Value = *e.Limit
		return r.limited(k.text(r.Value))
	}
	return r.listing(k, e.Codes)
}

// limited fills the limit into the rule's words.
func (r Rule) limited(limit Words) Rule {
	r.Limit, r.Sentence = limit, r.Words.with(limit)
	return r
}

// listing gives the rule a list of codes, in the order of the list that they are from.
func (r Rule) listing(k kind, codes []string) Rule {
	if k.codes == "" {
		return r.limited(Words{})
	}
	r.Codes = nil
	for _, code := range k.codes.order() {
		if slices.Contains(codes, code) {
			r.Codes = append(r.Codes, code)
		}
	}
	return r.limited(k.codesText(r.Codes))
}

// Ref returns the policy's name and the SHA-256 of its canonical JSON (RFC 8785): white space and the order of members do
// not matter, everything else does.
func (p *Policy) Ref() footage.PolicyRef { return footage.PolicyRef{Name: p.name, Hash: p.hash} }

// About returns what the policy is and where its rules come from.
func (p *Policy) About() Words { return p.about }

// Explain returns every rule in the order of the file.
func (p *Policy) Explain() []Rule { return slices.Clone(p.rules) }
