package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// HeadType is the value of a head's type member.
const HeadType = "porchlight/head/v1"

// MaxHead is the size limit of a head in JSON: 256 KiB.
const MaxHead = 256 << 10

// HeadKey is where the newest head lies among the record's objects.
const HeadKey = "log/head.json"

// MaxStateAge is how old the newest state of the record may be by default to be relied on.
const MaxStateAge = 24 * time.Hour

// Head is the newest state of the public record, small enough to be fetched on every tick: the checkpoint, with the
// cosignatures of witnesses if there are any, and the state entry with its proof. A bundle shows what was so once; a head
// with its state document shows what is so now, for all bundles at once, so that opening a request asks nobody.
type Head struct {
	Type       string `json:"type"`       // HeadType
	Checkpoint string `json:"checkpoint"` // signed note
	State      Proven `json:"state"`      // the newest state entry
	// Since is the size of the record in the head before this one, 0 if there was none; Consistency proves that this one
	// continues it. Whoever remembers that head needs nothing else to see that the record was only added to.
	Since       int64       `json:"since"`
	Consistency []tlog.Hash `json:"consistency"`
}

// NewHead makes the head of a signed checkpoint from the index of the newest state entry and the size of the head before.
func NewHead(ctx context.Context, src ledger.Source, checkpoint []byte, verifier string, state, since int64) (Head, error) {
	c, err := ledger.OpenCheckpoint(checkpoint, verifier)
	if err != nil {
		return Head{}, err
	}
	h := Head{Type: HeadType, Checkpoint: string(checkpoint), Since: since, Consistency: []tlog.Hash{}}
	if h.State, err = prove(ctx, src, c.Tree, checkpoint, state); err != nil {
		return h, fmt.Errorf("head: %w", err)
	}
	proof, err := ledger.ProveConsistency(ctx, src, since, checkpoint)
	if err != nil {
		return h, fmt.Errorf("head: %w", err)
	}
	h.Consistency = append(h.Consistency, proof...)
	return h, nil
}

// ParseHead reads a head strictly, as [ParseBundle] reads a bundle. It verifies nothing.
func ParseHead(raw []byte) (Head, error) {
	if len(raw) > MaxHead {
		return Head{}, footage.Coded(footage.TooLarge, "head_too_large", "The head of the public record is larger than 256 KiB.")
	}
	var h Head
	if err := decodeExact(raw, &h); err != nil {
		return Head{}, fmt.Errorf("read head: %w", err)
	}
	if h.Type != HeadType {
		return Head{}, footage.Coded(footage.Unsupported, "head_type", "This program does not know this kind of head. A newer one may know it.")
	}
	return h, nil
}

// Encode returns the head's canonical JSON.
func (h Head) Encode() ([]byte, error) { return footage.Canonical(h) }

// StateHash returns the hash of the state document that the head commits to, unverified: it says which one to fetch.
func (h Head) StateHash() (string, error) {
	fact, err := h.State.Entry.Fact()
	if err != nil {
		return "", err
	}
	state, ok := fact.(ledger.State)
	if !ok {
		return "", untrusted("state_missing", "What the exchange gives for the newest state of its record is none.")
	}
	return state.SHA256, nil
}

// Standing is what a verified head and its document say of the present.
type Standing struct {
	Checkpoint ledger.Checkpoint
	At         time.Time // of the state entry
	Size       int64     // how many entries the state sums up: it says nothing of later ones
	Document   ledger.StateDocument
	Witnesses  []string // names of the pinned witnesses who cosigned, each once

	quorum int
}

// Verify checks a head with its state document offline: the signature, the cosignatures of as many pinned witnesses as are
// asked for, the proof, the document's hash, and that the state is neither too old nor from the future. Each failure is a
// footage.Error of kind Untrusted with a stable code. A zero now skips the check of age.
func (h Head) Verify(trust Trust, verifier string, document []byte, now time.Time) (s Standing, err error) {
	b := Bundle{Verifier: verifier, Checkpoint: h.Checkpoint}
	vkey, checkpoint, err := b.checkpoint(trust)
	if err != nil {
		return s, err
	}
	s = Standing{Checkpoint: checkpoint, At: h.State.Entry.At, quorum: trust.Quorum}
	if s.Witnesses, err = trust.witnessed(h.Checkpoint, now); err != nil {
		return s, err
	}
	if err := h.State.verify(vkey, h.Checkpoint, checkpoint.Size); err != nil {
		return s, err
	}
	hash, err := h.StateHash()
	if err != nil {
		return s, err
	}
	s.Size = h.State.Index
	if footage.Hash(document) != hash {
		return s, untrusted("state_changed", "The state that the exchange gives is not the one in its public record: somebody has changed who may ask, or with which key.")
	}
	if s.Document, err = ledger.ParseState(document); err != nil {
		return s, untrusted("state_changed", "The state of the public record cannot be read: %v", err)
	}
	return s, s.fresh(trust, now)
}

