package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func withholdCommand() command {
	return command{name: "withhold", summary: "withhold a published text, as two people of the exchange", help: `The text of a published request is withheld by order of a court or to protect a victim, and for no other reason. An operator
or a moderator proposes it, and somebody in the other role agrees. The text goes at once and for ever, with all that was
added to it; the authority, both signatures and the hash are public. REQUEST is an ID of 64 digits or the request's address.`, sub: []command{
		{name: "list", summary: "list what is withheld and what is to be", run: runWithholdList, help: "Those that wait for a second person first, then the newest."},
		{name: "propose", args: "REQUEST", summary: "propose to withhold a text", run: runWithholdPropose,
			help: "Asks for the reference of the order, or takes it from --reference, shows what would be signed, and asks. The record holds a commitment to the reference alone.\n\nWith the text goes what was written in the complaints about the request, and in the answers to them, unless --keep-complaints says that they tell nothing of it; complaints about the agency that quote it are named with --complaints.\n\nThe authorities: " + codes(footage.Authorities()) + "."},
		{name: "agree", args: "REQUEST", summary: "agree as the second person: the text is withheld", run: runWithholdAgree, help: "Shows the proposal with its reference, and asks."},
		{name: "drop", args: "REQUEST", summary: "drop a proposal", run: runWithholdDrop, help: "Anybody of the office may; asking for less needs less proof."},
	}}
}

func runWithholdList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("withhold list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	all, err := d.Withholdings(ctx)
	if err != nil {
		return err
	}
	return f.print(e, all, func(w io.Writer) {
		for _, c := range all {
			state := "waits for a second person, since " + when(c.Proposed)
			if c.Withheld != nil {
				state = fmt.Sprintf("withheld since %s, entry %d", when(*c.Withheld), *c.Entry)
			}
			fmt.Fprintf(w, "%-14s  %-16s %-17s  %s\n", c.Withholding.Request.Short(), plainLine(string(c.Withholding.Agency)), c.Withholding.Authority, state)
		}
	})
}

// requestArg reads a request's ID or address.
func requestArg(arg string) (footage.RequestID, error) {
	arg = strings.TrimRight(arg, "/")
	id := footage.RequestID(strings.ToLower(arg[strings.LastIndex(arg, "/")+1:]))
	if !id.Valid() {
		return "", usagef("REQUEST is an ID of 64 digits, or the address of a request")
	}
	return id, nil
}

func runWithholdPropose(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("withhold propose")
	authority := fs.String("authority", "", "`code` of the authority: court_order or victim_protection")
	reference := fs.String("reference", "", "`words`: court, number and date of the order, or the reason; without it they are asked for")
	keep := fs.Bool("keep-complaints", false, "keep what was written in the complaints about the request")
	others := fs.String("complaints", "", "`numbers` of other complaints about the agency that quote the text, with commas")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	id, err := requestArg(rest[0])
	if err != nil {
		return err
	}
	if *reference == "" {
		if *reference, err = e.ask("The reference of the order, or the reason: "); err != nil {
			return err
		}
	}
	in := api.Withhold{Authority: footage.Authority(*authority), Reference: *reference, AllComplaints: !*keep}
	for id := range strings.SplitSeq(*others, ",") {
		if id = strings.TrimSpace(id); id != "" {
			in.Complaints = append(in.Complaints, footage.ComplaintID(id))
		}
	}
	w, err := d.ComposeWithholding(ctx, id, in)
	if err != nil {
		return err
	}
	printWithholding(e.stderr, w, *reference)
	if err := e.agree(*yes, "Propose to withhold this text?"); err != nil {
		return err
	}
	if err := d.ProposeWithholding(ctx, w, *reference); err != nil {
		return err
	}
	return f.print(e, w, func(w io.Writer) {
		fmt.Fprintf(w, "The withholding of %s waits for a second person.\n", id.Short())
	})
}

func printWithholding(w io.Writer, x footage.Withholding, reference string) {
	fmt.Fprintf(w, "Request    %s\nOf         %s\nUpdates    %d\nAuthority  %s\nReference  %s\n", x.Request, plainLine(string(x.Agency)), len(x.Updates), x.Authority, plainLine(reference))
	for _, id := range x.Complaints {
		fmt.Fprintf(w, "Complaint  %s: what was written in it and in the answer goes too\n", plainLine(string(id)))
	}
}

func runWithholdAgree(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("withhold agree")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	id, err := requestArg(rest[0])
	if err != nil {
		return err
	}
	c, err := d.Withholding(ctx, id)
	if err != nil {
		return err
	}
	printWithholding(e.stderr, c.Withholding, c.Reference)
	if err := e.agree(*yes, "Withhold this text, for ever?"); err != nil {
		return err
	}
	if err := d.AgreeWithholding(ctx, c); err != nil {
		return err
	}
	return f.print(e, c.Withholding, func(w io.Writer) { fmt.Fprintf(w, "The text of %s is withheld.\n", id.Short()) })
}

func runWithholdDrop(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("withhold drop")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	id, err := requestArg(rest[0])
	if err != nil {
		return err
	}
	if err := d.DropWithholding(ctx, id); err != nil {
		return err
	}
	return f.print(e, id, func(w io.Writer) { fmt.Fprintf(w, "The proposal to withhold %s is dropped.\n", id.Short()) })
}
