// Package attest is an attestor's desk: a signing key in a file, and statements about agencies that are made and checked offline.
// It imports nothing of the exchange's server.
package attest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"porchlight.example/internal/footage"
)

// keyType names the format of a key's file.
const keyType = "porchlight/attestor-key/v1"

// keyFile is a key on the disk.
type keyFile struct {
	Type string `json:"type"`
	Seed string `json:"seed"` // Ed25519, 32 bytes, base64url: a secret
}

// Key signs an attestor's statements.
type Key struct{ private ed25519.PrivateKey }

// NewKey makes a random key.
func NewKey() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return Key{private}, err
}

// Public returns the public key as the register holds it.
func (k Key) Public() string {
	return base64.RawURLEncoding.EncodeToString(k.private.Public().(ed25519.PublicKey))
}

// Save writes the key to a new file that its owner alone may read. It is a Conflict if the file exists.
func (k Key) Save(path string) error {
	raw, err := json.Marshal(keyFile{Type: keyType, Seed: base64.RawURLEncoding.EncodeToString(k.private.Seed())})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return footage.E(footage.Conflict, "There is a file at "+path+" already. A key is never written over; choose another name.")
	}
	if err != nil {
		return fmt.Errorf("save the attestor's key: %w", err)
	}
	_, err = f.Write(append(raw, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path) // half a key is of no use
		return fmt.Errorf("save the attestor's key: %w", err)
	}
	return nil
}

// LoadKey reads a key from its file.
func LoadKey(path string) (Key, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, footage.E(footage.NotFound, "There is no key at "+path+". Make one with 'porchlight attest key new'.")
	}
	if err != nil {
		return Key{}, fmt.Errorf("read the attestor's key: %w", err)
	}
	var f keyFile
	if err := footage.DecodeStrict(raw, &f); err != nil || f.Type != keyType {
		return Key{}, footage.E(footage.Invalid, path+" holds no attestor's key.")
	}
	seed, err := footage.DecodeBase64(f.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return Key{}, footage.E(footage.Invalid, path+" holds no attestor's key.")
	}
	return Key{ed25519.NewKeyFromSeed(seed)}, nil
}

// Statement is what an attestor says when making a statement; the rest follows from it.
type Statement struct {
	Exchange string // origin of the exchange's record
	Attestor footage.AttestorID
	Agency   footage.Agency // the description that was checked
	Checks   []footage.Check
	By       string
	Until    time.Time // zero: a year from now
	Kind     footage.AttestorKind
}

// Make makes a signed statement at a time. What would not count is refused, with every reason.
func (k Key) Make(s Statement, now time.Time) (footage.Attestation, error) {
	issued := now.UTC().Truncate(time.Second)
	description, err := footage.DescriptionHash(s.Agency)
	if err != nil {
		return footage.Attestation{}, err
	}
	a := footage.Attestation{Type: footage.AttestationType, Exchange: s.Exchange, Attestor: s.Attestor, Agency: s.Agency.ID, Description: description,
		Checks: s.Checks, By: s.By, Issued: issued, Expires: s.Until.UTC().Truncate(time.Second)}
	if s.Until.IsZero() {
		a.Expires = footage.YearAfter(issued)
	}
	if faults := a.Faults(s.Kind); len(faults) > 0 {
		return a, &footage.Error{Kind: footage.Invalid, Code: "attestation", Msg: "The statement would not count.", Reasons: faults}
	}
	return a, a.Sign(k.private)
}

// Retract makes a signed retraction of a statement at a time.
func (k Key) Retract(a footage.Attestation, now time.Time) (footage.Retraction, error) {
	hash, err := a.Hash()
	if err != nil {
		return footage.Retraction{}, err
	}
	r := footage.Retraction{Type: footage.RetractionType, Exchange: a.Exchange, Attestor: a.Attestor, Agency: a.Agency, Attestation: hash, At: now.UTC().Truncate(time.Second)}
	return r, r.Sign(k.private)
}

// Check checks a statement offline: that it is well formed for its attestor's kind, that the attestor's key signed it, that it
// speaks of this description, and that it is in force at a time. All that does not hold is told at once.
func Check(a footage.Attestation, by footage.Attestor, agency footage.Agency, now time.Time) error {
	reasons := a.Faults(by.Kind)
	add := func(bad bool, code, msg string) {
		if bad {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	description, err := footage.DescriptionHash(agency)
	if err != nil {
		return err
	}
	add(a.Verify(by.PublicKey()) != nil, "attestation_signature", "The statement does not bear the signature of that key.")
	add(a.Attestor != by.ID, "attestation_attestor", "The statement is of the attestor "+string(a.Attestor)+".")
	add(a.Agency != agency.ID, "attestation_other_agency", "The statement is about "+string(a.Agency)+".")
	add(a.Description != description, "attestation_old", "The statement speaks of another description of the agency.")
	add(by.Body.Same(agency.Body), "same_body", "The attestor is of the agency's own body. Nobody vouches for themselves.")
	add(a.Issued.After(now.Add(10*time.Minute)), "clock", "The statement is dated after this device's clock.")
	add(!now.Before(a.Expires), "attestation_ended", "The statement's time is over.")
	if len(reasons) > 0 {
		return &footage.Error{Kind: footage.Untrusted, Code: "attestation", Msg: "The statement does not hold.", Reasons: reasons}
	}
	return nil
}
