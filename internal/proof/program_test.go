package proof_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain removes the program that a test has built.
func TestMain(m *testing.M) {
	code := m.Run()
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir)
	}
	os.Exit(code)
}

// binary is the true program, built once, by the first test that needs it. It is a package variable because the tests of
// one process have nothing else in common.
var binary struct {
	once sync.Once
	dir  string
	err  error
}

// build returns the path of the program.
func build(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "porchlight-proof-"); binary.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", binary.dir, "porchlight.example/cmd/porchlight").CombinedOutput()
		if err != nil {
			binary.err = fmt.Errorf("build the program: %w\n%s", err, out)
		}
	})
	must(t, binary.err)
	return filepath.Join(binary.dir, "porchlight")
}

// program is a running exchange.
type program struct {
	base    string // where it serves
	cmd     *exec.Cmd
	said    *tail
	address chan string // closed when its output ends
}

// launch starts a command line that runs the program as a server, without waiting for it. It serves on a free port.
func launch(command []string, env ...string) (*program, error) {
	p := &program{said: &tail{}, address: make(chan string, 1)}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.address)
		for lines := bufio.NewScanner(io.TeeReader(out, p.said)); lines.Scan(); {
			if _, address, ok := strings.Cut(lines.Text(), " on "); ok && strings.HasPrefix(lines.Text(), "porchlight: serving ") {
				p.address <- address
			}
		}
	}()
	return p, nil
}

// ready waits until it serves, and fails when it ends before.
func (p *program) ready() error {
	select {
	case address, ok := <-p.address:
		if !ok {
			return errors.New("the program ended: " + p.said.String())
		}
		p.base = "http://" + address
		return nil
	case <-time.After(30 * time.Second):
		return errors.New("the program does not serve: " + p.said.String())
	}
}

// kill ends it as a crash would.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	p.drain()
}

// stop ends it as an operator would, and returns how it ended.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.drain()
}

func (p *program) drain() error {
	for range p.address { // until its output ends
	}
	return p.cmd.Wait()
}

// tail keeps what a program says.
type tail struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (l *tail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.Write(b)
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}
