package desk

import (
	"context"
	"fmt"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// ApproveAgency signs, as an operator of the exchange, the approval of an agency with the desk's passkey and files it: the second
// of its two verifications. show is given what is about to be signed, and may refuse.
func (d *Desk) ApproveAgency(ctx context.Context, id footage.AgencyID, show func(footage.Approval) error) (footage.Approval, error) {
	var in api.SignedApproval
	path := "/v1/register/agencies/" + string(id) + "/approval"
	if err := d.call(ctx, http.MethodGet, path, nil, &in.Approval); err != nil {
		return in.Approval, fmt.Errorf("approve %s: %w", id, err)
	}
	if in.Approval.Agency != id {
		return in.Approval, footage.E(footage.Untrusted, "The exchange gave the approval of another agency to sign.")
	}
	if show != nil {
		if err := show(in.Approval); err != nil {
			return in.Approval, err
		}
	}
	canonical, err := in.Approval.Canonical()
	if err != nil {
		return in.Approval, err
	}
	if in.Assertion, err = d.assert(canonical, footage.Operator); err != nil {
		return in.Approval, err
	}
	if err := d.call(ctx, http.MethodPost, path, in, nil); err != nil {
		return in.Approval, fmt.Errorf("approve %s: %w", id, err)
	}
	return in.Approval, nil
}
