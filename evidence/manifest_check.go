package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/footage"
)

var (
	hash256Form   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	hash512Form   = regexp.MustCompile(`^[0-9a-f]{128}$`)
	mediaTypeForm = regexp.MustCompile(`^[a-z]{1,32}/[a-z0-9][a-z0-9.+-]{0,99}$`)
	recipientForm = regexp.MustCompile(`^age1pq1[02-9ac-hj-np-z]{100,}$`)
	versionForm   = regexp.MustCompile(`^v[1-9][0-9]{0,3}$`)
	languageForm  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// Limits of a manifest's free words, in bytes.
const (
	maxMessage   = 16 << 10
	maxShortText = 500
)

// ParseManifest reads a manifest strictly and checks its form, but not its signature: see [Manifest.Verify]. The bytes must be
// canonical, so that what is hashed is what is read.
func ParseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	if len(raw) > MaxManifest {
		return m, footage.Coded(footage.TooLarge, "manifest_too_large", "The manifest is larger than 1 MiB.")
	}
	if err := decodeCanonical(raw, &m); err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	if err := m.Check(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// decodeCanonical decodes strictly and refuses bytes that encoding v again does not give back.
func decodeCanonical(raw []byte, v any) error {
	if err := footage.DecodeStrict(raw, v); err != nil {
		return err
	}
	again, err := footage.Canonical(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, raw) {
		return footage.Coded(footage.Invalid, "not_canonical", "The JSON text is not in its one canonical form (RFC 8785).")
	}
	return nil
}

// Encode returns the manifest's canonical bytes, which [ParseManifest] reads back. Over [MaxManifest] it fails with
// footage.TooLarge.
func (m Manifest) Encode() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	b, err := footage.Canonical(m)
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	if len(b) > MaxManifest {
		return nil, footage.Coded(footage.TooLarge, "manifest_too_large", "The manifest is larger than 1 MiB: send fewer clips or a shorter message.")
	}
	return b, nil
}

// SigningBytes returns the bytes that Sig covers: ManifestType, a line feed and the canonical manifest without Sig.
func (m Manifest) SigningBytes() ([]byte, error) {
	m.Sig = ""
	b, err := footage.Canonical(m)
	if err != nil {
		return nil, err
	}
	return append([]byte(ManifestType+"\n"), b...), nil
}

// Sign sets Resident.Verify to the key's public half, and Sig.
func (m *Manifest) Sign(key ed25519.PrivateKey) error {
	m.Resident.Verify = base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	b, err := m.SigningBytes()
	if err != nil {
		return fmt.Errorf("sign manifest: %w", err)
	}
	m.Sig = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	return nil
}

// Verify checks that Sig was made by Resident.Verify. It shows that whoever holds the receipt wrote the manifest; who
// that is, nobody says.
func (m Manifest) Verify() error {
	bad := footage.Coded(footage.Untrusted, "manifest_signature", "The manifest's signature does not fit: somebody changed what the resident wrote.")
	key, err := footage.DecodeBase64(m.Resident.Verify)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return bad
	}
	sig, err := footage.DecodeBase64(m.Sig)
	if err != nil {
		return bad
	}
	b, err := m.SigningBytes()
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, b, sig) {
		return bad
	}
	return nil
}

// checker gathers every broken rule, so that a person mends all of them at once.
type checker struct{ reasons []footage.Reason }

func (c *checker) must(ok bool, code, format string, args ...any) {
	if !ok {
		c.reasons = append(c.reasons, footage.Reason{Code: code, Msg: fmt.Sprintf(format, args...)})
	}
}

func (c *checker) err(msg string) error {
	if len(c.reasons) == 0 {
		return nil
	}
	return &footage.Error{Kind: footage.Invalid, Code: c.reasons[0].Code, Msg: msg, Reasons: c.reasons}
}

