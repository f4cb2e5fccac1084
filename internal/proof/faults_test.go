package proof_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

// fault is a call of the file system that fails, on the way from a share's beginning to its erasure.
type fault struct {
	call, errno string
	clip        bool // only on the clip's own file; else a socket or the runtime's own pipe would break as well
}

func faultsToInject() []fault {
	return []fault{
		{call: "pwrite64", errno: "EIO"}, {call: "pwrite64", errno: "ENOSPC"},
		{call: "fsync", errno: "EIO"}, {call: "fdatasync", errno: "EIO"},
		{call: "write", errno: "EIO", clip: true}, {call: "write", errno: "ENOSPC", clip: true},
		{call: "openat", errno: "EIO"}, {call: "renameat", errno: "EIO"}, {call: "unlinkat", errno: "EIO"},
		{call: "mkdirat", errno: "EIO"}, {call: "linkat", errno: "EIO"}, {call: "ftruncate", errno: "EIO"},
	}
}

// TestFaults makes each call of the file system fail at each of its places while a share is begun, sent, committed, picked
// up and erased by the true program. The client gets an error that says what to do, tries again and comes through; nothing
// that was acknowledged is lost and nothing half-written shows as whole. strace counts calls by thread, so that a run
// fails the N-th call of every thread that makes so many.
func TestFaults(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		testenv.Skip(t, "strace is not installed")
	}
	most := 2
	if testenv.RequireAll() {
		most = 30
	}
	w := onDisk(t)
	template := w.opts.Data
	total := map[string]int{}
	for _, f := range faultsToInject() {
		w.opts.Data = filepath.Join(t.TempDir(), "data")
		copyData(t, w.opts.Data, template)
		r := &faultRun{w: w, p: &promises{requests: w.requests}, dice: rand.New(rand.NewPCG(7, 7))}
		for n, idle := 1, 0; n <= most && idle < 2; n++ {
			hit, err := r.run(t, f, n)
			if err != nil {
				t.Fatalf("%s:error=%s:when=%d: %v", f.call, f.errno, n, err)
			}
			if idle++; hit > 0 {
				idle = 0
			}
			total[f.call] += hit
		}
		r.server.kill()
		r.server = nil
	}
	t.Logf("injected: %v", total)
	for _, call := range []string{"pwrite64", "fsync", "write", "openat", "renameat", "unlinkat", "mkdirat"} {
		if total[call] == 0 {
			t.Errorf("no %s was made to fail, so this would prove nothing", call)
		}
	}
}

// faultRun is one exchange under faults.
type faultRun struct {
	w      *world
	p      *promises
	dice   *rand.Rand
	server *program
}

// up starts the program unless it runs.
func (r *faultRun) up(t *testing.T) error {
	if r.server != nil && r.server.alive() {
		return nil
	}
	var err error
	if r.server, err = launch(r.w.serveArgs(t)); err != nil {
		return err
	}
	if err := r.server.ready(); err != nil {
		return err
	}
	r.w.at(r.server.base)
	return nil
}

// run lets one share live its life while the n-th such call of each thread fails, and returns how many did.
func (r *faultRun) run(t *testing.T, f fault, n int) (int, error) {
	if err := r.up(t); err != nil {
		return 0, err
	}
	name := fmt.Sprintf("%s %s %d", f.call, f.errno, n)
	clip := bytes.Repeat([]byte(name), 2000+r.dice.IntN(3000))
	x := &promised{parcel: pack(t, r.w.epoch.Recipient(), name, clip)}
	r.p.shares = append(r.p.shares, x)
	path := ""
	if f.clip { // its name is known once the share has begun
		s, err := begin(t.Context(), r.w.public(), r.w.requests[0], x.parcel)
		if err != nil {
			return 0, err
		}
		x.s, x.acked = s, []int64{0}
		path = filepath.Join(r.w.opts.Data, "blobs", "clips", string(s.begun.Clips[0])+"~part")
	}
	trace, err := attach(t, r.server.cmd.Process.Pid, fmt.Sprintf("%s:error=%s:when=%d", f.call, f.errno, n), f.call, path)
	if err != nil {
		return 0, err
	}
	err = r.live(t, x)
	hits := trace.detach(t)
	if err != nil {
		return hits, fmt.Errorf("%w\n%s\n%s", err, trace.log, r.server.said)
	}
	if err := r.up(t); err != nil {
		return hits, err
	}
	return hits, r.p.check(t.Context(), r.w)
}

