package main

import (
	"flag"
	"net"
	"os"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/mail"
)

// mailFlags adds the flags of how staff are told that work waits, and returns what reads them once they are parsed.
func mailFlags(fs *flag.FlagSet) func() (mail.Post, error) {
	var s mail.SMTP
	fs.StringVar(&s.Server, "mail-server", "", "`host:port` of the mail server that takes letters to staff; without it, and without --mail-folder, there are none")
	fs.StringVar(&s.From, "mail-from", "", "the `address` that letters come from")
	fs.StringVar(&s.User, "mail-user", "", "`name` at the mail server, if it wants one")
	password := fs.String("mail-password-file", "", "`file` with the password at the mail server")
	folder := fs.String("mail-folder", "", "`folder` into which letters are written in place of sending them, for demonstrations")
	return func() (mail.Post, error) {
		switch {
		case *folder != "" && s.Server != "":
			return nil, usagef("--mail-server and --mail-folder exclude each other")
		case *folder != "":
			return mail.Folder{Dir: *folder}, nil
		case s.Server == "":
			return nil, nil
		}
		if _, _, err := net.SplitHostPort(s.Server); err != nil {
			return nil, usagef("--mail-server is written host:port")
		}
		var err error
		if s.From, err = mail.Address(s.From); err != nil {
			return nil, usagef("--mail-from must be an e-mail address")
		}
		if *password != "" {
			raw, err := os.ReadFile(*password)
			if err != nil {
				return nil, footage.E(footage.NotFound, "The password file "+*password+" cannot be read.")
			}
			s.Password = strings.TrimRight(string(raw), "\r\n")
		}
		return s, nil
	}
}
