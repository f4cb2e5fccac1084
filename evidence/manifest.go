package evidence

import (
	"time"

	"porchlight.example/internal/footage"
)

// ManifestType is the value of a manifest's type member and the context of its signature.
const ManifestType = "porchlight/manifest/v1"

// MaxManifest is the size limit of a manifest in canonical JSON: 1 MiB.
const MaxManifest = 1 << 20

// MaxClips is how many clips a manifest may list. An exchange's policy may allow fewer.
const MaxClips = 1000

// Manifest says what a resident sends, to whom, and on which terms. The resident's device writes and signs it; it travels
// sealed like the clips, so the exchange never reads it.
type Manifest struct {
	Type      string            `json:"type"`     // ManifestType
	Exchange  string            `json:"exchange"` // the origin of the exchange's log
	Request   footage.RequestID `json:"request"`
	Agency    footage.AgencyID  `json:"agency"`
	Epoch     int               `json:"epoch"` // number of the agency's key that the clips are sealed to, from 1
	Prepared  time.Time         `json:"prepared"`
	Consent   TextRef           `json:"consent"`   // the words that the resident agreed to
	Terms     TextRef           `json:"terms"`     // the terms of use, in their machine-readable form
	Pseudonym string            `json:"pseudonym"` // a different one for each share
	Resident  Keys              `json:"resident"`
	Contact   *footage.Contact  `json:"contact,omitempty"` // only if the resident names themselves
	Message   string            `json:"message,omitempty"`
	Clips     []Clip            `json:"clips"`
	Sig       string            `json:"sig,omitempty"` // Ed25519 by Resident.Verify over SigningBytes, base64url
}

// TextRef names one version of a text by its content.
type TextRef struct {
	Version  string `json:"version"`            // such as "v1"
	Language string `json:"language,omitempty"` // BCP 47; empty for machine-readable terms
	SHA256   string `json:"sha256"`             // of the text's UTF-8 bytes, hexadecimal
}

// Keys are the public halves of the keys that a receipt secret derives. They belong to one share only.
type Keys struct {
	Recipient string `json:"recipient"` // post-quantum hybrid age recipient, for messages to the resident
	Verify    string `json:"verify"`    // Ed25519 public key, 32 bytes, base64url
}

// Clip describes one clip of a share. Sizes are bytes, hashes hexadecimal.
type Clip struct {
	ID        footage.ClipID `json:"id"`
	Name      string         `json:"name"`       // as SafeName returns it: clip-01.mp4, unless the owner keeps the name
	MediaType string         `json:"media_type"` // such as "video/mp4"
	Size      int64          `json:"size"`       // true length; the zero padding is not counted
	Padded    int64          `json:"padded_size"`
	SHA256    string         `json:"sha256"` // of the clip as sent, without padding
	Sealed    Sealed         `json:"sealed"`
	Original  Original       `json:"original"`
	Capture   Capture        `json:"capture"`
	Edits     []Edit         `json:"edits"`
	Kept      []string       `json:"findings_kept"` // what was found inside the file and left there, by the owner's choice
}

// Sealed is the clip as the exchange held it.
type Sealed struct {
	Size   int64  `json:"size"`
	Digest string `json:"digest"` // footage.SegmentDigest of the sealed bytes
}

// Original ties the clip to the file on the owner's device, which stays there unless Sent.
type Original struct {
	Sent       bool   `json:"sent"`              // the clip is the untouched original
	Salt       string `json:"salt"`              // 16 random bytes, base64url
	Commitment string `json:"sha256_commitment"` // footage.Commit(salt, SHA-256 of the original in hexadecimal)
}

// Capture says when the clip was recorded and how that is known. Both times are absent if nobody knows.
type Capture struct {
	From   *time.Time    `json:"from,omitempty"`
	To     *time.Time    `json:"to,omitempty"`
	Source CaptureSource `json:"source"`
	// Offset is what must be added to the camera's clock to get the true time, in seconds, as the owner states it.
	Offset int64 `json:"clock_offset_seconds"`
}

// CaptureSource is where the capture times come from.
type CaptureSource string

// The sources, the first being the best.
const (
	FromContainer CaptureSource = "container" // the film's own header
	FromExif      CaptureSource = "exif"
	FromFile      CaptureSource = "file" // the file system's time: changes with every copy
	FromOwner     CaptureSource = "stated"
)

// Edit is one change that was made to the copy that is sent.
type Edit struct {
	Code EditCode `json:"code"`
	What string   `json:"what"` // in plain words, such as "cut to 14:02:10-14:03:40"
}

// EditCode is the sort of an edit.
type EditCode string

// The edits that our programs can make.
const (
	EditTrimmed   EditCode = "trimmed"
	EditMuted     EditCode = "muted"
	EditBlurred   EditCode = "blurred"
	EditStripped  EditCode = "metadata_removed" // position, serial number, owner and the like
	EditRemuxed   EditCode = "rewrapped"        // same pictures and sound in a new container
	EditRecoded   EditCode = "recoded"          // pictures or sound compressed anew
	EditConverted EditCode = "converted"        // another file format
)
