package upload_test

import (
	"context"
	"crypto/rand"
	"sync"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/upload"
)

// memory is a Book without a database. Its ticket is "ticket".
type memory struct {
	mu   sync.Mutex
	rows map[footage.UploadID]upload.Row
	// fail is returned by the next call of Progress, once.
	fail error
	// seen receives every offset that is saved, if it is not nil.
	seen func(upload.Row)
	// found is called when an upload is found, if it is not nil.
	found func()
}

func newMemory() *memory { return &memory{rows: map[footage.UploadID]upload.Row{}} }

func (m *memory) Begin(_ context.Context, o upload.Opening) (upload.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case o.Ticket != "ticket":
		return upload.Row{}, footage.Coded(footage.Refused, "refused", "No upload is possible with this ticket.")
	case o.Length == 413:
		return upload.Row{}, footage.Coded(footage.TooLarge, "share_too_large", "The share is too large.")
	case o.Length == 429:
		return upload.Row{}, footage.Coded(footage.TooMany, "too_many", "Too many at once.")
	}
	row := upload.Row{
		ID:  footage.UploadID(footage.NewID(rand.Reader, "u")),
		Key: "clips/" + footage.NewID(rand.Reader, "x"), Length: o.Length,
	}
	m.rows[row.ID] = row
	return row, nil
}

func (m *memory) Find(_ context.Context, id footage.UploadID) (upload.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.rows[id]
	if !ok {
		return row, footage.E(footage.NotFound, "There is no such upload.")
	}
	if row.Key == "" {
		return row, footage.E(footage.Gone, "This upload is over.")
	}
	if m.found != nil {
		m.found()
	}
	return row, nil
}

func (m *memory) Progress(_ context.Context, from int64, row upload.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail; err != nil {
		m.fail = nil
		return err
	}
	if old := m.rows[row.ID]; old.Offset != from || old.Digest != "" {
		return footage.E(footage.Conflict, "The upload stands elsewhere.")
	}
	m.rows[row.ID] = row
	if m.seen != nil {
		m.seen(row)
	}
	return nil
}

// only returns the one row that there is.
func (m *memory) only() upload.Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range m.rows {
		return row
	}
	return upload.Row{}
}

func (m *memory) put(row upload.Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[row.ID] = row
}
