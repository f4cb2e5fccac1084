package web

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/feed"
	"porchlight.example/ui"
)

// Config is what the HTTP face is built from.
type Config struct {
	Exchange *exchange.Exchange
	Pages    *ui.Pages
	Uploads  http.Handler // tus, mounted at /v1/uploads/
	Base     string       // public address, such as "https://exchange.example"
	Log      *slog.Logger
	Now      func() time.Time
	Ready    func(context.Context) error // nil: always ready
	Wake     func(job string)            // asks a job to run soon; nil: nothing
}

type server struct {
	x     *exchange.Exchange
	pages *ui.Pages
	cfg   Config
	log   *slog.Logger
	limit *limiter // of shares
	heard *limiter // of complaints
	// applyLimit is for the page of applications, which asks for no proof of work.
	applyLimit *limiter
	feed       atomic.Pointer[feed.Set]
	front      atomic.Pointer[frontData]
	books      library

	refreshing sync.Mutex // held while feed and front are made, so that nothing old replaces what is newer
	seen       int64      // size of the record when they were made; guarded by refreshing
}

// Handler serves one exchange.
type Handler struct {
	http.Handler
	s        *server
	patterns []string
}

// Patterns returns every route, such as "GET /v1/requests/{id}", as http.ServeMux reads them.
func (h *Handler) Patterns() []string { return slices.Clone(h.patterns) }

// New returns the handler and renders the feed once.
func New(ctx context.Context, cfg Config) (*Handler, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &server{x: cfg.Exchange, pages: cfg.Pages, cfg: cfg, log: cfg.Log}
	s.limit, s.heard = newLimiter(s.sharesPerHour, cfg.Now), newLimiter(s.sharesPerHour, cfg.Now)
	s.applyLimit = newLimiter(func() int { return applyPerHour }, cfg.Now)
	h := &Handler{s: s}
	if err := h.Refresh(ctx); err != nil {
		return nil, err
	}
	h.Handler, h.patterns = s.routes()
	return h, nil
}

// Refresh renders the feed and the public pages' data anew if the public record has grown since: nothing public changes
// without an entry there. What did not change stays the same bytes.
func (h *Handler) Refresh(ctx context.Context) error {
	return h.s.refresh(ctx)
}

func (s *server) refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	head, err := s.x.Checkpoint(ctx)
	if err != nil {
		return fmt.Errorf("read the record's head: %w", err)
	}
	if head.Integrated == s.seen && s.feed.Load() != nil {
		return nil
	}
	set, err := s.x.RenderFeed(ctx, s.cfg.Base)
	if err != nil {
		return fmt.Errorf("render the feed: %w", err)
	}
	front, err := s.readFront(ctx)
	if err != nil {
		return fmt.Errorf("read the public pages: %w", err)
	}
	if err := s.keepUp(ctx, front); err != nil {
		return err
	}
	s.feed.Store(&set)
	s.front.Store(front)
	s.seen = head.Integrated
	return nil
}

// changed refreshes what is public after a use case that succeeded, so that who asks next sees it.
func (s *server) changed(r *http.Request, err error) error {
	if err != nil {
		return err
	}
	return s.refresh(context.WithoutCancel(r.Context())) // the change stands, whether or not the caller still listens
}

func (s *server) wake(job string) {
	if s.cfg.Wake != nil {
		s.cfg.Wake(job)
	}
}

func (s *server) sharesPerHour() int {
	return s.front.Load().sharesPerHour
}

// secretIDs finds the IDs that belong to residents or are capabilities: shares, uploads, clips, messages, work; and what has
// the form of a token or credential (64 hexadecimal digits or 43 of base64url), which a request's whole ID has as well.
var secretIDs = regexp.MustCompile(`\b[suclmw]-[0-9a-hjkmnp-tv-z]{26}\b|\b[0-9a-f]{64}\b|\b[A-Za-z0-9_-]{43}\b`)

// addresses finds what looks like a network address with a port.
var addresses = regexp.MustCompile(`(\[[0-9a-fA-F:.]+(%[^\]]*)?\]|\b\d{1,3}(\.\d{1,3}){3}\b)(:\d+)?`)

// quoted finds what the standard library quotes: words of whoever called, such as the host or protocol that they named.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// quietLog is where the standard library's server writes; addresses and callers' own words are cut before anything reaches
// the log.
type quietLog struct{ log *slog.Logger }

// Write logs one line of the standard library.
func (q quietLog) Write(line []byte) (int, error) {
	q.log.Warn("http server", "message", Scrub(quoted.ReplaceAllString(strings.TrimSpace(string(line)), "[text]")))
	return len(line), nil
}

// Scrub cuts network addresses and the IDs of residents' things out of a text that is meant for a log.
func Scrub(text string) string {
	return secretIDs.ReplaceAllString(addresses.ReplaceAllString(text, "[address]"), "[id]")
}

// HTTPServer returns a server with limits, whose own messages bear no addresses.
func HTTPServer(h http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ErrorLog:          log.New(quietLog{logger}, "", 0),
		ConnContext:       keepConn,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

// Serve runs the server on the listener, with TLS if it is set up, until ctx ends; then it gives running requests a while to
// finish.
func Serve(ctx context.Context, srv *http.Server, l net.Listener) error {
	done := make(chan error, 1)
	go func() {
		if srv.TLSConfig != nil {
			done <- srv.ServeTLS(l, "", "")
			return
		}
		done <- srv.Serve(gatherer{l})
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		_ = srv.Close() // uploads that still ran are durable as far as they were acknowledged
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
