package exchange

import (
	"context"
	"fmt"
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
// it, and are not told what it did. It is for the operator at the machine.
func (x *Exchange) AddGathering(ctx context.Context, g footage.Gathering) (string, error) {
	list, err := x.checkGatherings(g)
	if err != nil {
		return "", err
	}
	return list[0].ID, x.db.Write(ctx, func(tx *store.Tx) error { return tx.InsertGathering(list[0]) })
}

// PutGatherings lists gatherings, all or none, for an operator or moderator who has signed in. One with an ID takes the place of
// the one that bears it.
func (x *Exchange) PutGatherings(ctx context.Context, caller footage.PersonID, gatherings ...footage.Gathering) error {
	list, err := x.checkGatherings(gatherings...)
	if err != nil {
		return err
	}
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator, footage.Moderator); err != nil {
			return err
		}
		for i, g := range list {
			if gatherings[i].ID != "" {
				if err := removeGathering(tx, g.ID); err != nil {
					return err
				}
			}
			if err := tx.InsertGathering(g); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxGatherings is how many are listed at once, so that a wrong file is noticed.
const maxGatherings = 1000

// checkGatherings returns the gatherings as they are listed, or every fault of each.
func (x *Exchange) checkGatherings(list ...footage.Gathering) ([]footage.Gathering, error) {
	var faults []footage.Reason
	if len(list) > maxGatherings {
		faults = append(faults, footage.Reason{Code: "gathering_many", Msg: fmt.Sprintf("List at most %d gatherings at once.", maxGatherings)})
	}
	out := make([]footage.Gathering, len(list))
	for i, g := range list {
		g.Name = strings.TrimSpace(g.Name)
		for _, r := range gatheringFaults(g) {
			if len(list) > 1 {
				r.Code, r.Msg = "gathering_file", fmt.Sprintf("Number %d: %s", i+1, r.Msg)
			}
			faults = append(faults, r)
		}
		if g.ID == "" {
			g.ID = footage.NewID(x.random("gathering", g.Name), "g")
		}
		out[i] = g
	}
	if len(faults) > 0 {
		return nil, &footage.Error{Kind: footage.Invalid, Code: "gathering", Msg: "The gathering cannot be listed.", Reasons: faults}
	}
	return out, nil
}

func gatheringFaults(g footage.Gathering) (faults []footage.Reason) {
	check := func(ok bool, code, msg string) {
		if !ok {
			faults = append(faults, footage.Reason{Code: code, Msg: msg})
		}
	}
	check(g.Name != "" && len(g.Name) <= 200 && policy.Plain(g.Name, false), "gathering_name", "Name the gathering in at most 200 plain characters.")
	check(g.Place.Lat >= -90 && g.Place.Lat <= 90 && g.Place.Lon >= -180 && g.Place.Lon <= 180 && g.Place != (footage.Point{}), "gathering_place",
		"The place must be a latitude and a longitude in degrees.")
	check(g.Metres >= 10 && g.Metres <= 50_000, "gathering_radius", "The radius must be from 10 meters to 50 kilometers.")
	check(g.From.Before(g.To) && g.To.Sub(g.From) <= 366*24*time.Hour, "gathering_time", "The gathering must end after it begins, within a year.")
	return faults
}

// Gatherings returns the list.
func (x *Exchange) Gatherings(ctx context.Context) (list []footage.Gathering, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Gatherings(time.Time{}, x.now().Add(100*farthest))
		return err
	})
	return list, err
}

// GatheringsFor is Gatherings for the exchange's own people, who have signed in.
func (x *Exchange) GatheringsFor(ctx context.Context, caller footage.PersonID) (list []footage.Gathering, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		_, err := x.staff(tx, caller, footage.Operator, footage.Moderator, footage.Auditor)
		return err
	})
	if err != nil {
		return nil, err
	}
	return x.Gatherings(ctx)
}

// RemoveGathering takes a gathering off the list. It is for the operator at the machine.
func (x *Exchange) RemoveGathering(ctx context.Context, id string) error {
	return x.db.Write(ctx, func(tx *store.Tx) error { return removeGathering(tx, id) })
}

// RemoveGatheringFor is RemoveGathering for an operator or moderator who has signed in.
func (x *Exchange) RemoveGatheringFor(ctx context.Context, caller footage.PersonID, id string) error {
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Operator, footage.Moderator); err != nil {
			return err
		}
		return removeGathering(tx, id)
	})
}

func removeGathering(tx *store.Tx, id string) error {
	there, err := tx.DeleteGathering(id)
	if err == nil && !there {
		return footage.E(footage.NotFound, "There is no gathering "+id+". 'porchlight office gathering list' shows all.")
	}
	return err
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
