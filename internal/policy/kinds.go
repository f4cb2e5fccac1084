package policy

import (
	"slices"
	"strings"
	"sync"
)

// kinds lists every kind of rule, in the order in which pages show them. Kinds that came after the first policy files were
// written are optional, so that those files go on being whole. Nobody changes the list.
var kinds = sync.OnceValue(func() []kind {
	return slices.Concat(decidingKinds(), guardingKinds(), fishingKinds(), reviewKinds(), handlingKinds())
})

// Info is a kind of rule as documents and programs list it.
type Info struct {
	Name     string
	About    string // what keeping it means
	Limit    string // what a limit may be, or the codes that a list may hold; empty when there is neither
	Stricter string // which of two rules wins
	Optional bool   // policies may do without it
}

// Group is kinds that belong together.
type Group struct {
	Name  string
	Kinds []Info
}

// Kinds lists every kind of rule.
func Kinds() []Group {
	group := func(name string, kinds []kind) Group {
		g := Group{Name: name}
		for _, k := range kinds {
			info := Info{Name: k.name, About: k.about, Stricter: k.stricter(), Optional: k.optional}
			switch {
			case k.limited():
				info.Limit = k.text(k.min).En + " to " + k.text(k.max).En
			case k.codes == offenceCodes:
				info.Limit = "codes of the picker"
			case k.codes != "":
				info.Limit = strings.Join(k.codes.order(), ", ")
			}
			g.Kinds = append(g.Kinds, info)
		}
		return g
	}
	return []Group{
		group("What a request must keep", decidingKinds()),
		group("Where a victim must be protected", guardingKinds()),
		group("No fishing", fishingKinds()),
		group("Who looks at it, and what is answered", reviewKinds()),
		group("How shares are handled", handlingKinds()),
	}
}

func squareMiles() unit { return same("sq mi", "mi²") }

func daysUnit() unit { return units("day", "days", "día", "días") }

func hoursUnit() unit { return units("hour", "hours", "hora", "horas") }

func minutesUnit() unit { return units("minute", "minutes", "minuto", "minutos") }

func runesUnit() unit { return units("character", "characters", "carácter", "caracteres") }

func requestsUnit() unit { return units("request", "requests", "solicitud", "solicitudes") }

// decidingKinds are the rules that a request must keep.
func decidingKinds() []kind {
	return []kind{
		{name: "area_max_sq_mi", about: "geodesic area, rounded to 0.0001", min: 0.025, max: 1, unit: squareMiles(), low: true, fraction: true},
		{name: "area_min_sq_mi", about: "geodesic area, rounded to 0.0001", min: 0.01, max: 0.5, unit: squareMiles(), fraction: true},
		{name: "area_span_max_mi", about: "between the farthest corners", min: 0.25, max: 10, unit: units("mile", "miles", "milla", "millas"), low: true, fraction: true, optional: true},
		{name: "inside_jurisdiction", about: "the whole area, in the multi-polygon of the register"},
		{name: "around_incident", about: "the committed incident point, its edge counted"},
		{name: "window_min_minutes", about: "elapsed time", min: 1, max: 720, unit: minutesUnit()},
		{name: "window_max_hours", about: "elapsed time", min: 1, max: 24, unit: hoursUnit(), low: true},
		{name: "look_back_days", about: "from the beginning of the time span to now", min: 1, max: 180, unit: daysUnit(), low: true},
		{name: "not_in_future", about: "the end of the time span is over"},
		{name: "open_days_max", about: "from now to the closing time", min: 1, max: 30, unit: daysUnit(), low: true},
		{name: "requests_per_investigation", about: "published ones, this one counted; from the second on it says what changed", min: 1, max: 5, unit: requestsUnit(), low: true},
		{name: "local_agency", about: "a type of the register, no federal ORI; an officer-involved incident only by a prosecutor or medical examiner"},
		{name: "own_case", about: "attested in the document, with the agency's own case number"},
		{name: "no_federal_involvement", about: "attested in the document", optional: true},
		{name: "no_immigration_agreement", about: "declared in the register", optional: true},
		{name: "offence_listed", about: "a code of the picker"},
		{name: "offences_prohibited", about: "codes of the picker", codes: offenceCodes, join: all},
		{name: "seriousness_floor", about: "the lowest rung that may be asked about", codes: seriousnessCodes, join: highest, optional: true},
		{name: "author_rank", about: "the lowest rank that may sign a request", codes: rankCodes, join: highest, optional: true},
		{name: "approver_rank", about: "the lowest rank that may approve one", codes: rankCodes, join: highest, optional: true},
		{name: "code_form", about: "the public code of the investigation"},
		{name: "title_min_characters", about: "blanks around it not counted", min: 1, max: 40, unit: runesUnit()},
		{name: "title_max_characters", about: "all counted", min: 20, max: 200, unit: runesUnit(), low: true},
		{name: "text_min_characters", about: "blanks around it not counted", min: 1, max: 400, unit: runesUnit()},
		{name: "text_max_characters", about: "all counted; the text that says what changed too", min: 100, max: 8000, unit: runesUnit(), low: true},
		{name: "plain_text", about: "no control and no format characters"},
		{name: "contact_required", about: "a name, and an e-mail address or telephone number"},
		{name: "languages", about: "languages that texts may be in", codes: languageCodes, join: common},
		{name: "zone_known", about: "a zone of the IANA database"},
	}
}

