// Package node puts one exchange together from its settings: database, bucket, keys, use cases, jobs and the HTTP face.
// The commands serve, office and demo, and the tests, all run the same node.
package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/blob/s3"
	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/jobs"
	"porchlight.example/internal/mail"
	"porchlight.example/internal/store"
	"porchlight.example/internal/upload"
	"porchlight.example/internal/web"
	"porchlight.example/internal/witness"
	"porchlight.example/ui"
	"porchlight.example/ui/townmap"
)

// Options are the settings of a node. The zero value of each but Data works.
type Options struct {
	Data     string // the data folder: keys, guard and, unless they are elsewhere, database and blobs
	Database string // "" for SQLite in the data folder, a path, or "postgres://…"
	Blobs    string // "" for the data folder, a path, or "s3://bucket/prefix?endpoint=…"
	Base     string // public address; "" takes it from the exchange's origin
	Operator string // the body that runs the exchange, for the pages
	Contact  footage.Contact
	Basemap  string    // file of streets and names for the maps: GeoJSON or PMTiles
	Mail     mail.Post // where letters to staff are delivered; nil: none are written
	AtOnce   bool      // release shares at once: fictional exchanges only
	// KeyDelay is how long a changed key waits before it counts: fictional exchanges only, on others it is footage.KeyDelay.
	KeyDelay time.Duration
	// MetricsListen is the address at which metrics are served, apart from everything else; "" for nowhere.
	MetricsListen string
	// Patience is how long the database may be locked or away before work is refused; 10 s when zero.
	Patience time.Duration
	// Witnesses is a file with a line for each witness of the public record, its verifier key and its address; "" for none.
	Witnesses string
	Quorum    int    // how many of them must cosign a head; more than half of them when zero
	Started   func() // called by Run when all is ready for the first caller; nil: nothing
	Log       *slog.Logger
	Now       func() time.Time
	Random    func(kind, of string) io.Reader // see exchange.Config
}

// New describes an exchange that is to be made.
type New struct {
	Name      string
	Origin    string // name of the log, such as "exchange.example/porchlight"
	Base      string // such as "https://exchange.example": origin of passkeys, its host their domain
	Fictional bool
	Policies  [][]byte
	Keys      exchange.Keys // the zero value: new ones are made
}

// Node is an exchange that is open.
type Node struct {
	Exchange *exchange.Exchange
	opts     Options
	db       *store.DB
	bucket   blob.Bucket
	runner   *jobs.Runner

	assetsKnown atomic.Bool // the record names the files that this node serves
	handler     *web.Handler
}

// Create makes a new exchange in the data folder and database, and opens nothing. It refuses to touch one that exists.
func Create(ctx context.Context, opts Options, n New) (err error) {
	rp, err := relyingParty(n.Base)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(opts.Data, 0o700); err != nil {
		return fmt.Errorf("%w (%w)", footage.E(footage.Invalid, "The data folder "+opts.Data+" cannot be made. Name one that this user may write to."), err)
	}
	if err := opts.checkFolder(); err != nil {
		return err
	}
	keys := n.Keys
	if keys.LogSigner == "" {
		if keys, err = NewKeys(n.Origin); err != nil {
			return err
		}
	}
	if err := writeKeys(opts.keyDir(), keys); err != nil {
		return err
	}
	defer func() {
		switch footage.KindOf(err) {
		case footage.Invalid, footage.Conflict: // nothing was made, and keys left behind would be in the way of the next try
			err = errors.Join(err, removeKeys(opts.keyDir()))
		}
	}()
	cfg, closeAll, err := opts.parts(ctx, keys)
	if err != nil {
		return err
	}
	defer closeAll()
	_, err = exchange.Create(ctx, cfg, n.Name, n.Origin, rp, n.Fictional, n.Policies...)
	return err
}

// Exists reports whether the data folder holds an exchange's keys.
func Exists(opts Options) bool {
	_, err := os.Stat(filepath.Join(opts.keyDir(), logKeyFile))
	return err == nil
}

func relyingParty(base string) (footage.RelyingParty, error) {
	scheme, host, ok := strings.Cut(base, "://")
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	switch {
	case !ok || host == "" || strings.ContainsAny(host, "/?#"):
		return footage.RelyingParty{}, footage.E(footage.Invalid, "The address must be like https://exchange.example, without a path.")
	case scheme != "https" && name != "localhost":
		return footage.RelyingParty{}, footage.E(footage.Invalid, "Passkeys need https; only localhost may do without.")
	}
	return footage.RelyingParty{ID: name, Origin: base}, nil
}

func (o Options) keyDir() string { return filepath.Join(o.Data, "keys") }

