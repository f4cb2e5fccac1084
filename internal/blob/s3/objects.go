package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"

	"porchlight.example/internal/blob"
)

// options make every object the opaque bytes that it is, in one request.
func options() minio.PutObjectOptions {
	return minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true}
}

// Put is described at [blob.Objects].
func (b *Bucket) Put(ctx context.Context, key string, body []byte) error {
	return b.put(ctx, key, body, options())
}

// PutNew is described at [blob.Objects]. It needs a store that honours If-None-Match.
func (b *Bucket) PutNew(ctx context.Context, key string, body []byte) error {
	o := options()
	o.SetMatchETagExcept("*")
	return b.put(ctx, key, body, o)
}

func (b *Bucket) put(ctx context.Context, key string, body []byte, o minio.PutObjectOptions) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	_, err := b.core.Client.PutObject(ctx, b.bucket, b.prefix+key, bytes.NewReader(body), int64(len(body)), o)
	return storeError("put", key, err)
}

// Get is described at [blob.Objects].
func (b *Bucket) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	if length == 0 {
		_, err := b.Stat(ctx, key)
		return http.NoBody, err
	}
	var o minio.GetObjectOptions
	switch {
	case length > 0:
		o.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		o.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	body, _, _, err := b.core.GetObject(ctx, b.bucket, b.prefix+key, o)
	if minio.ToErrorResponse(err).StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return http.NoBody, nil // the range lies behind the end, or the object is empty
	}
	if err != nil {
		return nil, storeError("read", key, err)
	}
	return &reader{body: body, key: key}, nil
}

// reader gives failures in the middle of an object the kinds that the port promises.
type reader struct {
	body io.ReadCloser
	key  string
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err != nil && err != io.EOF {
		err = storeError("read", r.key, err)
	}
	return n, err
}

func (r *reader) Close() error { return r.body.Close() }

// Stat is described at [blob.Objects].
func (b *Bucket) Stat(ctx context.Context, key string) (int64, error) {
	if err := blob.CheckKey(key); err != nil {
		return 0, err
	}
	info, err := b.core.StatObject(ctx, b.bucket, b.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return 0, storeError("look for", key, err)
	}
	return info.Size, nil
}

// Delete is described at [blob.Objects].
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	err := b.core.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil
	}
	return storeError("delete", key, err)
}

// List is described at [blob.Objects].
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx) // ends the listing's requests when the caller stops early
		defer cancel(errors.New("listing ended"))
		for o := range b.core.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
			if o.Err != nil {
				yield(blob.Info{}, storeError("list", prefix, o.Err))
				return
			}
			key := strings.TrimPrefix(o.Key, b.prefix)
			if blob.CheckKey(key) == nil && !yield(blob.Info{Key: key, Size: o.Size}, nil) {
				return
			}
		}
	}
}
