package ui

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ui/townmap"
)

// Site is what all pages of one exchange have in common. The zero value is an exchange without a name.
type Site struct {
	Name        string           // of the exchange, such as "Lantern County Footage Exchange"
	Operator    string           // the body that runs it
	Contact     footage.Contact  // the operator's, for complaints and questions
	Origin      string           // "https://exchange.example", without a slash at the end
	Fictional   bool             // every page says that nothing here is real
	VerifierKey string           // the log's key as a C2SP note verifier string; it names the exchange
	Feeds       Feeds            // where the machine-readable requests are
	Limits      Limits           // from the policy in force
	Basemap     *townmap.Basemap // nil when the operator supplies none
	Notices     []footage.Notice // of incidents of the exchange itself, the newest first
}

// HasContact reports whether the operator says how to be reached.
func (s Site) HasContact() bool { return s.Contact != footage.Contact{} }

// Feeds holds the paths of the public feeds; an empty one is not shown.
type Feeds struct {
	Atom, JSONFeed, GeoJSON, JSON string
}

// Limits are the policy's figures that pages quote. The zero value is replaced by [DefaultLimits].
type Limits struct {
	MinSquareMiles   float64
	MaxSquareMiles   float64
	MinMinutes       int
	MaxHours         int
	LookBackDays     int
	PerInvestigation int
	RetentionDays    int // after which the exchange's copy is erased, confirmed or not
}

// DefaultLimits are those of the default policy.
func DefaultLimits() Limits {
	return Limits{MinSquareMiles: 0.025, MaxSquareMiles: 0.5, MinMinutes: 15, MaxHours: 12, LookBackDays: 45, PerInvestigation: 2, RetentionDays: 7}
}
