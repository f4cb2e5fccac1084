package feed

import (
	"slices"
	"strings"
)

// regionPath begins the paths of the feeds for people of one coarse cell.
const regionPath = "/feed/region/"

// regionPages returns the feeds of the cells, each with the newest of its requests. Those of regions are there also while nothing
// is asked in them: whoever follows one must not be told that it does not exist.
func regionPages(cells map[string][]Item, regions []string) []page {
	var pages []page
	for token, items := range cells {
		pages = append(pages, page{path: regionPath + token, region: token, items: items[:min(len(items), MaxListed)]})
	}
	for _, token := range regions {
		if _, there := cells[token]; !there {
			pages = append(pages, page{path: regionPath + token, region: token})
		}
	}
	slices.SortFunc(pages, func(a, b page) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(pages, func(a, b page) bool { return a.path == b.path })
}
