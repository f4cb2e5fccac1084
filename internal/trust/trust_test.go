package trust

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func key(t *testing.T) string {
	t.Helper()
	_, verifier, err := ledger.GenerateKey("town.example/porchlight", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func TestPins(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	pins, err := Open(dir)
	if err != nil || pins.Of("https://town.example").Verifier != "" {
		t.Fatalf("a new folder: %v", err)
	}
	one, other := key(t), key(t)
	if err := pins.Pin("https://town.example/", one); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir)
	if err != nil || again.Of("https://town.example").Verifier != one || len(again.All()) != 1 {
		t.Fatalf("the pin was not kept: %v, %v", again.All(), err)
	}
	if err := again.Pin("https://town.example", one); err != nil {
		t.Errorf("the same pin again: %v", err)
	}
	if err := again.Pin("https://town.example", other); !errors.Is(err, footage.Untrusted) {
		t.Errorf("another key: %v, want untrusted", err)
	}
	if err := again.Forget("https://town.example"); err != nil {
		t.Fatal(err)
	}
	if err := again.Pin("https://town.example", other); err != nil {
		t.Errorf("after forgetting: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, fileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the pins: %v", err)
	}
}

func TestPinRefuses(t *testing.T) {
	dir := t.TempDir()
	pins, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "town", "town+00000000+AAAA"} {
		if err := pins.Pin("https://town.example", bad); !errors.Is(err, footage.Invalid) {
			t.Errorf("key %q: %v, want invalid", bad, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte(`{"a":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, footage.Invalid) {
		t.Errorf("a damaged file: %v, want invalid", err)
	}
}
