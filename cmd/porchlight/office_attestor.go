package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

func attestorCommand() command {
	return command{name: "attestor", summary: "the bodies whose word about agencies is taken",
		help: "An agency may ask only when an independent attestor vouches for it. What the register says of attestors is public.",
		sub: []command{
			{name: "add", args: "FILE", summary: "register an attestor from a JSON file", run: runAttestorAdd,
				help: `The file ('-' for standard input) holds one JSON object with

  id     2 to 63 of a-z, 0-9 and hyphen: for ever
  name   as people know it
  body   the ID of the legal body that it is; neither an agency's nor your own
  kind   independent, or partner: a platform that agencies work with, whose word never counts alone
  key    its public key, as 'porchlight attest key show' prints it`},
			{name: "list", summary: "list attestors", run: runAttestorList, help: "Lists every attestor, those that were withdrawn too."},
			{name: "withdraw", args: "ID", summary: "end an attestor's standing for good", run: runAttestorWithdraw,
				help: "No statement of the attestor counts any more; agencies that rest on it alone are paused at once. The reason is public and must be given. A lost key is a reason: the attestor then comes back under another ID."},
		}}
}

func operatorCommand() command {
	return command{name: "operator", args: "ID NAME", summary: "name the body that runs the exchange", run: runOperator,
		help: "Attestor, operator and agency must be three different bodies. ID has 2 to 63 of a-z, 0-9 and hyphen. Approvals that another body gave count no more."}
}

func runOperator(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("operator")
	rest, err := parse(e, fs, args, 2, 2)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.NameOperator(ctx, footage.Body{ID: footage.BodyID(rest[0]), Name: rest[1]}); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "The exchange is run by %s (%s).\n", rest[1], rest[0])
		return nil
	})
}

func runAttestorAdd(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("attestor add")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readInput(e, rest[0])
	if err != nil {
		return err
	}
	var a footage.Attestor
	if err := footage.DecodeStrict(raw, &a); err != nil {
		return named(rest[0], err)
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.RegisterAttestor(ctx, a); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Registered %s (%s), %s.\n", a.Name, a.ID, a.Kind)
		return nil
	})
}

func runAttestorList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("attestor list")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if *asJSON {
			register, err := x.Register(ctx)
			if err != nil {
				return err
			}
			return printJSON(e.stdout, register.Attestors)
		}
		all, err := x.Attestors(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, a := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.ID, a.Name, a.Kind, attestorStanding(a))
		}
		return w.Flush()
	})
}

func attestorStanding(a store.Attestor) string {
	if a.Withdrawn.IsZero() {
		return "since " + a.Since.Format(time.DateOnly)
	}
	return "withdrawn on " + a.Withdrawn.Format(time.DateOnly) + ": " + a.Reason
}

func runAttestorWithdraw(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("attestor withdraw")
	reason := fs.String("reason", "", "the `reason`, which the public sees")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.WithdrawAttestor(ctx, footage.AttestorID(rest[0]), *reason); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Withdrew %s.\n", rest[0])
		return nil
	})
}