// guardingKinds are the rules for incidents whose victim must not be found from the request.
func guardingKinds() []kind {
	return []kind{
		{name: "guarded_area_min_sq_mi", about: "as area_min_sq_mi, for offences that guard the victim", min: 0.025, max: 0.5, unit: squareMiles(), fraction: true, optional: true},
		{name: "guarded_offset_percent", about: "from the area's center to the incident point, as a share of the radius of a circle of that area", min: 5, max: 60, unit: same("percent", "por ciento"), optional: true},
		{name: "guarded_window_min_minutes", about: "as window_min_minutes, for offences that guard the victim", min: 15, max: 720, unit: minutesUnit(), optional: true},
		{name: "guarded_text_max_characters", about: "text and what changed, for offences that guard the victim", min: 100, max: 2000, unit: runesUnit(), low: true, optional: true},
		{name: "guarded_text_coarse", about: "no house number, room or named premises, no clock time with minutes, in title, text and what changed", optional: true},
	}
}

// fishingKinds keep one agency, or several together, from covering a neighborhood with narrow requests.
func fishingKinds() []kind {
	metres := units("meter", "meters", "metro", "metros")
	return []kind{
		{name: "investigation_union_max_sq_mi", about: "the union of the areas of one investigation, however its number is spelt; over it: refused", min: 0.025, max: 1, unit: squareMiles(), low: true, fraction: true, optional: true},
		{name: "investigation_window_max_hours", about: "the time spans of one investigation together, overlaps counted once; over it: refused", min: 1, max: 72, unit: hoursUnit(), low: true, optional: true},
		{name: "linked_union_max_sq_mi", about: "the union of the areas of linked requests; over it: held for a moderator and marked as linked", min: 0.025, max: 4, unit: squareMiles(), low: true, fraction: true, optional: true},
		{name: "linked_union_ceiling_sq_mi", about: "the union of the areas of linked requests; over it: refused", min: 0.025, max: 8, unit: squareMiles(), low: true, fraction: true, optional: true},
		{name: "linked_window_max_hours", about: "the time spans of linked requests at the same area, overlaps counted once; over it: refused", min: 1, max: 168, unit: hoursUnit(), low: true, optional: true},
		{name: "linked_distance_m", about: "areas that are no farther apart may be linked", min: 10, max: 5000, unit: metres, optional: true},
		{name: "linked_gap_hours", about: "time spans that overlap or are no farther apart may be linked", min: 1, max: 168, unit: hoursUnit(), optional: true},
		{name: "linked_days", about: "published requests that are no older may be linked", min: 1, max: 365, unit: daysUnit(), optional: true},
		{name: "spot_requests_max", about: "published ones of which a quarter of the smaller area is common, in linked_days, this one counted; over it: held for a moderator and marked as linked", min: 1, max: 50, unit: requestsUnit(), low: true, optional: true},
		{name: "spot_requests_ceiling", about: "the same; over it: refused", min: 1, max: 100, unit: requestsUnit(), low: true, optional: true},
		{name: "officer_requests_per_day", about: "published in 24 hours by one author, this one counted; over it: refused", min: 1, max: 50, unit: requestsUnit(), low: true, optional: true},
		{name: "agency_requests_per_day", about: "published in 24 hours by one agency, this one counted; over it: refused", min: 1, max: 200, unit: requestsUnit(), low: true, optional: true},
		{name: "agency_requests_per_month", about: "published in 30 days by one agency, this one counted; over it: refused", min: 1, max: 2000, unit: requestsUnit(), low: true, optional: true},
		{name: "camera_hours_per_month", about: "area times time span of an agency's requests of 30 days, this one counted; over it: refused", min: 1, max: 10000, unit: same("sq mi × h", "mi² × h"), low: true, optional: true},
	}
}

