package policy

import (
	"fmt"
	"math"
	"strings"

	"porchlight.example/internal/footage"
)

// checker gathers what is wrong with a policy file.
type checker struct {
	policy  string
	reasons []footage.Reason
}

func (c *checker) add(code, format string, args ...any) {
	c.reasons = append(c.reasons, footage.Reason{Code: code, Msg: fmt.Sprintf(format, args...), Policy: c.policy})
}

func (c *checker) file(f file) {
	if f.Type != FileType {
		c.add("policy_type", "The type must be %q.", FileType)
	}
	if !nameForm.MatchString(f.Name) {
		c.add("policy_name", "The name must be 2 to 40 of a-z, 0-9 and hyphen.")
	}
	if f.About.En == "" || f.About.Es == "" {
		c.add("policy_sentence_missing", "Say in English and Spanish what the policy is.")
	}
	if len(f.Rules) == 0 {
		c.add("policy_empty", "The policy holds no rule.")
	}
	limits := map[string]float64{}
	seen := map[string]bool{}
	for _, e := range f.Rules {
		if seen[e.Kind] {
			c.add("policy_kind_twice", "The rule %q stands twice; keep one.", e.Kind)
		}
		seen[e.Kind] = true
		c.entry(e)
		if e.Limit != nil {
			limits[e.Kind] = *e.Limit
		}
	}
	c.contradictions(limits)
}

func (c *checker) entry(e entry) {
	k, ok := kindByName(e.Kind)
	if !ok {
		c.add("policy_kind_unknown", "There is no rule kind %q.", e.Kind)
		return
	}
	c.limit(k, e.Limit)
	c.codes(k, e.Codes)
	if strings.TrimSpace(e.En) == "" || strings.TrimSpace(e.Es) == "" {
		c.add("policy_sentence_missing", "The rule %q needs a sentence in English and Spanish.", e.Kind)
	}
	has := k.limited() || k.codes != ""
	if has != strings.Contains(e.En, "{limit}") || has != strings.Contains(e.Es, "{limit}") {
		c.add("policy_sentence_limit", "The sentences of %q must hold {limit} if and only if the rule has one.", e.Kind)
	}
}

func (c *checker) limit(k kind, limit *float64) {
	switch {
	case !k.limited() && limit != nil:
		c.add("policy_limit_unexpected", "The rule %q takes no limit.", k.name)
	case k.limited() && limit == nil:
		c.add("policy_limit_missing", "The rule %q needs a limit.", k.name)
	case limit != nil && (*limit < k.min || *limit > k.max):
		c.add("policy_limit_range", "The limit of %q must be from %s to %s, not %v.", k.name, k.text(k.min).En, k.text(k.max).En, *limit)
	case limit != nil && !k.fraction && *limit != math.Trunc(*limit):
		c.add("policy_limit_whole", "The limit of %q must be a whole number, not %v.", k.name, *limit)
	}
}

func (c *checker) codes(k kind, codes []string) {
	if k.codes == "" {
		if len(codes) > 0 {
			c.add("policy_codes_unexpected", "The rule %q takes no codes.", k.name)
		}
		return
	}
	if len(codes) == 0 {
		c.add("policy_codes_missing", "The rule %q needs at least one code.", k.name)
	}
	if k.join == highest && len(codes) > 1 {
		c.add("policy_codes_many", "The rule %q takes one code: %s.", k.name, strings.Join(k.codes.order(), ", "))
	}
	seen := map[string]bool{}
	for _, code := range codes {
		if _, ok := k.codes.name(code); !ok || seen[code] {
			c.add("policy_code_unknown", "The code %q of %q is unknown or stands twice.", code, k.name)
		}
		seen[code] = true
	}
}

// contradictions refuses limits that no request or share could keep together.
func (c *checker) contradictions(limits map[string]float64) {
	for _, b := range bounds() {
		low, hasLow := limits[b.low]
		high, hasHigh := limits[b.high]
		if hasLow && hasHigh && low > high {
			c.add("policy_contradiction", "%s (%v) is above %s (%v).", b.low, low, b.high, high)
		}
	}
	hours, hasHours := limits["window_max_hours"]
	for _, shortest := range []string{"window_min_minutes", "guarded_window_min_minutes"} {
		if minutes, ok := limits[shortest]; ok && hasHours && minutes > hours*60 {
			c.add("policy_contradiction", "%s (%v) is above window_max_hours (%v).", shortest, minutes, hours)
		}
	}
}
