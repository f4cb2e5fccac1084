package story

import (
	"slices"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// States returns a request in each state that the town's own requests are not in, in a language.
func States(lang string) ([]footage.PublicRequest, error) {
	requests, err := Requests(lang)
	if err != nil {
		return nil, err
	}
	var out []footage.PublicRequest
	for _, change := range []func(*footage.PublicRequest){amended, second, withdrawn, expired, suspended, lent, otherLanguage(lang)} {
		p := requests[0]
		change(&p)
		if p.ID, err = p.Record.Document.ID(); err != nil {
			return nil, err
		}
		for i := range p.Updates {
			p.Updates[i].Update.Request = p.ID
		}
		out = append(out, p)
	}
	return out, nil
}

// update is what changes a request so long after its publication.
func update(p *footage.PublicRequest, after time.Duration, kind footage.UpdateKind, text string) {
	p.Updates = append(p.Updates, footage.UpdateRecord{Update: footage.Update{Kind: kind, At: p.PublishedAt.Add(after), Text: text}})
}

func amended(p *footage.PublicRequest) {
	p.Record.Document.Code = "STATE-AMENDED"
	update(p, 5*time.Hour, footage.Amended, "The bag has a white shoulder strap.")
	update(p, 29*time.Hour, footage.Amended, "The person may have used a gray bicycle with a child’s seat.")
}

func second(p *footage.PublicRequest) {
	p.Record.Document.Code = "STATE-SECOND"
	p.Record.Document.Changed = "The hours are later: a neighbor heard the door at noon."
}

func withdrawn(p *footage.PublicRequest) {
	p.Record.Document.Code, p.Status = "STATE-WITHDRAWN", footage.StatusWithdrawn
	update(p, 3*time.Hour, footage.Withdrawn, "The date was wrong. A new request gives the right one.")
}

func expired(p *footage.PublicRequest) {
	p.Record.Document.Code, p.Status = "STATE-EXPIRED", footage.StatusExpired
	p.Record.Document.Closes = Now().Add(-6 * time.Hour).Truncate(time.Hour)
}

func suspended(p *footage.PublicRequest) {
	d := &p.Record.Document
	d.Code, d.Agency, d.AgencyName = "STATE-SUSPENDED", "harbor-district-police", "Harbor District Police"
	d.Contact = footage.Contact{Name: "Duty desk", Phone: "+1 555 0155"}
}

func lent(p *footage.PublicRequest) {
	p.Record.Document.Code = "STATE-LENT"
	p.Record.Assertions = slices.Clone(p.Record.Assertions)
	p.Record.Assertions[1].Agency = town.Fire
}

func otherLanguage(lang string) func(*footage.PublicRequest) {
	return func(p *footage.PublicRequest) {
		other := "es"
		if lang == other {
			other = "en"
		}
		words := town.Requests()[0].Words[other]
		d := &p.Record.Document
		d.Code, d.Language, d.Title, d.Text = "STATE-LANGUAGE", other, words.Title, words.Text
	}
}
