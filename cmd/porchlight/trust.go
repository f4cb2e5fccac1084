package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
	"porchlight.example/internal/trust"
)

func trustCommand() command {
	return command{name: "trust", args: "URL [VERIFIER]", summary: "pin an exchange's verifier key on this device",
		help: `Remembers which exchange is which. URL is the exchange's address, VERIFIER its verifier key as somebody else gives it:
the council, the local paper, a notice in the library. From then on whatever the exchange shows is checked with that key.

Without VERIFIER the key that the exchange itself gives is shown and may be pinned. That proves nothing: it only makes
sure that the exchange is the same one the next time.

--witness names a body that watches the record, by its key, and may be given several times; --quorum says how many of them
must have cosigned what the exchange shows (more than half if you do not say). --unwitnessed accepts a record that nobody
watches, which 'share' otherwise refuses.

--list shows the pins, --forget removes one. The pins are a file in the configuration folder that tells which exchanges
somebody has used, and the newest state of each one's record that this device has seen: it may only grow from there.`,
		run: runTrust}
}

func runTrust(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight trust")
	config := configFlag(fs)
	list := fs.Bool("list", false, "show the pinned exchanges")
	forget := fs.Bool("forget", false, "remove the pin of URL")
	yes := fs.Bool("yes", false, "answer the question with yes")
	asJSON := fs.Bool("json", false, "print JSON")
	var watch watching
	watch.add(fs)
	rest, err := parse(e, fs, args, 0, 2)
	if err != nil {
		return err
	}
	pins, err := pinsIn(*config)
	if err != nil {
		return err
	}
	if *list {
		return listPins(e, pins, *asJSON)
	}
	if len(rest) == 0 {
		return usagef("trust takes the exchange's address; 'porchlight trust --help' says more")
	}
	base, err := baseOf(rest[0])
	if err != nil {
		return err
	}
	switch {
	case *forget:
		err = pins.Forget(base)
	case len(rest) == 2:
		err = pins.Pin(base, rest[1])
	default:
		err = watch.orFirst(ctx, e, pins, base, *yes)
	}
	if err == nil {
		err = watch.pin(pins, base)
	}
	if err != nil {
		return err
	}
	return tellPin(e, pins, base, *asJSON)
}

// watching is what a person says about witnesses.
type watching struct {
	witnesses   []string
	quorum      int
	unwitnessed bool
}

func (w *watching) add(fs *flag.FlagSet) {
	fs.Func("witness", "the `key` of a witness that counts; may be repeated", func(key string) error {
		w.witnesses = append(w.witnesses, key)
		return nil
	})
	fs.IntVar(&w.quorum, "quorum", 0, "how `many` of the witnesses must have cosigned")
	fs.BoolVar(&w.unwitnessed, "unwitnessed", false, "accept a record that no witness watches")
}

// orFirst pins the key that the exchange gives, unless one is pinned already and the call is about witnesses.
func (w *watching) orFirst(ctx context.Context, e env, pins *trust.Pins, base string, yes bool) error {
	if (len(w.witnesses) > 0 || w.unwitnessed) && pins.Of(base).Verifier != "" {
		return nil
	}
	return trustFirst(ctx, e, pins, base, yes)
}

// pin pins the witnesses that were named.
func (w *watching) pin(pins *trust.Pins, base string) error {
	switch {
	case w.unwitnessed && (len(w.witnesses) > 0 || w.quorum > 0):
		return usagef("--unwitnessed does not go with --witness and --quorum")
	case w.unwitnessed:
		return pins.Unwatched(base)
	case len(w.witnesses) == 0 && w.quorum == 0:
		return nil
	}
	if w.quorum == 0 {
		w.quorum = len(w.witnesses)/2 + 1
	}
	return pins.Watch(base, w.witnesses, w.quorum)
}

// errNotPinned is the answer no.
var errNotPinned = footage.E(footage.Refused, "Nothing was pinned.")

// trustFirst shows the key that the exchange gives and pins it if the user wants.
func trustFirst(ctx context.Context, e env, pins *trust.Pins, base string, yes bool) error {
	info, err := resident.New(base, "").Info(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "%s (%s) gives this verifier key:\n\n  %s\n\nA key that comes from the exchange itself proves nothing. Compare it with what the council, the local paper or another\nindependent place prints. If you pin it now, you will at least notice when another exchange answers the next time.\n",
		base, plain(info.Name), plain(info.LogVerifier))
	if !yes {
		ok, err := e.confirm("Pin this key?")
		if err != nil {
			return err
		}
		if !ok {
			return errNotPinned
		}
	}
	return pins.Pin(base, info.LogVerifier)
}

func tellPin(e env, pins *trust.Pins, base string, asJSON bool) error {
	if asJSON {
		return printJSON(e.stdout, pinOf(pins, base))
	}
	if pin := pins.Of(base); pin.Verifier != "" {
		fmt.Fprintf(e.stdout, "%s is pinned: %s\n", base, pin.Verifier)
		if pin.Quorum > 0 {
			fmt.Fprintf(e.stdout, "%d of these witnesses must have cosigned its record:\n  %s\n", pin.Quorum, strings.Join(pin.Witnesses, "\n  "))
		}
		return nil
	}
	fmt.Fprintf(e.stdout, "%s is not pinned.\n", base)
	return nil
}

// pinned is a pinned exchange as JSON.
type pinned struct {
	Exchange    string   `json:"exchange"`
	Verifier    string   `json:"verifier"`
	Witnesses   []string `json:"witnesses,omitempty"`
	Quorum      int      `json:"quorum,omitempty"`
	Unwitnessed bool     `json:"unwitnessed,omitempty"`
}

func pinOf(pins *trust.Pins, base string) pinned {
	p := pins.Of(base)
	return pinned{base, p.Verifier, p.Witnesses, p.Quorum, p.Unwitnessed}
}

func listPins(e env, pins *trust.Pins, asJSON bool) error {
	all := []pinned{}
	for _, base := range slices.Sorted(maps.Keys(pins.All())) {
		all = append(all, pinOf(pins, base))
	}
	if asJSON {
		return printJSON(e.stdout, all)
	}
	for _, p := range all {
		fmt.Fprintf(e.stdout, "%s  %s\n", p.Exchange, p.Verifier)
	}
	if len(all) == 0 {
		fmt.Fprintln(e.stdout, "No exchange is pinned on this device.")
	}
	return nil
}
