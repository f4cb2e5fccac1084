package desk

import (
	"context"
	"net/http"
	"slices"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Withholdings returns the texts that are withheld or are to be.
func (d *Desk) Withholdings(ctx context.Context) (all []api.WithholdingCase, err error) {
	return all, d.call(ctx, http.MethodGet, "/v1/withholdings", nil, &all)
}

// Withholding returns the proposal to withhold a request.
func (d *Desk) Withholding(ctx context.Context, id footage.RequestID) (api.WithholdingCase, error) {
	all, err := d.Withholdings(ctx)
	if err != nil {
		return api.WithholdingCase{}, err
	}
	i := slices.IndexFunc(all, func(c api.WithholdingCase) bool { return c.Withholding.Request == id })
	if i < 0 {
		return api.WithholdingCase{}, footage.E(footage.NotFound, "Nobody has proposed to withhold this request. 'porchlight desk withhold list' shows what there is.")
	}
	return all[i], nil
}

// ComposeWithholding returns what the person would sign to withhold a published text.
func (d *Desk) ComposeWithholding(ctx context.Context, id footage.RequestID, in api.Withhold) (w footage.Withholding, err error) {
	return w, d.call(ctx, http.MethodPost, "/v1/withholdings/"+string(id)+"/draft", in, &w)
}

// ProposeWithholding signs a withholding, which the caller has shown, as operator or moderator, and files it.
func (d *Desk) ProposeWithholding(ctx context.Context, w footage.Withholding, reference string) error {
	signed, err := d.signWithholding(w, "")
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/withholdings/"+string(w.Request)+"/propose", api.SignedWithholding{Withholding: w, Reference: reference, Assertion: signed}, nil)
}

// AgreeWithholding signs as the second person a proposal that the caller has shown: the text is withheld.
func (d *Desk) AgreeWithholding(ctx context.Context, c api.WithholdingCase) error {
	signed, err := d.signWithholding(c.Withholding, c.ProposedAs)
	if err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, "/v1/withholdings/"+string(c.Withholding.Request)+"/agree", api.Signature{Assertion: signed}, nil)
}

// DropWithholding drops a proposal.
func (d *Desk) DropWithholding(ctx context.Context, id footage.RequestID) error {
	return d.call(ctx, http.MethodPost, "/v1/withholdings/"+string(id)+"/drop", struct{}{}, nil)
}

// signWithholding signs in a role that the person has, another than the one that is taken.
func (d *Desk) signWithholding(w footage.Withholding, taken footage.Role) (footage.Assertion, error) {
	canonical, err := w.Canonical()
	if err != nil {
		return footage.Assertion{}, err
	}
	for _, role := range []footage.Role{footage.Operator, footage.Moderator} {
		if role != taken && d.Person().Has(role) {
			return d.assert(canonical, role)
		}
	}
	return footage.Assertion{}, footage.E(footage.Forbidden, "This needs a person of the exchange who is operator or moderator, in another role than the one who proposed it.")
}
