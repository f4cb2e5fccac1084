package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

func receiptCommand() command {
	return command{name: "receipt", summary: "look after clips that were sent",
		help: `The ten words of a receipt are the only way back to clips that were sent. They are asked for without being shown, or read
from --words-file ("-" is standard input), or from the receipt file that 'porchlight share --receipt-file' has written;
never from the command line, where others could read them. They stay on this device: the exchange is shown a key that
derives from them. Everything that it answers is checked against its public record before it is shown.`,
		sub: []command{
			{name: "status", summary: "what became of the clips", run: runReceiptStatus,
				help: "Shows where the share stands and, event by event, what the exchange and the agency's program did with the clips. Each event is\nsigned by the one who did it."},
			{name: "read", summary: "read the agency's questions", run: runReceiptRead,
				help: "Shows the conversation with the agency. You need not answer."},
			{name: "reply", summary: "answer the agency", run: runReceiptReply,
				help: "Sends a message to the agency, sealed so that it alone can read it, under the name that it knows you by. The text is asked for,\nor comes from --message or --message-file (\"-\" is standard input)."},
			{name: "withdraw", summary: "take the clips back", run: runReceiptWithdraw,
				help: `Takes the clips back. Until the agency has picked them up the exchange erases them, and the agency never learns of them.
Afterwards the agency is asked to give them back; it has to answer, but the law may oblige it to keep them.`},
		}}
}

// receiptFlags say which share is meant.
type receiptFlags struct {
	config, exchange, wordsFile, receiptFile string
	asJSON                                   bool
}

func (r *receiptFlags) add(fs *flag.FlagSet) *receiptFlags {
	fs.StringVar(&r.exchange, "exchange", "", "the exchange's `address`; may be left out when one exchange is pinned, or with a receipt file")
	fs.StringVar(&r.wordsFile, "words-file", "", "`file` with the ten words; - is standard input")
	fs.StringVar(&r.receiptFile, "receipt-file", "", "`file` that 'porchlight share --receipt-file' has written")
	fs.StringVar(&r.config, "config", "", "`folder` of the pinned exchanges; empty for the user's own")
	fs.BoolVar(&r.asJSON, "json", false, "print JSON")
	return r
}

// open gets the words and returns the exchange with the secret.
func (r *receiptFlags) open(e env) (*resident.Exchange, seal.Secret, error) {
	if r.receiptFile != "" {
		kept, secret, err := readReceiptFile(r.receiptFile)
		if err != nil {
			return nil, secret, err
		}
		x, err := exchangeFor(r.config, []string{kept.Exchange})
		if err == nil && x.Verifier == "" {
			x.Verifier = kept.Verifier // the share was sent on its word
		}
		return x, secret, err
	}
	x, err := exchangeFor(r.config, []string{r.exchange})
	if err != nil {
		return nil, seal.Secret{}, err
	}
	text, err := e.secretFrom(r.wordsFile, "The ten words of the receipt: ")
	if err != nil {
		return nil, seal.Secret{}, err
	}
	secret, err := seal.ParseWords(text)
	return x, secret, err
}

// mailbox is open with the state of the share.
func (r *receiptFlags) mailbox(ctx context.Context, e env) (*resident.Exchange, resident.Mailbox, seal.Secret, error) {
	x, secret, err := r.open(e)
	if err != nil {
		return nil, resident.Mailbox{}, secret, err
	}
	box, err := x.Mailbox(ctx, secret)
	if err != nil {
		return nil, box, secret, err
	}
	showFirstUse(e.stderr, box.Request, x.Client.Base)
	return x, box, secret, nil
}

// receiptStatus is the state of a share as JSON.
type receiptStatus struct {
	State     footage.ShareState `json:"state"`
	Recalled  bool               `json:"recalled"`
	Rooted    []time.Time        `json:"rooted_days"`
	Pseudonym string             `json:"pseudonym"`
	Agency    string             `json:"agency"`
	Receipt   footage.Receipt    `json:"receipt"`
	Events    []footage.Event    `json:"events"`
	Timeline  []receiptStep      `json:"timeline"`
	Questions int                `json:"messages_from_agency"`
	Pinned    bool               `json:"exchange_pinned"`
}

