package demo_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"

	"porchlight.example/internal/demo"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
	"porchlight.example/ledger"
	"porchlight.example/seal"
)

// played plays a demonstration in a folder while it is served, and stops it.
func played(t *testing.T, opts demo.Options, do func(context.Context, *demo.Demo) error) error {
	t.Helper()
	d, err := demo.Open(t.Context(), opts)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- d.Serve(ctx) }()
	err = do(ctx, d)
	stop()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	return err
}

func once(ctx context.Context, d *demo.Demo) error { return d.Once(ctx) }

func play(ctx context.Context, d *demo.Demo) error { return d.Play(ctx) }

// proof plays the main job and returns the folder with its proof.
func proof(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	opts := demo.Options{Data: data, Listen: "127.0.0.1:0", Footage: "../../../shared/footage"}
	if err := played(t, opts, once); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(data, "proof")
}

// TestProof has programs that we did not write judge what the main job left, and shows that each can say no.
func TestProof(t *testing.T) {
	dir := proof(t)
	t.Run("age", func(t *testing.T) { judgeAge(t, dir) })
	t.Run("tessera", func(t *testing.T) { judgeTessera(t, dir) })
	t.Run("sha256sum", func(t *testing.T) { judgeBag(t, filepath.Join(dir, "bag")) })
	t.Run("request", func(t *testing.T) {
		document := read(t, filepath.Join(dir, "request.json"))
		if !bytes.Contains(read(t, filepath.Join(dir, "log", "inclusion.json")), []byte("hashes")) {
			t.Error("no inclusion proof")
		}
		if receipt := read(t, filepath.Join(dir, "receipt.json")); !bytes.Contains(receipt, []byte(footage.Hash(document))) {
			t.Error("the receipt names another request")
		}
	})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// judgeAge opens what the exchange held with the stock age program: the clip first, zero padding last.
func judgeAge(t *testing.T, dir string) {
	age, err := testenv.FindTool("age")
	if err != nil {
		testenv.Skip(t, err.Error())
	}
	sealed, _ := filepath.Glob(filepath.Join(dir, "sealed", "*.age"))
	if len(sealed) == 0 {
		t.Fatal("no sealed clip")
	}
	open := func(path, identity string) ([]byte, error) {
		return exec.Command(age, "-d", "-i", identity, path).Output()
	}
	identity := filepath.Join(dir, "agency-identity.txt")
	for _, path := range sealed {
		plain, err := open(path, identity)
		if err != nil {
			t.Fatalf("age: %v", err)
		}
		original := read(t, filepath.Join(dir, "original", strings.TrimSuffix(filepath.Base(path), ".age")))
		if !bytes.HasPrefix(plain, original) || len(bytes.Trim(plain[len(original):], "\x00")) != 0 {
			t.Errorf("%s opens to something else than the prepared clip and zeros", filepath.Base(path))
		}
	}
	fault := filepath.Join(t.TempDir(), "fault")
	raw := read(t, sealed[0])
	foreign, err := seal.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"a flipped bit": flip(raw, len(raw)/2), "a missing end": raw[:len(raw)-1], "a byte too many": append(bytes.Clone(raw), 0)} {
		write(t, fault, bad)
		if _, err := open(fault, identity); err == nil {
			t.Errorf("age opened a clip with %s", name)
		}
	}
	write(t, fault, []byte(foreign.String()))
	if _, err := open(sealed[0], fault); err == nil {
		t.Error("age opened a clip with a foreign key")
	}
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func flip(raw []byte, at int) []byte {
	out := bytes.Clone(raw)
	out[at] ^= 1
	return out
}

// judgeTessera runs Tessera's fsck over the mirrored record. Its command exits 0 on a corrupt log, so it is called as a library.
func judgeTessera(t *testing.T, dir string) {
	verifier, err := ledger.NewVerifier(strings.TrimSpace(string(read(t, filepath.Join(dir, "verifier.txt")))))
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "log")
	judge := func(root string) error {
		return fsck.New(verifier.Name(), verifier, client.FileFetcher{Root: root}, bundleHashes, fsck.Opts{N: 1}).Check(t.Context())
	}
	if err := judge(root); err != nil {
		t.Fatalf("fsck: %v", err)
	}
	objects := files(t, root, "checkpoint", "tile/")
	if len(objects) < 3 {
		t.Fatalf("the record has the objects %v only", objects)
	}
	for _, name := range objects {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(root)); err != nil {
			t.Fatal(err)
		}
		raw := read(t, filepath.Join(copied, name))
		write(t, filepath.Join(copied, name), flip(raw, len(raw)/2))
		if err := judge(copied); err == nil {
			t.Errorf("fsck passed a record with a flipped bit in %s", name)
		}
	}
}

