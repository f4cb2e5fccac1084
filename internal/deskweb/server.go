package deskweb

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
)

// Options say whose desk is served, and where. All but Patience are needed.
type Options struct {
	Desk     *desk.Desk
	Origin   string            // as [Listen] gives it
	Packages string            // the folder into which evidence packages are written
	Tell     func(link string) // shows the link that lets the next browser in, on the custodian's own terminal
	Patience time.Duration     // how long a form waits for its work before the page tells how far it is; 0: two seconds
}

// Server serves the pages of one desk. It is safe for concurrent use.
type Server struct {
	opts  Options
	d     *desk.Desk
	pages *ui.Pages
	body  string          // the agency, by name
	key   [32]byte        // makes the addresses of previews
	ctx   context.Context // ends all long work
	group *errgroup.Group // the long work

	mu        sync.Mutex // guards the fields below
	code      string     // lets one browser in
	session   string     // the cookie of the browser that is in; empty: none
	said      text.Key   // what is to be said once
	shortcuts bool
	works     map[footage.ShareID]*work
	clips     shelf
	signin    *signin // nil: none is under way
}

// New prepares the pages of a desk: it reads the public record for the names of exchange and agency. All work ends with ctx;
// the caller then calls Close.
func New(ctx context.Context, opts Options) (*Server, error) {
	r, err := opts.Desk.Record(ctx)
	if err != nil {
		return nil, err
	}
	if opts.Patience == 0 {
		opts.Patience = 2 * time.Second
	}
	s := &Server{opts: opts, d: opts.Desk, body: r.Agency.Name, ctx: ctx, group: &errgroup.Group{}, shortcuts: true,
		code: newCode(), works: map[footage.ShareID]*work{}, clips: shelf{}}
	_, _ = rand.Read(s.key[:]) // crypto/rand.Read never fails
	s.pages, err = ui.New(ui.Site{Name: r.Exchange.Name, Fictional: r.Exchange.Fictional})
	return s, err
}

// newCode returns 130 bits in letters and digits that are easy to type.
func newCode() string { return strings.ToLower(rand.Text()) }

// Link is the address that lets the next browser in. Its last part is a secret.
func (s *Server) Link() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts.Origin + "/enter#" + s.code
}

// Close waits for what is being done to end, which it does with the context given to New, and lets go of all clips.
func (s *Server) Close() error {
	err := s.group.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clips.clear("")
	return err
}

// Handler answers everything.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(ui.AssetRoot, s.pages.Assets())
	handle := func(pattern string, h handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v := s.visitor(r)
			if err := h(w, v); err != nil {
				s.refuse(w, v, err)
			}
		})
	}
	handle("GET /enter", s.enterPage)
	handle("POST /enter", s.enter)
	handle("GET /preview/{share}/{clip}/{mac}", s.frame)
	handle("GET /preview/{share}/{clip}/{mac}/clip", s.clip)
	s.pageRoutes(func(pattern string, h handler) { handle(pattern, s.entered(h)) })
	handle("/", s.entered(func(http.ResponseWriter, *visitor) error {
		return footage.E(footage.NotFound, "There is no such page at the desk. Go to the inbox.")
	}))
	return s.guard(ui.Localize(mux))
}

func (s *Server) pageRoutes(handle func(string, handler)) {
	handle("POST /leave", s.leave)
	handle("GET /{$}", s.show(s.inboxPage))
	handle("GET /help", s.show(s.helpPage))
	handle("POST /help", s.act(s.setShortcuts, nil))
	s.keyRoutes(handle)
	handle("GET /signin", s.signinPage)
	handle("POST /signin", s.act(s.signIn, nil))
	handle("GET /signin/work", s.signinWork)
	handle("GET /shares/{share}", s.show(func(v *visitor) (ui.Page, error) { return s.sharePage(v, "", ui.Sent{}) }))
	handle("GET /shares/{share}/work", s.work)
	handle("GET /shares/{share}/packages/{number}", s.download)
	for name, do := range map[string]deed{"open": s.open, "verify": s.verify, "accept": s.accept, "decline": s.decline, "ask": s.ask,
		"recall": s.answerRecall, "export": s.export, "confirm": s.confirm} {
		handle("POST /shares/{share}/"+name, s.act(do, func(v *visitor, sent ui.Sent) (ui.Page, error) { return s.sharePage(v, name, sent) }))
	}
}
