package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/testenv"
)

// rounds returns how often a test repeats what it does: few times in a plain run, more often when nothing may be skipped,
// and as often as PORCHLIGHT_SOAK says in a long one.
func rounds(t testing.TB, plain, all int) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("PORCHLIGHT_SOAK")); err == nil {
		return n
	}
	if testenv.RequireAll() {
		return all
	}
	return plain
}

// seed returns the seed of a test's dice, which PORCHLIGHT_SEED sets to repeat a run that failed.
func seed(t testing.TB) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("PORCHLIGHT_SEED"), 10, 64)
	if err != nil {
		n = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to throw the same dice again: PORCHLIGHT_SEED=%d", n)
		}
	})
	return n
}

// onDisk makes an exchange with one published request in a data folder, on the wall's time, and leaves it closed, for the
// true program to serve.
func onDisk(t testing.TB) *world {
	t.Helper()
	return newStage(t, "on disk").onDisk(t)
}

func (s *stage) onDisk(t testing.TB) *world {
	t.Helper()
	s.start = time.Now().UTC().Truncate(time.Second)
	w := s.build(t, "on disk", func(o *node.Options) { o.AtOnce = true }, 1)
	w.wall, w.apart = true, true
	w.server.Close()
	must(t, w.node.Close())
	return w
}

// at points the clients to where the program serves.
func (w *world) at(base string) {
	w.base = base
	for role, c := range w.staff {
		w.staff[role] = w.public().As(c.Bearer)
	}
}

// serveArgs is the command line that serves the world's data folder.
func (w *world) serveArgs(t testing.TB) []string {
	return []string{build(t), "serve", "--data", w.opts.Data, "--listen", "127.0.0.1:0", "--release-at-once"}
}

// TestKilled kills the true program again and again at random moments while residents send, commit and take back, the
// agency publishes, picks up and confirms, and the exchange erases. After each restart everything that was acknowledged is
// there, nothing shows that was not committed, and what was on its way goes on.
func TestKilled(t *testing.T) {
	n := rounds(t, 40, 200)
	dice := rand.New(rand.NewPCG(seed(t), 1))
	w := onDisk(t)
	p := &promises{requests: w.requests}
	for round := range n {
		if err := killOnce(t, w, p, dice, round); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	t.Logf("%d kills: %s", n, p.tally())
	if n >= 40 && (len(p.requests) < 2 || p.size < 10 || p.count < 10*n) {
		t.Error("hardly anything happened, so this would prove nothing")
	}
	finish(t, w, p)
}

// killOnce starts the program, checks what it promised, lets people work and kills it. One round in eight it is killed
// while it starts.
func killOnce(t *testing.T, w *world, p *promises, dice *rand.Rand, round int) error {
	server, err := launch(w.serveArgs(t))
	if err != nil {
		return err
	}
	if dice.IntN(8) == 0 {
		time.AfterFunc(time.Duration(dice.IntN(60))*time.Millisecond, func() { _ = server.cmd.Process.Kill() })
		_ = server.drain()
		return nil
	}
	if err := server.ready(); err != nil {
		server.kill()
		return err
	}
	w.at(server.base)
	if err := p.check(t.Context(), w); err != nil {
		server.kill()
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	died := make(chan struct{})
	kill := sync.OnceFunc(func() {
		_ = server.cmd.Process.Kill()
		close(died)
	})
	delay := time.Duration(dice.IntN(5000)) * time.Microsecond
	p.until(1+dice.IntN(40), func() { time.AfterFunc(delay, kill) })
	time.AfterFunc(400*time.Millisecond, kill)
	err = p.work(ctx, t, w, dice, round, died)
	<-died
	_ = server.drain()
	return err
}

// work lets everybody act at once until the program is gone. Errors from then on are the crash's.
func (p *promises) work(ctx context.Context, t *testing.T, w *world, dice *rand.Rand, round int, died <-chan struct{}) error {
	var group errgroup.Group
	act := func(do func() error) {
		group.Go(func() error {
			for {
				select {
				case <-died:
					return nil
				default:
				}
				if err := do(); err != nil {
					return crashed(err, died)
				}
			}
		})
	}
	for i := range 3 {
		own := rand.New(rand.NewPCG(dice.Uint64(), uint64(i)))
		act(func() error {
			x := p.next(t, w, own, fmt.Sprintf("resident %d/%d/%d", round, i, own.Uint64()), i)
			return p.resident(ctx, w, x, w.requests[0], func() int64 { return 1 + own.Int64N(60_000) })
		})
	}
	act(func() error { return p.custodian(ctx, w) })
	if round%2 == 0 {
		group.Go(func() error { return crashed(p.publish(ctx, w, round), died) })
	}
	return group.Wait()
}

// crashed returns nothing for an error that the crash explains.
func crashed(err error, died <-chan struct{}) error {
	if err == nil || errors.Is(err, errBroken) {
		return err
	}
	select {
	case <-died:
		return nil
	case <-time.After(2 * time.Second): // the connection may break before we hear of the death
		return fmt.Errorf("while the program ran: %w", err)
	}
}

// next returns the share that the worker has still to finish, or a new one. Shares belong to one worker each.
func (p *promises) next(t *testing.T, w *world, dice *rand.Rand, name string, worker int) *promised {
	var found *promised
	p.note(func() {
		for _, x := range p.shares {
			done := x.receipt != nil && (!x.fickle || x.taken)
			if x.worker == worker && x.s != nil && !done {
				found = x
			}
		}
	})
	if found != nil {
		return found
	}
	clips := [][]byte{bytes.Repeat([]byte(name), 1000+dice.IntN(4000))}
	if dice.IntN(3) == 0 {
		clips = append(clips, bytes.Repeat([]byte("b"), 1+dice.IntN(5000)))
	}
	x := &promised{parcel: pack(t, w.epoch.Recipient(), name, clips...), worker: worker, fickle: dice.IntN(4) == 0}
	p.note(func() { p.shares = append(p.shares, x) })
	return x
}

// publish publishes one more request.
func (p *promises) publish(ctx context.Context, w *world, round int) error {
	in, err := w.draft(ctx, 0)
	if err != nil {
		return err
	}
	in.Document.Code = fmt.Sprintf("MLP-26-%06d", 100+round)
	in.Document.Nonce = api.Encode(w.bytes("nonce", in.Document.Code, 16))
	in.Private.CaseNumber = in.Document.Code
	in.Document.Case = footage.Commit(make([]byte, 16), in.Document.Code)
	id, err := w.publishDraft(ctx, in)
	if err == nil {
		p.acked(func() { p.requests = append(p.requests, id) })
	}
	return err
}

// finish lets every share that is on its way be finished, and the record be checked once more.
func finish(t *testing.T, w *world, p *promises) {
	t.Helper()
	server, err := launch(w.serveArgs(t))
	must(t, err)
	defer server.kill()
	must(t, server.ready())
	w.at(server.base)
	for _, x := range p.shares {
		if x.s != nil {
			must(t, p.resident(t.Context(), w, x, w.requests[0], func() int64 { return 1 << 20 }))
		}
	}
	must(t, p.check(t.Context(), w))
	must(t, server.stop())
	if said := server.said.String(); !bytes.Contains([]byte(said), []byte("serving")) {
		t.Errorf("it said %q", said)
	}
}
