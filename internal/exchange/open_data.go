package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// RecordEntries returns the encoded entries of the public record from index from on, in order, at most limit of them and none
// that the newest checkpoint does not cover.
func (x *Exchange) RecordEntries(ctx context.Context, from int64, limit int) (entries [][]byte, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		head, err := tx.LogHead()
		if err != nil || from >= head.Integrated {
			return err
		}
		entries, err = tx.LogEntries(from, int(min(int64(limit), head.Integrated-from)))
		return err
	})
	return entries, err
}

// RequestSize is what a public request adds to figures.
type RequestSize struct {
	ID          footage.RequestID
	Agency      footage.AgencyID
	Entry       int64 // of its publication
	Open        bool
	Published   time.Time
	CameraHours float64 // square miles times hours
}

// RequestSizes returns the sizes of all public requests, the oldest first.
func (x *Exchange) RequestSizes(ctx context.Context) ([]RequestSize, error) {
	var rows []store.RequestSize
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.RequestSizes()
		return err
	})
	return sizesOf(rows), err
}

// SizesOf returns the sizes of those among some requests that are public.
func (x *Exchange) SizesOf(ctx context.Context, ids []footage.RequestID) ([]RequestSize, error) {
	var rows []store.RequestSize
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		rows = nil
		for _, id := range ids {
			row, err := tx.RequestSize(id)
			if errors.Is(err, footage.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	return sizesOf(rows), err
}

func sizesOf(rows []store.RequestSize) []RequestSize {
	out := make([]RequestSize, len(rows))
	for i, z := range rows {
		out[i] = RequestSize{ID: z.ID, Agency: z.Agency, Entry: z.LogIndex, Open: z.Status == footage.Published, Published: z.Published,
			CameraHours: squareMiles(z.SquareMetres) * z.Window.Duration().Hours()}
	}
	return out
}

// RequestsBetween returns the public requests that were published in [from, to), the oldest first.
func (x *Exchange) RequestsBetween(ctx context.Context, from, to time.Time) ([]footage.PublicRequest, error) {
	return x.readPublic(ctx, func(tx *store.Tx) ([]store.Request, error) { return tx.PublicRequestsBetween(from, to) })
}

// ReadEntries returns the encoded entries in [from, to) from the tiles of the record that a checkpoint of ours covers.
func (x *Exchange) ReadEntries(ctx context.Context, checkpoint string, from, to int64) (entries [][]byte, err error) {
	c, err := ledger.OpenCheckpoint([]byte(checkpoint), x.info.LogVerifier)
	if err != nil {
		return nil, fmt.Errorf("open our own checkpoint: %w", err)
	}
	for raw, err := range ledger.Entries(ctx, x.objects, c.Tree, from, to) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, raw)
	}
	return entries, nil
}

// ProveEntry returns an entry with the proof that it is in the tree of a checkpoint of ours, from the tiles.
func (x *Exchange) ProveEntry(ctx context.Context, checkpoint string, index int64) (raw []byte, proof ledger.Inclusion, err error) {
	if proof, err = ledger.ProveInclusion(ctx, x.tiles, []byte(checkpoint), index); err != nil {
		return nil, proof, err
	}
	c, err := ledger.OpenCheckpoint([]byte(checkpoint), x.info.LogVerifier)
	if err != nil {
		return nil, proof, fmt.Errorf("open our own checkpoint: %w", err)
	}
	raw, err = ledger.ReadEntry(ctx, x.tiles, c.Tree, index)
	return raw, proof, err
}
