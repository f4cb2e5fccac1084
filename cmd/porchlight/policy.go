package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
)

func rulesCommand() command {
	return command{name: "policy", summary: "check, explain and compare policy files, with no exchange",
		help: "A policy file holds rules for requests and for the handling of shares. Several apply together and the strictest rule wins.\n\nIn the place of a FILE, '-' is standard input, and " +
			strings.Join(policy.Shipped(), ", ") + " are files that ship with Porchlight (a file of that name in the folder goes first).",
		sub: []command{
			{name: "check", args: "FILE...", summary: "say everything that is wrong with policy files", run: runRulesCheck,
				help: "Checks each file, then whether all can apply together: one that does not hold every rule that must be is tried beside the default. Exit code 3 when something is wrong."},
			{name: "explain", args: "[FILE...]", summary: "print the rules that win, each with its sentence and file", run: runRulesExplain,
				help: "Prints every rule that is in force when the files apply together, with its limit, the file that holds it and its sentence; without files, those of the default. Files that do not hold every rule that must be are explained as they stand."},
			{name: "diff", args: "A B", summary: "print the rules in which two policy files differ", run: runRulesDiff,
				help: "Prints each rule that the two files do not have alike, and whether the second is stricter or looser."},
			{name: "print", args: "NAME", summary: "print a policy file that ships with Porchlight", run: runRulesPrint,
				help: "Prints " + strings.Join(policy.Shipped(), ", ") + ", as a start for one's own."},
		}}
}

// readPolicy reads a file, or one that ships when there is no file of that name.
func readPolicy(e env, name string) ([]byte, error) {
	raw, err := readInput(e, name)
	if errors.Is(err, footage.NotFound) {
		if file, ok := policy.ShippedFile(name); ok {
			return file, nil
		}
	}
	return raw, err
}

// readPolicies reads files and says everything that is wrong with any.
func readPolicies(e env, names []string) ([]*policy.Policy, error) {
	var all []*policy.Policy
	var reasons []footage.Reason
	for _, name := range names {
		raw, err := readPolicy(e, name)
		if err != nil {
			return nil, err
		}
		p, err := policy.Parse(raw)
		if err == nil {
			all = append(all, p)
			continue
		}
		var own *footage.Error
		if !errors.As(err, &own) {
			return nil, err
		}
		if len(names) == 1 {
			return nil, named(name, own)
		}
		if len(own.Reasons) == 0 {
			reasons = append(reasons, footage.Reason{Msg: name + ": " + own.Msg})
		}
		for _, r := range own.Reasons {
			r.Msg = name + ": " + r.Msg
			reasons = append(reasons, r)
		}
	}
	if len(reasons) > 0 {
		return nil, &footage.Error{Kind: footage.Invalid, Code: "policy_refused", Msg: "These policies cannot be used.", Reasons: reasons}
	}
	return all, nil
}

// joinPolicies joins policies, beside the default when they do not hold every rule that must be; added says so.
func joinPolicies(all []*policy.Policy) (set policy.Set, added bool, err error) {
	set, err = policy.NewSet(all...)
	var own *footage.Error
	if !errors.As(err, &own) || len(own.Reasons) != 1 || own.Reasons[0].Code != "policy_incomplete" {
		return set, false, err
	}
	for _, p := range all {
		if p.Ref().Name == policy.Default().Ref().Name {
			return set, false, err
		}
	}
	set, err = policy.NewSet(append([]*policy.Policy{policy.Default()}, all...)...)
	return set, true, err
}

func runRulesCheck(_ context.Context, e env, args []string) error {
	fs := flags("porchlight policy check")
	rest, err := parse(e, fs, args, 1, -1)
	if err != nil {
		return err
	}
	all, err := readPolicies(e, rest)
	if err != nil {
		return err
	}
	set, added, err := joinPolicies(all)
	if err != nil {
		return err
	}
	for _, p := range all {
		fmt.Fprintf(e.stdout, "%s: %d rules, SHA-256 %s\n", p.Ref().Name, len(p.Explain()), p.Ref().Hash)
	}
	if added {
		fmt.Fprintln(e.stdout, "These do not hold every rule that must be; they were tried beside the default.")
	}
	fmt.Fprintf(e.stdout, "Nothing is wrong. Together they hold %d rules.\n", len(set.Explain()))
	return nil
}

func runRulesExplain(_ context.Context, e env, args []string) error {
	fs := flags("porchlight policy explain")
	lang := fs.String("lang", "en", "`language`: en or es")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 0, -1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		rest = []string{"default"}
	}
	all, err := readPolicies(e, rest)
	if err != nil {
		return err
	}
	set, err := policy.Join(all...) // what is missing is no fault of one file alone
	if err != nil {
		return err
	}
	if !*asJSON {
		for _, p := range all {
			fmt.Fprintf(e.stdout, "%s  SHA-256 %s\n    %s\n", p.Ref().Name, p.Ref().Hash, p.About().In(*lang))
		}
		fmt.Fprintln(e.stdout)
	}
	return printRuleSet(e, set, *lang, *asJSON)
}

func runRulesDiff(_ context.Context, e env, args []string) error {
	fs := flags("porchlight policy diff")
	lang := fs.String("lang", "en", "`language`: en or es")
	rest, err := parse(e, fs, args, 2, 2)
	if err != nil {
		return err
	}
	both, err := readPolicies(e, rest)
	if err != nil {
		return err
	}
	changes := policy.Diff(both[0], both[1])
	for _, c := range changes {
		from, to := c.From.Limit.In(*lang), c.To.Limit.In(*lang)
		switch {
		case c.Way == policy.Added:
			fmt.Fprintf(e.stdout, "+ %s%s\n", c.Kind, equals(to))
		case c.Way == policy.Left:
			fmt.Fprintf(e.stdout, "- %s%s\n", c.Kind, equals(from))
		case c.Way == policy.Reworded:
			fmt.Fprintf(e.stdout, "~ %s: reworded\n", c.Kind)
		default:
			fmt.Fprintf(e.stdout, "~ %s: %s -> %s (%s)\n", c.Kind, from, to, c.Way)
		}
	}
	if len(changes) == 0 {
		fmt.Fprintln(e.stdout, "The two hold the same rules.")
	}
	return nil
}

// equals writes a limit behind the name of its rule, if there is one.
func equals(limit string) string {
	if limit == "" {
		return ""
	}
	return " = " + limit
}

func runRulesPrint(_ context.Context, e env, args []string) error {
	rest, err := parse(e, flags("porchlight policy print"), args, 1, 1)
	if err != nil {
		return err
	}
	file, ok := policy.ShippedFile(rest[0])
	if !ok {
		return footage.E(footage.NotFound, "No policy "+rest[0]+" ships with Porchlight; there are "+strings.Join(policy.Shipped(), ", ")+".")
	}
	_, err = e.stdout.Write(file)
	return err
}
