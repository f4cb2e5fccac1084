package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/store/storetest"
)

var errUndo = errors.New("the write is undone")

// TestAppendLog lets many append at once, some of whom undo it, panic, look at the log in between, append by the other way or
// let a statement fail: each place in the log is taken once, by a write that stood, with the index that it was told.
func TestAppendLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url, Options{})
		write(t, db, func(tx *Tx) error { return tx.InsertLogHead() })
		const writers, each = 40, 6
		var mu sync.Mutex
		told := map[string]int64{}
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					name := fmt.Sprintf("%d-%d", w, i)
					index, err := appendSomehow(t.Context(), db, name, w%8)
					if stood := err == nil; stood != (w%8 < 4) {
						t.Errorf("%s: %v", name, err)
					} else if stood {
						mu.Lock()
						told[name] = index
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		checkLog(t, db, told, writers*each/2)
	})
}

// appendSomehow appends an entry whose body is its name, in one of eight ways; the last four must leave nothing.
func appendSomehow(ctx context.Context, db *DB, name string, way int) (index int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errUndo, p)
		}
	}()
	err = db.Write(ctx, func(tx *Tx) (err error) {
		if way == 1 || way == 5 { // a statement first, so that there is something to undo
			if _, err := tx.exec("INSERT INTO job (name, due) VALUES ($1, $2)", name, 1); err != nil {
				return err
			}
		}
		if index, err = appendOne(tx, name, way); err != nil {
			return err
		}
		switch way {
		case 2, 6:
			if err := sees(tx, index, name); err != nil {
				return err
			}
		case 4, 5:
			return errUndo
		case 7:
			panic("in the midst of a write")
		}
		if way == 6 {
			_, _ = tx.exec("INSERT INTO no_such_table (a) VALUES (1)")
		}
		return nil
	})
	return index, err
}

func appendOne(tx *Tx, name string, way int) (int64, error) {
	if way == 3 {
		index, _, err := tx.BumpLog(time.UnixMicro(5))
		if err != nil {
			return 0, err
		}
		return index, tx.InsertLogEntry(index, "kind", name, []byte(name))
	}
	index, _, err := tx.AppendLog(time.UnixMicro(5), "kind", name, func(time.Time) ([]byte, error) { return []byte(name), nil })
	return index, err
}

// sees checks that a write reads what it has appended.
func sees(tx *Tx, index int64, name string) error {
	head, err := tx.LogHead()
	if err != nil || head.Size != index+1 {
		return fmt.Errorf("behind entry %d the head says %d: %w", index, head.Size, err)
	}
	body, err := tx.LogEntry(index)
	if err != nil || string(body) != name {
		return fmt.Errorf("entry %d is %q: %w", index, body, err)
	}
	return nil
}

func checkLog(t *testing.T, db *DB, told map[string]int64, want int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) error {
		head, err := tx.LogHead()
		if err != nil {
			return err
		}
		entries, err := tx.LogEntries(0, want+1)
		if err != nil {
			return err
		}
		if head.Size != int64(want) || len(entries) != want || len(told) != want {
			t.Errorf("the head says %d, there are %d entries and %d were told of theirs; want %d", head.Size, len(entries), len(told), want)
		}
		for i, body := range entries {
			if told[string(body)] != int64(i) {
				t.Errorf("entry %d is that of %s, which was told %d", i, body, told[string(body)])
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAppendLogRefused: an entry that cannot be made takes no place, and neither does one whose head was moved by another.
func TestAppendLogRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url, Options{})
		write(t, db, func(tx *Tx) error { return tx.InsertLogHead() })
		entry := func(time.Time) ([]byte, error) { return []byte("x"), nil }
		for name, fn := range map[string]func(*Tx) error{
			"no entry": func(tx *Tx) error {
				_, _, err := tx.AppendLog(time.UnixMicro(1), "k", "", func(time.Time) ([]byte, error) { return nil, errUndo })
				return err
			},
			"no text": func(tx *Tx) error {
				_, _, err := tx.AppendLog(time.UnixMicro(1), "k", "a\x00b", entry)
				return err
			},
			"taken": func(tx *Tx) error {
				if err := tx.InsertLogEntry(0, "k", "", nil); err != nil {
					return err
				}
				_, _, err := tx.AppendLog(time.UnixMicro(1), "k", "", entry)
				return err
			},
		} {
			if err := db.Write(t.Context(), fn); err == nil {
				t.Errorf("%s: it was written", name)
			}
		}
		write(t, db, func(tx *Tx) error {
			for range 3 * maxWaiting / 2 {
				if _, at, err := tx.AppendLog(time.UnixMicro(7), "k", strings.Repeat("s", 64), entry); err != nil || at.UnixMicro() != 7 {
					return fmt.Errorf("at %v: %w", at, err)
				}
			}
			_, at, err := tx.AppendLog(time.UnixMicro(3), "k", "", entry)
			if at.UnixMicro() != 7 {
				t.Errorf("time went back to %v", at)
			}
			return err
		})
		err := db.Read(t.Context(), func(tx *Tx) error {
			head, err := tx.LogHead()
			if want := int64(3*maxWaiting/2 + 1); head.Size != want {
				t.Errorf("%d entries, not %d", head.Size, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
