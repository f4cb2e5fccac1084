package text

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Int prints a whole number with the language's thousands separator; Spanish leaves four digits together, as the Real
// Academia asks.
func (c *Catalogue) Int(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	sep := ","
	if c.Lang == Spanish {
		if len(digits) <= 4 {
			return sign + digits
		}
		sep = nbsp
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + sep + digits[i:]
	}
	return sign + digits
}

// Number prints a number with at most so many decimals, without trailing noughts. Spanish as written in the Americas
// north of Panama, and in this country, has a decimal point like English.
func (c *Catalogue) Number(f float64, decimals int) string {
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	n, _ := strconv.ParseInt(whole, 10, 64) // FormatFloat wrote it
	out := c.Int(n)
	if n == 0 && f < 0 {
		out = "-" + out
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		out += "." + fraction
	}
	return out
}

// Date prints a day: "November 21, 2026", "21 de noviembre de 2026".
func (c *Catalogue) Date(t time.Time) string {
	month := c.List("date.months")[t.Month()-1]
	if c.Lang == Spanish {
		return strconv.Itoa(t.Day()) + " de " + month + " de " + strconv.Itoa(t.Year())
	}
	return month + " " + strconv.Itoa(t.Day()) + ", " + strconv.Itoa(t.Year())
}

// Month prints a month and its year, short enough for a column of them: "Nov 2026", "nov 2026".
func (c *Catalogue) Month(t time.Time) string {
	return string([]rune(c.List("date.months")[t.Month()-1])[:3]) + nbsp + strconv.Itoa(t.Year())
}

// Day prints a day with its weekday.
func (c *Catalogue) Day(t time.Time) string {
	day := c.List("date.weekdays")[t.Weekday()]
	if c.Lang == Spanish {
		return day + " " + c.Date(t)
	}
	return day + ", " + c.Date(t)
}

// nbsp keeps what belongs together on one line.
const nbsp = "\u00a0"

// day is Day at the beginning of a line, with a capital letter.
func (c *Catalogue) day(t time.Time) string {
	r, size := utf8.DecodeRuneInString(c.Day(t))
	return string(unicode.ToUpper(r)) + c.Day(t)[size:]
}

// Clock prints a time of day without its zone: "9:30 p.m.", "21:30".
func (c *Catalogue) Clock(t time.Time) string {
	if c.Lang == Spanish {
		return t.Format("15:04")
	}
	return strings.NewReplacer(" AM", nbsp+"a.m.", " PM", nbsp+"p.m.").Replace(t.Format("3:04 PM"))
}

// Moment prints a day and a time with its zone's abbreviation.
func (c *Catalogue) Moment(t time.Time) string {
	return c.Date(t) + ", " + c.Clock(t) + nbsp + t.Format("MST")
}

// Span prints a window, as a line of its own: one day with two times, or two full moments when midnight lies between them.
func (c *Catalogue) Span(from, to time.Time) string {
	until := " to "
	if c.Lang == Spanish {
		until = " a "
	}
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() && from.Format("MST") == to.Format("MST") {
		return c.day(from) + ", " + c.Clock(from) + until + c.Clock(to) + nbsp + to.Format("MST")
	}
	if c.Lang == Spanish {
		until = " hasta el "
	}
	return c.day(from) + ", " + c.Clock(from) + zoneIfOther(from, to) + until + c.Day(to) + ", " + c.Clock(to) + nbsp + to.Format("MST")
}

// zoneIfOther names from's zone when it differs from to's: a window may span the change of the clocks.
func zoneIfOther(from, to time.Time) string {
	if a := from.Format("MST"); a != to.Format("MST") {
		return nbsp + a
	}
	return ""
}

// Join prints a list of names: "a, b and c".
func (c *Catalogue) Join(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	and := " and "
	last := items[len(items)-1]
	if c.Lang == Spanish {
		and = " y "
		if l := strings.ToLower(last); strings.HasPrefix(l, "i") || strings.HasPrefix(l, "hi") {
			and = " e "
		}
	}
	return strings.Join(items[:len(items)-1], ", ") + and + last
}
