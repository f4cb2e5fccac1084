package desk

import (
	"context"
	"net/http"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// ComposeAdoption makes what the operator signs to put a policy in force: at once when from is the zero time.
func (d *Desk) ComposeAdoption(ctx context.Context, ref footage.PolicyRef, from time.Time) (footage.Adoption, error) {
	var info api.Info
	if err := d.call(ctx, http.MethodGet, "/v1/exchange", nil, &info); err != nil {
		return footage.Adoption{}, err
	}
	a := footage.Adoption{Type: footage.AdoptionType, Exchange: info.Origin, Name: ref.Name, SHA256: ref.Hash, Signed: d.now().UTC().Truncate(time.Second)}
	if !from.IsZero() {
		from = from.UTC().Truncate(time.Second)
		a.InForce = &from
	}
	return a, nil
}

// AdoptPolicy signs an adoption, which the caller has shown, as the operator, and files it with the policy.
func (d *Desk) AdoptPolicy(ctx context.Context, file []byte, a footage.Adoption) error {
	canonical, err := a.Canonical()
	if err != nil {
		return err
	}
	signed, err := d.assert(canonical, footage.Operator)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/policies", api.AdoptPolicy{File: string(file), Adoption: a, Assertion: signed}, nil)
}
