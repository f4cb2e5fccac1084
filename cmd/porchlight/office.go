package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
)

func officeCommand() command {
	return command{name: "office", summary: "set up and run the exchange's office: agencies, people, policies",
		help: "The operator's acts, on the exchange's own machine. Each leaves its entry in the public record.",
		sub: []command{
			{name: "init", summary: "make a new exchange", run: runOfficeInit,
				help: "Makes keys, database and the first entries of the public record in an empty data folder. It never overwrites an exchange."},
			{name: "doctor", summary: "say what is missing before the first request", run: runOfficeDoctor,
				help: "Checks the exchange step by step and says for each missing thing which command mends it. Exit code 3 if anything is missing."},
			{name: "agency", summary: "the register of agencies", sub: []command{
				{name: "add", args: "FILE", summary: "register an agency from a JSON file", run: runAgencyAdd,
					help: "The file holds id, name, type, state, county, jurisdiction (GeoJSON polygons), contact and declarations; see doc/formats.md."},
				{name: "list", summary: "list the register", run: runAgencyList, help: "Lists every agency with its standing."},
				{name: "suspend", args: "ID", summary: "suspend an agency at once", run: runAgencySuspend,
					help: "The agency's open requests take no more shares from now on. The reason is public."},
				{name: "restore", args: "ID", summary: "end a suspension", run: runAgencyRestore, help: "Ends a suspension."},
			}},
			{name: "person", summary: "people and their invitations", sub: []command{
				{name: "add", args: "NAME", summary: "add a person and print an invitation", run: runPersonAdd,
					help: "Prints a token with which the person enrols an authenticator once. The name is shown to nobody but this office."},
				{name: "list", summary: "list people", run: runPersonList, help: "Lists an agency's people, or the exchange's own."},
				{name: "disable", args: "PERSON", summary: "disable a leaver at once", run: runPersonDisable,
					help: "Ends the person's sessions and keys. People are never deleted: the record needs their public keys."},
			}},
			{name: "policy", summary: "the rules in force", sub: []command{
				{name: "show", summary: "explain the rules in force", run: runPolicyShow, help: "Prints every rule with its limit and sentence."},
				{name: "adopt", args: "FILE", summary: "put a policy file in force", run: runPolicyAdopt,
					help: "The policy of the same name ends now. Requests that wait for approval need new signatures."},
			}},
		}}
}

// withNode parses, opens the exchange and runs do.
func withNode(ctx context.Context, e env, n *nodeFlags, do func(*node.Node) error) error {
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	open, err := node.Open(ctx, opts)
	if err != nil {
		return err
	}
	return errors.Join(do(open), open.Close())
}

func runOfficeInit(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office init")
	var n nodeFlags
	n.add(fs)
	name := fs.String("name", "", "the exchange's `name`, for people")
	base := fs.String("base", "", "its public `address`, such as https://exchange.example")
	fictional := fs.Bool("fictional", false, "mark it as a demonstration for ever: software authenticators are accepted")
	policyFile := fs.String("policy", "", "policy `file`; empty for the default policy")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *name == "" || *base == "" {
		return usagef("--name and --base are needed")
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	rules := policy.DefaultFile()
	if *policyFile != "" {
		if rules, err = os.ReadFile(*policyFile); err != nil {
			return fmt.Errorf("read policy: %w", err)
		}
	}
	_, host, _ := strings.Cut(*base, "://")
	if err := node.Create(ctx, opts, node.New{Name: *name, Origin: host + "/porchlight", Base: *base, Fictional: *fictional, Policies: [][]byte{rules}}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Made %s in %s. Keep copies of the folder 'keys' in two safe places.\nNext: porchlight office doctor\n", *name, opts.Data)
	return nil
}

func runAgencyAdd(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office agency add")
	var n nodeFlags
	n.add(fs)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(rest[0])
	if err != nil {
		return fmt.Errorf("read agency: %w", err)
	}
	var a footage.Agency
	if err := footage.DecodeStrict(raw, &a); err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		if err := open.Exchange.RegisterAgency(ctx, a); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Registered %s (%s).\n", a.Name, a.ID)
		return nil
	})
}

