package desk

import "time"

// Hurry makes a desk wait next to nothing between broken connections.
func (d *Desk) Hurry() { d.pause = time.Millisecond }
