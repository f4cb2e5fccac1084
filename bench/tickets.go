package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/upload"
)

// batch is how many clips are announced at once, as a resident with many small clips does.
const batch = 100

// tickets lets callers upload that speak tus and nothing else: each upload that they open becomes a clip of a share that was
// begun for it by the exchange's own use case, and everything behind that is the exchange's.
type tickets struct {
	exchange http.Handler
	node     *node.Node
	request  footage.RequestID
	blobs    string // folder of the stored clips

	mu     sync.Mutex
	ready  map[int64][]clip // announced and not opened yet, by length
	stored map[string]string
}

type clip struct {
	ticket string
	id     footage.ClipID
}

func newTickets(ctx context.Context, h http.Handler, n *node.Node, blobs string) (*tickets, error) {
	open, err := n.Exchange.PublicRequests(ctx, true)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, footage.E(footage.NotFound, "No request is open. Run 'bench prepare' first.")
	}
	return &tickets{exchange: h, node: n, request: open[0].ID, blobs: blobs, ready: map[int64][]clip{}, stored: map[string]string{}}, nil
}

// ServeHTTP puts a ticket into each request that opens an upload, and hands stored clips out to those who ask for them back.
func (t *tickets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/uploads/":
		t.open(w, r)
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/uploads/"):
		t.mu.Lock()
		id := t.stored[r.URL.Path]
		t.mu.Unlock()
		http.ServeFile(w, r, filepath.Join(t.blobs, id))
	default:
		t.exchange.ServeHTTP(w, r)
	}
}

func (t *tickets) open(w http.ResponseWriter, r *http.Request) {
	length, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, err := t.next(r.Context(), length)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	r.Header.Set("Authorization", "Bearer "+c.ticket)
	r.Header.Set(upload.ClipHeader, string(c.id))
	t.exchange.ServeHTTP(w, r)
	t.mu.Lock()
	t.stored[w.Header().Get("Location")] = string(c.id)
	t.mu.Unlock()
}

// next returns an announced clip of a length; when none is left it begins another share.
func (t *tickets) next(ctx context.Context, length int64) (clip, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ready[length]) == 0 {
		if err := t.begin(ctx, length); err != nil {
			return clip{}, err
		}
	}
	all := t.ready[length]
	t.ready[length] = all[1:]
	return all[0], nil
}

func (t *tickets) begin(ctx context.Context, length int64) error {
	work, err := t.node.Exchange.Work(ctx)
	if err != nil {
		return err
	}
	solution, err := work.Solve(ctx)
	if err != nil {
		return err
	}
	n := 1
	if length <= 4<<20 {
		n = batch
	}
	sizes := make([]int64, n)
	for i := range sizes {
		sizes[i] = length
	}
	begun, err := t.node.Exchange.BeginShare(ctx, t.request, api.BeginShare{Work: solution, Credential: footage.NewSecret(), Epoch: 1, Sizes: sizes})
	if err != nil {
		return err
	}
	for _, id := range begun.Clips {
		t.ready[length] = append(t.ready[length], clip{begun.Ticket, id})
	}
	return nil
}
