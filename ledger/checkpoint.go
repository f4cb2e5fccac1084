package ledger

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
)

const (
	hashSize      = tlog.HashSize
	maxCheckpoint = 64 << 10 // a signed note with a great many cosignatures
)

// Tree is a log at one moment: how many entries it has and the RFC 6962 root hash over them. EmptyTree is the first.
type Tree struct {
	Size int64
	Root tlog.Hash
}

// EmptyTree returns the tree without entries; its root is the SHA-256 of nothing.
func EmptyTree() Tree {
	root, _ := tlog.TreeHash(0, nil) // reads no hash and cannot fail
	return Tree{Root: root}
}

// Checkpoint is a tree under the log's name, as https://c2sp.org/tlog-checkpoint writes it.
type Checkpoint struct {
	Origin string // the log's name, equal to the name of its key, such as "exchange.example/log"
	Tree
}

// GenerateKey makes the key pair of a log or a witness in the text forms of https://c2sp.org/signed-note: skey is secret,
// vkey, the verifier key string, is what clients pin. The name is the log's origin: no space, no plus sign.
func GenerateKey(name string, random io.Reader) (skey, vkey string, err error) {
	if !validOrigin(name) {
		return "", "", footage.E(footage.Invalid, fmt.Sprintf("%q cannot name a log; use something like exchange.example/log.", name))
	}
	return note.GenerateKey(random, name)
}

// validOrigin reports whether a signed note can bear the name: UTF-8 without white space and plus signs.
func validOrigin(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsRune(name, '+') && !strings.ContainsFunc(name, unicode.IsSpace)
}

// NewSigner reads a secret key string. The error never quotes it.
func NewSigner(skey string) (note.Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(skey))
	if err != nil {
		return nil, footage.E(footage.Invalid, "The signing key cannot be read; it must be one line that begins with PRIVATE+KEY+.")
	}
	return s, nil
}

// NewVerifier reads a verifier key string, such as "exchange.example/log+1a2b3c4d+AQ…".
func NewVerifier(vkey string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return nil, footage.E(footage.Invalid, "The verifier key cannot be read; it must be one line such as exchange.example/log+1a2b3c4d+AQ….")
	}
	return v, nil
}

// SignCheckpoint returns the signed note of a checkpoint. The caller must have made sure, with [CheckNotBehind], that it
// never signed a larger tree or another of the same size.
func SignCheckpoint(c Checkpoint, signer note.Signer) ([]byte, error) {
	if c.Origin != signer.Name() {
		return nil, footage.E(footage.Invalid, fmt.Sprintf("The key of %s cannot sign for the log %s.", signer.Name(), c.Origin))
	}
	if c.Size < 0 {
		panic("ledger: tree of negative size")
	}
	msg, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %s at %d: %w", c.Origin, c.Size, err)
	}
	return msg, nil
}

// OpenCheckpoint reads a signed checkpoint and verifies the log's signature; signatures of others (witnesses) are passed
// over. A wrong signature, key or origin is of kind [footage.Untrusted].
func OpenCheckpoint(msg []byte, vkey string) (Checkpoint, error) {
	v, err := NewVerifier(vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, footage.E(footage.Untrusted,
			"The record's checkpoint bears no valid signature by "+v.Name()+". Compare the key that you trust with the one the exchange's oversight body publishes.")
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.Name() {
		return Checkpoint{}, footage.E(footage.Untrusted, "The checkpoint is of the log "+c.Origin+", not of "+v.Name()+".")
	}
	return c, nil
}

// text returns the body of the note: origin, size and root, a line each.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// parseCheckpoint reads the body of a note and accepts only what text writes: extension lines are allowed by the
// specification, but this log has none.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	bad := footage.E(footage.Invalid, "The checkpoint is not three lines: origin, size and root hash.")
	if len(lines) != 4 {
		return Checkpoint{}, bad
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || !validOrigin(lines[0]) {
		return Checkpoint{}, bad
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Origin: lines[0], Tree: Tree{Size: size, Root: root}}
	if c.text() != text {
		return Checkpoint{}, bad
	}
	return c, nil
}

// unverified reads a signed checkpoint without verifying its signature.
func unverified(msg []byte) (Checkpoint, error) {
	text, _, _ := strings.Cut(string(msg), "\n\n")
	return parseCheckpoint(text + "\n")
}

// CheckNotBehind compares a checkpoint with the newest one known before. A smaller one is of kind [footage.Conflict] (a
// restored backup, an old copy), one of the same size with another root, or of another log, of kind [footage.Untrusted].
// A larger one needs a consistency proof besides.
func CheckNotBehind(old, next Checkpoint) error {
	switch {
	case old.Origin != next.Origin:
		return footage.E(footage.Untrusted, "The checkpoint is of the log "+next.Origin+", not of "+old.Origin+".")
	case next.Size < old.Size:
		return footage.E(footage.Conflict, fmt.Sprintf(
			"The record has %d entries, but %d were seen before: it has been rolled back, or this is an old copy. Fetch it anew; if it stays so, tell the oversight body.", next.Size, old.Size))
	case next.Size == old.Size && next.Root != old.Root:
		return footage.Coded(footage.Untrusted, "record_forked", fmt.Sprintf(
			"There are two different records of %d entries: somebody is shown another one. Keep both checkpoints and tell the oversight body.", next.Size))
	}
	return nil
}