func runAgencyList(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office agency list")
	var n nodeFlags
	n.add(fs)
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		all, err := open.Exchange.Agencies(ctx)
		if err != nil || *asJSON {
			return errors.Join(err, printJSONIf(e, *asJSON, all))
		}
		for _, s := range all {
			standing := "active"
			if s.Suspended {
				standing = "suspended: " + s.Reason
			}
			fmt.Fprintf(e.stdout, "%-24s %-40s %s\n", s.Agency.ID, s.Agency.Name, standing)
		}
		return nil
	})
}

func printJSONIf(e env, yes bool, v any) error {
	if !yes {
		return nil
	}
	return printJSON(e.stdout, v)
}

func runAgencySuspend(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office agency suspend")
	var n nodeFlags
	n.add(fs)
	reason := fs.String("reason", "", "the `reason`, which the public sees")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		return open.Exchange.SuspendAgency(ctx, footage.AgencyID(rest[0]), *reason)
	})
}

func runAgencyRestore(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office agency restore")
	var n nodeFlags
	n.add(fs)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		return open.Exchange.RestoreAgency(ctx, footage.AgencyID(rest[0]))
	})
}

func runPersonAdd(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office person add")
	var n nodeFlags
	n.add(fs)
	agency := fs.String("agency", "", "the agency's register `ID`; empty for the exchange's own staff")
	roles := fs.String("roles", "", "`roles`, separated by commas: officer, supervisor, custodian, agency_admin; operator")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	var list []footage.Role
	for role := range strings.SplitSeq(*roles, ",") {
		if role = strings.TrimSpace(role); role != "" {
			list = append(list, footage.Role(role))
		}
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		p, token, err := open.Exchange.InvitePerson(ctx, footage.AgencyID(*agency), rest[0], list...)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, map[string]string{"person": string(p.ID), "token": token})
		}
		fmt.Fprintf(e.stdout, "Added %s.\nInvitation, for one use within 7 days:\n  %s\nThe person runs: porchlight desk enrol\n", p.ID, token)
		return nil
	})
}

func runPersonList(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office person list")
	var n nodeFlags
	n.add(fs)
	agency := fs.String("agency", "", "the agency's register `ID`; empty for the exchange's own staff")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		all, err := open.Exchange.People(ctx, footage.AgencyID(*agency))
		if err != nil || *asJSON {
			return errors.Join(err, printJSONIf(e, *asJSON, all))
		}
		for _, p := range all {
			roles, _ := json.Marshal(p.Roles) // strings always encode
			fmt.Fprintf(e.stdout, "%s %-24s %s disabled=%v\n", p.ID, p.Name, roles, p.Disabled)
		}
		return nil
	})
}

func runPersonDisable(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office person disable")
	var n nodeFlags
	n.add(fs)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		return open.Exchange.DisablePerson(ctx, footage.PersonID(rest[0]))
	})
}

func runPolicyShow(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office policy show")
	var n nodeFlags
	n.add(fs)
	lang := fs.String("lang", "en", "`language`: en or es")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		set, err := open.Exchange.Policies(ctx)
		if err != nil {
			return err
		}
		for _, r := range set.Explain() {
			fmt.Fprintf(e.stdout, "%-28s %-16s %s\n", r.Kind, r.Limit.In(*lang), r.Sentence.In(*lang))
		}
		return nil
	})
}

func runPolicyAdopt(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office policy adopt")
	var n nodeFlags
	n.add(fs)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(rest[0])
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	return withNode(ctx, e, &n, func(open *node.Node) error { return open.Exchange.AdoptPolicy(ctx, raw) })
}

func runOfficeDoctor(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight office doctor")
	var n nodeFlags
	n.add(fs)
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withNode(ctx, e, &n, func(open *node.Node) error {
		findings, err := open.Exchange.Doctor(ctx)
		if err != nil {
			return err
		}
		missing := 0
		for _, f := range findings {
			if !f.OK {
				missing++
			}
		}
		if *asJSON {
			err = printJSON(e.stdout, findings)
		} else {
			for _, f := range findings {
				mark := "ok     "
				if !f.OK {
					mark = "missing"
				}
				fmt.Fprintf(e.stdout, "%s  %s\n", mark, f.Text)
				if !f.OK {
					fmt.Fprintf(e.stdout, "         do: %s\n", f.Remedy)
				}
			}
		}
		if err == nil && missing > 0 {
			return footage.E(footage.Conflict, fmt.Sprintf("%d things are missing before the first request.", missing))
		}
		return err
	})
}
