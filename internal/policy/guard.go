package policy

import (
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
)

// guarded keeps a request about a guarded offence from leading to the victim: its area is larger and not drawn around the
// very place, its time span longer, its text short and without premises and exact times.
func (d *decision) guarded() {
	doc := d.in.Document
	if o, _ := footage.OffenceByCode(doc.Offence); !o.VictimGuard {
		return
	}
	d.guardedArea()
	if w := doc.Window; w.From.Before(w.To) && d.under("guarded_window_min_minutes", w.Duration().Minutes()) {
		d.refuse("guarded_window_min_minutes", "guarded_window_too_short", elapsed(w.Duration()))
	}
	n := float64(max(utf8.RuneCountInString(doc.Text), utf8.RuneCountInString(doc.Changed)))
	if d.over("guarded_text_max_characters", n) {
		d.refuse("guarded_text_max_characters", "guarded_text_too_long", runesUnit().text(n))
	}
	if found := tooExact(doc.Title + "\n" + doc.Text + "\n" + doc.Changed); found != "" {
		d.refuse("guarded_text_coarse", "guarded_text_exact", quoted(found))
	}
}

func (d *decision) guardedArea() {
	region := d.in.Region
	if region == nil {
		var err error
		if region, err = geo.Compile(d.in.Document.Area); err != nil {
			return // reported before
		}
	}
	rounded := math.Round(region.SquareMiles()*1e4) / 1e4
	if d.under("guarded_area_min_sq_mi", rounded) {
		d.refuse("guarded_area_min_sq_mi", "guarded_area_too_small", squareMiles().text(rounded))
	}
	// How near is not said: two areas and two answers would tell where the place is to who must not know it.
	if off := offset(region, d.in.Private.Place); d.under("guarded_offset_percent", off) {
		d.refuse("guarded_offset_percent", "guarded_area_centered", Words{})
	}
}

// offset returns how far a point is from an area's center, in percent of the radius of a circle of that area.
func offset(region *geo.Region, p footage.Point) float64 {
	c := region.Center()
	const degree = math.Pi / 180 * 6371008.8 // metres, IUGG mean radius; areas are far too small for the ellipsoid to matter
	x := math.Remainder(p.Lon-c.Lon, 360) * math.Cos(c.Lat*math.Pi/180) * degree
	y := (p.Lat - c.Lat) * degree
	return 100 * math.Hypot(x, y) / math.Sqrt(region.SquareMetres()/math.Pi)
}

// exactForms is the wording that leads to one door or one minute, in English and Spanish. A street alone does not, nor does
// an hour. It is built when a text is first read, for it is large and most programs read none.
var exactForms = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		// the time by the clock
		regexp.MustCompile(`(?i)\b(?:[01]?\d|2[0-3])[:.h][0-5]\d\b(?:\s*[ap]\.?\s?m\b)?`),
		// a house number in English
		regexp.MustCompile(`\b\d{1,5}(?:-\d+)?[A-Za-z]?\s+(?:(?:[NSEW]\.?|\d+(?:st|nd|rd|th)|[A-Z][\p{L}.'’]+)\s+){1,3}(?i:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|terrace|way|circle|highway|hwy)\b`),
		// the same in small letters
		regexp.MustCompile(`(?i)\b\d{1,5}\s+[a-z]{3,}\s+(?:street|avenue|ave|road|drive|lane|boulevard)\b`),
		// a house number in Spanish
		regexp.MustCompile(`\b(?i:calle|avenida|av|paseo|camino|carretera|pasaje|bulevar)\b\.?\s+(?:(?:de|del|la|las|los|el)\s+)*(?:[A-ZÁÉÍÓÚÑ][\p{L}.'’]*\s+){1,3}(?:(?i:n[.º°o]*|n[úu]m(?:ero|\.)?|#)\s*)?\d{1,5}\b|\b[Nn]úmero\s+\d+`),
		// a room
		regexp.MustCompile(`(?i)\b(?:apartment|apt|unit|room|suite|floor|apartamento|apto|departamento|depto|cuarto|habitaci[óo]n|piso|casa)\b\.?\s*(?:n[.º°o]*\s*|#\s*)?\d+[a-z]?\b`),
		// a named place in English
		regexp.MustCompile(`\b(?:[A-Z][\p{L}.'’]+\s+){1,4}(?:School|Academy|College|Church|Temple|Mosque|Synagogue|Hotel|Motel|Inn|Hostel|Clinic|Hospital|Shelter|Apartments|Towers|Bar|Pub|Club|Gym|Daycare|Salon|Spa|Nursery)\b`),
		// a named place in Spanish
		regexp.MustCompile(`\b(?:[Ee]scuela|[Cc]olegio|[Ii]glesia|[Tt]emplo|[Mm]ezquita|[Ss]inagoga|[Hh]otel|[Mm]otel|[Hh]ostal|[Cc]l[íi]nica|[Hh]ospital|[Aa]lbergue|[Rr]efugio|[Aa]partamentos|[Tt]orres|[Bb]ar|[Cc]lub|[Gg]imnasio|[Gg]uarder[íi]a|[Ss]al[óo]n)\s+(?:(?:de|del|la|los|las|el|San|Santa)\s+)*[A-ZÁÉÍÓÚÑ][\p{L}'’]+`),
	}
})

// tooExact returns the first wording that leads to one door or one minute, or nothing.
func tooExact(text string) string {
	for _, form := range exactForms() {
		if found := form.FindString(text); found != "" {
			return strings.TrimSpace(found)
		}
	}
	return ""
}
