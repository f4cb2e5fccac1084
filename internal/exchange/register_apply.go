package exchange

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

const (
	maxApplications = 1000                // that wait, so that nobody fills the disk
	keepApplication = 90 * 24 * time.Hour // after it was answered
	maxApplyText    = 2000                // characters
)

// Apply takes in the application of a body that wants to ask. It gives no right to anything: the office reads it, an attestor
// checks, and only then is the body registered.
func (x *Exchange) Apply(ctx context.Context, in api.Apply) (api.Applied, error) {
	if err := checkApplication(in.Application); err != nil {
		return api.Applied{}, err
	}
	row := store.Application{ID: footage.ApplicationID(footage.NewID(x.random("application", in.Application.Name), "a")), Application: in.Application, Received: x.now()}
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		if err := x.spendWork(tx, in.Work); err != nil {
			return err
		}
		waiting, err := tx.Applications(maxApplications)
		if err != nil {
			return err
		}
		if len(waiting) == maxApplications {
			return footage.E(footage.Full, "Too many applications wait at this exchange. Write to its office.")
		}
		return tx.InsertApplication(row)
	})
	return api.Applied{ID: row.ID}, err
}

func checkApplication(a footage.Application) error {
	var r []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			r = append(r, footage.Reason{Code: code, Msg: msg})
		}
	}
	bounded := func(s string, n int, lines bool) bool {
		return utf8.RuneCountInString(s) <= n && policy.Plain(s, lines)
	}
	add(strings.TrimSpace(a.Name) == "" || !bounded(a.Name, 200, false), "application_name", "Give the agency's name, in one line of at most 200 characters.")
	add(!slices.Contains(footage.AgencyTypes(), a.Type), "agency_type", "Choose the sort of agency. Federal bodies, state police and private bodies may not ask.")
	add(!knownState(a.State, true), "agency_state", "Give the state as its two letters.")
	add(!bounded(a.County, 100, false), "application_county", "The county may have 100 characters.")
	add(strings.TrimSpace(a.Number) == "" || !bounded(a.Number, 40, false), "agency_number", "Give the agency's ORI, FDID or number in a local register, in at most 40 characters.")
	add(policy.FederalORI(a.Number), "agency_federal", "This ORI belongs to a federal body. Federal bodies may not ask.")
	site, err := url.Parse(a.Website)
	add(err != nil || site.Scheme != "https" || site.Host == "" || !bounded(a.Website, 200, false), "application_website", "Give the address of the agency's own pages, beginning with https://. Its telephone number is looked up there or in a public register.")
	add(a.Contact.Email == "" && a.Contact.Phone == "", "agency_contact", "Give an e-mail address or a telephone number.")
	for _, s := range []string{a.Contact.Name, a.Contact.Email, a.Contact.Phone} {
		add(!bounded(s, 200, false), "application_contact", "Each part of the contact may have 200 characters.")
	}
	add(!bounded(a.Text, maxApplyText, true), "application_text", "The text may have 2,000 characters and must be plain.")
	if len(r) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "application", Msg: "The application cannot be taken as it is.", Reasons: r}
	}
	return nil
}

// Applications returns the applications that wait. It is for the operator at the machine.
func (x *Exchange) Applications(ctx context.Context) (out []api.WaitingApplication, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		out = []api.WaitingApplication{}
		rows, err := tx.Applications(maxApplications)
		for _, a := range rows {
			out = append(out, api.WaitingApplication{ID: a.ID, Received: a.Received, Application: a.Application})
		}
		return err
	})
	return out, err
}

// ApplicationsFor is Applications for an operator who has signed in.
func (x *Exchange) ApplicationsFor(ctx context.Context, caller footage.PersonID) ([]api.WaitingApplication, error) {
	if err := x.operator(ctx, caller); err != nil {
		return nil, err
	}
	return x.Applications(ctx)
}

// AnswerApplication puts an application aside, which is forgotten after ninety days. It is for the operator at the machine.
func (x *Exchange) AnswerApplication(ctx context.Context, id footage.ApplicationID) error {
	err := x.db.Write(ctx, func(tx *store.Tx) error { return tx.AnswerApplication(id, x.now()) })
	if footage.KindOf(err) == footage.Conflict {
		return footage.E(footage.NotFound, "No such application waits.")
	}
	return err
}

// AnswerApplicationFor is AnswerApplication for an operator who has signed in.
func (x *Exchange) AnswerApplicationFor(ctx context.Context, caller footage.PersonID, id footage.ApplicationID) error {
	if err := x.operator(ctx, caller); err != nil {
		return err
	}
	return x.AnswerApplication(ctx, id)
}

// operator refuses a caller who is not an operator.
func (x *Exchange) operator(ctx context.Context, caller footage.PersonID) error {
	return x.db.Read(ctx, func(tx *store.Tx) error {
		_, err := x.staff(tx, caller, footage.Operator)
		return err
	})
}
