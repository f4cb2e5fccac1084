package web

import (
	"net/http"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// registerRoutes adds the calls of those who vouch for agencies. What an attestor says is signed, so that it needs no account
// and may be brought by anybody.
func (s *server) registerRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/register", func(w http.ResponseWriter, r *http.Request) error {
		out, err := x.Register(r.Context())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	})
	handle("POST /v1/register/agencies/{id}/attestations", open(func(r *http.Request, in footage.Attestation) (none, error) {
		return none{}, s.changed(r, x.Attest(r.Context(), agencyOf(r), in))
	}))
	handle("POST /v1/register/agencies/{id}/retractions", open(func(r *http.Request, in footage.Retraction) (none, error) {
		return none{}, s.changed(r, x.Retract(r.Context(), agencyOf(r), in))
	}))
	handle("GET /v1/register/agencies/{id}/approval", look(s, func(r *http.Request, who footage.PersonID) (footage.Approval, error) {
		return x.ApprovalFor(r.Context(), who, agencyOf(r), time.Time{})
	}))
	handle("POST /v1/register/agencies/{id}/approval", call(s, func(r *http.Request, who footage.PersonID, in api.SignedApproval) (none, error) {
		if in.Approval.Agency != agencyOf(r) {
			return none{}, footage.E(footage.Invalid, "The approval is of another agency than the address says.")
		}
		return none{}, s.changed(r, x.ApproveAgency(r.Context(), who, in))
	}))
	handle("GET /v1/register/due", look(s, func(r *http.Request, who footage.PersonID) ([]api.Due, error) {
		return x.DueFor(r.Context(), who)
	}))
	handle("GET /v1/register/applications", look(s, func(r *http.Request, who footage.PersonID) ([]api.WaitingApplication, error) {
		return x.ApplicationsFor(r.Context(), who)
	}))
	handle("POST /v1/register/applications/{id}/answer", call(s, func(r *http.Request, who footage.PersonID, in api.ApplicationAnswer) (none, error) {
		return none{}, s.changed(r, x.AnswerApplicationFor(r.Context(), who, applicationOf(r), in))
	}))
	handle("POST /v1/applications", open(func(r *http.Request, in api.Apply) (api.Applied, error) {
		return x.Apply(r.Context(), in)
	}))
	handle("GET /v1/applications/{id}", func(w http.ResponseWriter, r *http.Request) error {
		out, err := x.ApplicationState(r.Context(), applicationOf(r))
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	})
}

// open is a handler for anybody with a JSON body.
func open[In, Out any](do func(r *http.Request, in In) (Out, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[In](w, r, maxBody)
		if err != nil {
			return err
		}
		out, err := do(r, in)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, out)
	}
}

func agencyOf(r *http.Request) footage.AgencyID { return footage.AgencyID(r.PathValue("id")) }

func applicationOf(r *http.Request) footage.ApplicationID {
	return footage.ApplicationID(r.PathValue("id"))
}
