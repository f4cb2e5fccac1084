package ui

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// RequestPage shows one request with its whole history.
type RequestPage struct {
	Request footage.PublicRequest
	Agency  footage.Standing // of the agency that asks, as it stands now
	Nearby  []footage.Area   // areas of other open requests, for orientation on the map
}

func (RequestPage) folder() string { return "request" }

func (p RequestPage) title(*text.Catalogue) string {
	d := p.Request.Record.Document
	return d.AgencyName + ": " + d.Title
}

func (p RequestPage) address() string { return "/requests/" + string(p.Request.ID) }

// Document is the request's text.
func (p RequestPage) Document() footage.Document { return p.Request.Record.Document }

// Open reports whether the request still takes footage.
func (p RequestPage) Open() bool {
	return p.Request.Status == footage.Published && !p.Agency.Suspended
}

// Hours is the window's length in hours.
func (p RequestPage) Hours() float64 { return p.Document().Window.Duration().Hours() }

// CameraHours is what the request asks of a neighbourhood: square miles times hours.
func (p RequestPage) CameraHours() float64 { return p.Request.SquareMiles * p.Hours() }

// Areas returns the area alone, for the map.
func (p RequestPage) Areas() []footage.Area { return []footage.Area{p.Document().Area} }
