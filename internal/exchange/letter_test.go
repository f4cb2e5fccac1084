package exchange_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/mail"
	"porchlight.example/internal/testenv"
)

// post takes letters, or refuses them while it is down.
type post struct {
	down    bool
	tried   int
	letters []mail.Letter
}

func (p *post) Deliver(_ context.Context, l mail.Letter) error {
	p.tried++
	if p.down {
		return errors.New("the mail server is down")
	}
	p.letters = append(p.letters, l)
	return nil
}

// TestLetters: staff who gave an address are told on fixed ticks that work waits, once a tick, and nothing of what.
func TestLetters(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := &post{}
		turn := func() {
			t.Helper()
			must(t, w.x.WriteLetters(ctx))
			must(t, w.x.SendLetters(ctx, p))
		}
		wantCode(t, "no address", w.x.SetMailAddress(ctx, w.moderator.id, "noor"), "mail_address")
		must(t, w.x.SetMailAddress(ctx, w.moderator.id, "noor@exchange.example"))
		must(t, w.x.SetMailAddress(ctx, w.police.custodian.id, "priya@police.example"))
		turn()
		if p.tried > 0 {
			t.Fatal("told of nothing")
		}
		w.submitted(w.police, w.draft(0))
		turn()
		turn() // on the same tick
		if len(p.letters) != 1 || p.letters[0].To != "noor@exchange.example" {
			t.Fatalf("%+v", p.letters)
		}
		if body := p.letters[0].Body + p.letters[0].Subject; strings.Contains(body, "MLPD") || strings.ContainsAny(strings.ReplaceAll(body, w.rp.Origin, ""), "0123456789") {
			t.Errorf("the letter says what waits: %q", body)
		}
		w.advance(4 * time.Hour)
		p.down = true
		turn()
		w.advance(30 * time.Second)
		must(t, w.x.SendLetters(ctx, p))
		if p.tried != 2 {
			t.Errorf("tried %d times before the pause was over", p.tried)
		}
		w.advance(time.Minute)
		p.down = false
		must(t, w.x.SendLetters(ctx, p))
		if len(p.letters) != 2 || p.tried != 3 {
			t.Errorf("after the server came back: %d letters, tried %d times", len(p.letters), p.tried)
		}
		must(t, w.x.SetMailAddress(ctx, w.moderator.id, ""))
		w.advance(4 * time.Hour)
		turn()
		if len(p.letters) != 2 {
			t.Error("told somebody who wants no letters any more")
		}
	})
}

// TestReminders: 60, 30, 7 days and one before a verification ends, the operator and the agency's own administrator are told
// once, as of any work; so is the operator, once a day, while an application waits. A real mail server takes the letters.
func TestReminders(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	server := testenv.SMTP(t, "", "", "")
	post := mail.SMTP{Server: server.Address, From: "exchange@lantern.example", Now: w.now}
	fire := w.agency(town.Agencies()[1])
	admin, other := w.enrol(w.police.ID, footage.AgencyAdmin), w.enrol(fire.ID, footage.AgencyAdmin)
	for p, name := range map[footage.PersonID]string{w.operator.id: "nora", admin.id: "marta", other.id: "owen", w.police.officer.id: "dana"} {
		must(t, w.x.SetMailAddress(ctx, p, name+"@lantern.example"))
	}
	standing, err := w.x.Agency(ctx, w.police.ID)
	must(t, err)
	end := standing.Verification.Until
	must(t, w.x.UnapproveAgency(ctx, fire.ID)) // of which nothing ends

	told := map[string][]int{} // who, how many days before the end
	day := func() {
		t.Helper()
		for range 6 { // the ticks of a day
			must(t, w.x.WriteLetters(ctx))
			must(t, w.x.SendLetters(ctx, post))
			w.advance(4 * time.Hour)
		}
		for _, letter := range server.Fresh(t) {
			for _, name := range []string{"nora", "marta", "owen", "dana"} {
				if strings.Contains(letter, "To: "+name) {
					told[name] = append(told[name], int(end.Sub(w.now().Truncate(24*time.Hour))/(24*time.Hour)))
				}
			}
			if strings.Contains(letter, "erif") || strings.Contains(letter, string(w.police.ID)) || strings.Contains(letter, w.police.Name) {
				t.Errorf("the letter says what waits: %s", letter)
			}
		}
	}
	for w.now().Before(end.AddDate(0, 0, 2)) {
		if left := end.Sub(w.now()); left > 62*24*time.Hour {
			w.advance(left - 62*24*time.Hour)
		}
		day()
	}
	want := map[string][]int{"nora": {60, 30, 7, 1}, "marta": {60, 30, 7, 1}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told on other days: %s", diff)
	}
	clear(told)
	_, err = w.x.ApplyByHand(ctx, applicant())
	must(t, err)
	day()
	if len(told) != 1 || len(told["nora"]) != 1 {
		t.Errorf("of an application were told %v", told)
	}
}

// TestUrgentPages: an urgent request pages the moderators at once, and a server that is down is tried each minute.
func TestUrgentPages(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	must(t, w.x.SetMailAddress(ctx, w.moderator.id, "noor@exchange.example"))
	must(t, w.x.SetMailAddress(ctx, w.police.officer.id, "dana@police.example"))
	id := w.approved(w.police, w.draft(2))
	must(t, w.x.Submit(ctx, w.police.supervisor.id, id, api.Submit{Urgent: true}))
	p := &post{down: true}
	for range 10 {
		must(t, w.x.SendLetters(ctx, p))
		w.advance(time.Minute)
	}
	p.down = false
	must(t, w.x.SendLetters(ctx, p))
	if p.tried != 11 || len(p.letters) != 1 || p.letters[0].To != "noor@exchange.example" || !strings.Contains(p.letters[0].Subject, "URGENT") || strings.Contains(p.letters[0].Body, "MLPD") {
		t.Errorf("tried %d times: %+v", p.tried, p.letters)
	}
	if got := w.status(w.police, id); got != footage.InModeration {
		t.Errorf("the request is %s", got)
	}
}
