package doc_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPackages compares the table of packages in design.md with the folders that hold Go files. A package below another
// one that is named, such as store/storetest below store, needs no line of its own.
func TestPackages(t *testing.T) {
	var named []string
	for line := range strings.Lines(readFile(t, "design.md")) {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(line, "| `") {
			for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
				named = append(named, m[1])
			}
		}
	}
	var folders []string
	for _, pattern := range []string{"../*/*.go", "../internal/*/*.go", "../internal/*/*/*.go", "../cmd/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			folders = append(folders, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(f)), "../"))
		}
	}
	slices.Sort(folders)
	folders = slices.Compact(folders)
	if len(folders) < 20 {
		t.Fatalf("only %d packages were found", len(folders))
	}
	for _, folder := range folders {
		if folder != "doc" && !slices.ContainsFunc(named, func(n string) bool { return folder == n || strings.HasPrefix(folder, n+"/") }) {
			t.Errorf("design.md does not name the package %s", folder)
		}
	}
}
