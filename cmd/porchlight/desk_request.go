package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/resident"
)

func requestCommand() command {
	return command{name: "request", summary: "write, sign, approve, hand in and update requests", help: "An officer drafts and signs a request, a supervisor approves it and hands it to the moderators, one of whom makes it public.", sub: []command{
		{name: "check", args: "FILE", summary: "say whether the rules allow a draft", run: runRequestCheck,
			help: "Asks the exchange and stores nothing. Every violated rule is listed with its limit and what was found. The file is that of 'request draft'."},
		{name: "draft", args: "FILE", summary: "lay a draft down on the exchange, unsigned", run: runRequestDraft,
			help: `The file is JSON: code, offence, title, text, language, zone, area (GeoJSON) or area_file, from, to, closes, contact,
own_case, federal_involvement, case_number and place ([longitude, latitude] of the incident; neither of the two is
published), and changed for the second request of an investigation. Times are as the clocks of the zone show them,
"2026-03-14 21:30", or with their offset. Nonce, commitments and policies are filled in.`},
		{name: "list", summary: "list your agency's requests", run: runRequestList, help: "Lists your agency's requests in every state."},
		{name: "show", args: "ID", summary: "show a request as the public sees it", run: runRequestShow, help: "Shows a request as the public sees it, and where it stands."},
		{name: "sign", args: "ID", summary: "sign your draft, as its officer", run: signRequest("sign", "Sign this as its officer?", (*desk.Desk).Sign), help: "Shows the whole text as the public will see it, asks, and signs exactly that."},
		{name: "approve", args: "ID", summary: "approve a signed request, as a supervisor", run: signRequest("approve", "Approve this as supervisor?", (*desk.Desk).Approve), help: "Shows the whole text as the public will see it, asks, and signs exactly that. Nobody can approve what they wrote."},
		{name: "submit", args: "ID", summary: "hand an approved request to the moderators", run: runRequestSubmit, help: "The rules are applied once more. A moderator then clears it, which publishes it for ever, or holds or refuses it with a reason ('request show')."},
		{name: "appeal", args: "ID", summary: "ask for another moderator's decision", run: runRequestAppeal, help: "Once, about a request that was held or refused, or about an update of it. --words say why."},
		{name: "update", args: "ID", summary: "add to an open request, or end it", run: runRequestUpdate,
			help: "--text adds text, which waits for a second signature ('approve-update'). --resolve or --withdraw ends the request at once, with --text as the last word."},
		{name: "approve-update", args: "ID", summary: "approve the update that waits, as a supervisor", run: runApproveUpdate, help: "Shows the waiting update, asks, signs and hands it to the moderators."},
	}}
}

// composed reads a draft's file and completes it.
func composed(ctx context.Context, d *desk.Desk, file string) (api.DraftRequest, error) {
	in, err := desk.ReadDraft(file)
	if err != nil {
		return api.DraftRequest{}, err
	}
	return d.Compose(ctx, in)
}

func runRequestCheck(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request check")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	in, err := composed(ctx, d, rest[0])
	if err != nil {
		return err
	}
	if err := d.Check(ctx, in); err != nil {
		return err
	}
	return f.print(e, map[string]bool{"allowed": true}, func(w io.Writer) {
		fmt.Fprintln(w, "The rules allow this request. They are applied again when it is laid down and when it is published.")
	})
}

func runRequestDraft(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request draft")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	in, err := composed(ctx, d, rest[0])
	if err != nil {
		return err
	}
	q, err := d.Draft(ctx, in)
	if err != nil {
		return err
	}
	return f.print(e, q, func(w io.Writer) {
		printDocument(w, q.Document)
		fmt.Fprintf(w, "\nDraft %s\nNext: porchlight desk request sign %s\n", q.ID, q.ID.Short())
	})
}

func runRequestList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	all, err := d.Requests(ctx)
	if err != nil {
		return err
	}
	return f.print(e, all, func(w io.Writer) {
		for _, q := range all {
			waits := ""
			if len(q.Pending) > 0 {
				waits = "  (an update waits for approval)"
			}
			fmt.Fprintf(w, "%-14s  %-10s %-18s %s%s\n", q.ID.Short(), q.Status, plainLine(q.Document.Code), plainLine(q.Document.Title), waits)
		}
	})
}

