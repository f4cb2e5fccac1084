package main

import (
	"context"
	"fmt"

	"porchlight.example/internal/census"
	"porchlight.example/internal/exchange"
)

func censusCommand() command {
	return command{name: "census", summary: "public counts of households, for rules about sparse and dense places",
		help: "Where a policy says households_min or households_max and counts are loaded, one moderator more must clear a request for a place with fewer or more. What an agency is answered is the same whatever the count.",
		sub: []command{
			{name: "load", args: "FILE", summary: "load counts in the place of all there are", run: runCensusLoad,
				help: `FILE is a table (CSV) with the columns block, lat, lon and households, or GEOID20, INTPTLAT20, INTPTLON20 and HOUSING20 as the
census names them; or GeoJSON with such properties. "-" is standard input. A block counts where its middle lies in the area.`},
			{name: "show", summary: "show how much is loaded", run: runCensusShow, help: "Prints the number of blocks and the sum of their households."},
			{name: "clear", summary: "take all counts away", run: runCensusClear, help: "The rules about households bind nobody then."},
		}}
}

func runCensusLoad(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("census load")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readInput(e, rest[0])
	if err != nil {
		return err
	}
	blocks, err := census.Read(raw)
	if err != nil {
		return named(rest[0], err)
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.LoadCensus(ctx, blocks); err != nil {
			return err
		}
		return showCensus(ctx, e, x)
	})
}

func runCensusShow(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("census show")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error { return showCensus(ctx, e, x) })
}

func runCensusClear(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("census clear")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.LoadCensus(ctx, nil); err != nil {
			return err
		}
		return showCensus(ctx, e, x)
	})
}

func showCensus(ctx context.Context, e env, x *exchange.Exchange) error {
	blocks, households, err := x.Census(ctx)
	if err == nil {
		fmt.Fprintf(e.stdout, "%d blocks with %d households.\n", blocks, households)
	}
	return err
}
