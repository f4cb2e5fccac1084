// Package demo plays Porchlight in one folder: an exchange for the fictional town of package town with two agencies and their
// people, requests in every state, and shares that residents have sent. Once it is played, everything in the folder is what
// real people would have, and the command line works on it.
//
// It goes the way that everybody goes: the operator's acts are those of 'porchlight office', the agencies work through
// package desk, the residents through package resident, all over HTTP. What is fictional is marked so, for ever, in the
// exchange's public record: its passkeys are software.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
)

// DefaultListen is where a new demonstration listens unless it is told otherwise.
const DefaultListen = "127.0.0.1:8460"

// Options say what to play. Only Data is required.
type Options struct {
	Data    string           // the folder, which is made
	Listen  string           // loopback address; empty: DefaultListen, or where the folder's demonstration was before
	Footage string           // folder of MP4 films that residents send; what is not there is replaced by films that we make
	Policy  []byte           // a policy file; nil: the default policy
	Out     io.Writer        // where it is told what happens; nil: nowhere
	Log     *slog.Logger     // nil: nowhere
	Now     func() time.Time // nil: time.Now
}

// Demo is one demonstration: an exchange that is open, and the folder of everybody in it.
type Demo struct {
	opts     Options
	node     *node.Node
	listener net.Listener
	base     string
	fresh    bool // nothing was played in the folder yet
}

// The parts of the folder.
const (
	exchangeDir  = "exchange"    // the operator's: keys, database, clips
	desksDir     = "desks"       // each member of staff has a folder
	sheetsDir    = "recovery"    // the agencies' recovery sheets
	attestorsDir = "attestors"   // the keys of those who vouch for the agencies
	clipsDir     = "clips"       // films to share
	visitorsDir  = "invitations" // links with which whoever tries the demonstration makes a passkey of their own
	receiptsDir  = "receipts"    // the words of each share that was sent
	packagesDir  = "packages"    // evidence packages that were exported
	proofDir     = "proof"       // what a run with --once leaves for other programs to check
	basemapFile  = "town.geojson"
	playedFile   = "played" // written when the town was set up whole
)

// Open makes the exchange in the folder, or opens the one that is there. A folder in which setting up was cut short is
// cleared of what the demonstration had made and set up anew. The caller calls [Demo.Serve], and [Demo.Close] at the end.
func Open(ctx context.Context, opts Options) (*Demo, error) {
	if opts.Out == nil {
		opts.Out = io.Discard
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Policy == nil {
		opts.Policy = policy.DefaultFile()
	}
	d := &Demo{opts: opts, fresh: Fresh(opts.Data)}
	if d.fresh {
		if err := d.clear(); err != nil {
			return nil, err
		}
	}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Fresh reports whether nothing was played in a folder yet.
func Fresh(data string) bool { return !exists(filepath.Join(data, playedFile)) }

// clear removes what a run that was cut short has left, and nothing that is not the demonstration's.
func (d *Demo) clear() error {
	if exists(d.path("keys")) {
		return footage.E(footage.Conflict, "In "+d.opts.Data+" is an exchange that is no demonstration. Give another folder by --data.")
	}
	for _, part := range []string{exchangeDir, desksDir, sheetsDir, attestorsDir, clipsDir, receiptsDir, packagesDir, proofDir, basemapFile} {
		if err := os.RemoveAll(d.path(part)); err != nil {
			return fmt.Errorf("clear what an earlier run left: %w", err)
		}
	}
	return nil
}

func (d *Demo) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(d.opts.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if d.fresh {
		return d.create(ctx)
	}
	if d.node, err = node.Open(ctx, d.nodeOptions()); err != nil {
		return err
	}
	d.base = d.node.Exchange.Info().RP.Origin
	address, err := d.address()
	if err != nil {
		return err
	}
	return d.listen(address)
}

// create makes a new exchange. Its port becomes part of its name for passkeys and desks, so it listens first.
func (d *Demo) create(ctx context.Context) error {
	address := d.opts.Listen
	if address == "" {
		address = DefaultListen
	}
	if err := d.listen(address); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(d.listener.Addr().String())
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	d.base = "http://localhost:" + port
	if err := os.WriteFile(d.path(basemapFile), town.Basemap(), 0o600); err != nil {
		return fmt.Errorf("write the street map: %w", err)
	}
	opts := d.nodeOptions()
	err = node.Create(ctx, opts, node.New{Name: town.Name + " Exchange", Origin: "maplewood.example/porchlight", Base: d.base,
		Fictional: true, Policies: [][]byte{d.opts.Policy}})
	if err != nil {
		return err
	}
	d.node, err = node.Open(ctx, opts)
	return err
}

// address returns where an exchange listens that has its port already.
func (d *Demo) address() (string, error) {
	u, err := url.Parse(d.base)
	if err != nil {
		return "", fmt.Errorf("read the exchange's address: %w", err)
	}
	host := "127.0.0.1"
	if d.opts.Listen != "" {
		given, port, err := net.SplitHostPort(d.opts.Listen)
		if err != nil || port != u.Port() {
			return "", footage.E(footage.Conflict, "The demonstration in "+d.opts.Data+" belongs to port "+u.Port()+
				": its passkeys and desks know it by that. Leave out --listen, or give another folder by --data.")
		}
		host = given
	}
	return net.JoinHostPort(host, u.Port()), nil
}

func (d *Demo) listen(address string) (err error) {
	if d.listener, err = net.Listen("tcp", address); err != nil {
		return fmt.Errorf("%w (%w)", footage.E(footage.Conflict, "Another program serves on "+address+" already, perhaps a demonstration of yours. Stop it; or give another --data with --listen 127.0.0.1:PORT."), err)
	}
	return nil
}

func (d *Demo) nodeOptions() node.Options {
	return node.Options{Data: d.path(exchangeDir), Basemap: d.path(basemapFile), Operator: town.Operator().Name,
		Contact: footage.Contact{Name: "The exchange's office", Email: "exchange@lantern.example"}, AtOnce: true, Log: d.opts.Log, Now: d.opts.Now}
}

// Serve serves the exchange and runs its tasks until ctx ends.
func (d *Demo) Serve(ctx context.Context) error { return d.node.Run(ctx, d.listener, node.TLS{}) }

// Close closes the exchange.
func (d *Demo) Close() error {
	var errs []error
	if d.listener != nil {
		if err := d.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if d.node != nil {
		errs = append(errs, d.node.Close())
	}
	return errors.Join(errs...)
}

// Base returns the exchange's address.
func (d *Demo) Base() string { return d.base }

func (d *Demo) path(parts ...string) string {
	return filepath.Join(append([]string{d.opts.Data}, parts...)...)
}

func (d *Demo) say(format string, args ...any) { fmt.Fprintf(d.opts.Out, format+"\n", args...) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
