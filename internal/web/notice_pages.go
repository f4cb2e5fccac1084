package web

import (
	"net/http"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

func noticesPage(_ *http.Request, d *frontData) (ui.Page, error) {
	return ui.NoticesPage{Notices: d.notices}, nil
}

func noticePage(r *http.Request, d *frontData) (ui.Page, error) {
	n, ok := d.notice(footage.NoticeID(r.PathValue("id")))
	if !ok {
		return nil, noNotice()
	}
	page := ui.NoticePage{Notice: n, Names: map[footage.AgencyID]string{}}
	for _, id := range n.Says().Agencies {
		page.Names[id] = d.nameOf(id)
	}
	return page, nil
}

// notice finds a public notice.
func (d *frontData) notice(id footage.NoticeID) (footage.Notice, bool) {
	i := slices.IndexFunc(d.notices, func(n footage.Notice) bool { return n.ID == id })
	if i < 0 {
		return footage.Notice{}, false
	}
	return d.notices[i], true
}

func noNotice() error { return footage.E(footage.NotFound, "There is no such notice here.") }