// fresh checks the state's age.
func (s Standing) fresh(trust Trust, now time.Time) error {
	limit := trust.MaxAge
	if limit == 0 {
		limit = MaxStateAge
	}
	switch {
	case now.IsZero():
		return nil
	case s.At.After(now.Add(clockSlack)):
		return untrusted("from_the_future", "The state of the public record is dated %s, which has not come yet. Set this device's clock, then try again.", s.At.Format(time.RFC1123))
	case now.Sub(s.At) > limit:
		return untrusted("state_old", "The newest state of the public record is of %s, more than %s ago: a key may have been revoked since. Nothing is sealed on its word; try again when the exchange shows a newer one.",
			s.At.UTC().Format(time.RFC1123), hours(limit))
	}
	return nil
}

// hours says a span for people.
func hours(d time.Duration) string {
	if d%time.Hour != 0 {
		return d.String()
	}
	return fmt.Sprintf("%d hours", d/time.Hour)
}

// Continues checks that the head's record only added entries to a checkpoint that was verified before, if the head's own
// proof can tell: ok is false when the two are further apart, and the tiles must tell.
func (h Head) Continues(seen, now ledger.Checkpoint) (ok bool, err error) {
	if err := ledger.CheckNotBehind(seen, now); err != nil || seen.Size == now.Size {
		return true, err
	}
	if seen.Size != h.Since {
		return false, nil
	}
	return true, ledger.VerifyConsistency(seen, now, h.Consistency)
}

// Against holds a verified bundle against the present: whether what it proves still counts. Where the bundle shows an entry
// that is newer than the state, the bundle's word stands, if it is cosigned like the state. An error is of kind Untrusted; that the request has ended or its
// agency is suspended is said by [Checked.Open].
func (c Checked) Against(s Standing) (Checked, error) {
	if c.at.newest() >= s.Size && c.witnesses < s.quorum {
		return Checked{}, untrusted("not_witnessed_yet", "The request, or what it stands on, is newer than the newest state that witnesses have cosigned. Try again in a quarter of an hour.")
	}
	now, err := c.agencyIn(s)
	if err != nil {
		return Checked{}, err
	}
	for _, check := range []func() error{
		func() error { return c.currentAgency(s, now) }, func() error { return c.currentVerified(s, now) }, func() error { return c.currentEpoch(s, now) },
		func() error { return c.currentSigners(s) }, func() error { return c.currentRequest(s) },
	} {
		err := check()
		switch {
		case errors.Is(err, footage.Gone) || errors.Is(err, footage.Forbidden):
			if c.ended == nil {
				c.ended = err
			}
		case err != nil:
			return Checked{}, err
		}
	}
	if now.Verified != nil {
		c.verifiedUntil = now.Verified.Until
	}
	return c, nil
}

// agencyIn returns what the state says of the agency. Of one that registered after it, it says nothing.
func (c Checked) agencyIn(s Standing) (now ledger.StateAgency, err error) {
	i, known := slices.BinarySearchFunc(s.Document.Agencies, c.Agency.ID, func(a ledger.StateAgency, id footage.AgencyID) int { return strings.Compare(string(a.ID), string(id)) })
	switch {
	case known:
		return s.Document.Agencies[i], nil
	case c.at.registered >= s.Size:
		return now, nil
	}
	return now, untrusted("agency_not_current", "%s stands in the request, but the public record does not count it among the agencies that may ask now.", c.Agency.Name)
}

