package ui

import (
	"strconv"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffGatheringsPage lists the planned gatherings near which one moderator more must clear a request.
type StaffGatheringsPage struct {
	Visit
	Gatherings []footage.Gathering // by their beginning
	Editing    bool                // the form holds one of the list
	Form       Form
	File       Form // of many at once
}

// NewStaffGatheringsPage returns the page with what was sent and what was wrong with it. With the form's values of one that is
// listed, that one is changed.
func NewStaffGatheringsPage(v Visit, list []footage.Gathering, sent Sent) StaffGatheringsPage {
	p := StaffGatheringsPage{Visit: v, Gatherings: list, Editing: sent.Values.Get("id") != ""}
	var one, many Sent
	if _, file := sent.Values["csv"]; file {
		many = sent
	} else {
		one = sent
	}
	p.Form = NewForm(one,
		Field{Name: "id", Kind: Hidden},
		Field{Name: "name", Label: "staff.gatherings.name", Required: true, Codes: []string{"gathering_name"}},
		Field{Name: "place", Label: "staff.gatherings.place", Hint: "staff.gatherings.place.hint", Required: true, Codes: []string{"gathering_place"}},
		Field{Name: "metres", Label: "staff.gatherings.radius", Hint: "staff.gatherings.radius.hint", Required: true, Value: "200", Codes: []string{"gathering_radius"}},
		Field{Name: "from", Label: "staff.gatherings.from", Kind: Moment, Required: true, Codes: []string{"gathering_from"}},
		Field{Name: "to", Label: "staff.gatherings.to", Kind: Moment, Required: true, Codes: []string{"gathering_to", "gathering_time"}},
		Field{Name: "zone", Label: "staff.draft.zone", Hint: "staff.draft.zone.hint", Required: true, Value: "America/Chicago", Codes: []string{"gathering_zone"}})
	p.File = NewForm(many, Field{Name: "file", Label: "staff.gatherings.file", Kind: File},
		Field{Name: "csv", Label: "staff.gatherings.csv", Hint: "staff.gatherings.csv.hint", Kind: Lines, Codes: []string{"gathering_file", "gathering_many"}})
	return p
}

// GatheringValues are a gathering as the form holds it, in UTC.
func GatheringValues(g footage.Gathering) map[string][]string {
	const clock = "2006-01-02T15:04"
	place := strconv.FormatFloat(g.Place.Lat, 'f', -1, 64) + ", " + strconv.FormatFloat(g.Place.Lon, 'f', -1, 64)
	return map[string][]string{"id": {g.ID}, "name": {g.Name}, "place": {place}, "metres": {strconv.FormatInt(g.Metres, 10)},
		"from": {g.From.UTC().Format(clock)}, "to": {g.To.UTC().Format(clock)}, "zone": {"Etc/UTC"}}
}

// MayChange reports whether the reader may change the list.
func (p StaffGatheringsPage) MayChange() bool { return p.May(footage.Operator, footage.Moderator) }

func (StaffGatheringsPage) folder() string                 { return "staffgatherings" }
func (StaffGatheringsPage) title(c *text.Catalogue) string { return c.T("staff.gatherings.title") }
func (StaffGatheringsPage) address() string                { return "/staff/gatherings" }
