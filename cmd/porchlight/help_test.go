package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"
)

// leaves calls visit for every command that is no group, with the words that lead to it, and for every group.
func leaves(c command, path []string, visit func(path []string, c command)) {
	visit(path, c)
	for _, sub := range c.sub {
		leaves(sub, append(path[:len(path):len(path)], sub.name), visit)
	}
}

// TestHelp asks every command and group for its help, which must be whole, well set and free of charge: no flag is read, no
// file touched.
func TestHelp(t *testing.T) {
	count := 0
	leaves(command{name: "porchlight", sub: commands()}, nil, func(path []string, c command) {
		count++
		name := strings.Join(append([]string{"porchlight"}, path...), " ")
		var out, errs bytes.Buffer
		e := env{stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
		if code := run(context.Background(), e, append(path[:len(path):len(path)], "--help")); code != exitOK || errs.Len() > 0 {
			t.Errorf("%s --help: exit code %d, %s", name, code, &errs)
			return
		}
		text := out.String()
		for _, want := range []string{"Usage: " + name, c.args, exitTable} {
			if !strings.Contains(text, want) {
				t.Errorf("%s --help lacks %q:\n%s", name, want, text)
			}
		}
		for line := range strings.Lines(text) {
			if utf8.RuneCountInString(line) > helpWidth+1 {
				t.Errorf("%s --help has a line over %d columns: %s", name, helpWidth, line)
			}
		}
		if len(path) > 0 && (c.summary == "" || strings.HasSuffix(c.summary, ".")) {
			t.Errorf("%s: the summary must be a phrase: %q", name, c.summary)
		}
		if len(c.sub) == 0 && len(strings.Fields(c.help)) < 3 {
			t.Errorf("%s says nothing about itself", name)
		}
	})
	if count < 15 {
		t.Fatalf("only %d commands", count)
	}
}

func TestTableAlignsAndWraps(t *testing.T) {
	long := strings.Repeat("word ", 30)
	got := table([][2]string{{"--a FILE", "short"}, {"--a-flag-with-a-very-long-name FILE", "beneath"}, {"--b", long}})
	for i, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
		if utf8.RuneCountInString(line) > helpWidth {
			t.Errorf("line %d is too long: %q", i, line)
		}
	}
	if want := "  --a FILE  short\n  --a-flag-with-a-very-long-name FILE\n            beneath\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}
