package desk

import (
	"context"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Demands returns what was demanded of the exchange by law.
func (d *Desk) Demands(ctx context.Context) (all []api.Demand, err error) {
	return all, d.call(ctx, http.MethodGet, "/v1/demands", nil, &all)
}

// EnterDemand enters a legal demand.
func (d *Desk) EnterDemand(ctx context.Context, in api.NewDemand) (footage.DemandID, error) {
	var out api.EnteredDemand
	err := d.call(ctx, http.MethodPost, "/v1/demands", in, &out)
	return out.ID, err
}

// AnswerDemand writes what became of a demand, for a second person to agree to.
func (d *Desk) AnswerDemand(ctx context.Context, id footage.DemandID, in api.DemandReply) error {
	return d.call(ctx, http.MethodPost, "/v1/demands/"+string(id)+"/answer", in, nil)
}

// AgreeDemand agrees to an answer.
func (d *Desk) AgreeDemand(ctx context.Context, id footage.DemandID) error {
	return d.call(ctx, http.MethodPost, "/v1/demands/"+string(id)+"/agree", struct{}{}, nil)
}
