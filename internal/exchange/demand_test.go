package exchange_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// reports returns what the record reports of half-years.
func (w *world) reports() (demands []ledger.LegalDemands, erasures []ledger.ErasuresTotal) {
	w.t.Helper()
	for _, e := range w.checkRecord() {
		fact, err := e.Fact()
		must(w.t, err)
		switch f := fact.(type) {
		case ledger.LegalDemands:
			demands = append(demands, f)
		case ledger.ErasuresTotal:
			erasures = append(erasures, f)
		}
	}
	return demands, erasures
}

func warrant(received, gag string) api.NewDemand {
	return api.NewDemand{Received: received, Body: footage.DemandByPolice, Kind: footage.DemandWarrant, Asked: "Who sent it.", Gag: gag}
}

// TestLegalDemands (T8, promise 18): each half-year is reported once, none is said, a demand that may not be told of is counted when
// it may, and an answer that came later is told later.
func TestLegalDemands(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		enter := func(in api.NewDemand) footage.DemandID {
			id, err := w.x.EnterDemand(ctx, w.operator.id, in)
			must(t, err)
			return id
		}
		at := func(day string) {
			when, err := time.Parse(time.DateOnly, day)
			must(t, err)
			w.clock.Store(when.UnixMicro())
			must(t, w.x.Report(ctx))
			must(t, w.x.Report(ctx))
		}
		first, second := enter(warrant("2026-11-02", "")), enter(warrant("2026-11-03", ""))
		enter(warrant("2026-11-04", "2027-03-01"))
		must(t, w.x.AnswerDemand(ctx, w.operator.id, first, api.DemandReply{Answer: footage.DemandNothing}))
		must(t, w.x.AgreeDemand(ctx, w.moderator.id, first))
		at("2027-01-14")
		if demands, erasures := w.reports(); len(demands)+len(erasures) != 0 {
			t.Fatalf("reported too early: %v %v", demands, erasures)
		}
		at("2027-01-15")
		must(t, w.x.AnswerDemand(ctx, w.moderator.id, second, api.DemandReply{Answer: footage.DemandRefused}))
		at("2027-06-30") // answered by one alone: it does not count yet
		must(t, w.x.AgreeDemand(ctx, w.operator.id, second))
		at("2028-01-15")
		count := func(answer footage.DemandAnswer) ledger.DemandCount {
			return ledger.DemandCount{Received: "2026-H2", Body: footage.DemandByPolice, Kind: footage.DemandWarrant, Answer: answer, Count: 1}
		}
		none := []ledger.DemandCount{}
		want := []ledger.LegalDemands{
			{Period: "2026-H2", Total: 2, Counts: []ledger.DemandCount{count(footage.DemandNothing), count(footage.DemandPending)}, Answered: none},
			{Period: "2027-H1", Total: 1, Counts: []ledger.DemandCount{count(footage.DemandPending)}, Answered: []ledger.DemandCount{count(footage.DemandRefused)}},
			{Period: "2027-H2", Counts: none, Answered: none},
		}
		demands, erasures := w.reports()
		if diff := cmp.Diff(want, demands); diff != "" {
			t.Errorf("reports (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]ledger.ErasuresTotal{{Period: "2026-H2"}, {Period: "2027-H1"}, {Period: "2027-H2"}}, erasures); diff != "" {
			t.Errorf("erasures (-want +got):\n%s", diff)
		}
	})
}

// TestDemandsNeedTwo: neither the same person, nor the same role, nor anybody of an agency answers a demand.
func TestDemandsNeedTwo(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	id, err := w.x.EnterDemand(ctx, w.operator.id, warrant("2026-11-02", ""))
	must(t, err)
	reply := api.DemandReply{Answer: footage.DemandNothing}
	other := w.enrol("", footage.Operator)
	for name, p := range map[string]person{"an officer": w.police.officer, "a custodian": w.police.custodian, "an auditor": w.enrol("", footage.Auditor)} {
		_, err := w.x.EnterDemand(ctx, p.id, warrant("2026-11-02", ""))
		wantKind(t, "entered by "+name, err, footage.Forbidden)
		wantKind(t, "answered by "+name, w.x.AnswerDemand(ctx, p.id, id, reply), footage.Forbidden)
		wantKind(t, "agreed by "+name, w.x.AgreeDemand(ctx, p.id, id), footage.Forbidden)
	}
	_, err = w.x.EnterDemand(ctx, w.operator.id, warrant("2027-11-02", ""))
	wantCode(t, "a day to come", err, "demand_day")
	_, err = w.x.EnterDemand(ctx, w.operator.id, api.NewDemand{Received: "2026-11-02", Body: "mayor", Kind: "wish", Gag: "2025-01-01"})
	for _, code := range []string{"demand_body", "demand_kind", "demand_asked", "demand_gag"} {
		wantReason(t, "a bad demand", err, code)
	}
	wantKind(t, "agreed before it is answered", w.x.AgreeDemand(ctx, w.moderator.id, id), footage.Conflict)
	wantCode(t, "an unknown answer", w.x.AnswerDemand(ctx, w.operator.id, id, api.DemandReply{Answer: footage.DemandPending}), "demand_answer")
	wantKind(t, "an unknown demand", w.x.AnswerDemand(ctx, w.operator.id, "d-0", reply), footage.NotFound)
	must(t, w.x.AnswerDemand(ctx, w.operator.id, id, reply))
	wantCode(t, "agreed by the same person", w.x.AgreeDemand(ctx, w.operator.id, id), "same_person")
	wantCode(t, "agreed in the same role", w.x.AgreeDemand(ctx, other.id, id), "same_role")
	must(t, w.x.AgreeDemand(ctx, w.moderator.id, id))
	wantCode(t, "agreed twice", w.x.AgreeDemand(ctx, w.moderator.id, id), "demand_answered")
	wantCode(t, "answered afterwards", w.x.AnswerDemand(ctx, w.operator.id, id, reply), "demand_answered")
}

// TestErasuresAreCoarse (N10): nine shares and none give the same total, and eleven the same as ten.
func TestErasuresAreCoarse(t *testing.T) {
	w := lite(t, options{atOnce: true})
	ctx := t.Context()
	id := w.publish(w.police, w.draft(0))
	take := func(n int) {
		for range n {
			p, _ := w.send(w.police, id)
			must(t, discard(w.x.Withdraw(ctx, p.credential)))
		}
	}
	for n, c := range []struct {
		shares int
		want   int64
	}{{9, 0}, {11, 10}} {
		if n > 0 {
			id = w.publish(w.police, w.fresh())
		}
		take(c.shares)
		period := footage.HalfYearOf(w.now())
		w.clock.Store(period.Ends().Add(15 * 24 * time.Hour).UnixMicro())
		must(t, w.x.Report(ctx))
		_, erasures := w.reports()
		if last := erasures[len(erasures)-1]; last.Period != period || last.AtLeast != c.want {
			t.Errorf("%d shares give %+v", c.shares, last)
		}
		w.verify(w.police.Agency) // who vouches does so for a year
	}
}

// TestSmallNumber (N10): the policy's small number leaves out more than tens do, and never less.
func TestSmallNumber(t *testing.T) {
	for _, c := range []struct{ shares, small, want int64 }{{19, 0, 10}, {19, 5, 10}, {9, 5, 0}, {19, 20, 0}, {20, 20, 20}, {34, 35, 0}, {35, 35, 30}} {
		if got := exchange.Coarse(c.shares, c.small); got != c.want {
			t.Errorf("%d shares below the small number %d give %d, want %d", c.shares, c.small, got, c.want)
		}
	}
}
