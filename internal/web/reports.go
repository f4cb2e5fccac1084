package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// reportsPage makes the page of the half-yearly reports: legal demands and erasures (T8, N10).
func (s *server) reportsPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "reports", func() (ui.Page, error) {
			p := ui.ReportsPage{}
			if p.Demands, err = s.demandReports(r.Context(), d, l); err != nil {
				return nil, err
			}
			p.Erasures, err = s.erasureTotals(r.Context(), d, l)
			return p, err
		})
		return err
	})
	return page, err
}

// demandReports reads the reports of legal demands, the oldest first.
func (s *server) demandReports(ctx context.Context, d *frontData, l *library) (out []opendata.Report, err error) {
	err = s.eachOfKind(ctx, d, l, ledger.KindLegalDemands, func(line opendata.Line) error {
		r := opendata.Report{Entry: line.Index}
		err := json.Unmarshal(line.Data, &r.LegalDemands)
		out = append(out, r)
		return err
	})
	return out, err
}

// erasureTotals reads the totals of erasures, the oldest first.
func (s *server) erasureTotals(ctx context.Context, d *frontData, l *library) (out []opendata.Erased, err error) {
	err = s.eachOfKind(ctx, d, l, ledger.KindErasuresTotal, func(line opendata.Line) error {
		e := opendata.Erased{Entry: line.Index}
		err := json.Unmarshal(line.Data, &e.ErasuresTotal)
		out = append(out, e)
		return err
	})
	return out, err
}

// eachOfKind reads every entry of a kind of which there are few.
func (s *server) eachOfKind(ctx context.Context, d *frontData, l *library, kind ledger.Kind, do func(opendata.Line) error) error {
	for _, i := range l.book.Indexes(string(kind), "") {
		lines, err := s.lines(ctx, d, l, i, i+1)
		if err != nil {
			return err
		}
		if err := do(lines[0]); err != nil {
			return fmt.Errorf("read entry %d: %w", i, err)
		}
	}
	return nil
}
