package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/trust"
)

func deskCommand() command {
	return command{name: "desk", summary: "the agency's own side: requests, keys, clips and evidence packages",
		help: `The acts of an agency's people, on their own machine. The keys that open footage lie in the desk's folder (--desk,
by default "desk" in the configuration folder) and nowhere on the exchange. Commands on requests and shares take the
beginning of an ID where it is clear. What is signed is shown before, and asked about unless --yes is given.`,
		sub: append([]command{
			{name: "enrol", summary: "make this desk from an invitation", run: runDeskEnrol,
				help: `Asks for the invitation's token (or reads it with --invitation FILE), makes a software passkey, enrols it and signs in.
Only a fictional exchange accepts a software passkey: for demonstrations and tests. On a real exchange people enrol in a
browser, with a hardware passkey.`},
			{name: "login", summary: "sign in", run: runDeskLogin, help: `Signs in with this desk's software passkey, on a fictional exchange. With --browser it shows a code of eight letters, which
you type on the exchange's own page and confirm with your passkey there: the way in on a real exchange. In a folder that is no
desk yet, name the exchange with --exchange. The sign-in is kept in the desk's folder, readable by you alone.`},
			{name: "logout", summary: "sign out", run: runDeskLogout, help: "Ends the sign-in here and on the exchange."},
			{name: "whoami", summary: "say who is signed in", run: runDeskWhoami, help: "Says who is signed in, in which roles, and whether the exchange's key is pinned."},
			{name: "mail", args: "[ADDRESS]", summary: "say where to be told that work waits", run: runDeskMail,
				help: "Letters go out at fixed times and say nothing of what waits or how much; moderators are told at once of an urgent request. Without an address it shows the one that is kept; --off ends the letters."},
			requestCommand(),
			followUpCommand(),
			deskServeCommand(),
			keyCommand(),
			moderateCommand(),
			deskPolicyCommand(),
			withholdCommand(),
			demandCommand(),
			noticeCommand(),
		}, shareCommands()...)}
}

// deskFlags are the flags of every desk command.
type deskFlags struct {
	config          *string
	dir, passphrase string
	json            bool
}

// deskFlagSet returns a command's flag set with the flags that all have.
func deskFlagSet(name string) (*flag.FlagSet, *deskFlags) {
	fs, f := flags("porchlight desk "+name), &deskFlags{}
	fs.StringVar(&f.dir, "desk", "", "the desk's `folder`; empty for \"desk\" in the configuration folder")
	f.config = configFlag(fs)
	fs.StringVar(&f.passphrase, "passphrase-file", "", "`file` with the passphrase of the device's key, or - for standard input")
	fs.BoolVar(&f.json, "json", false, "print JSON")
	return fs, f
}

// options returns how the desk is opened.
func (f *deskFlags) options(e env) (desk.Options, error) {
	config, err := configFolder(*f.config)
	if err != nil {
		return desk.Options{}, err
	}
	pins, err := trust.Open(config)
	if err != nil {
		return desk.Options{}, err
	}
	opts := desk.Options{Dir: f.dir, Pins: pins}
	opts.Software, _ = software()
	if opts.Dir == "" {
		opts.Dir = filepath.Join(config, "desk")
	}
	if f.passphrase != "" {
		opts.Passphrase = func() (string, error) { return e.secretFrom(f.passphrase, "Passphrase: ") }
	}
	return opts, nil
}

// open opens the desk.
func (f *deskFlags) open(e env) (*desk.Desk, error) {
	opts, err := f.options(e)
	if err != nil {
		return nil, err
	}
	return desk.Open(opts)
}

// print prints a result as JSON, or in words.
func (f *deskFlags) print(e env, v any, words func(w io.Writer)) error {
	if f.json {
		return printJSON(e.stdout, v)
	}
	words(e.stdout)
	return nil
}

// openDesk parses a command's flags and arguments and opens the desk.
func openDesk(e env, fs *flag.FlagSet, f *deskFlags, args []string, low, high int) (*desk.Desk, []string, error) {
	rest, err := parse(e, fs, args, low, high)
	if err != nil {
		return nil, nil, err
	}
	d, err := f.open(e)
	return d, rest, err
}

