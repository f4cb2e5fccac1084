package upload

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	tusdslog "golang.org/x/exp/slog" // what tusd takes; not the standard library's

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

// Options are what an operator can set. The zero value works.
type Options struct {
	MaxSize int64            // largest length of one upload in bytes; 0 for no limit but the Book's
	Log     *slog.Logger     // for what somebody must see to; nil for nowhere
	Now     func() time.Time // nil for time.Now
}

// ClipHeader names the clip of the share that an upload is for, when it is opened.
const ClipHeader = "Porchlight-Clip"

const (
	lockTimeout = 5 * time.Second  // how long a request for the offset waits for the one that it ended
	idleTimeout = 60 * time.Second // without a byte from the sender
	// tusd cancels its context this long after the sender went away. Our store does not heed that context.
	graceAfter = 10 * time.Millisecond
)

// NewHandler returns the handler for all that lies below basePath, such as "/v1/uploads/", which must begin and end in a
// slash. POST to it opens an upload for the bearer of a ticket, and the Location is basePath and the upload's ID; HEAD and
// PATCH go there. Everything else is refused.
func NewHandler(basePath string, bucket blob.Bucket, book Book, o Options) (http.Handler, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	parts := handler.NewStoreComposer()
	parts.UseCore(&store{bucket: bucket, book: book, now: o.Now, log: o.Log, buffers: newBuffers()})
	parts.UseLocker(&locks{held: map[string]*hold{}})
	tus, err := handler.NewUnroutedHandler(handler.Config{
		StoreComposer: parts, BasePath: basePath, MaxSize: o.MaxSize,
		DisableDownload: true, DisableTermination: true, DisableConcatenation: true,
		Cors:               &handler.CorsConfig{Disable: true},
		Logger:             tusdslog.New(silent{}), // it would write upload IDs
		NetworkTimeout:     idleTimeout,
		AcquireLockTimeout: lockTimeout, GracefulRequestCompletionTimeout: graceAfter,
	})
	if err != nil {
		return nil, fmt.Errorf("set up uploads: %w", err)
	}
	return &server{base: basePath, tus: tus}, nil
}

// server stands before tusd's handler and lets through only what we mean to offer.
type server struct {
	base string
	tus  *handler.UnroutedHandler
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Tus-Resumable", "1.0.0")
	id, found := strings.CutPrefix(r.URL.Path, s.base)
	if !found || (id != "" && !footage.ValidID(id, "u")) {
		problemOf(footage.E(footage.NotFound, "There is no such upload.")).write(w)
		return
	}
	if refused(w, r, id == "") {
		return
	}
	c := &call{ticket: ticketOf(r), clip: footage.ClipID(r.Header.Get(ClipHeader)), asks: r.Method == http.MethodHead,
		body: &body{ReadCloser: r.Body, conn: http.NewResponseController(w)}}
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	r.URL, r.Body = &url.URL{Path: id}, c.body
	a := &answer{ResponseWriter: w}
	s.tus.Middleware(http.HandlerFunc(s.route)).ServeHTTP(a, r)
	a.end()
}

func (s *server) route(w http.ResponseWriter, r *http.Request) {
	switch r.Method { // refused has seen to the rest
	case http.MethodPost:
		s.tus.PostFile(w, r)
	case http.MethodHead:
		s.tus.HeadFile(w, r)
	case http.MethodPatch:
		s.tus.PatchFile(w, r)
	}
}

// silent is a log handler that writes nothing.
type silent struct{}

func (silent) Enabled(context.Context, tusdslog.Level) bool  { return false }
func (silent) Handle(context.Context, tusdslog.Record) error { return nil }
func (s silent) WithAttrs([]tusdslog.Attr) tusdslog.Handler  { return s }
func (s silent) WithGroup(string) tusdslog.Handler           { return s }
