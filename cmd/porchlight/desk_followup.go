package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

func followUpCommand() command {
	return command{name: "followup", summary: "say what came of a request that has ended", help: `After each request the agency owes the public two answers, whether anybody shared or not: what came of the case, and what became
of its copies of footage. A supervisor says and signs them; they are public for good, and a later one takes the place of one
before. Choose by where the case stands, never by what came in. ID is a request's, or the beginning of it.`, sub: []command{
		{name: "list", summary: "list what is owed and what was said", run: runFollowUpList, help: "What is due first comes first, then what is settled."},
		{name: "outcome", args: "ID CODE", summary: "say what came of the case", run: followUp("outcome", footage.DutyOutcome, false),
			help: "Shows what would be signed, and asks. After 'still_open' the outcome is owed again.\n\nThe codes: " + codes(footage.DutyOutcome.Sayings()) + "."},
		{name: "copies", args: "ID CODE", summary: "say what became of the agency's copies", run: followUp("copies", footage.DutyCopies, true),
			help: "Shows what would be signed, and asks. 'destroyed' says that no copy is left, as is true where there never was one; what is kept has a last day, by which more is owed.\n\nThe codes: " + codes(footage.DutyCopies.Sayings()) + "."},
	}}
}

func runFollowUpList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("followup list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	all, err := d.Duties(ctx)
	if err != nil {
		return err
	}
	return f.print(e, all, func(w io.Writer) {
		for _, o := range all {
			said, due := "-", "nothing more is owed"
			if last := o.Last(); last != nil {
				said = string(last.Says)
			}
			if o.Due != "" {
				due = "due " + o.Due
			}
			if o.Overdue(time.Now()) {
				due = "OVERDUE since " + o.Due
			}
			fmt.Fprintf(w, "%-14s  %-8s %-10s  %-26s %s\n", o.Request.Short(), o.Duty, said, due, plainLine(o.Title))
		}
	})
}

// followUp returns the command that says a word about a duty.
func followUp(name string, duty footage.Duty, kept bool) func(context.Context, env, []string) error {
	return func(ctx context.Context, e env, args []string) error {
		fs, f := deskFlagSet("followup " + name)
		in := api.NewFollowUp{Duty: duty}
		if kept {
			fs.StringVar(&in.Until, "until", "", "last `day` on which copies are kept, such as 2027-03-31; at most a year ahead")
		}
		yes := fs.Bool("yes", false, "do not ask")
		d, rest, err := openDesk(e, fs, f, args, 2, 2)
		if err != nil {
			return err
		}
		in.Says = footage.Said(rest[1])
		return say(ctx, e, f, d, rest[0], in, *yes)
	}
}

// say shows a word, asks, signs it and tells that it stands in the record.
func say(ctx context.Context, e env, f *deskFlags, d *desk.Desk, id string, in api.NewFollowUp, yes bool) error {
	q, err := d.Request(ctx, id)
	if err != nil {
		return err
	}
	word, err := d.ComposeFollowUp(ctx, q.ID, in)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Request  %s: %s\nSays     %s: %s %s\nSigned   %s\n", q.ID.Short(), plainLine(q.Document.Title), word.Duty, word.Says, word.Until, word.Signed.Format(time.RFC1123))
	if err := e.agree(yes, "Say this in public, for good?"); err != nil {
		return err
	}
	if err := d.FollowUp(ctx, word); err != nil {
		return err
	}
	return f.print(e, word, func(w io.Writer) { fmt.Fprintf(w, "It stands in the public record: %s %s.\n", word.Duty, word.Says) })
}
