package s3

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/minio/minio-go/v7"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

// A part is 8 MiB, or as much more as keeps 10,000 parts, the most that S3 allows, enough for the declared length. It is
// a multiple of the segments that digests are made of.
const (
	partSize = 2 * footage.SegmentSize
	maxParts = 10_000
)

// Step is described at [blob.Staging]: the size of a part.
func (b *Bucket) Step(length int64) int64 {
	need := (length + maxParts - 1) / maxParts
	segments := (need + footage.SegmentSize - 1) / footage.SegmentSize
	return max(partSize, segments*footage.SegmentSize)
}

// state is what the caller saves for us: the parts that the store acknowledged. Each but the last has Step bytes.
type state struct {
	Length int64    `json:"length"`
	Upload string   `json:"upload,omitempty"` // ID of the multipart upload, from the first part on
	Parts  []string `json:"parts,omitempty"`  // entity tags
}

func (s state) encode() []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		panic("s3: encode state: " + err.Error()) // numbers and strings always encode
	}
	return raw
}

// offset returns how many bytes the parts hold.
func (s state) offset(step int64) int64 { return min(int64(len(s.Parts))*step, s.Length) }

func decode(key string, raw []byte) (state, error) {
	var s state
	if err := blob.CheckKey(key); err != nil {
		return s, err
	}
	if err := json.Unmarshal(raw, &s); err != nil || s.Length < 0 {
		return s, fmt.Errorf("read the saved state of %s: it is damaged", key)
	}
	return s, nil
}

// Begin is described at [blob.Staging]. The store hears of it with the first part.
func (b *Bucket) Begin(_ context.Context, key string, length int64) ([]byte, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	if length < 0 {
		return nil, footage.E(footage.Invalid, "The length of an upload cannot be below nought.")
	}
	return state{Length: length}.encode(), nil
}

// Append is described at [blob.Staging]. A part that the reader cuts short is dropped.
func (b *Bucket) Append(ctx context.Context, key string, raw []byte, offset int64, r io.Reader) (int64, []byte, error) {
	s, err := decode(key, raw)
	if err != nil {
		return 0, raw, err
	}
	step := b.Step(s.Length)
	if s.offset(step) != offset {
		return 0, raw, fmt.Errorf("append to %s: saved state and offset %d do not belong together", key, offset)
	}
	in := &source{Reader: bufio.NewReaderSize(&once{r: r}, 64<<10)}
	for err == nil && !in.short {
		var more bool
		more, err = in.more()
		if err != nil || !more {
			break
		}
		err = b.putPart(ctx, key, &s, in)
	}
	if err != nil {
		err = fmt.Errorf("append to %s: %w", key, err)
	}
	return s.offset(step) - offset, s.encode(), err
}

// putPart sends the next part from the source and notes it in s. If the source ends within the part, there is none.
func (b *Bucket) putPart(ctx context.Context, key string, s *state, in *source) error {
	step := b.Step(s.Length)
	size := min(step, s.Length-s.offset(step))
	if size == 0 {
		return footage.Coded(footage.TooLarge, "longer_than_declared", "There came more bytes than were announced.")
	}
	if s.Upload == "" {
		id, err := b.core.NewMultipartUpload(ctx, b.bucket, b.prefix+key, options())
		if err != nil {
			return storeError("begin", key, err)
		}
		s.Upload = id
	}
	part := &part{from: in, left: size}
	done, err := b.core.PutObjectPart(ctx, b.bucket, b.prefix+key, s.Upload, len(s.Parts)+1, part, size, minio.PutObjectPartOptions{})
	part.Close()
	if part.ended {
		in.short = true // the store's error is then no more than an echo of it
		return part.failed
	}
	if err != nil {
		return storeError("put part of", key, b.blame(ctx, key, s.Upload, err))
	}
	s.Parts = append(s.Parts, done.ETag)
	return nil
}

