package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

func shareCommands() []command {
	return []command{
		{name: "inbox", summary: "list what residents have sent", run: runInbox,
			help: "Lists the released shares by request, each with its state, its size and the day by which the exchange erases its copy."},
		{name: "fetch", args: "SHARE…", summary: "fetch sealed clips", run: runFetch,
			help: `Records the pick-up, then fetches the sealed clips into the desk's folder. A download that broke off goes on where it
stopped; what is here already is skipped. --all takes every share that waits. --open fetches and opens in one pass and
keeps no sealed bytes; the clips go to the desk's folder, or to --to FOLDER.`},
		{name: "open", args: "SHARE", summary: "open fetched clips", run: runOpen,
			help: "Records the opening, then opens the clips into the desk's folder or into --to FOLDER. A clip appears under its name only when every byte, its length and its hash are right."},
		{name: "verify", args: "SHARE", summary: "check an opened share and say what is known of its origin", run: runDeskVerify,
			help: "Checks request, receipt, custody chain, the sender's list and both hashes of each clip, records the findings, and prints them with the authenticity ladder. Exit code 5 if something does not hold."},
		{name: "accept", args: "SHARE", summary: "accept verified clips", run: runAccept, help: "Records that your agency accepts the clips."},
		{name: "decline", args: "SHARE", summary: "decline clips, with reason and statement", run: runDecline,
			help: `Records why your agency does not keep the clips (--reason not_relevant, outside_window, unreadable, duplicate or other)
and whether they may help the defence (--exculpatory none_seen, possibly or not_reviewed), with a --note where needed. The
exchange erases its copy; yours is kept for the policy's days.`},
		{name: "ask", args: "SHARE", summary: "ask the sender a question", run: runAsk, help: "Asks for the question (or reads it from --file), signs it, and seals it to the sender's pseudonymous key."},
		{name: "talk", args: "SHARE", summary: "read the conversation with the sender", run: runTalk, help: "Opens every message and checks who wrote it."},
		{name: "answer-recall", args: "SHARE", summary: "answer a sender who asks for clips back", run: runAnswerRecall,
			help: `Answers --answer destroyed (the desk deletes what it holds of the share; packages and copies elsewhere are yours to
destroy first), excluded (no longer used, destroyed at the end of the term) or kept_by_law, with the law or order in --note.`},
		{name: "export", args: "SHARE FOLDER", summary: "write an evidence package", run: runExport,
			help: "Writes a BagIt folder with the clips, the sender's list, the custody chain, the request with its proofs, consent and terms, a report and a draft hash certificate. Clips are linked, not copied, where the disk allows it: do not change them afterwards."},
		{name: "confirm", args: "SHARE", summary: "confirm that your agency holds its own copy", run: runConfirm, help: "The exchange erases its copy upon it."},
	}
}

func runInbox(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("inbox")
	request := fs.String("request", "", "only shares for the request with this `ID`")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	board, err := d.Board(ctx)
	if err != nil {
		return err
	}
	if *request != "" {
		q, err := d.Request(ctx, *request)
		if err != nil {
			return err
		}
		board = slices.DeleteFunc(board, func(a desk.Answered) bool { return a.Request.ID != q.ID })
	}
	all := []api.InboxItem{}
	for _, a := range board {
		all = append(all, a.Shares...)
	}
	return f.print(e, all, func(w io.Writer) { printInbox(w, board) })
}

// printInbox lists shares below their requests.
func printInbox(w io.Writer, board []desk.Answered) {
	if len(board) == 0 {
		fmt.Fprintln(w, "Nothing waits.")
	}
	for _, a := range board {
		fmt.Fprintf(w, "%s  %s\n", a.Request.ID.Short(), plainLine(a.Request.Document.Title))
		for _, item := range a.Shares {
			printItem(w, item)
		}
	}
}

func printItem(w io.Writer, item api.InboxItem) {
	var size int64
	for _, c := range item.Clips {
		size += c.Size
	}
	fmt.Fprintf(w, "  %s  %-10s  %s, %s, came in %s", item.Share, stateWord(item.State), count(len(item.Clips), "clip"), bytesText(size), when(item.Released))
	if item.State != footage.ShareErased && item.State != footage.ShareLost {
		fmt.Fprintf(w, ", erased by %s", item.EraseBy.Local().Format("2 Jan"))
	}
	if item.Messages > 0 {
		fmt.Fprintf(w, ", %s", count(item.Messages, "message"))
	}
	if item.Recalled {
		fmt.Fprint(w, ", ASKED BACK")
	}
	fmt.Fprintln(w)
}

// stateWord is a share's state as people say it; programs read the code with --json.
func stateWord(s footage.ShareState) string {
	switch s {
	case footage.ShareReleased:
		return "new"
	case footage.SharePickedUp:
		return "fetched"
	}
	return string(s)
}

// fetchFlags are those of fetch.
type fetchFlags struct {
	all, open bool
	to        string
}