type receiptStep struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what"`
}

func runReceiptStatus(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight receipt status")
	r := new(receiptFlags).add(fs)
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	x, box, _, err := r.mailbox(ctx, e)
	if err != nil {
		return err
	}
	if err := showNotices(ctx, e.stderr, x); err != nil {
		return err
	}
	if r.asJSON {
		return printJSON(e.stdout, statusJSON(box))
	}
	showStatus(e.stdout, box)
	return nil
}

func statusJSON(box resident.Mailbox) receiptStatus {
	out := receiptStatus{State: box.State, Recalled: box.Recalled, Rooted: append([]time.Time{}, box.Rooted...), Pseudonym: box.Pseudonym, Agency: box.Request.Agency.Name, Receipt: box.Receipt, Events: box.Events,
		Timeline: []receiptStep{}, Questions: questions(box), Pinned: !box.Request.FirstUse}
	for _, s := range box.Timeline() {
		out.Timeline = append(out.Timeline, receiptStep(s))
	}
	return out
}

func questions(box resident.Mailbox) (n int) {
	for _, note := range box.Notes {
		if note.From == footage.PartyAgency {
			n++
		}
	}
	return n
}

func showStatus(w io.Writer, box resident.Mailbox) {
	c := box.Request
	zone := resident.Zone(c.Document)
	if c.Withheld != nil {
		c.Document.Title, c.Document.Code = "(the text of this request is withheld)", "withheld"
	}
	fmt.Fprintf(w, "%s\n  %s\n  Request %s, code %s; you are known there as %s\n\n", plainLine(c.Agency.Name), plainLine(c.Document.Title), c.ID.Short(),
		plainLine(c.Document.Code), box.Pseudonym)
	fmt.Fprintf(w, "%s\n\n", stateText(box))
	for _, s := range box.Timeline() {
		fmt.Fprintf(w, "  %s  %s: %s\n", s.At.In(zone).Format("2006-01-02 15:04"), plainLine(s.By), plainLine(s.What))
	}
	fmt.Fprintf(w, "\nReceipt and %d events were checked: each is signed, in order, and none is missing between them.\n", len(box.Events))
	if n := len(box.Rooted); n > 0 {
		fmt.Fprintf(w, "The public record vouches for them up to %s.\n", box.Rooted[n-1].Format("2 Jan 2006"))
	}
	if box.Recalled && !box.Told() {
		fmt.Fprintln(w, "You have asked for your clips back; the agency is told at the next quarter of an hour.")
	}
	if !box.Erased() {
		fmt.Fprintf(w, "The exchange erases its copy by %s at the latest.\n", box.Receipt.EraseBy.In(zone).Format(clockForm))
	}
	if n := questions(box); n > 0 {
		fmt.Fprintf(w, "The agency has written to you (%d): see 'porchlight receipt read'.\n", n)
	}
}

// stateText says in one line where the share stands.
func stateText(box resident.Mailbox) string {
	switch box.State {
	case footage.ShareCommitted:
		return "Complete. The agency sees it at the next quarter of an hour; you can still take it back."
	case footage.ShareReleased:
		return "The agency sees it and has not picked it up; you can still take it back."
	case footage.SharePickedUp:
		return "The agency has picked it up. You can ask for it back."
	case footage.ShareConfirmed:
		return "The agency holds its own copy; the exchange is about to erase its."
	case footage.ShareDeclined:
		return "The agency declined it; the exchange is about to erase its copy."
	case footage.ShareWithdrawn, footage.ShareTakenBack:
		return "You took it back. The agency never had it."
	case footage.ShareExpired:
		return "Nobody picked it up in time; the exchange is about to erase it."
	case footage.ShareLost:
		return "The exchange has lost its copy of your clips. If the request is still open and you still want to help, send them again."
	case footage.ShareErased:
		switch {
		case box.PickedUp():
			return "The exchange's copy is erased. The agency had picked the clips up before."
		case box.Restored():
			return "The exchange's copy is erased. Whether the agency had picked the clips up is not known here: steps were lost."
		}
		return "The exchange's copy is erased, and nobody had picked the clips up."
	}
	return "State: " + plainLine(string(box.State))
}

