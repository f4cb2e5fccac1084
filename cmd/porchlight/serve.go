package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
)

// nodeFlags are the settings that every command on the exchange's machine shares.
type nodeFlags struct {
	opts     node.Options
	logLevel string
}

func (n *nodeFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&n.opts.Data, "data", "porchlight-data", "data `folder`: keys, guard, and unless they are elsewhere database and clips")
	fs.StringVar(&n.opts.Database, "database", "", "`url` of the database: postgres://…; empty for SQLite in the data folder")
	fs.StringVar(&n.opts.Blobs, "blobs", "", "`url` of the clips: s3://bucket/prefix?endpoint=…; empty for the data folder")
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
and the interface for agencies. It stops cleanly on Ctrl-C: running requests get ten seconds.

Connections are encrypted by --tls-cert and --tls-key, or by certificates that it gets itself by ACME for
--acme-hosts. Without either it serves plain HTTP, which only a proxy on the same machine should reach: it refuses
other addresses than loopback unless --plain-http is given.

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
	fs.StringVar(&n.opts.Operator, "operator", "", "the `body` that runs the exchange, shown on its pages")
	fs.StringVar(&n.opts.Contact.Email, "contact", "", "the operator's `e-mail` address, shown on its pages")
	fs.StringVar(&n.opts.Basemap, "basemap", "", "GeoJSON `file` of streets and names for the maps")
	fs.BoolVar(&n.opts.AtOnce, "release-at-once", false, "release shares without waiting for a tick (fictional exchanges only)")
	fs.StringVar(&tls.CertFile, "tls-cert", "", "certificate `file`, PEM")
	fs.StringVar(&tls.KeyFile, "tls-key", "", "key `file`, PEM")
	fs.StringVar(&acme, "acme-hosts", "", "host `names`, separated by commas, to get certificates for")
	fs.StringVar(&tls.ACMEDirectory, "acme-directory", "", "ACME directory `url`; empty for Let's Encrypt")
	if _, err := parse(e, fs, args, 0, 0); err != nil {
		return err
	}
	opts, err := n.options(e)
	if err != nil {
		return err
	}
	if acme != "" {
		tls.ACMEHosts, tls.ACMECache = strings.Split(acme, ","), filepath.Join(opts.Data, "acme")
	}
	if err := safeAddress(*listen, *plain || tls.CertFile != "" || acme != ""); err != nil {
		return err
	}
	return serve(ctx, e, opts, *listen, tls)
}

// safeAddress refuses plain HTTP where others than this machine could reach it.
func safeAddress(listen string, allowed bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return usagef("--listen must be HOST:PORT: %v", err)
	}
	ip := net.ParseIP(host)
	if allowed || host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return footage.Coded(footage.Invalid, "plain_http", "Without TLS the exchange serves loopback addresses only. Give --tls-cert and --tls-key or --acme-hosts, or --plain-http if a proxy you trust stands in front.")
}

func serve(ctx context.Context, e env, opts node.Options, listen string, tls node.TLS) error {
	n, err := node.Open(ctx, opts)
	if err != nil {
		return err
	}
	defer n.Close()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Fprintf(e.stdout, "porchlight: serving %s on %s\n", n.Exchange.Info().Name, l.Addr())
	return n.Run(ctx, l, tls)
}
