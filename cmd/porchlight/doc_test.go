package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	shownCommand = regexp.MustCompile("(?m)(?:^ *|`)\\$? ?(?:go run \\./cmd/|\\./)?porchlight ([a-z][^`\n]*)")
	htmlComment  = regexp.MustCompile(`<!--[^>]*-->`)
)

// documents returns the texts of all documents by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"../../*.md", "../../doc/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no documents at %s: %v", pattern, err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts[path] = string(raw)
		}
	}
	return texts
}

// TestDocuments holds every command and every flag that the documents show against the table of commands.
func TestDocuments(t *testing.T) {
	found := 0
	for path, text := range documents(t) {
		for _, m := range shownCommand.FindAllStringSubmatch(htmlComment.ReplaceAllString(text, ""), -1) {
			found++
			if fault := faultOf(strings.Fields(m[1])); fault != "" {
				t.Errorf("%s shows %q: %s", path, "porchlight "+strings.TrimSpace(m[1]), fault)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d commands were found shown", found)
	}
	for line, want := range map[string]string{ // the test itself must be able to fail
		"serve --listen :443": "", "office agency suspend ID": "", "desk nothing": "there is no command nothing",
		"serve --no-such-flag": "there is no flag --no-such-flag",
	} {
		if got := faultOf(strings.Fields(line)); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

// faultOf returns what is wrong with a command line, or "".
func faultOf(words []string) string {
	at, path := command{sub: commands()}, []string{}
	for len(at.sub) > 0 {
		if len(words) == 0 || words[0] == "help" || strings.HasPrefix(words[0], "-") {
			return ""
		}
		i := slices.IndexFunc(at.sub, func(c command) bool { return c.name == words[0] })
		if i < 0 {
			return "there is no command " + words[0]
		}
		at, path, words = at.sub[i], append(path, words[0]), words[1:]
	}
	var help bytes.Buffer
	run(context.Background(), env{stdin: strings.NewReader(""), stdout: &help, stderr: &help, getenv: func(string) string { return "" }}, append(path, "--help"))
	for _, word := range words {
		flag, _, _ := strings.Cut(strings.Trim(word, "[](),.;"), "=")
		if strings.HasPrefix(flag, "--") && flag != "--help" && !regexp.MustCompile(`(?m)^ +`+regexp.QuoteMeta(flag)+`\b`).MatchString(help.String()) {
			return "there is no flag " + flag
		}
	}
	return ""
}

// TestDocumentedTargets looks for every "make TARGET" of the documents in the Makefile.
func TestDocumentedTargets(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range documents(t) {
		for _, m := range regexp.MustCompile("(?m)(?:^ {4,}|`)make ([a-z]+)").FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
				t.Errorf("%s shows make %s, which the Makefile does not have", path, m[1])
			}
		}
	}
}
