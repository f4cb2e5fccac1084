package sample

import (
	"time"
)

// Size and rate of the pictures.
const (
	Width  = 320
	Height = 240
	Rate   = 10 // pictures a second
)

// keyEvery is how many pictures lie between those that can be decoded by themselves.
const keyEvery = 5 * Rate

// Container is how a film is packed.
type Container int

// The containers.
const (
	MP4        Container = iota // index first, as for the web
	MOV                         // QuickTime, index last
	Fragmented                  // MP4 in fragments of a second, as recorders write it
)

// Film says what to make.
type Film struct {
	Seed      uint64 // chooses street, cars and weather
	Duration  time.Duration
	Start     time.Time // stated in the file and shown in the picture; zero is 2 January 2026, 17:04:05 UTC
	Container Container
	Plant     Plant
}

// Plant is what is hidden in a film for a test to look for. Whatever is empty is left out.
type Plant struct {
	Position string // ISO 6709, such as "+41.8781-087.6298/"
	Serial   string
	Owner    string
	Title    string
	Handler  string // name of the tracks
	Encoder  string // at most 31 bytes
	Sound    string // becomes the samples of a sound track, over and over
	Track    string // becomes the samples of a timed metadata track, over and over
	Message  string // between the pictures, as an SEI message
	Free     string // in free space
	Tail     string // behind the end, where it forms no box
	Gap      string // in the media data, where no track refers to it
}

// Clip makes an MP4 film with nothing planted. A duration below one second becomes one second.
func Clip(seed uint64, duration time.Duration) []byte {
	return Film{Seed: seed, Duration: duration}.Bytes()
}

// Bytes makes the film.
func (f Film) Bytes() []byte {
	pictures := f.encode()
	if f.Container == Fragmented {
		return f.fragmented(pictures)
	}
	return f.whole(pictures)
}

// Frames returns the number of pictures.
func (f Film) Frames() int {
	return max(Rate, int(f.Duration*Rate/time.Second))
}

func (f Film) start() time.Time {
	if f.Start.IsZero() {
		return time.Date(2026, 1, 2, 17, 4, 5, 0, time.UTC)
	}
	return f.Start
}

// picture is one coded picture.
type picture struct {
	data []byte // units with their lengths
	key  bool
}

func (f Film) encode() []picture {
	e := newEncoder(Width, Height)
	out := make([]picture, f.Frames())
	var before *Picture
	for i := range out {
		now := f.Frame(i)
		if out[i].key = i%keyEvery == 0; out[i].key {
			before = nil
		}
		if i == 0 && f.Plant.Message != "" {
			out[i].data = append(out[i].data, unit(userData(f.Plant.Message))...)
		}
		out[i].data = append(out[i].data, unit(e.encode(now, before))...)
		before = now
	}
	return out
}

// repeated fills n bytes with a text, over and over; an empty text gives zeros.
func repeated(text string, n int) []byte {
	out := make([]byte, n)
	for i := 0; i < n && text != ""; i += copy(out[i:], text) {
	}
	return out
}
