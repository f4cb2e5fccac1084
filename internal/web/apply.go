package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/ui"
)

// The page on which a body applies to be admitted. It works without a script, so it asks for no proof of work: what it lets
// through is limited by network and bounded in all ([exchange.Exchange.ApplyByHand]).

const (
	maxApplyBody = 1 << 20 // of the form with its file; it stays in memory
	applyPerHour = 10      // applications from one network
)

func (s *server) applyRoutes(handle func(string, handler)) {
	handle("GET /apply", s.page(func(*http.Request, *frontData) (ui.Page, error) {
		return ui.NewApplyPage(ui.Sent{}, footage.Agency{}), nil
	}))
	handle("POST /apply", s.apply)
	handle("GET /apply/{id}", s.applied)
}

// apply takes in an application, or shows the form again with every fault, or with the outline on a map.
func (s *server) apply(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r, maxApplyBody); err != nil {
		return err
	}
	a, faults, err := readApplication(r)
	if err != nil {
		return err
	}
	seen := a.Agency("", "")
	if r.PostForm.Has("look") {
		return s.public(w, r, http.StatusOK, ui.NewApplyPage(ui.Sent{Values: r.PostForm, Err: untaken(outlineFaults(a, faults))}, seen))
	}
	id, err := s.sendApplication(r, a, faults)
	if err != nil && !mendable(err) {
		return err
	}
	if err != nil {
		return s.public(w, r, api.Status(footage.KindOf(err)), ui.NewApplyPage(ui.Sent{Values: r.PostForm, Err: err}, seen))
	}
	w.Header().Set("Location", "/"+string(ui.Negotiate(r))+"/apply/"+string(id))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func (s *server) sendApplication(r *http.Request, a footage.Application, faults []footage.Reason) (footage.ApplicationID, error) {
	err := s.x.CheckApplication(a)
	var own *footage.Error
	if err != nil && !errors.As(err, &own) {
		return "", err
	}
	if own != nil {
		faults = append(faults, own.Reasons...)
	}
	if len(faults) > 0 {
		return "", untaken(faults)
	}
	if ok, _ := s.applyLimit.allow(r); !ok {
		return "", footage.Coded(footage.TooMany, "apply_often", "Too many applications came from your network in this hour. Try again later, or write to the office.")
	}
	done, err := s.x.ApplyByHand(r.Context(), a)
	return done.ID, err
}

// untaken is the error of a form with faults; nil without any.
func untaken(faults []footage.Reason) error {
	if len(faults) == 0 {
		return nil
	}
	return &footage.Error{Kind: footage.Invalid, Code: "application", Msg: "The application cannot be taken as it is.", Reasons: faults}
}

// outlineFaults picks the faults that are about the outline.
func outlineFaults(a footage.Application, faults []footage.Reason) (out []footage.Reason) {
	for _, r := range faults {
		if strings.HasPrefix(r.Code, "area_") {
			out = append(out, r)
		}
	}
	if len(out) == 0 && len(a.Jurisdiction) == 0 {
		out = append(out, footage.Reason{Code: "agency_jurisdiction", Msg: "There is no outline yet."})
	}
	return out
}

// readApplication makes an application of the form's fields, and tells which of them cannot be read. What was read of the
// outline takes the place of file and text, so that a form that comes back has it.
func readApplication(r *http.Request) (footage.Application, []footage.Reason, error) {
	value := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
	}
	a := footage.Application{Name: value("name"), Type: footage.AgencyType(value("type")), BodyName: value("body"), County: value("county"), State: strings.ToUpper(value("state")),
		ORI: strings.ToUpper(value("ori")), FDID: strings.ToUpper(value("fdid")), LocalID: strings.ToUpper(value("local")), Website: value("website"),
		Contact:              footage.Contact{Name: value("contact"), Email: value("email"), Phone: value("phone")},
		ImmigrationAgreement: value("immigration") == "yes", Policies: value("policies"), Subsidies: value("subsidies"), TaskForces: value("taskforces"), Text: value("words")}
	var faults []footage.Reason
	if v := value("immigration"); v != "yes" && v != "no" {
		faults = append(faults, footage.Reason{Code: "application_immigration", Msg: "Say whether there is an immigration-enforcement agreement."})
	}
	raw, err := fileOr(r, "file", value("outline"))
	if err != nil || len(raw) == 0 {
		return a, faults, err
	}
	a.Jurisdiction, err = geo.ReadBoundary(raw)
	var own *footage.Error
	if errors.As(err, &own) {
		return a, append(faults, footage.Reason{Code: own.Code, Msg: own.Msg}), nil
	}
	if err != nil {
		return a, nil, err
	}
	text, err := multiPolygon(a.Jurisdiction)
	r.PostForm.Set("outline", text)
	return a, faults, err
}

// multiPolygon writes polygons as one GeoJSON geometry.
func multiPolygon(areas []footage.Area) (string, error) {
	out := struct {
		Type        string              `json:"type"`
		Coordinates [][][]footage.Point `json:"coordinates"`
	}{Type: "MultiPolygon"}
	for _, a := range areas {
		out.Coordinates = append(out.Coordinates, a.Rings)
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}

// applied shows whoever knows its number what became of an application.
func (s *server) applied(w http.ResponseWriter, r *http.Request) error {
	id := applicationOf(r)
	state, err := s.x.ApplicationState(r.Context(), id)
	if err != nil {
		return err
	}
	return s.public(w, r, http.StatusOK, ui.AppliedPage{ID: id, State: state.State, Received: state.Received, Reason: state.Reason, Agency: state.Agency})
}

// public answers with a public page that is made for this reader alone, and that no cache may keep.
func (s *server) public(w http.ResponseWriter, r *http.Request, code int, page ui.Page) error {
	var out bytes.Buffer
	if err := s.front.Load().pages.Render(&out, ui.Negotiate(r), page); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", ui.PolicyFor(page))
	w.WriteHeader(code)
	_, _ = w.Write(out.Bytes()) // the caller is gone if this fails
	return nil
}
