package testenv

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Server is one throw-away S3 server (versitygw over a temporary folder), with one empty bucket.
type S3Server struct {
	Endpoint  string // such as "http://127.0.0.1:40123"
	AccessKey string
	SecretKey string
	Bucket    string
	Folder    string // where it keeps its objects

	cmd   *exec.Cmd
	alive io.WriteCloser // the watchdog's standard input: kept here, for it would be closed if it became garbage
	stop  func()
}

// URL returns the bucket's address as the exchange takes it, with a prefix for the keys, which may be empty.
func (s *S3Server) URL(prefix string) string {
	return "s3://" + s.Bucket + "/" + prefix + "?" + url.Values{"endpoint": {s.Endpoint}}.Encode()
}

// Stop ends the server, as if it were down. It is ended at the end of the test anyway.
func (s *S3Server) Stop() { s.stop() }

// S3 starts an S3 server for the test. The test is skipped where there is none (see [Skip]).
func S3(t testing.TB) *S3Server {
	t.Helper()
	bin, err := findVersitygw()
	if err != nil {
		Skip(t, err.Error())
	}
	s := &S3Server{AccessKey: "porchlight", SecretKey: "porchlight-test", Bucket: "clips", Folder: t.TempDir()}
	if err := s.start(bin, s.Folder); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	client, err := minio.New(s.Endpoint[len("http://"):], &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: "us-east-1"})
	if err == nil {
		err = client.MakeBucket(context.Background(), s.Bucket, minio.MakeBucketOptions{})
	}
	if err != nil {
		t.Fatalf("make a bucket: %v", err)
	}
	return s
}

// s3Watchdog runs the server and ends it by its process ID when standard input ends, as it does when this process ends
// for whatever reason.
const s3Watchdog = `"$@" </dev/null & pid=$!
cat >/dev/null
kill -KILL "$pid" 2>/dev/null
wait "$pid"`

// start runs the server on a free port. Another process may take the port in between; then the next one is tried.
func (s *S3Server) start(bin, dir string) error {
	var err error
	for range 5 {
		if err = s.startOnce(bin, dir); err == nil {
			return nil
		}
	}
	return err
}

func (s *S3Server) startOnce(bin, dir string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	s.Endpoint = "http://" + address
	s.cmd = exec.Command("sh", "-c", s3Watchdog, "watchdog", bin, "--access", s.AccessKey, "--secret", s.SecretKey,
		"--port", address, "--quiet", "posix", dir)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C meant for the tests must not end it first
	if s.alive, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.stop = sync.OnceFunc(func() {
		s.alive.Close()
		_ = s.cmd.Wait() // it was killed, and says so
	})
	if err := waitFor(address); err != nil {
		s.stop()
		return err
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// waitFor returns when something listens at the address.
func waitFor(address string) error {
	deadline := time.After(10 * time.Second)
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-deadline:
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func findVersitygw() (string, error) { return FindTool("versitygw") }
