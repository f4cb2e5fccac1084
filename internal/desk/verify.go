package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// Verified is what was found out about a share whose clips lie open here.
type Verified struct {
	Share    *Share
	Manifest evidence.Manifest
	Findings evidence.Findings // the rungs of each clip's ladder among them, with codes that begin with "rung_"
}

// Verify checks an opened share in all its parts - request, receipt, custody chain, the sender's list and its signature, both
// hashes of every clip - and records the findings, good or bad, in the custody chain. By its signature the custodian vouches
// that this list is what was under the seal.
func (d *Desk) Verify(ctx context.Context, id footage.ShareID, progress Progress) (Verified, error) {
	var out Verified
	s, err := d.Share(ctx, id)
	if err != nil {
		return out, err
	}
	pack, m, err := d.pack(s, progress)
	if err != nil {
		return out, err
	}
	out.Share, out.Manifest = s, m
	if out.Findings, err = evidence.Examine(ctx, pack); err != nil {
		return out, fmt.Errorf("verify share: %w", err)
	}
	if err := replaceJSON(d.folder(id, findingsFile), out.Findings); err != nil {
		return out, err
	}
	return out, d.record(ctx, s, footage.EventVerified, evidence.VerifiedDetail(pack.Manifest, out.Findings))
}

// pack gathers everything of a share that goes into a package.
func (d *Desk) pack(s *Share, progress Progress) (evidence.Package, evidence.Manifest, error) {
	u, err := d.opened(s)
	if err != nil {
		return evidence.Package{}, u.m, err
	}
	if s.Checked.Withheld != nil && s.Bundle.Type == "" {
		return evidence.Package{}, u.m, footage.Coded(footage.Gone, "request_withheld", "The text of this request is withheld, and no desk of yours has kept a copy of it with its proofs. "+
			"The clips can be opened; a package that proves for what they were given needs the text. Use the desk that has fetched shares of this request before.")
	}
	v, err := d.device()
	if err != nil {
		return evidence.Package{}, u.m, err
	}
	p := evidence.Package{Manifest: u.raw, Bundle: s.Bundle, Receipt: s.Receipt, Custody: evidence.CustodyRecord{Type: evidence.CustodyType, Events: s.Events, Days: s.Days},
		Clips: map[footage.ClipID]evidence.Source{}, Trust: d.trust(), Progress: progress,
		Info: evidence.Info{Type: evidence.PackageType, Exported: d.now().Truncate(time.Second), Exporter: v.ID, Software: d.opts.Software}}
	for _, c := range u.m.Clips {
		if from, ok := d.clipSource(s, u, c); ok {
			p.Clips[c.ID] = from
		}
	}
	return p, u.m, nil
}

// lastVerified returns the newest findings that a custodian has signed.
func (s *Share) lastVerified() (summary string, ok bool) {
	for _, e := range s.Events {
		if e.Kind == footage.EventVerified {
			summary, ok = e.Detail[evidence.DetailFindings], true
		}
	}
	return summary, ok
}

// passed reports whether a summary of findings names none that failed.
func passed(summary string) bool { return strings.HasSuffix(summary, " fail=0") }
