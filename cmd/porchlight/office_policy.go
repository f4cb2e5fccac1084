package main

import (
	"context"
	"fmt"
	"io"

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
				help: "Puts a policy file ('-' for standard input) in force at once. The policy of the same name ends. Requests that wait for approval need new signatures."},
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
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readInput(e, rest[0])
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.AdoptPolicy(ctx, raw); err != nil {
			return named(rest[0], err)
		}
		fmt.Fprintf(e.stdout, "Adopted %s. It is in force.\n", rest[0])
		return nil
	})
}
