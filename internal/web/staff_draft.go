package web

import (
	"crypto/rand"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// readDraft makes a document and its private part of the form's fields, and tells which fields cannot be read.
func (s *server) readDraft(v *visitor) (api.DraftRequest, []footage.Reason, error) {
	standing, err := s.x.Agency(v.Context(), v.visit.Person.Agency)
	if err != nil {
		return api.DraftRequest{}, nil, err
	}
	set, err := s.x.Policies(v.Context())
	if err != nil {
		return api.DraftRequest{}, nil, err
	}
	f := &draftForm{value: v.lines}
	zone := f.zone()
	place := f.place()
	d := footage.Document{Type: footage.DocumentType, Nonce: random16(), Agency: standing.Agency.ID, AgencyName: standing.Agency.Name,
		Code: f.value("code"), Offence: f.value("offence"), Title: f.value("title"), Text: f.value("text"), Language: f.value("language"), Zone: f.value("zone"),
		Area: f.area(place), Window: footage.Window{From: f.time("from", zone), To: f.time("to", zone)}, Closes: f.time("closes", zone),
		Contact: footage.Contact{Name: f.value("contact"), Email: f.value("email"), Phone: f.value("phone")},
		OwnCase: f.value("own") == "yes", Changed: f.value("changed"), Policies: set.Refs()}
	if f.value("federal") == "yes" {
		d.Federal = "none"
	}
	if f.value("case") == "" {
		f.fault("case", "Write your agency's own case number; it is not published.")
	}
	in := api.DraftRequest{Document: d, Private: footage.Private{CaseNumber: f.value("case"), CaseSalt: random16(), Place: place, PlaceSalt: random16()}}
	return in, f.faults, commitTo(&in)
}

// commitTo fills in the salted commitments to what is not published.
func commitTo(in *api.DraftRequest) error {
	place, err := footage.Canonical(in.Private.Place)
	if err != nil {
		return err
	}
	caseSalt, err := api.Decode(in.Private.CaseSalt)
	if err != nil {
		return err
	}
	placeSalt, err := api.Decode(in.Private.PlaceSalt)
	in.Document.Case, in.Document.Place = footage.Commit(caseSalt, in.Private.CaseNumber), footage.Commit(placeSalt, string(place))
	return err
}

// random16 returns 128 random bits, base64url.
func random16() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return api.Encode(b[:])
}

// draftForm reads the fields of a request's form.
type draftForm struct {
	value  func(name string) string
	faults []footage.Reason
}

func (f *draftForm) fault(field, msg string) {
	f.faults = append(f.faults, footage.Reason{Code: "form_" + field, Msg: msg})
}

func (f *draftForm) zone() *time.Location {
	name := f.value("zone")
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		f.fault("zone", "Name a time zone of the IANA database, such as America/Chicago.")
		return time.UTC
	}
	return zone
}

// time reads a date and time as the clocks of the zone show it. A time that the clocks skip or show twice is taken as
// package time does; the page shows what came of it.
func (f *draftForm) time(field string, zone *time.Location) time.Time {
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(form, f.value(field), zone); err == nil {
			return t.UTC()
		}
	}
	f.fault(field, "Write the date and time as 2026-03-14 21:30.")
	return time.Unix(0, 0).UTC()
}

// positionForm is one position as people write it: latitude, longitude.
var positionForm = regexp.MustCompile(`^\s*(-?\d{1,2}(?:\.\d{1,12})?)\s*[,\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*$`)

func position(text string) (footage.Point, bool) {
	m := positionForm.FindStringSubmatch(text)
	if m == nil {
		return footage.Point{}, false
	}
	lat, errLat := strconv.ParseFloat(m[1], 64)
	lon, errLon := strconv.ParseFloat(m[2], 64)
	return footage.Point{Lon: lon, Lat: lat}, errLat == nil && errLon == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
}

func (f *draftForm) place() footage.Point {
	p, ok := position(f.value("place"))
	if !ok {
		f.fault("place", "Write the place of the incident as latitude and longitude, such as 44.30120, -87.00450.")
	}
	return p
}

