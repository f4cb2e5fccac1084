package web

import (
	"net/http"
	"strconv"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// residentRoutes adds the calls of people without an account.
func (s *server) residentRoutes(handle func(string, handler)) {
	handle("POST /v1/work", func(w http.ResponseWriter, r *http.Request) error {
		work, err := s.x.Work(r.Context())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, work)
	})
	handle("POST /v1/requests/{id}/shares", s.beginShare)
	handle("POST /v1/shares/commit", s.commitShare)
	handle("GET /v1/mailbox", func(w http.ResponseWriter, r *http.Request) error {
		box, err := s.x.Mailbox(r.Context(), bearer(r))
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, box)
	})
	handle("POST /v1/mailbox/messages", func(w http.ResponseWriter, r *http.Request) error {
		in, err := read[api.Reply](w, r, maxBody)
		if err != nil {
			return err
		}
		m, err := s.x.Reply(r.Context(), bearer(r), in.Body)
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, m)
	})
	handle("POST /v1/mailbox/withdraw", func(w http.ResponseWriter, r *http.Request) error {
		state, err := s.x.Withdraw(r.Context(), bearer(r))
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, api.Withdrawn{State: state})
	})
}

func (s *server) beginShare(w http.ResponseWriter, r *http.Request) error {
	if ok, wait := s.limit.allow(r); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return footage.Coded(footage.TooMany, "too_many_shares", "Too many shares have begun from your network in this hour. Try again in an hour.")
	}
	in, err := read[api.BeginShare](w, r, maxBody)
	if err != nil {
		return err
	}
	begun, err := s.x.BeginShare(r.Context(), requestOf(r), in)
	if err != nil {
		return err
	}
	return write(w, http.StatusCreated, begun)
}

func (s *server) commitShare(w http.ResponseWriter, r *http.Request) error {
	in, err := read[api.CommitShare](w, r, maxCommit)
	if err != nil {
		return err
	}
	receipt, err := s.x.CommitShare(r.Context(), bearer(r), in)
	if err != nil {
		return err
	}
	s.wake("release")
	return write(w, http.StatusOK, receipt)
}
