// Command bench puts Porchlight into the comparisons of ../shared/bench: it prepares an exchange, and stands in front of one
// where those scripts know less than a resident's program does.
//
//	bench prepare --data DIR    an exchange with one open request, two desks and wide limits
//	bench upload  --data DIR    serves it, with tickets made for callers that only speak tus
//
// Everything listens on loopback. 'make bench' runs all of it; doc/performance.md holds the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/demo"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: bench prepare|upload --data DIR [--listen ADDRESS]")
	}
	fs := flag.NewFlagSet("bench "+args[0], flag.ContinueOnError)
	data := fs.String("data", "", "`folder` of the exchange")
	listen := fs.String("listen", "127.0.0.1:18300", "loopback `address`")
	profile := fs.String("cpuprofile", "", "`file` for a profile of where the time goes")
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if *data == "" {
		return errors.New("--data is needed")
	}
	switch args[0] {
	case "prepare":
		return prepare(ctx, *data, *listen)
	case "upload":
		return serveUploads(ctx, *data, *listen)
	}
	return fmt.Errorf("there is no command %q", args[0])
}

// prepare plays the demonstration's town under limits that a comparison does not run into.
func prepare(ctx context.Context, data, listen string) error {
	d, err := demo.Open(ctx, demo.Options{Data: data, Listen: listen, Policy: wide()})
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	group, inner := errgroup.WithContext(serving)
	group.Go(func() error { return d.Serve(inner) })
	group.Go(func() error { defer stop(); return d.Play(inner) })
	return errors.Join(group.Wait(), d.Close())
}

// wide is the default policy with a hundred clips in a share, a thousand shares an hour from one sender and next to no proof
// of work.
func wide() []byte {
	raw := string(policy.DefaultFile())
	for kind, limits := range map[string][2]string{
		"files_per_share":        {"25", "100"},
		"shares_per_client_hour": {"20", "1000"},
		"proof_of_work_bits":     {"16", "1"},
		"request_quota_bytes":    {"500000000000", "10000000000000"},
		"share_bytes":            {"10000000000", "200000000000"},
	} {
		raw = strings.Replace(raw, `"kind": "`+kind+`", "limit": `+limits[0], `"kind": "`+kind+`", "limit": `+limits[1], 1)
	}
	return []byte(raw)
}

// serveUploads serves the exchange as 'porchlight serve' does, with [tickets] in front.
func serveUploads(ctx context.Context, data, listen string) error {
	n, err := node.Open(ctx, node.Options{Data: filepath.Join(data, "exchange"), AtOnce: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer n.Close()
	h, err := n.Handler(ctx)
	if err != nil {
		return err
	}
	front, err := newTickets(ctx, h, n, filepath.Join(data, "exchange", "blobs", "clips"))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	return web.Serve(ctx, web.HTTPServer(front, slog.New(slog.DiscardHandler)), l)
}
