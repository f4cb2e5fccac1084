package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"porchlight.example/internal/footage"
)

// env is what a command may touch of the world around it.
type env struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
}

func system() env {
	return env{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
}

// command is one subcommand, or a group of them.
type command struct {
	name    string
	args    string // what follows the flags, for the usage line
	summary string // one line
	help    string // prose
	run     func(ctx context.Context, e env, args []string) error
	sub     []command
}

// commands is the whole table.
func commands() []command {
	return []command{
		demoCommand(),
		serveCommand(),
		officeCommand(),
		fsckCommand(),
		backupCommand(),
		restoreCommand(),
		nearCommand(),
		shareCommand(),
		receiptCommand(),
		complainCommand(),
		trustCommand(),
		auditCommand(),
		deskCommand(),
		rulesCommand(),
		verifyCommand(),
		attestCommand(),
		versionCommand(),
	}
}

// The exit codes, as the help shows them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 3
	exitNotFound    = 4
	exitUntrusted   = 5
	exitUnavailable = 6
)

const exitTable = `Exit codes:
  0  done
  1  something went wrong inside
  2  the command line is wrong
  3  refused: the input breaks a rule, or you may not do this
  4  there is no such thing
  5  a signature, hash or proof does not hold: do not rely on it
  6  the exchange does not answer or the work was cut off; try again
`

// usageError is a wrong command line.
type usageError struct{ msg string }

func (u usageError) Error() string { return u.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// errHelp means that help was asked for and has been printed.
var errHelp = errors.New("help")

// helpAsked carries a command's flags to where its help is printed.
type helpAsked struct{ flags *flag.FlagSet }

func (helpAsked) Error() string { return "help" }

// run finds the command and runs it; it returns the exit code.
func run(ctx context.Context, e env, args []string) int {
	root := command{name: "porchlight", sub: commands()}
	err := dispatch(ctx, e, root, "", args)
	if err == nil || errors.Is(err, errHelp) {
		return exitOK
	}
	printError(e.stderr, err)
	return exitCode(err)
}

func dispatch(ctx context.Context, e env, c command, path string, args []string) error {
	path = strings.TrimSpace(path + " " + c.name)
	if len(c.sub) == 0 {
		return c.runOrHelp(ctx, e, path, args)
	}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		printGroup(e.stdout, c, path)
		return errHelp
	}
	for _, sub := range c.sub {
		if sub.name == args[0] {
			return dispatch(ctx, e, sub, path, args[1:])
		}
	}
	return usagef("there is no command %q; '%s help' lists them", args[0], path)
}

// runOrHelp runs a command that is no group.
func (c command) runOrHelp(ctx context.Context, e env, path string, args []string) error {
	if len(args) == 1 && args[0] == "help" && c.args == "" {
		args = []string{"--help"}
	}
	err := c.run(ctx, e, args)
	var asked helpAsked
	if errors.As(err, &asked) {
		printCommand(e.stdout, c, path, asked.flags)
		return errHelp
	}
	return err
}

// printError prints an error in two lines at most: what is wrong, and a hint.
func printError(w io.Writer, err error) {
	var usage usageError
	var own *footage.Error
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(w, "porchlight: error: %s\n", usage.msg)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "porchlight: error: stopped before the end")
	case errors.As(err, &own):
		fmt.Fprintf(w, "porchlight: error: %s\n", own.Msg)
		for _, r := range own.Reasons {
			fmt.Fprintf(w, "  - %s%s\n", r.Msg, bounds(r))
		}
	default:
		fmt.Fprintf(w, "porchlight: error: %v\n", err)
	}
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(w, "porchlight: hint: %s\n", hint)
	}
}

func bounds(r footage.Reason) string {
	var parts []string
	if r.Limit != "" {
		parts = append(parts, "limit "+r.Limit)
	}
	if r.Value != "" {
		parts = append(parts, "found "+r.Value)
	}
	if r.Policy != "" {
		parts = append(parts, "policy "+r.Policy)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// hinted is an error with a hint of its own.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func hintFor(err error) string {
	var own hinted
	if errors.As(err, &own) {
		return own.hint
	}
	switch footage.KindOf(err) {
	case footage.Untrusted:
		return "nothing was sent or changed; ask the exchange's oversight body if you cannot explain this"
	case footage.Unavailable, footage.Interrupted:
		return "run the same command again; what was done so far is kept"
	case footage.Unauthorized:
		return "sign in with 'porchlight desk login'"
	}
	return ""
}

func exitCode(err error) int {
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	if errors.Is(err, context.Canceled) {
		return exitUnavailable
	}
	switch footage.KindOf(err) {
	case "":
		return exitFailed
	case footage.NotFound, footage.Gone:
		return exitNotFound
	case footage.Untrusted:
		return exitUntrusted
	case footage.Unavailable, footage.Interrupted, footage.Full, footage.TooMany:
		return exitUnavailable
	}
	return exitRefused
}

// flags returns a flag set whose flags can also be set as PORCHLIGHT_NAME.
func flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

// parse reads flags and then arguments, of which there must be between low and high (high < 0: any number). Flags may
// stand among the arguments.
func parse(e env, fs *flag.FlagSet, args []string, low, high int) ([]string, error) {
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, helpAsked{fs}
			}
			return nil, usagef("%s; '%s --help' lists the flags", flagFault(err), fs.Name())
		}
		if fs.NArg() == 0 {
			break
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
	if err := fromEnvironment(e, fs); err != nil {
		return nil, err
	}
	if len(rest) < low || (high >= 0 && len(rest) > high) {
		return nil, usagef("wrong number of arguments; '%s --help' says what it takes", fs.Name())
	}
	return rest, nil
}

// flagFault says what package flag refuses, in the way in which flags are written here.
func flagFault(err error) string {
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		return "there is no flag --" + name
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		return "--" + name + " needs a value"
	}
	return strings.ReplaceAll(err.Error(), " for flag -", " for flag --")
}

// givenEmpty reports whether a flag was given without a value, as by a variable of the shell that is not set.
func givenEmpty(fs *flag.FlagSet, name string) (empty bool) {
	fs.Visit(func(f *flag.Flag) { empty = empty || f.Name == name && f.Value.String() == "" })
	return empty
}

func fromEnvironment(e env, fs *flag.FlagSet) (err error) {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	fs.VisitAll(func(f *flag.Flag) {
		name := "PORCHLIGHT_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := e.getenv(name); value != "" && !given[f.Name] {
			if bad := fs.Set(f.Name, value); bad != nil && err == nil {
				err = usagef("%s: %v", name, bad)
			}
		}
	})
	return err
}

// printJSON prints v as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
