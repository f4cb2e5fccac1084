package media

import (
	"fmt"
	"io"
)

// Options says how to clean.
type Options struct {
	KeepAudio bool // the sound stays; without it the copy is mute
}

// Edit is one kind of change that cleaning made. It quotes nothing from the file, so it may stand in a manifest.
type Edit struct {
	Code string // such as "metadata", "audio", "names"
	What string // a plain sentence
}

// Cleaned is a cleaned copy. Reading is safe for concurrent use and gives the same bytes each time, as long as the original
// is open and unchanged.
type Cleaned struct {
	io.ReaderAt
	Size  int64
	Edits []Edit // in a fixed order
}

// Clean returns a copy of the clip without what gives its owner away. It fails as [Inspect] does. Before it returns, the copy
// is inspected in its turn: if anything that cleaning should remove were left, Clean fails rather than hand it out.
//
// Creation times stay, because timing is evidence and is shown to the owner; modification times, which tell when the owner
// handled the file, become zero. Colour profiles go too: they name the device.
func Clean(r io.ReaderAt, size int64, opts Options) (*Cleaned, error) {
	format, err := sniff(r, size)
	if err != nil {
		return nil, err
	}
	var c *Cleaned
	if format == JPEG {
		c, err = cleanJPEG(r, size)
	} else {
		c, err = cleanMovie(r, size, format, opts)
	}
	if err != nil {
		return nil, err
	}
	if err := c.check(opts); err != nil {
		return nil, err
	}
	return c, nil
}

// check judges the copy by inspecting it.
func (c *Cleaned) check(opts Options) error {
	clip, err := Inspect(c, c.Size)
	if err != nil {
		return fmt.Errorf("inspect cleaned copy: %w", err)
	}
	for _, f := range clip.Findings {
		if !f.Stays {
			return fmt.Errorf("cleaned copy still holds %s at %s", f.Code, f.Where)
		}
	}
	if clip.HasAudio() && !opts.KeepAudio {
		return fmt.Errorf("cleaned copy still holds sound")
	}
	return nil
}
