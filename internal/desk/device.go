package desk

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"filippo.io/age"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// device is this device's pair of keys: one signs custody events, the other opens what is wrapped for the device.
type device struct {
	ID       footage.CustodianID // empty until the exchange has registered it
	Sign     ed25519.PrivateKey
	Identity *seal.Identity
}

// deviceJSON is the device's file, which lies open in device.json or under a passphrase in device.age.
type deviceJSON struct {
	Type      string              `json:"type"` // deviceType
	Custodian footage.CustodianID `json:"custodian"`
	Seed      string              `json:"sign_seed"` // Ed25519 seed (RFC 8032), base64url
	Identity  string              `json:"identity"`  // age post-quantum identity
}

const deviceType = "porchlight/desk-device/v1"

// signKey returns the public signing key as it stands in the record.
func (v *device) signKey() string { return api.Encode(v.Sign.Public().(ed25519.PublicKey)) }

// DeviceFingerprint returns what two people compare before one lets the other's device open footage: 80 bits over both public
// keys of the device. The exchange tells each desk of the other's device, and could tell it of another one.
func DeviceFingerprint(recipient, signKey string) string {
	return seal.Fingerprint(recipient + " " + signKey)
}

// device returns the device's keys. Without them it is NotFound, locked Unauthorized.
func (d *Desk) device() (*device, error) {
	raw, err := os.ReadFile(d.path(deviceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return d.lockedDevice()
	}
	if err != nil {
		return nil, err
	}
	return parseDevice(raw)
}

// lockedDevice returns the keys that lie under a passphrase. They are unlocked once: it is slow on purpose.
func (d *Desk) lockedDevice() (*device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unlocked != nil {
		return d.unlocked, nil
	}
	raw, err := d.unlock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.Coded(footage.NotFound, CodeNoDevice, "This device has no custody key. Make one with 'porchlight desk key add', or 'desk key new' if your agency has none at all.")
	}
	if err != nil {
		return nil, err
	}
	d.unlocked, err = parseDevice(raw)
	return d.unlocked, err
}

func parseDevice(raw []byte) (*device, error) {
	var f deviceJSON
	bad := footage.E(footage.Invalid, "The device's key file is damaged or of another program. Put a good copy back, or register the device anew with 'desk key add'.")
	if err := footage.DecodeStrict(raw, &f); err != nil || f.Type != deviceType {
		return nil, bad
	}
	seed, err := api.Decode(f.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, bad
	}
	id, err := seal.ParseIdentity(f.Identity)
	if err != nil {
		return nil, bad
	}
	return &device{ID: f.Custodian, Sign: ed25519.NewKeyFromSeed(seed), Identity: id}, nil
}

// unlock opens device.age with the passphrase.
func (d *Desk) unlock() ([]byte, error) {
	sealed, err := os.ReadFile(d.path(lockedFile))
	if err != nil {
		return nil, err
	}
	locked := footage.Coded(footage.Unauthorized, CodeLocked, "The device's key is under a passphrase. Give it with --passphrase-file.")
	if d.opts.Passphrase == nil {
		return nil, locked
	}
	pass, err := d.opts.Passphrase()
	if err != nil {
		return nil, err
	}
	id, err := age.NewScryptIdentity(pass)
	if err != nil {
		return nil, locked
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, footage.Coded(footage.Unauthorized, CodeLocked, "The passphrase does not open the device's key.")
	}
	return io.ReadAll(r)
}

// scryptWork is the logarithm of scrypt's cost: half a second and 128 MB (OWASP, Password Storage Cheat Sheet).
const scryptWork = 17

// saveDevice writes the device's keys, under the passphrase if there is one.
func (d *Desk) saveDevice(v *device) error {
	raw, err := json.Marshal(deviceJSON{Type: deviceType, Custodian: v.ID, Seed: api.Encode(v.Sign.Seed()), Identity: v.Identity.String()})
	if err != nil {
		return fmt.Errorf("encode device key: %w", err)
	}
	if d.opts.Passphrase == nil {
		return replaceFile(d.path(deviceFile), raw)
	}
	pass, err := d.opts.Passphrase()
	if err != nil {
		return err
	}
	to, err := age.NewScryptRecipient(pass)
	if err != nil {
		return footage.E(footage.Invalid, "The passphrase is empty. Write one into the file, of several words.")
	}
	to.SetWorkFactor(scryptWork)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return fmt.Errorf("lock device key: %w", err)
	}
	_, err = w.Write(raw)
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("lock device key: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unlocked = v
	return replaceFile(d.path(lockedFile), sealed.Bytes())
}

// ownDevice returns the device's keys, making and registering what is missing. They are on disk before the exchange knows
// them, so that no answer that is lost loses them.
func (d *Desk) ownDevice(ctx context.Context) (*device, error) {
	v, err := d.device()
	if footage.KindOf(err) == footage.NotFound {
		v, err = newDevice()
		if err == nil {
			err = d.saveDevice(v)
		}
	}
	if err != nil || v.ID != "" {
		return v, err
	}
	var out api.CustodianDevice
	if err := d.call(ctx, http.MethodPost, "/v1/agency/custodians", api.NewCustodian{SignKey: v.signKey(), Recipient: v.Identity.Recipient()}, &out); err != nil {
		return nil, fmt.Errorf("register this device: %w", err)
	}
	v.ID = out.ID
	return v, d.saveDevice(v)
}

func newDevice() (*device, error) {
	_, sign, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate signing key: %w", err)
	}
	id, err := seal.GenerateIdentity()
	if err != nil {
		return nil, err
	}
	return &device{Sign: sign, Identity: id}, nil
}
