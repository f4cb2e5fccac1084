package main

import (
	"context"
	"fmt"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

func gatheringCommand() command {
	return command{name: "gathering", summary: "planned public gatherings, near which one moderator more must clear a request",
		help: "The list is the exchange staff's own: agencies do not see it, and their answers are the same whether or not it holds a gathering.",
		sub: []command{
			{name: "add", args: "NAME", summary: "list a gathering", run: runGatheringAdd, help: "--at, --from and --to are needed. How near counts is in the policy: gathering_distance_mi."},
			{name: "list", summary: "list them", run: runGatheringList, help: "Lists every gathering with its ID."},
			{name: "remove", args: "ID", summary: "take one off the list", run: runGatheringRemove, help: "Requests that wait for moderators already stay as they were marked."},
		}}
}

func runGatheringAdd(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("gathering add")
	g := footage.Gathering{Metres: 200}
	fs.Func("at", "`place` as latitude and longitude in degrees, such as 41.8838,-87.6318", func(s string) error {
		if n, err := fmt.Sscanf(s, "%f,%f", &g.Place.Lat, &g.Place.Lon); n != 2 || err != nil {
			return fmt.Errorf("not a latitude and a longitude")
		}
		return nil
	})
	fs.Int64Var(&g.Metres, "radius", g.Metres, "how far it reaches, in `meters`")
	from := timeFlag(fs, "from", "`time` when it begins, with its offset, such as 2027-05-01T09:00:00-05:00")
	to := timeFlag(fs, "to", "`time` when it ends")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	if g.Place == (footage.Point{}) || from.IsZero() || to.IsZero() {
		return usagef("--at, --from and --to are needed")
	}
	g.Name, g.From, g.To = rest[0], from.UTC(), to.UTC()
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		id, err := x.AddGathering(ctx, g)
		if err == nil {
			fmt.Fprintf(e.stdout, "Listed %s.\n", id)
		}
		return err
	})
}

func runGatheringList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("gathering list")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		list, err := x.Gatherings(ctx)
		for _, g := range list {
			fmt.Fprintf(e.stdout, "%s  %s to %s  %.5f,%.5f within %d m  %s\n", g.ID, g.From.Format(time.RFC3339), g.To.Format(time.RFC3339),
				g.Place.Lat, g.Place.Lon, g.Metres, plainLine(g.Name))
		}
		return err
	})
}

func runGatheringRemove(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("gathering remove")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		err := x.RemoveGathering(ctx, rest[0])
		if err == nil {
			fmt.Fprintln(e.stdout, "Removed.")
		}
		return err
	})
}
