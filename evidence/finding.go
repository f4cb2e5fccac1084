package evidence

import "fmt"

// Level says how much a finding weighs.
type Level string

// The levels. A fail means: do not rely on this package. A warn names something that nobody has shown, or that the reader
// must know.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Finding is the outcome of one check, in a plain sentence.
type Finding struct {
	Code  string `json:"code"` // stable, lower case with underscores
	Level Level  `json:"level"`
	Text  string `json:"sentence"`
	About string `json:"about,omitempty"` // the file, clip or entry that it is about
}

// Findings are outcomes in the order in which the checks were made.
type Findings []Finding

// Failed reports whether any finding is a fail. Findings that do not fail are not a proof of authenticity.
func (f Findings) Failed() bool { return f.Count(Fail) > 0 }

// Count returns how many findings are of a level.
func (f Findings) Count(level Level) int {
	n := 0
	for _, x := range f {
		if x.Level == level {
			n++
		}
	}
	return n
}

// Find returns the first finding with a code.
func (f Findings) Find(code string) (Finding, bool) {
	for _, x := range f {
		if x.Code == code {
			return x, true
		}
	}
	return Finding{}, false
}

// Summary returns the counts in one line, such as "ok=12 warn=3 fail=0".
func (f Findings) Summary() string {
	return fmt.Sprintf("ok=%d warn=%d fail=%d", f.Count(OK), f.Count(Warn), f.Count(Fail))
}

func (f *Findings) add(level Level, code, about, format string, args ...any) {
	*f = append(*f, Finding{Code: code, Level: level, About: about, Text: fmt.Sprintf(format, args...)})
}
