package footage

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"time"
)

// EventKind is a step in the life of a share, as its custody chain tells it.
type EventKind string

// The kinds of custody event, with the party that signs each.
const (
	EventCommitted EventKind = "committed" // exchange: complete and durable; Detail holds the clips' digests
	EventReleased  EventKind = "released"  // exchange: shown to the agency at a tick
	EventPickedUp  EventKind = "picked_up" // agency: durable before the first byte goes out
	EventOpened    EventKind = "opened"    // agency: decrypted
	EventVerified  EventKind = "verified"  // agency: hashes, manifest and request checked; Detail holds the findings
	EventAccepted  EventKind = "accepted"  // agency
	EventDeclined  EventKind = "declined"  // agency: Detail holds reason and statement on exculpatory value
	EventExported  EventKind = "exported"  // agency: written as an evidence package; Detail holds its hash
	EventConfirmed EventKind = "confirmed" // agency: it holds its own copy; the exchange may erase
	EventAsked     EventKind = "asked"     // agency: sent a question
	EventReplied   EventKind = "replied"   // exchange: the resident answered
	EventWithdrawn EventKind = "withdrawn" // exchange: taken back before pick-up
	EventRecalled  EventKind = "recalled"  // exchange: asked back after pick-up
	EventAnswered  EventKind = "answered"  // agency: its answer to the recall
	EventExpired   EventKind = "expired"   // exchange: the policy's days are over
	EventErased    EventKind = "erased"    // exchange: its copy is gone
	EventRestored  EventKind = "restored"  // exchange: restored from a backup; Detail says of when. Steps since then may be lost
	EventLost      EventKind = "lost"      // exchange: it found its copy gone, by no act that it knows of
)

// Event is one signed link of a share's custody chain.
type Event struct {
	Share  ShareID           `json:"share"`
	Seq    int               `json:"seq"`  // from 0
	Prev   string            `json:"prev"` // Hash of the event before; empty for the first
	At     time.Time         `json:"at"`
	Kind   EventKind         `json:"kind"`
	Party  Party             `json:"party"`
	Signer string            `json:"signer"` // "exchange", or a CustodianID
	Detail map[string]string `json:"detail,omitempty"`
	Sig    string            `json:"sig,omitempty"` // Ed25519 over SigningBytes, base64url
}

// SigningBytes returns the domain-separated bytes that Sig covers: the canonical event without Sig.
func (e Event) SigningBytes() ([]byte, error) {
	e.Sig = ""
	return signingBytes("porchlight/custody/v1", e)
}

// Sign sets Sig.
func (e *Event) Sign(key ed25519.PrivateKey) error {
	b, err := e.SigningBytes()
	if err != nil {
		return err
	}
	e.Sig = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	return nil
}

// Hash returns the hash that the next event's Prev must hold; it covers the signature.
func (e Event) Hash() (string, error) {
	b, err := Canonical(e)
	if err != nil {
		return "", err
	}
	return Hash(b), nil
}

// CheckChain verifies that events are one unbroken, ordered chain, each signed by the key that keyOf gives for its
// signer. It returns the hash of the last event. Every failure is of kind [Untrusted] and names the event.
func CheckChain(events []Event, keyOf func(party Party, signer string) (ed25519.PublicKey, error)) (string, error) {
	prev := ""
	for i, e := range events {
		bad := func(what string) error {
			return E(Untrusted, fmt.Sprintf("Custody event %d (%s) %s.", i, e.Kind, what))
		}
		if e.Seq != i || e.Prev != prev || e.Share != events[0].Share {
			return "", bad("does not follow the one before")
		}
		if i > 0 && e.At.Before(events[i-1].At) {
			return "", bad("is dated before the one before")
		}
		key, err := keyOf(e.Party, e.Signer)
		if err != nil {
			return "", bad("has an unknown signer")
		}
		if err := checkSig(key, e.SigningBytes, e.Sig); err != nil {
			return "", bad("has a signature that does not fit")
		}
		if prev, err = e.Hash(); err != nil {
			return "", err
		}
	}
	return prev, nil
}

// Receipt is the exchange's signed promise that a share is complete and durable.
type Receipt struct {
	Type      string       `json:"type"` // ReceiptType
	Exchange  string       `json:"exchange"`
	Share     ShareID      `json:"share"`
	Request   RequestID    `json:"request"`
	Agency    AgencyID     `json:"agency"`
	Epoch     int          `json:"epoch"`
	Clips     []SealedClip `json:"clips"`
	Manifest  string       `json:"manifest"` // SHA-256 of the sealed manifest
	Committed time.Time    `json:"committed"`
	EraseBy   time.Time    `json:"erase_by"` // the exchange's copy is gone by then, whatever happens
	Sig       string       `json:"sig,omitempty"`
}

// ReceiptType is the value of the type member.
const ReceiptType = "porchlight/receipt/v1"

// SigningBytes returns the bytes that Sig covers: the canonical receipt without Sig.
func (r Receipt) SigningBytes() ([]byte, error) {
	r.Sig = ""
	return signingBytes(ReceiptType, r)
}

// Sign sets Sig.
func (r *Receipt) Sign(key ed25519.PrivateKey) error {
	b, err := r.SigningBytes()
	if err != nil {
		return err
	}
	r.Sig = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	return nil
}

// Verify checks the exchange's signature.
func (r Receipt) Verify(key ed25519.PublicKey) error {
	if err := checkSig(key, r.SigningBytes, r.Sig); err != nil {
		return E(Untrusted, "The receipt's signature does not fit the exchange's key.")
	}
	return nil
}

// signingBytes returns context, a line feed and the canonical form of v.
func signingBytes(context string, v any) ([]byte, error) {
	b, err := Canonical(v)
	if err != nil {
		return nil, err
	}
	return append([]byte(context+"\n"), b...), nil
}

func checkSig(key ed25519.PublicKey, message func() ([]byte, error), sig string) error {
	b, err := message()
	if err != nil {
		return err
	}
	raw, err := DecodeBase64(sig)
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, b, raw) {
		return Untrusted
	}
	return nil
}
