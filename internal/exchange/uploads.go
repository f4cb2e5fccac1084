package exchange

import (
	"context"
	"errors"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/internal/upload"
)

// Book is the exchange's book of uploads for package upload.
type Book struct{ x *Exchange }

// Book returns the book of uploads.
func (x *Exchange) Book() Book { return Book{x} }

// Begin opens the upload of an announced clip for the holder of a share's ticket and gives it its secret ID.
func (b Book) Begin(ctx context.Context, o upload.Opening) (upload.Row, error) {
	x := b.x
	var row upload.Row
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.ShareByTicket(hashOf(o.Ticket))
		if errors.Is(err, footage.NotFound) || (err == nil && (s.State != footage.ShareBegun || x.now().After(s.Expires))) {
			return refused()
		}
		if err != nil {
			return err
		}
		u, err := announced(tx, s.ID, o)
		if err != nil {
			return err
		}
		id := footage.UploadID(footage.NewID(x.random("upload", string(u.Clip)), "u"))
		row = upload.Row{ID: id, Key: u.Key, Length: o.Length}
		return tx.NameUpload(u.Clip, hashOf(string(id)), nil)
	})
	return row, err
}

// announced returns the clip that an upload is for: the one named, or the first of that length that was not opened yet.
func announced(tx *store.Tx, share footage.ShareID, o upload.Opening) (store.Upload, error) {
	all, err := tx.Uploads(share)
	if err != nil {
		return store.Upload{}, err
	}
	for _, u := range all {
		opened := u.IDHash != string(u.Clip)
		if u.Length == o.Length && (u.Clip == o.Clip || o.Clip == "" && !opened) {
			return u, nil
		}
	}
	return store.Upload{}, footage.Coded(footage.Conflict, "not_announced", "No clip of this length waits for an upload in this share. Begin a new share with the right sizes.")
}

// Find returns an upload that can go on.
func (b Book) Find(ctx context.Context, id footage.UploadID) (upload.Row, error) {
	var row upload.Row
	err := b.x.db.Read(ctx, func(tx *store.Tx) error {
		u, err := tx.Upload(hashOf(string(id)))
		if err != nil {
			return err
		}
		row = upload.Row{ID: id, Key: u.Key, Length: u.Length, Offset: u.Received, State: u.State, Segments: u.Segments, Digest: u.Digest}
		return nil
	})
	return row, err
}

// Progress records a durable offset before it is acknowledged.
func (b Book) Progress(ctx context.Context, from int64, row upload.Row) error {
	return b.x.db.Write(ctx, func(tx *store.Tx) error {
		return tx.Progress(store.Upload{IDHash: hashOf(string(row.ID)), Received: row.Offset, State: row.State, Segments: row.Segments, Digest: row.Digest}, from)
	})
}
