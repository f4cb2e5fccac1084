package testenv

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Cluster is one throw-away PostgreSQL server: a unix socket in a temporary folder, no TCP port, no durability against
// a crash of the machine (a killed server still recovers all that it acknowledged).
type Cluster struct {
	bin string // folder of initdb and pg_ctl
	dir string // holds data, log and the socket
	cmd func(name string, args ...string) *exec.Cmd

	alive io.WriteCloser // the watchdog's standard input: kept here, for it would be closed if it became garbage

	mu        sync.Mutex
	databases int // created so far; the next one's name
}

// shared is the cluster of this test process, started at its first use. It is a package variable because the tests of
// one process have nothing else in common.
var shared = sync.OnceValues(start)

// errNoPostgres says that the tool is missing, which is no fault of the code under test.
var errNoPostgres = errors.New("no PostgreSQL server programs in /usr/lib/postgresql/*/bin or PATH")

// Postgres returns the URL of a fresh, empty database on this process's own PostgreSQL server. The test is skipped
// where there is none (see [Skip]). The server stops when the process ends.
func Postgres(t testing.TB) string {
	t.Helper()
	c, err := shared()
	return c.checked(t, err).Database(t)
}

// StartPostgres starts a server of the test's own, which it may stop and start again without harm to other tests.
// It stops at the end of the test.
func StartPostgres(t testing.TB) *Cluster {
	t.Helper()
	c, err := start()
	c = c.checked(t, err)
	t.Cleanup(func() { _ = c.ctl("stop", "-m", "immediate") }) // it may be stopped already; the watchdog follows
	return c
}

func (c *Cluster) checked(t testing.TB, err error) *Cluster {
	t.Helper()
	if errors.Is(err, errNoPostgres) {
		Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Database returns the URL of an empty schema of its own, which is as good as an empty database and a hundred times
// quicker to make: nothing but the search path leads to another.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.databases++
	db, err := sql.Open("pgx", c.url())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := "t" + strconv.Itoa(c.databases)
	if _, err := db.ExecContext(context.Background(), "create schema "+name); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	return c.url() + "&search_path=" + name
}

func (c *Cluster) url() string {
	return "postgres:///postgres?" + url.Values{"host": {c.dir}, "user": {"app"}}.Encode()
}

// Kill stops the server at once, as a crash would: open transactions are lost, acknowledged ones are recovered.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	if err := c.ctl("stop", "-m", "immediate"); err != nil {
		t.Fatal(err)
	}
}

// Start starts a server that [Cluster.Kill] stopped, and waits until it answers.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	if err := c.ctl("start", "-l", filepath.Join(c.dir, "log"), "-o", c.options()); err != nil {
		t.Fatal(err)
	}
}

// options are the server's: reachable through the folder alone, and quick, since its data need not outlive the machine.
func (c *Cluster) options() string {
	return "-k '" + c.dir + "' -c listen_addresses='' -c fsync=off -c max_connections=200 -c autovacuum=off"
}

func (c *Cluster) ctl(action string, args ...string) error {
	args = append([]string{"-D", filepath.Join(c.dir, "data"), "-w", "-s", action}, args...)
	if out, err := c.cmd("pg_ctl", args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		return fmt.Errorf("pg_ctl %s: %w\n%s\n%s", action, err, out, log)
	}
	return nil
}

func start() (*Cluster, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(socketRoot(), "porchlight-pg-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir}
	if err := c.chooseUser(); err != nil {
		return nil, err
	}
	initdb := c.cmd("initdb", "-D", filepath.Join(dir, "data"), "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	if err := c.ctl("start", "-l", filepath.Join(dir, "log"), "-o", c.options()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, c.watch()
}

// chooseUser makes commands run as nobody when we are root, as which PostgreSQL refuses to run.
func (c *Cluster) chooseUser() error {
	var attr *syscall.SysProcAttr
	if os.Getuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			return fmt.Errorf("find an unprivileged user for PostgreSQL: %w", err)
		}
		uid, _ := strconv.Atoi(nobody.Uid) // numeric on every unix
		gid, _ := strconv.Atoi(nobody.Gid)
		if err := os.Chown(c.dir, uid, gid); err != nil {
			return err
		}
		attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	c.cmd = func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(c.bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = c.dir, attr
		return cmd
	}
	return nil
}

// watchdog waits until its standard input ends, which it does when this process ends for whatever reason, then stops
// the server by the process ID in its own file and removes the folder.
const watchdog = `cat >/dev/null
if [ -f "$1/data/postmaster.pid" ]; then
	pid=$(head -n 1 "$1/data/postmaster.pid")
	kill -QUIT "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -rf "$1"`

func (c *Cluster) watch() error {
	cmd := exec.Command("sh", "-c", watchdog, "watchdog", c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C meant for the tests must not end it first
	alive, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.alive = alive
	return cmd.Start()
}

// socketRoot is where the cluster's folder goes: a socket's path must be shorter than 108 bytes, and nobody must be
// able to walk to it.
func socketRoot() string {
	root := besideMemory(os.TempDir())
	if len(root) > 60 {
		return "/tmp"
	}
	if info, err := os.Stat(root); err != nil || info.Mode().Perm()&0o001 == 0 {
		return "/tmp"
	}
	return root
}

// findPostgres returns the folder with the newest server's programs.
func findPostgres() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4]) // nought for a folder that is no number
		return n
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		if bin := string(bytes.TrimSpace(out)); executable(filepath.Join(bin, "initdb")) {
			return bin, nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNoPostgres
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}
