package deskweb

import (
	"strconv"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	"porchlight.example/ui/text"
)

func shareOf(v *visitor) footage.ShareID { return footage.ShareID(v.PathValue("share")) }

func (s *Server) inboxPage(v *visitor) (ui.Page, error) {
	board, err := s.d.Board(v.Context())
	page := ui.DeskInboxPage{DeskVisit: v.visit}
	for _, q := range board {
		row := ui.DeskRequest{ID: q.Request.ID, Document: q.Request.Document}
		for _, item := range q.Shares {
			row.Shares = append(row.Shares, ui.DeskItem{InboxItem: item})
		}
		page.Requests = append(page.Requests, row)
	}
	return page, err
}

func (s *Server) helpPage(v *visitor) (ui.Page, error) {
	return ui.DeskHelpPage{DeskVisit: v.visit}, nil
}

func (s *Server) setShortcuts(v *visitor) (done, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shortcuts = v.PostFormValue("shortcuts") != ""
	return done{path: "/help"}, nil
}

// sharePage shows a share; form and sent say what was wrong with one of its forms.
func (s *Server) sharePage(v *visitor, form string, sent ui.Sent) (ui.Page, error) {
	id := shareOf(v)
	w := s.take(id)
	r, err := s.d.Review(v.Context(), id)
	if err != nil {
		return nil, err
	}
	page := ui.DeskSharePage{DeskVisit: v.visit, Request: r.Share.Bundle.Record.Document, Share: r.Share.Delivery, Opened: r.Opened, Held: r.Held,
		Problem: reasons(r.Problem), Manifest: r.Manifest, Findings: r.Findings, Names: map[string]string{string(r.Device): s.d.Person().Name}}
	for _, said := range r.Talk {
		page.Talk = append(page.Talk, ui.DeskWords{From: said.From, At: said.At, Text: said.Text, Problem: said.Problem})
	}
	for i, x := range r.Packages {
		page.Packages = append(page.Packages, ui.DeskPackage{Folder: x.Folder, SHA256: x.SHA256, Number: i + 1})
	}
	s.tellWork(&page, w, form, sent)
	if err := s.choose(v, &page); err != nil {
		return nil, err
	}
	return ui.NewDeskSharePage(page, form, sent), nil
}

// tellWork puts on the page what is being done, or how it ended. What went wrong with an act that has no fields is told above
// all.
func (s *Server) tellWork(page *ui.DeskSharePage, w *work, form string, sent ui.Sent) {
	switch {
	case w != nil && !w.ended():
		page.Work = w.progress()
	case w != nil && w.err != nil:
		page.Failed = reasons(w.err)
	case w != nil:
		page.Done = w.say
	}
	switch form {
	case "open", "verify", "accept", "confirm":
		page.Failed = reasons(sent.Err)
	}
}

// choose says which clip is shown: the one that is asked for by its number, or the first.
func (s *Server) choose(v *visitor, page *ui.DeskSharePage) error {
	if !page.Opened {
		return nil
	}
	if n, err := strconv.Atoi(v.URL.Query().Get("clip")); err == nil && n > 0 && n <= len(page.Manifest.Clips) {
		page.Clip = n - 1
	}
	if as, _ := ui.Showable(page.Shown().MediaType); as == "" || !page.Held {
		return nil
	}
	c, release, err := s.borrow(v.Context(), page.Share.Share, page.Shown().ID)
	if err != nil {
		return err
	}
	defer release()
	if shownAs(c) != "" {
		page.Preview = s.previewPath(page.Share.Share, c.ID)
	}
	return nil
}

// said returns a function for an act that has no result but its custody event.
func said(v *visitor, say text.Key, err error) (done, error) {
	return done{path: "/shares/" + string(shareOf(v)), say: say}, err
}