// area reads the corners, or makes a square around the place where only a size is given.
func (f *draftForm) area(place footage.Point) footage.Area {
	corners, size := f.value("corners"), f.value("size")
	if corners == "" && size != "" {
		miles, err := strconv.ParseFloat(size, 64)
		if err != nil || !(miles > 0 && miles < 100) || place.Lat < -60 || place.Lat > 84 {
			f.fault("size", "Write the size of the square as a number of square miles, such as 0.2.")
			return footage.Area{}
		}
		return rounded(geo.Square(place, miles*geo.SquareMile))
	}
	var ring []footage.Point
	for _, line := range strings.FieldsFunc(corners, func(r rune) bool { return r == '\n' || r == ';' }) {
		p, ok := position(line)
		if !ok {
			ring = nil
			break
		}
		ring = append(ring, p)
	}
	if len(ring) < 3 {
		f.fault("corners", "Draw the area, or write at least three corners, each on a line of its own as latitude and longitude.")
		return footage.Area{}
	}
	if ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	return footage.Area{Rings: [][]footage.Point{ring}}
}

// rounded gives an area the precision that the form shows, about a decimeter.
func rounded(a footage.Area) footage.Area {
	short := func(n float64) float64 {
		out, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'f', 6, 64), 64) // what was just written can be read
		return out
	}
	for i, p := range a.Rings[0] {
		a.Rings[0][i] = footage.Point{Lon: short(p.Lon), Lat: short(p.Lat)}
	}
	return a
}

// sentences says reasons in the reader's language.
func (s *server) sentences(v *visitor, reasons []footage.Reason) []string {
	out := []string{}
	for _, r := range reasons {
		out = append(out, s.pages.Reason(v.lang, r))
	}
	return out
}

// begun is what the form of a new request begins with: what the officer wrote before, if the address names a request of theirs;
// else whom to ask and the time zone, as in the agency's newest request or in the register. What one must declare for each
// request anew is left open.
func (s *server) begun(v *visitor, agency footage.Agency) (url.Values, error) {
	if from := v.URL.Query().Get("from"); from != "" {
		written, err := s.x.Written(v.Context(), v.who(), footage.RequestID(from))
		return formOf(written), err
	}
	out := url.Values{"language": {"en"}, "zone": {"America/Chicago"}}
	contact := agency.Contact
	all, err := s.x.AgencyRequests(v.Context(), v.who())
	for _, q := range all {
		if q.Document.Agency == agency.ID && q.Document.Zone != "" {
			contact = q.Document.Contact
			out.Set("zone", q.Document.Zone)
			break
		}
	}
	out.Set("contact", contact.Name)
	out.Set("email", contact.Email)
	out.Set("phone", contact.Phone)
	return out, err
}

// formOf are the fields of the form from which a request came.
func formOf(in api.DraftRequest) url.Values {
	d := in.Document
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		zone = time.UTC
	}
	clock := func(t time.Time) []string { return []string{t.In(zone).Format("2006-01-02T15:04")} }
	at := func(p footage.Point) string {
		return strconv.FormatFloat(p.Lat, 'f', -1, 64) + ", " + strconv.FormatFloat(p.Lon, 'f', -1, 64)
	}
	var corners []string
	if len(d.Area.Rings) > 0 {
		ring := d.Area.Rings[0]
		for _, p := range ring[:len(ring)-1] { // the last corner is the first one again
			corners = append(corners, at(p))
		}
	}
	return url.Values{"title": {d.Title}, "text": {d.Text}, "language": {d.Language}, "offence": {d.Offence}, "code": {d.Code}, "changed": {d.Changed},
		"case": {in.Private.CaseNumber}, "place": {at(in.Private.Place)}, "corners": {strings.Join(corners, "\n")}, "zone": {d.Zone},
		"from": clock(d.Window.From), "to": clock(d.Window.To), "closes": clock(d.Closes),
		"contact": {d.Contact.Name}, "email": {d.Contact.Email}, "phone": {d.Contact.Phone}}
}
