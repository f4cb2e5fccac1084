package web

import (
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// noticeRoutes adds the public list of notices of incidents, and the office's calls.
func (s *server) noticeRoutes(handle func(string, handler)) {
	x := s.x
	stepOf := func(r *http.Request) footage.NoticeID { return footage.NoticeID(r.PathValue("id")) }
	handle("GET /v1/notices", s.publicNotices)
	handle("GET /v1/notices/steps", look(s, func(r *http.Request, who footage.PersonID) ([]api.WaitingNotice, error) {
		return x.WaitingNotices(r.Context(), who)
	}))
	handle("POST /v1/notices/steps", call(s, func(r *http.Request, who footage.PersonID, in api.NewNotice) (out api.ProposedNotice, err error) {
		out.ID, err = x.ProposeNotice(r.Context(), who, in)
		return out, err
	}))
	handle("POST /v1/notices/steps/{id}/agree", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.AgreeNotice(r.Context(), who, stepOf(r))
	}))
	handle("POST /v1/notices/steps/{id}/drop", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.DropNotice(r.Context(), who, stepOf(r))
	}))
}

// publicNotices answers GET /v1/notices: every notice, from what is at hand for the pages.
func (s *server) publicNotices(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Access-Control-Allow-Origin", "*") // public, like the open data
	return write(w, http.StatusOK, api.Notices{Notices: s.front.Load().notices})
}
