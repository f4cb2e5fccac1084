package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// agencyRoutes adds the calls of an agency's people.
func (s *server) agencyRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/me", look(s, func(r *http.Request, who footage.PersonID) (footage.Person, error) {
		return x.Person(r.Context(), who)
	}))
	handle("GET /v1/agency/requests", look(s, func(r *http.Request, who footage.PersonID) ([]api.AgencyRequest, error) {
		return x.AgencyRequests(r.Context(), who)
	}))
	handle("POST /v1/agency/requests", call(s, func(r *http.Request, who footage.PersonID, in api.DraftRequest) (api.AgencyRequest, error) {
		return x.Draft(r.Context(), who, in)
	}))
	handle("POST /v1/agency/decide", call(s, func(r *http.Request, who footage.PersonID, in api.DraftRequest) (none, error) {
		return none{}, x.Decide(r.Context(), who, in)
	}))
	handle("POST /v1/agency/requests/{id}/sign", call(s, func(r *http.Request, who footage.PersonID, in api.Signature) (none, error) {
		return none{}, x.Sign(r.Context(), who, requestOf(r), in.Assertion)
	}))
	handle("POST /v1/agency/requests/{id}/approve", call(s, func(r *http.Request, who footage.PersonID, in api.Signature) (none, error) {
		return none{}, x.Approve(r.Context(), who, requestOf(r), in.Assertion)
	}))
	handle("POST /v1/agency/requests/{id}/updates", call(s, func(r *http.Request, who footage.PersonID, in api.SignedUpdate) (none, error) {
		if in.Update.Request != requestOf(r) {
			return none{}, footage.E(footage.Invalid, "The update is for another request than the address says.")
		}
		return none{}, s.changed(r, x.Update(r.Context(), who, in.Update, in.Assertion))
	}))
	handle("POST /v1/agency/requests/{id}/updates/approve", call(s, func(r *http.Request, who footage.PersonID, in api.Signature) (none, error) {
		return none{}, s.changed(r, x.ApproveUpdate(r.Context(), who, requestOf(r), in.Assertion))
	}))
	s.keyRoutes(handle)
	s.inboxRoutes(handle)
}

func (s *server) keyRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/agency/keys", look(s, func(r *http.Request, who footage.PersonID) (api.Keys, error) {
		return x.AgencyKeys(r.Context(), who)
	}))
	handle("POST /v1/agency/custodians", call(s, func(r *http.Request, who footage.PersonID, in api.NewCustodian) (api.CustodianDevice, error) {
		return x.AddCustodian(r.Context(), who, in)
	}))
	handle("POST /v1/agency/custodians/{id}/disable", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, x.DisableCustodian(r.Context(), who, footage.CustodianID(r.PathValue("id")))
	}))
	handle("POST /v1/agency/epochs", call(s, func(r *http.Request, who footage.PersonID, in api.OpenEpoch) (footage.Epoch, error) {
		epoch, err := x.OpenEpoch(r.Context(), who, in)
		return epoch, s.changed(r, err)
	}))
	handle("POST /v1/agency/wrapped", call(s, func(r *http.Request, who footage.PersonID, in api.WrappedKey) (api.KeyChange, error) {
		change, err := x.WrapKey(r.Context(), who, in)
		return change, s.changed(r, err)
	}))
	handle("POST /v1/agency/keychanges/{id}/agree", call(s, func(r *http.Request, who footage.PersonID, _ none) (api.KeyChange, error) {
		change, err := x.AgreeKey(r.Context(), who, footage.KeyChangeID(r.PathValue("id")))
		return change, s.changed(r, err)
	}))
	handle("POST /v1/agency/keychanges/{id}/stop", call(s, func(r *http.Request, who footage.PersonID, _ none) (none, error) {
		return none{}, s.changed(r, x.StopKey(r.Context(), who, footage.KeyChangeID(r.PathValue("id"))))
	}))
}

func (s *server) inboxRoutes(handle func(string, handler)) {
	x := s.x
	handle("GET /v1/agency/shares", look(s, func(r *http.Request, who footage.PersonID) ([]api.InboxItem, error) {
		return x.Inbox(r.Context(), who)
	}))
	handle("GET /v1/agency/shares/{id}", look(s, func(r *http.Request, who footage.PersonID) (api.Delivery, error) {
		return x.Delivery(r.Context(), who, shareOf(r))
	}))
	handle("POST /v1/agency/shares/{id}/events", call(s, func(r *http.Request, who footage.PersonID, in footage.Event) (none, error) {
		if in.Share != shareOf(r) {
			return none{}, footage.E(footage.Invalid, "The event is of another share than the address says.")
		}
		return none{}, x.RecordEvent(r.Context(), who, in)
	}))
	handle("POST /v1/agency/shares/{id}/messages", call(s, func(r *http.Request, who footage.PersonID, in api.Reply) (footage.Message, error) {
		return x.Ask(r.Context(), who, shareOf(r), in.Body)
	}))
	handle("GET /v1/agency/shares/{id}/clips/{clip}", s.clip)
}

func requestOf(r *http.Request) footage.RequestID { return footage.RequestID(r.PathValue("id")) }
func shareOf(r *http.Request) footage.ShareID     { return footage.ShareID(r.PathValue("id")) }

// clip streams sealed bytes, from the start or from one offset on, so that a broken download goes on where it stopped.
func (s *server) clip(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.staff(r)
	if err != nil {
		return err
	}
	return s.sendClip(w, r, caller)
}

// sendClip sends the sealed bytes of the clip that an address names to somebody who may have them.
func (s *server) sendClip(w http.ResponseWriter, r *http.Request, caller footage.PersonID) error {
	offset, err := rangeStart(r.Header.Get("Range"))
	if err != nil {
		return err
	}
	body, size, err := s.x.OpenClip(r.Context(), caller, shareOf(r), footage.ClipID(r.PathValue("clip")), offset)
	if err != nil {
		return err
	}
	defer body.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Accept-Ranges", "bytes")
	w.Header().Set("Content-Length", strconv.FormatInt(size-offset, 10))
	if offset > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, size-1, size))
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = io.Copy(w, body) // a broken connection is the caller's to notice: the length tells
	return nil
}

// rangeStart reads "bytes=N-", the only form of range that a resumed download needs.
func rangeStart(header string) (int64, error) {
	if header == "" {
		return 0, nil
	}
	from, ok := strings.CutPrefix(header, "bytes=")
	from, open := strings.CutSuffix(from, "-")
	n, err := strconv.ParseInt(from, 10, 64)
	if !ok || !open || err != nil || n < 0 {
		return 0, footage.E(footage.Invalid, "Only a range of the form bytes=N- is served.")
	}
	return n, nil
}
