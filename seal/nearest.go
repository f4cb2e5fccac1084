package seal

import (
	"cmp"
	"slices"
)

// maxTyped bounds how much of an overlong word is compared; the longest word of the lists has nine letters.
const maxTyped = 24

// nearest returns the words of a list with the smallest distance to a word, three at most, the likeliest first.
func nearest(word string, list []string) []string {
	typed := []rune(word)
	typed = typed[:min(len(typed), maxTyped)]
	type candidate struct {
		word     string
		distance int
	}
	all := make([]candidate, len(list))
	for i, w := range list {
		all[i] = candidate{w, distance(typed, []rune(w))}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, c := range all[:min(3, len(all))] {
		if len(out) == 0 || c.distance <= all[0].distance {
			out = append(out, c.word)
		}
	}
	return out
}

// distance counts the letters to insert, delete, replace or swap with a neighbour that lead from a to b
// (Damerau-Levenshtein in its restricted form: no letter is edited twice).
func distance(a, b []rune) int {
	before, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(prev[j]+cost, prev[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
