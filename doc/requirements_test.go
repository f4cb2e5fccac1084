package doc_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asked is how many requirements of each letter the field has: those of requests (B), of who asks (A) and for what (P), of
// consent (C), of those who stay silent (N), of data (D), of oversight (T) and of security (S).
var asked = map[string]int{"B": 11, "A": 10, "P": 8, "C": 10, "N": 10, "D": 10, "T": 12, "S": 6}

// TestRequirements holds the table of requirements to the tests: each requirement has a row, and each that is said to be held
// names tests, one of which bears its ID in its name or its comment.
func TestRequirements(t *testing.T) {
	_, table, found := strings.Cut(readFile(t, "security.md"), "| id | requirement | where it stands |\n")
	if !found {
		t.Fatal("security.md has no table of requirements")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	tests := commentedTests(t)
	seen := map[string]bool{}
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) != 5 {
			t.Errorf("a row without three cells: %s", row)
			continue
		}
		for id := range strings.SplitSeq(cells[1], ",") {
			id = strings.TrimSpace(id)
			if seen[id] {
				t.Errorf("%s has two rows", id)
			}
			seen[id] = true
			if strings.Contains(cells[3], "held") && !borne(tests, cells[3], id) {
				t.Errorf("%s is said to be held, and no test that its row names bears it", id)
			}
		}
	}
	for letter, n := range asked {
		for i := 1; i <= n; i++ {
			if id := letter + strconv.Itoa(i); !seen[id] {
				t.Errorf("%s has no row", id)
			}
		}
	}
}

// TestPromises: each promise has its row, which names tests that show it.
func TestPromises(t *testing.T) {
	_, table, found := strings.Cut(readFile(t, "security.md"), "| promise | | shown by |\n| --- | --- | --- |\n")
	if !found {
		t.Fatal("security.md has no table of promises")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for i, row := range strings.Split(table, "\n") {
		if !strings.HasPrefix(row, "| "+strconv.Itoa(i+1)+" |") || !testName.MatchString(row) {
			t.Errorf("row %d is not about promise %d, or names no test: %s", i+1, i+1, row)
		}
	}
	if n := strings.Count(table, "\n") + 1; n != 19 {
		t.Errorf("%d promises, want 19", n)
	}
}

var testName = regexp.MustCompile("`(Test\\w+)`")

// borne reports whether a test that the cell names bears the ID.
func borne(tests map[string]string, cell, id string) bool {
	word, name := regexp.MustCompile(`\b`+id+`\b`), regexp.MustCompile(`^Test`+id+`\D`)
	return slices.ContainsFunc(testName.FindAllStringSubmatch(cell, -1), func(m []string) bool {
		return name.MatchString(m[1]) || word.MatchString(tests[m[1]])
	})
}

// commentedTests returns the comments above each test, by its name.
func commentedTests(t *testing.T) map[string]string {
	form := regexp.MustCompile(`(?m)((?:^//.*\n)*)^func (Test\w+)\(`)
	tests := map[string]string{}
	for _, pattern := range []string{"../*/*_test.go", "../*/*/*_test.go", "../*/*/*/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no tests at %s: %v", pattern, err)
		}
		for _, path := range paths {
			for _, m := range form.FindAllStringSubmatch(readFile(t, path), -1) {
				tests[m[2]] += m[1]
			}
		}
	}
	return tests
}
