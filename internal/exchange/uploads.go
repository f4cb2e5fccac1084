package exchange

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/internal/upload"
)

// Book is the exchange's book of uploads for package upload.
type Book struct{ x *Exchange }

// Book returns the book of uploads.
func (x *Exchange) Book() Book { return Book{x} }

// uploadID returns the secret address of a clip's upload. It follows from the share's ticket, so that whoever holds the
// ticket has it and nobody else, and opening an upload stores nothing: the row that was made when the share began is enough.
func uploadID(ticket string, clip footage.ClipID) footage.UploadID {
	m := hmac.New(sha256.New, []byte(ticket))
	m.Write([]byte("porchlight/upload/" + clip))
	return footage.UploadID(footage.NewID(bytes.NewReader(m.Sum(nil)), "u"))
}

// Begin opens the upload of an announced clip for the holder of a share's ticket.
func (b Book) Begin(ctx context.Context, o upload.Opening) (upload.Row, error) {
	x := b.x
	var row upload.Row
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		s, err := tx.ShareByTicket(hashOf(o.Ticket))
		if errors.Is(err, footage.NotFound) || (err == nil && (s.State != footage.ShareBegun || !x.now().Before(s.Expires))) {
			return refused()
		}
		if err != nil {
			return err
		}
		u, err := announced(tx, s.ID, o)
		if err != nil {
			return err
		}
		row = upload.Row{ID: uploadID(o.Ticket, u.Clip), Key: u.Key, Length: o.Length}
		return nil
	})
	return row, err
}

// announced returns the clip that an upload is for.
func announced(tx *store.Tx, share footage.ShareID, o upload.Opening) (store.Upload, error) {
	all, err := tx.Uploads(share)
	if err != nil {
		return store.Upload{}, err
	}
	i := slices.IndexFunc(all, func(u store.Upload) bool { return u.Clip == o.Clip })
	switch {
	case i < 0 || all[i].Length != o.Length:
		return store.Upload{}, footage.Coded(footage.Conflict, "not_announced", "This share announced no such clip of this length. Name the clip in the header "+
			upload.ClipHeader+", or begin a new share with the right sizes.")
	case all[i].Received > 0 || all[i].Digest != "":
		return store.Upload{}, footage.Coded(footage.Conflict, "upload_begun", "This clip's upload has begun already. Continue it, or begin a new share.")
	}
	return all[i], nil
}

// Find returns an upload that can go on, or is complete. An upload of a share that is to be swept away is as good as gone.
func (b Book) Find(ctx context.Context, id footage.UploadID) (upload.Row, error) {
	var row upload.Row
	err := b.x.db.Read(ctx, func(tx *store.Tx) error {
		u, err := tx.Upload(hashOf(string(id)))
		if err != nil {
			return err
		}
		s, err := tx.Share(u.Share)
		if err != nil {
			return err
		}
		if s.State == footage.ShareBegun && !b.x.now().Before(s.Expires) {
			return footage.E(footage.NotFound, "This upload is over. Begin the share anew.")
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
