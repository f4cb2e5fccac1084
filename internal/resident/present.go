package resident

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Memory keeps the newest checkpoint of an exchange that this device has seen, so that the record cannot be rolled back or
// forked behind its back.
type Memory interface {
	// Seen returns the checkpoint as it was given to Saw, or "".
	Seen() string
	// Saw keeps a checkpoint that was verified and continues the one before.
	Saw(checkpoint string) error
}

// documents keeps the newest state document: it changes only when what it tells does.
type documents struct {
	mu   sync.Mutex // guards both
	hash string
	raw  []byte
}

// Present fetches the newest state of the exchange's record and verifies it: one small file for everybody the same, and the
// document that it commits to, which is fetched only when it has changed. Neither tells which request anybody looks at.
func (x *Exchange) Present(ctx context.Context, verifier string) (evidence.Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	none := evidence.Standing{}
	raw, err := x.get(ctx, evidence.HeadKey, evidence.MaxHead)
	if errors.Is(err, footage.NotFound) {
		return none, untrusted("head_missing", "The exchange shows no present state of its public record, so nobody can tell which keys count now. Nothing is sealed on its word.")
	}
	if err != nil {
		return none, fmt.Errorf("fetch the record's head: %w", err)
	}
	h, err := evidence.ParseHead(raw)
	if err != nil {
		return none, untrusted("bad_head", "The present state of the exchange's public record cannot be read: "+err.Error())
	}
	hash, err := h.StateHash()
	if err != nil {
		return none, err
	}
	document, err := x.document(ctx, hash)
	if err != nil {
		return none, err
	}
	s, err := h.Verify(x.trust(), verifier, document, x.now())
	if err != nil {
		return none, fmt.Errorf("verify the record's head: %w", err)
	}
	return s, x.remember(ctx, h, s)
}

// document returns a state document by its hash, unverified.
func (x *Exchange) document(ctx context.Context, hash string) ([]byte, error) {
	x.state.mu.Lock()
	defer x.state.mu.Unlock()
	if x.state.hash == hash {
		return x.state.raw, nil
	}
	raw, err := x.get(ctx, ledger.StateKey(hash), ledger.MaxState)
	if errors.Is(err, footage.NotFound) {
		return nil, untrusted("state_missing", "The exchange keeps back the state that its public record commits to.")
	}
	if err != nil {
		return nil, fmt.Errorf("fetch the record's state: %w", err)
	}
	x.state.hash, x.state.raw = hash, raw
	return raw, nil
}

// remember makes sure that the record only grew since this device looked last, and keeps the new head.
func (x *Exchange) remember(ctx context.Context, h evidence.Head, s evidence.Standing) error {
	if x.Memory == nil || x.Verifier == "" {
		return nil
	}
	if note := x.Memory.Seen(); note != "" {
		seen, err := ledger.OpenCheckpoint([]byte(note), x.Verifier)
		if err != nil {
			return untrusted("seen_other", "What this device has kept of the exchange's public record is not signed with the key that you pinned. Pin the exchange anew if you know why.")
		}
		told, err := h.Continues(seen, s.Checkpoint)
		if err == nil && !told {
			err = x.continues(ctx, seen, h.Checkpoint, s.Checkpoint)
		}
		if errors.Is(err, footage.Conflict) {
			err = untrusted("rolled_back", err.Error())
		}
		if err != nil {
			return err
		}
	}
	return x.Memory.Saw(h.Checkpoint)
}

// continues proves from the record's tiles that a checkpoint only adds to one that was seen.
func (x *Exchange) continues(ctx context.Context, seen ledger.Checkpoint, note string, now ledger.Checkpoint) error {
	proof, err := ledger.ProveConsistency(ctx, source{x}, seen.Size, []byte(note))
	switch {
	case errors.Is(err, footage.NotFound) || errors.Is(err, footage.Untrusted):
		return untrusted("record_forked", "The exchange does not show that its public record goes on from what this device has seen of it. Keep both checkpoints and tell the oversight body.")
	case err != nil:
		return fmt.Errorf("read the record: %w", err)
	}
	return ledger.VerifyConsistency(seen, now, proof)
}

// source reads the record's objects from the exchange.
type source struct{ x *Exchange }

// Get is described at [ledger.Source].
func (s source) Get(ctx context.Context, key string) ([]byte, error) { return s.x.get(ctx, key, 1<<20) }

// get fetches a public object of at most so many bytes.
func (x *Exchange) get(ctx context.Context, key string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.Client.Base+"/"+key, nil)
	if err != nil {
		return nil, footage.E(footage.Invalid, "The exchange's address is not one. It looks like https://exchange.example.")
	}
	res, err := x.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", footage.E(footage.Unavailable, "The exchange's answer broke off. Try again."), err)
	case int64(len(raw)) > limit:
		return nil, untrusted("too_long", "The exchange gives more than such a file can hold.")
	}
	return raw, nil
}

// trust is what this device knows beforehand of the exchange.
func (x *Exchange) trust() evidence.Trust {
	return evidence.Trust{Verifier: x.Verifier, Witnesses: x.Witnesses, Quorum: x.Quorum, MaxAge: x.MaxAge}
}
