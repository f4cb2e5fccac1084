package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

// verificationCommands are those of an agency's two verifications and of applications.
func verificationCommands() []command {
	return []command{
		{name: "attest", args: "FILE", summary: "file an attestor's statement or retraction", run: runAgencyAttest,
			help: "The file ('-' for standard input) is what the attestor made with 'porchlight attest statement'. It counts for what its signature says, whoever brings it."},
		{name: "approve", args: "ID", summary: "approve an agency with an operator's passkey", run: runAgencyApprove,
			help: `The second verification, for twelve months: signed with the passkey of the operator's desk (--desk), through the running exchange.
The approval is shown before it is signed, and asked about unless --yes is given. This command knows software passkeys alone, which
only a fictional exchange accepts; on a real exchange an operator approves in the browser, under /staff/register.`},
		{name: "unapprove", args: "ID", summary: "take the operator's approval back", run: runAgencyUnapprove,
			help: "What the agency has open is paused at once, and goes on when it is approved again."},
		{name: "due", summary: "list what must be renewed", run: runAgencyDue,
			help: "Lists the agencies whose verifications end within 60 days, and those whose verifications are not in force, with the reason."},
		{name: "applications", summary: "list applications that wait", run: runAgencyApplications,
			help: applicationsHelp},
	}
}

func runAgencyAttest(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency attest")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	raw, err := readInput(e, rest[0])
	if err != nil {
		return err
	}
	var kind struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(raw, &kind) // what it is not is told below
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if kind.Type == footage.RetractionType {
			return fileRetraction(ctx, e, x, rest[0], raw)
		}
		var a footage.Attestation
		if err := footage.DecodeStrict(raw, &a); err != nil {
			return named(rest[0], err)
		}
		if err := x.Attest(ctx, a.Agency, a); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "Filed the statement of %s about %s, until %s.\n", a.Attestor, a.Agency, a.Expires.Format(time.DateOnly))
		return nil
	})
}

func fileRetraction(ctx context.Context, e env, x *exchange.Exchange, file string, raw []byte) error {
	var r footage.Retraction
	if err := footage.DecodeStrict(raw, &r); err != nil {
		return named(file, err)
	}
	if err := x.Retract(ctx, r.Agency, r); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The statement of %s about %s is taken back.\n", r.Attestor, r.Agency)
	return nil
}

func runAgencyApprove(ctx context.Context, e env, args []string) error {
	fs, f := flags("porchlight office agency approve"), &deskFlags{}
	fs.StringVar(&f.dir, "desk", "", "the operator's desk, a `folder`")
	f.config = configFlag(fs)
	yes := fs.Bool("yes", false, "do not ask")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	d, err := f.open(e)
	if err != nil {
		return err
	}
	a, err := d.ApproveAgency(ctx, footage.AgencyID(rest[0]), func(a footage.Approval) error {
		fmt.Fprintf(e.stdout, "You approve %s on the exchange %s, as it is described with SHA-256\n  %s,\nresting on the statement\n  %s,\nuntil %s.\n",
			a.Agency, a.Exchange, a.Description, a.Attestation, a.Expires.Format(time.DateOnly))
		return e.agree(*yes, "Sign it?")
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Approved %s until %s.\n", a.Agency, a.Expires.Format(time.DateOnly))
	return nil
}

func runAgencyUnapprove(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency unapprove")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		if err := x.UnapproveAgency(ctx, footage.AgencyID(rest[0])); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "The approval of %s is taken back.\n", rest[0])
		return nil
	})
}

func runAgencyDue(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("agency due")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		all, err := x.Due(ctx)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, all)
		}
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		for _, d := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\n", d.Agency, d.Name, dueText(d))
		}
		return w.Flush()
	})
}

func dueText(d api.Due) string {
	switch {
	case d.Lapse != "":
		return "not in force (" + string(d.Lapse) + ")"
	case !d.Attestation.IsZero() && !d.Approval.IsZero():
		return "statement ends " + d.Attestation.Format(time.DateOnly) + ", approval ends " + d.Approval.Format(time.DateOnly)
	case !d.Attestation.IsZero():
		return "statement ends " + d.Attestation.Format(time.DateOnly)
	}
	return "approval ends " + d.Approval.Format(time.DateOnly)
}
