package opendata

import "porchlight.example/ledger"

// Report is what the exchange has reported of one half-year.
type Report struct {
	ledger.LegalDemands
	Entry int64 // index of its legal.demands entry
}

// Erased is one half-year's total of erasures.
type Erased struct {
	ledger.ErasuresTotal
	Entry int64
}

// DemandColumns are those of the table of legal demands.
func DemandColumns() []Column {
	return []Column{
		{"report", "half-year of the report"},
		{"received", "half-year in which they came in; empty in the line that says that there was none"},
		{"body", "who demanded"},
		{"kind", "by what means"},
		{"answer", "what became of them; pending: nothing yet"},
		{"again", "true: counted as pending by an earlier report, and answered since"},
		{"count", "how many were alike"},
		{"entry", "index of the report's entry"},
	}
}

// Demands returns the table of legal demands, report by report. One that counts none has a line that says so.
func Demands(reports []Report) Table {
	t := Table{Name: "legal-demands", Columns: DemandColumns(), Rows: []Row{}}
	add := func(r Report, c ledger.DemandCount, again bool) {
		t.Rows = append(t.Rows, Row{Cells: []any{string(r.Period), string(c.Received), string(c.Body), string(c.Kind), string(c.Answer), again, c.Count, r.Entry}})
	}
	for _, r := range reports {
		for _, c := range r.Counts {
			add(r, c, false)
		}
		for _, c := range r.Answered {
			add(r, c, true)
		}
		if r.Total == 0 {
			add(r, ledger.DemandCount{}, false)
		}
	}
	return t
}

// ErasureColumns are those of the table of erasures.
func ErasureColumns() []Column {
	return []Column{
		{"report", "half-year"},
		{"at_least", "how many shares were erased, rounded down to tens; 0: fewer than ten, or none"},
		{"entry", "index of its entry"},
	}
}

// Erasures returns the table of erasures.
func Erasures(all []Erased) Table {
	t := Table{Name: "erasures", Columns: ErasureColumns(), Rows: []Row{}}
	for _, e := range all {
		t.Rows = append(t.Rows, Row{Cells: []any{string(e.Period), e.AtLeast, e.Entry}})
	}
	return t
}
