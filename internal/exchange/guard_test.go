package exchange

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// TestGuardTidies: what a crashed writer left is removed, what somebody may be writing just now is not.
func TestGuardTidies(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, tempPrefix+"old"), filepath.Join(dir, tempPrefix+"fresh")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * tempLife)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := NewGuard(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old file: %v; want it gone", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("the fresh file: %v", err)
	}
}

// TestGuardSurvivesATornLine: a line that a crash has cut off costs itself and no other.
func TestGuardSurvivesATornLine(t *testing.T) {
	g, err := NewGuard(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	share := func(n string) footage.ShareID { return footage.ShareID("s-" + strings.Repeat(n, 26)) }
	clip := "clips/c-" + strings.Repeat("7", 26)
	record := func(n string, final footage.ShareState, keys ...string) {
		if err := g.Erased(share(n), final, keys); err != nil {
			t.Fatal(err)
		}
	}
	record("1", footage.ShareErased, clip, clip)
	f, err := os.OpenFile(filepath.Join(g.Dir, erasedFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(string(share("2")) + " era")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	record("3", footage.ShareTakenBack)
	got, unreadable, err := g.Erasures()
	want := []Erasure{{share("1"), footage.ShareErased, []string{clip, clip}}, {share("3"), footage.ShareTakenBack, []string{}}}
	if diff := cmp.Diff(want, got); diff != "" || unreadable != 1 || err != nil {
		t.Errorf("%d unreadable, %v, erasures (-want +got):\n%s", unreadable, err, diff)
	}
	if last, err := g.Last(); last != "" || err != nil {
		t.Errorf("a checkpoint that nobody saw: %q, %v", last, err)
	}
	if none, _, err := (Guard{}).Erasures(); none != nil || err != nil {
		t.Errorf("a guard without a folder: %v, %v", none, err)
	}
}
