package evidence

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

// TestExamine holds what Examine finds against what VerifyBag finds in the package that is written of the same parts.
func TestExamine(t *testing.T) {
	s := newShare(t)
	var done, total int64
	p := s.pack()
	p.Progress = func(a, b int64) { done, total = a, b }
	found, err := Examine(t.Context(), p)
	if err != nil || found.Failed() || done != total || total == 0 {
		t.Fatalf("Examine = %v, %v, after %d of %d bytes", found, err, done, total)
	}
	for _, x := range s.verify(s.bag()) {
		if got, ok := found.Find(x.Code); x.Code != "bag_whole" && x.Code != "report" && (!ok || got.Level != x.Level) {
			t.Errorf("%s is %s in the package, %+v before", x.Code, x.Level, got)
		}
	}
}

// TestExamineSpoiled leaves out, swaps and breaks clips.
func TestExamineSpoiled(t *testing.T) {
	s := newShare(t)
	first := s.m.Clips[0].ID
	stream := func(text string) Source {
		return Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	}
	p := s.pack()
	delete(p.Clips, first)
	if found, err := Examine(t.Context(), p); err != nil || found.Count(Fail) == 0 {
		t.Errorf("without a clip: %v, %v", found, err)
	} else if x, ok := found.Find("clip_missing"); !ok || x.Level != Fail {
		t.Errorf("without a clip: %v", found)
	}
	p.Clips[first] = stream("another film")
	if found, err := Examine(t.Context(), p); err != nil || !found.Failed() {
		t.Errorf("with another clip: %v, %v", found, err)
	} else if x, ok := found.Find("rung_hash_at_sending"); !ok || x.Level != Fail {
		t.Errorf("with another clip the ladder says %+v", x)
	}
	p.Clips[first] = Source{Path: filepath.Join(t.TempDir(), "nothing")}
	if _, err := Examine(t.Context(), p); err == nil {
		t.Error("a clip that cannot be read is no error")
	}
	p = s.pack()
	p.Manifest = []byte("{}")
	if _, err := Examine(t.Context(), p); !errors.Is(err, footage.Invalid) {
		t.Errorf("without a manifest: %v; want invalid", err)
	}
}
