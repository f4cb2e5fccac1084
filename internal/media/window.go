package media

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Hint is what is known about a clip outside of it.
type Hint struct {
	Name     string         // of the file; cameras write the time into it
	Modified time.Time      // of the file, or zero
	Zone     *time.Location // that the camera's clock shows; nil is UTC
	// ClockAhead is by how much the camera's clock runs ahead of the true time; negative if it is behind.
	ClockAhead time.Duration
}

// Source is where a capture time comes from, surest first.
type Source string

// The sources.
const (
	FromContainer Source = "container" // stated in the clip, with its zone
	FromExif      Source = "exif"      // stated in the picture
	FromName      Source = "file_name" // guessed from the file's name
	FromFile      Source = "file_time" // guessed from the file's modification time
	FromNowhere   Source = "none"
)

// Capture is when a clip was probably filmed.
type Capture struct {
	From, To time.Time // zero if Source is FromNowhere
	Source   Source
	// Margin is by how much each end may be off, as the source goes; a clock that is wrong comes on top.
	Margin time.Duration
	// Sure says that the source states an instant, so that nothing was guessed but which end of the clip it marks.
	Sure bool
	Why  string // a sentence for the owner
}

// Window decides when a clip was filmed. It is a reading of what cameras are seen to do, for the owner to confirm:
// none of these times proves anything.
func (c *Clip) Window(h Hint) Capture {
	w := c.window(h)
	if w.Source != FromNowhere {
		w.From, w.To = w.From.Add(-h.ClockAhead), w.To.Add(-h.ClockAhead)
	}
	return w
}

func (c *Clip) window(h Hint) Capture {
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	named, isNamed := nameTime(h.Name, zone)
	switch {
	case !c.Created.IsZero() && c.Format == JPEG:
		return c.exifWindow(zone)
	case !c.Created.IsZero() && isNamed && c.localAsUTC(named):
		return c.named(named, "The clip's time and its name agree but for the time zone: the camera seems to write local time. The name is followed.")
	case !c.Created.IsZero():
		return Capture{From: c.Created, To: c.Created.Add(c.Duration), Source: FromContainer, Margin: c.Duration, Sure: true,
			Why: "The clip states its time. Some cameras mean the beginning by it and some the end, so it may be off by the clip's length."}
	case isNamed:
		return c.named(named, "The time is taken from the file's name. Check it against the clip.")
	case !h.Modified.IsZero():
		return Capture{From: h.Modified.Add(-c.Duration), To: h.Modified, Source: FromFile, Margin: 24 * time.Hour,
			Why: "The clip states no time. The file was last changed then; if it was copied or exported since, it was filmed earlier."}
	}
	return Capture{Source: FromNowhere, Why: "Nothing says when this was filmed. State the time yourself."}
}

func (c *Clip) named(r reading, why string) Capture {
	return Capture{From: r.at, To: r.at.Add(c.Duration), Source: FromName, Margin: time.Minute + r.doubt, Why: why + r.why()}
}

func (c *Clip) exifWindow(zone *time.Location) Capture {
	w := Capture{From: c.Created, To: c.Created, Source: FromExif, Sure: true, Margin: time.Second, Why: "The picture states its time and time zone."}
	if !c.ZoneKnown {
		r := readClock(c.Created, zone)
		w.From, w.To, w.Sure = r.at, r.at, false
		w.Margin += r.doubt
		w.Why = "The picture states its time but no time zone; " + zone.String() + " is assumed." + r.why()
	}
	return w
}

// localAsUTC reports whether the camera wrote its wall clock where UTC belongs: then the clip's time, read as UTC, shows the
// same clock as the name does in its zone, at the beginning or the end of the clip and give or take a minute, and yet is
// another instant.
func (c *Clip) localAsUTC(named reading) bool {
	if named.at.Sub(c.Created).Abs() <= time.Minute {
		return false
	}
	ahead := c.Created.Sub(named.clock)
	return ahead.Abs() <= time.Minute || (ahead-c.Duration).Abs() <= time.Minute
}

// reading is an instant that was read from a wall clock.
type reading struct {
	clock time.Time // what it showed, as though it were UTC
	at    time.Time
	doubt time.Duration // by how much the instant may be off because the clocks were changed that night
}

func (r reading) why() string {
	if r.doubt == 0 {
		return ""
	}
	return " The clocks were changed that night, so it may be off by " + strconv.Itoa(int(r.doubt.Minutes())) + " minutes."
}

// readClock reads a wall clock in a zone. In the night in which clocks go back an hour is shown twice, and the first is
// taken; one that goes by the old time in the night in which they go forward shows an hour that is none.
func readClock(clock time.Time, zone *time.Location) reading {
	offset := func(at time.Time) time.Duration {
		_, seconds := at.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(clock.Add(-36*time.Hour)), offset(clock.Add(36*time.Hour)) // no zone is 24 hours from UTC
	first, second := clock.Add(-before), clock.Add(-after)
	r := reading{clock: clock, at: first.In(zone)}
	switch isFirst, isSecond := offset(first) == before, offset(second) == after; {
	case isFirst == isSecond:
		r.doubt = (before - after).Abs()
	case isSecond:
		r.at = second.In(zone)
	}
	return r
}

// Forms of times in names. The first is that of nearly every camera: year to second with or without marks between, perhaps
// with thousandths behind. The second is of dash cameras that shorten the year. The third counts seconds or thousandths
// since 1970.
var (
	nameForm      = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_. T]{0,3}| at )(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?:\D|\d{3}(?:\D|$)|$)`)
	shortNameForm = regexp.MustCompile(`^(\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_\d{3}_[A-Z]{2}\.`)
	epochNameForm = regexp.MustCompile(`(?:^|[-_])(1[5-9]\d{8})(?:\d{3})?[-_.]`)
)

// nameTime finds a time in a file's name, such as "VID_20260102_030405.mp4" or "Front 2026-01-02 03.04.05.mov". Google's
// phones (PXL_) write UTC, everybody else the local time.
func nameTime(name string, zone *time.Location) (reading, bool) {
	name = name[:min(len(name), 4096)]
	if strings.HasPrefix(name, "PXL_") {
		zone = time.UTC
	}
	var digits string
	if m := nameForm.FindStringSubmatch(name); m != nil {
		digits = strings.Join(m[1:], "")
	} else if m := shortNameForm.FindStringSubmatch(name); m != nil {
		digits = "20" + strings.Join(m[1:], "")
	}
	if clock, err := time.Parse("20060102150405", digits); err == nil {
		return readClock(clock, zone), true
	}
	if m := epochNameForm.FindStringSubmatch(name); m != nil {
		seconds, err := strconv.ParseInt(m[1], 10, 64)
		at := time.Unix(seconds, 0).In(zone)
		return reading{clock: clockOf(at), at: at}, err == nil
	}
	return reading{}, false
}

// clockOf returns what a wall clock shows, as though it were UTC.
func clockOf(at time.Time) time.Time {
	_, seconds := at.Zone()
	return at.UTC().Add(time.Duration(seconds) * time.Second)
}
