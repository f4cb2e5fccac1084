package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/policy"
)

func policyCommand() command {
	return command{name: "policy", summary: "the rules in force",
		help: "The rules that requests and the handling of shares must keep. Several policies, of a state and a city say, apply together, and the strictest rule wins.",
		sub: []command{
			{name: "show", summary: "explain the rules in force", run: runPolicyShow, help: "Prints every rule with its limit, its sentence and the policy that holds it."},
			{name: "default", summary: "print the default policy file", run: runPolicyDefault, help: "Prints the policy that ships with Porchlight, as a start for one's own."},
			{name: "check", args: "FILE", summary: "say what a policy file would change, without adopting it", run: runPolicyCheck,
				help: "Checks a policy file ('-' for standard input) and prints the rules that would be in force with it."},
			{name: "adopt", args: "FILE", summary: "put a policy file in force", run: runPolicyAdopt,
				help: "Puts a policy file ('-' for standard input, or the name of one that ships) in force at once, or from a time on. The policy of the same name ends then. Requests that wait for approval need new signatures. The entry in the public record bears no signature; 'porchlight desk policy adopt' signs it as the operator."},
			{name: "list", summary: "list every policy that was adopted, and when it was in force", run: runPolicyList, help: "Lists every policy that was ever adopted, those that are to come too."},
		}}
}

func printRules(w io.Writer, set policy.Set, lang string) {
	for _, r := range set.Explain() {
		limit := ""
		if text := r.Limit.In(lang); text != "" {
			limit = " = " + text
		}
		fmt.Fprintf(w, "%s%s  [%s]\n    %s\n", r.Kind, limit, r.Policy, r.Sentence.In(lang))
	}
}

// ruleJSON is a rule as --json prints it.
type ruleJSON struct {
	Kind     string   `json:"kind"`
	Policy   string   `json:"policy"`
	SHA256   string   `json:"policy_sha256"`
	Limit    string   `json:"limit,omitempty"`
	Value    float64  `json:"value,omitempty"`
	Codes    []string `json:"codes,omitempty"`
	Sentence string   `json:"sentence"`
}

func printRuleSet(e env, set policy.Set, lang string, asJSON bool) error {
	if !asJSON {
		printRules(e.stdout, set, lang)
		return nil
	}
	out := []ruleJSON{}
	for _, r := range set.Explain() {
		out = append(out, ruleJSON{r.Kind, r.Policy, r.SHA256, r.Limit.In(lang), r.Value, r.Codes, r.Sentence.In(lang)})
	}
	return printJSON(e.stdout, out)
}

func runPolicyShow(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("policy show")
	lang := fs.String("lang", "en", "`language`: en or es")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		set, err := x.Policies(ctx)
		if err != nil {
			return err
		}
		return printRuleSet(e, set, *lang, *asJSON)
	})
}

func runPolicyDefault(_ context.Context, e env, args []string) error {
	if _, err := parse(e, flags("porchlight office policy default"), args, 0, 0); err != nil {
		return err
	}
	_, err := e.stdout.Write(policy.DefaultFile())
	return err
}

func runPolicyCheck(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("policy check")
	lang := fs.String("lang", "en", "`language`: en or es")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readInput(e, rest[0])
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		set, err := x.TryPolicy(ctx, raw)
		if err != nil {
			return named(rest[0], err)
		}
		return printRuleSet(e, set, *lang, *asJSON)
	})
}

func runPolicyAdopt(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("policy adopt")
	from := timeFlag(fs, "from", "`time` from which it is in force, with its offset, such as 2027-01-01T00:00:00-06:00; without it, at once")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readPolicy(e, rest[0])
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if from.IsZero() {
			err = x.AdoptPolicy(ctx, raw)
		} else {
			err = x.AdoptPolicyFrom(ctx, raw, *from)
		}
		if err != nil {
			return named(rest[0], err)
		}
		fmt.Fprintln(e.stdout, adopted(rest[0], *from))
		return nil
	})
}

// timeFlag adds a flag that takes a moment. The zero time means that it was not given.
func timeFlag(fs *flag.FlagSet, name, usage string) *time.Time {
	var t time.Time
	fs.Func(name, usage, func(s string) (err error) {
		t, err = time.Parse(time.RFC3339, s)
		return err
	})
	return &t
}

// adopted says what became of a policy file.
func adopted(file string, from time.Time) string {
	if from.IsZero() {
		return "Adopted " + file + ". It is in force."
	}
	return "Adopted " + file + ". It is in force from " + from.UTC().Format(time.RFC3339) + " on."
}

func runPolicyList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("policy list")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		all, err := x.AdoptedPolicies(ctx)
		for _, p := range all {
			ended := "no end"
			if p.Ended != nil {
				ended = "to " + p.Ended.Format(time.RFC3339)
			}
			fmt.Fprintf(e.stdout, "%-20s from %s %s  SHA-256 %s\n", p.Name, p.InForce.Format(time.RFC3339), ended, p.SHA256)
		}
		return err
	})
}