// agree asks before something is signed; yes answers for scripts. No is an error, so that nothing is taken for done.
func (e env) agree(yes bool, question string) error {
	if yes {
		return nil
	}
	ok, err := e.confirm(question)
	if err == nil && !ok {
		err = footage.E(footage.Refused, "You said no. Nothing was done.")
	}
	return err
}

func runDeskEnrol(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("enrol")
	exchange := fs.String("exchange", "", "the exchange's `address`, such as https://exchange.example")
	invitation := fs.String("invitation", "", "`file` with the invitation's token, or - for standard input; empty: asks")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *exchange == "" {
		return usagef("--exchange is needed: the exchange's address")
	}
	base, err := baseOf(*exchange)
	if err != nil {
		return err
	}
	opts, err := f.options(e)
	if err != nil {
		return err
	}
	token, err := e.secretFrom(*invitation, "Invitation: ")
	if err != nil {
		return err
	}
	d, err := desk.Enrol(ctx, opts, base, token)
	if err != nil {
		return err
	}
	return f.person(e, d, d.Person())
}

func runDeskLogin(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("login")
	browser := fs.Bool("browser", false, "sign in from a browser, with the passkey of a device")
	exchange := fs.String("exchange", "", "with --browser, the exchange's `address`, in a folder that is no desk yet")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *browser {
		return f.loginBrowser(ctx, e, *exchange)
	}
	d, err := f.open(e)
	if err != nil {
		return err
	}
	p, err := d.Login(ctx)
	if err != nil {
		return err
	}
	return f.person(e, d, p)
}

func (f *deskFlags) loginBrowser(ctx context.Context, e env, exchange string) error {
	opts, err := f.options(e)
	if err != nil {
		return err
	}
	if exchange != "" {
		if exchange, err = baseOf(exchange); err != nil {
			return err
		}
	}
	d, err := desk.LoginBrowser(ctx, opts, exchange, func(code, page string) error {
		_, err := fmt.Fprintf(e.stderr, "Open %s in your browser and type this code:\n  %s\nIt is good for ten minutes.\n", plainLine(page), plainLine(code))
		return err
	})
	if err != nil {
		return err
	}
	return f.person(e, d, d.Person())
}

func runDeskLogout(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("logout")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	if err := d.Logout(ctx); err != nil {
		return err
	}
	return f.print(e, map[string]bool{"signed_in": false}, func(w io.Writer) { fmt.Fprintln(w, "Signed out.") })
}

func runDeskWhoami(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("whoami")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	p, err := d.Whoami(ctx)
	if err != nil {
		return err
	}
	return f.person(e, d, p)
}

// person prints who is signed in where.
func (f *deskFlags) person(e env, d *desk.Desk, p footage.Person) error {
	if !d.Pinned() {
		fmt.Fprintln(e.stderr, "porchlight: note: no key is pinned for this exchange, so nothing shows yet that it is the right one. Pin the key that its oversight body publishes: porchlight trust "+d.Exchange()+" KEY")
	}
	out := struct {
		footage.Person
		Exchange string `json:"exchange"`
		Pinned   bool   `json:"pinned"`
	}{p, d.Exchange(), d.Pinned()}
	return f.print(e, out, func(w io.Writer) {
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, string(r))
		}
		fmt.Fprintf(w, "%s (%s), %s of %s on %s\n", plainLine(p.Name), p.ID, strings.Join(roles, ", "), p.Agency, d.Exchange())
	})
}

// indented returns foreign text of several lines, set in line by line, so that none can pass for a line of ours.
func indented(s string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(plain(s), "\n") {
		out.WriteString("  " + line + "\n")
	}
	return out.String()
}

// count writes a number of things: "1 clip", "2 clips".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// when writes a time for people who work with it here.
func when(t time.Time) string { return t.Local().Format("2 Jan 2006, 15:04:05 MST") }