// currentAgency checks the agency's description, and that it is not suspended.
func (c Checked) currentAgency(s Standing, now ledger.StateAgency) error {
	if c.at.agency >= s.Size {
		return nil
	}
	if now.Suspended {
		return footage.Coded(footage.Forbidden, "agency_suspended", c.Agency.Name+" is suspended and may not receive footage now.")
	}
	hash, err := ledger.HashJSON(c.Agency)
	if err != nil {
		return err
	}
	if hash != now.SHA256 {
		return untrusted("agency_outdated", "The public record says something else of %s now than this copy of the request shows. Fetch the request anew.", c.Agency.Name)
	}
	if c.at.desk < s.Size && c.Desk != now.Desk {
		return untrusted("desk_outdated", "The public record says now that %s opens clips elsewhere than this copy of the request shows. Fetch the request anew.", c.Agency.Name)
	}
	return nil
}

// currentVerified checks that the agency's two verifications count, whatever the bundle's own proofs of them are.
func (c Checked) currentVerified(s Standing, now ledger.StateAgency) error {
	if c.at.vouched >= s.Size || !now.Paused && now.Verified != nil {
		return nil
	}
	return c.unverified()
}

func (c Checked) unverified() error {
	return footage.Coded(footage.Forbidden, "agency_paused", c.Agency.Name+" may not receive footage now: the public record does not count both its verifications, the attestor's and the operator's, as in force.")
}

// currentEpoch checks the agency's sealing key.
func (c Checked) currentEpoch(s Standing, agency ledger.StateAgency) error {
	if c.at.epoch >= s.Size {
		return nil
	}
	now, epoch := agency.Epoch, c.Epoch()
	hash, err := ledger.HashJSON(epoch)
	if err != nil {
		return err
	}
	switch {
	case now == nil:
		return untrusted("key_revoked", "The public record names no sealing key of %s that counts now. Nothing may be sealed to key %d.", c.Agency.Name, epoch.Number)
	case now.Number > epoch.Number:
		return untrusted("key_revoked", "Key %d of %s counts no more: the public record has key %d since. Nothing may be sealed to the old one, although its proof holds. Fetch the request anew.", epoch.Number, c.Agency.Name, now.Number)
	case now.Number != epoch.Number || now.SHA256 != hash:
		return untrusted("key_swapped", "The exchange works with another sealing key of %s than its public record shows. Nothing is sealed to either; tell the exchange's oversight body.", c.Agency.Name)
	}
	return nil
}

// currentSigners checks that nobody had been disabled or suspended when they signed, of which the bundle keeps back the entry.
// What somebody signed before they left stays signed; while somebody is suspended, what they signed takes no footage.
func (c Checked) currentSigners(s Standing) (stopped error) {
	for _, signer := range c.Signers {
		i, known := slices.BinarySearchFunc(s.Document.People, signer.Person, func(p ledger.StatePerson, id footage.PersonID) int { return strings.Compare(string(p.ID), string(id)) })
		if !known {
			if signer.Enrolled >= s.Size {
				continue
			}
			return untrusted("signer_not_current", "The %s who signed is not among the people of the public record.", signer.Role)
		}
		now := s.Document.People[i]
		if off := now.Disabled; off > 0 && off < c.LogIndex {
			return untrusted("signer_disabled", "The key of the %s who signed counted no more when the request was published, although its proof holds.", signer.Role)
		}
		switch off := now.Suspended; {
		case off > 0 && off < c.LogIndex:
			return untrusted("signer_suspended_before", "The %s who signed was suspended when the request was published.", signer.Role)
		case off > 0 && c.stops[signer.Person] < s.Size:
			stopped = footage.Coded(footage.Forbidden, "signer_suspended", "Somebody who signed the request is suspended; it takes no footage now.")
		}
	}
	return stopped
}

// currentRequest checks that the request is open.
func (c Checked) currentRequest(s Standing) error {
	if c.LogIndex >= s.Size || c.Status != footage.Published {
		return nil
	}
	i, open := slices.BinarySearchFunc(s.Document.Open, c.ID, func(r ledger.StateRequest, id footage.RequestID) int {
		return strings.Compare(string(r.ID), string(id))
	})
	if !open {
		return footage.Coded(footage.Gone, "request_closed", "The request takes no more footage: the public record does not count it among the open ones now.")
	}
	if c.at.head >= s.Size {
		return nil
	}
	head := string(c.ID)
	if n := len(c.Updates); n > 0 {
		var err error
		if head, err = ledger.HashJSON(c.Updates[n-1].Update); err != nil {
			return err
		}
	}
	if s.Document.Open[i].Head != head {
		return untrusted("update_withheld", "This copy of the request lacks an update that the public record has. Fetch the request anew.")
	}
	return nil
}
