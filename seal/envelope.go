package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"filippo.io/age"

	"porchlight.example/internal/footage"
)

// MaxRecipients is how many recipients one envelope may have; their headers stay under [MaxHeader].
const MaxRecipients = 32

// Envelope is a sealing that can be made again: all that is random about one sealed clip, and its lengths. The same
// envelope over the same clip gives the same sealed bytes, from any offset.
//
// It holds the file key and is therefore a secret: whoever has it can open the sealed clip. Delete it when the upload is
// complete. Never use one envelope for two different clips, or for a clip that was edited in between: the two sealed
// files together would give both contents away.
type Envelope struct {
	header  []byte // the age header, up to and with the line of its authentication code
	fileKey [fileKeySize]byte
	nonce   [nonceSize]byte
	clip    int64 // bytes of the clip
	padded  int64 // bytes of clip and padding
}

// New makes the envelope for a clip of so many bytes, to be opened by any one of the recipients. It fails as Invalid or
// Unsupported for a recipient that [ParseRecipient] refuses, and as Invalid or TooLarge for a length outside 0 to
// [MaxClip].
func New(clipLength int64, recipients ...string) (*Envelope, error) {
	if err := checkClipLength(clipLength); err != nil {
		return nil, err
	}
	return newEnvelope(clipLength, PaddedLength(clipLength), recipients)
}

func checkClipLength(n int64) error {
	if n < 0 {
		return footage.E(footage.Invalid, "A clip cannot have a negative length.")
	}
	if n > MaxClip {
		return footage.E(footage.TooLarge, "The clip is too long to be sealed. Send it in parts.")
	}
	return nil
}

func newEnvelope(clip, padded int64, recipients []string) (*Envelope, error) {
	if len(recipients) == 0 || len(recipients) > MaxRecipients {
		return nil, footage.E(footage.Invalid, fmt.Sprintf("There must be 1 to %d recipients, not %d.", MaxRecipients, len(recipients)))
	}
	e := &Envelope{clip: clip, padded: padded}
	capture := &captor{}
	to := []age.Recipient{capture}
	for _, r := range recipients {
		key, err := parseRecipient(r)
		if err != nil {
			return nil, err
		}
		to = append(to, key)
	}
	var start bytes.Buffer
	if _, err := age.Encrypt(&start, to...); err != nil {
		return nil, fmt.Errorf("make age header: %w", err)
	}
	end := start.Len() - nonceSize
	e.header = start.Bytes()[:end:end]
	copy(e.nonce[:], start.Bytes()[end:])
	copy(e.fileKey[:], capture.fileKey)
	return e, nil
}

// captor is an age recipient that adds nothing to the header and keeps the file key, which age shows to recipients alone.
type captor struct{ fileKey []byte }

func (c *captor) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	c.fileKey = bytes.Clone(fileKey)
	return nil, nil
}

// WrapWithLabels lets the captor stand beside post-quantum recipients, which refuse the company of any other.
func (c *captor) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	s, err := c.Wrap(fileKey)
	return s, []string{"postquantum"}, err
}

// ClipLength returns the length in bytes of the clip that the envelope was made for.
func (e *Envelope) ClipLength() int64 { return e.clip }

// SealedSize returns the length in bytes of the whole sealed file.
func (e *Envelope) SealedSize() int64 {
	return e.payloadStart() + payloadSize(e.padded)
}

// ClipOffset returns the offset in the clip from which a reader at a sealed offset reads: that of the chunk in which the
// sealed offset lies. Bytes before it are neither read nor shown to a [Tee].
func (e *Envelope) ClipOffset(sealed int64) int64 {
	chunk := max(0, sealed-e.payloadStart()) / sealedChunk
	return min(chunk*chunkSize, e.clip)
}

func (e *Envelope) payloadStart() int64 { return int64(len(e.header)) + nonceSize }

// String tells the sizes and no secret.
func (e *Envelope) String() string {
	return fmt.Sprintf("envelope of %d sealed bytes", e.SealedSize())
}

// GoString is [Envelope.String], so that %#v tells no secret either.
func (e *Envelope) GoString() string { return e.String() }

// envelopeType names the format of a resume file's envelope.
const envelopeType = "porchlight/envelope/v1"

type envelopeJSON struct {
	Type    string `json:"type"`
	Header  string `json:"header"` // as it is: an age header is ASCII
	FileKey string `json:"file_key"`
	Nonce   string `json:"nonce"`
	Clip    int64  `json:"clip_length"`
	Padded  int64  `json:"padded_length"`
}

// MarshalJSON writes the envelope for a resume file, file key included: keep it where only the owner can read it, and
// delete it when the upload is complete.
func (e *Envelope) MarshalJSON() ([]byte, error) {
	enc := base64.RawURLEncoding
	return json.Marshal(envelopeJSON{
		Type: envelopeType, Header: string(e.header), FileKey: enc.EncodeToString(e.fileKey[:]),
		Nonce: enc.EncodeToString(e.nonce[:]), Clip: e.clip, Padded: e.padded,
	})
}

// UnmarshalJSON reads an envelope from a resume file. It is Invalid unless the lengths are such as [New] gives and the
// header fits its file key, so that a damaged resume file cannot spoil a sealed clip.
func (e *Envelope) UnmarshalJSON(raw []byte) error {
	var j envelopeJSON
	if err := footage.DecodeStrict(raw, &j); err != nil {
		return fmt.Errorf("read envelope: %w", err)
	}
	out := Envelope{header: []byte(j.Header), clip: j.Clip, padded: j.Padded}
	ok := j.Type == envelopeType && len(j.Header) <= MaxHeader && checkClipLength(j.Clip) == nil && j.Padded == PaddedLength(j.Clip) &&
		decodeExactly(out.fileKey[:], j.FileKey) && decodeExactly(out.nonce[:], j.Nonce)
	if !ok || !headerFits(out.header, out.fileKey[:]) {
		return footage.Coded(footage.Invalid, CodeBadEnvelope, "The resume file is damaged. Delete it and send the clip from the beginning.")
	}
	*e = out
	return nil
}

func decodeExactly(dst []byte, s string) bool {
	b, err := footage.DecodeBase64(s)
	return err == nil && copy(dst, b) == len(dst) && len(b) == len(dst)
}

// headerFits reports whether the header is one whole age header whose authentication code was made with the file key.
func headerFits(header, fileKey []byte) bool {
	whole, err := readHeader(bytes.NewReader(header))
	if err != nil || len(whole) != len(header) {
		return false
	}
	_, err = age.DecryptHeader(header, age.NewInjectedFileKeyIdentity(fileKey))
	return err == nil
}
