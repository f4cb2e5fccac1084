package desk_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// plainOnDisk lists the files below a folder that hold a piece of a clip in the open.
func plainOnDisk(t *testing.T, dir string, clip []byte) (found []string) {
	t.Helper()
	piece := clip[len(clip)/2 : len(clip)/2+64]
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, piece) {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// TestReviewUnderSeal takes a share from the inbox to a package that verifies, with no open clip on the disk before the
// export, and reads its clips at any place meanwhile.
func TestReviewUnderSeal(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	clips := [][]byte{film(31, 300_000), film(32, 2_000_001)}
	id := released(t, w, clips...).Receipt.Share

	if _, err := d.OpenList(ctx(t), id); footage.KindOf(err) != footage.Conflict {
		t.Errorf("opening what is not fetched: %v; want a conflict", err)
	}
	before, err := d.Review(ctx(t), id)
	if err != nil || before.Opened || before.Held || len(before.Manifest.Clips) != 0 {
		t.Fatalf("before it is fetched the share shows %+v, %v", before, err)
	}
	_, err = d.Fetch(ctx(t), id, nil)
	must(t, err)
	opened, err := d.OpenList(ctx(t), id)
	must(t, err)
	again, err := d.OpenList(ctx(t), id)
	must(t, err)
	if a, b := len(opened.Share.Events), len(again.Share.Events); a != b {
		t.Errorf("opening twice left %d more events", b-a)
	}
	for i, c := range opened.Manifest.Clips {
		read, err := d.Clip(ctx(t), id, c.ID)
		must(t, err)
		if got, err := io.ReadAll(read.Reader()); err != nil || !bytes.Equal(got, clips[i]) {
			t.Errorf("clip %d reads as %d other bytes, %v", i, len(got), err)
		}
		piece := make([]byte, 1000)
		if _, err := read.Reader().ReadAt(piece, 123_456); err != nil || !bytes.Equal(piece, clips[i][123_456:124_456]) {
			t.Errorf("a piece of clip %d differs: %v", i, err)
		}
		must(t, read.Close())
	}
	found, err := d.Verify(ctx(t), id, nil)
	must(t, err)
	review, err := d.Review(ctx(t), id)
	must(t, err)
	if !review.Opened || !review.Held || !slices.Equal(review.Findings, found.Findings) || found.Findings.Failed() {
		t.Errorf("after verifying, the share shows %+v", review)
	}
	if rungs := review.Findings.Rungs(review.Manifest.Clips[1].Name); len(rungs) != 5 || rungs[3].State != evidence.Holds || rungs[4].State != evidence.Holds {
		t.Errorf("the second clip's ladder is %+v", rungs)
	}
	_, err = d.Accept(ctx(t), id)
	must(t, err)
	for _, clip := range clips {
		if open := plainOnDisk(t, d.Dir(), clip); len(open) > 0 {
			t.Errorf("before the export there lies open %v", open)
		}
	}
	bag := filepath.Join(t.TempDir(), "bag")
	hash, err := d.Export(ctx(t), id, bag, desk.ExportOptions{})
	must(t, err)
	verdict, err := evidence.VerifyBag(ctx(t), bag, evidence.VerifyOptions{Trust: evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, Now: w.Now()})
	must(t, err)
	if verdict.Failed() {
		t.Errorf("the bag does not verify: %+v", verdict)
	}
	review, err = d.Review(ctx(t), id)
	must(t, err)
	if want := []desk.Exported{{Folder: bag, SHA256: hash}}; !slices.Equal(review.Packages, want) {
		t.Errorf("the packages are %v; want %v", review.Packages, want)
	}
	if len(plainOnDisk(t, bag, clips[0])) == 0 {
		t.Error("the clip is not found in its package, so this test shows nothing")
	}
}

// TestClipOfAnOpenFile reads a clip that lies open, and refuses what took its place.
func TestClipOfAnOpenFile(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	clip := film(33, 100_000)
	id := released(t, w, clip).Receipt.Share
	opened, err := d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
	must(t, err)
	first := opened.Manifest.Clips[0].ID
	read, err := d.Clip(ctx(t), id, first)
	must(t, err)
	defer read.Close()
	if got, err := io.ReadAll(read.Reader()); err != nil || !bytes.Equal(got, clip) {
		t.Errorf("it reads as %d other bytes, %v", len(got), err)
	}
	must(t, os.WriteFile(opened.Files[0], film(34, 100_000), 0o600))
	if _, err := d.Clip(ctx(t), id, first); footage.KindOf(err) != footage.Conflict {
		t.Errorf("another file in its place: %v; want a conflict", err)
	}
	if _, err := d.Clip(ctx(t), id, "c-nothing"); footage.KindOf(err) != footage.NotFound {
		t.Errorf("a clip that there is not: %v; want not found", err)
	}
}
