package web

import (
	"errors"
	"net/http"
	"slices"

	"porchlight.example/internal/account"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// requestRoutes adds the pages on which an agency's people write, sign and approve requests.
func (s *server) requestRoutes(handle func(string, handler)) {
	own := []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian, footage.AgencyAdmin}
	handle("GET /staff/requests", s.show(s.agencyRequests, own...))
	handle("GET /staff/requests/new", s.show(func(v *visitor) (ui.Page, error) { return s.draftPage(v, ui.Sent{}) }, footage.Officer))
	handle("POST /staff/requests/new", s.act(s.draft, s.draftPage, footage.Officer))
	handle("POST /staff/requests/new/decide", s.visited(s.judge, footage.Officer))
	handle("GET /staff/requests/{id}", s.show(func(v *visitor) (ui.Page, error) { return s.ownRequest(v, ui.Sent{}) }, own...))
	handle("POST /staff/requests/{id}/submit", s.act(s.submit, s.ownRequest, footage.Supervisor))
	handle("POST /staff/requests/{id}/appeal", s.act(s.appeal, s.ownRequest, footage.Officer, footage.Supervisor))
	handle("POST /staff/requests/{id}/takeback", s.act(s.takeBack, s.ownRequest, footage.Officer, footage.Supervisor))
	handle("POST /staff/requests/{id}/approver", s.act(s.chooseApprover, s.ownRequest, footage.Officer))
	for path, role := range map[string]footage.Role{"sign": footage.Officer, "approve": footage.Supervisor} {
		handle("POST /staff/requests/{id}/"+path+"/begin", s.sign(func(v *visitor) ([]byte, error) {
			_, canonical, err := s.x.AgencyRequest(v.Context(), v.who(), requestOf(v.Request))
			return canonical, err
		}))
		handle("POST /staff/requests/{id}/"+path, s.act(s.signature(role), s.ownRequest, role))
	}
}

// agencyRequests lists what the person's agency has written.
func (s *server) agencyRequests(v *visitor) (ui.Page, error) {
	all, err := s.x.AgencyRequests(v.Context(), v.who())
	page := ui.StaffRequestsPage{Visit: v.visit, Mine: v.visit.May(footage.Officer)}
	for _, q := range all {
		page.Requests = append(page.Requests, ui.StaffRequestRow{ID: q.ID, Status: q.Status, Document: q.Document, Waits: signsAs(v, q) != ""})
	}
	return page, err
}

// signsAs is the role in which the person may sign a request as it stands, or none.
func signsAs(v *visitor, q api.AgencyRequest) footage.Role {
	switch {
	case q.Status == footage.Draft && q.Author == v.who() && v.visit.May(footage.Officer):
		return footage.Officer
	case q.Status == footage.Signed && q.Author != v.who() && v.visit.May(footage.Supervisor):
		return footage.Supervisor
	}
	return ""
}

// waitingToSign counts the requests that wait for the person's signature in a role.
func (s *server) waitingToSign(role footage.Role, label uitext.Key) func(v *visitor) (ui.Task, error) {
	return func(v *visitor) (ui.Task, error) {
		task := ui.Task{Label: label, Path: "/staff/requests"}
		if !v.visit.May(role) {
			return task, nil
		}
		all, err := s.x.AgencyRequests(v.Context(), v.who())
		for _, q := range all {
			if signsAs(v, q) == role {
				task.N++
			}
		}
		return task, err
	}
}

// draftPage shows the form of a request.
func (s *server) draftPage(v *visitor, sent ui.Sent) (ui.Page, error) {
	standing, err := s.x.Agency(v.Context(), v.visit.Person.Agency)
	if err != nil {
		return nil, err
	}
	if sent.Values == nil {
		if sent.Values, err = s.begun(v, standing.Agency); err != nil {
			return nil, err
		}
	}
	return ui.NewStaffDraftPage(v.visit, standing.Agency, sent), nil
}

// draft stores what an officer wrote, if it keeps every rule.
func (s *server) draft(v *visitor) (done, error) {
	in, faults, err := s.readDraft(v)
	if err != nil {
		return done{}, err
	}
	q, err := api.AgencyRequest{}, error(&footage.Error{Kind: footage.Invalid, Code: refused})
	if len(faults) == 0 {
		q, err = s.x.Draft(v.Context(), v.who(), in)
	}
	var own *footage.Error
	if errors.As(err, &own) && own.Code == refused {
		decision, err := s.x.Judge(v.Context(), v.who(), in, string(v.lang)) // the same in the reader's language
		if err != nil {
			return done{}, err
		}
		return done{}, &footage.Error{Kind: footage.Invalid, Code: refused, Msg: "The request cannot be made as it is.", Reasons: besides(faults, decision.Refused)}
	}
	return done{path: "/staff/requests/" + string(q.ID), say: "staff.done.drafted"}, err
}

