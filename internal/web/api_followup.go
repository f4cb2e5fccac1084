package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// followUpRoutes adds the calls with which an agency says what came of its requests.
func (s *server) followUpRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/agency/duties", look(s, func(r *http.Request, who footage.PersonID) ([]api.OwnDuty, error) {
		return x.OwnDuties(r.Context(), who)
	}))
	handle("POST /v1/agency/requests/{id}/followups/draft", call(s, func(r *http.Request, who footage.PersonID, in api.NewFollowUp) (footage.FollowUp, error) {
		return x.FollowUpFor(r.Context(), who, requestOf(r), in)
	}))
	handle("POST /v1/agency/requests/{id}/followups", call(s, func(r *http.Request, who footage.PersonID, in api.SignedFollowUp) (none, error) {
		if in.FollowUp.Request != requestOf(r) {
			return none{}, footage.E(footage.Invalid, "What was signed is about another request than the address says.")
		}
		return none{}, s.changed(r, x.FollowUp(r.Context(), who, in))
	}))
}