// parts opens database and bucket.
func (o Options) parts(ctx context.Context, keys exchange.Keys) (exchange.Config, func(), error) {
	cfg := exchange.Config{Keys: keys, Now: o.Now, Random: o.Random, AtOnce: o.AtOnce, KeyDelay: o.KeyDelay}
	guard, err := exchange.NewGuard(filepath.Join(o.Data, "guard"))
	if err != nil {
		return cfg, nil, err
	}
	cfg.Guard = guard
	if cfg.Witnesses, err = o.witnesses(); err != nil {
		return cfg, nil, err
	}
	url := o.Database
	if url == "" {
		url = filepath.Join(o.Data, "exchange.db")
	}
	if cfg.DB, err = store.Open(ctx, url, store.Options{Patience: o.Patience}); err != nil {
		return cfg, nil, fmt.Errorf("open database: %w", err)
	}
	if cfg.Bucket, err = o.openBucket(ctx); err != nil {
		return cfg, nil, errors.Join(fmt.Errorf("open blobs: %w", err), cfg.DB.Close())
	}
	return cfg, func() { _ = cfg.DB.Close() }, nil
}

// witnesses reads the list of witnesses.
func (o Options) witnesses() (*witness.Group, error) {
	if o.Witnesses == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(o.Witnesses)
	if err != nil {
		return nil, footage.E(footage.NotFound, "The list of witnesses "+o.Witnesses+" cannot be read.")
	}
	quorum := o.Quorum
	if quorum == 0 {
		all, err := witness.Parse(raw, 1)
		if err != nil {
			return nil, err
		}
		quorum = len(all.Witnesses)/2 + 1
	}
	return witness.Parse(raw, quorum)
}

func (o Options) openBucket(ctx context.Context) (blob.Bucket, error) {
	if strings.HasPrefix(o.Blobs, "s3://") {
		creds, err := s3.ReadCredentials(os.Getenv)
		if err != nil {
			return nil, err
		}
		return s3.Open(ctx, o.Blobs, creds)
	}
	if o.Blobs == "" {
		return blob.OpenDisk(filepath.Join(o.Data, "blobs"))
	}
	return blob.Open(o.Blobs)
}

// checkFolder refuses a data folder that others may change: whoever can replace a key file or the database is the exchange.
func (o Options) checkFolder() error {
	info, err := os.Stat(o.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return footage.E(footage.NotFound, "There is no data folder "+o.Data+". Name the exchange's with --data, or make a new exchange with 'porchlight office init'.")
	}
	if err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	if !info.IsDir() {
		return footage.E(footage.Invalid, o.Data+" is a file; the data folder must be a folder.")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return footage.Coded(footage.Invalid, "unsafe_folder", fmt.Sprintf("Others can change the data folder %s (mode %o). Run 'chmod 700' on it.", o.Data, info.Mode().Perm()))
	}
	return nil
}

// Open opens the exchange in the data folder. The caller closes it.
func Open(ctx context.Context, opts Options) (*Node, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	opts.Log = quietLogger(opts.Log)
	if err := opts.checkFolder(); err != nil {
		return nil, err
	}
	keys, err := readKeys(opts.keyDir())
	if err != nil {
		return nil, err
	}
	cfg, closeAll, err := opts.parts(ctx, keys)
	if err != nil {
		return nil, err
	}
	x, err := exchange.Open(ctx, cfg)
	if err != nil {
		closeAll()
		return nil, err
	}
	n := &Node{Exchange: x, opts: opts, db: cfg.DB, bucket: cfg.Bucket}
	n.runner = jobs.New(cfg.DB, opts.Log, n.tasks()...)
	if opts.Now != nil {
		n.runner.Now = opts.Now
	}
	return n, nil
}

// Close closes the database.
func (n *Node) Close() error { return n.db.Close() }

// tasks are what happens by itself.
func (n *Node) tasks() []jobs.Task {
	x := n.Exchange
	release := time.Minute
	if n.opts.AtOnce {
		release = time.Second
	}
	tasks := []jobs.Task{
		{Name: "release", Every: release, Run: x.Release},
		{Name: "sweep", Every: 5 * time.Minute, Lease: 10 * time.Minute, Run: x.Sweep},
		{Name: "expire", Every: time.Minute, Run: x.ExpireRequests},
		{Name: "register", Every: time.Minute, Run: x.PauseLapsed},
		{Name: "integrate", Every: time.Minute, Run: x.Integrate},
		{Name: "state", Every: time.Minute, Run: x.State},
		{Name: "assets", Every: 5 * time.Minute, Run: n.publishAssets},
		{Name: "custody", Every: time.Hour, Run: x.RootCustody},
		{Name: "idle", Every: time.Hour, Run: x.DisableIdle},
		{Name: "keys", Every: time.Minute, Run: x.CountKeys},
		{Name: "complaints", Every: time.Minute, Run: x.RecordComplaints},
		{Name: "reports", Every: time.Hour, Run: x.Report},
		{Name: exchange.ForgetTask, Every: 5 * time.Minute, Run: x.ForgetWithheld},
	}
	if post := n.opts.Mail; post != nil {
		tasks = append(tasks, jobs.Task{Name: "letters", Every: 10 * time.Minute, Run: x.WriteLetters},
			jobs.Task{Name: "mail", Every: 20 * time.Second, Lease: 15 * time.Minute, Run: func(ctx context.Context) error { return x.SendLetters(ctx, post) }})
	}
	return tasks
}

