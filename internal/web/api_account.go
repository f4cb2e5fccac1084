package web

import (
	"net/http"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
)

// accountRoutes adds sign-in and enrolment of authenticators.
func (s *server) accountRoutes(handle func(string, handler)) {
	accounts := s.x.Accounts()
	handle("POST /v1/login/challenge", func(w http.ResponseWriter, r *http.Request) error {
		c, err := accounts.LoginChallenge(r.Context())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, c)
	})
	handle("POST /v1/login", func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[api.Login](w, r, maxBody)
		if err != nil {
			return err
		}
		session, err := accounts.Login(r.Context(), in.Response, account.Client{Kind: account.Program})
		if err != nil {
			return err
		}
		p, err := s.x.Person(r.Context(), session.Person)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, api.Session{Token: session.Token, Person: p, Expires: session.Expires})
	})
	handle("POST /v1/login/device", func(w http.ResponseWriter, r *http.Request) error {
		d, err := accounts.BeginDevice(r.Context())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, api.DeviceLogin{Device: d.Device, Code: d.Code, Page: s.x.Info().RP.Origin + "/staff/device", Expires: d.Expires})
	})
	handle("POST /v1/login/device/token", func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[api.FinishDevice](w, r, maxBody)
		if err != nil {
			return err
		}
		session, err := accounts.FinishDevice(r.Context(), in.Device)
		if err != nil {
			return err
		}
		p, err := s.x.Person(r.Context(), session.Person)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, api.Session{Token: session.Token, Person: p, Expires: session.Expires})
	})
	handle("POST /v1/logout", func(w http.ResponseWriter, r *http.Request) error {
		if err := accounts.Logout(r.Context(), bearer(r)); err != nil {
			return err
		}
		return write(w, http.StatusOK, none{})
	})
	handle("POST /v1/enrol/challenge", func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[api.Invitation](w, r, maxBody)
		if err != nil {
			return err
		}
		c, err := accounts.EnrolChallenge(r.Context(), in.Token)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, c)
	})
	handle("POST /v1/enrol", func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[api.Enrolment](w, r, maxBody)
		if err != nil {
			return err
		}
		cred, err := s.x.Enrol(r.Context(), in.Token, in.Response)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, api.Enrolled{Person: cred.Person, Pending: cred.Pending})
	})
}
