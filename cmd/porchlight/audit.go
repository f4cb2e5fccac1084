package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/audit"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/metrics"
	"porchlight.example/internal/resident"
)

func auditCommand() command {
	return command{name: "audit", args: "URL", summary: "follow an exchange's public record and judge whether it keeps its rules",
		help: `Anybody can audit an exchange: with this program, without an account, from what is public.

It follows the record from where it stopped last and keeps a copy of it. It checks that the record only grows; that each
entry fits its kind; that each request was signed by two people of an agency that could ask, says what was signed, and kept
to the policies of its day (area, time span, look-back, fishing, camera-hours); that no policy was dated back; that the state
on which clients rely is what the entries come to; that the feed shows every open request in every file where it belongs, and
no other. What the exact place and the agency's own case number would tell is not public and cannot be checked.

Each thing that does not hold is printed as a sentence with a code, once; what was wrong once stays a finding. With findings
the exit code is 5, when the exchange does not answer 6.

The exchange's key comes from 'porchlight trust' or --verifier; without either the exchange's own is used, with a warning.
--checkpoint compares a checkpoint that somebody else was shown: two that do not fit one record show that people are shown
different ones. --interval goes on for ever and prints what is new; --metrics-listen serves figures for Prometheus on a
loopback address.`,
		run: runAudit}
}

// auditFlags are the settings of an audit.
type auditFlags struct {
	config, state, verifier, checkpoint, metrics string
	asJSON                                       bool
	interval, slack                              time.Duration
}

func (f *auditFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.state, "state", "", "the `folder` with the copy of the record and the findings (one in the configuration folder)")
	fs.StringVar(&f.verifier, "verifier", "", "the exchange's verifier `key`, in place of the pinned one")
	fs.StringVar(&f.checkpoint, "checkpoint", "", "a `file` with a checkpoint that somebody else was shown, to be compared")
	fs.BoolVar(&f.asJSON, "json", false, "print JSON, a line for each round")
	fs.DurationVar(&f.interval, "interval", 0, "go on and look again every `so often`, such as 15m")
	fs.DurationVar(&f.slack, "slack", 0, "how `long` the feed may need to follow the record (2m)")
	fs.StringVar(&f.metrics, "metrics-listen", "", "loopback `address` at which to serve metrics, such as 127.0.0.1:9464")
}

func runAudit(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight audit")
	var f auditFlags
	f.add(fs)
	config := configFlag(fs)
	rest, err := parse(e, fs, args, 1, 1)
	if err != nil {
		return err
	}
	f.config = *config
	base, err := baseOf(rest[0])
	if err != nil {
		return err
	}
	if f.interval < 0 || f.metrics != "" && f.interval == 0 {
		return usagef("--metrics-listen needs --interval, which is a time such as 15m")
	}
	cfg, err := f.settings(ctx, e, base)
	if err != nil {
		return err
	}
	debug.SetGCPercent(40) // a long record is many small things that stay: collecting more often is cheap beside reading it
	a, err := audit.Open(ctx, cfg)
	if err != nil {
		return err
	}
	if f.interval > 0 {
		return f.watch(ctx, e, a)
	}
	report, err := f.once(ctx, e, a)
	if err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return footage.Coded(footage.Untrusted, "audit", fmt.Sprintf("Things that do not hold: %d.", n))
	}
	return nil
}

// settings gathers what is pinned and where the audit's state lies.
func (f *auditFlags) settings(ctx context.Context, e env, base string) (audit.Config, error) {
	cfg := audit.Config{Base: base, Dir: f.state, Slack: f.slack, Trust: evidence.Trust{Verifier: f.verifier}}
	pins, err := pinsIn(f.config)
	if err != nil {
		return cfg, err
	}
	pin := pins.Of(base)
	cfg.Trust.Witnesses, cfg.Trust.Quorum = pin.Witnesses, pin.Quorum
	if cfg.Trust.Verifier == "" {
		cfg.Trust.Verifier = pin.Verifier
	}
	if cfg.Trust.Verifier == "" {
		info, err := resident.New(base, "").Info(ctx)
		if err != nil {
			return cfg, err
		}
		cfg.Trust.Verifier = info.LogVerifier
		fmt.Fprintf(e.stderr, "porchlight: warning: no key is pinned for %s, so its own is used: that it is the right exchange rests on its word.\n", base)
	}
	if cfg.Dir == "" {
		folder, err := configFolder(f.config)
		if err != nil {
			return cfg, err
		}
		sum := sha256.Sum256([]byte(base + "\n" + cfg.Trust.Verifier))
		cfg.Dir = filepath.Join(folder, "audit", hex.EncodeToString(sum[:8]))
	}
	return cfg, nil
}

