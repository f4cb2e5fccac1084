package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"porchlight.example/internal/attest"
	"porchlight.example/internal/footage"
)

func attestCommand() command {
	return command{name: "attest", summary: "vouch for an agency: an attestor's key and statements, offline",
		help: `For a body that vouches for agencies. Everything works from files and asks nobody: what to check, in which order, is in
doc/attestor.md. The exchange's office files what you have signed, with 'porchlight office agency attest'.`,
		sub: []command{
			{name: "key", summary: "the attestor's signing key", help: "The key stays with the attestor. Its public half goes to the exchange's office, once.",
				sub: []command{
					{name: "new", args: "FILE", summary: "make a key", run: runAttestKeyNew, help: "Makes a key in a new file that you alone may read, and prints its public half. Keep the file, and a copy, off the network."},
					{name: "show", args: "FILE", summary: "print a key's public half", run: runAttestKeyShow, help: "Prints the public half, which the exchange's register holds."},
				}},
			{name: "statement", summary: "statements about agencies", help: "A statement says what was checked of one agency, as one description tells of it, for one exchange, for at most twelve months.",
				sub: []command{
					{name: "make", args: "AGENCY", summary: "make and sign a statement", run: runStatementMake, help: `AGENCY is the file with the agency's description, as 'porchlight office agency show' prints it. The statement speaks of exactly this
text: if it changes, a new statement is needed. Read it before you sign.

Each --check is KIND,DATE,SOURCE: register_match (found in a public register, with this name and number), call_back (rang a
number from a public register, not one that the agency gave), letter, in_person. An independent attestor must have made the
first two. SOURCE says where entry, number or letter come from; no names of people.`},
					{name: "check", args: "STATEMENT", summary: "check a statement", run: runStatementCheck,
						help: "Checks the signature, the form, the dates, and that the statement speaks of the description in --agency. Exit code 5 if it does not hold."},
					{name: "show", args: "STATEMENT", summary: "print a statement in words", run: runStatementShow, help: "Prints what a statement says, without checking it."},
					{name: "retract", args: "STATEMENT", summary: "take a statement back", run: runStatementRetract, help: "Makes a signed retraction. When the exchange's office has filed it, the statement counts no more, and what rests on it is paused."},
				}},
		}}
}

func runAttestKeyNew(_ context.Context, e env, args []string) error {
	rest, err := parse(e, flags("porchlight attest key new"), args, 1, 1)
	if err != nil {
		return err
	}
	key, err := attest.NewKey()
	if err != nil {
		return err
	}
	if err := key.Save(rest[0]); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, key.Public())
	return nil
}