func runRequestShow(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request show")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	q, err := d.Request(ctx, rest[0])
	if err != nil {
		return err
	}
	return f.print(e, q, func(w io.Writer) {
		printDocument(w, q.Document)
		fmt.Fprintf(w, "\nRequest  %s\nStatus   %s\n", q.ID, q.Status)
		for _, u := range q.Updates {
			printUpdate(w, u.Update)
		}
		for _, u := range q.Pending {
			printUpdate(w, u.Update)
			if len(u.Assertions) < 2 {
				fmt.Fprintln(w, "         (waits for a supervisor: porchlight desk request approve-update)")
			}
		}
		for _, r := range q.Moderation {
			printRound(w, r)
		}
	})
}

// signRequest returns the command that shows a request, asks and signs it.
func signRequest(name, question string, sign func(*desk.Desk, context.Context, api.AgencyRequest) error) func(context.Context, env, []string) error {
	return func(ctx context.Context, e env, args []string) error {
		fs, f := deskFlagSet("request " + name)
		yes := fs.Bool("yes", false, "do not ask")
		d, rest, err := openDesk(e, fs, f, args, 1, 1)
		if err != nil {
			return err
		}
		q, err := d.Request(ctx, rest[0])
		if err != nil {
			return err
		}
		printDocument(e.stderr, q.Document)
		fmt.Fprintf(e.stderr, "\nRequest  %s\n\n", q.ID)
		if err := e.agree(*yes, question); err != nil {
			return err
		}
		if err := sign(d, ctx, q); err != nil {
			return err
		}
		return f.status(ctx, e, d, q.ID)
	}
}

// status prints where a request stands now.
func (f *deskFlags) status(ctx context.Context, e env, d *desk.Desk, id footage.RequestID) error {
	q, err := d.Request(ctx, string(id))
	if err != nil {
		return err
	}
	out := map[string]string{"request": string(id), "status": string(q.Status)}
	return f.print(e, out, func(w io.Writer) { fmt.Fprintf(w, "Request %s is %s.\n", id.Short(), q.Status) })
}

// printRound says what moderators have said.
func printRound(w io.Writer, r api.Round) {
	switch what := strings.TrimSpace(string(r.Outcome) + " " + string(r.Reason)); {
	case r.Outcome == "":
		fmt.Fprintf(w, "Waits    for a moderator, since %s\n", when(r.Submitted))
	default:
		fmt.Fprintf(w, "Decision %s, %s\n", plainLine(what), when(r.Decided))
	}
	if r.Words != "" {
		fmt.Fprint(w, indented(wrapLines(r.Words)))
	}
}

func runRequestAppeal(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request appeal")
	words := fs.String("words", "", "why, in plain `words`")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	q, err := d.Request(ctx, rest[0])
	if err != nil {
		return err
	}
	if len(q.Moderation) == 0 {
		return footage.E(footage.Conflict, "No moderator has decided anything about this request.")
	}
	if err := d.Appeal(ctx, q.Moderation[len(q.Moderation)-1].Case, *words); err != nil {
		return err
	}
	return f.status(ctx, e, d, q.ID)
}

