package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

func noticeCommand() command {
	says := "Since when and until when may be left out: not known. Times are UTC, \"2026-03-14 03:20\" or a day alone.\nWhat it touched: " + codes(footage.NoticeTouches()) + ".\nWhat people should do: " +
		codes(footage.NoticeAdvices()) + ".\nNever write how many people or shares were touched, or who: that would tell who sent."
	return command{name: "notice", summary: "tell the public that something went wrong with the exchange", help: `When keys or data of the exchange were in strange hands, clips or uploads were lost or a page was changed, two people of its
office, one operator and one moderator, publish a notice: one proposes it, the other agrees. It stands on every public page
until it is ended, in the public record for ever, with the hours between finding and publishing. The yardstick is 72 hours
(GDPR, Article 33). While a notice advises do_not_send, nobody can begin to share. doc/operations.md has the whole way.`, sub: []command{
		{name: "list", summary: "list the notices and what waits for a second person", run: runNoticeList, help: "What waits comes first, then the notices, the newest first."},
		{name: "publish", summary: "propose a notice", run: runNoticePublish, help: "What went wrong: " + codes(footage.NoticeSorts()) + ".\n" + says},
		{name: "update", args: "NOTICE", summary: "propose what a notice says from now on", run: runNoticeUpdate, help: "An update says everything anew: what it leaves out is no longer said.\n" + says},
		{name: "end", args: "NOTICE", summary: "propose that an incident is over", run: runNoticeEnd, help: "The notice leaves the pages but its own and the list of all, and its advice ends."},
		{name: "agree", args: "ID", summary: "publish what another person has proposed", run: runNoticeAgree, help: "By somebody in another role. Read it in the list first."},
		{name: "drop", args: "ID", summary: "take back what waits", run: runNoticeDrop, help: "Anybody of the office may."},
	}}
}

func runNoticeList(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice list")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	var out struct {
		Waiting []api.WaitingNotice `json:"waiting"`
		Notices []footage.Notice    `json:"notices"`
	}
	if out.Waiting, err = d.WaitingNotices(ctx); err != nil {
		return err
	}
	if out.Notices, err = d.Notices(ctx); err != nil {
		return err
	}
	return f.print(e, out, func(w io.Writer) {
		for _, n := range out.Waiting {
			what := "notice"
			switch {
			case n.End:
				what = "end of " + string(n.Notice)
			case n.Notice != "":
				what = "update of " + string(n.Notice)
			}
			fmt.Fprintf(w, "%s  waits for a second person: %s\n", n.ID, what)
			if n.Notice == "" {
				fmt.Fprintf(w, "    %s, found %s\n", n.Sort, n.Found)
			}
			if !n.End {
				fmt.Fprintf(w, "    began: %s  ended: %s\n    touched: %s\n    advice: %s\n", known(n.Began), known(n.Ended), codes(n.Touched), codes(n.Advice))
			}
			printWords(w, n.NoticeText)
		}
		for _, n := range out.Notices {
			printNotice(w, n)
		}
	})
}

func known(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}

func printWords(w io.Writer, t footage.NoticeText) {
	for _, words := range []string{t.En, t.Es} {
		if words != "" {
			fmt.Fprintf(w, "    %s\n", plainLine(words))
		}
	}
}

// printNotice prints a notice as the public knows it.
func printNotice(w io.Writer, n footage.Notice) {
	state, late := "open", "in time"
	if !n.Open() {
		state = "over"
	}
	if !n.InTime() {
		late = "late"
	}
	says := n.Says()
	fmt.Fprintf(w, "%s  %s  %s, published %s, %d hours after it was found: %s\n", n.ID, state, n.Sort, n.Published().Format("2006-01-02 15:04"), n.Hours(), late)
	fmt.Fprintf(w, "    touched: %s\n    advice: %s\n", codes(says.Touched), codes(says.Advice))
	for _, s := range n.Steps {
		printWords(w, s.NoticeText)
	}
}

// noticeFlags are the flags of what a notice says.
func noticeFlags(fs *flag.FlagSet, in *api.NewNotice) {
	fs.StringVar(&in.Began, "began", "", "`time` since when it went wrong; empty: not known")
	fs.StringVar(&in.Ended, "ended", "", "`time` until when; empty: not known, or it lasts")
	fs.Func("touched", "`codes` of what it touched or may have touched, with commas", func(s string) error { in.Touched = listed[footage.NoticeTouched](s); return nil })
	fs.Func("advice", "`codes` of what people should do, with commas", func(s string) error { in.Advice = listed[footage.NoticeAdvice](s); return nil })
	fs.Func("agencies", "register `IDs` of the agencies whose key is touched or who must open a new one, with commas", func(s string) error { in.Agencies = listed[footage.AgencyID](s); return nil })
	wordFlags(fs, in)
}

func wordFlags(fs *flag.FlagSet, in *api.NewNotice) {
	fs.StringVar(&in.En, "text", "", "more `words` in English, 1,000 characters at most")
	fs.StringVar(&in.Es, "text-es", "", "the same `words` in Spanish")
}

// listed splits a list with commas.
func listed[T ~string](s string) (out []T) {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, T(part))
		}
	}
	return out
}

func runNoticePublish(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice publish")
	var in api.NewNotice
	sort := fs.String("sort", "", "`code` of what went wrong")
	fs.StringVar(&in.Found, "found", "", "`time` at which it was found")
	noticeFlags(fs, &in)
	return proposeNotice(ctx, e, fs, f, args, 0, func(string) api.NewNotice {
		in.Sort = footage.NoticeSort(*sort)
		return in
	})
}

func runNoticeUpdate(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice update")
	var in api.NewNotice
	noticeFlags(fs, &in)
	return proposeNotice(ctx, e, fs, f, args, 1, func(id string) api.NewNotice {
		in.Notice = footage.NoticeID(id)
		return in
	})
}

func runNoticeEnd(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice end")
	in := api.NewNotice{End: true}
	wordFlags(fs, &in)
	return proposeNotice(ctx, e, fs, f, args, 1, func(id string) api.NewNotice {
		in.Notice = footage.NoticeID(id)
		return in
	})
}

// proposeNotice reads the flags and proposes what they come to.
func proposeNotice(ctx context.Context, e env, fs *flag.FlagSet, f *deskFlags, args []string, n int, read func(id string) api.NewNotice) error {
	d, rest, err := openDesk(e, fs, f, args, n, n)
	if err != nil {
		return err
	}
	id, err := d.ProposeNotice(ctx, read(strings.Join(rest, "")))
	if err != nil {
		return err
	}
	return f.print(e, api.ProposedNotice{ID: id}, func(w io.Writer) {
		fmt.Fprintf(w, "It waits for a second person: porchlight desk notice agree %s\n", id)
	})
}

func runNoticeAgree(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice agree")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	if err := d.AgreeNotice(ctx, footage.NoticeID(rest[0])); err != nil {
		return err
	}
	return f.print(e, rest[0], func(w io.Writer) { fmt.Fprintln(w, "It is public.") })
}

func runNoticeDrop(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("notice drop")
	d, rest, err := openDesk(e, fs, f, args, 1, 1)
	if err != nil {
		return err
	}
	if err := d.DropNotice(ctx, footage.NoticeID(rest[0])); err != nil {
		return err
	}
	return f.print(e, rest[0], func(w io.Writer) { fmt.Fprintln(w, "It is taken back.") })
}
