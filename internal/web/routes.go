package web

import (
	"net/http"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// routes holds every route of the exchange.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				s.answer(w, r, err)
			}
		})
	}

	handle("GET /healthz", func(w http.ResponseWriter, _ *http.Request) error { return text(w, "ok\n") })
	handle("GET /readyz", s.ready)

	mux.Handle("GET "+ui.AssetRoot, s.pages.Assets())
	s.pageRoutes(handle)

	handle("GET /feed/", s.feedFile)
	handle("GET /log/", s.logObject)
	handle("GET /v1/exchange", s.exchangeInfo)
	handle("GET /v1/requests/{id}", s.bundle)
	handle("GET /openapi.yaml", s.openapi)

	s.residentRoutes(handle)
	mux.Handle("/v1/uploads/", s.cfg.Uploads)
	s.accountRoutes(handle)
	s.agencyRoutes(handle)

	handle("/", func(http.ResponseWriter, *http.Request) error {
		return footage.E(footage.NotFound, "There is no page at this address. Go to the front page.")
	})
	return s.wrap(mux)
}
