package doc_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	comment = regexp.MustCompile(`<!--[^>]*-->`)
)

// TestLinks follows every link between the documents, to the heading that it names.
func TestLinks(t *testing.T) {
	found := 0
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(prose(readFile(t, name)), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			found++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = filepath.Join(filepath.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(readFile(t, target)), anchor) {
				t.Errorf("%s links to %s; there is no such heading", name, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no link was found, so this test proves nothing")
	}
}

// prose returns a Markdown text without its code.
func prose(text string) string {
	var out strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		if !inside && !strings.HasPrefix(line, "    ") {
			out.WriteString(quoted.ReplaceAllString(line, "`code`"))
		}
	}
	return out.String()
}

// anchors returns the names under which a document's headings can be linked to, as the usual viewers make them.
func anchors(text string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		out = append(out, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(m[1])))
	}
	return out
}

var (
	ourFolder   = regexp.MustCompile(`^(\.ci|cmd|doc|evidence|internal|ledger|seal|tools|ui)/[\w./*~-]+$|^[\w-]+\.(md|mod)$|^(Makefile|LICENSE)$`)
	placeholder = regexp.MustCompile(`[A-Z]{3,}`)
)

// TestFiles looks for every file of ours that a document names in backticks. Words in capitals stand for something.
func TestFiles(t *testing.T) {
	found := 0
	for _, name := range documents(t) {
		for _, m := range quoted.FindAllStringSubmatch(comment.ReplaceAllString(readFile(t, name), ""), -1) {
			path := m[1]
			if !ourFolder.MatchString(path) {
				continue
			}
			found++
			if path != "LICENSE" && !strings.HasSuffix(path, ".md") {
				path = placeholder.ReplaceAllString(path, "*")
			}
			inRoot, err := filepath.Glob(filepath.Join("..", path))
			here, err2 := filepath.Glob(path)
			if err != nil || err2 != nil || len(inRoot)+len(here) == 0 {
				t.Errorf("%s names %s, which is not there", name, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no file was found named, so this test proves nothing")
	}
}

// TestNamedTests looks for every test that a document names.
func TestNamedTests(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"../*/*_test.go", "../*/*/*_test.go", "../*/*/*/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no tests at %s: %v", pattern, err)
		}
		for _, path := range paths {
			source.WriteString(readFile(t, path))
		}
	}
	found := 0
	for _, name := range documents(t) {
		for _, m := range regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllStringSubmatch(readFile(t, name), -1) {
			found++
			if !strings.Contains(source.String(), "\nfunc "+m[1]+"(") {
				t.Errorf("%s names %s, which does not exist", name, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no test was found named, so this test proves nothing")
	}
}
