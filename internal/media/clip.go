package media

import (
	"io"
	"time"
)

// Format is a kind of file that can be inspected and cleaned.
type Format string

// The formats.
const (
	MP4  Format = "mp4"  // ISO base media file, whole or fragmented
	MOV  Format = "mov"  // QuickTime
	JPEG Format = "jpeg" // a still
)

// Kind is what a track holds.
type Kind string

// The kinds of track.
const (
	Video    Kind = "video"
	Audio    Kind = "audio"
	Metadata Kind = "metadata" // timed values: position, movement, camera settings
	Other    Kind = "other"    // text, subtitles, timecode, depth and whatever else
)

// Clip is what is known about a file.
type Clip struct {
	Format     Format
	Size       int64 // bytes
	Fragmented bool  // pictures come in fragments (moof), as recorders write them
	Duration   time.Duration
	// Created is the capture time that the file states, or zero. Cameras differ on whether it is the first or the last moment.
	Created time.Time
	// ZoneKnown says that the file states which instant Created is. If it is false, Created holds the camera's wall clock as
	// though it were UTC.
	ZoneKnown     bool
	Width, Height int // pixels, as coded
	Tracks        []Track
	Findings      []Finding
}

// Track is one stream of a clip.
type Track struct {
	Kind     Kind
	Codec    string // four characters, such as "avc1"
	Duration time.Duration
}

// HasAudio reports whether the clip holds sound.
func (c *Clip) HasAudio() bool {
	for _, t := range c.Tracks {
		if t.Kind == Audio {
			return true
		}
	}
	return false
}

// The codes of findings.
const (
	Position   = "position"    // where the camera stood or moved
	Serial     = "serial"      // numbers that single out one device
	Device     = "device"      // maker and model
	Owner      = "owner"       // names of people
	Text       = "text"        // titles, comments, keywords
	Software   = "software"    // programs, firmware, encoders
	Handler    = "handler"     // names that the recorder gave to its tracks
	FileName   = "file_name"   // names of files, folders and volumes
	Thumbnail  = "thumbnail"   // small copies of a picture, perhaps from before an edit
	Unknown    = "unknown"     // data of unknown meaning
	Leftover   = "leftover"    // data in space that is marked as free, or behind the end
	HiddenPart = "hidden_part" // pictures that players skip but that are in the file
	InPicture  = "in_picture"  // messages between or inside the pictures; cleaning leaves them
)

// Finding is something in the file that may give its owner away.
type Finding struct {
	Code string // one of the codes above
	// What is a sentence for the owner. It may quote the value found, so it belongs on the owner's screen alone: never in a
	// log, never in a manifest.
	What  string
	Where string // path of boxes or name of segment, such as "moov/udta/©xyz"
	Stays bool   // cleaning does not remove it
}

// Inspect reads what a clip says about itself. It recognises the format by content and reads the index of the file alone,
// never the pictures as a whole. Memory is a few times the index, and below 384 MiB whatever a file claims, that of [Clean]
// alike.
//
// A failure is a [footage.Error]. Kind Unsupported means that the file may well be footage but cannot be cleaned, so that it
// can only be sent as it is; Invalid means that it is no clip or is damaged. Read errors of r are returned wrapped.
func Inspect(r io.ReaderAt, size int64) (*Clip, error) {
	format, err := sniff(r, size)
	if err != nil {
		return nil, err
	}
	if format == JPEG {
		return inspectJPEG(r, size)
	}
	m, err := openMovie(r, size, format)
	if err != nil {
		return nil, err
	}
	return m.inspect()
}
