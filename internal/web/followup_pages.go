package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/opendata"
	"porchlight.example/ledger"
	"porchlight.example/ui"
)

// followUpsPage makes the public page of what came of requests: T5, D2.
func (s *server) followUpsPage(r *http.Request, d *frontData) (page ui.Page, err error) {
	err = s.with(r.Context(), d, func(l *library) error {
		page, err = kept(l, "followups", func() (ui.Page, error) {
			p := ui.FollowUpsPage{Said: map[footage.Said]int64{}, Ended: int64(len(l.book.Indexes(string(ledger.KindRequestClosed), "")))}
			for _, c := range l.book.Counts("") {
				if k := ledger.Kind(c.Kind); k == ledger.KindRequestOutcome || k == ledger.KindRequestCopies {
					p.Said[footage.Said(c.State)] += c.Count
				}
			}
			overdue, err := s.x.OverdueDuties(r.Context())
			p.Overdue = s.dutyLines(d, overdue)
			return p, err
		})
		return err
	})
	return page, err
}

func (s *server) dutyLines(d *frontData, list []footage.Owed) []ui.DutyLine {
	return ui.DutyLines(list, s.cfg.Now(), d.nameOf)
}

// dutiesAfter returns what is owed after a request, for its page, which names agency and request already.
func (s *server) dutiesAfter(ctx context.Context, d *frontData, request footage.PublicRequest) (out []ui.DutyLine, err error) {
	if request.Status == footage.Published {
		return nil, nil
	}
	err = s.with(ctx, d, func(l *library) error {
		list := l.dutiesWhere(func(o footage.Owed) bool { return o.Request == request.ID })
		if len(list) == 0 {
			list, err = kept(l, "duties "+string(request.ID), func() ([]footage.Owed, error) { return s.x.DutiesAfter(ctx, request.ID) })
		}
		out = s.dutyLines(d, list)
		return err
	})
	for i := range out {
		out[i].AgencyName = ""
	}
	return out, err
}

// dutiesOf returns what an agency owes after all its requests.
func (s *server) dutiesOf(ctx context.Context, d *frontData, id footage.AgencyID) (out []ui.DutyLine, err error) {
	err = s.with(ctx, d, func(l *library) error {
		list := l.dutiesWhere(func(o footage.Owed) bool { return o.Agency == id })
		if !d.whole {
			list, err = kept(l, "duties "+string(id), func() ([]footage.Owed, error) { return s.x.DutiesOf(ctx, id) })
		}
		out = s.dutyLines(d, list)
		return err
	})
	return out, err
}

// dutiesWhere returns those of the requests at hand that fit.
func (l *library) dutiesWhere(fits func(footage.Owed) bool) (out []footage.Owed) {
	for _, o := range l.duties {
		if fits(o) {
			out = append(out, o)
		}
	}
	return out
}

// dutyTables names the tables of what came of requests: one while it has room for all, else one for each month in which
// requests ended.
func (l *library) dutyTables() []string {
	if len(l.book.Indexes(string(ledger.KindRequestClosed), ""))*len(footage.Duties()) <= maxTable {
		return []string{"followups"}
	}
	months := map[string]bool{}
	for _, c := range l.book.Counts("") {
		if c.Kind == string(ledger.KindRequestClosed) {
			months["followups-"+c.Month] = true
		}
	}
	return slices.Sorted(maps.Keys(months))
}

func (s *server) dutyTable(list []footage.Owed, err error) (opendata.Table, error) {
	if err != nil {
		return opendata.Table{}, err
	}
	return opendata.FollowUps(list, s.cfg.Now()), nil
}

// everyDuty makes the one table of all duties, if it has room for them.
func (s *server) everyDuty(ctx context.Context, l *library) (opendata.Table, error) {
	if !slices.Contains(l.dutyTables(), "followups") {
		return opendata.Table{}, footage.E(footage.NotFound, "Too many requests have ended for one table. Take those of a month or of an agency: /data/index.json lists them.")
	}
	return s.dutyTable(s.x.DutiesBetween(ctx, time.Unix(0, 0), s.cfg.Now().Add(time.Hour)))
}
