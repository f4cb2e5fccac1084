package deskweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
)

// work is long work on one share.
type work struct {
	over chan struct{} // closed when it has ended
	err  error         // why it failed; set before over is closed
	say  text.Key      // what is said when it went well

	mu  sync.Mutex // guards now
	now ui.DeskWork
}

// step begins a step of the work and returns where its progress goes.
func (w *work) step(what text.Key) desk.Progress {
	tell := func(done, total int64) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now = ui.DeskWork{What: what, Done: done, Total: total}
	}
	tell(0, 0)
	return tell
}

func (w *work) progress() ui.DeskWork {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// ended reports whether the work is over.
func (w *work) ended() bool {
	select {
	case <-w.over:
		return true
	default:
		return false
	}
}

// begin does work on the share that is asked for, and waits for it a little. The work goes on when the browser does not wait.
func (s *Server) begin(v *visitor, say text.Key, do func(ctx context.Context, w *work, id footage.ShareID) error) (done, error) {
	id, w := shareOf(v), &work{over: make(chan struct{}), say: say}
	to := done{path: "/shares/" + string(id)}
	s.mu.Lock()
	if other := s.works[id]; other != nil && !other.ended() {
		s.mu.Unlock()
		return done{}, footage.E(footage.Conflict, "Something is being done with this share already. Wait for it to end.")
	}
	s.works[id] = w
	s.mu.Unlock()
	s.group.Go(func() error {
		defer close(w.over)
		w.err = do(s.ctx, w, id)
		return nil // the page tells it
	})
	wait := time.NewTimer(s.opts.Patience)
	defer wait.Stop()
	select {
	case <-w.over:
		s.take(id)
		to.say = say
		return to, w.err
	case <-wait.C:
	case <-v.Context().Done():
	}
	return to, nil
}

// take returns the work on a share, if there is any; what has ended is taken away.
func (s *Server) take(id footage.ShareID) *work {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.works[id]
	if w != nil && w.ended() {
		delete(s.works, id)
	}
	return w
}

// work answers the page's script, which asks how far the work is.
func (s *Server) work(w http.ResponseWriter, v *visitor) error {
	s.mu.Lock()
	at := s.works[shareOf(v)]
	s.mu.Unlock()
	out := struct {
		Percent int64  `json:"percent"`
		Line    string `json:"line"`
		Over    bool   `json:"over"`
	}{Over: at == nil || at.ended()}
	if at != nil {
		now := at.progress()
		out.Percent, out.Line = now.Percent(), s.pages.DeskLine(v.lang, now)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

// reasons says why something failed, one reason each.
func reasons(err error) []footage.Reason {
	var own *footage.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own) && len(own.Reasons) > 0:
		return own.Reasons
	case errors.As(err, &own):
		return []footage.Reason{{Code: own.Code, Msg: own.Msg}}
	}
	return []footage.Reason{{Msg: err.Error()}}
}
