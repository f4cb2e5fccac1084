package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// SMTPServer is a real mail server (aiosmtpd) that keeps what it is handed in a mailbox folder.
type SMTPServer struct {
	Address string // host:port
	dir     string
	Stop    func()
	seen    map[string]bool // names of what [SMTPServer.Fresh] has returned
}

// SMTP starts a mail server at an address, or at a free one for "". With a certificate and its key it demands STARTTLS. The
// test is skipped where there is no server (see [Skip]).
func SMTP(t testing.TB, address, cert, key string) *SMTPServer {
	t.Helper()
	const python = "/usr/bin/python3" // Debian's, for which its packages are
	if exec.Command(python, "-c", "import aiosmtpd").Run() != nil {
		Skip(t, "no SMTP server for tests: install Debian's package python3-aiosmtpd")
	}
	if address == "" {
		var err error
		if address, err = freeAddress(); err != nil {
			t.Fatal(err)
		}
	}
	s := &SMTPServer{Address: address, dir: filepath.Join(t.TempDir(), "mailbox"), seen: map[string]bool{}}
	args := []string{"-c", s3Watchdog, "watchdog", python, "-m", "aiosmtpd", "-n", "-l", address, "-c", "aiosmtpd.handlers.Mailbox"}
	if cert != "" {
		args = append(args, "--tlscert", cert, "--tlskey", key)
	}
	cmd := exec.Command("sh", append(args, s.dir)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Stop = sync.OnceFunc(func() {
		alive.Close()
		_ = cmd.Wait() // it was killed, and says so
	})
	t.Cleanup(s.Stop)
	if err := waitFor(address); err != nil {
		t.Fatal(err)
	}
	return s
}

// Letters returns what the server was handed, in no order.
func (s *SMTPServer) Letters(t testing.TB) []string {
	t.Helper()
	clear(s.seen)
	return s.Fresh(t)
}

// Fresh returns what the server was handed since it was last asked.
func (s *SMTPServer) Fresh(t testing.TB) (all []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		if s.seen[p] {
			continue
		}
		s.seen[p] = true
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	return all
}
