package audit

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/policy"
)

// judged is an audit of an honest exchange with one request, whose judgement can be tried again under other circumstances.
func judged(t *testing.T) (*Auditor, *request) {
	t.Helper()
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	a, err := Open(t.Context(), Config{Base: w.Server.URL, Trust: evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, Dir: t.TempDir(), Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.Refresh()
	report, err := a.Round(t.Context())
	if err != nil || len(report.Findings) > 0 || report.Requests != 1 {
		t.Fatalf("an honest exchange: %+v, %v", report, err)
	}
	return a, a.world.requests.of(id)
}

// TestRulesAreDecidedAgain: a request that the policy of its day forbade is found from public data: what its area and time
// span may be, and what it comes to together with others (A-rules, N-rules) (B8).
func TestRulesAreDecidedAgain(t *testing.T) {
	t.Parallel()
	a, honest := judged(t)
	for name, c := range map[string]struct {
		change func(*request)
		past   int // requests of the same agency around the same spot, before
		want   string
	}{
		"as it was":                  {},
		"too far back":               {change: func(r *request) { r.at = momentOf(r.at.Time().AddDate(0, 0, 60)) }, want: "rule_window_too_old"},
		"before what it asks for":    {change: func(r *request) { r.at = momentOf(r.at.Time().AddDate(0, -2, 0)) }, want: "rule_window_in_future"},
		"outside its jurisdiction":   {change: func(r *request) { changed(r, func(a *footage.Agency) { a.Jurisdiction = nil }) }, want: "rule_outside_jurisdiction"},
		"an immigration agreement":   {change: func(r *request) { changed(r, func(a *footage.Agency) { a.ImmigrationAgreement = true }) }, want: "rule_immigration_agreement"},
		"cleared by nobody":          {change: func(r *request) { r.cleared = false }, want: "moderation_missing"},
		"linked to what it is not":   {change: func(r *request) { r.linked = []footage.RequestID{footage.RequestID(footage.Hash(nil))} }, want: "linked_other"},
		"urgent about an assault":    {change: func(r *request) { r.urgent = true }, want: "not_urgent"},
		"expired before its time":    {change: func(r *request) { r.expired, r.closed = true, momentOf(r.at.Time().Add(time.Hour)) }, want: "expired_early"},
		"under other policies":       {change: func(r *request) { r.asking = &asking{agency: r.agency, as: r.as} }, want: "other_policies"},
		"as one of a great many":     {past: 60, want: "rule_"},
		"as the third of its number": {past: -2, want: "rule_"},
	} {
		t.Run(name, func(t *testing.T) {
			r := *honest
			if c.change != nil {
				c.change(&r)
			}
			a.memory.Findings = nil
			a.world.history = policy.NewHistory()
			raw, err := a.request(t.Context(), r.ID())
			if err != nil {
				t.Fatal(err)
			}
			checked, ok := a.bundle(t.Context(), raw, r.ID(), "x")
			if !ok {
				t.Fatal("the bundle does not hold")
			}
			for i := range max(c.past, -c.past) {
				other, err := policy.AskedOf(footage.PublicRequest{ID: footage.RequestID(footage.Hash([]byte{byte(i)})), Record: footage.Record{Document: checked.Document, Assertions: signers(checked)}, PublishedAt: r.at.Time().Add(-time.Hour)})
				if err != nil {
					t.Fatal(err)
				}
				if c.past > 0 {
					other.Code = "OTHER" + strings.Repeat("I", i)
				}
				a.world.history.Add(other)
			}
			if err := a.judge(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(a.memory.Findings, func(f Finding) bool { return strings.HasPrefix(f.Code, c.want) })
			if (c.want != "") != found || c.want == "" && len(a.memory.Findings) > 0 {
				t.Errorf("found %+v, want %q", a.memory.Findings, c.want)
			}
		})
	}
}

// TestRanksOfSigners: a request that somebody approved whose rank did not suffice when it was published is found; what became of
// them since plays no part.
func TestRanksOfSigners(t *testing.T) {
	t.Parallel()
	a, r := judged(t)
	for _, who := range a.world.staff {
		who.ranks = append(who.ranks, rankSince{r.index + 1, footage.RankOfficer})
	}
	again := func() []Finding {
		a.memory.Findings, a.world.history = nil, policy.NewHistory()
		if err := a.judge(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		return a.memory.Findings
	}
	if found := again(); len(found) > 0 {
		t.Errorf("ranks of later: %+v", found)
	}
	for _, who := range a.world.staff {
		who.ranks = []rankSince{{0, footage.RankOfficer}}
	}
	if found := again(); len(found) != 1 || found[0].Code != "rule_approver_rank_low" {
		t.Errorf("approved by an officer: %+v", found)
	}
}

// changed has another description of the agency that asks.
func changed(r *request, change func(*footage.Agency)) {
	a := *r.agency
	change(&a)
	r.asking = &asking{agency: &a, as: r.as, policies: r.policies}
}

// TestEndsAreDue: a request whose time is over takes footage no more, and the record says so.
func TestEndsAreDue(t *testing.T) {
	t.Parallel()
	a, r := judged(t)
	a.endsDue(r.text.closes.Add(time.Minute))
	if len(a.memory.Findings) > 0 {
		t.Errorf("a minute after its end: %+v", a.memory.Findings)
	}
	a.endsDue(r.text.closes.Add(2 * time.Hour))
	if len(a.memory.Findings) != 1 || a.memory.Findings[0].Code != "request_not_ended" {
		t.Errorf("two hours after its end: %+v", a.memory.Findings)
	}
}

// TestStateOfAnotherKind: what is no state of an audit is not taken for one.
func TestStateOfAnotherKind(t *testing.T) {
	t.Parallel()
	a, _ := judged(t)
	a.memory.Type = "porchlight/other/v1"
	if err := a.keep(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), a.cfg); !errors.Is(err, footage.Invalid) {
		t.Errorf("got %v, want invalid", err)
	}
}
