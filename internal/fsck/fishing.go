package fsck

import (
	"fmt"
	"math"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/store"
)

// agencyDay names the sums of one agency on one day.
type agencyDay struct {
	agency string
	day    int64
}

// spots checks under which spots a request is found, and adds it to its agency's sums if it is public.
func (c *check) spots(q request, region *geo.Region) error {
	rows, err := c.tx.RowsWhere(tables()["request_spot"], "request", string(q.id))
	if err != nil {
		return err
	}
	var want, got []string
	if q.public {
		c.addSum(q)
		b := region.Bounds()
		for _, spot := range region.Spots() {
			want = append(want, fmt.Sprint(spot, q.num("published"), q.num("window_from"), q.num("window_to"),
				int64(math.Floor(b.West*1e7)), int64(math.Floor(b.South*1e7)), int64(math.Ceil(b.East*1e7)), int64(math.Ceil(b.North*1e7))))
		}
	}
	for _, r := range rows {
		got = append(got, fmt.Sprint(r["spot"], r["published"], r["window_from"], r["window_to"], r["west"], r["south"], r["east"], r["north"]))
	}
	slices.Sort(want)
	slices.Sort(got)
	c.want(slices.Equal(want, got), Database, q.name(), "The spots under which it is found are not those of the document's area.")
	return nil
}

// addSum adds a public request to its agency's sums.
func (c *check) addSum(q request) {
	at := agencyDay{q.str("agency"), q.num("published") / (86400 * 1e6)}
	sum := c.sums[at]
	sum.Requests++
	sum.SquareMetreSeconds += q.num("square_metres") * ((q.num("window_to") - q.num("window_from")) / 1e6)
	c.sums[at] = sum
}

// spotsAndSums checks the rows that the requests do not account for. Each spot is compared where its request is; here they
// are counted, and read.
func (c *check) spotsAndSums() error {
	if err := c.each(tables()["request_spot"], func(row) error { return nil }); err != nil {
		return err
	}
	err := c.each(tables()["agency_day"], func(r row) error {
		at := agencyDay{r.str("agency"), r.num("day")}
		got := store.AgencySum{Requests: int(r.num("requests")), SquareMetreSeconds: r.num("square_metre_seconds")}
		c.want(got == c.sums[at], Database, r.name(), "The sums are not those of the requests that the agency published on that day.")
		delete(c.sums, at)
		return nil
	})
	for at := range c.sums {
		c.find(Database, "agency_day "+string(footage.AgencyID(at.agency)), "The sums of a day on which it published requests are missing.")
	}
	return err
}
