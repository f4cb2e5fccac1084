package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// policyRoutes adds what anybody may know of the rules, and the operator's way to adopt them.
func (s *server) policyRoutes(handle func(string, handler)) {
	handle("GET /v1/offences", func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		return write(w, http.StatusOK, footage.Offences())
	})
	handle("GET /v1/policies", func(w http.ResponseWriter, r *http.Request) error {
		all, err := s.x.AdoptedPolicies(r.Context())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, all)
	})
	handle("POST /v1/policies", call(s, func(r *http.Request, who footage.PersonID, in api.AdoptPolicy) (none, error) {
		return none{}, s.changed(r, s.x.AdoptSigned(r.Context(), who, in))
	}))
}
