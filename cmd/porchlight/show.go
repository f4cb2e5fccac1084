package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

// plain makes text that others wrote fit for a terminal: control and direction characters cannot act there.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || (unicode.IsGraphic(r) && !unicode.Is(unicode.Bidi_Control, r)) {
			return r
		}
		return '·'
	}, s)
}

// plainLine is plain for what has one line only.
func plainLine(s string) string { return strings.ReplaceAll(plain(s), "\n", " ") }

// clockForm is how times are shown, in the zone of the request.
const clockForm = "Mon 2 Jan 2006, 15:04"

// span shows a stretch of time in a request's zone.
func span(d footage.Document, from, to time.Time) string {
	zone := resident.Zone(d)
	from, to = from.In(zone), to.In(zone)
	end := "15:04 MST"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		end = clockForm + " MST"
	}
	return from.Format(clockForm) + " to " + to.Format(end)
}

// showRequest prints a verified request, the agency first.
func showRequest(w io.Writer, c evidence.Checked, base string, more ...string) {
	d := c.Document
	fmt.Fprintf(w, "%s asks:\n  %s\n\n", plainLine(c.Agency.Name), plainLine(d.Title))
	for line := range strings.SplitSeq(wrapLines(plain(d.Text)), "\n") {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "\n  When     %s\n", span(d, d.Window.From, d.Window.To))
	for _, line := range more {
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "  Code     %s   Request %s   Open until %s\n", plainLine(d.Code), c.ID.Short(), d.Closes.In(resident.Zone(d)).Format(clockForm))
	fmt.Fprintf(w, "  Contact  %s\n", plainLine(strings.Join(nonEmpty(d.Contact.Name, d.Contact.Email, d.Contact.Phone), ", ")))
	for _, u := range c.Updates {
		fmt.Fprintf(w, "  Update   %s: %s\n", u.Update.At.In(resident.Zone(d)).Format(clockForm), plainLine(u.Update.Text))
	}
	fmt.Fprintf(w, "  Page     %s/requests/%s\n", base, c.ID)
	fmt.Fprintf(w, "  Checked  signed by an officer and a supervisor, in the public record of %s as entry %d of %d\n", plainLine(c.Exchange.Origin), c.LogIndex, c.LogSize)
	if c.Fictional {
		fmt.Fprintln(w, "  NOTE     This exchange is a demonstration: no agency here is real.")
	}
	fmt.Fprintln(w)
}

// showFirstUse says that nothing vouches for the exchange but its own word.
func showFirstUse(w io.Writer, c evidence.Checked, base string) {
	if c.FirstUse {
		fmt.Fprintf(w, "porchlight: warning: no key is pinned for %s, so its own was used: that it is the right exchange rests on its word.\n"+
			"  Get the key from an independent place and pin it: porchlight trust %s KEY\n", base, base)
	}
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// wrapLines wraps each line of a text by itself.
func wrapLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = wrap(line, helpWidth)
	}
	return strings.Join(lines, "\n")
}

// metresText shows a distance.
func metresText(m float64) string {
	if m < 1000 {
		return fmt.Sprintf("%.0f m", m)
	}
	return fmt.Sprintf("%.1f km", m/1000)
}
