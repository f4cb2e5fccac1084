package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writePair writes a self-signed certificate with a serial number, and its key, as of a time.
func writePair(t *testing.T, c *certificateFiles, serial int64, at time.Time) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{c.cert: {Type: "CERTIFICATE", Bytes: der}, c.key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCertificateIsRenewedWithoutRestart(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	c := &certificateFiles{cert: filepath.Join(dir, "cert"), key: filepath.Join(dir, "key"), log: slog.New(slog.DiscardHandler), now: func() time.Time { return now }}
	serial := func() int64 {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	writePair(t, c, 1, now)
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	writePair(t, c, 2, now.Add(time.Second))
	if got := serial(); got != 1 {
		t.Errorf("the files were looked at within a minute: serial %d", got)
	}
	now = now.Add(certificateLook)
	if got := serial(); got != 2 {
		t.Errorf("after a minute the certificate has serial %d", got)
	}
	if err := os.WriteFile(c.cert, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certificateLook)
	if got := serial(); got != 2 {
		t.Errorf("a broken certificate took the place of a good one: serial %d", got)
	}
	writePair(t, c, 3, now.Add(2*time.Second))
	now = now.Add(certificateLook)
	if got := serial(); got != 3 {
		t.Errorf("after the repair the certificate has serial %d", got)
	}
}
