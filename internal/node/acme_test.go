package node_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"porchlight.example/internal/node"
)

// authority is as much of an ACME server (RFC 8555) as one order needs. It validates by tls-alpn-01 (RFC 8737) like a real
// one, at the address that it is told, but believes every signature of its client.
type authority struct {
	t    *testing.T
	http *httptest.Server
	key  *ecdsa.PrivateKey
	cert *x509.Certificate

	mu     sync.Mutex // guards the fields below
	target string     // where the host is reached
	valid  bool       // the challenge was met
	issued []byte     // PEM
	orders int
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(t, err)
	cert, err := x509.ParseCertificate(der)
	check(t, err)
	a := &authority{t: t, key: key, cert: cert}
	a.http = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.http.Close)
	return a
}

func (a *authority) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", fmt.Sprint(time.Now().UnixNano()))
	url := func(path string) string { return a.http.URL + path }
	reply := func(status int, location string, v any) {
		w.Header().Set("Content-Type", "application/json")
		if location != "" {
			w.Header().Set("Location", url(location))
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // the client complains of what it lacks
	}
	status := map[bool]string{true: "valid", false: "pending"}[a.valid]
	challenge := map[string]any{"type": "tls-alpn-01", "url": url("/challenge"), "token": "a-token", "status": status}
	order := map[string]any{"status": map[bool]string{true: "ready", false: "pending"}[a.valid], "identifiers": []map[string]string{{"type": "dns", "value": "town.example"}},
		"authorizations": []string{url("/authorization")}, "finalize": url("/finalize")}
	if a.issued != nil {
		order["status"], order["certificate"] = "valid", url("/certificate")
	}
	switch r.URL.Path {
	case "/directory":
		reply(http.StatusOK, "", map[string]string{"newNonce": url("/nonce"), "newAccount": url("/account"), "newOrder": url("/order")})
	case "/account":
		reply(http.StatusCreated, "/account/1", map[string]string{"status": "valid"})
	case "/order":
		a.orders++
		reply(http.StatusCreated, "/order/1", order)
	case "/order/1":
		reply(http.StatusOK, "/order/1", order)
	case "/authorization":
		reply(http.StatusOK, "", map[string]any{"status": status, "identifier": map[string]string{"type": "dns", "value": "town.example"}, "challenges": []any{challenge}})
	case "/challenge":
		a.valid = a.validate()
		reply(http.StatusOK, "", challenge)
	case "/finalize":
		a.issued = a.issue(r)
		order["status"], order["certificate"] = "valid", url("/certificate")
		reply(http.StatusOK, "/order/1", order)
	case "/certificate":
		_, _ = w.Write(a.issued)
	}
}

// validate connects as RFC 8737 says and looks for the proof in the certificate that is shown.
func (a *authority) validate() bool {
	conn, err := tls.Dial("tcp", a.target, &tls.Config{ServerName: "town.example", NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true})
	if err != nil {
		a.t.Errorf("validate: %v", err)
		return false
	}
	defer conn.Close()
	shown := conn.ConnectionState()
	for _, e := range shown.PeerCertificates[0].Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" && e.Critical {
			return shown.NegotiatedProtocol == acme.ALPNProto && shown.PeerCertificates[0].VerifyHostname("town.example") == nil
		}
	}
	a.t.Error("validate: the certificate that was shown holds no proof")
	return false
}

// issue signs the certificate that the client asks for.
func (a *authority) issue(r *http.Request) []byte {
	var jws struct{ Payload string }
	var ask struct{ CSR string }
	check(a.t, json.NewDecoder(r.Body).Decode(&jws))
	payload, err := base64.RawURLEncoding.DecodeString(jws.Payload)
	check(a.t, err)
	check(a.t, json.Unmarshal(payload, &ask))
	raw, err := base64.RawURLEncoding.DecodeString(ask.CSR)
	check(a.t, err)
	csr, err := x509.ParseCertificateRequest(raw)
	check(a.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, csr.PublicKey, a.key)
	check(a.t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// A certificate is got by ACME at the first call, kept on the disk for this user alone, and used again after a restart.
func TestServeTLSByACME(t *testing.T) {
	a := newAuthority(t)
	opts := created(t, true)
	how := node.TLS{ACMEHosts: []string{"town.example"}, ACMEDirectory: a.http.URL + "/directory", ACMECache: filepath.Join(opts.Data, "acme")}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	for round := range 2 {
		n := open(t, opts)
		address, stop := run(t, n, how)
		a.mu.Lock()
		a.target = address
		a.mu.Unlock()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "town.example"}}}
		res, err := client.Get("https://" + address + "/healthz")
		check(t, err)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || res.TLS.Version != tls.VersionTLS13 {
			t.Errorf("round %d: status %d, TLS %x", round, res.StatusCode, res.TLS.Version)
		}
		if conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.example", InsecureSkipVerify: true}); err == nil {
			conn.Close()
			t.Error("a host that is not on the list is served")
		}
		client.CloseIdleConnections()
		check(t, stop())
		check(t, n.Close())
	}
	if a.orders != 1 {
		t.Errorf("%d certificates were ordered, want one for both rounds", a.orders)
	}
	files, err := os.ReadDir(how.ACMECache)
	check(t, err)
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s", f.Name())
		}
	}
	if len(files) < 2 {
		t.Errorf("%d files are kept, want account key and certificate", len(files))
	}
}