// Check reports every fault of form: IDs, hashes, sizes, names, times. It is of kind footage.Invalid.
func (m Manifest) Check() error {
	var c checker
	c.must(m.Type == ManifestType, "manifest_type", "The type must be %s.", ManifestType)
	c.must(m.Exchange != "" && plain(m.Exchange, maxShortText), "manifest_exchange", "The exchange is not named.")
	c.must(m.Request.Valid(), "manifest_request", "The request's ID is not one.")
	c.must(m.Agency.Valid(), "manifest_agency", "The agency's ID is not one.")
	c.must(m.Epoch >= 1, "manifest_epoch", "The number of the agency's key must be 1 or more.")
	c.must(wholeUTC(m.Prepared), "manifest_time", "The time of preparation must be UTC, in whole seconds.")
	c.must(m.Consent.ok() && languageForm.MatchString(m.Consent.Language), "manifest_consent", "The consent text is not named by version, language and hash.")
	c.must(m.Terms.ok(), "manifest_terms", "The terms are not named by version and hash.")
	c.must(m.Pseudonym != "" && plain(m.Pseudonym, 100), "manifest_pseudonym", "The pseudonym must be 1 to 100 bytes in one line.")
	c.must(recipientForm.MatchString(m.Resident.Recipient), "manifest_keys", "The resident's recipient is not a post-quantum age recipient (age1pq1…).")
	c.must(isBinary(m.Resident.Verify, ed25519.PublicKeySize), "manifest_keys", "The resident's verification key is not one.")
	c.must(m.Sig == "" || isBinary(m.Sig, ed25519.SignatureSize), "manifest_signature", "The signature is not one.")
	c.must(len(m.Message) <= maxMessage && utf8.ValidString(m.Message), "manifest_message", "The message is longer than 16 KiB.")
	if m.Contact != nil {
		c.must(plain(m.Contact.Name+m.Contact.Email+m.Contact.Phone, maxShortText), "manifest_contact", "The contact details must be short and in one line each.")
	}
	m.checkClips(&c)
	return c.err("The manifest is not well formed.")
}

func (m Manifest) checkClips(c *checker) {
	c.must(len(m.Clips) >= 1 && len(m.Clips) <= MaxClips, "manifest_clips", "A share holds 1 to %d clips, not %d.", MaxClips, len(m.Clips))
	ids, names := map[footage.ClipID]bool{}, map[string]bool{}
	for i, clip := range m.Clips {
		// Names that differ in case alone would fall together on an agency's file system.
		name := strings.ToLower(clip.Name)
		c.must(!ids[clip.ID] && !names[name], "clip_twice", "Clip %d has the ID or the name of another.", i+1)
		ids[clip.ID], names[name] = true, true
		clip.check(c, i+1)
	}
}

func (clip Clip) check(c *checker, n int) {
	c.must(footage.ValidID(string(clip.ID), "c"), "clip_id", "Clip %d: the ID is not one.", n)
	c.must(clip.Name != "" && clip.Name == SafeName(clip.Name), "clip_name", "Clip %d: the name is not safe on every computer.", n)
	c.must(mediaTypeForm.MatchString(clip.MediaType), "clip_type", "Clip %d: the media type is not one.", n)
	c.must(clip.Size > 0 && clip.Size <= clip.Padded && clip.Padded < clip.Sealed.Size, "clip_size", "Clip %d: the sizes do not fit together.", n)
	c.must(hash256Form.MatchString(clip.SHA256) && hash256Form.MatchString(clip.Sealed.Digest),
		"clip_hash", "Clip %d: a hash is not one.", n)
	c.must(isBinary(clip.Original.Salt, 16) && isBinary(clip.Original.Commitment, 32), "clip_original", "Clip %d: the original is not committed to.", n)
	c.must(!clip.Original.Sent || len(clip.Edits) == 0, "clip_original", "Clip %d: an untouched original cannot have been edited.", n)
	c.must(clip.Capture.ok(), "clip_capture", "Clip %d: the capture times are not UTC in whole seconds, or reversed, or of no known source.", n)
	for _, e := range clip.Edits {
		c.must(e.Code.known() && plain(e.What, maxShortText), "clip_edit", "Clip %d: an edit is not of a known kind, or not said in one short line.", n)
	}
	for _, k := range clip.Kept {
		c.must(plain(k, maxShortText), "clip_kept", "Clip %d: what was found and kept must be said in one short line each.", n)
	}
}

func (t TextRef) ok() bool {
	return versionForm.MatchString(t.Version) && hash256Form.MatchString(t.SHA256)
}

func (c Capture) ok() bool {
	known := slices.Contains([]CaptureSource{FromContainer, FromExif, FromFile, FromOwner}, c.Source)
	if c.From == nil || c.To == nil {
		return known && c.From == nil && c.To == nil
	}
	return known && wholeUTC(*c.From) && wholeUTC(*c.To) && !c.To.Before(*c.From)
}

func (e EditCode) known() bool {
	switch e {
	case EditTrimmed, EditMuted, EditBlurred, EditStripped, EditRemuxed, EditRecoded, EditConverted:
		return true
	}
	return false
}

// plain reports whether s is valid text of one line with no control or direction character, at most limit bytes long.
func plain(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && !strings.ContainsFunc(s, unprintable)
}

func wholeUTC(t time.Time) bool {
	return !t.IsZero() && t.Nanosecond() == 0 && t.Location() == time.UTC && t.Year() <= 9999
}

func isBinary(s string, length int) bool {
	b, err := footage.DecodeBase64(s)
	return err == nil && len(b) == length
}
