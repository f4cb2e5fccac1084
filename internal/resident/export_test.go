package resident

import (
	"context"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// Remember holds a verified head against what this device remembers.
func (x *Exchange) Remember(ctx context.Context, h evidence.Head, s evidence.Standing) error {
	return x.remember(ctx, h, s)
}

// Matches counts the requests within reach of a place, as Near finds them before it verifies them.
func (f *Feed) Matches(at footage.Point, within float64) int { return len(f.match(at, within)) }
