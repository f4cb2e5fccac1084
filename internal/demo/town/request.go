package town

import (
	"time"

	"porchlight.example/internal/footage"
)

// Words is what a request says in one language.
type Words struct{ Title, Text string }

// Request is a sample request, told relative to the time at which the demonstration is started.
type Request struct {
	Agency  footage.AgencyID
	Code    string
	Offence string
	Words   map[string]Words // by language, "en" and "es"
	Area    footage.Area
	Place   footage.Point // the exact incident point, which is never published
	Case    string        // the agency's own case number, never published either
	Before  time.Duration // from the window's beginning to now, before rounding
	Length  time.Duration
	Open    time.Duration // how long after now the request closes
	End     footage.UpdateKind
	EndText map[string]string // what the update says that ends it; empty while it is open
}

// Document returns the request's text in a language, with the window rounded to a quarter of an hour. The caller adds
// nonce, commitments and policies, which belong to the exchange that it is published on.
func (r Request) Document(now time.Time, lang string) footage.Document {
	from := now.Add(-r.Before).UTC().Truncate(15 * time.Minute)
	d := footage.Document{
		Type: footage.DocumentType, Agency: r.Agency, Code: r.Code, Offence: r.Offence,
		Title: r.Words[lang].Title, Text: r.Words[lang].Text, Language: lang, Zone: Zone, Area: r.Area,
		Window:  footage.Window{From: from, To: from.Add(r.Length)},
		Closes:  now.Add(r.Open).UTC().Truncate(time.Hour),
		OwnCase: true, Federal: "none",
	}
	for _, a := range Agencies() {
		if a.ID == r.Agency {
			d.AgencyName, d.Contact = a.Name, a.Contact
		}
	}
	return d
}
