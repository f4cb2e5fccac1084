package desk

import (
	"fmt"
	"time"

	"porchlight.example/internal/footage"
)

// The forms of time that people may write: with an offset, or as clocks in a zone show it.
func offsetForms() []string {
	return []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02 15:04:05Z07:00"}
}

func wallForms() []string {
	return []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"}
}

// parseTime reads a time as people write it. Without an offset it is what the clocks of the zone show; a time that these
// clocks never showed, or showed twice, is refused, and so is an offset that is not the zone's at that time.
func parseTime(s string, zone *time.Location) (time.Time, *footage.Reason) {
	for _, form := range offsetForms() {
		if t, err := time.Parse(form, s); err == nil {
			return withOffset(s, t, zone)
		}
	}
	for _, form := range wallForms() {
		if wall, err := time.Parse(form, s); err == nil {
			return onClocks(s, wall, zone)
		}
	}
	return time.Time{}, &footage.Reason{Code: "time_form", Value: s,
		Msg: "A time is written like 2026-03-14 21:30, as the clocks of the zone show it, or with an offset like 2026-03-14T21:30:00-05:00."}
}

func withOffset(s string, t time.Time, zone *time.Location) (time.Time, *footage.Reason) {
	if s[len(s)-1] == 'Z' || zone == nil {
		return t.UTC(), nil
	}
	_, said := t.Zone()
	if _, there := t.In(zone).Zone(); there != said {
		return time.Time{}, &footage.Reason{Code: "time_offset", Value: s,
			Msg: fmt.Sprintf("The offset is not that of %s, whose clocks showed %s at that moment.", zone, t.In(zone).Format("2006-01-02 15:04 -07:00"))}
	}
	return t.UTC(), nil
}

func onClocks(s string, wall time.Time, zone *time.Location) (time.Time, *footage.Reason) {
	if zone == nil {
		return time.Time{}, &footage.Reason{Code: "time_without_zone", Value: s,
			Msg: "This time has no zone. Name the zone of the place, such as \"zone\": \"America/Chicago\", or write the offset with the time."}
	}
	var found []time.Time
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // no zone changes its offset twice in two days
		_, offset := wall.Add(around).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if sameClock(t.In(zone), wall) && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t.UTC())
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, &footage.Reason{Code: "time_skipped", Value: s,
			Msg: fmt.Sprintf("The clocks of %s never showed this time: they were put forward over it. Write the time before or after the change.", zone)}
	}
	return time.Time{}, &footage.Reason{Code: "time_twice", Value: s, Msg: fmt.Sprintf("The clocks of %s showed this time twice, when they were put back. Say which: %s or %s.",
		zone, found[0].In(zone).Format(time.RFC3339), found[1].In(zone).Format(time.RFC3339))}
}

func sameClock(t, wall time.Time) bool {
	const form = "2006-01-02 15:04:05"
	return t.Format(form) == wall.Format(form)
}