// reviewKinds say who must look at a request before it is public, and what is answered afterwards.
func reviewKinds() []kind {
	households := units("household", "households", "hogar", "hogares")
	return []kind{
		{name: "moderators", about: "how many different moderators must clear a request", min: 1, max: 3, unit: units("moderator", "moderators", "moderador", "moderadores"), optional: true},
		{name: "offences_second_moderator", about: "one moderator more for these codes; 90J and 90Z always", codes: offenceCodes, join: all, optional: true},
		{name: "gathering_distance_mi", about: "one moderator more within this distance of a gathering that the operator listed, from twelve hours before it to twelve hours after", min: 0.05, max: 5, unit: units("mile", "miles", "milla", "millas"), fraction: true, optional: true},
		{name: "households_min", about: "one moderator more when public census counts estimate fewer; the agency's answer is the same whatever the count", min: 1, max: 1000, unit: households, optional: true},
		{name: "households_max", about: "one moderator more when public census counts estimate more; the agency's answer is the same whatever the count", min: 10, max: 100000, unit: households, low: true, optional: true},
		{name: "purposes_prohibited", about: "held for a moderator with a reason code when the text speaks of one", codes: purposeCodes, join: all, optional: true},
		{name: "offences_urgent", about: "codes that may take the urgent lane of moderation", codes: offenceCodes, join: common, optional: true},
		{name: "complaint_days", about: "days in which a complaint is answered", min: 1, max: 60, unit: daysUnit(), low: true, optional: true},
		{name: "small_number", about: "published figures that could count residents and are lower are left out", min: 5, max: 100, unit: units("case", "cases", "caso", "casos"), optional: true},
	}
}

// handlingKinds are the limits that the exchange keeps when it handles what is shared, and agencies with what they were given.
func handlingKinds() []kind {
	return []kind{
		{name: "retention_days", about: "sealed clips that nobody picked up are erased after it", min: 1, max: 30, unit: daysUnit(), low: true},
		// longer is stricter: the clip may clear somebody
		{name: "declined_days", about: "how long an agency keeps a clip that it opened and declined", min: 1, max: 90, unit: daysUnit()},
		{name: "agency_copy_days", about: "from the end of a request until the agency says in public that its copies are destroyed, or until when they are kept because a charge or a legal hold goes on; the exchange cannot see the copies", min: 1, max: 365, unit: daysUnit(), low: true, optional: true},
		{name: "outcome_days", about: "from the end of a request until its agency says in public what came of the case, and again while the case goes on", min: 7, max: 180, unit: daysUnit(), low: true, optional: true},
		{name: "abandoned_hours", about: "shares that were never committed are swept away after it", min: 1, max: 72, unit: hoursUnit(), low: true},
		{name: "late_commit_hours", about: "how long a share may still commit after its request closed", min: 1, max: 72, unit: hoursUnit(), low: true},
		{name: "release_minutes", about: "ticks at which shares reach the agency", min: 1, max: 1440, unit: minutesUnit()},
		{name: "file_bytes", about: "sealed bytes of one clip", min: 1e6, max: 60e9, unit: bytesUnit(), low: true},
		{name: "share_bytes", about: "sealed bytes of one share", min: 1e6, max: 200e9, unit: bytesUnit(), low: true},
		{name: "request_quota_bytes", about: "sealed bytes of all shares of one request", min: 1e9, max: 10e12, unit: bytesUnit(), low: true},
		{name: "files_per_share", about: "clips in one share", min: 1, max: 100, unit: units("file", "files", "archivo", "archivos"), low: true},
		{name: "shares_per_client_hour", about: "shares that one network may begin", min: 1, max: 1000, low: true,
			unit: units("share an hour", "shares an hour", "envío por hora", "envíos por hora")},
		{name: "proof_of_work_bits", about: "leading nought bits of a solution", min: 1, max: 32, unit: same("bits", "bits")},
	}
}
