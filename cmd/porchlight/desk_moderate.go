package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

func moderateCommand() command {
	var reasons []string
	for _, r := range footage.ModerationReasons() {
		reasons = append(reasons, string(r))
	}
	list := "The reasons: " + strings.Join(reasons, ", ") + "."
	return command{name: "moderate", summary: "decide what becomes public, as a moderator", help: `A moderator of the exchange clears, holds or refuses what agencies have signed and handed in. Clearing publishes, and nothing
else does. Whoever belongs to the agency that asks cannot moderate, and an appeal is decided by another moderator.`, sub: []command{
		{name: "list", summary: "list what waits", run: runModerateList, help: "The urgent lane first, then what has waited longest."},
		{name: "show", args: "ID", summary: "show a case with all that is known of it", run: runModerateShow,
			help: "The text as the public would see it, what the rules and the content check say, linked requests, camera-hours and earlier decisions about the same offence."},
		{name: "clear", args: "ID", summary: "publish it, for ever", run: runModerateClear, help: "Everything is decided again: rules, signatures, standing. Some offences need two moderators; then the first one's word is noted."},
		{name: "hold", args: "ID", summary: "give it back to the agency with a reason", run: turnDownCommand("hold", (*desk.Desk).Hold),
			help: "The agency writes it anew, or appeals. Outcome, agency and reason are public; the text stays private.\n\n" + list},
		{name: "refuse", args: "ID", summary: "refuse it with a reason", run: turnDownCommand("refuse", (*desk.Desk).Refuse),
			help: "The agency may appeal. Outcome, agency and reason are public; the text stays private.\n\n" + list},
	}}
}

func runModerateList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("moderate list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	all, err := d.Cases(ctx)
	if err != nil {
		return err
	}
	return f.print(e, all, func(w io.Writer) {
		for _, c := range all {
			fmt.Fprintf(w, "%-14s  since %s  %-16s %s%s\n", footage.RequestID(c.Case).Short(), when(c.Submitted), plainLine(string(c.Agency)), plainLine(c.Title), caseMarks(c))
		}
	})
}

// caseMarks says what is particular about a case.
func caseMarks(c api.CaseItem) string {
	var marks []string
	for mark, on := range map[string]bool{"URGENT": c.Urgent, "addition": c.Addition, "appeal": c.Appeal, "another moderator must clear it too": c.Cleared > 0,
		"the content check found something": c.Findings > 0} {
		if on {
			marks = append(marks, mark)
		}
	}
	if len(marks) == 0 {
		return ""
	}
	slices.Sort(marks)
	return "  (" + strings.Join(marks, "; ") + ")"
}

func runModerateShow(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("moderate show")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	c, err := d.Case(ctx, rest[0])
	if err != nil {
		return err
	}
	return f.print(e, c, func(w io.Writer) { printCase(w, c) })
}

// printCase shows a moderator what a case is about.
func printCase(w io.Writer, c api.Case) {
	printDocument(w, c.Document)
	if c.Update != nil {
		printUpdate(w, *c.Update)
	}
	fmt.Fprintf(w, "\nCase     %s%s\nSince    %s\nAsks for %.4f camera-hours (square miles × hours)\n", c.Case, caseMarks(c.CaseItem), when(c.Submitted), c.CameraHours)
	if c.AppealWords != "" {
		fmt.Fprintf(w, "Appeal\n%s", indented(wrapLines(c.AppealWords)))
	}
	printReasons(w, "The content check found:", c.Check)
	printReasons(w, "It cannot be published as things stand:", c.Obstacles)
	for _, id := range c.Linked {
		fmt.Fprintf(w, "Linked   %s\n", id)
	}
	for _, r := range c.Rounds {
		fmt.Fprintf(w, "Before   %s %s\n", r.Outcome, r.Reason)
	}
	for _, p := range c.Alike {
		fmt.Fprintf(w, "Alike    %s, %s: %s %s\n", when(p.Decided), plainLine(string(p.Agency)), p.Outcome, p.Reason)
	}
}

func printReasons(w io.Writer, title string, reasons []footage.Reason) {
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for _, r := range reasons {
		fmt.Fprintf(w, "  - %s (%s)\n", plainLine(r.Msg), r.Code)
	}
}

func runModerateClear(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("moderate clear")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	c, err := d.Case(ctx, rest[0])
	if err != nil {
		return err
	}
	printCase(e.stderr, c)
	if err := e.agree(*yes, "Make this public, for ever?"); err != nil {
		return err
	}
	if err := d.Clear(ctx, c.Case); err != nil {
		return err
	}
	return decided(ctx, e, d, f, c.Case)
}

// decided prints how a case stands now.
func decided(ctx context.Context, e env, d *desk.Desk, f *deskFlags, subject string) error {
	c, err := d.Case(ctx, subject)
	if err != nil {
		return err
	}
	outcome := "waits for another moderator"
	if c.Outcome != "" {
		outcome = "is " + string(c.Outcome)
	}
	return f.print(e, c.Rounds, func(w io.Writer) { fmt.Fprintf(w, "The case %s %s.\n", footage.RequestID(subject).Short(), outcome) })
}

// turnDownCommand returns the command that holds or refuses a case.
func turnDownCommand(name string, do func(*desk.Desk, context.Context, string, api.Verdict) error) func(context.Context, env, []string) error {
	return func(ctx context.Context, e env, args []string) error {
		fs, f := deskFlagSet("moderate " + name)
		reason := fs.String("reason", "", "`code` of the reason, which is public")
		words := fs.String("words", "", "`words` to the agency alone")
		d, rest, err := openDesk(e, fs, f, args, 1, 1)
		if err != nil {
			return err
		}
		if *reason == "" {
			return usagef("give --reason; 'porchlight help desk moderate %s' lists them", name)
		}
		subject, err := d.Case(ctx, rest[0])
		if err != nil {
			return err
		}
		if err := do(d, ctx, subject.Case, api.Verdict{Reason: footage.ModerationReason(*reason), Words: *words}); err != nil {
			return err
		}
		return decided(ctx, e, d, f, subject.Case)
	}
}

func runDeskMail(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("mail")
	off := fs.Bool("off", false, "no letters any more")
	d, rest, err := openDesk(e, fs, f, args, 0, 1)
	if err != nil {
		return err
	}
	if len(rest) > 0 || *off {
		if err := d.SetMailAddress(ctx, strings.Join(rest, "")); err != nil {
			return err
		}
	}
	address, err := d.MailAddress(ctx)
	if err != nil {
		return err
	}
	return f.print(e, api.MailAddress{Address: address}, func(w io.Writer) {
		if address == "" {
			fmt.Fprintln(w, "You get no letters.")
			return
		}
		fmt.Fprintf(w, "You are told at %s that work waits.\n", plainLine(address))
	})
}
