package evidence

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// clockSlack is how far the checking device's clock may be behind the exchange's.
const clockSlack = 24 * time.Hour

// Verify checks the whole bundle offline: the checkpoint's signature, every proof, that the text is the one published,
// that an officer and a supervisor of the asking agency, two persons, signed exactly it, that the sealing key is the
// agency's, that an independent attestor and the exchange's operator, three bodies with the agency, vouched for it when it
// published, that policies and updates are in the record. Each failure is a footage.Error of kind Untrusted with a stable
// code and a sentence. A zero now skips the check for dates in the future.
//
// It shows what the record says, not that the record says everything: an entry that the exchange keeps back, such as a
// later key, is found by those who watch the whole log. Whether area and window are within limits is the caller's to judge,
// and whether the request still takes shares is said by [Checked.Open].
func (b Bundle) Verify(trust Trust, now time.Time) (Checked, error) {
	doc := b.Record.Document
	if b.Type != BundleType || doc.Type != footage.DocumentType {
		return Checked{}, untrusted("bundle_type", "This is not a published request of a kind that this program knows.")
	}
	vkey, checkpoint, err := b.checkpoint(trust)
	if err != nil {
		return Checked{}, err
	}
	id, err := doc.ID()
	if err != nil {
		return Checked{}, err
	}
	r, err := b.replay(vkey, checkpoint.Size, id)
	if err != nil {
		return Checked{}, err
	}
	if err := r.complete(checkpoint, doc); err != nil {
		return Checked{}, err
	}
	if !now.IsZero() && r.published.at.After(now.Add(clockSlack)) {
		return Checked{}, untrusted("from_the_future", "The request is dated %s, which has not come yet. Set this device's clock, then try again.", r.published.at.Format(time.RFC1123))
	}
	names, err := Trust{Witnesses: trust.Witnesses}.witnessed(b.Checkpoint, now)
	if err != nil {
		return Checked{}, err
	}
	signers, err := b.signers(r)
	if err != nil {
		return Checked{}, err
	}
	if err := b.updates(r); err != nil {
		return Checked{}, err
	}
	c, err := b.checked(r, checkpoint, trust, signers)
	c.witnesses = len(names)
	return c, err
}

// checkpoint opens the checkpoint with the pinned key, or at first use with the bundle's own.
func (b Bundle) checkpoint(trust Trust) (string, ledger.Checkpoint, error) {
	vkey := strings.TrimSpace(trust.Verifier)
	if vkey == "" {
		vkey = b.Verifier
	}
	verifier, err := ledger.NewVerifier(vkey)
	if err != nil {
		return "", ledger.Checkpoint{}, untrusted("bad_verifier", "The exchange's key cannot be read. Get it anew from the exchange's oversight body.")
	}
	if origin, _, _ := strings.Cut(b.Checkpoint, "\n"); origin != verifier.Name() {
		return "", ledger.Checkpoint{}, untrusted("wrong_exchange", "This comes from the exchange %s; the one that you trust is %s.", oneLine(origin), verifier.Name())
	}
	c, err := ledger.OpenCheckpoint([]byte(b.Checkpoint), vkey)
	if err != nil {
		return "", ledger.Checkpoint{}, untrusted("bad_checkpoint", "The state of the public record does not bear the signature of %s: it is false, or the exchange's key has changed. Compare the key with the one that its oversight body publishes.", verifier.Name())
	}
	return vkey, c, nil
}

