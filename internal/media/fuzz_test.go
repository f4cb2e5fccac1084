package media_test

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
)

// small is a film of a few hundred bytes, with something planted everywhere.
func small() []byte {
	film := layout{chunks: 3, perChunk: 2, picture: 20, sound: 8, entry: boxOf("uuid", []byte("SERIAL-CANARY 16"))}.bytes()
	udta := boxOf("moov", boxOf("udta", boxOf("\xA9xyz", []byte("\x00\x12\x15\xC7+41.8781-087.6298/"))))[8:]
	at := bytes.Index(film, []byte("moov")) - 4
	moov := nthBox(film, "moov", 0)
	// The index comes last, so that nothing in it has to move.
	film = slicesOf(film, boxOf("uuid", []byte("UUID-CANARY-0016 more")), boxOf("moov", moov[8:], udta), []byte("tail"))
	copy(film[at+4:], "skip")
	return film
}

// smallFragmented is the like in fragments, as older recorders write them, with sound before the pictures.
func smallFragmented() []byte {
	source := sample.Film{Seed: 1, Plant: sample.Plant{Sound: "sound"}, Container: sample.Fragmented}.Bytes()
	moov := nthBox(source, "moov", 0)
	traf := func(id, count, size uint32, offset ...uint32) []byte {
		flags := uint32(0x200)
		if len(offset) > 0 {
			flags |= 1
		}
		return boxOf("traf", boxOf("tfhd", words(0, id)), boxOf("tfdt", words(0, 0)), boxOf("trun", words(flags, count), words(offset...), bytes.Repeat(words(size), int(count))))
	}
	build := func(lead uint32) []byte {
		return boxOf("moof", boxOf("mfhd", words(0, 1)), traf(2, 4, 2, lead), traf(1, 2, 10, 0))
	}
	fragment := slicesOf(build(uint32(len(build(0))+8)), boxOf("mdat", []byte("SOUND-16"), make([]byte, 20), []byte("gap")))
	return slicesOf(ftyp(), moov, fragment, fragment, boxOf("mfra", []byte("MFRA-CANARY")))
}

// FuzzClean: any file is refused with a reason or cleaned. The copy holds nothing more that should go, is as long as the
// original if that is a film, is the same in whatever pieces it is read, and is the same when it is cleaned again.
func FuzzClean(f *testing.F) {
	for _, film := range [][]byte{small(), smallFragmented()} {
		for _, keep := range []bool{false, true} {
			f.Add(film, keep)
			if got := verdictOn(f, film); got != "" {
				f.Fatalf("a seed is refused: %s", got)
			}
		}
	}
	f.Add(photo(f, cameraExif(), segmentOf(0xFE, []byte("COMMENT")), segmentOf(0xE0, []byte("JFIF\x00\x01\x01\x01\x00\x48\x00\x48\x01\x01abc"))), false)
	f.Add(append(scans(f), "behind"...), false)
	f.Add([]byte("text"), true)
	f.Fuzz(func(t *testing.T, data []byte, keep bool) {
		judged(t, data)
		opts := media.Options{KeepAudio: keep}
		c, err := media.Clean(bytes.NewReader(data), int64(len(data)), opts)
		if err != nil {
			return
		}
		out, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
		if err != nil || !bytes.Equal(drawn(t, c), out) {
			t.Fatalf("read otherwise in other pieces: %v", err)
		}
		clip := inspect(t, out)
		if clip.Format != media.JPEG && len(out) != len(data) {
			t.Errorf("%d bytes became %d", len(data), len(out))
		}
		for _, found := range clip.Findings {
			if !found.Stays {
				t.Errorf("left: %+v", found)
			}
		}
		if clip.HasAudio() && !keep {
			t.Error("the mute copy sounds")
		}
		cleanedTwice(t, out, opts)
	})
}

// FuzzWindow: a time that is found in a name is the one that the name spells, and no time comes from nothing.
func FuzzWindow(f *testing.F) {
	for _, name := range []string{"VID_20260102_030405.mp4", "2026-01-02 at 03.04.05.mov", "260102_030405_001_FH.MP4", "1767323045123.mp4", "PXL_20261101_013000123.mp4", "20260308_023000.mp4", "\xff20260102030405"} {
		f.Add(name, int64(1767323045), 0)
	}
	chicago := zone(f, "America/Chicago")
	f.Fuzz(func(t *testing.T, name string, created int64, minutes int) {
		clip := &media.Clip{Format: media.MP4, Duration: time.Duration(minutes%1500) * time.Minute}
		for _, z := range []*time.Location{nil, chicago} {
			w := clip.Window(media.Hint{Name: name, Zone: z})
			switch {
			case w.Source == media.FromNowhere && w.From.IsZero() && w.To.IsZero():
			case w.Source != media.FromName || w.To.Sub(w.From) != clip.Duration || w.Margin < time.Minute || w.Sure:
				t.Errorf("%q gives %+v", name, w)
			case w.Margin == time.Minute && !spells(name, w.From, z):
				t.Errorf("%q is read as %v", name, w.From)
			}
		}
		clip.Created = time.Unix(created%7e9, 0)
		if w := clip.Window(media.Hint{Name: name, Zone: chicago}); w.Source != media.FromContainer && w.Source != media.FromName || w.Why == "" {
			t.Errorf("%q with a stated time gives %+v", name, w)
		}
	})
}

// spells reports whether a name holds the digits of a time, or the seconds since 1970.
func spells(name string, at time.Time, z *time.Location) bool {
	if z == nil || strings.HasPrefix(name, "PXL_") {
		z = time.UTC
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, name)
	return strings.Contains(digits, at.In(z).Format("060102150405")) || strings.Contains(digits, strconv.FormatInt(at.Unix(), 10))
}
