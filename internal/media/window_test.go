package media_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/media"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// capture is what a window says, without its sentence.
type capture struct {
	from, to string // UTC
	source   media.Source
	margin   time.Duration
	sure     bool
}

func captureOf(w media.Capture) capture {
	c := capture{source: w.Source, margin: w.Margin, sure: w.Sure}
	if w.Source != media.FromNowhere {
		c.from, c.to = w.From.UTC().Format(time.DateTime), w.To.UTC().Format(time.DateTime)
	}
	return c
}

func TestWindowSources(t *testing.T) {
	chicago := zone(t, "America/Chicago")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	film := &media.Clip{Format: media.MP4, Duration: 10 * time.Minute, Created: at, ZoneKnown: true}
	silent := &media.Clip{Format: media.MP4, Duration: 10 * time.Minute}
	photo := &media.Clip{Format: media.JPEG, Created: at}
	zoned := &media.Clip{Format: media.JPEG, Created: at.In(chicago), ZoneKnown: true}
	for name, c := range map[string]struct {
		clip *media.Clip
		hint media.Hint
		want capture
	}{
		"the clip":            {film, media.Hint{Name: "a.mp4", Modified: at.AddDate(1, 0, 0), Zone: chicago}, capture{"2026-01-02 03:04:05", "2026-01-02 03:14:05", media.FromContainer, 10 * time.Minute, true}},
		"clip and name agree": {film, media.Hint{Name: "20260101_210405.mp4", Zone: chicago}, capture{"2026-01-02 03:04:05", "2026-01-02 03:14:05", media.FromContainer, 10 * time.Minute, true}},
		"they agree in UTC":   {film, media.Hint{Name: "20260102_030405.mp4"}, capture{"2026-01-02 03:04:05", "2026-01-02 03:14:05", media.FromContainer, 10 * time.Minute, true}},
		"local time as UTC":   {film, media.Hint{Name: "20260102_030405.mp4", Zone: chicago}, capture{"2026-01-02 09:04:05", "2026-01-02 09:14:05", media.FromName, time.Minute, false}},
		"its end as UTC":      {film, media.Hint{Name: "20260102_025410.mp4", Zone: chicago}, capture{"2026-01-02 08:54:10", "2026-01-02 09:04:10", media.FromName, time.Minute, false}},
		"another name":        {film, media.Hint{Name: "20250505_050505.mp4", Zone: chicago}, capture{"2026-01-02 03:04:05", "2026-01-02 03:14:05", media.FromContainer, 10 * time.Minute, true}},
		"the name":            {silent, media.Hint{Name: "20260102_030405.mp4", Modified: at.AddDate(1, 0, 0), Zone: chicago}, capture{"2026-01-02 09:04:05", "2026-01-02 09:14:05", media.FromName, time.Minute, false}},
		"the file":            {silent, media.Hint{Name: "IMG_0001.mp4", Modified: at}, capture{"2026-01-02 02:54:05", "2026-01-02 03:04:05", media.FromFile, 24 * time.Hour, false}},
		"nothing":             {silent, media.Hint{Name: "IMG_0001.mp4"}, capture{source: media.FromNowhere}},
		"photo with zone":     {zoned, media.Hint{}, capture{"2026-01-02 03:04:05", "2026-01-02 03:04:05", media.FromExif, time.Second, true}},
		"photo without zone":  {photo, media.Hint{Zone: chicago, Name: "20200101_000000.jpg"}, capture{"2026-01-02 09:04:05", "2026-01-02 09:04:05", media.FromExif, time.Second, false}},
		"no zone at all":      {photo, media.Hint{}, capture{"2026-01-02 03:04:05", "2026-01-02 03:04:05", media.FromExif, time.Second, false}},
		"clock ahead":         {film, media.Hint{ClockAhead: time.Hour}, capture{"2026-01-02 02:04:05", "2026-01-02 02:14:05", media.FromContainer, 10 * time.Minute, true}},
		"clock behind":        {photo, media.Hint{ClockAhead: -90 * time.Second}, capture{"2026-01-02 03:05:35", "2026-01-02 03:05:35", media.FromExif, time.Second, false}},
		"clock of nothing":    {silent, media.Hint{ClockAhead: time.Hour}, capture{source: media.FromNowhere}},
	} {
		w := c.clip.Window(c.hint)
		if diff := cmp.Diff(c.want, captureOf(w), cmp.AllowUnexported(capture{})); diff != "" || w.Why == "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if w.Source == media.FromNowhere && (!w.From.IsZero() || !w.To.IsZero()) {
			t.Errorf("%s: a time out of nothing: %+v", name, w)
		}
	}
}

