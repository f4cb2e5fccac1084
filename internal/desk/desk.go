package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/trust"
)

// Codes of this package's own errors.
const (
	CodeNoDesk       = "no_desk"          // NotFound: the folder is no desk yet
	CodeDeskExists   = "desk_exists"      // Conflict: the folder is a desk already
	CodeNeedsBrowser = "needs_browser"    // Unsupported: a real exchange takes hardware passkeys, in a browser
	CodeKeyChanged   = "key_changed"      // Untrusted: the exchange's record has another key than when the desk was made
	CodeNoDevice     = "no_device"        // NotFound: this device has no custody key
	CodeLocked       = "device_locked"    // Unauthorized: the device's key needs its passphrase
	CodeNotInRecord  = "not_in_record"    // Forbidden: the public record does not name this device's key yet
	CodeNotWrapped   = "not_wrapped"      // Forbidden: nobody has wrapped the epoch key for this device
	CodeWrongDevice  = "wrong_device"     // Untrusted: the device's key file holds another identity than the exchange knows
	CodeForeignEpoch = "foreign_epoch"    // Untrusted: a wrapped key is not the one in the public record
	CodeNotPickedUp  = "not_picked_up"    // Conflict: fetch the share first
	CodeNotOpened    = "not_opened"       // Conflict: open the share first
	CodeNotVerified  = "not_verified"     // Conflict: verify the share first
	CodeBadFindings  = "findings_failed"  // Untrusted: what failed verification cannot be accepted
	CodeNoCopy       = "no_copy"          // Conflict: the agency holds no copy of its own yet
	CodeWithdrawn    = "withdrawn"        // Gone: the resident took the share back before pick-up
	CodeErased       = "erased"           // Gone: the exchange's copy is erased
	CodeDigest       = "digest"           // Untrusted: the sealed bytes are not those of the receipt
	CodeDiskFull     = "disk_full"        // Full: no room on this device
	CodeFileExists   = "file_exists"      // Conflict: something else lies where a file should go
	CodeUnconfirmed  = "device_unchecked" // Forbidden: nobody has compared that device's fingerprint
	CodeNoSuchDevice = "device_unknown"   // NotFound: the agency has no such device, or it is disabled
	CodeNothingWaits = "nothing_waits"    // NotFound: no update waits for approval
)

// Options say how a desk is opened. Only Dir is required.
type Options struct {
	Dir        string                 // the desk's folder
	Verifier   string                 // the exchange's verifier key as somebody pinned it; empty: what Pins say
	Pins       *trust.Pins            // the pinned exchanges of this device; nil: none
	Passphrase func() (string, error) // gives the passphrase of a locked device key; nil: there is none
	Now        func() time.Time       // the clock; nil: time.Now
	HTTP       *http.Client           // nil: that of package api
	Software   string                 // name and version of the program, for packages
}

// Progress is told how many of how many bytes are done. It is called often, from one goroutine at a time.
type Progress func(done, total int64)

// Desk is one person's place on one device.
type Desk struct {
	dir    string
	opts   Options
	client *api.Client   // without a bearer token
	pause  time.Duration // after the first break of a connection; twice as long after each further one

	mu       sync.Mutex // guards the fields below
	cfg      config
	unlocked *device // the keys that lie under a passphrase, once it was given
}

// config is the file that makes a folder a desk.
type config struct {
	Type     string         `json:"type"` // configType
	Exchange string         `json:"exchange"`
	Verifier string         `json:"verifier"` // as the exchange gave it when the desk was made: a change is noticed
	Person   footage.Person `json:"person"`
}

const configType = "porchlight/desk/v1"

// Files and folders of a desk.
const (
	configFile  = "desk.json"
	passkeyFile = "passkey.json"
	sessionFile = "session.json"
	deviceFile  = "device.json" // the device's keys, open
	lockedFile  = "device.age"  // the device's keys, under a passphrase
	recordFile  = "record.json"
	knownFile   = "devices.json"
	draftFolder = "drafts"
	shareFolder = "shares"
)

// Open opens the desk in a folder. A folder that is none is NotFound.
func Open(opts Options) (*Desk, error) {
	d := build(opts)
	err := readJSON(d.path(configFile), &d.cfg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, footage.Coded(footage.NotFound, CodeNoDesk, "There is no desk at "+opts.Dir+" yet. Make it with 'porchlight desk enrol' and your invitation.")
	}
	if err != nil {
		return nil, fmt.Errorf("open desk: %w", err)
	}
	if d.cfg.Type != configType {
		return nil, footage.E(footage.Unsupported, "The desk at "+opts.Dir+" was made by another version of this program.")
	}
	d.connect(d.cfg.Exchange)
	return d, nil
}

func build(opts Options) *Desk {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Software == "" {
		opts.Software = "porchlight"
	}
	if opts.Passphrase != nil {
		opts.Passphrase = sync.OnceValues(opts.Passphrase) // it may come from standard input
	}
	return &Desk{dir: opts.Dir, opts: opts, pause: 100 * time.Millisecond}
}

func (d *Desk) connect(base string) {
	d.client = api.New(base)
	if d.opts.Verifier == "" && d.opts.Pins != nil {
		d.opts.Verifier = d.opts.Pins.Of(base).Verifier
	}
	if d.opts.HTTP != nil {
		d.client.HTTP = d.opts.HTTP
	}
}

// Dir returns the desk's folder.
func (d *Desk) Dir() string { return d.dir }

// Exchange returns the address of the desk's exchange.
func (d *Desk) Exchange() string { return d.client.Base }

// Person returns whose desk this is, as the exchange said at the last sign-in.
func (d *Desk) Person() footage.Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Person
}

// Pinned reports whether the exchange's verifier key came from somewhere else than the exchange.
func (d *Desk) Pinned() bool { return d.opts.Verifier != "" }

// trust is what proofs and packages are checked with: the pinned key alone.
func (d *Desk) trust() evidence.Trust { return evidence.Trust{Verifier: d.opts.Verifier} }

// verifier is the key of the public record: the pinned one, or the one that the exchange gave when the desk was made.
func (d *Desk) verifier() string {
	if d.opts.Verifier != "" {
		return d.opts.Verifier
	}
	return d.cfg.Verifier
}

// sameKey refuses a verifier key that is not the desk's.
func (d *Desk) sameKey(verifier string) error {
	if verifier == d.verifier() {
		return nil
	}
	return footage.Coded(footage.Untrusted, CodeKeyChanged, "The exchange now shows another key of its public record than this desk knows. Ask the exchange's oversight body before you go on.")
}

func (d *Desk) now() time.Time { return d.opts.Now().UTC().Truncate(time.Microsecond) }

func (d *Desk) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

// saveConfig writes desk.json. The caller holds mu or is alone.
func (d *Desk) saveConfig() error { return replaceJSON(d.path(configFile), d.cfg) }

// exists reports whether there is something at a path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
