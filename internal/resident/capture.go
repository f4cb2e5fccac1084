package resident

import (
	"fmt"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
)

// Capture is when a clip was probably filmed, in true time, and how that is known.
type Capture struct {
	media.Capture
	Stated bool // by the owner
}

// capture decides when the clip was filmed.
func (c *Clip) capture() Capture {
	o := c.Options
	if !o.From.IsZero() {
		to := o.To
		if to.Before(o.From) {
			to = o.From
			if c.Info != nil {
				to = to.Add(c.Info.Duration)
			}
		}
		return Capture{Stated: true, Capture: media.Capture{From: o.From, To: to, Source: media.FromNowhere, Why: "You stated when this was filmed."}}
	}
	info := c.Info
	if info == nil {
		info = &media.Clip{}
	}
	hint := media.Hint{Name: c.source.Name, Modified: c.source.Modified, ClockAhead: o.ClockAhead}
	if zone, err := time.LoadLocation(o.Zone); err == nil {
		hint.Zone = zone
	}
	return Capture{Capture: info.Window(hint)}
}

// Filmed states when the clip was filmed, in true time, for one that does not say it. Its end follows from its length.
func (c *Clip) Filmed(from time.Time) {
	c.Options.From, c.Options.To = from, time.Time{}
	c.Capture = c.capture()
}

// Fit is how a clip's capture time lies to the window that a request asks for.
type Fit string

// The fits.
const (
	Inside  Fit = "inside"  // it touches the window
	Maybe   Fit = "maybe"   // it touches the window only if its time is off by as much as its source allows
	Unknown Fit = "unknown" // nothing says for sure when it was filmed: the owner has to
	Outside Fit = "outside" // it does not touch the window
)

// Fit compares the clip's capture time with a window.
func (c *Clip) Fit(w footage.Window) Fit {
	p := c.Capture
	switch {
	case p.Source == media.FromNowhere && !p.Stated:
		return Unknown
	case p.Source == media.FromFile && p.To.Before(w.From):
		return Outside // it cannot have been filmed after it was last changed
	case p.Source == media.FromFile:
		return Unknown
	case w.Contains(p.From, p.To):
		return Inside
	case w.Contains(p.From.Add(-p.Margin), p.To.Add(p.Margin)):
		return Maybe
	}
	return Outside
}

// OutsideError says that a clip does not touch the window, in the request's time zone.
func (c *Clip) OutsideError(d footage.Document) error {
	const form = "Mon 2 Jan 2006, 15:04"
	zone := Zone(d)
	return footage.Coded(footage.Refused, "outside_window", fmt.Sprintf(
		"%s was filmed from %s to %s, but footage is asked from %s to %s (%s). Choose another clip. If the camera's clock was wrong, say by how much with --clock-ahead; if it matters all the same, send it with --outside-window.",
		quoted(c.Name), c.Capture.From.In(zone).Format(form), c.Capture.To.In(zone).Format("15:04"),
		d.Window.From.In(zone).Format(form), d.Window.To.In(zone).Format(form), zone))
}

// Zone returns the time zone in which people read a request's times, UTC if this device does not know it.
func Zone(d footage.Document) *time.Location {
	if zone, err := time.LoadLocation(d.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// manifestCapture is the capture time as the manifest holds it, in whole seconds.
func (c *Clip) manifestCapture() evidence.Capture {
	out := evidence.Capture{Source: evidence.FromFile, Offset: int64(-c.Options.ClockAhead / time.Second)}
	switch {
	case c.Capture.Stated:
		out.Source = evidence.FromOwner
	case c.Capture.Source == media.FromNowhere:
		return out
	case c.Capture.Source == media.FromContainer:
		out.Source = evidence.FromContainer
	case c.Capture.Source == media.FromExif:
		out.Source = evidence.FromExif
	}
	from := c.Capture.From.UTC().Truncate(time.Second)
	to := c.Capture.To.UTC().Add(time.Second - 1).Truncate(time.Second)
	out.From, out.To = &from, &to
	return out
}
