package ui

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// WithheldPage stands in the place of a request whose text is withheld: that it was there, who asked, on whose authority its
// text went, and its hash.
type WithheldPage struct {
	Request footage.PublicRequest
	Life    []RecordEntry // the entries of the record about it, in order
	Duties  []DutyLine    // what is owed after it
}

func (WithheldPage) folder() string { return "withheld" }

func (p WithheldPage) title(c *text.Catalogue) string {
	return p.Request.Record.Document.AgencyName + ": " + c.T("withheld.title")
}

func (p WithheldPage) address() string { return "/requests/" + string(p.Request.ID) }

// CameraHours is what the request asked of a neighbourhood: it stays in all figures.
func (p WithheldPage) CameraHours() float64 { return p.Request.SquareMiles * p.Request.Hours() }
