package web

import (
	"net/http"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// routes holds every route of the exchange. It returns the patterns too, as http.ServeMux reads them.
func (s *server) routes() (http.Handler, []string) {
	mux := http.NewServeMux()
	var patterns []string
	mount := func(pattern string, h http.Handler) {
		patterns = append(patterns, pattern)
		mux.Handle(pattern, h)
	}
	handle := func(pattern string, h handler) {
		mount(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				s.answer(w, r, err)
			}
		}))
	}

	handle("GET /healthz", func(w http.ResponseWriter, _ *http.Request) error { return text(w, "ok\n") })
	handle("GET /readyz", s.ready)

	mount("GET "+ui.AssetRoot, s.pages.Assets())
	s.pageRoutes(handle)
	s.applyRoutes(handle)

	handle("GET /feed/", s.feedFile) // there is none: wrap serves those that there are
	handle("GET /log/", s.logObject)
	handle("GET /data/", s.dataFile)
	handle("GET /v1/exchange", s.exchangeInfo)
	handle("GET /v1/requests/{id}", s.bundle)
	handle("GET /openapi.yaml", openapi())

	s.policyRoutes(handle)
	s.residentRoutes(handle)
	mount("/v1/uploads/", s.cfg.Uploads)
	s.accountRoutes(handle)
	s.agencyRoutes(handle)
	s.moderationRoutes(handle)
	s.complaintRoutes(handle)
	s.followUpRoutes(handle)
	s.staffRoutes(handle)
	s.registerRoutes(handle)
	s.withholdRoutes(handle)
	s.demandRoutes(handle)
	s.noticeRoutes(handle)

	handle("/", func(_ http.ResponseWriter, r *http.Request) error { return nothingHere(mux, r) })
	return s.wrap(mux), patterns
}

// nothingHere returns why no route answers: there is none, or none for this method.
func nothingHere(mux *http.ServeMux, r *http.Request) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) > 0 {
		return wrongMethod{allow}
	}
	return footage.E(footage.NotFound, "There is no page at this address. Go to the front page.")
}
