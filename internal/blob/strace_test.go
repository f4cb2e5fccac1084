package blob_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

// The tests below run this test program again under strace, as a writer that says on standard output what is safe.

const (
	writerDir  = "PORCHLIGHT_TEST_WRITER"
	writerHow  = "PORCHLIGHT_TEST_WRITER_HOW"
	pieceBytes = 300_000
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		write(dir, os.Getenv(writerHow))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func content() []byte { return bytes.Repeat([]byte("porchlight"), 3*pieceBytes/10) }

// write stages an object in three pieces and puts another, and says each time what was acknowledged.
func write(dir, how string) {
	say := func(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }
	if how == "careless" { // a seeded fault: nothing is synced
		_ = os.WriteFile(filepath.Join(dir, "x"), content(), 0o600)
		_ = os.Rename(filepath.Join(dir, "x"), filepath.Join(dir, "a"))
		say("finished")
		return
	}
	ctx := context.Background()
	d, err := blob.OpenDisk(dir)
	if err != nil {
		say("error %q %v", footage.KindOf(err), err)
		return
	}
	body := content()
	state, err := d.Begin(ctx, "clips/a", int64(len(body)))
	for at := int64(0); err == nil && at < int64(len(body)); {
		var n int64
		n, state, err = d.Append(ctx, "clips/a", state, at, bytes.NewReader(body[at:at+pieceBytes]))
		if at += n; n > 0 {
			say("appended %d", at)
		}
	}
	if err == nil {
		if err = d.Finish(ctx, "clips/a", state); err == nil {
			say("finished")
		}
	}
	if err != nil {
		say("error %q %v", footage.KindOf(err), err)
	}
	if err := d.Put(ctx, "log/checkpoint", []byte("new")); err == nil {
		say("put")
	} else {
		say("error %q %v", footage.KindOf(err), err)
	}
}

// traced runs the writer under strace and returns what it said and strace's log.
func traced(t *testing.T, dir, how string, args ...string) (said []string, log string) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		testenv.Skip(t, "strace is not installed")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command("strace", append(append([]string{"-f", "-y", "-qq", "-o", file}, args...), self)...)
	cmd.Env = append(os.Environ(), writerDir+"="+dir, writerHow+"="+how)
	out, err := cmd.CombinedOutput()
	if err != nil {
		if strings.Contains(string(out), "PTRACE") || strings.Contains(string(out), "Operation not permitted") {
			testenv.Skip(t, "strace may not trace here")
		}
		t.Fatalf("%v\n%s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), string(raw)
}

// judge returns what a strace log shows to be wrong: something acknowledged, by a line on standard output, before the
// file and the folders were synced.
func judge(log string) (faults []string) {
	dirty := map[string]bool{} // files and folders with changes that are not on the disk
	said := regexp.MustCompile(`write\(1<[^>]*>, "(appended \d+|finished|put)\\n`)
	wrote := regexp.MustCompile(`(?:write|pwrite64|ftruncate)\(\d+<(/[^>]*)>`)
	synced := regexp.MustCompile(`(?:fsync|fdatasync)\(\d+<(/[^>]*)>`)
	made := regexp.MustCompile(`(?:openat\(\S*<(/[^>]*)>, "([^"]*)", [A-Z_|]*O_CREAT|mkdirat\(\S*<(/[^>]*)>)`)
	renamed := regexp.MustCompile(`rename(?:at2?)?\((?:\d+<(/[^>]*)>, )?"([^"]*)", (?:\d+<(/[^>]*)>, )?"([^"]*)"`)
	for line := range strings.Lines(log) {
		switch m := (func(r *regexp.Regexp) []string { return r.FindStringSubmatch(line) }); {
		case m(said) != nil:
			if len(dirty) > 0 {
				faults = append(faults, fmt.Sprintf("%q with %v not synced", m(said)[1], dirty))
			}
		case m(wrote) != nil:
			dirty[m(wrote)[1]] = true
		case m(synced) != nil:
			delete(dirty, m(synced)[1])
		case m(made) != nil:
			if in := m(made)[1] + m(made)[3]; filepath.Base(in) != "~new" { // names of temporary files need not last
				dirty[in] = true
			}
		case m(renamed) != nil:
			r := m(renamed)
			from, to := filepath.Join(r[1], r[2]), filepath.Join(r[3], r[4])
			if dirty[from] {
				dirty[to] = true
				delete(dirty, from)
			}
			dirty[filepath.Dir(to)] = true
		}
	}
	return faults
}

const watched = "trace=write,pwrite64,ftruncate,fsync,fdatasync,openat,mkdirat,mkdir,rename,renameat,renameat2"

// TestSyncOrder shows that nothing is acknowledged before it is on the disk.
func TestSyncOrder(t *testing.T) {
	said, log := traced(t, t.TempDir(), "", "-e", watched)
	if want := "appended 300000 appended 600000 appended 900000 finished put"; strings.Join(said, " ") != want {
		t.Fatalf("the writer said %q", said)
	}
	if faults := judge(log); len(faults) > 0 {
		t.Errorf("%s\n%s", strings.Join(faults, "\n"), log)
	}
	if _, log := traced(t, t.TempDir(), "careless", "-e", watched); len(judge(log)) == 0 {
		t.Errorf("a writer that syncs nothing was not found out:\n%s", log)
	}
	calls := slices.Collect(strings.Lines(log))
	left := 0
	for i, line := range calls {
		if !strings.Contains(line, "fsync(") {
			continue
		}
		if left++; left == 1 {
			continue // of the folder above, whose change was not watched
		}
		if without := slices.Delete(slices.Clone(calls), i, i+1); len(judge(strings.Join(without, ""))) == 0 {
			t.Errorf("nothing found without %s", line)
		}
	}
	if left < 8 {
		t.Errorf("only %d syncs", left)
	}
}

// TestFaults makes each kind of call fail, at each of its places in turn: what was acknowledged must be there, and
// nothing may look whole that is not.
func TestFaults(t *testing.T) {
	runs := 0
	for _, fault := range []string{"write:error=ENOSPC", "write:error=EIO", "fsync:error=EIO", "fsync:error=ENOSPC", "renameat:error=EIO", "openat:error=ENOSPC",
		"mkdirat:error=ENOSPC", "ftruncate:error=EIO", "lseek:error=EIO"} {
		call, _, _ := strings.Cut(fault, ":")
		_, log := traced(t, t.TempDir(), "", "-e", "trace="+call)
		lines := strings.Split(strings.TrimSpace(log), "\n")
		for i, line := range lines {
			if !strings.Contains(line, "<"+os.TempDir()) { // not one of ours: the runtime's, or standard output
				continue
			}
			dir := t.TempDir()
			said, log := traced(t, dir, "", "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:when=%d", fault, i+1))
			check(t, fmt.Sprintf("%s at call %d", fault, i+1), dir, said)
			runs += strings.Count(log, "(INJECTED)")
		}
	}
	if t.Logf("%d faults injected", runs); runs < 20 {
		t.Errorf("only %d faults were injected", runs)
	}
}

func check(t *testing.T, fault, dir string, said []string) {
	t.Helper()
	body := content()
	acknowledged := 0
	for _, line := range said {
		_, _ = fmt.Sscanf(line, "appended %d", &acknowledged) // other lines leave it as it is
		if strings.Contains(fault, "ENOSPC") && strings.HasPrefix(line, "error") && !strings.HasPrefix(line, `error "full"`) && !strings.Contains(line, "the folder for clips") {
			t.Errorf("%s: %s, want a full disk", fault, line)
		}
	}
	object, err := os.ReadFile(filepath.Join(dir, "clips", "a"))
	if err == nil && !bytes.Equal(object, body) {
		t.Errorf("%s: the object is not whole", fault)
	}
	if err != nil && slices.Contains(said, "finished") {
		t.Errorf("%s: finished, but %v", fault, err)
	}
	if err != nil {
		part, _ := os.ReadFile(filepath.Join(dir, "clips", "a~part")) // none is as good as an empty one
		if len(part) < acknowledged || !bytes.Equal(part[:acknowledged], body[:acknowledged]) {
			t.Errorf("%s: %d bytes are left of %d acknowledged", fault, len(part), acknowledged)
		}
		resume(t, fault, dir, int64(acknowledged))
	}
}

// resume completes what a fault interrupted.
func resume(t *testing.T, fault, dir string, at int64) {
	t.Helper()
	d, err := blob.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	body := content()
	state, err := d.Begin(t.Context(), "clips/a", int64(len(body)))
	if err == nil && at < int64(len(body)) {
		_, state, err = d.Append(t.Context(), "clips/a", state, at, bytes.NewReader(body[at:]))
	}
	if err == nil {
		err = d.Finish(t.Context(), "clips/a", state)
	}
	if err != nil {
		t.Fatalf("%s: resume: %v", fault, err)
	}
	r, err := d.Get(t.Context(), "clips/a", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%s: resumed to other bytes: %v", fault, err)
	}
}
