package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// moderationRoutes adds the moderators' calls, and those with which an agency comes to them.
func (s *server) moderationRoutes(handle func(string, handler)) {
	x := s.x
	handle("POST /v1/agency/requests/{id}/submit", call(s, func(r *http.Request, who footage.PersonID, in api.Submit) (none, error) {
		return none{}, s.changed(r, x.Submit(r.Context(), who, requestOf(r), in))
	}))
	handle("POST /v1/agency/cases/{id}/appeal", call(s, func(r *http.Request, who footage.PersonID, in api.Appeal) (none, error) {
		return none{}, s.changed(r, x.Appeal(r.Context(), who, r.PathValue("id"), in))
	}))
	handle("GET /v1/me/mail", look(s, func(r *http.Request, who footage.PersonID) (out api.MailAddress, err error) {
		out.Address, err = x.MailAddress(r.Context(), who)
		return out, err
	}))
	handle("POST /v1/me/mail", call(s, func(r *http.Request, who footage.PersonID, in api.MailAddress) (none, error) {
		return none{}, x.SetMailAddress(r.Context(), who, in.Address)
	}))
	handle("GET /v1/moderation/cases", look(s, func(r *http.Request, who footage.PersonID) ([]api.CaseItem, error) {
		return x.Cases(r.Context(), who)
	}))
	handle("GET /v1/moderation/cases/{id}", look(s, func(r *http.Request, who footage.PersonID) (api.Case, error) {
		return x.Case(r.Context(), who, r.PathValue("id"))
	}))
	handle("POST /v1/moderation/cases/{id}/clear", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, s.changed(r, x.Clear(r.Context(), who, r.PathValue("id")))
	}))
	handle("POST /v1/moderation/cases/{id}/hold", call(s, func(r *http.Request, who footage.PersonID, in api.Verdict) (none, error) {
		return none{}, s.changed(r, x.Hold(r.Context(), who, r.PathValue("id"), in))
	}))
	handle("POST /v1/moderation/cases/{id}/refuse", call(s, func(r *http.Request, who footage.PersonID, in api.Verdict) (none, error) {
		return none{}, s.changed(r, x.Refuse(r.Context(), who, r.PathValue("id"), in))
	}))
}
