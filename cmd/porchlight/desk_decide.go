package main

import (
	"context"
	"fmt"
	"io"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

func runDeskVerify(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("verify")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	bar := e.newProgress("verify")
	v, err := d.Verify(ctx, id, bar.step)
	bar.end()
	if err != nil {
		return err
	}
	err = f.print(e, newVerdict(v.Findings), func(w io.Writer) { printVerdict(w, v.Findings) })
	if err == nil && v.Findings.Failed() {
		err = footage.E(footage.Untrusted, count(v.Findings.Count(evidence.Fail), "check")+" failed. The share cannot be accepted.")
	}
	return err
}

// shareState prints where a share stands now.
func (f *deskFlags) shareState(e env, s *desk.Share, words string) error {
	out := map[string]any{"share": s.Delivery.Share, "state": s.State, "events": s.Events}
	return f.print(e, out, func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", s.Delivery.Share, words) })
}

func runAccept(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("accept")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	s, err := d.Accept(ctx, id)
	if err != nil {
		return err
	}
	return f.shareState(e, s, "accepted. Next: porchlight desk export")
}

func runDecline(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("decline")
	reason := fs.String("reason", "", "`why`: not_relevant, outside_window, unreadable, duplicate or other")
	exculpatory := fs.String("exculpatory", "", "`whether` the clips may help the defence: none_seen, possibly or not_reviewed")
	note := fs.String("note", "", "one `line` more; needed for the reason other")
	yes := fs.Bool("yes", false, "do not ask")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	statement := evidence.Decline{Reason: evidence.DeclineReason(*reason), Exculpatory: evidence.Exculpatory(*exculpatory), Note: *note}
	if _, err := statement.Detail(); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "%s will be declined: %s; helps the defence: %s. The sender sees this. The exchange erases its copy.\n", id, *reason, *exculpatory)
	if err := e.agree(*yes, "Sign this?"); err != nil {
		return err
	}
	s, err := d.Decline(ctx, id, statement)
	if err != nil {
		return err
	}
	return f.shareState(e, s, "declined. Keep your copy for the policy's days.")
}

func runAnswerRecall(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("answer-recall")
	answer := fs.String("answer", "", "the `answer`: destroyed, excluded or kept_by_law")
	note := fs.String("note", "", "one `line` more; the law or order for kept_by_law")
	yes := fs.Bool("yes", false, "do not ask")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	recall := evidence.Recall{Answer: evidence.RecallAnswer(*answer), Note: *note}
	if _, err := recall.Detail(); err != nil {
		return err
	}
	question := "Sign this answer? The sender sees it."
	if recall.Answer == evidence.RecallDestroyed {
		question = "Delete all that this desk holds of the share, and sign that your agency has destroyed it?"
	}
	if err := e.agree(*yes, question); err != nil {
		return err
	}
	s, err := d.AnswerRecall(ctx, id, recall)
	if err != nil {
		return err
	}
	return f.shareState(e, s, "answered: "+*answer)
}

func runExport(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("export")
	caseNumber := fs.String("case", "", "your agency's own case `number`, for the package's papers")
	neutral := fs.Bool("neutral-names", false, "name the clips clip-01.mp4 even if their owner kept the names")
	d, id, rest, err := openShare(ctx, e, fs, f, args, 2)
	if err != nil {
		return err
	}
	bar := e.newProgress("export")
	hash, err := d.Export(ctx, id, rest[0], desk.ExportOptions{Case: *caseNumber, Neutral: *neutral, Progress: bar.step})
	bar.end()
	if err != nil {
		return err
	}
	out := map[string]string{"share": string(id), "folder": rest[0], "package_sha256": hash}
	return f.print(e, out, func(w io.Writer) {
		fmt.Fprintf(w, "Wrote %s.\nPackage hash  %s\nAnybody can check it: porchlight verify %s\n", rest[0], hash, rest[0])
	})
}

func runConfirm(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("confirm")
	yes := fs.Bool("yes", false, "do not ask")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	if err := e.agree(*yes, "Sign that your agency holds its own copy? The exchange erases its copy upon it."); err != nil {
		return err
	}
	s, err := d.Confirm(ctx, id)
	if err != nil {
		return err
	}
	return f.shareState(e, s, "confirmed; the exchange's copy is "+string(s.State)+".")
}

func runAsk(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("ask")
	file := fs.String("file", "", "`file` with the question, or - for standard input; empty: asks")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	var text string
	if *file == "" {
		text, err = e.ask("Question: ")
	} else {
		text, err = e.secretFrom(*file, "")
	}
	if err != nil {
		return err
	}
	sent, err := d.Ask(ctx, id, text)
	if err != nil {
		return err
	}
	return f.print(e, sent, func(w io.Writer) { fmt.Fprintln(w, "Sent. 'porchlight desk talk' shows the answer when it comes.") })
}

func runTalk(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("talk")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	talk, err := d.Talk(ctx, id)
	if err != nil {
		return err
	}
	return f.print(e, talk, func(w io.Writer) {
		if len(talk) == 0 {
			fmt.Fprintln(w, "Nothing has been said.")
		}
		for _, said := range talk {
			text := said.Text
			if said.Problem != "" {
				text = "[" + said.Problem + "]"
			}
			fmt.Fprintf(w, "%s, %s:\n%s\n", said.From, when(said.At), indented(text))
		}
	})
}
