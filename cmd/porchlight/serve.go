package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"syscall"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
)

// nodeFlags are the settings that every command on the exchange's machine shares.
type nodeFlags struct {
	opts     node.Options
	logLevel string
}

func (n *nodeFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&n.opts.Data, "data", "porchlight-data", "the exchange's `folder`: keys, guard and, unless they are elsewhere, database and clips")
	fs.StringVar(&n.opts.Database, "database", "", "`url` of the database, postgres://…; without it SQLite in the data folder")
	fs.StringVar(&n.opts.Blobs, "blobs", "", "`url` of the clips, s3://bucket/prefix?endpoint=…; without it the data folder")
	fs.StringVar(&n.logLevel, "log-level", "info", "least `level` that is logged: debug, info, warn or error")
}

func (n *nodeFlags) options(e env) (node.Options, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(n.logLevel)); err != nil {
		return n.opts, usagef("--log-level must be debug, info, warn or error")
	}
	n.opts.Log = slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))
	return n.opts, nil
}

func serveCommand() command {
	return command{name: "serve", summary: "run the exchange",
		help: `Serves the exchange that 'porchlight office init' has made: public pages and feeds, the public record, uploads,
and the interface for agencies. It stops cleanly on Ctrl-C or SIGTERM: running requests get ten seconds.

Connections are encrypted with the certificate in --tls-cert and --tls-key, which may be replaced while the exchange
runs, or with certificates that it gets by ACME for --acme-hosts; these need port 443 to be reachable from outside.
Without either it serves plain HTTP, which only a proxy on the same machine should reach: it refuses other addresses
than loopback unless --plain-http is given.

/healthz answers when the process does, /readyz when the database answers and no task is late. Figures for Prometheus
are served at --metrics-listen alone. Logs go to standard error and hold no addresses of callers.

The S3 keys come from the files named by PORCHLIGHT_S3_ACCESS_KEY_FILE and PORCHLIGHT_S3_SECRET_KEY_FILE.`,
		run: runServe}
}

func runServe(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight serve")
	var n nodeFlags
	var tls node.TLS
	var acme string
	n.add(fs)
	listen := fs.String("listen", "127.0.0.1:8460", "`address` to serve on")
	plain := fs.Bool("plain-http", false, "serve plain HTTP on an address that is not loopback")
	fs.StringVar(&n.opts.Witnesses, "witnesses", "", "`file` with a line for each witness of the public record: its verifier key, a space, its address")
	fs.IntVar(&n.opts.Quorum, "witness-quorum", 0, "how `many` witnesses must cosign the record's head; more than half of them if it is not given")
	fs.StringVar(&n.opts.MetricsListen, "metrics-listen", "", "`address` to serve metrics on, such as 127.0.0.1:9460; without it there are none")
	fs.StringVar(&n.opts.Operator, "operator", "", "the `body` that runs the exchange, shown on its pages")
	fs.StringVar(&n.opts.Contact.Email, "contact", "", "the operator's e-mail `address`, shown on its pages")
	fs.StringVar(&n.opts.Basemap, "basemap", "", "`file` of streets and names for the maps: GeoJSON or PMTiles")
	fs.BoolVar(&n.opts.AtOnce, "release-at-once", false, "release shares without waiting for a tick; fictional exchanges only")
	fs.DurationVar(&n.opts.KeyDelay, "key-delay", 0, "how `long` a changed key waits before it counts; fictional exchanges only, on others it is 72 hours")
	fs.StringVar(&tls.CertFile, "tls-cert", "", "certificate `file`, PEM")
	fs.StringVar(&tls.KeyFile, "tls-key", "", "the certificate's key `file`, PEM")
	fs.StringVar(&acme, "acme-hosts", "", "host `names`, separated by commas, to get certificates for")
	fs.StringVar(&tls.ACMEDirectory, "acme-directory", "", "ACME directory `url`; without it that of Let's Encrypt")
	letters := mailFlags(fs)
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	if opts.Mail, err = letters(); err != nil {
		return err
	}
	if acme != "" {
		tls.ACMECache = filepath.Join(opts.Data, "acme")
		for host := range strings.SplitSeq(acme, ",") {
			tls.ACMEHosts = append(tls.ACMEHosts, strings.TrimSpace(host))
		}
	}
	if err := safeAddress("--listen", *listen, *plain || tls.On(), "Give --tls-cert and --tls-key or --acme-hosts, or --plain-http if a proxy that you trust stands in front."); err != nil {
		return err
	}
	if opts.MetricsListen != "" {
		if err := safeAddress("--metrics-listen", opts.MetricsListen, *plain, "Give --plain-http as well if the network between is yours alone."); err != nil {
			return err
		}
	}
	return serve(ctx, e, opts, *listen, tls)
}

// safeAddress refuses plain HTTP where others than this machine could reach it.
func safeAddress(name, address string, allowed bool, remedy string) error {
	loopback, err := onLoopback(name, address)
	if err != nil || allowed || loopback {
		return err
	}
	return footage.Coded(footage.Invalid, "plain_http", name+" "+address+" is not a loopback address, and others could read what is sent. "+remedy)
}

// onLoopback reports whether an address can be reached from this machine alone.
func onLoopback(name, address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, usagef("%s must be HOST:PORT: %v", name, err)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback()), nil
}

func serve(ctx context.Context, e env, opts node.Options, address string, tls node.TLS) (err error) {
	var l net.Listener
	var n *node.Node
	opts.Started = func() { fmt.Fprintf(e.stdout, "porchlight: serving %s on %s\n", n.Exchange.Info().Name, l.Addr()) }
	if n, err = node.Open(ctx, opts); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	l, err = net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return footage.E(footage.Conflict, "Another program serves on "+address+" already. Stop it, or choose another address with --listen.")
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	defer l.Close()
	return n.Run(ctx, l, tls)
}
