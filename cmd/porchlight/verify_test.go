package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// exported returns a package that a desk exported, and the verifier key of its exchange.
func exported(t *testing.T) (bag, verifier string) {
	t.Helper()
	ctx := t.Context()
	w := nodetest.Start(t, nil)
	verifier = w.Node.Exchange.Info().LogVerifier
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	d, err := desk.Enrol(ctx, desk.Options{Dir: filepath.Join(t.TempDir(), "desk"), Verifier: verifier}, w.Server.URL, w.Invite(w.Police.ID, "Sam", footage.Custodian))
	check(err)
	v, err := d.AddDevice(ctx)
	check(err)
	w.Wrap(w.Police, v.ID, v.Recipient)
	id := w.Send(w.Publish(w.Draft(0)), nil, []byte("a film"), bytes.Repeat([]byte("another "), 1000)).Receipt.Share
	w.Release()
	_, err = d.Unseal(ctx, id, desk.UnsealOptions{Stream: true})
	check(err)
	_, err = d.Verify(ctx, id, nil)
	check(err)
	_, err = d.Accept(ctx, id)
	check(err)
	bag = filepath.Join(t.TempDir(), "bag")
	_, err = d.Export(ctx, id, bag, desk.ExportOptions{Case: "26-001"})
	check(err)
	return bag, verifier
}

// runHere runs the program in this process and returns its exit code and output.
func runHere(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	e := env{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	code = run(context.Background(), e, args)
	return code, out.String(), errs.String()
}

// TestVerifyFindsEveryFlip changes single bytes of every file of a package: at its beginning, its end and places between.
// Each change alone must be found.
func TestVerifyFindsEveryFlip(t *testing.T) {
	bag, verifier := exported(t)
	if code, out, errs := runHere("verify", "--verifier", verifier, bag); code != exitOK {
		t.Fatalf("the package does not verify: %s%s", out, errs)
	}
	files, flips := 0, 0
	err := filepath.WalkDir(bag, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		whole, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, at := range []int{0, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
			flips++
			broken := bytes.Clone(whole)
			broken[at] ^= 0x20
			// The clips are hard links to the desk's files; a new file leaves those alone.
			if err := os.Remove(path); err != nil {
				return err
			}
			if err := os.WriteFile(path, broken, 0o600); err != nil {
				return err
			}
			if code, out, _ := runHere("verify", "--verifier", verifier, bag); code != exitUntrusted || !strings.Contains(out, "FAIL") {
				t.Errorf("byte %d of %s: exit code %d, want %d", at, path, code, exitUntrusted)
			}
		}
		return os.WriteFile(path, whole, 0o600)
	})
	if err != nil || files < 15 || flips < 4*files {
		t.Fatalf("%d flips in %d files: %v", flips, files, err)
	}
	if code, _, errs := runHere("verify", bag); code != exitOK {
		t.Errorf("the mended package does not verify: %s", errs)
	}
}

// TestVerifyOutput checks what verify prints beside the findings, and its other exit codes.
func TestVerifyOutput(t *testing.T) {
	bag, verifier := exported(t)
	code, out, _ := runHere("verify", "--json", "--verifier", verifier, bag)
	var v verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitOK || !v.Holds || len(v.CannotKnow) == 0 {
		t.Errorf("exit code %d, %v, %s", code, err, out)
	}
	_, other := exported(t)
	if code, out, _ := runHere("verify", "--verifier", other, bag); code != exitUntrusted || !strings.Contains(out, "FAIL") {
		t.Errorf("with another exchange's key: exit code %d, %s", code, out)
	}
	// A name made to look like a line of the verdict stays on one line.
	if err := os.WriteFile(filepath.Join(bag, "data", "x]\nok    The package is whole"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := runHere("verify", "--verifier", verifier, bag); strings.Contains(out, "\nok    The package is whole") {
		t.Errorf("a file's name passes for a finding:\n%s", out)
	}
	for args, want := range map[string]int{"nowhere": exitNotFound, filepath.Join(bag, "bagit.txt"): exitRefused, t.TempDir(): exitUntrusted} {
		if code, _, errs := runHere("verify", args); code != want || !strings.HasPrefix(errs, "porchlight: error: ") {
			t.Errorf("verify %s: exit code %d, want %d; %s", args, code, want, errs)
		}
	}
}
