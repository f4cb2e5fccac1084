package policy

import (
	"math"

	"porchlight.example/internal/footage"
)

// What counts where no policy in force says: the days that news reports asked of such systems, and those of the Illinois bill.
const (
	outcomeDays = 90
	copyDays    = 60
)

// FollowUp returns how many days an agency has for what it owes after a request.
func (s Set) FollowUp() footage.Days {
	days := func(kind string, otherwise int) int {
		if r, ok := s.rules[kind]; ok {
			return int(r.Value)
		}
		return otherwise
	}
	late := int(math.Ceil(s.Limits().LateCommit.Hours() / 24))
	return footage.Days{Outcome: days("outcome_days", outcomeDays), Copies: days("agency_copy_days", copyDays),
		Incoming: late + days("retention_days", 0) + days("declined_days", 0)}
}
