// Package policy holds a jurisdiction's rules and decides whether a request keeps them.
//
// A [Policy] is a JSON file of data alone: a closed set of rule kinds, each with a limit and a sentence in English and
// Spanish that a person understands. There is no expression language. Several policies apply together as a [Set]: state,
// city and exchange each state theirs and the strictest wins, so that no file can loosen another. A decision lists every
// broken rule at once and names the policy that holds it.
package policy

import (
	_ "embed" // default.json
	"fmt"
	"regexp"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// FileType is the value of a policy file's type member.
const FileType = "porchlight/policy/v1"

//go:embed default.json
var defaultFile []byte

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
	Value    float64  // the limit in the unit that Kind names, nought when there is none
	Codes    []string // offence or language codes, when the rule lists some
	Limit    Words    // the limit with its unit, such as "0.5 sq mi", or the codes
	Sentence Words    // the rule in plain words, its limit filled in
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

// DefaultFile returns the bytes of the default policy, as a start for one's own.
func DefaultFile() []byte { return slices.Clone(defaultFile) }

// Parse reads a policy file. Unknown members and kinds, limits out of their range (nought is), contradictions and missing
// sentences are refused with every reason at once, as a *footage.Error of kind Invalid.
func Parse(raw []byte) (*Policy, error) {
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
		p.rules = append(p.rules, newRule(f.Name, e))
	}
	return p, nil
}

func newRule(policy string, e entry) Rule {
	k, _ := kindByName(e.Kind) // checked before
	r := Rule{Kind: e.Kind, Policy: policy, Codes: e.Codes}
	switch {
	case e.Limit != nil:
		r.Value = *e.Limit
		r.Limit = k.text(r.Value)
	case len(e.Codes) > 0:
		r.Limit = Words{strings.Join(e.Codes, ", "), strings.Join(e.Codes, ", ")}
	}
	r.Sentence = Words{strings.ReplaceAll(e.En, "{limit}", r.Limit.En), strings.ReplaceAll(e.Es, "{limit}", r.Limit.Es)}
	return r
}

// Ref returns the policy's name and the SHA-256 of its canonical JSON (RFC 8785): white space and the order of members do
// not matter, everything else does.
func (p *Policy) Ref() footage.PolicyRef { return footage.PolicyRef{Name: p.name, Hash: p.hash} }

// About returns what the policy is and where its rules come from.
func (p *Policy) About() Words { return p.about }

// Explain returns every rule in the order of the file.
func (p *Policy) Explain() []Rule { return slices.Clone(p.rules) }
