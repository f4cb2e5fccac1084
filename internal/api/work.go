package api

import (
	"context"
	"crypto/sha256"
	"math/bits"
	"strconv"
)

// Solves reports whether counter answers the challenge: SHA-256(challenge ‖ decimal counter) begins with want zero bits.
func Solves(challenge string, counter uint64, want int) bool {
	sum := sha256.Sum256(strconv.AppendUint([]byte(challenge), counter, 10))
	zero := 0
	for _, b := range sum {
		zero += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return zero >= want
}

// Solve searches for the counter, about 2^Bits hashes. It stops when ctx ends.
func (w Work) Solve(ctx context.Context) (Solution, error) {
	for counter := uint64(0); ; counter++ {
		if counter&0xfff == 0 && ctx.Err() != nil {
			return Solution{}, ctx.Err()
		}
		if Solves(w.Challenge, counter, w.Bits) {
			return Solution{Challenge: w.Challenge, Counter: counter}, nil
		}
	}
}
