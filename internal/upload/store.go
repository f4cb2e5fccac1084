package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

// store is the data store behind tusd's handler.
type store struct {
	bucket  blob.Bucket
	book    Book
	now     func() time.Time
	log     *slog.Logger
	buffers *buffers
}

// NewUpload opens an upload for the ticket of the request.
func (s *store) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	c := callOf(ctx)
	row, err := s.book.Begin(ctx, Opening{Ticket: c.ticket, Clip: c.clip, Length: info.Size})
	if err != nil {
		return nil, s.refuse(ctx, "open upload", "", err)
	}
	if row.State, err = s.bucket.Begin(ctx, row.Key, row.Length); err != nil { // refuses at once what there is no room for
		return nil, s.refuse(ctx, "open upload", row.ID, err)
	}
	return &upload{store: s, row: row}, nil
}

// GetUpload finds an upload. If the server was killed between making the object visible and noting that, it is noted now.
func (s *store) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	row, err := s.book.Find(ctx, footage.UploadID(id))
	if err != nil {
		return nil, s.refuse(ctx, "find upload", footage.UploadID(id), err)
	}
	u := &upload{store: s, row: row}
	if !row.complete() {
		if err := u.recover(ctx); err != nil {
			return nil, s.refuse(ctx, "recover upload", row.ID, err)
		}
	}
	return u, nil
}

// refuse turns an error into the answer that tusd sends. Failures that somebody must see to are logged, without the ID.
func (s *store) refuse(ctx context.Context, did string, id footage.UploadID, err error) error {
	switch footage.KindOf(err) {
	case "", footage.Full, footage.Unavailable:
		text := err.Error()
		if id != "" {
			text = strings.ReplaceAll(text, string(id), "[upload]")
		}
		s.log.ErrorContext(ctx, "upload failed", "did", did, "error", text)
	}
	return problemOf(err).tusd()
}

// upload is one upload in the hands of one request, which holds its lock.
type upload struct {
	*store
	row Row
}

// GetInfo tells tusd where the upload stands.
func (u *upload) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: string(u.row.ID), Size: u.row.Length, Offset: u.row.Offset}, nil
}

// GetReader refuses: what was sent is not given back here.
func (u *upload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}

// FinishUpload completes an upload without bytes; WriteChunk has completed every other.
func (u *upload) FinishUpload(ctx context.Context) error {
	if u.row.complete() {
		return nil
	}
	err := u.advance(context.WithoutCancel(ctx), 0, u.row.State, new(footage.SegmentDigest))
	if err != nil {
		return u.refuse(ctx, "finish upload", u.row.ID, err)
	}
	return nil
}

// WriteChunk takes in one request's body and returns how many bytes of it are durable. A sender who goes away does not
// stop it: what came is kept.
func (u *upload) WriteChunk(ctx context.Context, _ int64, body io.Reader) (int64, error) {
	before := u.row.Offset
	err := u.receive(context.WithoutCancel(ctx), body)
	if err != nil {
		err = u.refuse(ctx, "receive", u.row.ID, err)
	}
	return u.row.Offset - before, err
}

// receive appends the body to the staging, in stretches after each of which the progress is noted.
func (u *upload) receive(ctx context.Context, body io.Reader) error {
	digest, err := u.digest(ctx)
	if err != nil {
		return err
	}
	if len(u.row.State) == 0 {
		if u.row.State, err = u.bucket.Begin(ctx, u.row.Key, u.row.Length); err != nil {
			return err
		}
	}
	start := u.row.Offset
	in := u.intake(body, callOf(ctx).body.stop, digest)
	for !in.ended {
		if err := u.stretch(ctx, in); err != nil {
			return err
		}
	}
	if u.row.Offset == start && in.at > start && !callOf(ctx).body.cut() {
		return footage.Coded(footage.Invalid, "piece_too_small", fmt.Sprintf(
			"This exchange keeps an upload in pieces of %d bytes. Send at least so much at a time, or all that is left.", u.bucket.Step(u.row.Length)))
	}
	return nil
}

// stretch appends what comes until the intake pauses or ends.
func (u *upload) stretch(ctx context.Context, in *intake) error {
	n, state, err := u.bucket.Append(ctx, u.row.Key, u.row.State, u.row.Offset, in)
	if errors.Is(err, footage.NotFound) {
		return footage.Coded(footage.Gone, "upload_lost", "What was uploaded so far is gone. Please begin this upload again.")
	}
	if n == 0 {
		return err
	}
	return errors.Join(u.advance(ctx, n, state, in.digest), err)
}

// advance notes n more bytes. The last ones complete the upload: the object becomes visible first, so that the Book never
// says so too early.
func (u *upload) advance(ctx context.Context, n int64, state []byte, digest *footage.SegmentDigest) error {
	row := u.row
	row.Offset += n
	row.State = state
	row.Segments = digest.Whole()[:row.Offset/footage.SegmentSize*sha256.Size]
	if row.Offset == row.Length {
		if err := u.finish(ctx, &row); err != nil {
			return err
		}
		row.Digest = digest.Sum()
	}
	return u.note(ctx, row)
}

func (u *upload) note(ctx context.Context, row Row) error {
	if err := u.book.Progress(ctx, u.row.Offset, row); err != nil {
		return fmt.Errorf("note progress: %w", err)
	}
	u.row = row
	return nil
}

func (u *upload) finish(ctx context.Context, row *Row) (err error) {
	if len(row.State) == 0 {
		if row.State, err = u.bucket.Begin(ctx, row.Key, row.Length); err != nil {
			return err
		}
	}
	return u.bucket.Finish(ctx, row.Key, row.State)
}

// digest returns the digest of what is durable, for which it reads the bytes behind the last whole segment again.
func (u *upload) digest(ctx context.Context) (*footage.SegmentDigest, error) {
	d := footage.ResumeSegments(u.row.Segments)
	rest := u.row.Offset - d.Len()
	if rest == 0 {
		return d, nil
	}
	r, err := u.bucket.Staged(ctx, u.row.Key, u.row.State, d.Len(), rest)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return d, rehash(d, r, rest)
}

func rehash(d *footage.SegmentDigest, r io.Reader, want int64) error {
	if n, err := io.Copy(d, r); err != nil || n != want {
		return fmt.Errorf("read %d of %d uploaded bytes again: %w", n, want, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return nil
}

// recover completes the row of an upload whose object is visible already.
func (u *upload) recover(ctx context.Context) error {
	size, err := u.bucket.Stat(ctx, u.row.Key)
	if errors.Is(err, footage.NotFound) || err == nil && size != u.row.Length {
		return nil
	}
	if err != nil {
		return err
	}
	d := footage.ResumeSegments(u.row.Segments)
	rest := u.row.Length - d.Len()
	r, err := u.bucket.Get(ctx, u.row.Key, d.Len(), rest)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := rehash(d, r, rest); err != nil {
		return err
	}
	row := u.row
	row.Offset, row.Segments, row.Digest = row.Length, d.Whole(), d.Sum()
	return u.note(ctx, row)
}
