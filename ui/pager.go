package ui

// How many entries one page lists: a page stays light however much there is.
const (
	requestsPerPage = 20
	agenciesPerPage = 100
	maxChoices      = 24 // links of one filter
)

// Pager is where a page stands in a list that is too long for one.
type Pager struct {
	Number, Pages  int    // from 1
	Previous, Next string // paths without the language; empty at the ends
}

// cut returns the part of a list that page number n shows, and where that is. A number outside the list is brought inside.
func cut[T any](list []T, per, n int, path func(n int) string) ([]T, Pager) {
	p := Pager{Pages: max(1, (len(list)+per-1)/per)}
	p.Number = min(max(n, 1), p.Pages)
	if p.Number > 1 {
		p.Previous = path(p.Number - 1)
	}
	if p.Number < p.Pages {
		p.Next = path(p.Number + 1)
	}
	from := (p.Number - 1) * per
	return list[from:min(from+per, len(list))], p
}
