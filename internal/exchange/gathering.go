package exchange

import (
	"context"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

const (
	gatheringMargin = 12 * time.Hour // before it begins and after it ends, people come and go
	metresPerMile   = 1609.344
)

// AddGathering lists a planned public gathering and returns its ID. The list is the exchange staff's own: agencies do not see
// it, and are not told what it did.
func (x *Exchange) AddGathering(ctx context.Context, g store.Gathering) (string, error) {
	g.Name = strings.TrimSpace(g.Name)
	switch {
	case g.Name == "" || len(g.Name) > 200 || !policy.Plain(g.Name, false):
		return "", footage.E(footage.Invalid, "Name the gathering in at most 200 plain characters.")
	case g.Place.Lat < -90 || g.Place.Lat > 90 || g.Place.Lon < -180 || g.Place.Lon > 180:
		return "", footage.E(footage.Invalid, "The place must be a latitude and a longitude in degrees.")
	case g.Metres < 10 || g.Metres > 50_000:
		return "", footage.E(footage.Invalid, "The radius must be from 10 meters to 50 kilometers.")
	case !g.From.Before(g.To) || g.To.Sub(g.From) > 366*24*time.Hour:
		return "", footage.E(footage.Invalid, "The gathering must end after it begins, within a year.")
	}
	g.ID = footage.NewID(x.random("gathering", g.Name), "g")
	return g.ID, x.db.Write(ctx, func(tx *store.Tx) error { return tx.InsertGathering(g) })
}

// Gatherings returns the list.
func (x *Exchange) Gatherings(ctx context.Context) (list []store.Gathering, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Gatherings(time.Time{}, x.now().Add(100*farthest))
		return err
	})
	return list, err
}

// RemoveGathering takes a gathering off the list.
func (x *Exchange) RemoveGathering(ctx context.Context, id string) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		there, err := tx.DeleteGathering(id)
		if err == nil && !there {
			return footage.E(footage.NotFound, "There is no gathering "+id+". 'porchlight office gathering list' shows all.")
		}
		return err
	})
}

// nearGathering reports whether a request asks about the surroundings of a listed gathering, on its days.
func nearGathering(tx *store.Tx, set policy.Set, doc footage.Document) (bool, error) {
	rule, ok := set.Rule("gathering_distance_mi")
	if !ok {
		return false, nil
	}
	list, err := tx.Gatherings(doc.Window.From.Add(-gatheringMargin), doc.Window.To.Add(gatheringMargin))
	if err != nil || len(list) == 0 {
		return false, err
	}
	region, err := geo.Compile(doc.Area)
	if err != nil {
		return false, err
	}
	for _, g := range list {
		if region.DistanceTo(g.Place) <= float64(g.Metres)+rule.Value*metresPerMile {
			return true, nil
		}
	}
	return false, nil
}
