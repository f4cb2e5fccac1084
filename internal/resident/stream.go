package resident

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// stream makes the sealed bytes of one clip, from any place that was reached before and as often as they are wanted, and
// hashes clip, original and sealed bytes while it does so for the first time: the clip is read once.
type stream struct {
	clip  *Clip
	env   *seal.Envelope
	sums  *sums
	stamp string // of the original when it was sealed first
}

// newStream begins a clip. stamp is that of an earlier run, or "".
func newStream(c *Clip, env *seal.Envelope, stamp string) (*stream, error) {
	s := &stream{clip: c, env: env, sums: newSums(), stamp: stamp}
	if stamp == "" {
		var err error
		if s.stamp, err = c.stamp(); err != nil {
			return nil, err
		}
	}
	if !c.Untouched {
		c.orig.start()
	}
	return s, s.unchanged()
}

func (c *Clip) stamp() (string, error) {
	if c.source.Stamp == nil {
		return "", nil
	}
	stamp, err := c.source.Stamp()
	if err != nil {
		return "", naming(c.Name, fmt.Errorf("look at the original: %w", err))
	}
	return stamp, nil
}

// unchanged refuses a clip whose original was changed since it was sealed first: other bytes may never go out under the
// same file key (decision 12).
func (s *stream) unchanged() error {
	now, err := s.clip.stamp()
	if err != nil {
		return err
	}
	if now != s.stamp {
		return naming(s.clip.Name, errChanged())
	}
	return nil
}

// open returns the sealed bytes from a place on that was reached before.
func (s *stream) open(at int64) io.Reader {
	s.sums.from(s.env.ClipOffset(at), at)
	return s.env.ReaderTee(s.clip.content, at, seal.Tee{
		Clip: []io.Writer{&s.sums.clip}, Sealed: []io.Writer{&s.sums.sealed}})
}

// retrace makes again what an earlier run has sent, for its hashes, and reports whether it is the same: sent are the hashes
// of the whole segments that went out. It goes on to the offset that is durable, if that is further.
func (s *stream) retrace(sent []byte, durable int64, step func(int64)) (same bool, err error) {
	until := max(durable, int64(len(sent)/32)*footage.SegmentSize)
	r := s.open(0)
	for at := int64(0); at < until; {
		n, err := io.CopyN(io.Discard, r, min(footage.SegmentSize, until-at))
		if err != nil {
			return false, fmt.Errorf("seal again what was sent: %w", err)
		}
		at += n
		step(at)
	}
	whole := s.sums.digest.Whole()
	return len(whole) >= len(sent) && string(whole[:len(sent)]) == string(sent), nil
}

// line returns the clip's line of the manifest, once every byte was made.
func (s *stream) line(p PendingClip) (*evidence.Clip, error) {
	if err := s.unchanged(); err != nil {
		return nil, err
	}
	c := s.clip
	salt, err := base64.RawURLEncoding.DecodeString(p.Salt)
	if err != nil {
		return nil, fmt.Errorf("read salt: %w", err)
	}
	sum := hex.EncodeToString(s.sums.sha256.Sum(nil))
	original := sum
	if !c.Untouched {
		if original, err = c.orig.sum(c.source.Size); err != nil {
			return nil, naming(c.Name, err)
		}
	}
	return &evidence.Clip{
		ID: p.ID, Name: p.Name, MediaType: c.mediaType(), Size: c.Size, Padded: seal.PaddedLength(c.Size),
		SHA256:   sum,
		Sealed:   evidence.Sealed{Size: s.env.SealedSize(), Digest: s.sums.digest.Sum()},
		Original: evidence.Original{Sent: c.Untouched, Salt: p.Salt, Commitment: footage.Commit(salt, original)},
		Capture:  c.manifestCapture(), Edits: c.manifestEdits(), Kept: c.manifestKept(),
	}, nil
}
