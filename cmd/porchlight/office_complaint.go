package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
)

func complaintCommand() command {
	var results []string
	for _, r := range footage.ComplaintResults() {
		results = append(results, string(r))
	}
	return command{name: "complaint", summary: "complaints, where no moderator can answer",
		help: "Moderators answer at /staff/complaints, but never about a request that they cleared themselves. Where there is nobody else, the office at the machine answers.",
		sub: []command{
			{name: "list", summary: "list those that wait", run: runComplaintList, help: "Lists what waits with its words, the longest waiting first."},
			{name: "answer", args: "ID", summary: "answer one, in public and for good", run: runComplaintAnswer,
				help: "--outcome and --answer are needed. What it has led to must be in the public record already.\n\nIt can have led to: " + strings.Join(results, ", ") + "."},
		}}
}

func runComplaintList(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("complaint list")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		all, err := x.ComplaintsHere(ctx)
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(e.stdout, all.Waiting)
		}
		printWaitingComplaints(e.stdout, all.Waiting)
		return nil
	})
}

func printWaitingComplaints(w io.Writer, waiting []api.ComplaintItem) {
	if len(waiting) == 0 {
		fmt.Fprintln(w, "No complaint waits.")
	}
	for _, c := range waiting {
		printComplaint(w, c.Complaint)
		fmt.Fprintf(w, "%s\n", indented(wrapLines(plain(c.Words))))
	}
}

func runComplaintAnswer(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("complaint answer")
	var in api.AnswerComplaint
	answerFlags(fs, &in)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	if in.Outcome == "" || in.Answer == "" {
		return usagef("--outcome and --answer are needed")
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		err := x.AnswerComplaintHere(ctx, footage.ComplaintID(rest[0]), in)
		if err == nil {
			fmt.Fprintln(e.stdout, "Answered.")
		}
		return err
	})
}
