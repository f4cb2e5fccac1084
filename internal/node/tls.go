package node

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"porchlight.example/internal/footage"
)

// TLS says how connections are encrypted: certificate files, or certificates by ACME for some hosts, or not at all, behind
// a proxy on the same machine.
type TLS struct {
	CertFile, KeyFile string
	ACMEHosts         []string
	ACMECache         string // folder for keys and certificates
	ACMEDirectory     string // directory URL; "" for Let's Encrypt
}

// On reports whether connections are encrypted.
func (t TLS) On() bool { return t.CertFile != "" || len(t.ACMEHosts) > 0 }

// apply sets up a server's TLS: version 1.3 alone. Certificate files are read now, so that a wrong one stops the start, and
// again whenever they change. ACME answers its challenges inside TLS (RFC 8737), so that no second port is needed, but the
// public port must be 443.
func (t TLS) apply(srv *http.Server, log *slog.Logger) error {
	switch {
	case (t.CertFile == "") != (t.KeyFile == ""):
		return footage.E(footage.Invalid, "A certificate needs its key: give both --tls-cert and --tls-key.")
	case t.CertFile != "" && len(t.ACMEHosts) > 0:
		return footage.E(footage.Invalid, "Certificates come from files or by ACME, not both: leave out --tls-cert and --tls-key, or --acme-hosts.")
	case t.ACMEDirectory != "" && len(t.ACMEHosts) == 0:
		return footage.E(footage.Invalid, "--acme-directory says where to get certificates, but for no host; give --acme-hosts as well.")
	case len(t.ACMEHosts) > 0:
		return t.byACME(srv)
	case t.CertFile != "":
		files := &certificateFiles{cert: t.CertFile, key: t.KeyFile, log: log, now: time.Now}
		if err := files.load(); err != nil {
			return err
		}
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: files.get}
	}
	return nil
}

func (t TLS) byACME(srv *http.Server) error {
	for _, host := range t.ACMEHosts {
		if !strings.Contains(host, ".") || strings.ContainsAny(host, "/: *") {
			return footage.E(footage.Invalid, fmt.Sprintf("%q is no host name for a certificate; write names such as exchange.example.", host))
		}
	}
	m := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(t.ACMEHosts...), Cache: autocert.DirCache(t.ACMECache)}
	if t.ACMEDirectory != "" {
		m.Client = &acme.Client{DirectoryURL: t.ACMEDirectory}
	}
	srv.TLSConfig = m.TLSConfig()
	srv.TLSConfig.MinVersion = tls.VersionTLS13
	return nil
}

// certificateLook is how often certificate files are looked at for a change: renewing programs replace them.
const certificateLook = time.Minute

// certificateFiles gives a server the certificate in two files, and the new one after they were replaced.
type certificateFiles struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex // guards the fields below
	loaded *tls.Certificate
	looked time.Time    // when the files were looked at
	stamps [2]time.Time // when they were changed, as of then
}

// get returns the certificate. A changed pair that cannot be used is reported and the old one kept.
func (c *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= certificateLook {
		c.looked = now
		if stamps := changed(c.cert, c.key); stamps != c.stamps {
			if err := c.loadLocked(); err != nil {
				c.log.Error("the renewed certificate cannot be used; the old one stays", "error", err.Error())
			}
		}
	}
	return c.loaded, nil
}

func (c *certificateFiles) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loadLocked()
}

func (c *certificateFiles) loadLocked() error {
	c.looked, c.stamps = c.now(), changed(c.cert, c.key)
	if err := privateFile(c.key, 0o007); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return footage.E(footage.NotFound, "The certificate or its key is not there: "+c.cert+", "+c.key+". Check --tls-cert and --tls-key.")
	case err != nil:
		return fmt.Errorf("%w (%w)", footage.E(footage.Invalid, "The certificate in "+c.cert+" and the key in "+c.key+" cannot be used together; both must be PEM files of one pair."), err)
	}
	c.loaded = &pair
	return nil
}

// changed returns when each file was changed last; the zero time when that cannot be told.
func changed(files ...string) (stamps [2]time.Time) {
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			stamps[i] = info.ModTime()
		}
	}
	return stamps
}

// privateFile refuses a secret file whose mode gives any of the forbidden rights. One that does not exist is for its
// reader to report.
func privateFile(path string, forbidden os.FileMode) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&forbidden == 0 {
		return nil
	}
	return footage.Coded(footage.Invalid, "unsafe_key_file", fmt.Sprintf("Others can read or change the key file %s (mode %o). Run 'chmod 600' on it.", path, info.Mode().Perm()))
}
