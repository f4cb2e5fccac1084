package policy

import "slices"

// Way says what became of a rule from one policy to another.
type Way string

// The ways.
const (
	Added     Way = "added"     // only the second has it
	Left      Way = "left out"  // only the first has it
	Stricter  Way = "stricter"  // of the two, the second would win
	Looser    Way = "looser"    // of the two, the first would win
	Otherwise Way = "otherwise" // lists of which neither holds the other
	Reworded  Way = "reworded"  // the same rule in other words
)

// Change is one rule that two policies do not have alike.
type Change struct {
	Kind     string
	Way      Way
	From, To Rule // the zero Rule where there is none
}

// Diff returns the rules that two policies do not have alike, in the order of the kinds.
func Diff(from, to *Policy) []Change {
	a, b := byKind(from), byKind(to)
	var out []Change
	for _, k := range kinds() {
		old, had := a[k.name]
		now, has := b[k.name]
		change := Change{Kind: k.name, From: old, To: now}
		switch {
		case !had && !has:
			continue
		case !had:
			change.Way = Added
		case !has:
			change.Way = Left
		default:
			change.Way = k.way(old, now)
		}
		if change.Way != "" {
			out = append(out, change)
		}
	}
	return out
}

func byKind(p *Policy) map[string]Rule {
	out := map[string]Rule{}
	for _, r := range p.rules {
		out[r.Kind] = r
	}
	return out
}

// way compares two rules of the kind.
func (k kind) way(old, now Rule) Way {
	switch {
	case old.Value == now.Value && slices.Equal(old.Codes, now.Codes):
		if old.Words != now.Words {
			return Reworded
		}
		return ""
	case k.codes == "":
		return stricterIf(k.low == (now.Value < old.Value))
	case k.join == highest:
		return stricterIf(k.codes.reaches(now.Codes[0], old.Codes[0]))
	}
	switch both := k.together(old.Codes, now.Codes); {
	case slices.Equal(both, now.Codes):
		return Stricter
	case slices.Equal(both, old.Codes):
		return Looser
	}
	return Otherwise
}

func stricterIf(ok bool) Way {
	if ok {
		return Stricter
	}
	return Looser
}
