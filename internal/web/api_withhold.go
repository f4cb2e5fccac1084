package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// withholdRoutes adds the office's calls about texts that are withheld.
func (s *server) withholdRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/withholdings", look(s, func(r *http.Request, who footage.PersonID) ([]api.WithholdingCase, error) {
		return x.Withholdings(r.Context(), who)
	}))
	handle("POST /v1/withholdings/{id}/draft", call(s, func(r *http.Request, who footage.PersonID, in api.Withhold) (footage.Withholding, error) {
		return x.WithholdingFor(r.Context(), who, requestOf(r), in)
	}))
	handle("POST /v1/withholdings/{id}/propose", call(s, func(r *http.Request, who footage.PersonID, in api.SignedWithholding) (none, error) {
		if in.Withholding.Request != requestOf(r) {
			return none{}, footage.E(footage.Invalid, "The withholding is of another request than the address says.")
		}
		return none{}, x.ProposeWithholding(r.Context(), who, in)
	}))
	handle("POST /v1/withholdings/{id}/agree", call(s, func(r *http.Request, who footage.PersonID, in api.Signature) (none, error) {
		return none{}, s.changed(r, x.AgreeWithholding(r.Context(), who, requestOf(r), in.Assertion))
	}))
	handle("POST /v1/withholdings/{id}/drop", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.DropWithholding(r.Context(), who, requestOf(r))
	}))
}
