package web

import (
	"errors"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// withholdingPages adds the office's pages about texts that are withheld.
func (s *server) withholdingPages(handle func(string, handler)) {
	office := []footage.Role{footage.Operator, footage.Moderator}
	handle("GET /staff/withhold", s.show(func(v *visitor) (ui.Page, error) { return s.withholdings(v, ui.Sent{}) }, append(office, footage.Auditor)...))
	handle("POST /staff/withhold", s.act(s.findWithholding, s.withholdings, office...))
	handle("GET /staff/withhold/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.withholding(v, ui.Sent{}) }, office...))
	handle("POST /staff/withhold/{id}/begin", s.sign(func(v *visitor) ([]byte, error) {
		w, _, _, err := s.signedWithholding(v)
		if err != nil {
			return nil, err
		}
		return w.Canonical()
	}, footage.Operator, footage.Moderator))
	handle("POST /staff/withhold/{id}", s.act(s.withhold, s.withholding, office...))
	handle("POST /staff/withhold/{id}/drop", s.act(s.dropWithholding, s.withholding, office...))
}

// withholdings lists what is withheld and what is to be.
func (s *server) withholdings(v *visitor, sent ui.Sent) (ui.Page, error) {
	all, err := s.x.Withholdings(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	page := ui.StaffWithholdingsPage{Visit: v.visit, Names: map[footage.AgencyID]string{}}
	for _, c := range all {
		page.Names[c.Withholding.Agency] = s.front.Load().nameOf(c.Withholding.Agency)
		if c.Withheld == nil {
			page.Waiting = append(page.Waiting, c)
		} else {
			page.Done = append(page.Done, c)
		}
	}
	return ui.NewStaffWithholdingsPage(page, sent), nil
}

// findWithholding leads to the page of a request, which is named by its link or its ID.
func (s *server) findWithholding(v *visitor) (done, error) {
	link := strings.TrimRight(strings.TrimSpace(v.PostFormValue("request")), "/")
	id := footage.RequestID(strings.ToLower(link[strings.LastIndex(link, "/")+1:]))
	if !id.Valid() {
		return done{}, footage.Coded(footage.Invalid, "link", "Paste the whole address of the request, or its ID of 64 digits.")
	}
	return done{path: "/staff/withhold/" + string(id)}, nil
}

// withholding shows one request with what may be done about its text.
func (s *server) withholding(v *visitor, sent ui.Sent) (ui.Page, error) {
	request, err := s.x.PublicRequest(v.Context(), requestOf(v.Request))
	if err != nil {
		return nil, err
	}
	page := ui.StaffWithholdingPage{Visit: v.visit, Request: request, Signed: s.cfg.Now().UTC().Truncate(time.Second)}
	if page.Case, err = s.withholdingCase(v); err != nil {
		return nil, err
	}
	if page.Complaints, err = s.x.ComplaintsToWithhold(v.Context(), v.who(), request.ID); err != nil {
		return nil, err
	}
	return ui.NewStaffWithholdingPage(page, sent), nil
}

// withholdingCase returns what is known of the withholding of the page's request, nil for none.
func (s *server) withholdingCase(v *visitor) (*api.WithholdingCase, error) {
	all, err := s.x.Withholdings(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c api.WithholdingCase) bool { return c.Withholding.Request == requestOf(v.Request) })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

// signedWithholding returns what the page's form is about: the proposal that waits, or the one that the form makes. Its time is
// that at which the page was made, since it is part of what is signed.
func (s *server) signedWithholding(v *visitor) (w footage.Withholding, reference string, agree bool, err error) {
	waiting, err := s.withholdingCase(v)
	if err != nil {
		return w, "", false, err
	}
	if waiting != nil {
		return waiting.Withholding, waiting.Reference, true, nil
	}
	reference = strings.TrimSpace(strings.ReplaceAll(v.PostFormValue("reference"), "\r\n", "\n"))
	signed, err := time.Parse(time.RFC3339, v.PostFormValue("signed"))
	if err != nil {
		return w, "", false, footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	in := api.Withhold{Authority: footage.Authority(v.PostFormValue("authority")), Reference: reference}
	for _, id := range slices.Concat(v.PostForm["complaints"], strings.Fields(v.PostFormValue("others"))) {
		in.Complaints = append(in.Complaints, footage.ComplaintID(id))
	}
	w, err = s.x.WithholdingAt(v.Context(), v.who(), requestOf(v.Request), in, signed)
	return w, reference, false, err
}

// withhold takes in a signature: of the first person as a proposal, of the second as the act itself.
func (s *server) withhold(v *visitor) (done, error) {
	w, reference, agree, err := s.signedWithholding(v)
	if err != nil {
		return done{}, err
	}
	assertion, err := account.Signed(credential(v), v.who(), footage.Role(v.PostFormValue("role")))
	if err != nil {
		return done{}, err
	}
	path := "/staff/withhold/" + string(w.Request)
	if agree {
		err = s.x.AgreeWithholding(v.Context(), v.who(), w.Request, assertion)
		return done{path: path, say: "staff.done.withheld"}, s.changed(v.Request, err)
	}
	err = s.x.ProposeWithholding(v.Context(), v.who(), api.SignedWithholding{Withholding: w, Reference: reference, Assertion: assertion})
	return done{path: path, say: "staff.done.withholding"}, err
}

func (s *server) dropWithholding(v *visitor) (done, error) {
	err := s.x.DropWithholding(v.Context(), v.who(), requestOf(v.Request))
	return done{path: "/staff/withhold", say: "staff.done.dropped"}, err
}

// withholdingsWaiting counts the proposals that the person could agree to.
func (s *server) withholdingsWaiting(v *visitor) (ui.Task, error) {
	task := ui.Task{Label: "staff.task.withhold", Path: "/staff/withhold"}
	all, err := s.x.Withholdings(v.Context(), v.who())
	if errors.Is(err, footage.Forbidden) {
		return task, nil
	}
	for _, c := range all {
		if c.Withheld == nil && c.ProposedBy != v.who() && ui.SecondRole(v.visit.Person, c) != "" {
			task.N++
		}
	}
	return task, err
}
