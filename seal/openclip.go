package seal

import (
	"io"
)

// OpenClip is [Open] for a clip whose length in bytes the manifest says: the reader returns the clip without its padding, and
// io.EOF only when everything behind it was opened too and was the padding that belongs there, else wrong_length or
// bad_padding (Untrusted). Nothing is written anywhere. It is for one goroutine.
func OpenClip(src io.Reader, clipLength int64, ids ...*Identity) (io.Reader, error) {
	if err := checkClipLength(clipLength); err != nil {
		return nil, err
	}
	o, err := start(src, ageIdentities(ids))
	if err != nil {
		return nil, err
	}
	o.expect = PaddedLength(clipLength)
	return &clipReader{o: o, left: clipLength, pad: o.expect - clipLength}, nil
}

// clipReader cuts the padding off and looks at it.
type clipReader struct {
	o    *opener
	left int64 // bytes of the clip still to come
	pad  int64 // bytes of padding still to come
	err  error // what comes after the clip, once it is known
}

func (c *clipReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if c.err == nil {
			c.err = c.finish()
		}
		return 0, c.err
	}
	n, err := c.o.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err == io.EOF {
		err = errWrongLength()
	}
	return n, err
}

// finish reads the padding to its end.
func (c *clipReader) finish() error {
	var wrong error
	buf := make([]byte, chunkSize)
	for {
		n, err := c.o.Read(buf)
		c.pad -= int64(n)
		if c.pad < 0 {
			return errWrongLength()
		}
		for _, b := range buf[:n] {
			if b != 0 {
				wrong = errPadding()
			}
		}
		switch {
		case err == io.EOF && c.pad > 0:
			return errWrongLength()
		case err == io.EOF && wrong != nil:
			return wrong
		case err != nil:
			return err
		}
	}
}

// Clip gives random access to a clip of a length in bytes, without its padding: the length must be one that is padded to what
// was sealed, else wrong_length (Untrusted).
func (a *ReaderAt) Clip(length int64) (*io.SectionReader, error) {
	if length < 0 || length > MaxClip || PaddedLength(length) != a.plain {
		return nil, errWrongLength()
	}
	return io.NewSectionReader(a, 0, length), nil
}
