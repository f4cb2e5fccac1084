package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func demandCommand() command {
	return command{name: "demand", summary: "enter what is demanded of the exchange by law, and its answer", help: `An operator or a moderator enters each legal demand made of the exchange. Its answer counts when a second person in another
role has agreed. Nothing of one demand is public: a report in the public record counts them for each half-year, and says so
when there was none. While the law forbids to tell of a demand, no report counts it.`, sub: []command{
		{name: "list", summary: "list the demands", run: runDemandList, help: "The newest first, with what was asked and given."},
		{name: "enter", summary: "enter a demand", run: runDemandEnter, help: "By whom: " + codes(footage.DemandBodies()) + ".\nBy what means: " + codes(footage.DemandKinds()) + "."},
		{name: "answer", args: "ID", summary: "write what became of a demand", run: runDemandAnswer, help: "What was given: " + codes(footage.DemandAnswers()) + "."},
		{name: "agree", args: "ID", summary: "agree to an answer, as the second person", run: runDemandAgree, help: "From then on the answer stands, and the next report counts it."},
	}}
}

// codes lists codes for a help text.
func codes[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return strings.Join(out, ", ")
}

func runDemandList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("demand list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	all, err := d.Demands(ctx)
	if err != nil {
		return err
	}
	return f.print(e, all, func(w io.Writer) {
		for _, c := range all {
			state := "pending"
			switch {
			case c.Agreed != "":
				state = string(c.Answer)
			case c.Answer != "":
				state = string(c.Answer) + ", waits for a second person"
			}
			fmt.Fprintf(w, "%s  %s  %s, %s: %s\n", c.ID, c.Received, c.Body, c.Kind, state)
			fmt.Fprintf(w, "    asked: %s\n", plainLine(c.Asked))
			if c.Given != "" {
				fmt.Fprintf(w, "    given: %s\n", plainLine(c.Given))
			}
		}
	})
}

func runDemandEnter(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("demand enter")
	var in api.NewDemand
	fs.StringVar(&in.Received, "received", "", "`day` on which it came in, such as 2026-03-14")
	body := fs.String("body", "", "`code` of who demanded it")
	kind := fs.String("kind", "", "`code` of the means")
	fs.StringVar(&in.Asked, "asked", "", "`words`: what was demanded; they stay in the office")
	fs.StringVar(&in.Gag, "gag", "", "last `day` on which the law forbids to tell of it")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	in.Body, in.Kind = footage.DemandBody(*body), footage.DemandKind(*kind)
	id, err := d.EnterDemand(ctx, in)
	if err != nil {
		return err
	}
	return f.print(e, api.EnteredDemand{ID: id}, func(w io.Writer) { fmt.Fprintf(w, "Entered as %s.\n", id) })
}

func runDemandAnswer(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("demand answer")
	answer := fs.String("answer", "", "`code` of what was given")
	given := fs.String("given", "", "`words`: what was given; they stay in the office")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	if err := d.AnswerDemand(ctx, footage.DemandID(rest[0]), api.DemandReply{Answer: footage.DemandAnswer(*answer), Given: *given}); err != nil {
		return err
	}
	return f.print(e, rest[0], func(w io.Writer) { fmt.Fprintln(w, "The answer waits for a second person.") })
}

func runDemandAgree(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("demand agree")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	if err := d.AgreeDemand(ctx, footage.DemandID(rest[0])); err != nil {
		return err
	}
	return f.print(e, rest[0], func(w io.Writer) { fmt.Fprintln(w, "The answer counts.") })
}
