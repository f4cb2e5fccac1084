package exchange_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

func applicant() footage.Application {
	fire := town.Agencies()[1]
	return footage.Application{Name: "Harbor Fire", Type: footage.FireMarshal, BodyName: "City of Harbor", State: "ZZ", County: "Lantern", FDID: "ZZ108",
		Jurisdiction: fire.Jurisdiction, Website: "https://fire.harbor.example", Contact: footage.Contact{Name: "Marshal", Phone: "+1 555 0108"}, Text: "We would like to ask."}
}

func (w *world) apply(a footage.Application) (api.Applied, error) {
	w.t.Helper()
	work, err := w.x.Work(w.t.Context())
	must(w.t, err)
	solution, err := work.Solve(w.t.Context())
	must(w.t, err)
	return w.x.Apply(w.t.Context(), api.Apply{Work: solution, Application: a})
}

// TestApplications: anybody may apply, for work; the office alone reads what waits; every fault is told at once (A5, A6).
func TestApplications(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx, good := t.Context(), applicant()
		_, err := w.x.Apply(ctx, api.Apply{Application: good})
		wantCode(t, "without work", err, "work")
		for name, test := range map[string]struct {
			mutate func(*footage.Application)
			code   string
		}{
			"a company":        {func(a *footage.Application) { a.Type = "company" }, "agency_type"},
			"a federal ORI":    {func(a *footage.Application) { a.ORI = "FBNYC0000" }, "agency_federal"},
			"no number":        {func(a *footage.Application) { a.FDID = "" }, "agency_number"},
			"no body":          {func(a *footage.Application) { a.BodyName = " " }, "application_body"},
			"no jurisdiction":  {func(a *footage.Application) { a.Jurisdiction = nil }, "agency_jurisdiction"},
			"no pages":         {func(a *footage.Application) { a.Website = "javascript:alert(1)" }, "application_website"},
			"a long text":      {func(a *footage.Application) { a.Text = strings.Repeat("x", 2001) }, "application_text"},
			"long altogether":  {func(a *footage.Application) { a.Jurisdiction = []footage.Area{jagged(4500)} }, "application_long"},
			"hidden signs":     {func(a *footage.Application) { a.Name = "Har\u202ebor" }, "application_name"},
			"no way to answer": {func(a *footage.Application) { a.Contact.Phone = "" }, "agency_contact"},
			"nobody":           {func(a *footage.Application) { a.Contact.Name = "" }, "application_contact"},
			"no address":       {func(a *footage.Application) { a.Contact.Email = "marshal" }, "application_email"},
		} {
			a := good
			test.mutate(&a)
			_, err := w.apply(a)
			wantReason(t, name, err, test.code)
		}
		done, err := w.apply(good)
		must(t, err)
		all, err := w.x.ApplicationsFor(ctx, w.operator.id)
		must(t, err)
		if want := []api.WaitingApplication{{ID: done.ID, Received: all[0].Received, Application: good}}; !cmp.Equal(all, want) {
			t.Errorf("there wait %s", cmp.Diff(want, all))
		}
		_, err = w.x.ApplicationsFor(ctx, w.police.officer.id)
		wantKind(t, "an officer looks", err, footage.Forbidden)
		_, err = w.x.ApplicationFor(ctx, w.police.officer.id, done.ID)
		wantKind(t, "an officer looks at one", err, footage.Forbidden)
	})
}

// jagged is an outline of many corners.
func jagged(n int) footage.Area {
	ring := []footage.Point{{Lon: -88, Lat: 44}}
	for i := range n {
		ring = append(ring, footage.Point{Lon: -87 + float64(i%2)/1000, Lat: 44 + float64(i)/100_000})
	}
	return footage.Area{Rings: [][]footage.Point{append(ring, ring[0])}}
}

// TestAnswerApplication: the office enters an applicant into the register, where it may not ask yet, or refuses it with a reason;
// the applicant reads which, by a number that tells nothing else, and after ninety days nothing is left (A4).
func TestAnswerApplication(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		one, err := w.apply(applicant())
		must(t, err)
		other, err := w.x.ApplyByHand(ctx, applicant())
		must(t, err)
		state := func(id footage.ApplicationID) api.AnsweredApplication {
			out, err := w.x.ApplicationState(ctx, id)
			must(t, err)
			out.Received = time.Time{}
			return out
		}
		if got := state(one.ID); got != (api.AnsweredApplication{State: footage.ApplicationWaits}) {
			t.Errorf("it waits as %+v", got)
		}
		accept := api.ApplicationAnswer{Agency: "harbor-fire", Body: "city-of-harbor"}
		wantKind(t, "a moderator accepts", w.x.AnswerApplicationFor(ctx, w.moderator.id, one.ID, accept), footage.Forbidden)
		wantCode(t, "both at once", w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, api.ApplicationAnswer{Agency: "harbor-fire", Reason: footage.NotLocal}), "application_reason")
		wantCode(t, "no reason of the list", w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, api.ApplicationAnswer{Reason: "dislike"}), "application_reason")
		wantReason(t, "neither", w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, api.ApplicationAnswer{}), "agency_id")
		wantCode(t, "the operator's own body", w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, api.ApplicationAnswer{Agency: "harbor-fire", Body: town.Operator().ID}), "same_body")
		wantCode(t, "an ID that is taken", w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, api.ApplicationAnswer{Agency: w.police.ID, Body: "city-of-harbor"}), "agency_exists")

		must(t, w.x.AnswerApplicationFor(ctx, w.operator.id, one.ID, accept))
		must(t, w.x.AnswerApplication(ctx, other.ID, api.ApplicationAnswer{Reason: footage.KnownAlready}))
		wantKind(t, "answered twice", w.x.AnswerApplication(ctx, one.ID, accept), footage.NotFound)
		if got := state(one.ID); got != (api.AnsweredApplication{State: footage.ApplicationAccepted, Agency: "harbor-fire"}) {
			t.Errorf("it was accepted as %+v", got)
		}
		if got := state(other.ID); got != (api.AnsweredApplication{State: footage.ApplicationRefused, Reason: footage.KnownAlready}) {
			t.Errorf("it was refused as %+v", got)
		}
		standing, err := w.x.Agency(ctx, "harbor-fire")
		must(t, err)
		if standing.Open(w.now()) || standing.Verification.Lapse != footage.NotAttested {
			t.Errorf("the applicant may ask: %+v", standing.Verification)
		}
		w.advance(91 * 24 * time.Hour)
		must(t, w.x.Sweep(ctx))
		for _, id := range []footage.ApplicationID{one.ID, other.ID} {
			_, err := w.x.ApplicationState(ctx, id)
			wantKind(t, "ninety days later", err, footage.NotFound)
		}
	})
}

// TestApplicationsAreBounded: the page, which asks for no work, fills half of the room; who does the work finds the rest.
func TestApplicationsAreBounded(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		a := applicant()
		a.Jurisdiction = []footage.Area{{Rings: [][]footage.Point{{{Lon: -88, Lat: 44}, {Lon: -87, Lat: 44}, {Lon: -87, Lat: 45}, {Lon: -88, Lat: 44}}}}}
		for i := range 500 {
			a.Name = fmt.Sprint("Applicant ", i)
			_, err := w.x.ApplyByHand(t.Context(), a)
			must(t, err)
		}
		_, err := w.x.ApplyByHand(t.Context(), a)
		wantKind(t, "one more", err, footage.Full)
		_, err = w.apply(a)
		must(t, err)
	})
}
