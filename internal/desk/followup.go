package desk

import (
	"context"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Duties returns what the agency owes, or has said, after its requests.
func (d *Desk) Duties(ctx context.Context) (all []api.OwnDuty, err error) {
	return all, d.call(ctx, http.MethodGet, "/v1/agency/duties", nil, &all)
}

// ComposeFollowUp returns what the person would sign to say something after a request.
func (d *Desk) ComposeFollowUp(ctx context.Context, id footage.RequestID, in api.NewFollowUp) (f footage.FollowUp, err error) {
	return f, d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(id)+"/followups/draft", in, &f)
}

// FollowUp signs a follow-up, which the caller has shown, as supervisor: it stands in the record at once.
func (d *Desk) FollowUp(ctx context.Context, f footage.FollowUp) error {
	canonical, err := f.Canonical()
	if err != nil {
		return err
	}
	a, err := d.assert(canonical, footage.Supervisor)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(f.Request)+"/followups", api.SignedFollowUp{FollowUp: f, Assertion: a}, nil)
}
