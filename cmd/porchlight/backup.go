package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/node"
)

func backupCommand() command {
	return command{name: "backup", args: "FOLDER", summary: "back up the exchange, running or not",
		help: `Writes a backup to a new folder: one moment of the database (an SQLite file, also when the exchange runs on PostgreSQL), the public record up to its signed head, checked, and the policies in force. The folder gets its name when everything in it is on the disk.

Clips are never backed up: a copy would outlive its erasure. The exchange's keys are left out unless --with-keys is given; whoever has them can speak for the exchange, so keep them apart, and keep them: without them a backup is of no use.

What the database holds of shares should not outlive its term either: delete backups when the policy's days are over.`,
		run: runBackup}
}

func runBackup(ctx context.Context, e env, args []string) error {
	fs, n := flags("porchlight backup"), new(nodeFlags)
	n.add(fs)
	withKeys := fs.Bool("with-keys", false, "put the exchange's keys into the backup")
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	m, err := node.Backup(ctx, opts, rest[0], *withKeys)
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(e.stdout, m)
	}
	fmt.Fprintf(e.stdout, "Backed up %s to %s: the database, %d entries of the public record (%d of them signed).\n", m.Name, rest[0], m.Entries, m.Signed)
	fmt.Fprintln(e.stdout, "Clips are not in it: they are never backed up.")
	if *withKeys {
		fmt.Fprintln(e.stdout, "The exchange's keys are in it: whoever has this folder can speak for the exchange.")
	} else {
		fmt.Fprintln(e.stdout, "The exchange's keys are not in it. Keep copies of them elsewhere.")
	}
	return nil
}

func restoreCommand() command {
	return command{name: "restore", args: "FOLDER", summary: "bring an exchange back from a backup",
		help: `Brings an exchange back from a backup, into a data folder and a database that hold none, without forking its public record and without bringing back what was erased since.

Name what survived: --blobs or the data folder's own for clips and the published record, --guard for guard folders (there is one in each node's data folder), --keys for the key files if neither the data folder nor the backup holds them. Entries of the record that the backup lacks are taken from the published record, and what they say is done again as far as they and the published requests tell it. What they do not tell is listed; do what the list says. Shares that were erased since stay erased; shares whose clips are gone say so to both sides. Everybody signs in anew.

If entries that were signed are gone for good, --new-origin closes the record and opens a new one under another name, whose first entry names the old head. Everybody must then be given the new verifier key.

Afterwards run 'porchlight fsck', then 'porchlight serve'.`,
		run: runRestore}
}

func runRestore(ctx context.Context, e env, args []string) error {
	fs, n := flags("porchlight restore"), new(nodeFlags)
	n.add(fs)
	var r node.Restoring
	var policies []string
	fs.StringVar(&r.Keys, "keys", "", "`folder` with the exchange's key files")
	fs.StringVar(&r.NewOrigin, "new-origin", "", "close the record and open a new one of this `name`, such as exchange.example/porchlight2")
	fs.Func("guard", "guard `folder` that survived; may be given several times", func(dir string) error { r.Guards = append(r.Guards, dir); return nil })
	fs.Func("policy", "policy `file` that may have been adopted since the backup; may be given several times", func(file string) error { policies = append(policies, file); return nil })
	asJSON := fs.Bool("json", false, "print JSON")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	for _, file := range policies {
		raw, err := readInput(e, file)
		if err != nil {
			return err
		}
		r.Policies = append(r.Policies, raw)
	}
	r.From = rest[0]
	out, err := node.Restore(ctx, opts, r)
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(e.stdout, out)
	}
	printRestored(e.stdout, out, opts.Data)
	return nil
}

func printRestored(w io.Writer, out exchange.Restored, data string) {
	fmt.Fprintf(w, "Restored %s from the backup of %s.\n", out.Origin, out.Made.Format(time.RFC3339))
	if out.Continues != "" {
		fmt.Fprintf(w, "The record %s is closed; %d of its entries are lost. The new record %s goes on from it and names its head.\n"+
			"Give everybody the new verifier key (%s/keys/log.pub), and publish the backup's folder 'log' as the closed record.\n", out.Continues, out.Gone, out.Origin, data)
	} else {
		fmt.Fprintf(w, "The public record has %d entries; %d of them were taken from the published record.\n", out.Entries, out.Replayed)
	}
	fmt.Fprintf(w, "Shares: %d with their clips, %d whose clips are lost, %d that were erased since and stay so.\n", out.Kept, out.Lost, out.Tombstones)
	fmt.Fprintf(w, "What residents sent after the backup is lost: their receipts find nothing here.\n")
	if out.Orphans > 0 {
		fmt.Fprintf(w, "%d clips belong to no share and can never be claimed: 'porchlight fsck --erase-orphans' erases them.\n", out.Orphans)
	}
	if len(out.Losses) > 0 {
		fmt.Fprintln(w, "What could not be brought back:")
	}
	for _, l := range out.Losses {
		fmt.Fprintf(w, "  - entry %d: %s\n", l.LogIndex, l.What)
	}
	fmt.Fprintf(w, "Next: porchlight fsck --data %s\n", data)
}
