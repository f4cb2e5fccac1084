package resident

import "porchlight.example/internal/footage"

// Matches counts the requests within reach of a place, as Near finds them before it verifies them.
func (f *Feed) Matches(at footage.Point, within float64) int { return len(f.match(at, within)) }
