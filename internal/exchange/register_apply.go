package exchange

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/mail"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

const (
	maxApplications = 1000                // that wait, so that nobody fills the disk
	maxApplyByHand  = 500                 // of them from the page, which asks for no proof of work
	keepApplication = 90 * 24 * time.Hour // after it was answered
	maxApplyText    = 2000                // characters
	maxApplyBytes   = 60_000              // of the whole description, which must fit an entry of the record
)

// Apply takes in the application of a body that wants to ask. It gives no right to anything: the office reads it, an attestor
// checks, and only then may the body ask.
func (x *Exchange) Apply(ctx context.Context, in api.Apply) (api.Applied, error) {
	return x.apply(ctx, in.Application, maxApplications, func(tx *store.Tx) error { return x.spendWork(tx, in.Work) })
}

// ApplyByHand is Apply for the page, whose form works without a script and so without proof of work. The caller limits how often;
// the page can fill half of the room at most.
func (x *Exchange) ApplyByHand(ctx context.Context, a footage.Application) (api.Applied, error) {
	return x.apply(ctx, a, maxApplyByHand, func(*store.Tx) error { return nil })
}

func (x *Exchange) apply(ctx context.Context, a footage.Application, room int64, pay func(*store.Tx) error) (api.Applied, error) {
	if err := x.CheckApplication(a); err != nil {
		return api.Applied{}, err
	}
	row := store.Application{ID: footage.ApplicationID(footage.NewID(x.random("application", a.Name), "a")), Application: a, Received: x.now()}
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		if err := pay(tx); err != nil {
			return err
		}
		waiting, err := tx.ApplicationsWaiting()
		if err != nil {
			return err
		}
		if waiting >= room {
			return footage.E(footage.Full, "Too many applications wait at this exchange. Write to its office.")
		}
		return tx.InsertApplication(row)
	})
	return api.Applied{ID: row.ID}, err
}

// CheckApplication returns everything that keeps an application from being taken: what the register asks of every description,
// and what the office needs to answer.
func (x *Exchange) CheckApplication(a footage.Application) error {
	described := a.Agency("applicant", "applicant") // the office gives the IDs
	r := x.agencyFaults(described)
	add := func(bad bool, code, msg string) {
		if bad {
			r = append(r, footage.Reason{Code: code, Msg: msg})
		}
	}
	bounded := func(s string, n int, lines bool) bool {
		return utf8.RuneCountInString(s) <= n && policy.Plain(s, lines)
	}
	add(!bounded(a.Name, 200, false), "application_name", "Give the agency's name, in one line of at most 200 characters.")
	add(strings.TrimSpace(a.BodyName) == "" || !bounded(a.BodyName, 200, false), "application_body", "Name the legal body that the agency is a part of, such as a town or county, in one line.")
	add(strings.TrimSpace(a.County) == "" || !bounded(a.County, 100, false), "application_county", "Name the county, in at most 100 characters.")
	site, err := url.Parse(a.Website)
	add(err != nil || site.Scheme != "https" || site.Host == "" || !bounded(a.Website, 200, false), "application_website", "Give the address of the agency's own pages, beginning with https://. Its telephone number is looked up there or in a public register.")
	_, err = mail.Address(a.Contact.Email)
	add(a.Contact.Email != "" && err != nil, "application_email", "This is not an e-mail address. It is written like name@agency.example.")
	add(strings.TrimSpace(a.Contact.Name) == "", "application_contact", "Say who answers questions: an officer or a unit.")
	for _, s := range []string{a.Contact.Name, a.Contact.Email, a.Contact.Phone} {
		add(!bounded(s, 200, false), "application_contact", "Each part of the contact may have 200 characters.")
	}
	add(!bounded(a.Text, maxApplyText, true), "application_text", "The text may have 2,000 characters and must be plain.")
	canonical, err := footage.Canonical(described)
	add(err != nil || len(canonical) > maxApplyBytes, "application_long", fmt.Sprintf("The description may have %d bytes in all; the outline of the jurisdiction is the usual cause. Draw it more simply.", maxApplyBytes))
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

// ApplicationFor returns one application that waits, for an operator who has signed in.
func (x *Exchange) ApplicationFor(ctx context.Context, caller footage.PersonID, id footage.ApplicationID) (out api.WaitingApplication, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator); err != nil {
			return err
		}
		a, err := waitingApplication(tx, id)
		out = api.WaitingApplication{ID: a.ID, Received: a.Received, Application: a.Application}
		return err
	})
	return out, err
}

// waitingApplication returns an application that nobody has answered yet.
func waitingApplication(tx *store.Tx, id footage.ApplicationID) (store.Application, error) {
	a, err := tx.Application(id)
	if footage.KindOf(err) == footage.NotFound || err == nil && a.State != footage.ApplicationWaits {
		return store.Application{}, footage.E(footage.NotFound, "No such application waits.")
	}
	return a, err
}

// ApplicationState tells whoever knows an application's ID what became of it.
func (x *Exchange) ApplicationState(ctx context.Context, id footage.ApplicationID) (out api.AnsweredApplication, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		a, err := tx.Application(id)
		if footage.KindOf(err) == footage.NotFound {
			return footage.E(footage.NotFound, "There is no such application here. It is forgotten ninety days after it was answered.")
		}
		out = api.AnsweredApplication{State: a.State, Received: a.Received, Reason: a.Reason, Agency: a.Agency}
		return err
	})
	return out, err
}

// AnswerApplication refuses an application for a reason that the applicant reads, or enters the applicant into the register,
// where it may not ask yet. The application is forgotten after ninety days. It is for the operator at the machine.
func (x *Exchange) AnswerApplication(ctx context.Context, id footage.ApplicationID, in api.ApplicationAnswer) error {
	return x.write(ctx, func(tx *store.Tx) error { return x.answerApplication(tx, id, in) })
}

// AnswerApplicationFor is AnswerApplication for an operator who has signed in.
func (x *Exchange) AnswerApplicationFor(ctx context.Context, caller footage.PersonID, id footage.ApplicationID, in api.ApplicationAnswer) error {
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator); err != nil {
			return err
		}
		return x.answerApplication(tx, id, in)
	})
}

func (x *Exchange) answerApplication(tx *store.Tx, id footage.ApplicationID, in api.ApplicationAnswer) error {
	a, err := waitingApplication(tx, id)
	if err != nil {
		return err
	}
	if in.Reason != "" {
		if in.Agency != "" || in.Body != "" || !slices.Contains(footage.ApplicationReasons(), in.Reason) {
			return footage.Coded(footage.Invalid, "application_reason", "Refuse for one reason of the list, or give the IDs to accept; not both.")
		}
		a.State, a.Reason = footage.ApplicationRefused, in.Reason
		return tx.AnswerApplication(a, x.now())
	}
	agency := a.Application.Agency(in.Agency, in.Body)
	if err := x.checkAgency(agency); err != nil {
		return err
	}
	if err := x.register(tx, agency); err != nil {
		return err
	}
	a.State, a.Agency = footage.ApplicationAccepted, in.Agency
	return tx.AnswerApplication(a, x.now())
}

// operator refuses a caller who is not an operator.
func (x *Exchange) operator(ctx context.Context, caller footage.PersonID) error {
	return x.db.Read(ctx, func(tx *store.Tx) error {
		_, err := x.staff(tx, caller, footage.Operator)
		return err
	})
}
