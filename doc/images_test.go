package doc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPicturesAreShown: each picture is shown by a document, so that none grows old unseen, and all of them together are light
// enough for a clone. That each one that is shown exists is TestLinks.
func TestPicturesAreShown(t *testing.T) {
	const limit = 1_500_000 // bytes
	text := ""
	documents, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(documents, filepath.Join("..", "README.md")) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text += string(raw)
	}
	pictures, err := os.ReadDir("images")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	sum := int64(0)
	for _, p := range pictures {
		info, err := p.Info()
		if err != nil {
			t.Fatal(err)
		}
		if sum += info.Size(); !strings.Contains(text, "images/"+p.Name()+")") {
			t.Errorf("no document shows %s", p.Name())
		}
	}
	if sum > limit {
		t.Errorf("the pictures have %d bytes, more than %d", sum, limit)
	}
}
