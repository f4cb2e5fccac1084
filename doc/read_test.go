package doc_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a document.
type block struct {
	info string // what follows the fence, such as "json entry"
	text string // its lines, each ended by a line feed
}

// blocks returns the fenced blocks of a Markdown text.
func blocks(text string) []block {
	var out []block
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```") && !inside:
			out, inside = append(out, block{info: strings.TrimSpace(strings.TrimPrefix(line, "```"))}), true
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside:
			out[len(out)-1].text += line
		}
	}
	return out
}

// examples are the named blocks of formats.md.
type examples struct {
	t      *testing.T
	byName map[string]string
}

// vectors reads the named blocks of formats.md. A name that stands twice is a fault.
func vectors(t *testing.T) examples {
	t.Helper()
	e := examples{t, map[string]string{}}
	for _, b := range blocks(readFile(t, "formats.md")) {
		_, name, named := strings.Cut(b.info, " ")
		if _, twice := e.byName[name]; named && twice {
			t.Fatalf("formats.md: the block %q stands twice", name)
		}
		if named {
			e.byName[name] = b.text
		}
	}
	return e
}

// text returns a block whole.
func (e examples) text(name string) string {
	e.t.Helper()
	s, ok := e.byName[name]
	if !ok || s == "" {
		e.t.Fatalf("formats.md has no block %q", name)
	}
	return s
}

// line returns the one line of a block.
func (e examples) line(name string) string {
	e.t.Helper()
	s := strings.TrimSuffix(e.text(name), "\n")
	if strings.Contains(s, "\n") {
		e.t.Fatalf("formats.md: the block %q has several lines", name)
	}
	return s
}

// rows returns the columns of a block's lines.
func (e examples) rows(name string, columns int) [][]string {
	e.t.Helper()
	var out [][]string
	for line := range strings.Lines(e.text(name)) {
		row := strings.Fields(line)
		if len(row) != columns {
			e.t.Fatalf("formats.md: a line of %q has %d columns, not %d: %q", name, len(row), columns, line)
		}
		out = append(out, row)
	}
	return out
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// quoted finds what stands in backticks.
var quoted = regexp.MustCompile("`([^`\n]+)`")

// documents returns the paths of all documents, from this folder.
func documents(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		if _, err := os.Stat("../" + name); err == nil {
			all = append(all, "../"+name)
		}
	}
	return all
}