// refused is the code of a request that breaks rules.
const refused = "request_refused"

// besides adds the rules' reasons to the form's own, but for those about a field that could not be read at all. They come in the
// order of the form; what is about no field comes last.
func besides(faults, reasons []footage.Reason) []footage.Reason {
	fields := ui.DraftFields()
	unread := func(r footage.Reason) bool {
		return slices.ContainsFunc(fields, func(f ui.Field) bool {
			return slices.Contains(f.Codes, r.Code) && slices.ContainsFunc(faults, func(fault footage.Reason) bool { return slices.Contains(f.Codes, fault.Code) })
		})
	}
	all := slices.Clone(faults)
	for _, r := range reasons {
		if !unread(r) {
			all = append(all, r)
		}
	}
	at := func(r footage.Reason) int {
		if i := slices.IndexFunc(fields, func(f ui.Field) bool { return slices.Contains(f.Codes, r.Code) }); i >= 0 {
			return i
		}
		return len(fields)
	}
	slices.SortStableFunc(all, func(a, b footage.Reason) int { return at(a) - at(b) })
	return all
}

// unwritten parts the reasons that are about fields which are still empty from those about what was written.
func unwritten(v *visitor, reasons []footage.Reason) (missing, broken []footage.Reason) {
	fields := ui.DraftFields()
	for _, r := range reasons {
		empty := func(f ui.Field) bool { return slices.Contains(f.Codes, r.Code) && v.lines(f.Name) == "" }
		if slices.ContainsFunc(fields, empty) {
			missing = append(missing, r)
		} else {
			broken = append(broken, r)
		}
	}
	return missing, broken
}

// judge answers the form's script with what the rules say, in the reader's language. Nothing is stored.
func (s *server) judge(w http.ResponseWriter, v *visitor) error {
	v.Body = http.MaxBytesReader(w, v.Body, maxBody)
	if err := v.ParseForm(); err != nil {
		return footage.E(footage.Invalid, "The form cannot be read. Open the page anew and fill it in again.")
	}
	in, faults, err := s.readDraft(v)
	if err != nil {
		return err
	}
	decision, err := s.x.Judge(v.Context(), v.who(), in, string(v.lang))
	if err != nil {
		return err
	}
	missing, broken := unwritten(v, besides(faults, decision.Refused))
	out := verdict{Missing: s.sentences(v, missing), Refused: s.sentences(v, broken), Held: s.sentences(v, decision.Held), Linked: []link{},
		Area: decision.SquareMiles, Hours: decision.CameraHours}
	for _, id := range decision.Linked {
		out.Linked = append(out.Linked, link{id.Short(), v.href("/requests/" + string(id))})
	}
	return write(w, http.StatusOK, out)
}

// verdict is what the form's script is told.
type verdict struct {
	Missing []string `json:"missing"` // what is refused because nothing is written yet
	Refused []string `json:"refused"`
	Held    []string `json:"held"`
	Linked  []link   `json:"linked"`
	Area    float64  `json:"area"`
	Hours   float64  `json:"hours"`
}

type link struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// ownRequest shows a request to its agency as the public will see it.
func (s *server) ownRequest(v *visitor, sent ui.Sent) (ui.Page, error) {
	q, _, err := s.x.AgencyRequest(v.Context(), v.who(), requestOf(v.Request))
	if err != nil {
		return nil, err
	}
	standing, err := s.x.Agency(v.Context(), q.Document.Agency)
	if err != nil {
		return nil, err
	}
	page := ui.StaffRequestPage{Visit: v.visit, Status: q.Status, Sign: signsAs(v, q), Author: q.Author == v.who(),
		RequestPage: ui.RequestPage{Agency: standing, Request: footage.PublicRequest{ID: q.ID, Status: q.Status, Record: footage.Record{Document: q.Document}, Updates: q.Updates}}}
	set, err := s.x.Policies(v.Context())
	if err != nil {
		return nil, err
	}
	page.Hand = q.Status == footage.Approved && v.visit.May(footage.Supervisor)
	page.Urgent = set.Review(policy.ReviewInput{Document: q.Document}).Urgent
	s.moderated(v, q, &page, sent)
	page.Chosen = q.Approver
	if page.Approvers, err = s.approvers(v, q); err != nil {
		return nil, err
	}
	if q.Status.Public() {
		page.Request, err = s.x.PublicRequest(v.Context(), q.ID)
		return page, err
	}
	decision, err := s.x.Foresee(v.Context(), v.who(), q.ID, string(v.lang))
	page.Request.SquareMiles, page.Request.Linked = decision.SquareMiles, decision.Linked
	page.Decision = ui.Decision{Refused: decision.Refused, Held: decision.Held}
	return page, err
}