// TestWindowDaylightSaving covers the two nights in which clocks are changed.
func TestWindowDaylightSaving(t *testing.T) {
	for name, c := range map[string]struct {
		zone, file, from string
		doubt            time.Duration
	}{
		"before clocks go back": {"America/Chicago", "20261101_005959.mp4", "2026-11-01 05:59:59", 0},
		"shown twice":           {"America/Chicago", "20261101_013000.mp4", "2026-11-01 06:30:00", time.Hour},
		"after":                 {"America/Chicago", "20261101_020000.mp4", "2026-11-01 08:00:00", 0},
		"before going forward":  {"America/Chicago", "20260308_015959.mp4", "2026-03-08 07:59:59", 0},
		"never shown":           {"America/Chicago", "20260308_023000.mp4", "2026-03-08 08:30:00", time.Hour},
		"after going forward":   {"America/Chicago", "20260308_030000.mp4", "2026-03-08 08:00:00", 0},
		"half an hour":          {"Australia/Lord_Howe", "20260405_014500.mp4", "2026-04-04 14:45:00", 30 * time.Minute},
		"far east":              {"Pacific/Kiritimati", "20260102_030405.mp4", "2026-01-01 13:04:05", 0},
		"UTC in the name":       {"America/Chicago", "PXL_20261101_013000123.mp4", "2026-11-01 01:30:00", 0},
	} {
		w := (&media.Clip{}).Window(media.Hint{Name: c.file, Zone: zone(t, c.zone)})
		want := capture{from: c.from, to: c.from, source: media.FromName, margin: time.Minute + c.doubt}
		if diff := cmp.Diff(want, captureOf(w), cmp.AllowUnexported(capture{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		photo := &media.Clip{Format: media.JPEG, Created: w.From}
		if w := photo.Window(media.Hint{Zone: time.UTC}); w.Margin != time.Second {
			t.Errorf("%s: UTC is in doubt: %+v", name, w)
		}
	}
	photo := &media.Clip{Format: media.JPEG, Created: time.Date(2026, 11, 1, 1, 30, 0, 0, time.UTC)}
	if w := photo.Window(media.Hint{Zone: zone(t, "America/Chicago")}); w.Margin != time.Second+time.Hour || w.From.UTC().Hour() != 6 {
		t.Errorf("a photo in the hour shown twice: %+v", w)
	}
}

// TestWindowNames goes through the names that cameras give, and names that only look like times.
func TestWindowNames(t *testing.T) {
	utc := "2026-01-02 03:04:05"
	for name, want := range map[string]string{
		"VID_20260102_030405.mp4":                        utc, // Android
		"20260102_030405.mp4":                            utc, // Samsung
		"PXL_20260102_030405123.TS.mp4":                  utc, // Google, in UTC
		"IMG_20260102_030405_1.jpg":                      utc, // Xiaomi
		"MVIMG_20260102_030405.jpg":                      utc,
		"DJI_20260102030405_0001_D.MP4":                  utc,
		"2026-01-02_03-04-05-front.mp4":                  utc, // Tesla
		"20260102_030405_NF.mp4":                         utc, // BlackVue
		"2026_0102_030405_0001F.MP4":                     utc, // Viofo
		"20260102030405_000001A.MP4":                     utc, // Viofo
		"REC_2026_01_02_03_04_05_F.MP4":                  utc, // Thinkware
		"260102_030405_001_FH.MP4":                       utc, // Nextbase
		"RLC-410W-00-20260102030405.mp4":                 utc, // Reolink
		"RecM01_20260102_030405_030505_6D28808.mp4":      utc, // Reolink, on the card
		"NVR_ch1_main_20260102030405_20260102031405.mp4": utc, // Dahua, Amcrest, Lorex
		"ch01_20260102030405.mp4":                        utc, // Hikvision
		"Front_Door_2026-01-02T03_04_05.mp4":             utc, // Ring
		"Porch-20260102-030405.mp4":                      utc, // Synology
		"20260102_030405_tp00012.mp4":                    utc, // Tapo
		"WhatsApp Video 2026-01-02 at 03.04.05.mp4":      utc,
		"Screen Recording 2026-01-02 at 03.04.05.mov":    utc,
		"2026-01-02 03h04m05s.mkv":                       utc,
		"1767323045123.mp4":                              utc, // Arlo
		"front-1767323045.123456-abc.mp4":                utc, // Frigate
		"IMG_1234.MOV":                                   "",
		"GX010042.MP4":                                   "", // GoPro
		"VID-20260102-WA0001.mp4":                        "", // a day is no time
		"20261302_030405.mp4":                            "",
		"20260230_030405.mp4":                            "",
		"20260102_250405.mp4":                            "",
		"120260102030405.mp4":                            "",
		"2026010203040512.mp4":                           "",
		"call +1 555 123 4567.mp4":                       "",
		"":                                               "",
	} {
		got := captureOf((&media.Clip{}).Window(media.Hint{Name: name}))
		if got.from != want || got.source != map[bool]media.Source{true: media.FromName, false: media.FromNowhere}[want != ""] {
			t.Errorf("%q gives %+v, want %q", name, got, want)
		}
	}
}
