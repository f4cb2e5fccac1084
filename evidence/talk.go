package evidence

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"porchlight.example/internal/footage"
)

// NoteType is the value of a note's type member and the context of its signature.
const NoteType = "porchlight/note/v1"

// MaxNote is how many characters the text of a note may have.
const MaxNote = 8_000

// NotePadding is the step, in bytes, to which both sides pad a note when they seal it, so that its sealed length tells
// little of what was said.
const NotePadding = 4096

// SignerResident is the Signer of a note from the resident, whose key is the manifest's Resident.Verify.
const SignerResident = "resident"

// Note is one message of the conversation about a share, as it is before sealing and after opening. age does not say who
// sealed something, so the note is signed inside the seal: without it the exchange could put words into either mouth.
type Note struct {
	Type   string          `json:"type"`  // NoteType
	Share  footage.ShareID `json:"share"` // ties the note to one conversation
	From   footage.Party   `json:"from"`  // agency or resident
	Signer string          `json:"signer"`
	At     time.Time       `json:"at"` // by the writer's clock: UTC, whole seconds
	Text   string          `json:"text"`
	Sig    string          `json:"sig,omitempty"` // Ed25519 over SigningBytes, base64url
}

// NewNote makes a note of now, signed. signer is a custodian's ID, or [SignerResident]. A text that [Note.Check] refuses is
// footage.Invalid.
func NewNote(share footage.ShareID, from footage.Party, signer, text string, now time.Time, key ed25519.PrivateKey) (Note, error) {
	n := Note{Type: NoteType, Share: share, From: from, Signer: signer, At: now.UTC().Truncate(time.Second), Text: strings.TrimSpace(text)}
	b, err := n.SigningBytes()
	if err != nil {
		return Note{}, fmt.Errorf("sign note: %w", err)
	}
	n.Sig = base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, b))
	return n, n.Check()
}

// SigningBytes returns the bytes that Sig covers: NoteType, a line feed and the canonical note without Sig.
func (n Note) SigningBytes() ([]byte, error) {
	n.Sig = ""
	b, err := footage.Canonical(n)
	if err != nil {
		return nil, err
	}
	return append([]byte(NoteType+"\n"), b...), nil
}

// Encode returns the note's canonical bytes, which are sealed and which [ParseNote] reads back.
func (n Note) Encode() ([]byte, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	return footage.Canonical(n)
}

// ParseNote reads an opened note strictly and checks its form, but not its signature: see [Note.Verify]. The bytes must be
// canonical. Every failure of form is footage.Invalid.
func ParseNote(raw []byte) (Note, error) {
	var n Note
	if err := decodeCanonical(raw, &n); err != nil {
		return Note{}, fmt.Errorf("read note: %w", err)
	}
	if err := n.Check(); err != nil {
		return Note{}, err
	}
	return n, nil
}

// Check reports every fault of form.
func (n Note) Check() error {
	var c checker
	c.must(n.Type == NoteType, "note_type", "The type must be %s.", NoteType)
	c.must(footage.ValidID(string(n.Share), "s"), "note_share", "The share's ID is not one.")
	resident := n.From == footage.PartyResident && n.Signer == SignerResident
	agency := n.From == footage.PartyAgency && footage.ValidID(n.Signer, "k")
	c.must(resident || agency, "note_from", "A note comes from the resident, or from a custodian of the agency.")
	c.must(wholeUTC(n.At), "note_time", "The time must be UTC, in whole seconds.")
	c.must(n.Text != "", "note_empty", "The message is empty.")
	length := utf8.RuneCountInString(n.Text)
	c.must(length <= MaxNote, "note_too_long", "A message may have %d characters; this one has %d.", MaxNote, length)
	c.must(utf8.ValidString(n.Text) && !strings.ContainsFunc(n.Text, hidden), "note_characters",
		"The message holds control or direction characters, which could make it read as something else.")
	c.must(n.Sig == "" || isBinary(n.Sig, ed25519.SignatureSize), "note_signature", "The signature is not one.")
	return c.err("The message cannot be used.")
}

// hidden tells what a terminal or a page would not show as it is: controls but line feed and tab, and the bidirectional
// controls of Unicode (UAX #9), with which text can be made to read differently from what it says.
func hidden(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Verify checks that the note belongs to the share, comes from the party, and was signed by the key that keyOf gives for
// its signer; keyOf is [Checked.KeyOf] for an agency's notes. Every failure is footage.Untrusted.
func (n Note) Verify(share footage.ShareID, from footage.Party, keyOf func(footage.Party, string) (ed25519.PublicKey, error)) error {
	if n.Share != share || n.From != from {
		return footage.Coded(footage.Untrusted, "note_elsewhere", "This message was written for another conversation. Do not rely on it.")
	}
	bad := footage.Coded(footage.Untrusted, "note_forged", "This message was not written by whom it names. Do not rely on it.")
	key, err := keyOf(n.From, n.Signer)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return bad
	}
	b, err := n.SigningBytes()
	if err != nil {
		return err
	}
	sig, err := footage.DecodeBase64(n.Sig)
	if err != nil || !ed25519.Verify(key, b, sig) {
		return bad
	}
	return nil
}
