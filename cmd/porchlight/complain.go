package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func complainCommand() command {
	var reasons []string
	for _, r := range footage.ComplaintReasons() {
		reasons = append(reasons, string(r))
	}
	return command{name: "complain", summary: "complain about a request or an agency", help: `A complaint needs no account and no name. A moderator of the exchange reads the words, and the agency only if --hand-on allows
it. The public record tells that there was a complaint, about whom and for which reason, and how it was answered.`, sub: []command{
		{name: "send", args: "LINK", summary: "complain, and get a code for the answer", run: runComplainSend,
			help: "LINK is the address of the request's page, or of the agency's. The text is asked for, or comes from --message or --message-file (\"-\" is standard input).\n" +
				"The code is printed once. The exchange keeps its hash alone.\n\nThe reasons: " + strings.Join(reasons, ", ") + "."},
		{name: "read", args: "EXCHANGE", summary: "read the answer", run: runComplainRead,
			help: "The code is asked for without being shown, or read from --code-file (\"-\" is standard input); never from the command line."},
	}}
}

func runComplainSend(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight complain send")
	reason := fs.String("reason", "", "`code` of the reason, which is public")
	text := fs.String("message", "", "the `text`")
	file := fs.String("message-file", "", "`file` with the text; - is standard input")
	handOn := fs.Bool("hand-on", false, "a moderator may show the agency the text")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	base, in, err := complaintAbout(rest[0])
	if err != nil {
		return err
	}
	if *reason == "" {
		return usagef("give --reason; 'porchlight help complain send' lists them")
	}
	switch {
	case *file != "":
		*text, err = e.secretFrom(*file, "")
	case *text == "":
		*text, err = e.ask("What is wrong: ")
	}
	if err != nil {
		return err
	}
	code := footage.NewComplaintCode(footage.NewID(rand.Reader, "q"))
	in.Reason, in.Words, in.HandOn, in.Code = footage.ComplaintReason(*reason), *text, *handOn, footage.ComplaintCodeHash(code)
	out, err := sendComplaint(ctx, api.New(base), in)
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(e.stdout, struct {
			footage.Complaint
			Code string `json:"code"`
		}{out, code})
	}
	fmt.Fprintf(e.stdout, "Your complaint %s is in. An answer is owed by %s.\n\nCode     %s\n\nKeep it: with 'porchlight complain read %s' it shows the answer, and nobody can give it to you again.\n",
		out.ID, out.Due, code, base)
	return nil
}

func sendComplaint(ctx context.Context, c *api.Client, in api.Complain) (out footage.Complaint, err error) {
	work, err := c.Work(ctx)
	if err != nil {
		return out, err
	}
	if in.Work, err = work.Solve(ctx); err != nil {
		return out, err
	}
	return out, c.Call(ctx, http.MethodPost, "/v1/complaints", in, &out)
}

// complaintAbout reads the address of a request's or an agency's page, in any language.
func complaintAbout(link string) (base string, in api.Complain, err error) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		base = u.Scheme + "://" + u.Host
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if i := slices.Index(parts, "requests"); i >= 0 && i+1 < len(parts) {
			in.Request = footage.RequestID(strings.ToLower(parts[i+1]))
		}
		if i := slices.Index(parts, "agencies"); i >= 0 && i+1 < len(parts) {
			in.Agency = footage.AgencyID(parts[i+1])
		}
	}
	if in.Request.Valid() == in.Agency.Valid() {
		return "", in, footage.Coded(footage.Invalid, "link", "Give the address of a request's page or of an agency's, such as https://exchange.example/agencies/maplewood-pd.")
	}
	return base, in, nil
}

func runComplainRead(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight complain read")
	file := fs.String("code-file", "", "`file` with the code; - is standard input")
	config := fs.String("config", "", "`folder` of the pinned exchanges; empty for the user's own")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 0, 1)
	if err != nil {
		return err
	}
	x, err := exchangeFor(*config, rest)
	if err != nil {
		return err
	}
	code, err := e.secretFrom(*file, "The code of the complaint: ")
	if err != nil {
		return err
	}
	var own api.OwnComplaint
	if err := x.Client.As(strings.Join(strings.Fields(code), "")).Call(ctx, http.MethodGet, "/v1/complaint", nil, &own); err != nil {
		return err
	}
	if *asJSON {
		return printJSON(e.stdout, own)
	}
	printOwnComplaint(e.stdout, own)
	return nil
}

func printOwnComplaint(w io.Writer, own api.OwnComplaint) {
	printComplaint(w, own.Complaint)
	if own.Reply != "" {
		fmt.Fprintf(w, "To you alone\n%s", indented(wrapLines(plain(own.Reply))))
	}
	if own.Words != "" {
		fmt.Fprintf(w, "You wrote\n%s", indented(wrapLines(plain(own.Words))))
	}
}

// printComplaint shows what everybody may know of a complaint.
func printComplaint(w io.Writer, c footage.Complaint) {
	fmt.Fprintf(w, "%s  %s  about %s", c.ID, c.Day, c.Agency)
	if c.Request != "" {
		fmt.Fprintf(w, ", request %s", c.Request.Short())
	}
	fmt.Fprintf(w, ": %s\n", c.Reason)
	if c.Outcome == "" {
		fmt.Fprintf(w, "An answer is owed by %s.\n", c.Due)
		return
	}
	fmt.Fprintf(w, "Answered %s: %s", when(c.Answered), strings.ReplaceAll(string(c.Outcome), "_", " "))
	for _, r := range c.LedTo {
		fmt.Fprintf(w, "; %s", strings.ReplaceAll(string(r), "_", " "))
	}
	fmt.Fprintf(w, "\n%s", indented(wrapLines(plain(c.Answer))))
}

// answerFlags are those of an answer.
func answerFlags(fs *flag.FlagSet, in *api.AnswerComplaint) {
	fs.Func("outcome", "`code`: upheld, not_upheld or out_of_scope", func(s string) error { in.Outcome = footage.ComplaintOutcome(s); return nil })
	fs.Func("led-to", "`code` of what a complaint that is upheld has led to; may be given several times", func(s string) error {
		in.LedTo = append(in.LedTo, footage.ComplaintResult(s))
		return nil
	})
	fs.StringVar(&in.Answer, "answer", "", "the `words` to everybody")
	fs.StringVar(&in.Reply, "reply", "", "`words` to whoever complained alone")
}
