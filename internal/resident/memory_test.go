package resident_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/resident"
	"porchlight.example/ledger"
)

// TestMemoryVectors: what a device remembers of a record is held against a newer head, with the proof that comes along or the
// tiles that the exchange shows. ui/script reads the same files.
func TestMemoryVectors(t *testing.T) {
	files, err := filepath.Glob("../../evidence/testdata/vectors/memories/*.json")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var v struct {
				Verifier, Seen, Want string
				Head                 evidence.Head
				Tiles                map[string][]byte
			}
			raw, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(raw, &v)
			}
			if err != nil {
				t.Fatal(err)
			}
			srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tile, ok := v.Tiles[strings.TrimPrefix(r.URL.Path, "/")]; ok {
					_, _ = w.Write(tile)
					return
				}
				http.NotFound(w, r)
			}))
			now, err := ledger.OpenCheckpoint([]byte(v.Head.Checkpoint), v.Verifier)
			if err != nil {
				t.Fatal(err)
			}
			memory := &notes{v.Seen}
			x := resident.New(srv.URL, v.Verifier)
			x.Memory = memory
			err = x.Remember(t.Context(), v.Head, evidence.Standing{Checkpoint: now})
			if v.Want != "" {
				wantCode(t, err, v.Want)
				if memory.seen != v.Seen {
					t.Error("what was refused was remembered")
				}
				return
			}
			if err != nil || memory.seen != v.Head.Checkpoint {
				t.Errorf("refused: %v", err)
			}
		})
	}
}
