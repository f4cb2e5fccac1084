package desk

import (
	"context"
	"net/http"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Submit hands an approved request to the moderators, who alone can make it public.
func (d *Desk) Submit(ctx context.Context, id footage.RequestID, urgent bool) error {
	return d.call(ctx, http.MethodPost, "/v1/agency/requests/"+string(id)+"/submit", api.Submit{Urgent: urgent}, nil)
}

// Appeal asks for another moderator's decision about a case: a request's ID, or the hash of an addition.
func (d *Desk) Appeal(ctx context.Context, subject, words string) error {
	return d.call(ctx, http.MethodPost, "/v1/agency/cases/"+subject+"/appeal", api.Appeal{Words: words}, nil)
}

// MailAddress returns where the person is told that work waits, or "".
func (d *Desk) MailAddress(ctx context.Context) (string, error) {
	var out api.MailAddress
	err := d.call(ctx, http.MethodGet, "/v1/me/mail", nil, &out)
	return out.Address, err
}

// SetMailAddress says where the person wants to be told that work waits; "" ends it.
func (d *Desk) SetMailAddress(ctx context.Context, address string) error {
	return d.call(ctx, http.MethodPost, "/v1/me/mail", api.MailAddress{Address: address}, nil)
}

// Cases returns what waits for a moderator.
func (d *Desk) Cases(ctx context.Context) (all []api.CaseItem, err error) {
	return all, d.call(ctx, http.MethodGet, "/v1/moderation/cases", nil, &all)
}

// Case returns what a moderator needs to decide one case, which may be named by the beginning of its ID.
func (d *Desk) Case(ctx context.Context, prefix string) (out api.Case, err error) {
	subject, err := d.caseID(ctx, prefix)
	if err != nil {
		return out, err
	}
	return out, d.call(ctx, http.MethodGet, "/v1/moderation/cases/"+subject, nil, &out)
}

// caseID completes the beginning of the ID of a case that waits, or of the request that it is about. A whole ID may be of one
// that is decided.
func (d *Desk) caseID(ctx context.Context, prefix string) (string, error) {
	prefix = strings.ReplaceAll(prefix, "-", "") // as IDs are shown in short
	all, err := d.Cases(ctx)
	if err != nil {
		return "", err
	}
	found := ""
	for _, c := range all {
		if strings.HasPrefix(c.Case, prefix) || strings.HasPrefix(string(c.Request), prefix) {
			if found != "" {
				return "", footage.E(footage.Conflict, "Several cases begin with "+prefix+". Write more of the ID.")
			}
			found = c.Case
		}
	}
	if found == "" && footage.RequestID(prefix).Valid() {
		return prefix, nil
	}
	if found == "" || prefix == "" {
		return "", footage.E(footage.NotFound, "No case that waits begins with "+prefix+".")
	}
	return found, nil
}

// Clear publishes what waits in a case.
func (d *Desk) Clear(ctx context.Context, subject string) error {
	return d.call(ctx, http.MethodPost, "/v1/moderation/cases/"+subject+"/clear", struct{}{}, nil)
}

// Hold gives a case back to the agency.
func (d *Desk) Hold(ctx context.Context, subject string, v api.Verdict) error {
	return d.call(ctx, http.MethodPost, "/v1/moderation/cases/"+subject+"/hold", v, nil)
}

// Refuse refuses a case.
func (d *Desk) Refuse(ctx context.Context, subject string, v api.Verdict) error {
	return d.call(ctx, http.MethodPost, "/v1/moderation/cases/"+subject+"/refuse", v, nil)
}
