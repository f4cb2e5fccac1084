package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"porchlight.example/internal/footage"
)

// errNoAnswer says that a question was put and the input had ended: a script that forgot --yes, say.
var errNoAnswer = footage.E(footage.Invalid, "A question was asked and there was nobody to answer it. Give the answer by a flag; --help lists them.")

// ask prints a question and reads one line.
func (e env) ask(question string) (string, error) {
	fmt.Fprint(e.stderr, question)
	line, err := readLine(e.stdin)
	if errors.Is(err, io.EOF) && line == "" {
		fmt.Fprintln(e.stderr)
		return "", errNoAnswer
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// readLine reads byte by byte, so that nothing behind the line is swallowed.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				return string(line), nil
			}
			line = append(line, one[0])
		}
		if err != nil {
			return string(line), err
		}
	}
}

// askSecret is ask without showing what is typed, where there is a terminal.
func (e env) askSecret(question string) (string, error) {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return e.ask(question)
	}
	fmt.Fprint(e.stderr, question)
	line, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(e.stderr)
	if err != nil {
		return "", fmt.Errorf("read answer: %w", err)
	}
	return strings.TrimSpace(string(line)), nil
}

// confirm asks a question that only a typed yes answers with yes.
func (e env) confirm(question string) (bool, error) {
	answer, err := e.ask(question + " [yes/no] ")
	if err != nil {
		return false, err
	}
	switch strings.ToLower(answer) {
	case "y", "yes", "s", "si", "sí":
		return true, nil
	}
	return false, nil
}

// secretFrom returns a secret from a file, or asks for it when no file is named. "-" is standard input.
func (e env) secretFrom(file, question string) (string, error) {
	switch file {
	case "":
		return e.askSecret(question)
	case "-":
		raw, err := io.ReadAll(io.LimitReader(bufio.NewReader(e.stdin), 64<<10))
		return strings.TrimSpace(string(raw)), err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", footage.E(footage.NotFound, "The file "+file+" cannot be read. Check its name.")
	}
	return strings.TrimSpace(string(raw)), nil
}

// progress shows one line that tells how far long work has come, on terminals alone.
type progress struct {
	w     io.Writer
	label string
	start time.Time
	last  time.Time
	shown bool
}

// newProgress returns a progress line; on anything but a terminal it stays silent.
func (e env) newProgress(label string) *progress {
	p := &progress{label: label, start: time.Now()}
	if f, ok := e.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.w = f
	}
	return p
}

// step tells how many of how many bytes are done. It may be called often; the line changes five times a second.
func (p *progress) step(done, total int64) {
	now := time.Now()
	if p.w == nil || (done < total && now.Sub(p.last) < 200*time.Millisecond) {
		return
	}
	p.last, p.shown = now, true
	percent, bar := int64(100), 30
	if total > 0 {
		percent = done * 100 / total
	}
	full := bar * int(percent) / 100
	rate := float64(done) / max(now.Sub(p.start).Seconds(), 0.001) / 1e6
	fmt.Fprintf(p.w, "\r%s [%s%s] %3d%%  %s of %s  %.0f MB/s ", p.label, strings.Repeat("#", full), strings.Repeat(".", bar-full), percent,
		bytesText(done), bytesText(total), rate)
}

// end leaves the line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.w)
	}
}

// bytesText writes a number of bytes for people, in powers of ten.
func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
