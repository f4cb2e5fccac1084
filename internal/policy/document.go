package policy

import (
	"fmt"
	"strings"

	"porchlight.example/internal/footage"
)

// The marks between which [Document] writes.
const (
	tablesBegin = "<!-- kinds: written by go generate ./doc -->"
	tablesEnd   = "<!-- end of kinds -->"
)

// Document returns a Markdown text with the tables of every rule kind and of the picker between its two marks.
func Document(text string) (string, error) {
	before, rest, begun := strings.Cut(text, tablesBegin)
	_, after, ended := strings.Cut(rest, tablesEnd)
	if !begun || !ended {
		return "", fmt.Errorf("the marks %q and %q are missing", tablesBegin, tablesEnd)
	}
	return before + tablesBegin + "\n\n" + tables() + tablesEnd + after, nil
}

func tables() string {
	var b strings.Builder
	sentences := map[string]Words{}
	for _, r := range Default().Explain() {
		sentences[r.Kind] = r.Sentence
	}
	for _, g := range Kinds() {
		fmt.Fprintf(&b, "### %s\n\n| kind | what it looks at | limit or codes | stricter is | in the default policy |\n| --- | --- | --- | --- | --- |\n", g.Name)
		for _, k := range g.Kinds {
			sentence := sentences[k.Name].En
			if sentence == "" {
				sentence = "not there"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, k.About, k.Limit, k.Stricter, sentence)
		}
		b.WriteString("\n")
	}
	b.WriteString("### The picker\n\n| code | English | Spanish | gravity | |\n| --- | --- | --- | --- | --- |\n")
	for _, o := range footage.Offences() {
		rung, _ := seriousnessCodes.name(string(o.Seriousness))
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", o.Code, o.En, o.Es, rung.En, strings.Join(marks(o), ", "))
	}
	b.WriteString("\n")
	return b.String()
}

// marks are what is special about an offence.
func marks(o footage.Offence) (out []string) {
	if o.VictimGuard {
		out = append(out, "guards the victim")
	}
	if o.SecondReviewer {
		out = append(out, "second moderator")
	}
	if o.Independent {
		out = append(out, "independent investigator only")
	}
	return out
}
