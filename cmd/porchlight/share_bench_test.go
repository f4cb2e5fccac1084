package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/node/nodetest"
)

// BenchmarkShare sends one clip of 1 GiB from one process to another over loopback, whole: request, proof of work, sealing,
// hashing, upload, durable acknowledgement, receipt (goal P1). It reports both sides' greatest memory.
func BenchmarkShare(b *testing.B) {
	w := nodetest.Start(b, nil)
	id := w.Publish(w.Draft(0))
	film := sparseFilm(b, w.Draft(0).Document.Window.From.Add(time.Minute), 1<<30)
	w.Server.Close()
	if err := w.Node.Close(); err != nil {
		b.Fatal(err)
	}
	address, stop := serveProcess(b, w.Opts.Data)
	b.SetBytes(1 << 30)
	var client, cpu float64
	for b.Loop() {
		cmd := exec.Command("porchlight", "share", "--yes", "--config", b.TempDir(), "http://"+address+"/requests/"+string(id), film)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		peak := watchMemory(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			b.Fatalf("%v: %s", err, &out)
		}
		client = max(client, <-peak)
		cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	}
	b.ReportMetric(client, "sender-MiB")
	b.ReportMetric(cpu/float64(b.N), "sender-CPU-s")
	b.ReportMetric(stop(), "exchange-MiB")
}

// watchMemory gives the greatest resident memory of a process in MiB once it has ended, as /proc showed it last. What wait4
// tells is no use: it begins with the memory of the process that started it.
func watchMemory(pid int) <-chan float64 {
	done := make(chan float64, 1)
	go func() {
		peak := 0.0
		for {
			raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, after, found := strings.Cut(string(raw), "VmHWM:")
			if err != nil || !found {
				done <- peak
				return
			}
			var kib float64
			if _, err := fmt.Sscan(after, &kib); err == nil {
				peak = max(peak, kib/1024)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return done
}

// sparseFilm makes a film with a gap of so many bytes, which takes no room on the disk.
func sparseFilm(b *testing.B, at time.Time, size int64) string {
	b.Helper()
	raw := sample.Film{Seed: 1, Duration: time.Second, Start: at}.Bytes()
	head := append(binary.BigEndian.AppendUint32(raw, 1), "mdat"...)
	head = binary.BigEndian.AppendUint64(head, uint64(size-int64(len(raw))))
	path := filepath.Join(b.TempDir(), "film.mp4")
	if err := os.WriteFile(path, head, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		b.Fatal(err)
	}
	return path
}

// serveProcess serves a data folder by a process of its own. stop ends it and returns its greatest memory.
func serveProcess(b *testing.B, data string) (address string, stop func() float64) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	cmd := exec.Command("porchlight", "serve", "--data", data, "--listen", address, "--release-at-once")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill() })
	peak := watchMemory(cmd.Process.Pid)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		} else if time.Now().After(deadline) {
			b.Fatal(fmt.Errorf("the exchange does not start: %w", err))
		}
	}
	return address, func() float64 {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // it was told to
		return <-peak
	}
}
