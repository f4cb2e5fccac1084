package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"

	"porchlight.example/internal/testenv"
	"porchlight.example/seal"
)

// built is the folder of the built tests.
func built(t testing.TB) string {
	t.Helper()
	for _, tool := range []string{"node", "npm", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			testenv.Skip(t, "there is no "+tool+" to test the scripts with; tools/install installs it")
		}
	}
	dir := t.TempDir()
	if out, err := exec.Command("../../tools/web", "tests", dir).CombinedOutput(); err != nil {
		t.Fatalf("build the tests of the scripts: %v\n%s", err, out)
	}
	return dir
}

// node runs a built test file.
func node(t *testing.T, file string, env ...string) {
	t.Helper()
	cmd := exec.Command("node", "--test", file)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	} else if !bytes.Contains(out, []byte("# fail 0")) || bytes.Contains(out, []byte("# pass 0")) {
		t.Fatalf("node ran no test:\n%s", out)
	}
}

const twinFile = "../../seal/testdata/twin.json"

func twinIdentity(t *testing.T) *seal.Identity {
	t.Helper()
	var twin struct{ Identity string }
	raw, err := os.ReadFile(twinFile)
	if err == nil {
		err = json.Unmarshal(raw, &twin)
	}
	if err != nil {
		t.Fatal(err)
	}
	id, err := seal.ParseIdentity(twin.Identity)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// pattern is the clip that both languages make.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*31 + (i>>8)*17 + (i >> 16))
	}
	return b
}

// TestSealInNode: the twin of seal makes the same bytes and gives the same refusals with the cipher in JavaScript, passes the
// age format's own vectors, and what it seals opens here, byte by byte.
func TestSealInNode(t *testing.T) {
	dir, out, vectors := built(t), t.TempDir(), t.TempDir()
	names, err := fs.Glob(agetest.Vectors, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(agetest.Vectors, name)
		if err == nil {
			err = os.WriteFile(filepath.Join(vectors, name), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	node(t, filepath.Join(dir, "seal.test.mjs"), "TWIN="+twinFile, "OUT="+out, "AGE="+vectors)
	opensHere(t, out)
}

func opensHere(t *testing.T, dir string) {
	t.Helper()
	id := twinIdentity(t)
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for _, n := range []int{0, 70_001, 3_000_000} {
		sealed, want := read(fmt.Sprint(n, ".age")), pattern(n)
		r, err := seal.Open(bytes.NewReader(sealed), id)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if padded := seal.PaddedLength(int64(n)); err != nil || int64(len(plain)) != padded || !bytes.Equal(plain[:n], want) || len(bytes.Trim(plain[n:], "\x00")) > 0 {
			t.Errorf("a clip of %d bytes opens as %d bytes: %v", n, len(plain), err)
		}
		var env seal.Envelope
		if err := json.Unmarshal(read(fmt.Sprint(n, ".json")), &env); err != nil {
			t.Fatal(err)
		}
		if again, err := io.ReadAll(env.Reader(bytes.NewReader(want), 0)); err != nil || !bytes.Equal(again, sealed) {
			t.Errorf("an envelope of the twin seals %d bytes in another way: %v", n, err)
		}
	}
	if got, err := seal.OpenBytes(read("message"), id); string(got) != "Good morning." {
		t.Errorf("the message opens as %q: %v", got, err)
	}
}

// servePage serves a built page test and files beside it, with no more of a policy than the page test needs.
func servePage(t testing.TB, script string, files map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	for name, path := range files {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	}
	mux.HandleFunc("GET /script.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		http.ServeFile(w, r, script)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; require-trusted-types-for 'script'")
		_, _ = io.WriteString(w, `<!DOCTYPE html><title>x</title><link rel="icon" href="data:,"><script type="module" src="script.js"></script>`)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestSealInChromium: the same with the browser's own cipher, which the scripts find and use.
func TestSealInChromium(t *testing.T) {
	url := servePage(t, filepath.Join(built(t), "seal.page.mjs"), map[string]string{"twin.json": twinFile})
	tab := testenv.Chromium(t).Tab(390, 844)
	tab.Open(url)
	tab.Until("globalThis.result")
	var result struct {
		Native         bool
		Passed, Failed []string
	}
	tab.Eval("result", &result)
	if !result.Native || len(result.Failed) > 0 || len(result.Passed) < 7 {
		t.Errorf("native %v, passed %v, failed:\n%s", result.Native, result.Passed, strings.Join(result.Failed, "\n"))
	}
}

// TestProofsInNode: the twin of the checks refuses every bad bundle with the code that Go gives, and takes the good ones.
func TestProofsInNode(t *testing.T) {
	node(t, filepath.Join(built(t), "proof.test.mjs"), "BUNDLES=../../evidence/testdata/vectors/bundles",
		"HEADS=../../evidence/testdata/vectors/heads", "MEMORIES=../../evidence/testdata/vectors/memories")
}

// TestStreamInNode: a share that goes on in a page that was opened again hashes on from where it was, reads one segment again
// and what was not noted, and refuses to seal another content under the same key. P6.
func TestStreamInNode(t *testing.T) {
	node(t, filepath.Join(built(t), "stream.test.mjs"), "RECIPIENT="+twinIdentity(t).Recipient())
}
