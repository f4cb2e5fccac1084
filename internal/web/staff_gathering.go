package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// gatheringRoutes adds the list of planned gatherings, which the exchange's own people keep (P3).
func (s *server) gatheringRoutes(handle func(string, handler)) {
	writers := []footage.Role{footage.Operator, footage.Moderator}
	handle("GET /staff/gatherings", s.show(s.gatheringsPage, footage.Operator, footage.Moderator, footage.Auditor))
	handle("POST /staff/gatherings", s.act(s.putGathering, s.gatherings, writers...))
	handle("POST /staff/gatherings/import", s.act(s.importGatherings, s.gatherings, writers...))
	handle("POST /staff/gatherings/remove", s.act(s.removeGathering, s.gatherings, writers...))
}

// gatheringsPage shows the list, with one of it in the form if the address names it.
func (s *server) gatheringsPage(v *visitor) (ui.Page, error) {
	list, err := s.x.GatheringsFor(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	var sent ui.Sent
	if i := slices.IndexFunc(list, func(g footage.Gathering) bool { return g.ID == v.URL.Query().Get("edit") }); i >= 0 {
		sent.Values = ui.GatheringValues(list[i])
	}
	return ui.NewStaffGatheringsPage(v.visit, list, sent), nil
}

func (s *server) gatherings(v *visitor, sent ui.Sent) (ui.Page, error) {
	list, err := s.x.GatheringsFor(v.Context(), v.who())
	return ui.NewStaffGatheringsPage(v.visit, list, sent), err
}

func (s *server) putGathering(v *visitor) (done, error) {
	f := &draftForm{value: func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }}
	zone := f.zone()
	g := footage.Gathering{ID: f.value("id"), Name: f.value("name"), From: f.time("from", zone), To: f.time("to", zone)}
	g.Place, _ = position(f.value("place"))                   // what is none is refused as a place
	g.Metres, _ = strconv.ParseInt(f.value("metres"), 10, 64) // and this as a radius
	err := s.x.PutGatherings(v.Context(), v.who(), g)
	var own *footage.Error
	for i := range f.faults {
		f.faults[i].Code = strings.Replace(f.faults[i].Code, "form_", "gathering_", 1) // in the words of this form
	}
	if len(f.faults) > 0 && errors.As(err, &own) {
		err = &footage.Error{Kind: footage.Invalid, Code: own.Code, Msg: own.Msg, Reasons: append(f.faults, own.Reasons...)}
	}
	return done{path: "/staff/gatherings", say: "staff.done.gathering"}, err
}

// importGatherings lists what a file or a text holds, all of it or nothing.
func (s *server) importGatherings(v *visitor) (done, error) {
	raw, err := fileOr(v.Request, "file", v.PostFormValue("csv"))
	if err != nil {
		return done{}, err
	}
	list, err := readGatherings(string(raw))
	if err != nil {
		return done{}, err
	}
	return done{path: "/staff/gatherings", say: "staff.done.gathering"}, s.x.PutGatherings(v.Context(), v.who(), list...)
}

// gatheringColumns is the first line of a file of gatherings.
const gatheringColumns = "name,latitude,longitude,meters,from,to"

// readGatherings reads comma-separated lines (RFC 4180) under a line with the names of the columns; times are as in RFC 3339.
func readGatherings(text string) (list []footage.Gathering, err error) {
	bad := func(line int, what string) error {
		return footage.Coded(footage.Invalid, "gathering_file", fmt.Sprintf("Line %d: %s", line, what))
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.TrimLeadingSpace = 6, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 || strings.Join(rows[0], ",") != gatheringColumns {
		return nil, footage.Coded(footage.Invalid, "gathering_file", "The first line must be "+gatheringColumns+", and each line after it a gathering.")
	}
	for i, row := range rows[1:] {
		g := footage.Gathering{Name: row[0]}
		p, ok := position(row[1] + "," + row[2])
		if !ok {
			return nil, bad(i+2, "the place must be a latitude and a longitude in degrees.")
		}
		if g.Metres, err = strconv.ParseInt(row[3], 10, 64); err != nil {
			return nil, bad(i+2, "the radius must be a whole number of meters.")
		}
		from, errFrom := time.Parse(time.RFC3339, row[4])
		to, errTo := time.Parse(time.RFC3339, row[5])
		if errFrom != nil || errTo != nil {
			return nil, bad(i+2, "times are written like 2027-05-01T09:00:00-05:00.")
		}
		g.Place, g.From, g.To = p, from.UTC(), to.UTC()
		list = append(list, g)
	}
	return list, nil
}

func (s *server) removeGathering(v *visitor) (done, error) {
	return done{path: "/staff/gatherings", say: "staff.done.ungathering"}, s.x.RemoveGatheringFor(v.Context(), v.who(), v.PostFormValue("id"))
}