// live sends and commits a share, then has the agency take it to its end; whatever fails is tried again.
func (r *faultRun) live(t *testing.T, x *promised) error {
	piece := func() int64 { return 20_000 }
	if err := r.insist(t, func(ctx context.Context) error {
		err := r.p.resident(ctx, r.w, x, r.w.requests[0], piece)
		if x.s == nil && footage.KindOf(err) == footage.Conflict {
			x.credential += "+" // it was begun after all; nobody has its ticket, and it will be swept away
		}
		return err
	}); err != nil {
		return fmt.Errorf("resident: %w", err)
	}
	if err := r.insist(t, func(ctx context.Context) error { return r.w.released(ctx, x.s.begun.Share) }); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	for range 5 {
		if err := r.insist(t, func(ctx context.Context) error { return r.p.custodian(ctx, r.w) }); err != nil {
			return fmt.Errorf("agency: %w", err)
		}
	}
	return nil
}

// insist tries until it succeeds, and wants every refusal on the way to say what to do. A program that has died is started
// again.
func (r *faultRun) insist(t *testing.T, do func(context.Context) error) (err error) {
	for range 12 {
		if err = do(t.Context()); err == nil || errors.Is(err, errBroken) {
			return err
		}
		var clear *footage.Error
		if !errors.As(err, &clear) || clear.Msg == "" {
			return fmt.Errorf("an error without words: %w", err)
		}
		if err := r.up(t); err != nil {
			return err
		}
	}
	return fmt.Errorf("tried twelve times: %w", err)
}

// alive reports whether the program still runs.
func (p *program) alive() bool {
	state, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/stat")
	return err == nil && !regexp.MustCompile(`\) [ZX] `).Match(state)
}

// trace is a strace that is attached to a program.
type trace struct {
	cmd  *exec.Cmd
	file string
	log  string // once it is detached
	rest chan struct{}
}

// attach attaches strace to a process with an injection, and returns when it is attached.
func attach(t *testing.T, pid int, inject, call, path string) (*trace, error) {
	tr := &trace{file: filepath.Join(t.TempDir(), "trace"), rest: make(chan struct{})}
	args := []string{"-f", "-y", "-o", tr.file, "-e", "trace=" + call, "-e", "inject=" + inject, "-p", strconv.Itoa(pid)}
	if path != "" {
		args = append(args, "-P", path)
	}
	tr.cmd = exec.Command("strace", args...)
	out, err := tr.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := tr.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "Operation not permitted") {
			testenv.Skip(t, "strace may not attach to other processes here")
		}
		if err != nil {
			return nil, fmt.Errorf("strace ended: %w (%s)", err, line)
		}
		if strings.Contains(line, " attached") {
			break
		}
	}
	go func() {
		defer close(tr.rest)
		_, _ = io.Copy(io.Discard, lines)
	}()
	return tr, nil
}

// detach ends the tracing and returns how many calls were made to fail.
func (tr *trace) detach(t *testing.T) int {
	t.Helper()
	must(t, tr.cmd.Process.Signal(os.Interrupt))
	<-tr.rest
	_ = tr.cmd.Wait() // it reports the signal
	raw, err := os.ReadFile(tr.file)
	must(t, err)
	tr.log = string(raw)
	return strings.Count(tr.log, "(INJECTED)")
}
