package web

import (
	"net/http"
	"strconv"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// complaintRoutes adds the calls of those who complain and of those who answer.
func (s *server) complaintRoutes(handle func(string, handler)) {
	x := s.x
	handle("POST /v1/complaints", s.complain)
	handle("POST /complaints", s.readComplaint)
	handle("GET /v1/complaint", func(w http.ResponseWriter, r *http.Request) error {
		out, err := x.OwnComplaint(r.Context(), bearer(r))
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	})
	handle("GET /v1/moderation/complaints", look(s, func(r *http.Request, who footage.PersonID) (api.Complaints, error) {
		return x.StaffComplaints(r.Context(), who)
	}))
	handle("GET /v1/moderation/complaints/{id}", look(s, func(r *http.Request, who footage.PersonID) (api.ComplaintItem, error) {
		return x.StaffComplaint(r.Context(), who, complaintOf(r))
	}))
	handle("POST /v1/moderation/complaints/{id}/answer", call(s, func(r *http.Request, who footage.PersonID, in api.AnswerComplaint) (none, error) {
		return none{}, s.changed(r, x.AnswerComplaint(r.Context(), who, complaintOf(r), in))
	}))
	handle("POST /v1/moderation/complaints/{id}/hand-on", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.HandOnComplaint(r.Context(), who, complaintOf(r))
	}))
	handle("GET /v1/agency/complaints", look(s, func(r *http.Request, who footage.PersonID) ([]api.ComplaintItem, error) {
		return x.HandedComplaints(r.Context(), who)
	}))
}

func complaintOf(r *http.Request) footage.ComplaintID { return footage.ComplaintID(r.PathValue("id")) }

func (s *server) complain(w http.ResponseWriter, r *http.Request) error {
	if ok, wait := s.heard.allow(r); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return footage.Coded(footage.TooMany, "too_many_complaints", "Too many complaints have come from your network in this hour. Try again in an hour.")
	}
	in, err := read[api.Complain](w, r, maxBody)
	if err != nil {
		return err
	}
	out, err := s.x.Complain(r.Context(), in)
	if err = s.changed(r, err); err != nil {
		return err
	}
	return write(w, http.StatusCreated, out)
}
