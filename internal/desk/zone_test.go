package desk

import (
	"testing"
	"time"
)

// TestParseTime reads times around the changes of clocks, by hand from the published changes of each zone.
func TestParseTime(t *testing.T) {
	for _, c := range []struct{ in, zone, want, code string }{
		{"2026-03-14 21:30", "America/Chicago", "2026-03-15T02:30:00Z", ""},
		{"2026-01-14 21:30:15", "America/Chicago", "2026-01-15T03:30:15Z", ""},
		{"2026-01-14T21:30", "America/Chicago", "2026-01-15T03:30:00Z", ""},
		{"2026-01-14T21:30:00-06:00", "America/Chicago", "2026-01-15T03:30:00Z", ""},
		{"2026-01-14T21:30-06:00", "America/Chicago", "2026-01-15T03:30:00Z", ""},
		{"2026-01-15T03:30:00Z", "America/Chicago", "2026-01-15T03:30:00Z", ""},
		{"2026-01-14T21:30:00-05:00", "America/Chicago", "", "time_offset"},
		{"2026-01-14T21:30:00-05:00", "", "2026-01-15T02:30:00Z", ""},
		{"2026-01-14 21:30", "", "", "time_without_zone"},
		{"2026-03-08 01:59:59", "America/Chicago", "2026-03-08T07:59:59Z", ""},
		{"2026-03-08 02:00", "America/Chicago", "", "time_skipped"},
		{"2026-03-08 02:59:59", "America/Chicago", "", "time_skipped"},
		{"2026-03-08 03:00", "America/Chicago", "2026-03-08T08:00:00Z", ""},
		{"2026-11-01 00:59", "America/Chicago", "2026-11-01T05:59:00Z", ""},
		{"2026-11-01 01:00", "America/Chicago", "", "time_twice"},
		{"2026-11-01 01:59", "America/Chicago", "", "time_twice"},
		{"2026-11-01 02:00", "America/Chicago", "2026-11-01T08:00:00Z", ""},
		{"2026-11-01T01:30:00-05:00", "America/Chicago", "2026-11-01T06:30:00Z", ""},
		{"2026-11-01T01:30:00-06:00", "America/Chicago", "2026-11-01T07:30:00Z", ""},
		{"2026-07-04 12:00", "America/Phoenix", "2026-07-04T19:00:00Z", ""},
		{"2026-10-04 02:10", "Australia/Lord_Howe", "", "time_skipped"}, // half an hour only
		{"2026-10-04 02:30", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", ""},
		{"2011-12-30 12:00", "Pacific/Apia", "", "time_skipped"}, // a whole day
		{"yesterday", "America/Chicago", "", "time_form"},
		{"", "America/Chicago", "", "time_form"},
		{"2026-02-29 12:00", "America/Chicago", "", "time_form"},
		{"2026-01-14 25:00", "America/Chicago", "", "time_form"},
	} {
		var zone *time.Location
		if c.zone != "" {
			var err error
			if zone, err = time.LoadLocation(c.zone); err != nil {
				t.Fatal(err)
			}
		}
		got, fault := parseTime(c.in, zone)
		code := ""
		if fault != nil {
			code = fault.Code
		}
		if code != c.code || (code == "" && got.Format(time.RFC3339) != c.want) {
			t.Errorf("parseTime(%q, %s) = %s, %q; want %s, %q", c.in, c.zone, got.Format(time.RFC3339), code, c.want, c.code)
		}
	}
}
