package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
)

func officeCommand() command {
	return command{name: "office", summary: "set up and run the exchange's office: agencies, people, policies",
		help: "The operator's acts, on the exchange's own machine, whether or not the exchange is running. Each leaves its entry in the public record.",
		sub: []command{
			{name: "init", summary: "make a new exchange", run: runOfficeInit,
				help: `Makes keys, database and the first entries of the public record in an empty data folder. It never overwrites an exchange.

--name and --base are needed. The base is the address at which people will open the exchange: passkeys are bound to it, so it
cannot be changed later. Its host is also the name of the public record.`},
			{name: "doctor", summary: "say what is missing before the first request", run: runOfficeDoctor,
				help: "Checks the exchange step by step and says for each missing thing which command mends it. The exit code is 3 if anything is missing."},
			operatorCommand(), attestorCommand(), agencyCommand(), personCommand(), policyCommand(), gatheringCommand(), complaintCommand(), censusCommand(),
		}}
}

// officeFlags returns the flags of an office command, with those of the node.
func officeFlags(name string) (*flag.FlagSet, *nodeFlags) {
	fs, n := flags("porchlight office "+name), new(nodeFlags)
	n.add(fs)
	return fs, n
}

// withExchange opens the exchange and runs do.
func withExchange(ctx context.Context, e env, n *nodeFlags, do func(*exchange.Exchange) error) error {
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	open, err := node.Open(ctx, opts)
	if err != nil {
		return err
	}
	return errors.Join(do(open.Exchange), open.Close())
}

// readInput returns the content of a file that a person has named; "-" is standard input.
func readInput(e env, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(e.stdin)
	}
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, footage.E(footage.NotFound, "There is no file "+name+".")
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", footage.E(footage.Invalid, "The file "+name+" cannot be read."), err)
	}
	return raw, nil
}

// named puts a file's name before what is wrong with it.
func named(file string, err error) error {
	var own *footage.Error
	if !errors.As(err, &own) {
		return err
	}
	return &footage.Error{Kind: own.Kind, Code: own.Code, Msg: file + ": " + own.Msg, Reasons: own.Reasons}
}

func runOfficeInit(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("init")
	name := fs.String("name", "", "the exchange's `name`, for people")
	base := fs.String("base", "", "its public `address`, such as https://exchange.example")
	fictional := fs.Bool("fictional", false, "mark it as a demonstration for ever: software authenticators are accepted")
	policyFile := fs.String("policy", "", "policy `file`; without it the default policy, see 'porchlight office policy default'")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *name == "" || *base == "" {
		return usagef("--name and --base are needed")
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	rules := policy.DefaultFile()
	if *policyFile != "" {
		if rules, err = readInput(e, *policyFile); err != nil {
			return err
		}
	}
	_, host, _ := strings.Cut(*base, "://")
	if err := node.Create(ctx, opts, node.New{Name: *name, Origin: host + "/porchlight", Base: *base, Fictional: *fictional, Policies: [][]byte{rules}}); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "Made %s in %s.\nKeep copies of the folder 'keys' in two safe places, apart from backups: who has them can speak for the exchange.\nNext: porchlight office doctor --data %s\n",
		*name, opts.Data, opts.Data)
	return nil
}

func runOfficeDoctor(ctx context.Context, e env, args []string) error {
	fs, n := officeFlags("doctor")
	asJSON := fs.Bool("json", false, "print JSON")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	return withExchange(ctx, e, n, func(x *exchange.Exchange) error {
		findings, err := x.Doctor(ctx)
		if err != nil {
			return err
		}
		missing := 0
		for _, f := range findings {
			if !f.OK {
				missing++
			}
		}
		if *asJSON {
			err = printJSON(e.stdout, findings)
		} else {
			printDiagnoses(e.stdout, findings)
		}
		switch {
		case err != nil || missing == 0:
			return err
		case missing == 1:
			return footage.E(footage.Conflict, "One thing is missing before the first request.")
		}
		return footage.E(footage.Conflict, fmt.Sprintf("%d things are missing before the first request.", missing))
	})
}

func printDiagnoses(w io.Writer, findings []exchange.Diagnosis) {
	for _, f := range findings {
		mark := "ok     "
		if !f.OK {
			mark = "missing"
		}
		fmt.Fprintf(w, "%s  %s\n", mark, f.Text)
		if !f.OK {
			fmt.Fprintf(w, "         do: %s\n", f.Remedy)
		}
	}
}
