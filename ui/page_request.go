package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// RequestPage shows one request with its whole history.
type RequestPage struct {
	Request footage.PublicRequest
	Agency  footage.Standing // of the agency that asks, as it stands now
	Lender  footage.Standing // of the agency that lent the supervisor; zero when nobody did
	Nearby  []footage.Area   // areas of other open requests, for orientation on the map
	Life    []RecordEntry    // the entries of the record about it, in order

	Complaints []ComplaintLine // about it, in the order in which they came in
	Duties     []DutyLine      // what is owed after it, once it has ended
}

func (RequestPage) folder() string { return "request" }

func (p RequestPage) title(*text.Catalogue) string {
	d := p.Request.Record.Document
	return d.AgencyName + ": " + d.Title
}

func (p RequestPage) address() string { return "/requests/" + string(p.Request.ID) }

// scripts loads the island for sharing where something can be shared.
func (p RequestPage) scripts() []string {
	if p.Open() {
		return []string{"share.js"}
	}
	return nil
}

// Document is the request's text.
func (p RequestPage) Document() footage.Document { return p.Request.Record.Document }

// Open reports whether the request still takes footage.
func (p RequestPage) Open() bool {
	return p.Request.Status == footage.Published && !p.Agency.Suspended
}

// Paused reports whether the request would be open if its agency were not suspended.
func (p RequestPage) Paused() bool {
	return p.Request.Status == footage.Published && p.Agency.Suspended
}

// Step is one step of a request's life after its publication.
type Step struct {
	Kind footage.UpdateKind
	At   time.Time
	Text string // in the document's language; may be empty
}

// Steps returns what became of the request, in order. That the closing time came is no update: nobody writes it.
func (p RequestPage) Steps() []Step {
	var out []Step
	for _, u := range p.Request.Updates {
		out = append(out, Step{Kind: u.Update.Kind, At: u.Update.At, Text: u.Update.Text})
	}
	if p.Request.Status == footage.StatusExpired && (len(out) == 0 || out[len(out)-1].Kind != footage.Expired) {
		out = append(out, Step{Kind: footage.Expired, At: p.Document().Closes})
	}
	return out
}

// Added returns the steps that say more about what happened.
func (p RequestPage) Added() []Step {
	var out []Step
	for _, s := range p.Steps() {
		if s.Kind == footage.Amended {
			out = append(out, s)
		}
	}
	return out
}

// End returns the step that closed the request, or nil while it is open.
func (p RequestPage) End() *Step {
	steps := p.Steps()
	if n := len(steps); n > 0 && steps[n-1].Kind != footage.Amended {
		return &steps[n-1]
	}
	return nil
}

// Hours is the window's length in hours.
func (p RequestPage) Hours() float64 { return p.Request.Hours() }

// CameraHours is what the request asks of a neighbourhood: square miles times hours.
func (p RequestPage) CameraHours() float64 { return p.Request.SquareMiles * p.Hours() }

// Areas returns the area alone, for the map.
func (p RequestPage) Areas() []footage.Area { return []footage.Area{p.Document().Area} }
