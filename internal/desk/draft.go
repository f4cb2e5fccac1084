package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Draft is what an officer writes. Times are as the clocks of the zone show them, "2026-03-14 21:30", or with an offset. The
// rest of the document - type, nonce, commitments, policies, the agency's name - is filled in by [Desk.Compose].
type Draft struct {
	Code       string          `json:"code"`
	Offence    string          `json:"offence"`
	Title      string          `json:"title"`
	Text       string          `json:"text"`
	Language   string          `json:"language"` // empty: "en"
	Zone       string          `json:"zone"`
	Area       json.RawMessage `json:"area,omitempty"`      // GeoJSON: a polygon, or a feature of one
	AreaFile   string          `json:"area_file,omitempty"` // or a file of it, beside this one
	From       string          `json:"from"`
	To         string          `json:"to"`
	Closes     string          `json:"closes"`
	Contact    footage.Contact `json:"contact"`
	OwnCase    bool            `json:"own_case"`            // the officer's own declaration
	Federal    string          `json:"federal_involvement"` // likewise: "none", or what there is
	Changed    string          `json:"changed,omitempty"`   // for the second request of an investigation
	CaseNumber string          `json:"case_number"`         // goes to the exchange, never to the public
	Place      *footage.Point  `json:"place"`               // the exact incident point; likewise
}

// maxDraft bounds a draft's file and its area, in bytes.
const maxDraft = 4 << 20

// ReadDraft reads a draft from a JSON file, and its area from another file if it names one.
func ReadDraft(path string) (Draft, error) {
	var in Draft
	raw, err := readSome(path)
	if err != nil {
		return in, err
	}
	if err := footage.DecodeStrict(raw, &in); err != nil {
		return in, err
	}
	if in.AreaFile == "" {
		return in, nil
	}
	if len(in.Area) > 0 {
		return in, footage.E(footage.Invalid, "The draft holds an area and names a file of one. Keep one of the two.")
	}
	at := in.AreaFile
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(path), at)
	}
	in.Area, err = readSome(at)
	return in, err
}

func readSome(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, footage.E(footage.NotFound, "The file "+path+" cannot be read. Check its name.")
	}
	if info.Size() > maxDraft {
		return nil, footage.E(footage.TooLarge, fmt.Sprintf("The file %s has %d bytes; %d are the limit.", path, info.Size(), maxDraft))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return raw, nil
}

// Compose makes the whole document of a draft, with the agency's name from the public record and the rules in force, and its
// private part. Everything that is wrong with the draft itself is in one error; the rules are the exchange's to apply.
func (d *Desk) Compose(ctx context.Context, in Draft) (api.DraftRequest, error) {
	var out api.DraftRequest
	window, closes, area, err := in.parse()
	if err != nil {
		return out, err
	}
	info, err := d.client.Exchange(ctx)
	if err != nil {
		return out, fmt.Errorf("look at the exchange: %w", err)
	}
	r, err := d.Record(ctx)
	if err != nil {
		return out, err
	}
	out.Private = footage.Private{CaseNumber: in.CaseNumber, CaseSalt: random16(), Place: *in.Place, PlaceSalt: random16()}
	out.Document = footage.Document{Type: footage.DocumentType, Nonce: random16(), Agency: r.Agency.ID, AgencyName: r.Agency.Name, Code: in.Code, Offence: in.Offence,
		Title: in.Title, Text: in.Text, Language: in.Language, Zone: in.Zone, Area: area, Window: window, Closes: closes, Contact: in.Contact,
		OwnCase: in.OwnCase, Federal: in.Federal, Changed: in.Changed, Policies: info.Policies}
	if out.Document.Language == "" {
		out.Document.Language = "en"
	}
	return out, commit(&out)
}

// commit fills in the salted commitments to what is not published.
func commit(out *api.DraftRequest) error {
	place, err := footage.Canonical(out.Private.Place)
	if err != nil {
		return err
	}
	caseSalt, err := api.Decode(out.Private.CaseSalt)
	if err != nil {
		return err
	}
	placeSalt, err := api.Decode(out.Private.PlaceSalt)
	if err != nil {
		return err
	}
	out.Document.Case = footage.Commit(caseSalt, out.Private.CaseNumber)
	out.Document.Place = footage.Commit(placeSalt, string(place))
	return nil
}

// random16 returns 128 random bits, base64url.
func random16() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return api.Encode(b[:])
}

// parse reads times, area and place, and gathers every fault.
func (in Draft) parse() (window footage.Window, closes time.Time, area footage.Area, err error) {
	var reasons []footage.Reason
	add := func(r *footage.Reason) {
		if r != nil {
			reasons = append(reasons, *r)
		}
	}
	zone, fault := in.zone()
	add(fault)
	for _, f := range []struct {
		name, value string
		to          *time.Time
	}{{"from", in.From, &window.From}, {"to", in.To, &window.To}, {"closes", in.Closes, &closes}} {
		t, fault := parseTime(f.value, zone)
		if fault != nil {
			fault.Msg = f.name + ": " + fault.Msg
		}
		*f.to = t.Truncate(time.Second)
		add(fault)
	}
	area, fault = parseArea(in.Area)
	add(fault)
	if in.Place == nil {
		add(&footage.Reason{Code: "place_missing", Msg: "place: The exact incident point is missing, [longitude, latitude]. It is not published."})
	}
	if in.CaseNumber == "" {
		add(&footage.Reason{Code: "case_missing", Msg: "case_number: Your agency's own case number is missing. It is not published."})
	}
	if len(reasons) > 0 {
		err = &footage.Error{Kind: footage.Invalid, Code: "draft", Msg: "The draft cannot be used as it is.", Reasons: reasons}
	}
	return window, closes, area, err
}

func (in Draft) zone() (*time.Location, *footage.Reason) {
	if in.Zone == "" {
		return nil, &footage.Reason{Code: "zone_missing", Msg: "zone: Name the time zone in which people read the times, such as America/Chicago."}
	}
	zone, err := time.LoadLocation(in.Zone)
	if err != nil || in.Zone == "Local" {
		return nil, &footage.Reason{Code: "zone_unknown", Value: in.Zone, Msg: "zone: This is no time zone of the IANA database, such as America/Chicago."}
	}
	return zone, nil
}

// parseArea reads one polygon from GeoJSON: the geometry itself, a feature, or a collection of one feature.
func parseArea(raw json.RawMessage) (footage.Area, *footage.Reason) {
	var area footage.Area
	if len(raw) == 0 {
		return area, &footage.Reason{Code: "area_missing", Msg: "area: The area is missing: a GeoJSON polygon, or area_file with the name of a file of one."}
	}
	var outer struct {
		Type     string            `json:"type"`
		Geometry json.RawMessage   `json:"geometry"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(raw, &outer); err != nil {
		return area, &footage.Reason{Code: "area_form", Msg: "area: This is not GeoJSON: " + err.Error() + "."}
	}
	switch {
	case outer.Type == "FeatureCollection" && len(outer.Features) == 1:
		return parseArea(outer.Features[0])
	case outer.Type == "FeatureCollection":
		return area, &footage.Reason{Code: "area_form", Msg: fmt.Sprintf("area: The file holds %d features; an area is one polygon.", len(outer.Features))}
	case outer.Type == "Feature":
		return parseArea(outer.Geometry)
	}
	if err := json.Unmarshal(raw, &area); err != nil {
		return area, &footage.Reason{Code: "area_form", Msg: "area: " + plainError(err)}
	}
	return area, nil
}
