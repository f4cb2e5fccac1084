package desk

import (
	"context"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// WaitingNotices returns what is to be said of incidents and waits for a second person.
func (d *Desk) WaitingNotices(ctx context.Context) (all []api.WaitingNotice, err error) {
	return all, d.call(ctx, http.MethodGet, "/v1/notices/steps", nil, &all)
}

// Notices returns what was said of incidents.
func (d *Desk) Notices(ctx context.Context) ([]footage.Notice, error) {
	var out api.Notices
	err := d.call(ctx, http.MethodGet, "/v1/notices", nil, &out)
	return out.Notices, err
}

// ProposeNotice proposes a notice, an update of one, or its end, for a second person to agree to.
func (d *Desk) ProposeNotice(ctx context.Context, in api.NewNotice) (footage.NoticeID, error) {
	var out api.ProposedNotice
	err := d.call(ctx, http.MethodPost, "/v1/notices/steps", in, &out)
	return out.ID, err
}

// AgreeNotice agrees to what another person has proposed, so that it is public.
func (d *Desk) AgreeNotice(ctx context.Context, id footage.NoticeID) error {
	return d.call(ctx, http.MethodPost, "/v1/notices/steps/"+string(id)+"/agree", struct{}{}, nil)
}

// DropNotice takes back what waits.
func (d *Desk) DropNotice(ctx context.Context, id footage.NoticeID) error {
	return d.call(ctx, http.MethodPost, "/v1/notices/steps/"+string(id)+"/drop", struct{}{}, nil)
}