// files lists what lies below root, by slash-separated names that begin with one of the prefixes.
func files(t *testing.T, root string, prefixes ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		for _, p := range prefixes {
			if err == nil && !e.IsDir() && strings.HasPrefix(filepath.ToSlash(name), p) {
				found = append(found, filepath.ToSlash(name))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func bundleHashes(raw []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(raw); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(b.Entries))
	for i, e := range b.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return hashes, nil
}

// judgeBag checks the package's manifests with the system's own programs: what a BagIt manifest lists is what they read.
func judgeBag(t *testing.T, bag string) {
	judge := func() error {
		for _, hash := range []string{"sha256", "sha512"} {
			for _, list := range []string{"manifest-", "tagmanifest-"} {
				cmd := exec.Command(hash+"sum", "--check", "--strict", "--quiet", list+hash+".txt")
				cmd.Dir = bag
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Logf("%s", out)
					return err
				}
			}
		}
		return nil
	}
	if err := judge(); err != nil {
		t.Fatalf("sha256sum: %v", err)
	}
	if got := string(read(t, filepath.Join(bag, "bagit.txt"))); got != "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n" {
		t.Errorf("bagit.txt says %q", got)
	}
	listed := string(read(t, filepath.Join(bag, "manifest-sha256.txt")))
	for _, name := range files(t, bag, "data/") {
		if !strings.Contains(listed, "  "+name+"\n") {
			t.Errorf("%s is in the package and in no manifest", name)
		}
	}
	path := filepath.Join(bag, "data", "receipt.json")
	raw := read(t, path)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, path, flip(raw, 10))
	if judge() == nil {
		t.Error("sha256sum passed a package with a flipped bit")
	}
}

// TestPlayTwice sets the town up, goes on with the same folder, and plays the main job there too.
func TestPlayTwice(t *testing.T) {
	var out bytes.Buffer
	opts := demo.Options{Data: t.TempDir(), Listen: "127.0.0.1:0", Out: &out}
	if err := played(t, opts, play); err != nil {
		t.Fatal(err)
	}
	opts.Listen = ""
	if err := played(t, opts, func(ctx context.Context, d *demo.Demo) error { return d.Tour(ctx, "porchlight") }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "porchlight share http://localhost:") {
		t.Errorf("the tour says %q", out.String())
	}
	for _, role := range []string{"officer", "supervisor", "moderator"} {
		if link, err := os.ReadFile(filepath.Join(opts.Data, "invitations", role+".txt")); err != nil || !strings.Contains(string(link), "/staff/join#") {
			t.Errorf("the %s's invitation: %q, %v", role, link, err)
		}
	}
	if err := played(t, opts, once); err != nil {
		t.Fatal(err)
	}
	opts.Listen = "127.0.0.1:1"
	if _, err := demo.Open(t.Context(), opts); footage.KindOf(err) != footage.Conflict {
		t.Errorf("another port for the same folder: %v, want conflict", err)
	}
}

// TestCutShort sets a town up again that was left half made, and touches no folder that is none of its own.
func TestCutShort(t *testing.T) {
	opts := demo.Options{Data: t.TempDir(), Listen: "127.0.0.1:0", Out: io.Discard}
	stopped := played(t, opts, func(ctx context.Context, d *demo.Demo) error {
		ctx, stop := context.WithCancel(ctx)
		stop()
		return d.Play(ctx)
	})
	if stopped == nil {
		t.Fatal("a demonstration that was stopped says that it is whole")
	}
	if err := played(t, opts, once); err != nil {
		t.Fatal(err)
	}
	opts.Data = t.TempDir()
	if err := os.Mkdir(filepath.Join(opts.Data, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Open(t.Context(), opts); footage.KindOf(err) != footage.Conflict {
		t.Errorf("somebody's exchange: %v, want conflict", err)
	}
}
