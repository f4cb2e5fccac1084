package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

func agencyCommand() command {
	return command{name: "agency", summary: "the register of agencies",
		help: "Who may ask. Only local public-safety bodies can be expressed; what the register says of them is public.",
		sub: append([]command{
			{name: "add", args: "FILE", summary: "register an agency from a JSON file", run: runAgencyAdd,
				help: `The file ('-' for standard input) holds one JSON object with

  id            2 to 63 of a-z, 0-9 and hyphen: for ever
  name          as people know it
  type          municipal_police, sheriff, tribal_police, campus_police, transit_police,
                park_police, school_police, fire, fire_marshal, emergency_management,
                local_prosecutor or medical_examiner
  body          ID of the legal body that it is a part of, such as town-of-maplewood
  ori, fdid, local_id   at least one: originating agency identifier, fire department ID,
                number in a register of the state or county
  state         two letters
  county
  jurisdiction  a list of GeoJSON polygons
  contact       {"name": …, "email": …, "phone": …}
  immigration_agreement   true or false: what the agency declares
  policies, subsidies, task_forces   the same, in plain words

Anything else is refused, and every fault is told at once. A registered agency may not ask
yet: an attestor's statement ('attest') and an operator's approval ('approve') must follow.`},
			{name: "change", args: "FILE", summary: "replace what the register says of an agency", run: runAgencyChange,
				help: "The file ('-' for standard input) is whole, as for 'agency add'; 'agency show ID' prints the present one to start from. Requests that are public keep the words that were signed. Both verifications speak of one description: they must be given anew, and until then what is open is paused."},
			{name: "list", summary: "list the register", run: runAgencyList, help: "Lists every agency with its standing."},
			{name: "show", args: "ID", summary: "print what the register says of an agency", run: runAgencyShow,
				help: "Prints the agency's entry as JSON, in the form that 'agency change' takes."},
			{name: "suspend", args: "ID", summary: "suspend an agency at once", run: runAgencySuspend,
				help: "The agency cannot ask, and its open requests take no more shares, from now on. The reason is public and must be given."},
			{name: "restore", args: "ID", summary: "end a suspension", run: runAgencyRestore, help: "Ends a suspension. What was open before takes shares again."},
		}, verificationCommands()...)}
}

func readAgency(e env, file string) (a footage.Agency, err error) {
	raw, err := readInput(e, file)
	if err != nil {
		return a, err
	}
	return a, named(file, footage.DecodeStrict(raw, &a))
}

func runAgencyAdd(ctx context.Context, e env, args []string) error {
	return writeAgency(ctx, e, "add", args, (*exchange.Exchange).RegisterAgency, "Registered")
}

func runAgencyChange(ctx context.Context, e env, args []string) error {
	return writeAgency(ctx, e, "change", args, (*exchange.Exchange).ChangeAgency, "Changed")
}

func writeAgency(ctx context.Context, e env, verb string, args []string, write func(*exchange.Exchange, context.Context, footage.Agency) error, done string) error {
	fs, n := officeFlags("agency " + verb)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	a, err := readAgency(e, rest[0])
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := write(x, ctx, a); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s %s (%s).\n", done, a.Name, a.ID)
		return nil
	})
}

func runAgencyList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency list")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		all, err := x.Agencies(ctx)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, append([]footage.Standing{}, all...))
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, s := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Agency.ID, s.Agency.Name, s.Agency.Type, standing(s))
		}
		return w.Flush()
	})
}

func standing(s footage.Standing) string {
	if s.Suspended {
		return "suspended: " + s.Reason
	}
	if s.Verification.InForce(time.Now()) {
		return "active, verified until " + s.Verification.Until.Format(time.DateOnly)
	}
	return "not verified: " + string(s.Verification.Why(time.Now()))
}

func runAgencyShow(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency show")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		s, err := x.Agency(ctx, footage.AgencyID(rest[0]))
		if err != nil {
			return err
		}
		return printJSON(e.stdout, s.Agency)
	})
}

func runAgencySuspend(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency suspend")
	reason := fs.String("reason", "", "the `reason`, which the public sees")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.SuspendAgency(ctx, footage.AgencyID(rest[0]), *reason); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Suspended %s.\n", rest[0])
		return nil
	})
}

func runAgencyRestore(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency restore")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.RestoreAgency(ctx, footage.AgencyID(rest[0])); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Restored %s.\n", rest[0])
		return nil
	})
}