// receiptNote is a message as JSON.
type receiptNote struct {
	From  footage.Party `json:"from"`
	At    time.Time     `json:"at"`
	Text  string        `json:"text"`
	Error string        `json:"error,omitempty"`
}

func runReceiptRead(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight receipt read")
	r := new(receiptFlags).add(fs)
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	_, box, _, err := r.mailbox(ctx, e)
	if err != nil {
		return err
	}
	notes, bad := []receiptNote{}, 0
	for _, n := range box.Notes {
		note := receiptNote{From: n.From, At: n.At, Text: n.Text}
		if n.Err != nil {
			note.Error = n.Err.Error()
			bad++
		}
		notes = append(notes, note)
	}
	if r.asJSON {
		err = printJSON(e.stdout, notes)
	} else {
		showNotes(e.stdout, box, notes)
	}
	if err == nil && bad > 0 {
		err = footage.Coded(footage.Untrusted, "note", fmt.Sprintf("%d messages cannot be opened or were not written by whom they name. Do not rely on them.", bad))
	}
	return err
}

func showNotes(w io.Writer, box resident.Mailbox, notes []receiptNote) {
	for _, n := range notes {
		who := "You"
		if n.From == footage.PartyAgency {
			who = plainLine(box.Request.Agency.Name)
		}
		fmt.Fprintf(w, "%s, %s:\n", who, n.At.In(resident.Zone(box.Request.Document)).Format(clockForm))
		text := n.Text
		if n.Error != "" {
			text = "(not shown: " + n.Error + ")"
		}
		fmt.Fprintf(w, "  %s\n\n", strings.ReplaceAll(wrapLines(plain(text)), "\n", "\n  "))
	}
	if len(notes) == 0 {
		fmt.Fprintln(w, "Nobody has written yet.")
	}
}

func runReceiptReply(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight receipt reply")
	r := new(receiptFlags).add(fs)
	text := fs.String("message", "", "the `text`")
	file := fs.String("message-file", "", "`file` with the text; - is standard input")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *file == "-" && r.wordsFile == "-" {
		return usagef("words and message cannot both come from standard input")
	}
	x, box, _, err := r.mailbox(ctx, e)
	if err != nil {
		return err
	}
	switch {
	case *file != "":
		*text, err = e.secretFrom(*file, "")
	case *text == "":
		*text, err = e.ask("Your message: ")
	}
	if err != nil {
		return err
	}
	if err := x.Reply(ctx, box, *text); err != nil {
		return err
	}
	if r.asJSON {
		return printJSON(e.stdout, struct {
			Sent bool `json:"sent"`
		}{true})
	}
	fmt.Fprintf(e.stdout, "Sent. %s sees it at the next quarter of an hour.\n", plainLine(box.Request.Agency.Name))
	return nil
}

func runReceiptWithdraw(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight receipt withdraw")
	r := new(receiptFlags).add(fs)
	yes := fs.Bool("yes", false, "answer the question with yes")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	x, box, secret, err := r.mailbox(ctx, e)
	if err != nil {
		return err
	}
	if !*yes {
		question := "The agency has not picked the clips up: the exchange erases them, and the agency never learns of them. Take them back?"
		if box.PickedUp() {
			question = "The agency has picked the clips up: it is asked to give them back and has to answer, but the law may oblige it to keep them. Ask?"
		}
		ok, err := e.confirm(question)
		if err != nil {
			return err
		}
		if !ok {
			return footage.E(footage.Refused, "Nothing was changed.")
		}
	}
	if _, err := x.Withdraw(ctx, secret); err != nil {
		return err
	}
	after, err := x.Mailbox(ctx, secret)
	if err != nil {
		return err
	}
	if r.asJSON {
		return printJSON(e.stdout, statusJSON(after))
	}
	showStatus(e.stdout, after)
	return nil
}