func runFetch(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("fetch")
	var in fetchFlags
	fs.BoolVar(&in.all, "all", false, "every share that waits")
	fs.BoolVar(&in.open, "open", false, "open in the same pass, keeping no sealed bytes")
	fs.StringVar(&in.to, "to", "", "`folder` for the open clips; with several shares, one folder in it for each")
	d, rest, err := openDesk(e, fs, f, args, 0, -1)
	if err != nil {
		return err
	}
	if in.all == (len(rest) > 0) {
		return usagef("name shares, or give --all")
	}
	if in.to != "" && !in.open {
		return usagef("--to goes with --open: sealed clips stay in the desk's folder")
	}
	ids, err := sharesToFetch(ctx, d, in.all, rest)
	if err != nil {
		return err
	}
	out, failed := in.fetchAll(ctx, e, d, ids)
	err = f.print(e, out, func(w io.Writer) {
		for _, got := range out {
			got.print(w)
		}
	})
	return errors.Join(failed, err)
}

// fetchAll fetches share after share. One that fails keeps no other back; each failure of several is said, and counted in
// the error.
func (in fetchFlags) fetchAll(ctx context.Context, e env, d *desk.Desk, ids []footage.ShareID) (out []fetchedJSON, failed error) {
	out = []fetchedJSON{}
	var kind footage.Kind
	for _, id := range ids {
		got, err := in.fetch(ctx, e, d, id, len(ids) > 1)
		switch {
		case err == nil:
			out = append(out, got)
		case len(ids) == 1 || ctx.Err() != nil:
			return out, err
		default:
			fmt.Fprintf(e.stderr, "porchlight: %s: %s\n", id, plainLine(err.Error()))
			kind = footage.KindOf(err)
		}
	}
	if missing := len(ids) - len(out); missing > 0 {
		failed = footage.E(kind, fmt.Sprintf("%d of %d shares were not fetched.", missing, len(ids)))
	}
	return out, failed
}

// sharesToFetch returns the shares that are named, or those that the exchange still holds.
func sharesToFetch(ctx context.Context, d *desk.Desk, all bool, named []string) ([]footage.ShareID, error) {
	var ids []footage.ShareID
	for _, name := range named {
		id, err := d.FindShare(ctx, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if !all {
		return ids, nil
	}
	inbox, err := d.Inbox(ctx)
	for _, item := range inbox {
		if item.State == footage.ShareReleased || item.State == footage.SharePickedUp {
			ids = append(ids, item.Share)
		}
	}
	return ids, err
}

// fetchedJSON is what fetch and open tell of a share.
type fetchedJSON struct {
	Share  footage.ShareID `json:"share"`
	Clips  int             `json:"clips"`
	Bytes  int64           `json:"sealed_bytes"`
	Folder string          `json:"folder,omitempty"` // of the open clips
	Files  []string        `json:"files,omitempty"`
}

func (g fetchedJSON) print(w io.Writer) {
	if g.Folder == "" {
		fmt.Fprintf(w, "%s: %s, %s, sealed, here.\n", g.Share, count(g.Clips, "clip"), bytesText(g.Bytes))
		return
	}
	for _, file := range g.Files {
		fmt.Fprintln(w, file)
	}
}

func (in fetchFlags) fetch(ctx context.Context, e env, d *desk.Desk, id footage.ShareID, several bool) (fetchedJSON, error) {
	bar := e.newProgress("fetch")
	defer bar.end()
	if !in.open {
		s, err := d.Fetch(ctx, id, bar.step)
		if err != nil {
			return fetchedJSON{}, err
		}
		return fetched(s), nil
	}
	to := in.to
	if to != "" && several {
		to = filepath.Join(to, string(id))
	}
	opened, err := d.Unseal(ctx, id, desk.UnsealOptions{To: to, Stream: true, Progress: bar.step})
	if err != nil {
		return fetchedJSON{}, err
	}
	return unsealed(opened), nil
}

func fetched(s *desk.Share) fetchedJSON {
	out := fetchedJSON{Share: s.Delivery.Share, Clips: len(s.Clips)}
	for _, c := range s.Clips {
		out.Bytes += c.Size
	}
	return out
}

func unsealed(o desk.Opened) fetchedJSON {
	out := fetched(o.Share)
	out.Folder, out.Files = o.Folder, o.Files
	return out
}

func runOpen(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("open")
	to := fs.String("to", "", "`folder` for the open clips; empty: in the desk's folder")
	d, id, _, err := openShare(ctx, e, fs, f, args, 1)
	if err != nil {
		return err
	}
	bar := e.newProgress("open")
	opened, err := d.Unseal(ctx, id, desk.UnsealOptions{To: *to, Progress: bar.step})
	bar.end()
	if err != nil {
		return err
	}
	if m := opened.Manifest; m.Message != "" && !f.json {
		fmt.Fprintf(e.stderr, "%s writes:\n%s", plainLine(m.Pseudonym), indented(m.Message))
	}
	return f.print(e, unsealed(opened), unsealed(opened).print)
}

// openShare parses flags and n arguments, opens the desk and finds the share that the first argument names.
func openShare(ctx context.Context, e env, fs *flag.FlagSet, f *deskFlags, args []string, n int) (d *desk.Desk, id footage.ShareID, rest []string, err error) {
	if d, rest, err = openDesk(e, fs, f, args, n, n); err != nil {
		return nil, "", nil, err
	}
	id, err = d.FindShare(ctx, rest[0])
	return d, id, rest[1:], err
}
