package ui

import "porchlight.example/ui/text"

// SharesPage shows a resident what became of a share. The words of the receipt are typed there and never sent, so the server
// knows of none.
type SharesPage struct{}

func (SharesPage) folder() string                 { return "shares" }
func (SharesPage) title(c *text.Catalogue) string { return c.T("mine.title") }
func (SharesPage) address() string                { return "/shares" }
func (SharesPage) scripts() []string              { return []string{"shares.js"} }
