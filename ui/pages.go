package ui

import (
	"strconv"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// Page is one of the page structs of this package.
type Page interface {
	folder() string                 // its folder under page
	title(c *text.Catalogue) string // for the title element, without the exchange's name
	address() string                // its path without the language, or "" when it has none
}

// Address is the page's path without the language, with its filters in one order; or "" when it has none.
func Address(p Page) string { return p.address() }

// AgenciesPage lists every agency in the register, suspended ones included.
type AgenciesPage struct {
	Standings []footage.Standing // all of them, in the order in which they are listed
	Number    int                // which page of the list, from 1; 0 is the first
}

func (AgenciesPage) folder() string                 { return "agencies" }
func (AgenciesPage) title(c *text.Catalogue) string { return c.T("agencies.title") }
func (p AgenciesPage) address() string              { return p.at(p.Pager().Number) }

func (AgenciesPage) at(number int) string {
	if number <= 1 {
		return "/agencies"
	}
	return "/agencies?page=" + strconv.Itoa(number)
}

// Listed returns the agencies that stand on this page of the list.
func (p AgenciesPage) Listed() []footage.Standing {
	list, _ := cut(p.Standings, agenciesPerPage, p.Number, p.at)
	return list
}

// Pager tells where this page of the list stands.
func (p AgenciesPage) Pager() Pager {
	_, pager := cut(p.Standings, agenciesPerPage, p.Number, p.at)
	return pager
}

// HowPage says how it all works, for residents, agencies and councils.
type HowPage struct{}

func (HowPage) folder() string                 { return "how" }
func (HowPage) title(c *text.Catalogue) string { return c.T("how.title") }
func (HowPage) address() string                { return "/how" }

// GuidelinesPage holds the community guidelines: what may be asked and what may not.
type GuidelinesPage struct {
	Policies []footage.PolicyRef // the policies in force
	Rules    []Rule              // the strictest rule of each kind, in order
}

// Rule is a rule in force, as a sentence, and the policy that holds it.
type Rule struct {
	Sentence Words
	Policy   string
	Promise  bool // the agency's own, which the exchange cannot see kept
}

func (GuidelinesPage) folder() string                 { return "guidelines" }
func (GuidelinesPage) title(c *text.Catalogue) string { return c.T("guidelines.title") }
func (GuidelinesPage) address() string                { return "/guidelines" }

// ExchangePage says who runs the exchange and how it names itself.
type ExchangePage struct {
	Policies []footage.PolicyRef // the policies in force
	Rules    []Rule              // the strictest rule of each kind, in order
}

func (ExchangePage) folder() string                 { return "exchange" }
func (ExchangePage) title(c *text.Catalogue) string { return c.T("exchange.title") }
func (ExchangePage) address() string                { return "/about" }

// ErrorPage tells of a failure. Msg and Reasons come from a [footage.Error], whose sentences are English; without them
// the status has a sentence of its own in each language.
type ErrorPage struct {
	Status    int // of HTTP
	Msg       string
	Reasons   []footage.Reason
	Reference string // the request ID under which an internal error was logged
}

func (ErrorPage) folder() string { return "error" }

func (p ErrorPage) title(c *text.Catalogue) string { return c.T(p.Heading(c)) }

func (ErrorPage) address() string { return "" }

// Heading is the key of the status's heading; unknown ones fall back to the general one of their class.
func (p ErrorPage) Heading(c *text.Catalogue) text.Key { return p.key(c, "heading") }

// Advice is the key of what the reader can do.
func (p ErrorPage) Advice(c *text.Catalogue) text.Key { return p.key(c, "advice") }

func (p ErrorPage) key(c *text.Catalogue, part string) text.Key {
	status := strconv.Itoa(p.Status)
	if k := text.Key("error." + status + "." + part); c.Has(k) {
		return k
	}
	if p.Status >= 400 && p.Status < 500 {
		return text.Key("error.400." + part)
	}
	return text.Key("error.500." + part)
}