// replay verifies the proof of every entry and plays the entries in the log's order.
func (b Bundle) replay(vkey string, size int64, id footage.RequestID) (*record, error) {
	r := newRecord(id, b.Record.Document.Agency)
	last, at := int64(-1), time.Time{}
	for _, p := range b.Entries {
		if p.Index <= last || p.Entry.At.Before(at) {
			return nil, untrusted("entry_order", "The entries of the public record are not in their order at entry %d.", p.Index)
		}
		last, at = p.Index, p.Entry.At
		if err := p.verify(vkey, b.Checkpoint, size); err != nil {
			return nil, err
		}
		if err := r.play(p.Entry, p.Index); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// verify checks that the entry stands at its index in the log of the checkpoint, whose size is given.
func (p Proven) verify(vkey, checkpoint string, size int64) error {
	raw, err := p.Entry.Encode()
	if err != nil {
		return untrusted("bad_entry", "Entry %d of the public record cannot be read.", p.Index)
	}
	if _, err := ledger.DecodeEntry(raw); err != nil {
		return untrusted("bad_entry", "Entry %d of the public record cannot be read: %v", p.Index, err)
	}
	proof := ledger.Inclusion{Index: p.Index, Size: size, Hashes: p.Hashes, Checkpoint: checkpoint}
	if _, err := proof.Verify(raw, vkey); err != nil {
		return untrusted("not_in_log", "Entry %d (%s) is not shown to be in the public record.", p.Index, p.Entry.Kind)
	}
	return nil
}

// complete checks that nothing is missing that the request stands on.
func (r *record) complete(c ledger.Checkpoint, doc footage.Document) error {
	switch {
	case r.exchange == nil:
		return untrusted("exchange_missing", "The entry that names the exchange is missing.")
	case r.exchange.Origin != c.Origin:
		return untrusted("wrong_exchange", "The record of %s begins as that of %s.", c.Origin, r.exchange.Origin)
	case r.forged != nil:
		return r.forged
	case r.published == nil:
		return untrusted("not_published", "The entry that says that this request was published is missing.")
	case r.agencyNow == nil:
		return untrusted("agency_unknown", "The entry that registers %s is missing.", doc.Agency)
	case len(r.epochs) == 0:
		return untrusted("epoch_missing", "The entry that names the sealing key of %s is missing.", doc.Agency)
	case r.published.lapse != "":
		return untrusted("not_verified_twice", "When %s published the request, it was not verified twice: %s.", doc.Agency, lapseWords(r.published.lapse))
	}
	for _, p := range doc.Policies {
		if !r.policies[p] {
			return untrusted("policy_not_adopted", "The entry that adopts the policy %s is missing, or adopts another text.", oneLine(p.Name))
		}
	}
	return nil
}

func (b Bundle) checked(r *record, c ledger.Checkpoint, trust Trust, signers []Signer) (Checked, error) {
	key, err := footage.DecodeBase64(r.exchange.ReceiptKey)
	if err != nil {
		return Checked{}, errors.New("receipt key of a checked entry cannot be read")
	}
	return Checked{
		ID: r.request, Document: b.Record.Document, Exchange: *r.exchange, Fictional: r.exchange.Fictional,
		FirstUse: strings.TrimSpace(trust.Verifier) == "", Agency: *r.agencyNow, Suspended: r.suspended, Epochs: r.epochs,
		Custodians: r.keys, ReceiptKey: key, Signers: signers, PublishedAt: r.published.at, LogIndex: r.published.index,
		LogSize: c.Size, Status: r.status, Updates: b.Updates, at: r.at, Vouching: r.vouching(), paused: r.paused, Desk: r.desk, stopped: r.signerStopped(signers), stops: r.stops, Withheld: r.withheld,
	}, nil
}

func newRecord(id footage.RequestID, agency footage.AgencyID) *record {
	return &record{request: id, agency: agency, keys: map[footage.CustodianID]ed25519.PublicKey{},
		people: map[footage.PersonID]ledger.PersonEnrolled{}, lent: map[footage.PersonID]ledger.PersonLent{}, policies: map[footage.PolicyRef]bool{},
		enrolled: map[footage.PersonID]int64{}, stops: map[footage.PersonID]int64{}, stopped: map[footage.PersonID]bool{}, vouched: vouched{attestors: map[footage.AttestorID]*attestor{}}}
}

// signerStopped reports whether somebody who signed the request is suspended now.
func (r *record) signerStopped(signers []Signer) bool {
	return slices.ContainsFunc(signers, func(s Signer) bool { return r.stopped[s.Person] })
}
