package main

import (
	"context"
	"fmt"
	"io"

	"porchlight.example/internal/policy"
)

func deskPolicyCommand() command {
	return command{name: "policy", summary: "adopt policies, as the operator", help: "The operator signs what puts a policy in force.", sub: []command{
		{name: "adopt", args: "FILE", summary: "sign and adopt a policy file, as the operator", run: runDeskAdopt,
			help: "Prints the rules of the file ('-' for standard input, or the name of one that ships), asks, signs exactly that file, and puts it in force at once or from a time on. File, signature and time stand in the public record. A time that is over is refused."},
	}}
}

func runDeskAdopt(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("policy adopt")
	from := timeFlag(fs, "from", "`time` from which it is in force, with its offset, such as 2027-01-01T00:00:00-06:00; without it, at once")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readPolicy(e, rest[0])
	if err != nil {
		return err
	}
	p, err := policy.Parse(raw)
	if err != nil {
		return named(rest[0], err)
	}
	for _, r := range p.Explain() {
		fmt.Fprintf(e.stderr, "%s%s\n    %s\n", r.Kind, equals(r.Limit.En), plainLine(r.Sentence.En))
	}
	a, err := d.ComposeAdoption(ctx, p.Ref(), *from)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "\nPolicy   %s, SHA-256 %s\n\n", a.Name, a.SHA256)
	if err := e.agree(*yes, "Adopt this policy as the operator?"); err != nil {
		return err
	}
	if err := d.AdoptPolicy(ctx, raw, a); err != nil {
		return err
	}
	return f.print(e, a, func(w io.Writer) { fmt.Fprintln(w, adopted(rest[0], *from)) })
}
