package footage

import "slices"

// Rank is a rung of a force; fire services, prosecutors and others take the nearest. A policy may ask for one of at least some
// height of whoever signs or approves a request.
type Rank string

// The ranks, from the lowest.
const (
	RankOfficer    Rank = "officer"
	RankSergeant   Rank = "sergeant"
	RankLieutenant Rank = "lieutenant"
	RankCaptain    Rank = "captain"
	RankChief      Rank = "chief"
)

// Ranks lists every rank, the lowest first.
func Ranks() []Rank { return []Rank{RankOfficer, RankSergeant, RankLieutenant, RankCaptain, RankChief} }

// Known reports whether the rank is one of the list.
func (r Rank) Known() bool { return slices.Contains(Ranks(), r) }

// Above reports whether the rank is higher than another; none is the lowest.
func (r Rank) Above(other Rank) bool {
	return slices.Index(Ranks(), r) > slices.Index(Ranks(), other)
}
