package ui

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
	"porchlight.example/ui/townmap"
)

// funcs are the functions that templates may call, in one language and for one exchange.
type funcs struct {
	words  *text.Catalogue
	site   Site
	bundle *bundle
}

func (f funcs) table() template.FuncMap {
	return template.FuncMap{
		"t":          func(key text.Key, args ...any) string { return f.words.T(key, args...) },
		"rich":       f.rich,
		"richparas":  f.richParas,
		"href":       f.href,
		"section":    section,
		"asset":      f.bundle.path,
		"integrity":  f.bundle.integrity,
		"texts":      f.words.JSON,
		"sharing":    f.sharing,
		"finding":    f.finding,
		"consent":    f.consent,
		"number":     f.words.Number,
		"count":      f.words.Int,
		"join":       f.words.Join,
		"spaced":     func(groups []string) string { return strings.Join(groups, " ") },
		"date":       f.words.Date,
		"month":      f.month,
		"halfyear":   f.halfYear,
		"moment":     f.moment,
		"span":       f.span,
		"stamp":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"offence":    f.offence,
		"agencytype": func(t footage.AgencyType) string { return f.words.T(text.Key("agencytype." + string(t))) },
		"applicationreason": func(r footage.ApplicationReason) string {
			return f.words.T(text.Key("application.reason." + string(r)))
		},
		"lapse":       func(l footage.Lapse) string { return f.words.T(text.Key("lapse." + string(l))) },
		"role":        func(r footage.Role) string { return f.words.T(text.Key("role." + string(r))) },
		"status":      func(s footage.RequestStatus) string { return f.words.T(text.Key("status." + string(s))) },
		"storedabout": func(about string) string { return f.words.T(text.Key("privacy.about." + about)) },
		"updatekind":  func(k footage.UpdateKind) string { return f.words.T(text.Key("update." + string(k))) },
		"languages":   text.Languages,
		"inlang":      inLang,
		"langname":    f.langName,
		"telephone":   func(s string) string { return strings.ReplaceAll(s, " ", "") },
		"breakable":   breakable,
		"streets":     f.site.Basemap.StreetsIn,
		"requestmap":  f.requestMap,
		"overviewmap": f.overviewMap,
		"agencymap":   f.agencyMap,
		"chart":       f.chart,
		"entrykind":   f.entryKind,
		"detail":      f.detail,
		"draftmap":    f.draftMap,
		"draftframe":  f.draftFrame,
		"words":       func() *text.Catalogue { return f.words },
		"reason":      f.reason,
		"modreason":   func(r footage.ModerationReason) string { return f.words.T(text.Key("moderation.reason." + string(r))) },
		"modoutcome":  func(o footage.Outcome) string { return f.words.T(text.Key("moderation.outcome." + string(o))) },
		"staffstatus": f.staffStatus,
		"moderated":   f.moderated,
		"staffscope":  func(s string) string { return f.words.T(text.Key("staff.scope." + s)) },
		"staffrole":   func(r footage.Role) string { return f.words.T(text.Key("staff.role." + string(r))) },

		"staffrank":        func(r footage.Rank) string { return f.words.T(text.Key("staff.rank." + string(r))) },
		"day":              f.day,
		"waited":           f.waited,
		"decidedwhy":       f.decidedWhy,
		"complaintreason":  func(r footage.ComplaintReason) string { return f.words.T(text.Key("complaint.reason." + string(r))) },
		"complaintoutcome": func(o footage.ComplaintOutcome) string { return f.words.T(text.Key("complaint.outcome." + string(o))) },
		"complaintresult":  func(r footage.ComplaintResult) string { return f.words.T(text.Key("complaint.result." + string(r))) },
		"said":             func(s footage.Said) string { return f.words.T(text.Key("said." + string(s))) },
		"duty":             func(d footage.Duty) string { return f.words.T(text.Key("duty." + string(d))) },
		"authority":        func(a footage.Authority) string { return f.words.T(text.Key("authority." + string(a))) },
		"incident":         func(part string, code any) string { return f.words.T(text.Key(fmt.Sprint("notice.", part, ".", code))) },
		"demand":           func(part string, code any) string { return f.words.T(text.Key(fmt.Sprint("demand.", part, ".", code))) },
		"onwhose":          func(a footage.Authority) string { return f.words.T(text.Key("authority." + string(a) + ".hint")) },
	}
}

