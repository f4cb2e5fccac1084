package doc_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/web"
	"porchlight.example/ui"
)

var update = flag.Bool("update", false, "write the generated section of security.md anew")

const (
	storedBegin = "<!-- stored: begin; written by go test ./doc -update -->\n"
	storedEnd   = "<!-- stored: end -->\n"
)

// TestStored compares "What we could hand over" with the list that the exchange publishes (N9).
func TestStored(t *testing.T) {
	text := readFile(t, "security.md")
	before, rest, begun := strings.Cut(text, storedBegin)
	shown, after, ended := strings.Cut(rest, storedEnd)
	if !begun || !ended {
		t.Fatal("security.md lacks the marks around the generated section")
	}
	want := storedTables()
	if *update {
		if err := os.WriteFile("security.md", []byte(before+storedBegin+want+storedEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("security.md does not list what web.Stored lists; run go test ./doc -run TestStored -update (-program +document):\n%s", diff)
	}
}

// storedTables writes the list as Markdown: a table for each table of the database, with what holds for most of its columns
// said once.
func storedTables() string {
	var out strings.Builder
	page := ui.PrivacyPage{Stored: web.Stored()}
	for _, table := range page.Tables() {
		why, howLong := usual(table.Fields)
		fmt.Fprintf(&out, "\n**%s**: %s *%s*\n\n| | what it is |\n| --- | --- |\n", table.Name, why, howLong)
		for _, f := range table.Fields {
			what := f.What.En
			if f.Why.En != why {
				what += " " + f.Why.En
			}
			if f.HowLong.En != howLong {
				what += " *" + f.HowLong.En + "*"
			}
			fmt.Fprintf(&out, "| `%s` | %s |\n", f.Column, what)
		}
	}
	out.WriteString("\n")
	return out.String()
}

// usual returns the reason and the time that most columns of a table have.
func usual(fields []ui.StoredField) (why, howLong string) {
	whys, times := map[string]int{}, map[string]int{}
	for _, f := range fields {
		whys[f.Why.En]++
		times[f.HowLong.En]++
	}
	for _, f := range fields {
		if whys[f.Why.En] > whys[why] {
			why = f.Why.En
		}
		if times[f.HowLong.En] > times[howLong] {
			howLong = f.HowLong.En
		}
	}
	return why, howLong
}
