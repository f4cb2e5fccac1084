package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// plainError returns what an error says to people.
func plainError(err error) string {
	var own *footage.Error
	if errors.As(err, &own) {
		return own.Error()
	}
	return err.Error()
}

// Check asks the exchange whether its rules allow a request, and stores nothing. Every violated rule is in the error.
func (d *Desk) Check(ctx context.Context, in api.DraftRequest) error {
	return d.call(ctx, http.MethodPost, "/v1/agency/decide", in, nil)
}

// Draft lays a request down on the exchange, unsigned. The desk keeps document and private part too, with the salts that
// open the commitments.
func (d *Desk) Draft(ctx context.Context, in api.DraftRequest) (api.AgencyRequest, error) {
	var out api.AgencyRequest
	id, err := in.Document.ID()
	if err != nil {
		return out, err
	}
	if err := replaceJSON(d.path(draftFolder, string(id)+".json"), in); err != nil {
		return out, err
	}
	return out, d.call(ctx, http.MethodPost, "/v1/agency/requests", in, &out)
}

// Requests returns the agency's requests in every state. Each is the one that its ID names.
func (d *Desk) Requests(ctx context.Context) ([]api.AgencyRequest, error) {
	var all []api.AgencyRequest
	if err := d.call(ctx, http.MethodGet, "/v1/agency/requests", nil, &all); err != nil {
		return nil, err
	}
	for _, q := range all {
		if id, err := q.Document.ID(); err != nil || id != q.ID {
			return nil, footage.E(footage.Untrusted, "The exchange shows a text for request "+q.ID.Short()+" that is not the one of that ID.")
		}
	}
	return all, nil
}

// Request returns one of the agency's requests by its ID, or by the beginning of it with or without hyphens.
func (d *Desk) Request(ctx context.Context, id string) (api.AgencyRequest, error) {
	all, err := d.Requests(ctx)
	if err != nil {
		return api.AgencyRequest{}, err
	}
	var found []api.AgencyRequest
	for _, q := range all {
		if begin := strings.ReplaceAll(id, "-", ""); len(begin) >= 4 && strings.HasPrefix(string(q.ID), begin) {
			found = append(found, q)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return api.AgencyRequest{}, footage.E(footage.NotFound, "Your agency has no request "+id+". 'porchlight desk request list' shows all.")
	}
	return api.AgencyRequest{}, footage.E(footage.Invalid, fmt.Sprintf("%d requests begin with %s. Write more of the ID.", len(found), id))
}

// Sign signs a draft as its officer. What is signed is q.Document, which the caller has shown.
func (d *Desk) Sign(ctx context.Context, q api.AgencyRequest) error {
	return d.signRequest(ctx, q, footage.Officer, "sign")
}

// Approve signs a signed request as a supervisor. What is signed is q.Document, which the caller has shown.
func (d *Desk) Approve(ctx context.Context, q api.AgencyRequest) error {
	return d.signRequest(ctx, q, footage.Supervisor, "approve")
}

func (d *Desk) signRequest(ctx context.Context, q api.AgencyRequest, role footage.Role, verb string) error {
	canonical, err := q.Document.Canonical()
	if err != nil {
		return err
	}
	a, err := d.assert(canonical, role)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(q.ID)+"/"+verb, api.Signature{Assertion: a}, nil)
}

// ComposeUpdate makes the next update of a request: more text, or the word that ends it.
func (d *Desk) ComposeUpdate(q api.AgencyRequest, kind footage.UpdateKind, text string) (footage.Update, error) {
	u := footage.Update{Type: footage.UpdateType, Nonce: random16(), Request: q.ID, Previous: string(q.ID), Kind: kind,
		Text: strings.TrimSpace(text), At: d.now().Truncate(time.Second)}
	if n := len(q.Updates); n > 0 {
		canonical, err := q.Updates[n-1].Update.Canonical()
		if err != nil {
			return u, err
		}
		u.Previous = footage.Hash(canonical)
	}
	return u, nil
}

// SignUpdate signs an update, which the caller has shown, as officer or supervisor. One that ends the request is public at
// once; more text waits for [Desk.ApproveUpdate] by somebody else.
func (d *Desk) SignUpdate(ctx context.Context, u footage.Update) error {
	role := footage.Supervisor
	if p := d.Person(); p.Has(footage.Officer) {
		role = footage.Officer
	}
	canonical, err := u.Canonical()
	if err != nil {
		return err
	}
	a, err := d.assert(canonical, role)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(u.Request)+"/updates", api.SignedUpdate{Update: u, Assertion: a}, nil)
}

// Waiting returns the update of a request that waits for its second signature.
func Waiting(q api.AgencyRequest) (footage.Update, error) {
	if len(q.Pending) == 0 {
		return footage.Update{}, footage.Coded(footage.NotFound, CodeNothingWaits, "No update of this request waits for approval.")
	}
	return q.Pending[0].Update, nil
}

// ApproveUpdate signs a waiting update, which the caller has shown, as a supervisor. It then waits for a moderator.
func (d *Desk) ApproveUpdate(ctx context.Context, u footage.Update) error {
	canonical, err := u.Canonical()
	if err != nil {
		return err
	}
	a, err := d.assert(canonical, footage.Supervisor)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(u.Request)+"/updates/approve", api.Signature{Assertion: a}, nil)
}
