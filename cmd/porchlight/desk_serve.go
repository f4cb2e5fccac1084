package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/deskweb"
)

func deskServeCommand() command {
	return command{name: "serve", summary: "open the desk in a browser, on this machine", run: runDeskServe,
		help: `Opens the desk's pages on a loopback address and prints a link that lets one browser in, once; when it was used, the next one
is printed. The key stays where it is, in the desk's folder; nothing but a loopback address is listened on. Evidence packages
go to --packages. Stop it with Ctrl-C when you leave. Links bear a name below localhost, which other people's programs on this
machine do not know; give --plain-address for a browser that does not open such names.`}
}

func runDeskServe(ctx context.Context, e env, args []string) error {
	fs, f := deskFlagSet("serve")
	listen := fs.String("listen", "127.0.0.1:0", "loopback `address` to listen on, HOST:PORT; port 0 for any")
	plain := fs.Bool("plain-address", false, "print links with the bare address in place of a name below localhost")
	packages := fs.String("packages", "", "`folder` for evidence packages; empty for \"packages\" in the desk's folder")
	d, _, err := openDesk(e, fs, f, args, 0, 0)
	if err != nil {
		return err
	}
	if *packages == "" {
		*packages = filepath.Join(d.Dir(), "packages")
	}
	folder, err := filepath.Abs(*packages)
	if err != nil {
		return err
	}
	l, origin, err := deskweb.Listen(*listen, *plain)
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := deskweb.New(ctx, deskweb.Options{Desk: d, Origin: origin, Packages: folder, Tell: func(link string) {
		fmt.Fprintf(e.stdout, "A browser came in. If it was not yours, stop this program. The next one comes in by:\n  %s\n", link)
	}})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "The desk of %s is open. Open this link in your browser; it is good once:\n  %s\n", plainLine(d.Person().Name), s.Link())
	return serveDesk(ctx, cancel, s, l)
}

// serveDesk serves until the context ends, then ends what is being done and waits for it.
func serveDesk(ctx context.Context, cancel context.CancelFunc, s *deskweb.Server, l net.Listener) error {
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	var both errgroup.Group
	both.Go(func() error {
		<-ctx.Done()
		return srv.Close()
	})
	err := srv.Serve(l)
	cancel()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, both.Wait(), s.Close())
}
