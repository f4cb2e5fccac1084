package node

import (
	"crypto/tls"
	"net/http"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"porchlight.example/internal/footage"
)

// apply sets up a server's TLS: version 1.3 alone.
func (t TLS) apply(srv *http.Server) error {
	if (t.CertFile == "") != (t.KeyFile == "") {
		return footage.E(footage.Invalid, "A certificate needs its key: give both --tls-cert and --tls-key.")
	}
	switch {
	case len(t.ACMEHosts) > 0:
		m := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(t.ACMEHosts...), Cache: autocert.DirCache(t.ACMECache)}
		if t.ACMEDirectory != "" {
			m.Client = &acme.Client{DirectoryURL: t.ACMEDirectory}
		}
		srv.TLSConfig = m.TLSConfig()
		srv.TLSConfig.MinVersion = tls.VersionTLS13
	case t.CertFile != "":
		srv.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13}
	}
	return nil
}