// once does one round and prints what is known.
func (f *auditFlags) once(ctx context.Context, e env, a *audit.Auditor) (audit.Report, error) {
	report, err := a.Round(ctx)
	if err == nil && f.checkpoint != "" {
		var note []byte
		if note, err = os.ReadFile(f.checkpoint); err != nil {
			return report, footage.E(footage.NotFound, "The checkpoint "+f.checkpoint+" cannot be read.")
		}
		if err = a.Compare(ctx, note); err == nil {
			report, err = a.Round(ctx)
		}
	}
	if err != nil {
		return report, err
	}
	if f.asJSON {
		return report, printJSON(e.stdout, report)
	}
	for _, finding := range report.Findings {
		fmt.Fprintf(e.stdout, "%s: %s: %s\n", finding.Code, plain(finding.Subject), plain(finding.Text))
	}
	if len(report.Findings) == 0 {
		fmt.Fprint(e.stdout, "Everything holds. ")
	}
	fmt.Fprintf(e.stdout, "%s: %d entries, %d requests judged, %d open ones compared with the feed.\n", report.Exchange, report.Entries, report.Requests, report.Open)
	return report, nil
}

// watch does round after round until it is stopped, and prints what is new.
func (f *auditFlags) watch(ctx context.Context, e env, a *audit.Auditor) error {
	shown := &auditFigures{}
	if f.metrics != "" {
		l, err := listenLoopback(f.metrics)
		if err != nil {
			return err
		}
		srv := &http.Server{Handler: shown.handler(), ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = srv.Serve(l) }()
		defer srv.Close()
	}
	told := 0
	for {
		report, err := a.Round(ctx)
		if ctx.Err() != nil {
			return nil // stopped: the state is durable
		}
		shown.set(report, err)
		if err != nil && !errors.Is(err, footage.Unavailable) {
			return err
		}
		if err != nil {
			fmt.Fprintf(e.stderr, "porchlight: warning: %v\n", err)
		}
		for _, finding := range report.Findings[min(told, len(report.Findings)):] {
			fmt.Fprintf(e.stdout, "%s %s: %s: %s\n", finding.Found.Format(time.RFC3339), finding.Code, plain(finding.Subject), plain(finding.Text))
		}
		told = len(report.Findings)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(f.interval):
		}
	}
}

// listenLoopback listens on an address of this machine alone.
func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usagef("--metrics-listen takes a loopback address, such as 127.0.0.1:9464")
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	return l, nil
}

// auditFigures is what the metrics show.
type auditFigures struct {
	mu      sync.Mutex // guards both
	report  audit.Report
	reached bool
}

func (f *auditFigures) set(report audit.Report, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.report, f.reached = report, err == nil
}

// handler serves the figures in the form that Prometheus reads.
func (f *auditFigures) handler() http.Handler {
	gauge := func(name, help string, value func() float64) metrics.Gauge {
		return metrics.Gauge{Name: name, Help: help, Value: func(context.Context) (float64, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return value(), nil
		}}
	}
	return metrics.Handler(
		gauge("porchlight_audit_reached", "1 when the last round could be done.", func() float64 { return metrics.Truth(f.reached) }),
		gauge("porchlight_audit_findings", "Things that do not hold, of all rounds.", func() float64 { return float64(len(f.report.Findings)) }),
		gauge("porchlight_audit_entries", "Verified entries of the record.", func() float64 { return float64(f.report.Entries) }),
		gauge("porchlight_audit_requests", "Published requests that were judged.", func() float64 { return float64(f.report.Requests) }),
		gauge("porchlight_audit_checked_seconds", "When the last round ended, in Unix time.", func() float64 {
			if f.report.Checked.IsZero() {
				return 0
			}
			return float64(f.report.Checked.Unix())
		}),
	)
}
