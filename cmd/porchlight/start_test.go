package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStartToReady measures how long the true binary takes from its start to its first answer that it is ready, on a
// data folder that exists, and on an empty one with 'office init' before it (goals.md, P9).
func BenchmarkStartToReady(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "porchlight")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	made := func(b *testing.B) string {
		data := filepath.Join(b.TempDir(), "data")
		out, err := exec.Command(bin, "office", "init", "--data", data, "--name", "Town", "--base", "http://localhost:1", "--fictional").CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return data
	}
	b.Run("existing", func(b *testing.B) {
		data := made(b)
		startAndStop(b, bin, data) // the first start writes what the others find
		for b.Loop() {
			startAndStop(b, bin, data)
		}
	})
	b.Run("empty", func(b *testing.B) {
		for b.Loop() {
			startAndStop(b, bin, made(b))
		}
	})
}

// startAndStop starts the binary, waits until it is ready, and kills it with the clock stopped.
func startAndStop(b *testing.B, bin, data string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(bin, "serve", "--data", data, "--listen", address)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	err = untilReady("http://" + address + "/readyz")
	b.StopTimer()
	_ = cmd.Process.Signal(os.Interrupt)
	if wait := cmd.Wait(); err != nil || wait != nil {
		b.Fatal(err, wait)
	}
	b.StartTimer()
}

func untilReady(url string) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		res, err := http.Get(url)
		if err != nil {
			continue // not listening yet
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s did not say that it is ready", url)
}
