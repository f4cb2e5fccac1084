// Package mail sends short plain letters to staff: over SMTP, or into a folder, where demonstrations and tests look.
package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"mime"
	"net"
	netmail "net/mail"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// Letter is one message.
type Letter struct {
	ID      string // the same for each try, so that a server or a person can tell a second copy
	To      string
	Subject string
	Body    string // lines end with \n
}

// Post takes letters. When Deliver returns nil, the letter is somebody else's: the next server's, or on the disk. After an
// error it may have arrived all the same, and is sent again. It is safe for concurrent use, and gives up when the context ends.
type Post interface {
	Deliver(ctx context.Context, l Letter) error
}

// Address checks an e-mail address as a person has typed it.
func Address(s string) (string, error) {
	a, err := netmail.ParseAddress(strings.TrimSpace(s))
	if err != nil || a.Name != "" || len(a.Address) > 254 || strings.ContainsAny(a.Address, "\r\n") {
		return "", footage.Coded(footage.Invalid, "mail_address", "This is not an e-mail address. It is written like name@agency.example.")
	}
	return a.Address, nil
}

// SMTP hands letters to a mail server. Between machines the connection is always encrypted: a server that does not offer
// STARTTLS, or whose certificate does not hold, gets nothing.
type SMTP struct {
	Server   string // host:port
	From     string
	User     string // with Password, where the server wants it
	Password string
	TLS      *tls.Config   // nil: the system's roots
	Patience time.Duration // for one letter; 30 s when zero
	Now      func() time.Time
}

// Deliver sends one letter.
func (s SMTP) Deliver(ctx context.Context, l Letter) error {
	patience := s.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	host, _, err := net.SplitHostPort(s.Server)
	if err != nil {
		return footage.E(footage.Invalid, "The mail server is written host:port.")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return fmt.Errorf("%w: reach the mail server: %w", footage.Unavailable, err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return err
		}
	}
	if err := s.converse(conn, host, l); err != nil {
		return fmt.Errorf("%w: hand a letter to the mail server: %w", footage.Unavailable, err)
	}
	return nil
}

func (s SMTP) converse(conn net.Conn, host string, l Letter) error {
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := s.secure(c, conn, host); err != nil {
		return err
	}
	if s.User != "" {
		if err := c.Auth(smtp.PlainAuth("", s.User, s.Password, host)); err != nil {
			return err
		}
	}
	if err := c.Mail(s.From); err != nil {
		return err
	}
	if err := c.Rcpt(l.To); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(s.message(l)); err != nil {
		return err
	}
	if err := w.Close(); err != nil { // the server's word that it has the letter
		return err
	}
	_ = c.Quit()
	return nil
}

// secure encrypts the connection. On this machine's own addresses a server may do without.
func (s SMTP) secure(c *smtp.Client, conn net.Conn, host string) error {
	if ok, _ := c.Extension("STARTTLS"); ok {
		config := &tls.Config{}
		if s.TLS != nil {
			config = s.TLS.Clone()
		}
		config.ServerName, config.MinVersion = host, tls.VersionTLS12
		return c.StartTLS(config)
	}
	if to, ok := conn.RemoteAddr().(*net.TCPAddr); ok && to.IP.IsLoopback() {
		return nil
	}
	return footage.Coded(footage.Untrusted, "mail_unencrypted", "The mail server does not offer STARTTLS. Letters are sent over encrypted connections only.")
}

// message writes a letter as RFC 5322 wants it, in lines that bear no name of this machine.
func (s SMTP) message(l Letter) []byte {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	_, domain, _ := strings.Cut(s.From, "@")
	head := []string{"From: " + s.From, "To: " + l.To, "Subject: " + mime.QEncoding.Encode("utf-8", l.Subject), "Date: " + now().UTC().Format(time.RFC1123Z),
		"Message-ID: <" + l.ID + "@" + domain + ">", "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", ""}
	return []byte(strings.Join(head, "\r\n") + strings.ReplaceAll(l.Body, "\n", "\r\n"))
}

// Folder writes each letter into a file, named after its ID.
type Folder struct{ Dir string }

// Deliver writes one letter.
func (f Folder) Deliver(_ context.Context, l Letter) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("make the letters' folder: %w", err)
	}
	text := SMTP{From: "exchange@localhost"}.message(l)
	if err := os.WriteFile(filepath.Join(f.Dir, l.ID+".eml"), text, 0o600); err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	return nil
}
