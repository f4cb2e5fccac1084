package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// helpWidth is the number of columns that help fills at most.
const helpWidth = 100

// printGroup prints the help of a group of commands.
func printGroup(w io.Writer, c command, path string) {
	fmt.Fprintf(w, "Usage: %s COMMAND\n\n", path)
	if c.help != "" {
		fmt.Fprintf(w, "%s\n\n", reflow(c.help))
	}
	rows := make([][2]string, len(c.sub))
	for i, sub := range c.sub {
		rows[i] = [2]string{sub.name, sub.summary}
	}
	fmt.Fprint(w, "Commands:\n", table(rows))
	fmt.Fprintf(w, "\n'%s COMMAND --help' says more.\n\n%s", path, exitTable)
}

// printCommand prints the help of one command: usage, what it does, its flags and its exit codes.
func printCommand(w io.Writer, c command, path string, fs *flag.FlagSet) {
	var rows [][2]string
	fs.VisitAll(func(f *flag.Flag) { rows = append(rows, flagRow(f)) })
	usage := path
	if len(rows) > 0 {
		usage += " [flags]"
	}
	fmt.Fprintf(w, "Usage: %s\n\n%s\n\n", strings.TrimSpace(usage+" "+c.args), reflow(c.help))
	if len(rows) > 0 {
		fmt.Fprint(w, "Flags, each of which can also be set in the environment, --some-flag as PORCHLIGHT_SOME_FLAG:\n", table(rows), "\n")
	}
	fmt.Fprint(w, exitTable)
}

// flagRow returns how a flag is written and what it does. The name of its value stands between backquotes in its usage.
func flagRow(f *flag.Flag) [2]string {
	value, usage := flag.UnquoteUsage(f)
	name := "--" + f.Name
	if value != "" {
		name += " " + strings.ToUpper(value)
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
		usage += " (default " + f.DefValue + ")"
	}
	return [2]string{name, usage}
}

// table sets rows in two columns, the second wrapped.
func table(rows [][2]string) string {
	const widest = 26 // a longer first column has its text on the next line
	width := 0
	for _, row := range rows {
		if n := utf8.RuneCountInString(row[0]); n <= widest {
			width = max(width, n)
		}
	}
	var out strings.Builder
	indent := strings.Repeat(" ", width+4)
	for _, row := range rows {
		first := fmt.Sprintf("  %-*s  ", width, row[0])
		if utf8.RuneCountInString(row[0]) > width {
			first = "  " + row[0] + "\n" + indent
		}
		fmt.Fprint(&out, first, strings.ReplaceAll(wrap(row[1], helpWidth-len(indent)), "\n", "\n"+indent), "\n")
	}
	return out.String()
}

// reflow fills the paragraphs of a text anew; lines that begin with a space stay as they are.
func reflow(text string) string {
	var out []string
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if !strings.HasPrefix(paragraph, " ") {
			paragraph = wrap(paragraph, helpWidth)
		}
		out = append(out, paragraph)
	}
	return strings.Join(out, "\n\n")
}

// wrap breaks a text into lines of at most width columns, but never inside a word.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