func runRequestSubmit(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request submit")
	urgent := fs.Bool("urgent", false, "the urgent lane: somebody is missing or abducted, and minutes count")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	q, err := d.Request(ctx, rest[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "%s: %s\n", q.ID.Short(), plainLine(q.Document.Title))
	if err := e.agree(*yes, "Hand this request to the moderators?"); err != nil {
		return err
	}
	if err := d.Submit(ctx, q.ID, *urgent); err != nil {
		return err
	}
	return f.status(ctx, e, d, q.ID)
}

func runRequestUpdate(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request update")
	text := fs.String("text", "", "what is new, in plain `words`")
	resolve := fs.Bool("resolve", false, "end the request: no more footage is needed")
	withdraw := fs.Bool("withdraw", false, "end the request: it should not have been made")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	kind := footage.Amended
	switch {
	case *resolve && *withdraw:
		return usagef("--resolve and --withdraw exclude each other")
	case *resolve:
		kind = footage.Resolved
	case *withdraw:
		kind = footage.Withdrawn
	case *text == "":
		return usagef("give --text, --resolve or --withdraw")
	}
	q, err := d.Request(ctx, rest[0])
	if err != nil {
		return err
	}
	u, err := d.ComposeUpdate(q, kind, *text)
	if err != nil {
		return err
	}
	if err := agreeUpdate(e, q, u, *yes, "Sign this update?"); err != nil {
		return err
	}
	if err := d.SignUpdate(ctx, u); err != nil {
		return err
	}
	return f.status(ctx, e, d, q.ID)
}

func runApproveUpdate(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("request approve-update")
	yes := fs.Bool("yes", false, "do not ask")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	q, err := d.Request(ctx, rest[0])
	if err != nil {
		return err
	}
	u, err := desk.Waiting(q)
	if err != nil {
		return err
	}
	if err := agreeUpdate(e, q, u, *yes, "Approve this update and hand it to the moderators?"); err != nil {
		return err
	}
	if err := d.ApproveUpdate(ctx, u); err != nil {
		return err
	}
	return f.status(ctx, e, d, q.ID)
}

// agreeUpdate shows an update of a request and asks before it is signed.
func agreeUpdate(e env, q api.AgencyRequest, u footage.Update, yes bool, question string) error {
	fmt.Fprintf(e.stderr, "%s: %s\n", q.ID.Short(), plainLine(q.Document.Title))
	printUpdate(e.stderr, u)
	return e.agree(yes, question)
}

// printDocument shows a request as the public sees it: the agency first, then what, where, when, code and contact.
func printDocument(w io.Writer, doc footage.Document) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-9s%s\n", name, plainLine(fmt.Sprintf(format, args...)))
	}
	line("", "%s asks for footage", doc.AgencyName)
	line("", "%s", doc.Title)
	fmt.Fprintf(w, "\n%s\n", indented(wrapLines(doc.Text)))
	offence := doc.Offence
	if o, ok := footage.OffenceByCode(doc.Offence); ok {
		offence += ", " + o.En
	}
	line("About", "%s", offence)
	line("Where", "%s", areaText(doc.Area))
	zone := resident.Zone(doc)
	const form = "Mon 2 Jan 2006, 15:04 MST"
	line("When", "%s to %s", doc.Window.From.In(zone).Format(form), doc.Window.To.In(zone).Format(form))
	line("Open", "until %s", doc.Closes.In(zone).Format(form))
	line("Code", "%s", doc.Code)
	line("Contact", "%s", strings.Trim(strings.Join([]string{doc.Contact.Name, doc.Contact.Email, doc.Contact.Phone}, ", "), ", "))
	line("Declared", "own case: %s; federal involvement: %s", yesNo(doc.OwnCase), doc.Federal)
	if doc.Changed != "" {
		fmt.Fprintf(w, "Changed\n%s", indented(doc.Changed))
	}
	for _, p := range doc.Policies {
		line("Rules", "%s, %s", p.Name, p.Hash)
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// areaText says how large an area is and where its corners lie, latitude first as people are used to.
func areaText(a footage.Area) string {
	size := "size unknown"
	if region, err := geo.Compile(a); err == nil {
		size = fmt.Sprintf("%.4f sq mi", region.SquareMetres()/geo.SquareMile)
	}
	var corners []string
	for _, ring := range a.Rings {
		for _, p := range ring[:max(len(ring)-1, 0)] {
			corners = append(corners, fmt.Sprintf("%.5f,%.5f", p.Lat, p.Lon))
		}
	}
	if n := len(corners); n > 8 {
		corners = append(corners[:8], fmt.Sprintf("and %d more", n-8))
	}
	return size + ", corners " + strings.Join(corners, "  ")
}

func printUpdate(w io.Writer, u footage.Update) {
	fmt.Fprintf(w, "Update   %s, %s\n", u.Kind, when(u.At))
	if u.Text != "" {
		fmt.Fprint(w, indented(u.Text))
	}
}