// moderated fills in what moderators have said of a request, and what its agency may do about it.
func (s *server) moderated(v *visitor, q api.AgencyRequest, page *ui.StaffRequestPage, sent ui.Sent) {
	own := q.Document.Agency == v.visit.Person.Agency && v.visit.May(footage.Officer, footage.Supervisor)
	var last api.Round
	for _, r := range q.Moderation {
		if r.Case != string(q.ID) {
			continue
		}
		last = r
		if r.Outcome == footage.OutcomeCleared || r.Outcome == footage.OutcomeHeld || r.Outcome == footage.OutcomeRefused {
			page.Told = append(page.Told, ui.Told{Outcome: r.Outcome, Reason: r.Reason, Words: r.Words})
		}
	}
	page.TakeBack = own && q.Status == footage.InModeration && !last.Urgent
	turnedDown := q.Status == footage.StatusHeld || q.Status == footage.StatusRefused
	if _, appealed := sent.Values["words"]; own && turnedDown && last.Round == 1 {
		page.Appeal = ui.AppealForm(ui.Sent{})
		if appealed {
			page.Appeal, sent = ui.AppealForm(sent), ui.Sent{Err: sent.Err}
		}
	}
	page.Form = ui.NewForm(sent)
}

// approvers names who can approve a request that waits for it.
func (s *server) approvers(v *visitor, q api.AgencyRequest) (out []ui.Approver, err error) {
	if q.Status != footage.Signed {
		return nil, nil
	}
	all, err := s.x.Approvers(v.Context(), v.who(), q.ID)
	for _, p := range all {
		one := ui.Approver{Name: p.Name}
		if p.Agency != q.Document.Agency {
			one.ID = p.ID
			one.From = string(p.Agency)
			if standing, ok := s.front.Load().agency(p.Agency); ok {
				one.From = standing.Agency.Name
			}
		}
		out = append(out, one)
	}
	return out, err
}

// chooseApprover says which lent supervisor is to approve a request.
func (s *server) chooseApprover(v *visitor) (done, error) {
	id := requestOf(v.Request)
	return done{path: "/staff/requests/" + string(id), say: "staff.done.approver"}, s.x.ChooseApprover(v.Context(), v.who(), id, footage.PersonID(v.PostFormValue("approver")))
}

// appeal brings what a moderator held or refused before another one.
func (s *server) appeal(v *visitor) (done, error) {
	id := requestOf(v.Request)
	err := s.x.Appeal(v.Context(), v.who(), string(id), api.Appeal{Words: v.lines("words")})
	return done{path: "/staff/requests/" + string(id), say: "staff.done.appealed"}, s.changed(v.Request, err)
}

// takeBack takes a request from the moderators.
func (s *server) takeBack(v *visitor) (done, error) {
	id := requestOf(v.Request)
	return done{path: "/staff/requests/" + string(id), say: "staff.done.takenback"}, s.x.TakeBack(v.Context(), v.who(), id)
}

// signature takes in a person's signature over a request.
func (s *server) signature(role footage.Role) deed {
	return func(v *visitor) (done, error) {
		a, err := account.Signed(credential(v), v.who(), role)
		if err != nil {
			return done{}, err
		}
		id := requestOf(v.Request)
		if role == footage.Officer {
			return done{path: "/staff/requests/" + string(id), say: "staff.done.signed"}, s.x.Sign(v.Context(), v.who(), id, a)
		}
		if err := s.x.Approve(v.Context(), v.who(), id, a); err != nil {
			return done{}, err
		}
		out, err := s.submit(v)
		out.say = "staff.done.approved"
		return out, err
	}
}

// submit hands an approved request to the moderators. Should it fail right after the approval, the page offers it again.
func (s *server) submit(v *visitor) (done, error) {
	id := requestOf(v.Request)
	err := s.x.Submit(v.Context(), v.who(), id, api.Submit{Urgent: v.PostFormValue("urgent") != ""})
	return done{path: "/staff/requests/" + string(id), say: "staff.done.submitted"}, err
}
