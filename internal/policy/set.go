package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// Set is the policies that apply together. For each kind the strictest rule wins; prohibited offences and purposes add up,
// and only languages that every policy knows remain. A Set is immutable; the zero Set refuses everything.
type Set struct {
	refs   []footage.PolicyRef
	rules  map[string]Rule
	listed map[listing]Rule // the first rule that lists a code, of the kinds whose codes add up
}

// listing is a code in a rule of a kind.
type listing struct{ kind, code string }

// NewSet joins policies. Together they must hold every kind of rule that is not optional, and may not contradict each
// other: a rule can be stricter in one place than in another but cannot be left out, and none may make the rest unkeepable.
func NewSet(policies ...*Policy) (Set, error) {
	s, c := joined(policies)
	s.whole(c)
	s.agree(c)
	return s.unless(c)
}

// Join joins policies that need not hold every kind of rule that must be in force somewhere, so that they can be explained.
// Such a set is not to decide by.
func Join(policies ...*Policy) (Set, error) {
	s, c := joined(policies)
	s.agree(c)
	return s.unless(c)
}

func joined(policies []*Policy) (Set, *checker) {
	s := Set{rules: map[string]Rule{}, listed: map[listing]Rule{}}
	c := &checker{}
	for _, p := range policies {
		if slices.ContainsFunc(s.refs, func(r footage.PolicyRef) bool { return r.Name == p.name }) {
			c.add("policy_twice", "The policy %q stands twice.", p.name)
		}
		s.refs = append(s.refs, p.Ref())
		for _, r := range p.rules {
			s.join(r)
		}
	}
	return s, c
}

// unless returns the set, or an error when something was found.
func (s Set) unless(c *checker) (Set, error) {
	if len(c.reasons) > 0 {
		return Set{}, &footage.Error{Kind: footage.Invalid, Code: "policies_refused",
			Msg: "These policies cannot apply together.", Reasons: c.reasons}
	}
	return s, nil
}

// join adds a rule, keeping the stricter of it and the one that is there.
func (s Set) join(r Rule) {
	k, _ := kindByName(r.Kind)
	for _, code := range r.Codes {
		if _, ok := s.listed[listing{r.Kind, code}]; !ok {
			s.listed[listing{r.Kind, code}] = r
		}
	}
	old, ok := s.rules[r.Kind]
	switch {
	case !ok:
		s.rules[r.Kind] = r
	case k.join == highest:
		if !k.codes.reaches(old.Codes[0], r.Codes[0]) {
			s.rules[r.Kind] = r
		}
	case k.codes != "":
		s.rules[r.Kind] = old.listing(k, k.together(old.Codes, r.Codes))
	case k.limited() && (k.low && r.Value < old.Value || !k.low && r.Value > old.Value):
		s.rules[r.Kind] = r
	}
}

// whole checks that every kind of rule is there that must be.
func (s Set) whole(c *checker) {
	var missing []string
	for _, k := range kinds() {
		if _, ok := s.rules[k.name]; !ok && !k.optional {
			missing = append(missing, k.name)
		}
	}
	if len(missing) > 0 {
		c.add("policy_incomplete", "No policy in force holds the rules %s; adopt one that does, such as the default.", strings.Join(missing, ", "))
	}
}

// agree checks that a request can keep all rules at once.
func (s Set) agree(c *checker) {
	limits := map[string]float64{}
	for _, k := range kinds() {
		r, ok := s.rules[k.name]
		if ok && k.limited() {
			limits[k.name] = r.Value
		}
		if ok && k.codes != "" && len(r.Codes) == 0 {
			c.add("policy_contradiction", "The policies share no code for %s.", k.name)
		}
	}
	c.contradictions(limits)
}

// Rule returns the rule of a kind that is in force, the strictest, and whether there is one.
func (s Set) Rule(kind string) (Rule, bool) {
	r, ok := s.rules[kind]
	return r, ok
}

// Listing returns the first policy's rule that lists a code, of the kinds whose codes add up, and whether there is one.
func (s Set) Listing(kind, code string) (Rule, bool) {
	r, ok := s.listed[listing{kind, code}]
	return r, ok
}

// Refs returns the names and hashes of the policies, in the order in which they were given.
func (s Set) Refs() []footage.PolicyRef { return slices.Clone(s.refs) }

// Explain returns the rules in force, each the strictest of its kind, in a fixed order.
func (s Set) Explain() []Rule {
	var out []Rule
	for _, k := range kinds() {
		if r, ok := s.rules[k.name]; ok {
			out = append(out, r)
		}
	}
	return out
}

// Limits is what the exchange keeps when it handles what is shared.
type Limits struct {
	Retention           time.Duration // sealed clips nobody picked up are erased after it
	Declined            time.Duration // how long an agency keeps a clip that it opened and declined
	Abandoned           time.Duration // uploads never committed are swept away after it
	LateCommit          time.Duration // a share begun before its request closed may commit for so long
	Release             time.Duration // shares reach the agency on ticks this far apart
	FileBytes           int64         // sealed bytes of one clip
	ShareBytes          int64         // sealed bytes of one share
	RequestQuotaBytes   int64         // sealed bytes of all shares of one request
	Files               int           // clips in one share
	SharesPerClientHour int           // shares that one client may begin in an hour
	ProofOfWorkBits     int           // leading nought bits of a solution
}

// Limits returns the strictest handling limits.
func (s Set) Limits() Limits {
	value := func(kind string) float64 { return s.rules[kind].Value }
	span := func(kind string, unit time.Duration) time.Duration { return time.Duration(value(kind)) * unit }
	return Limits{
		Retention:           span("retention_days", 24*time.Hour),
		Declined:            span("declined_days", 24*time.Hour),
		Abandoned:           span("abandoned_hours", time.Hour),
		LateCommit:          span("late_commit_hours", time.Hour),
		Release:             span("release_minutes", time.Minute),
		FileBytes:           int64(value("file_bytes")),
		ShareBytes:          int64(value("share_bytes")),
		RequestQuotaBytes:   int64(value("request_quota_bytes")),
		Files:               int(value("files_per_share")),
		SharesPerClientHour: int(value("shares_per_client_hour")),
		ProofOfWorkBits:     int(value("proof_of_work_bits")),
	}
}

// String lists the policies by name.
func (s Set) String() string {
	names := make([]string, len(s.refs))
	for i, r := range s.refs {
		names[i] = r.Name
	}
	return fmt.Sprintf("policies [%s]", strings.Join(names, " "))
}
