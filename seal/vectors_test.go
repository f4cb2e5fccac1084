package seal

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"filippo.io/age/armor"
)

// vector is one case of the age format's own test vectors, https://c2sp.org/CCTV/age.
type vector struct {
	expect  string
	payload string // SHA-256 of the plaintext, or of as much of it as may be let out
	armored bool
	ids     []age.Identity
	file    []byte
}

// TestAgeVectors runs every vector of the set through the code that opens clips, as a stream and at random. The
// identities that clips never have (X25519, passphrases) come in by the internal door; armor is taken off first.
func TestAgeVectors(t *testing.T) {
	names, err := fs.Glob(agetest.Vectors, "*")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 147 {
		t.Fatalf("only %d test vectors were found", len(names))
	}
	seen := map[string]int{}
	for _, name := range names {
		raw, err := fs.ReadFile(agetest.Vectors, name)
		if err != nil {
			t.Fatal(err)
		}
		v := readVector(t, raw)
		seen[v.expect]++
		t.Run(name, func(t *testing.T) {
			v.checkStream(t)
			if !v.armored {
				v.checkAt(t)
			}
		})
	}
	for _, class := range []string{"success", "no match", "HMAC failure", "header failure", "payload failure", "armor failure"} {
		if seen[class] == 0 {
			t.Errorf("no vector expects %q", class)
		}
	}
}

func readVector(t *testing.T, raw []byte) vector {
	t.Helper()
	head, file, ok := bytes.Cut(raw, []byte("\n\n"))
	if !ok {
		t.Fatal("a vector has no body")
	}
	v := vector{file: file}
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "expect":
			v.expect = value
		case "payload":
			v.payload = value
		case "armored":
			v.armored = true
		case "identity", "passphrase":
			v.ids = append(v.ids, vectorIdentity(t, key, value))
		case "compressed":
			v.file = inflate(t, v.file)
		case "file key", "comment":
		default:
			t.Fatalf("a vector says %q, which this test does not know", line)
		}
	}
	return v
}

func vectorIdentity(t *testing.T, key, value string) (id age.Identity) {
	t.Helper()
	var err error
	switch {
	case key == "passphrase":
		id, err = age.NewScryptIdentity(value)
	case strings.HasPrefix(value, identityPrefix):
		id, err = age.ParseHybridIdentity(value)
	default:
		id, err = age.ParseX25519Identity(value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func inflate(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// class sorts an error into the vectors' classes. Where the header ended too early there is no telling by the code
// alone, so opened says whether the payload was reached.
func class(err error, opened bool) string {
	var bad *armor.Error
	switch {
	case err == nil:
		return "success"
	case errors.As(err, &bad):
		return "armor failure"
	case codeOf(err) == CodeWrongKey:
		return "no match"
	case codeOf(err) == CodeHeaderAltered:
		return "HMAC failure"
	case opened && (codeOf(err) == CodeCorrupted || codeOf(err) == CodeTruncated || codeOf(err) == CodeTrailing):
		return "payload failure"
	case codeOf(err) == CodeNotAge || codeOf(err) == CodeBadHeader || codeOf(err) == CodeTruncated:
		return "header failure"
	}
	return err.Error()
}

func (v vector) checkStream(t *testing.T) {
	t.Helper()
	var src io.Reader = bytes.NewReader(v.file)
	if v.armored {
		src = armor.NewReader(src)
	}
	var plain []byte
	r, err := start(src, v.ids)
	opened := err == nil
	if opened {
		plain, err = io.ReadAll(r)
	}
	if got := class(err, opened); got != v.expect {
		t.Fatalf("stream: %s (%v), want %s", got, err, v.expect)
	}
	if sum := sha256.Sum256(plain); opened && v.payload != "" && hex.EncodeToString(sum[:]) != v.payload {
		t.Errorf("stream: %d bytes of other plaintext were let out", len(plain))
	}
}

// checkAt opens at random, which may find a fault of the payload when opening or only when reading.
func (v vector) checkAt(t *testing.T) {
	t.Helper()
	var plain []byte
	r, err := openAt(bytes.NewReader(v.file), int64(len(v.file)), v.ids)
	if err == nil {
		plain, err = io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	}
	got := class(err, v.expect == "payload failure")
	if got != v.expect {
		t.Fatalf("at random: %s (%v), want %s", got, err, v.expect)
	}
	if sum := sha256.Sum256(plain); err == nil && hex.EncodeToString(sum[:]) != v.payload {
		t.Error("at random: other plaintext")
	}
}
