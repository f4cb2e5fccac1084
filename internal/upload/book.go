// Package upload takes in sealed clips over the tus protocol, version 1.0 (https://tus.io/protocols/resumable-upload):
// core, creation and creation-with-upload, and nothing else of it.
//
// The protocol is tusd's; the store behind it is ours. A byte is acknowledged only when it is durable in the bucket and the
// [Book] has noted it, so that neither a cut line nor a killed server nor a lost machine takes back what a sender was told.
// The digest of the sealed bytes is made on the way, in one pass. The server learns a size and a digest: no name, type or
// other metadata is accepted, and an upload's ID, which is the right to continue it, appears in no log and no message.
package upload

import (
	"context"

	"porchlight.example/internal/footage"
)

// Book keeps what is known of uploads. The exchange implements it on its database. It may be called from many goroutines,
// and errors are footage errors, shown to the sender as they are; one without a kind is internal. No error may hold an
// upload's ID or ticket.
type Book interface {
	// Begin opens one upload, or refuses it. The row's ID is new, its Key free in the bucket, Offset 0 and State nil.
	// It may be asked again for the same clip by a sender who did not get the answer.
	Begin(ctx context.Context, o Opening) (Row, error)
	// Find returns an upload's row, [footage.NotFound] if there never was one or [footage.Gone] if it is over.
	Find(ctx context.Context, id footage.UploadID) (Row, error)
	// Progress saves a row durably, before the sender hears of its offset. It fails with [footage.Conflict] and saves
	// nothing unless the saved offset is still from and the upload is not complete: that is what keeps two nodes, each
	// with locks of its own, from both continuing one upload. It may be asked again after an error.
	Progress(ctx context.Context, from int64, row Row) error
}

// Opening is what a sender says when it opens an upload.
type Opening struct {
	Ticket string         // the bearer token of its share, as sent
	Clip   footage.ClipID // from the header Porchlight-Clip; empty or of the right form
	Length int64          // sealed bytes, 0 or more
}

// Row is one upload.
type Row struct {
	ID       footage.UploadID
	Key      string // in the bucket
	Length   int64  // declared, in bytes
	Offset   int64  // bytes that are durable
	State    []byte // the bucket's, opaque
	Segments []byte // hashes of the whole segments below Offset, 32 bytes each (see footage.SegmentDigest)
	Digest   string // SegmentDigest of all bytes; set when the upload is complete and its object visible
}

// complete reports whether every byte is there and the object is visible.
func (r Row) complete() bool { return r.Digest != "" }