// staffStatus names where a request stands for the people of its agency.
func (f funcs) staffStatus(s footage.RequestStatus) string {
	if k := text.Key("staff.status." + string(s)); f.words.Has(k) {
		return f.words.T(k)
	}
	return f.words.T(text.Key("status." + string(s)))
}

// day prints a day as it is written in entries, or as it is if it is none.
func (f funcs) day(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return f.words.Date(t)
}

// month is a month as it stands in the record, "2026-11", in the reader's words. What is none stays as it is.
func (f funcs) month(iso string) string {
	t, err := time.Parse("2006-01", iso)
	if err != nil {
		return iso
	}
	return f.words.Month(t)
}

// halfYear is a half-year as it stands in the record, "2026-H2", in the reader's words. What is none stays as it is.
func (f funcs) halfYear(h footage.HalfYear) string {
	if !h.Valid() {
		return string(h)
	}
	year := strconv.Itoa(h.Begins().Year())
	if h.Begins().Month() == time.July {
		return f.words.T("reports.half.second", "year", year)
	}
	return f.words.T("reports.half.first", "year", year)
}

// moderated says what a moderator decided and why.
func (f funcs) moderated(o footage.Outcome, r footage.ModerationReason) string {
	out := f.words.T(text.Key("moderation.outcome." + string(o)))
	if r != "" {
		out += ": " + f.words.T(text.Key("moderation.reason."+string(r)))
	}
	return out
}

// reason says why something was refused, in the reader's language where the catalogue knows the reason's code.
func (f funcs) reason(r footage.Reason) string {
	if k := text.Key("reason." + r.Code); f.words.Has(k) || r.Msg == "" {
		return f.words.T(k)
	}
	return r.Msg
}

// entryKind says what an entry of a kind states; one that the catalogue does not know is shown as it is.
func (f funcs) entryKind(kind string) string {
	if k := text.Key("record.kind." + kind); f.words.Has(k) {
		return f.words.T(k)
	}
	return kind
}

// detail says a code that an entry gives, in words where the catalogue knows it as a status, an update or a reason.
func (f funcs) detail(code string) string {
	for _, family := range []string{"moderation.outcome.", "moderation.reason.", "complaint.outcome.", "complaint.reason.", "said.", "authority.", "status.", "update.", "reason."} {
		if k := text.Key(family + code); f.words.Has(k) {
			return f.words.T(k)
		}
	}
	return strings.ReplaceAll(code, "_", " ")
}

// href is the path of another page in the same language: a reader who chose one keeps it.
func (f funcs) href(path string) string { return inLang(f.words.Lang, path) }

func inLang(lang text.Lang, path string) string { return "/" + string(lang) + path }

// sharing is what the island of a request's page is told: the request, and the texts that a manifest names.
func (f funcs) sharing(p RequestPage) (string, error) {
	_, consent, err := evidence.ConsentText(evidence.CurrentVersion, string(f.words.Lang))
	if err != nil {
		return "", err
	}
	_, terms, err := evidence.TermsJSON(evidence.CurrentVersion)
	if err != nil {
		return "", err
	}
	d := p.Document()
	raw, err := json.Marshal(map[string]any{"request": p.Request.ID, "title": d.Title, "agency": d.AgencyName, "exchange": f.site.Name, "zone": d.Zone,
		"window": d.Window, "consent": consent, "terms": terms, "desk": !p.Agency.DeskSince.IsZero()})
	return string(raw), err
}

// lookEvery is how many seconds lie between two looks for new requests while the front page is open.
const lookEvery = 600

