// Package witness asks outside witnesses to cosign checkpoints, over https://c2sp.org/tlog-witness. A witness signs only what
// continues the checkpoint that it has signed before: a log that shows two pasts finds cosignatures for one of them at most.
package witness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// timeout is how long one witness may take for an answer.
const timeout = 10 * time.Second

// maxAnswer bounds what a witness's answer may weigh.
const maxAnswer = 16 << 10

// Client speaks with one witness. It is safe for concurrent use.
type Client struct {
	URL string // without a slash at the end; "/add-checkpoint" follows
	Key ledger.Witness

	mu   sync.Mutex
	last int64 // the size that the witness has signed last, as far as is known; guarded by mu
}

// Group is the witnesses of one log.
type Group struct {
	Witnesses []*Client
	Quorum    int // how many must have cosigned; at least 1
	HTTP      *http.Client
}

// Parse reads a list of witnesses: a line for each with its verifier key and its address, empty lines and those that begin
// with # aside. The quorum must be between 1 and their number.
func Parse(text []byte, quorum int) (*Group, error) {
	g := &Group{Quorum: quorum}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, url, ok := strings.Cut(line, " ")
		url = strings.TrimRight(strings.TrimSpace(url), "/")
		if !ok || !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
			return nil, footage.E(footage.Invalid, "A line of the list of witnesses is a verifier key, a space and an address, such as witness.example+1a2b3c4d+BA… https://witness.example.")
		}
		w, err := ledger.NewWitness(key)
		if err != nil {
			return nil, err
		}
		g.Witnesses = append(g.Witnesses, &Client{URL: url, Key: w})
	}
	if quorum < 1 || quorum > len(g.Witnesses) {
		return nil, footage.E(footage.Invalid, fmt.Sprintf("The quorum of witnesses must be between 1 and their number, which is %d.", len(g.Witnesses)))
	}
	return g, nil
}

// Cosigned reports whether a note bears the quorum's cosignatures.
func (g *Group) Cosigned(note []byte) bool {
	keys := make([]ledger.Witness, len(g.Witnesses))
	for i, w := range g.Witnesses {
		keys[i] = w.Key
	}
	all, err := ledger.Cosignatures(note, keys...)
	return err == nil && len(all) >= g.Quorum
}

// errAhead means that a witness has signed a larger record than the one it is shown.
func errAhead(name string, theirs, ours int64) error {
	return footage.Coded(footage.Untrusted, "rolled_back", fmt.Sprintf(
		"The witness %s has cosigned %d entries of the public record, this exchange shows %d: its database was put back from a copy. Use 'porchlight restore', so that the record is not forked.", name, theirs, ours))
}

// Cosign asks every witness at once for a cosignature of a signed checkpoint, whose log is read from src, and returns the note
// with those that came. Fewer than the quorum is of kind [footage.Unavailable], with the note as far as it came; that a witness
// has seen more, or another record, of kind [footage.Untrusted].
func (g *Group) Cosign(ctx context.Context, src ledger.Source, note []byte, size int64) ([]byte, error) {
	given := make([]*ledger.Cosignature, len(g.Witnesses))
	failed := make([]error, len(g.Witnesses))
	var group errgroup.Group
	for i, w := range g.Witnesses {
		group.Go(func() error {
			given[i], failed[i] = g.ask(ctx, w, src, note, size)
			return nil
		})
	}
	_ = group.Wait() // each failure is in its place
	count := 0
	for _, c := range given {
		if c != nil {
			note = ledger.WithCosignatures(note, *c)
			count++
		}
	}
	all := errors.Join(failed...)
	if errors.Is(all, footage.Untrusted) || count >= g.Quorum {
		return note, untrusted(failed)
	}
	return note, fmt.Errorf("%w: %w", footage.E(footage.Unavailable, fmt.Sprintf("%d of the %d witnesses that are needed have cosigned the public record. Those that did not are asked again.", count, g.Quorum)), all)
}

// untrusted returns the first failure that is more than a silence.
func untrusted(failed []error) error {
	for _, err := range failed {
		if errors.Is(err, footage.Untrusted) {
			return err
		}
	}
	return nil
}

// ask asks one witness, a second time from where it says that it stands.
func (g *Group) ask(ctx context.Context, w *Client, src ledger.Source, note []byte, size int64) (*ledger.Cosignature, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range 2 {
		if w.last > size {
			return nil, errAhead(w.Key.Name(), w.last, size)
		}
		proof, err := ledger.ProveConsistency(ctx, src, w.last, note)
		if err != nil {
			return nil, err
		}
		c, known, err := g.add(ctx, w, w.last, proof, note)
		if err != nil || c != nil {
			if c != nil {
				w.last = size
			}
			return c, err
		}
		w.last = known
	}
	if w.last > size {
		return nil, errAhead(w.Key.Name(), w.last, size)
	}
	return nil, footage.E(footage.Unavailable, "The witness "+w.Key.Name()+" has seen the record grow meanwhile. It is asked again.")
}

// add sends a checkpoint. Without a cosignature and an error, known is the size that the witness has signed last.
func (g *Group) add(ctx context.Context, w *Client, old int64, proof []tlog.Hash, note []byte) (c *ledger.Cosignature, known int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", old)
	for _, h := range proof {
		fmt.Fprintf(&body, "%s\n", h)
	}
	body.WriteString("\n")
	body.Write(note)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/add-checkpoint", &body)
	if err != nil {
		return nil, 0, footage.E(footage.Invalid, "The address of the witness "+w.Key.Name()+" is none.")
	}
	client := g.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, 0, footage.E(footage.Unavailable, fmt.Sprintf("The witness %s cannot be reached (%v).", w.Key.Name(), err))
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, 0, footage.E(footage.Unavailable, "The answer of the witness "+w.Key.Name()+" broke off.")
	}
	return w.answer(res.StatusCode, raw, note)
}

// answer reads a witness's answer.
func (w *Client) answer(status int, raw, note []byte) (*ledger.Cosignature, int64, error) {
	name := w.Key.Name()
	switch status {
	case http.StatusOK:
		all, err := ledger.Cosignatures(append([]byte(ledger.Text(note)+"\n"), raw...), w.Key)
		if err != nil || len(all) == 0 {
			return nil, 0, footage.E(footage.Unavailable, "The witness "+name+" gave no valid cosignature.")
		}
		return &all[0], 0, nil
	case http.StatusConflict:
		known, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
		if err != nil || known < 0 {
			return nil, 0, footage.E(footage.Unavailable, "The witness "+name+" does not say how much of the record it has seen.")
		}
		return nil, known, nil
	case http.StatusUnprocessableEntity:
		return nil, 0, footage.Coded(footage.Untrusted, "forked", "The witness "+name+" has cosigned another record of this name than the one that this exchange has. Nothing may be signed here: look for the right database.")
	case http.StatusNotFound, http.StatusForbidden:
		return nil, 0, footage.E(footage.Unavailable, "The witness "+name+" does not know this record, or not its key. Ask its operator to add it.")
	}
	return nil, 0, footage.E(footage.Unavailable, fmt.Sprintf("The witness %s answers %d.", name, status))
}