// blame returns the reason for a part that did not arrive. A store that answers early, since the upload is gone, may break
// the connection before its answer is read.
func (b *Bucket) blame(ctx context.Context, key, upload string, err error) error {
	_, lookErr := b.core.ListObjectParts(ctx, b.bucket, b.prefix+key, upload, 0, 1)
	if minio.ToErrorResponse(lookErr).Code == "NoSuchUpload" {
		return lookErr
	}
	return err
}

// source is the reader of one Append.
type source struct {
	*bufio.Reader
	short bool // it ended within a part
}

// more reports whether there is at least one byte more.
func (in *source) more() (bool, error) {
	_, err := in.Peek(1)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// once reads a reader until it first ends. The caller may let it go on afterwards, for the next Append.
type once struct {
	r   io.Reader
	err error
}

func (o *once) Read(p []byte) (n int, err error) {
	if o.err == nil {
		n, o.err = o.r.Read(p)
	}
	return n, o.err
}

// part reads one part and remembers whether the source, rather than the store, is to blame if it is not sent whole.
type part struct {
	mu     sync.Mutex // guards all: the HTTP transport may read on after it has answered
	from   io.Reader
	left   int64
	ended  bool  // the source had fewer bytes
	failed error // why, if it was not its end
	closed bool
}

func (p *part) Read(buf []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, fs.ErrClosed
	}
	if p.left == 0 {
		return 0, io.EOF
	}
	n, err := p.from.Read(buf[:min(int64(len(buf)), p.left)])
	p.left -= int64(n)
	if err == nil || p.left == 0 {
		return n, nil
	}
	p.ended = true
	if err != io.EOF {
		p.failed = err
	}
	return n, io.ErrUnexpectedEOF
}

// Close waits for a read under way; there is none afterwards.
func (p *part) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

// Staged is described at [blob.Staging]: S3 cannot read parts, and does not have to.
func (b *Bucket) Staged(context.Context, string, []byte, int64, int64) (io.ReadCloser, error) {
	return nil, footage.E(footage.Unsupported, "Parts of an upload cannot be read back from this object store.")
}

// Finish is described at [blob.Staging].
func (b *Bucket) Finish(ctx context.Context, key string, raw []byte) error {
	s, err := decode(key, raw)
	if err != nil {
		return err
	}
	if s.offset(b.Step(s.Length)) != s.Length {
		return fmt.Errorf("finish %s: %w", key, footage.E(footage.Conflict, "The upload is not complete yet."))
	}
	if s.Length == 0 {
		return b.Put(ctx, key, nil) // a multipart upload has at least one part
	}
	parts := make([]minio.CompletePart, len(s.Parts))
	for i, tag := range s.Parts {
		parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: tag}
	}
	_, err = b.core.CompleteMultipartUpload(ctx, b.bucket, b.prefix+key, s.Upload, parts, minio.PutObjectOptions{})
	if minio.ToErrorResponse(err).Code == "NoSuchUpload" {
		if size, statErr := b.Stat(ctx, key); statErr == nil && size == s.Length {
			return nil // it was finished before
		}
	}
	return storeError("finish", key, err)
}

// Abort is described at [blob.Staging]. It ends every multipart upload of the key: after a crash there may be one that no
// saved state knows.
func (b *Bucket) Abort(ctx context.Context, key string, _ []byte) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	for {
		found, err := b.core.ListMultipartUploads(ctx, b.bucket, b.prefix+key, "", "", "", 1000)
		if err != nil {
			return storeError("abort", key, err)
		}
		for _, u := range found.Uploads {
			if u.Key != b.prefix+key {
				continue // of a longer key
			}
			err := b.core.AbortMultipartUpload(ctx, b.bucket, u.Key, u.UploadID)
			if err != nil && minio.ToErrorResponse(err).Code != "NoSuchUpload" {
				return storeError("abort", key, err)
			}
		}
		if !found.IsTruncated {
			return nil
		}
	}
}
