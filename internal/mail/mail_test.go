package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/mail"
	"porchlight.example/internal/testenv"
)

var letter = mail.Letter{ID: "e-0", To: "noor@exchange.example", Subject: "Work waits / hay más trabajo", Body: "Work waits.\n.\nHay más.\n"}

// TestRealServer hands a letter to a real mail server, without and with STARTTLS; a certificate that nobody vouches for gets
// nothing.
func TestRealServer(t *testing.T) {
	plain := testenv.SMTP(t, "", "", "")
	if err := (mail.SMTP{Server: plain.Address, From: "exchange@exchange.example"}).Deliver(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	cert, key, roots := certificate(t)
	secure := testenv.SMTP(t, "", cert, key)
	for name, test := range map[string]struct {
		roots *x509.CertPool
		kind  footage.Kind
	}{"trusted": {roots, ""}, "untrusted": {x509.NewCertPool(), footage.Unavailable}} {
		err := (mail.SMTP{Server: secure.Address, From: "exchange@exchange.example", TLS: &tls.Config{RootCAs: test.roots}}).Deliver(t.Context(), letter)
		if footage.KindOf(err) != test.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]*testenv.SMTPServer{"plain": plain, "secure": secure} {
		got := s.Letters(t)
		if len(got) != 1 || !strings.Contains(got[0], "To: noor@exchange.example") || !strings.Contains(got[0], "Message-ID: <e-0@exchange.example>") ||
			!strings.Contains(strings.ReplaceAll(got[0], "\r", ""), "Work waits.\n.\nHay más.") {
			t.Errorf("%s holds %q", name, got)
		}
	}
}

// TestServerThatFails: one that is down, one that hangs, and what is not loopback and offers no encryption.
func TestServerThatFails(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	address := silent.Addr().String()
	begun := time.Now()
	err = (mail.SMTP{Server: address, From: "a@b.example", Patience: 200 * time.Millisecond}).Deliver(t.Context(), letter)
	if !errors.Is(err, footage.Unavailable) || time.Since(begun) > 5*time.Second {
		t.Errorf("a server that hangs: %v after %s", err, time.Since(begun))
	}
	silent.Close()
	if err := (mail.SMTP{Server: address, From: "a@b.example"}).Deliver(t.Context(), letter); !errors.Is(err, footage.Unavailable) {
		t.Errorf("a server that is down: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (mail.SMTP{Server: address, From: "a@b.example"}).Deliver(ctx, letter); err == nil {
		t.Error("delivered after the end")
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{" noor@exchange.example ": "noor@exchange.example", "Noor <noor@exchange.example>": "", "noor": "", "": "",
		"a@b.example\r\nBcc: c@d.example": "", "a@b, c@d": ""} {
		if got, err := mail.Address(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "letters")
	for range 2 { // a second try leaves one letter
		if err := (mail.Folder{Dir: dir}).Deliver(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "e-0.eml" {
		t.Errorf("%v, %v", files, err)
	}
}

// certificate makes a certificate for the loopback address.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, roots
}