func runAttestKeyShow(_ context.Context, e env, args []string) error {
	rest, err := parse(e, flags("porchlight attest key show"), args, 1, 1)
	if err != nil {
		return err
	}
	key, err := attest.LoadKey(rest[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, key.Public())
	return nil
}

// checkList is what --check gives, each time that it is given.
type checkList []footage.Check

func (*checkList) String() string { return "" }

// Set reads KIND,DATE,SOURCE.
func (l *checkList) Set(s string) error {
	parts := strings.SplitN(s, ",", 3)
	if len(parts) != 3 {
		return usagef("a check is KIND,DATE,SOURCE, such as 'call_back,2026-11-20,State directory of public offices'")
	}
	on, err := time.Parse(time.DateOnly, parts[1])
	if err != nil {
		return usagef("the date of a check is like 2026-11-20")
	}
	*l = append(*l, footage.Check{Kind: footage.CheckKind(parts[0]), On: on, Source: parts[2]})
	return nil
}

func runStatementMake(_ context.Context, e env, args []string) error {
	fs := flags("porchlight attest statement make")
	var s attest.Statement
	var checks checkList
	key := fs.String("key", "", "the `file` with the attestor's key")
	fs.StringVar(&s.Exchange, "exchange", "", "the `name` of the exchange's record, such as exchange.example/porchlight")
	attestor := fs.String("attestor", "", "the attestor's register `ID`")
	fs.StringVar(&s.By, "by", "", "the `role` of who checked; no name")
	until := fs.String("until", "", "the last `day`, such as 2027-06-30; without it twelve months from now")
	partner := fs.Bool("partner", false, "you are a partner platform, whose word does not count alone")
	fs.Var(&checks, "check", "what was checked: `KIND,DATE,SOURCE`; give it once for each check")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	if s.Agency, err = readAgency(e, rest[0]); err != nil {
		return err
	}
	s.Attestor, s.Checks, s.Kind = footage.AttestorID(*attestor), checks, footage.Independent
	if *partner {
		s.Kind = footage.Partner
	}
	if *until != "" {
		if s.Until, err = time.Parse(time.DateOnly, *until); err != nil {
			return usagef("the last day is like 2027-06-30")
		}
	}
	k, err := attest.LoadKey(*key)
	if err != nil {
		return err
	}
	a, err := k.Make(s, time.Now())
	if err != nil {
		return err
	}
	return printJSON(e.stdout, a)
}

func readStatement(e env, file string) (a footage.Attestation, err error) {
	raw, err := readInput(e, file)
	if err != nil {
		return a, err
	}
	return a, named(file, footage.DecodeStrict(raw, &a))
}

func runStatementCheck(_ context.Context, e env, args []string) error {
	fs := flags("porchlight attest statement check")
	agency := fs.String("agency", "", "the `file` with the agency's description")
	var by footage.Attestor
	fs.StringVar(&by.Key, "public-key", "", "the attestor's public `key`")
	body := fs.String("body", "", "the `ID` of the attestor's legal body; may be left out")
	partner := fs.Bool("partner", false, "the attestor is a partner platform")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	a, err := readStatement(e, rest[0])
	if err != nil {
		return err
	}
	about, err := readAgency(e, *agency)
	if err != nil {
		return err
	}
	by.ID, by.Body, by.Kind = a.Attestor, footage.BodyID(*body), footage.Independent
	if *partner {
		by.Kind = footage.Partner
	}
	if err := attest.Check(a, by, about, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The statement holds: %s vouches for %s (%s) until %s.\n", a.Attestor, about.Name, a.Agency, a.Expires.Format(time.DateOnly))
	return nil
}

func runStatementShow(_ context.Context, e env, args []string) error {
	rest, err := parse(e, flags("porchlight attest statement show"), args, 1, 1)
	if err != nil {
		return err
	}
	a, err := readStatement(e, rest[0])
	if err != nil {
		return err
	}
	printStatement(e.stdout, a)
	return nil
}

func printStatement(w io.Writer, a footage.Attestation) {
	fmt.Fprintf(w, "%s vouches for %s, on the exchange %s\n", a.Attestor, a.Agency, a.Exchange)
	fmt.Fprintf(w, "  made     %s by: %s\n", a.Issued.Format(time.RFC3339), a.By)
	fmt.Fprintf(w, "  until    %s\n", a.Expires.Format(time.RFC3339))
	fmt.Fprintf(w, "  speaks of the description with SHA-256 %s\n", a.Description)
	for _, c := range a.Checks {
		fmt.Fprintf(w, "  checked  %s on %s: %s\n", c.Kind, c.On.Format(time.DateOnly), c.Source)
	}
}

func runStatementRetract(_ context.Context, e env, args []string) error {
	fs := flags("porchlight attest statement retract")
	key := fs.String("key", "", "the `file` with the attestor's key")
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	a, err := readStatement(e, rest[0])
	if err != nil {
		return err
	}
	k, err := attest.LoadKey(*key)
	if err != nil {
		return err
	}
	r, err := k.Retract(a, time.Now())
	if err != nil {
		return err
	}
	return printJSON(e.stdout, r)
}