// finding is what the island of the front page is told: the key by which requests are checked, the street map, and how often
// to look for new requests. It is the same for everybody.
func (f funcs) finding() (string, error) {
	told := map[string]any{"verifier": f.site.VerifierKey, "basemap": "", "every": lookEvery}
	if f.site.Basemap != nil {
		path, err := f.bundle.path(basemapFile)
		if err != nil {
			return "", err
		}
		told["basemap"] = path
	}
	raw, err := json.Marshal(told)
	return string(raw), err
}

// consent is the statement that a resident agrees to, word for word.
func (f funcs) consent() (string, error) {
	text, _, err := evidence.ConsentText(evidence.CurrentVersion, string(f.words.Lang))
	return text, err
}

// section is what the main navigation compares its entries with: which part of a list is shown makes no difference.
func section(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// langName names a document's language, or gives its tag when we have no name for it.
func (f funcs) langName(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if k := text.Key("language." + primary); f.words.Has(k) {
		return f.words.T(k)
	}
	return tag
}

// moment prints a time in the zone; an unknown zone gives UTC, which is then what the abbreviation says.
func (f funcs) moment(t time.Time, zone string) string { return f.words.Moment(t.In(location(zone))) }

func (f funcs) span(w footage.Window, zone string) string {
	l := location(zone)
	return f.words.Span(w.From.In(l), w.To.In(l))
}

func location(zone string) *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// offence names an offence code in plain words; one that the list does not know is shown as it is.
func (f funcs) offence(code string) string {
	if o, ok := footage.OffenceByCode(code); ok {
		return o.Name(string(f.words.Lang))
	}
	return code
}

func (f funcs) requestMap(areas, nearby []footage.Area, bounds []footage.Area, title string) template.HTML {
	m := townmap.Map{
		Basemap: f.site.Basemap, Areas: areas, Nearby: nearby, Bounds: bounds, ID: "map", North: f.words.T("map.north"),
		Title: f.words.T("map.request.title", "request", title), Desc: f.words.T("map.request.desc"),
	}
	if len(areas) > 0 {
		if streets := f.site.Basemap.StreetsIn(areas[0]); len(streets) > 0 {
			m.Desc += " " + f.words.T("map.request.streets", "streets", f.words.Join(streets))
		}
	}
	return m.SVG()
}

// draft is the map on which an area is drawn: the whole jurisdiction, and the area only where there is no jurisdiction.
func (f funcs) draft(a footage.Agency) townmap.Map {
	return townmap.Map{Basemap: f.site.Basemap, Bounds: a.Jurisdiction, ID: "map", North: f.words.T("map.north"),
		Title: f.words.T("staff.draft.map.title", "agency", a.Name), Desc: f.words.T("staff.draft.map.desc")}
}

func (f funcs) draftMap(a footage.Agency) template.HTML { return f.draft(a).SVG() }

// draftFrame tells the page's script which position stands where on the map: middle and degrees for each unit.
func (f funcs) draftFrame(a footage.Agency) string {
	frame, ok := f.draft(a).Frame()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.9f %.9f %.12f %.12f", frame.MidLon, frame.MidLat, frame.East, frame.North)
}

func (f funcs) overviewMap(areas []footage.Area) template.HTML {
	if len(areas) == 0 {
		return ""
	}
	return townmap.Map{
		Basemap: f.site.Basemap, Areas: areas, Labels: townmap.Numbers(len(areas)), ID: "map", North: f.words.T("map.north"),
		Title: f.words.T("map.overview.title", "n", len(areas)), Desc: f.words.T("map.overview.desc"),
	}.SVG()
}

func (f funcs) agencyMap(a footage.Agency) template.HTML {
	return townmap.Map{
		Basemap: f.site.Basemap, Bounds: a.Jurisdiction, ID: "map", North: f.words.T("map.north"),
		Title: f.words.T("map.agency.title", "agency", a.Name), Desc: f.words.T("map.agency.desc"),
	}.SVG()
}
