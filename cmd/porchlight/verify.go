package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/trust"
)

func verifyCommand() command {
	return command{name: "verify", args: "FOLDER|FILE", summary: "check an evidence package, a request or an entry, with no account and no server",
		help: `Checks an evidence package that an agency exported: that nothing is missing, added or changed, the request with its
proofs and both signatures, the exchange's receipt, the custody chain, the sender's list and its signature, and what is
known of each clip's origin. It asks nobody and sends nothing.

A FILE is a request with its proofs, as /v1/requests/ID gives it, or an entry of the public record with its proof, as
/data/entry/N.json gives it. Then it says who asked for what, who signed and which entries of the record show it, or what the
entry says and that it stands in the signed record.

Give the exchange's key with --verifier, as its oversight body publishes it, or pin it with 'porchlight trust'. Without it the
key in the package is used, and nothing shows that the exchange is the right one. Exit code 5 if something does not hold.`,
		run: runVerify}
}

func runVerify(ctx context.Context, e env, args []string) error {
	set := flags("porchlight verify")
	verifier := set.String("verifier", "", "the exchange's verifier `key`")
	config := configFlag(set)
	asJSON := set.Bool("json", false, "print JSON")
	rest, err := parse(e, set, args, 1, 1)
	if err != nil {
		return err
	}
	if givenEmpty(set, "verifier") { // whoever means to check the key must not go without
		return usagef("--verifier is empty; give the exchange's key, or leave it out to use the one that you pinned")
	}
	info, err := os.Stat(rest[0])
	if errors.Is(err, fs.ErrNotExist) {
		return footage.E(footage.NotFound, "There is no package at "+rest[0]+", and no file: a package is a folder with bagit.txt and data, a request or an entry is a file.")
	}
	if err == nil && !info.IsDir() {
		return verifyFile(e, rest[0], *verifier, *config, *asJSON)
	}
	if *verifier == "" {
		if *verifier, err = pinnedFor(rest[0], *config); err != nil {
			return err
		}
	}
	bar := e.newProgress("verify")
	found, err := evidence.VerifyBag(ctx, rest[0], evidence.VerifyOptions{Trust: evidence.Trust{Verifier: *verifier}, Now: time.Now(), Progress: bar.step})
	bar.end()
	if err != nil {
		return err
	}
	if *asJSON {
		err = printJSON(e.stdout, newVerdict(found))
	} else {
		printVerdict(e.stdout, found)
	}
	if err == nil && found.Failed() {
		err = footage.E(footage.Untrusted, count(found.Count(evidence.Fail), "check")+" failed: do not rely on this package.")
	}
	return err
}

// pinnedFor returns the key that is pinned on this device for the exchange that a package names, or "".
func pinnedFor(bag, config string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(bag, "data", "request", "bundle.json"))
	if err != nil {
		return "", nil // the check says what is wrong with the package
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return "", nil // likewise
	}
	return pinnedForNote(b.Checkpoint, config)
}

// pinnedForNote returns the key that is pinned on this device for the exchange that a checkpoint names, or "".
func pinnedForNote(checkpoint, config string) (string, error) {
	dir, err := configFolder(config)
	if err != nil {
		return "", nil // where nothing can be kept, nothing is pinned
	}
	pins, err := trust.Open(dir)
	if err != nil {
		return "", err
	}
	origin, _, _ := strings.Cut(checkpoint, "\n")
	for _, pin := range pins.All() {
		if name, _, _ := strings.Cut(pin.Verifier, "+"); name == origin {
			return pin.Verifier, nil
		}
	}
	return "", nil
}

// verdict is the outcome of a check as JSON.
type verdict struct {
	Holds      bool              `json:"holds"` // no check failed; not a proof of what the pictures show
	Findings   evidence.Findings `json:"findings"`
	CannotKnow []string          `json:"cannot_know"`
}

func newVerdict(found evidence.Findings) verdict {
	return verdict{Holds: !found.Failed(), Findings: found, CannotKnow: cannotKnow()}
}

// cannotKnow says what no check of a package can show.
func cannotKnow() []string {
	return []string{
		"Whether the pictures show what happened: a scene can be staged, and a recording can be changed before it is sent.",
		"Which camera recorded a clip and when, unless a rung above says so. Times are what the file or its owner says.",
		"Who sent it. The sender chose a pseudonym, and nothing here leads to a person.",
		"Whether the agency received other clips and left them out: each package holds one share.",
		"What the agency's people did with copies outside this program.",
	}
}

// isRung reports whether a finding is a rung of an authenticity ladder.
func isRung(f evidence.Finding) bool { return strings.HasPrefix(f.Code, "rung_") }

// printVerdict prints findings plainly: what failed first, then the rest, each clip's ladder, and what remains unknown.
func printVerdict(w io.Writer, found evidence.Findings) {
	for _, level := range []evidence.Level{evidence.Fail, evidence.Warn, evidence.OK} {
		for _, f := range found {
			if f.Level == level && !isRung(f) {
				printFinding(w, f)
			}
		}
	}
	printLadders(w, found)
	fmt.Fprintln(w, "\nWhat no check can show:")
	for _, line := range cannotKnow() {
		fmt.Fprintf(w, "  - %s\n", line)
	}
	fmt.Fprintf(w, "\nChecks: %d hold, %d need a reader's eye, %d fail.\n", found.Count(evidence.OK), found.Count(evidence.Warn), found.Count(evidence.Fail))
}

func printFinding(w io.Writer, f evidence.Finding) {
	marks := map[evidence.Level]string{evidence.OK: "ok  ", evidence.Warn: "note", evidence.Fail: "FAIL"}
	about := ""
	if f.About != "" {
		about = " [" + plainLine(f.About) + "]"
	}
	fmt.Fprintf(w, "%s  %s%s\n", marks[f.Level], plainLine(f.Text), about)
}

// printLadders prints each clip's ladder, from the strongest support of its origin to what remains unknown.
func printLadders(w io.Writer, found evidence.Findings) {
	clip, n := "", 0
	for _, f := range found {
		if !isRung(f) {
			continue
		}
		if f.About != clip {
			clip, n = f.About, 0
			fmt.Fprintf(w, "\nWhat is known of the origin of %s, the strongest support first:\n", plainLine(clip))
		}
		n++
		fmt.Fprintf(w, "  %d. %s\n", n, plainLine(f.Text))
	}
}
