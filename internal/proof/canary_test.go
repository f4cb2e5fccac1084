package proof_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"porchlight.example/internal/api"
	"porchlight.example/seal"
)

// canaries are texts that are planted where people's own data goes, and that must not come to lie on the disk.
type canaries struct {
	since time.Time // files that are older cannot hold any

	mu   sync.Mutex
	text map[string]string // by what they stand for
}

// callerAddress is where the planted residents call from: an address of the loopback network that nothing else uses.
const callerAddress = "127.77.88.99"

func plant() *canaries {
	secret := seal.NewSecret(crand.Reader)
	words := secret.Words("en")
	return &canaries{since: time.Now().Add(-time.Minute), text: map[string]string{
		"network address": callerAddress,
		"street":          "4711 Quetzal Grove Lane",
		"person":          "Philomena Xanthopoulos",
		"clip name":       "IMG_7731_quetzal_porch.mp4",
		"position":        "41.98765432,-87.12345678",
		"receipt words":   strings.Join(words[2:5], " "),
		"all words":       strings.Join(words, " "),
		"credential":      secret.Credential(),
		"custodian key":   "AGE-SECRET-KEY-PQ-1QUETZALQUETZALQUETZALQUETZALQUETZALQUETZALQUETZAL",
		"case number":     "QZ-2026-0047114",
	}}
}

// add plants what an exchange gives out and must not keep, such as a ticket.
func (c *canaries) add(what, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(text) < 8 {
		panic("a canary of " + text + " would be found anywhere")
	}
	c.text[what] = text
}

func (c *canaries) of(what string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text[what]
}

// all joins them, for places that take any text.
func (c *canaries) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Values(c.text)), " | ")
}

// forms returns the ways in which a text may lie somewhere.
func forms(text string) map[string][]byte {
	wide := make([]byte, 0, 2*len(text))
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	out := map[string][]byte{
		"as it is": []byte(text), "in hexadecimal": []byte(hex.EncodeToString([]byte(text))), "in UTF-16": wide,
		"escaped in a query": []byte(url.QueryEscape(text)), "escaped in a path": []byte(url.PathEscape(text)),
		"with hyphens": []byte(strings.ReplaceAll(text, " ", "-")), "in lower case": []byte(strings.ToLower(text)),
	}
	for shift := range 3 { // a text in base64 looks different at each of three places
		for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			coded := enc.EncodeToString(append(make([]byte, shift), text...))
			from, to := []int{0, 2, 3}[shift], len(coded)-2 // without what neighbours change
			out[fmt.Sprintf("in %s at place %d", name, shift)] = []byte(coded[from:to])
		}
	}
	for name, form := range out {
		if name != "as it is" && string(form) == text {
			delete(out, name)
		}
	}
	return out
}

// search returns where below the folders a canary lies, in any form.
func (c *canaries) search(t *testing.T, folders ...string) (hits []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	files := 0
	for _, folder := range folders {
		must(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if info, err := d.Info(); err != nil || info.ModTime().Before(c.since) {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			for what, text := range c.text {
				for how, form := range forms(text) {
					if bytes.Contains(raw, form) || strings.Contains(path, string(form)) {
						hits = append(hits, fmt.Sprintf("%s %s: %s", what, how, path))
					}
				}
			}
			return nil
		}))
	}
	if files == 0 {
		t.Fatal("there was nothing to search")
	}
	slices.Sort(hits)
	return hits
}

// columnsWith returns the columns of the database in which a canary lies.
func (c *canaries) columnsWith(t *testing.T, db *sql.DB, columns []string) (hits []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range columns {
		table, column, _ := strings.Cut(name, ".")
		rows, err := db.QueryContext(t.Context(), "SELECT "+column+" FROM "+table)
		must(t, err)
		for rows.Next() {
			var value sql.RawBytes
			must(t, rows.Scan(&value))
			for what, text := range c.text {
				for how, form := range forms(text) {
					if bytes.Contains(value, form) {
						hits = append(hits, fmt.Sprintf("%s %s: %s", what, how, name))
					}
				}
			}
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	slices.Sort(hits)
	return slices.Compact(hits)
}

// caller is a client that calls from the planted address and says all that clients say of themselves, and more.
func (c *canaries) caller(base string) *api.Client {
	client := api.New(base)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(callerAddress)}}
	transport := client.HTTP.Transport.(*http.Transport)
	transport.DialContext = dialer.DialContext
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	client.HTTP = &http.Client{Transport: talkative{transport, c}, Timeout: 20 * time.Second}
	return client
}

// talkative adds headers that tell on whoever calls.
type talkative struct {
	http.RoundTripper
	c *canaries
}

func (t talkative) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", "Porch/1.0 ("+t.c.of("person")+")")
	r.Header.Set("Referer", "https://maps.example/?q="+url.QueryEscape(t.c.of("street")))
	r.Header.Set("Cookie", "words="+url.QueryEscape(t.c.of("all words")))
	r.Header.Set("X-Forwarded-For", callerAddress)
	r.Header.Set("Forwarded", "for="+callerAddress)
	r.Header.Set("X-Position", t.c.of("position"))
	return t.RoundTripper.RoundTrip(r)
}

// certificate writes a self-signed certificate and its key and returns their files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exchange.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"exchange.example"}}
	der, err := x509.CreateCertificate(crand.Reader, template, template, private.Public(), private)
	must(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	return cert, key
}
