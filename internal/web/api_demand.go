package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// demandRoutes adds the office's calls about what is demanded of the exchange by law.
func (s *server) demandRoutes(handle func(string, handler)) {
	x := s.x
	demandOf := func(r *http.Request) footage.DemandID { return footage.DemandID(r.PathValue("id")) }
	handle("GET /v1/demands", look(s, func(r *http.Request, who footage.PersonID) ([]api.Demand, error) {
		return x.Demands(r.Context(), who)
	}))
	handle("POST /v1/demands", call(s, func(r *http.Request, who footage.PersonID, in api.NewDemand) (out api.EnteredDemand, err error) {
		out.ID, err = x.EnterDemand(r.Context(), who, in)
		return out, err
	}))
	handle("POST /v1/demands/{id}/answer", call(s, func(r *http.Request, who footage.PersonID, in api.DemandReply) (none, error) {
		return none{}, x.AnswerDemand(r.Context(), who, demandOf(r), in)
	}))
	handle("POST /v1/demands/{id}/agree", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.AgreeDemand(r.Context(), who, demandOf(r))
	}))
}
