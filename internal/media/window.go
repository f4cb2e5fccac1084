package media

import (
	"regexp"
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
	case !c.Created.IsZero() && isNamed && localAsUTC(c.Created, named):
		return Capture{From: named, To: named.Add(c.Duration), Source: FromName, Margin: time.Minute,
			Why: "The clip's time and its name agree but for the time zone: the camera seems to write local time. The name is followed."}
	case !c.Created.IsZero():
		return Capture{From: c.Created, To: c.Created.Add(c.Duration), Source: FromContainer, Margin: c.Duration, Sure: true,
			Why: "The clip states its time. Some cameras mean the beginning by it and some the end, so it may be off by the clip's length."}
	case isNamed:
		return Capture{From: named, To: named.Add(c.Duration), Source: FromName, Margin: time.Minute,
			Why: "The time is taken from the file's name. Check it against the clip."}
	case !h.Modified.IsZero():
		return Capture{From: h.Modified.Add(-c.Duration), To: h.Modified, Source: FromFile, Margin: 24 * time.Hour,
			Why: "The clip states no time. The file was last changed then; if it was copied or exported since, it was filmed earlier."}
	}
	return Capture{Source: FromNowhere, Why: "Nothing says when this was filmed. State the time yourself."}
}

func (c *Clip) exifWindow(zone *time.Location) Capture {
	w := Capture{From: c.Created, To: c.Created, Source: FromExif, Sure: true, Margin: time.Second, Why: "The picture states its time and time zone."}
	if !c.ZoneKnown {
		w.From = inZone(c.Created, zone)
		w.To, w.Sure = w.From, false
		w.Why = "The picture states its time but no time zone; " + zone.String() + " is assumed."
	}
	return w
}

// inZone reads the wall clock of t in a zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// localAsUTC reports whether a camera wrote its wall clock where UTC belongs: then the clip's time, read as UTC, shows the
// same clock as the name does in its zone, give or take a minute, and yet is another instant.
func localAsUTC(created, named time.Time) bool {
	wall := inZone(named, time.UTC).Sub(created.UTC())
	return wall.Abs() <= time.Minute && named.Sub(created).Abs() > time.Minute
}

var nameForm = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_. T]{0,3}(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?:\D|\d{3}(?:\D|$)|$)`)

// nameTime finds a time in a file's name, such as "VID_20260102_030405.mp4" or "Front 2026-01-02 03.04.05.mov". Google's
// phones (PXL_) write UTC, everybody else the local time.
func nameTime(name string, zone *time.Location) (time.Time, bool) {
	m := nameForm.FindStringSubmatch(name[:min(len(name), 4096)])
	if m == nil {
		return time.Time{}, false
	}
	if strings.HasPrefix(name, "PXL_") {
		zone = time.UTC
	}
	t, err := time.ParseInLocation("20060102150405", strings.Join(m[1:], ""), zone)
	return t, err == nil
}
