package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/fsck"
	"porchlight.example/internal/node"
)

func fsckCommand() command {
	return command{name: "fsck", summary: "check that all parts of the exchange agree",
		help: `Checks database, public record, clips, custody chains, published requests, guard and keys against each other, and prints a sentence for each thing that does not hold. It changes nothing unless --erase-orphans is given. Stop the exchange first: what moves while it runs may be reported.

Every clip is read; --quick compares sizes alone. --erase-orphans erases the clips that belong to no share, as a restored backup leaves them: nobody can ever claim them.

A person's name, sealed messages, wrapped keys and what waits in drafts have nothing that vouches for them: a changed letter there is found by nobody.`,
		run: runFsck}
}

func runFsck(ctx context.Context, e env, args []string) error {
	fs, n := flags("porchlight fsck"), new(nodeFlags)
	n.add(fs)
	quick := fs.Bool("quick", false, "compare the sizes of clips alone, without reading them")
	erase := fs.Bool("erase-orphans", false, "erase the clips that belong to no share")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	report, err := node.Fsck(ctx, opts, *quick, *erase)
	if err != nil {
		return err
	}
	if *asJSON {
		err = printJSON(e.stdout, report)
	} else {
		printReport(e, report, *erase)
	}
	if left := len(report.Findings); err == nil && left > 0 {
		if *erase {
			left -= len(report.Orphans)
		}
		if left > 0 {
			return footage.Coded(footage.Untrusted, "fsck", fmt.Sprintf("Things that do not hold: %d.", left))
		}
	}
	return err
}

func printReport(e env, report fsck.Report, erased bool) {
	for _, f := range report.Findings {
		fmt.Fprintf(e.stdout, "%s: %s: %s\n", f.Part, f.Subject, f.Text)
	}
	if erased {
		fmt.Fprintf(e.stdout, "Erased clips of no share: %d.\n", len(report.Orphans))
	}
	for _, l := range report.Known {
		fmt.Fprintf(e.stdout, "known since a restore: entry %d: %s\n", l.LogIndex, l.What)
	}
	if len(report.Findings) == 0 {
		fmt.Fprintln(e.stdout, "Everything agrees. Checked:")
	} else {
		fmt.Fprintln(e.stdout, "Checked:")
	}
	for _, what := range slices.Sorted(maps.Keys(report.Counts)) {
		fmt.Fprintf(e.stdout, "  %8d  %s\n", report.Counts[what], what)
	}
}
