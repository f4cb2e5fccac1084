package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/demo"
	"porchlight.example/internal/footage"
)

func demoCommand() command {
	return command{name: "demo", summary: "a fictional town, ready to try",
		help: `Sets up an exchange for a town that does not exist, with two agencies, their people, requests in every state and a few
shares, serves it, and says what to try first. Everything lies in one folder, and the same command goes on with it.

With --once it plays the whole main job without a person - ask, find, seal, send, open, verify, export, erase - through the
interfaces that everybody uses, says after each step what that proved, leaves DIR/proof for other programs to check, and
ends. It fails with the first step that does not hold.

Films of real streets are taken from --footage when that folder is there.`, run: runDemo}
}

func runDemo(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight demo")
	opts := demo.Options{Out: e.stdout, Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	fs.StringVar(&opts.Data, "data", "porchlight-data", "`folder` of the demonstration")
	fs.StringVar(&opts.Listen, "listen", "", "loopback `address` to serve on; empty for "+demo.DefaultListen+", or where the folder's demonstration was before")
	fs.StringVar(&opts.Footage, "footage", "../shared/footage", "`folder` of MP4 films that residents send")
	once := fs.Bool("once", false, "play the main job once, check every step, and end")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	if *once && opts.Listen == "" && demo.Fresh(opts.Data) {
		opts.Listen = "127.0.0.1:0"
	}
	if opts.Listen != "" {
		loopback, err := onLoopback("--listen", opts.Listen)
		if err != nil {
			return err
		}
		if !loopback {
			return notLoopback(opts.Listen)
		}
	}
	d, err := demo.Open(ctx, opts)
	if err != nil {
		return err
	}
	return errors.Join(playDemo(ctx, d, *once), d.Close())
}

func notLoopback(address string) error {
	return footage.E(footage.Invalid, address+" is not a loopback address. A demonstration serves loopback addresses only: its people's keys lie in its folder.")
}

func playDemo(ctx context.Context, d *demo.Demo, once bool) error {
	serving, stop := context.WithCancel(ctx)
	defer stop()
	group, inner := errgroup.WithContext(serving)
	group.Go(func() error { return d.Serve(inner) })
	group.Go(func() error {
		if once {
			defer stop()
			return d.Once(inner)
		}
		if err := d.Play(inner); err != nil {
			return err
		}
		return d.Tour(inner, program())
	})
	if err := group.Wait(); err != nil && (once || ctx.Err() == nil) {
		return err
	}
	return nil // Ctrl-C is the way to end it
}

// program returns how this program was called, for people to copy.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/porchlight"
	}
	return os.Args[0]
}
