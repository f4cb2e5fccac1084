package footage

import "time"

// Gathering is a planned public gathering, near which one moderator more must clear a request. The list is the exchange staff's
// own: agencies do not see it.
type Gathering struct {
	ID     string
	Name   string
	Place  Point
	Metres int64 // radius of the place
	From   time.Time
	To     time.Time
}
