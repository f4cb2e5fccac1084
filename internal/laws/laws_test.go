package laws

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "porchlight.example/"

// deps returns the module's own packages that pkg reaches, itself included, and all others in foreign.
func deps(t *testing.T, pkg string) (own, foreign []string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+pkg).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pkg, err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		path := lines.Text()
		if after, ok := strings.CutPrefix(path, module); ok {
			own = append(own, after)
		} else if path != "" {
			foreign = append(foreign, path)
		}
	}
	if len(own) == 0 {
		t.Fatalf("%s: go list found nothing, so this test would prove nothing", pkg)
	}
	return own, foreign
}

// importers returns the module's packages whose non-test files import pkg directly.
func importers(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var found []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if slices.Contains(fields[1:], module+pkg) {
			found = append(found, strings.TrimPrefix(fields[0], module))
		}
	}
	return found
}

// TestVocabularyFloor: everything points at footage, and footage points at nothing of ours and nothing foreign.
func TestVocabularyFloor(t *testing.T) {
	own, foreign := deps(t, "internal/footage")
	if len(own) != 1 || len(foreign) != 0 {
		t.Errorf("internal/footage reaches %v %v; it may import the standard library only", own, foreign)
	}
}

// TestServerCannotOpenFootage is the first law (S2).
func TestServerCannotOpenFootage(t *testing.T) {
	for _, pkg := range []string{"web", "exchange", "store", "blob", "blob/s3", "jobs", "account", "policy", "geo", "upload", "feed"} {
		own, foreign := deps(t, "internal/"+pkg)
		if slices.Contains(own, "seal") {
			t.Errorf("internal/%s reaches seal: the server could open footage", pkg)
		}
		if slices.Contains(foreign, "filippo.io/age") {
			t.Errorf("internal/%s reaches the age library: the server could open footage", pkg)
		}
	}
}

// TestOneOfficeWrites is the second law: the database is reached by the exchange, by account and jobs for tables of
// their own, by the command that opens it, and by those who only read.
func TestOneOfficeWrites(t *testing.T) {
	readers := []string{"internal/backup", "internal/fsck"}
	may := append([]string{"internal/exchange", "internal/account", "internal/jobs", "cmd/porchlight", "internal/node"}, readers...)
	for _, pkg := range readers {
		onlyReads(t, pkg)
	}
	found := importers(t, "internal/store")
	if len(found) == 0 {
		t.Fatal("nobody imports internal/store, so this test would prove nothing")
	}
	for _, pkg := range found {
		if !slices.Contains(may, pkg) && !strings.HasPrefix(pkg, "internal/store/") {
			t.Errorf("%s imports internal/store; only %v may", pkg, may)
		}
	}
}

// onlyReads checks that a package's own files, tests aside, begin no transaction that could write.
func onlyReads(t *testing.T, pkg string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", pkg, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files (%v), so this test would prove nothing", pkg, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{".Write(ctx", ".Write(w.ctx", ".Write(c.ctx", "CopyFrom(", ".Clear("} {
			if bytes.Contains(text, []byte(call)) {
				t.Errorf("%s calls %s…): it may only read the database", file, call)
			}
		}
	}
}

// TestAuditorNeedsNoServer is the third law.
func TestAuditorNeedsNoServer(t *testing.T) {
	for _, pkg := range []string{"ledger", "evidence", "seal", "internal/resident", "internal/desk", "internal/deskweb", "internal/audit", "internal/witness", "internal/attest"} {
		own, _ := deps(t, pkg)
		for _, server := range []string{"internal/store", "internal/web", "internal/exchange"} {
			if slices.Contains(own, server) {
				t.Errorf("%s reaches %s: checking us would need our server", pkg, server)
			}
		}
	}
}