// RunDue runs every task that is due once: for tests and for demo --once.
func (n *Node) RunDue(ctx context.Context) error { return n.runner.RunDue(ctx) }

// Handler returns the HTTP face, made at the first call.
func (n *Node) Handler(ctx context.Context) (*web.Handler, error) {
	if n.handler != nil {
		return n.handler, nil
	}
	pages, err := n.prepare(ctx)
	if err != nil {
		return nil, err
	}
	uploads, err := upload.NewHandler("/v1/uploads/", n.bucket, n.Exchange.Book(), upload.Options{Log: n.opts.Log, Now: n.opts.Now})
	if err != nil {
		return nil, err
	}
	n.handler, err = web.New(ctx, web.Config{Exchange: n.Exchange, Pages: pages, Uploads: uploads, Base: n.base(), Log: n.opts.Log,
		Now: n.opts.Now, Ready: n.ready, Wake: n.runner.Wake})
	return n.handler, err
}

// prepare makes the pages while it brings the record up to date with what a crash left half-done, and its state, so that who
// comes first finds a fresh one.
func (n *Node) prepare(ctx context.Context) (pages *ui.Pages, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		pages, err = n.pages()
		return err
	})
	group.Go(func() error {
		err := n.Exchange.Integrate(ctx)
		if err == nil {
			err = n.Exchange.State(ctx)
		}
		if errors.Is(err, footage.Unavailable) { // the task tries it again
			return nil
		}
		return err
	})
	err = group.Wait()
	return pages, err
}

func (n *Node) base() string {
	if n.opts.Base != "" {
		return n.opts.Base
	}
	return n.Exchange.Info().RP.Origin
}

func (n *Node) pages() (*ui.Pages, error) {
	info := n.Exchange.Info()
	site := ui.Site{Name: info.Name, Operator: n.opts.Operator, Contact: n.opts.Contact, Origin: n.base(), Fictional: info.Fictional,
		VerifierKey: info.LogVerifier, Feeds: ui.Feeds{Atom: "/feed/requests.atom", JSONFeed: "/feed/requests.json",
			GeoJSON: "/feed/requests.geojson", JSON: "/feed/index.json"}}
	if n.opts.Basemap != "" {
		var err error
		if site.Basemap, err = townmap.Open(n.opts.Basemap); err != nil {
			return nil, err
		}
	}
	return ui.New(site)
}

// maxLate is how late a task may be before the node is not ready.
const maxLate = 15 * time.Minute

// ready says whether the database answers and no task is late.
func (n *Node) ready(ctx context.Context) error {
	if err := n.db.Ping(ctx); err != nil {
		return err
	}
	all, err := n.runner.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Late > maxLate {
			return footage.E(footage.Unavailable, fmt.Sprintf("The task %s is late by %s.", s.Name, s.Late.Round(time.Minute)))
		}
	}
	return nil
}

// Run serves on the listener and runs the tasks until ctx ends. Then running requests get ten seconds to end, and tasks are
// stopped where they are: each can be run again.
func (n *Node) Run(ctx context.Context, l net.Listener, tls TLS) error {
	srv := web.HTTPServer(nil, n.opts.Log)
	if err := tls.apply(srv, n.opts.Log); err != nil {
		return err
	}
	h, err := n.Handler(ctx)
	if ctx.Err() != nil {
		return nil // it was stopped before it began
	}
	if err != nil {
		return err
	}
	srv.Handler = h
	group, ctx := errgroup.WithContext(ctx)
	if n.opts.MetricsListen != "" {
		m, err := net.Listen("tcp", n.opts.MetricsListen)
		if err != nil {
			return fmt.Errorf("listen for metrics: %w", err)
		}
		group.Go(func() error { return web.Serve(ctx, web.HTTPServer(n.Metrics(), n.opts.Log), m) })
	}
	if n.opts.Started != nil {
		n.opts.Started()
	}
	group.Go(func() error { return web.Serve(ctx, srv, l) })
	group.Go(func() error { n.runner.Run(ctx); return nil })
	group.Go(func() error { n.refresh(ctx, h); return nil })
	return group.Wait()
}

// refresh keeps the node's files and pages up with what other nodes and tasks have published, and has the record brought up to
// date when whoever stated something could not.
func (n *Node) refresh(ctx context.Context, h *web.Handler) {
	debug.FreeOSMemory() // what starting took and running does not need
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if behind, err := n.Exchange.Behind(ctx); err == nil && behind {
				n.runner.Wake("integrate")
			}
			if err := h.Refresh(ctx); err != nil && ctx.Err() == nil {
				n.opts.Log.Error("refresh of the public files", "error", err.Error())
			}
		}
	}
}
