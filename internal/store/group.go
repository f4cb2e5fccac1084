package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A batch is committed when nobody waits for the turn, and at the latest when it holds maxBatch Writes or is maxAge old, which
// bounds how long the first of them waits.
const (
	maxBatch = 256
	maxAge   = 20 * time.Millisecond
)

// group lets concurrent Writes to SQLite share one transaction, and so one sync, without a goroutine of its own. A turn
// goes from caller to caller, first come first: whoever has it opens a transaction if none is open, runs its function
// inside a savepoint, and hands the turn to the next who waits; when nobody waits, it commits for all. So each function
// runs on its caller's goroutine, a lone Write waits for nobody, and while one batch is synced the next one gathers.
type group struct {
	conn     *statements
	patience time.Duration

	open *batch   // belongs to whoever has the turn
	log  logQueue // of the open batch; belongs to whoever has the turn

	mu    sync.Mutex
	queue []chan struct{} // who waits for the turn
	taken bool            // somebody has the turn
}

// batch is one transaction. Size and err belong to whoever has the turn until done is closed; then err is final.
type batch struct {
	size  int
	began time.Time
	done  chan struct{}
	err   error
}

func newGroup(conn *sql.Conn, patience time.Duration) *group {
	return &group{conn: &statements{conn: conn, prepared: map[string]*sql.Stmt{}}, patience: patience}
}

// write keeps the contract of [DB.Write]. A function's own error, too, waits for the commit: what it saw may be what a
// neighbour wrote.
func (g *group) write(ctx context.Context, fn func(*Tx) error) error {
	b, err := g.enter(ctx)
	if err != nil {
		return err
	}
	err = g.run(ctx, b, fn)
	<-b.done
	if b.err != nil {
		return b.err
	}
	return err
}

// enter waits for the turn and for SQLite's own lock, which another process may hold.
func (g *group) enter(ctx context.Context) (*batch, error) {
	wait, cancel := context.WithTimeoutCause(ctx, g.patience, tellSQLite(sqliteBusy))
	defer cancel()
	if err := g.take(wait); err != nil {
		return nil, err
	}
	if g.open == nil {
		if err := g.begin(wait); err != nil {
			g.pass()
			return nil, err
		}
		g.open, g.log = &batch{began: time.Now(), done: make(chan struct{})}, logQueue{}
	}
	return g.open, nil
}

func (g *group) begin(ctx context.Context) error {
	return persist(ctx, g.patience, func() error {
		err := g.conn.do("begin immediate")
		if busy(err) {
			return again{explain(err)}
		}
		return explain(err)
	})
}

// run runs fn in a savepoint, which begins with its first statement, and passes the turn on, even when fn panics.
func (g *group) run(ctx context.Context, b *batch, fn func(*Tx) error) (err error) {
	defer g.pass()
	b.size++
	isolated := false
	tx := &Tx{ctx: ctx, q: g.conn, log: &g.log, isolate: func() error {
		isolated = true
		return g.conn.do("savepoint one")
	}}
	before := g.log
	returned := false
	defer func() {
		if returned && err == nil {
			if isolated {
				b.err = explain(g.conn.do("release one"))
			}
			return
		}
		g.log = before
		if !isolated {
			return
		}
		if undo := g.conn.do("rollback to one; release one"); undo != nil {
			// Errors such as a full disk undo the whole transaction: then all share the reason.
			b.err = errors.Join(tx.failed, fmt.Errorf("undo one of several writes: %w", explain(undo)))
		}
	}()
	err = fn(tx)
	returned = true
	if err == nil {
		err = tx.failed
	}
	return err
}

// take waits for the turn.
func (g *group) take(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	g.mu.Lock()
	if !g.taken {
		g.taken = true
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.queue = append(g.queue, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.leave(turn)
		return context.Cause(ctx)
	}
}

// leave gives up waiting. If the turn has come at this very moment, it is passed on.
func (g *group) leave(turn chan struct{}) {
	g.mu.Lock()
	i := slices.Index(g.queue, turn)
	if i >= 0 {
		g.queue = slices.Delete(g.queue, i, i+1)
	}
	g.mu.Unlock()
	if i < 0 {
		g.pass()
	}
}

// pass gives the turn to the next, with the open transaction if it may grow, after committing it if it may not.
func (g *group) pass() {
	b := g.open
	g.mu.Lock()
	if b != nil && b.err == nil && len(g.queue) == 0 {
		g.mu.Unlock()
		runtime.Gosched() // lets those come whom the commit before has just released: else they would wait for the next
		g.mu.Lock()
	}
	grow := b != nil && b.err == nil && b.size < maxBatch && len(g.queue) > 0 && time.Since(b.began) < maxAge
	if b != nil && !grow {
		g.mu.Unlock()
		g.finish(b)
		g.mu.Lock()
	}
	defer g.mu.Unlock()
	if len(g.queue) == 0 {
		g.taken = false
		return
	}
	close(g.queue[0])
	g.queue = slices.Delete(g.queue, 0, 1)
}

// finish commits the open transaction and tells all who wait for it.
func (g *group) finish(b *batch) {
	if b.err == nil {
		b.err = g.log.flush(&Tx{ctx: context.Background(), q: g.conn, log: &g.log})
	}
	if b.err == nil {
		b.err = explain(g.conn.do("commit"))
	}
	if b.err != nil {
		_ = g.conn.do("rollback") // SQLite may have rolled back itself, then this is refused
	}
	g.open = nil
	close(b.done)
}

// statements runs SQL on one connection and keeps each statement prepared: their texts are constants of this program.
// A caller's context must not reach SQLite here: a statement that is interrupted undoes the whole transaction, and with
// it what others wrote. Tx looks at the context before each statement instead.
type statements struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func (s *statements) prepare(query string) (*sql.Stmt, error) {
	if stmt := s.prepared[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err == nil {
		s.prepared[query] = stmt
	}
	return stmt, err
}

func (s *statements) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

func (s *statements) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

// do runs a statement of the transaction's own.
func (s *statements) do(query string) error {
	_, err := s.ExecContext(context.Background(), query)
	return err
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}
