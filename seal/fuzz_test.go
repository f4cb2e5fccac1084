package seal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

// FuzzEnvelope: what is read is written back the same, and seals.
func FuzzEnvelope(f *testing.F) {
	id := newID(f)
	for _, n := range []int64{0, 5, 100_000} {
		raw, err := json.Marshal(newEnv(f, n, id))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
	}
	f.Add([]byte(`{"type":"porchlight/envelope/v1","header":"","file_key":"","nonce":"","clip_length":-1,"padded_length":0}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e, again Envelope
		if err := e.UnmarshalJSON(raw); err != nil {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("kind %q: %v", footage.KindOf(err), err)
			}
			return
		}
		once, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalJSON(once); err != nil {
			t.Fatal(err)
		}
		if twice, err := json.Marshal(&again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s, %v", once, twice, err)
		}
		if _, err := io.CopyN(io.Discard, again.Reader(virtual(e.clip), e.SealedSize()/2), 1); err != nil {
			t.Error(err)
		}
	})
}

// FuzzWords: whatever is accepted is the secret's own words in either language.
func FuzzWords(f *testing.F) {
	f.Add(strings.Join(fixed().Words("en"), " "))
	f.Add(strings.Join(fixed().Words("es"), " "))
	f.Add("1. n\u0303and\u00fa 2. \xff\u0301")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseWords(text)
		if err != nil {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("kind %q: %v", footage.KindOf(err), err)
			}
			return
		}
		for _, lang := range []string{"en", "es"} {
			if again, err := ParseWords(strings.Join(s.Words(lang), " ")); err != nil || again != s {
				t.Errorf("%s: %v", lang, err)
			}
		}
	})
}

// FuzzRecoverySheet: whatever is accepted prints as a sheet that is accepted, with the same key.
func FuzzRecoverySheet(f *testing.F) {
	f.Add(RecoverySheet("Maplewood Police", 1, fixed().Identity()))
	f.Add(fixed().Identity().String())
	f.Add("1. QPZR check 123\n3. QPZR check 000\nFingerprint 0000-0000-0000-0000")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseRecoverySheet(text)
		if err != nil {
			if !errors.Is(err, footage.Invalid) {
				t.Errorf("kind %q: %v", footage.KindOf(err), err)
			}
			return
		}
		if again, err := ParseRecoverySheet(RecoverySheet(text, 7, id)); err != nil || again.String() != id.String() {
			t.Errorf("printed and read back: %v", err)
		}
	})
}

// FuzzOpenBytes: every refusal has a code, and nothing else opens than what was sealed. Sealing is random and fuzzing runs
// in several processes, so that the sealed bytes come from a file.
func FuzzOpenBytes(f *testing.F) {
	id := fixed().Identity()
	sealed, err := os.ReadFile("testdata/message.age")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add([]byte(headerIntro + "-> a\n\n--- "))
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := OpenBytes(b, id)
		if err != nil {
			if !errors.Is(err, footage.Untrusted) || codeOf(err) == "" {
				t.Errorf("kind %q, code %q: %v", footage.KindOf(err), codeOf(err), err)
			}
			return
		}
		if !bytes.Equal(b, sealed) || string(plain) != "hello" {
			t.Errorf("%d bytes opened as %q", len(b), plain)
		}
	})
}

// FuzzPayload: the stream and the random reader agree on what a payload holds, or both refuse it.
func FuzzPayload(f *testing.F) {
	e := readEnvelope(f)
	sealed := sealAll(f, e, noise(1, e.ClipLength()))[e.payloadStart():]
	f.Add(sealed)
	f.Add(sealed[:sealedChunk])
	f.Add(append(bytes.Clone(sealed), sealed[:100]...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		aead := payloadCipher(e.fileKey[:], e.nonce[:])
		plain, err := io.ReadAll(&opener{src: bytes.NewReader(b), aead: aead})
		r, atErr := openPayloadAt(bytes.NewReader(b), 0, int64(len(b)), aead)
		if atErr == nil {
			_, atErr = io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
		}
		if (err == nil) != (atErr == nil) || err != nil && (codeOf(err) == "" || codeOf(atErr) == "") {
			t.Errorf("as a stream: %v; at random: %v", err, atErr)
		}
		if err == nil && (!bytes.Equal(b, sealed) || int64(len(plain)) != e.padded) {
			t.Errorf("%d bytes opened", len(plain))
		}
	})
}

func readEnvelope(t testing.TB) *Envelope {
	t.Helper()
	raw, err := os.ReadFile("testdata/envelope.json")
	if err != nil {
		t.Fatal(err)
	}
	var e Envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	return &e
}

// TestSealedBytesStay pins what an envelope of a resume file seals to: uploads begun with an older program go on with a
// newer one, and every other program that seals must make these bytes from that file. The clip is 70,000 bytes that count
// up from nought, modulo 251.
func TestSealedBytesStay(t *testing.T) {
	e := readEnvelope(t)
	clip := make([]byte, e.ClipLength())
	for i := range clip {
		clip[i] = byte(i % 251)
	}
	sealed := sealAll(t, e, clip)
	const want = "71b0c5f11dc00e4732c5db6b862e4a4057e10d63d599d50d9c5bf6aefc2d28ca"
	if got := footage.Hash(sealed); got != want {
		t.Errorf("sealed bytes hash to %s, want %s", got, want)
	}
	if plain, err := openWhole(sealed, fixed().Identity()); err != nil || !bytes.Equal(plain[:len(clip)], clip) {
		t.Errorf("opened: %v, or other bytes", err)
	}
}

// FuzzHeader: what is taken for a header is the beginning of the file, to the end of its last line and not a byte further.
func FuzzHeader(f *testing.F) {
	sealed, err := os.ReadFile("testdata/message.age")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte(headerIntro + "---\nrest"))
	f.Add([]byte(headerIntro + "--\n--- x"))
	f.Add([]byte("age-encryption.org/v2\n---\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		header, err := readHeader(r)
		if err != nil {
			if !errors.Is(err, footage.Untrusted) || codeOf(err) == "" {
				t.Errorf("kind %q, code %q: %v", footage.KindOf(err), codeOf(err), err)
			}
			return
		}
		rest, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(append(bytes.Clone(header), rest...), b) {
			t.Errorf("%q is not the beginning of %q", header, b)
		}
		lines := strings.Split(string(header), "\n")
		if n := len(lines); len(header) > MaxHeader || n < 3 || lines[0]+"\n" != headerIntro || lines[n-1] != "" || !strings.HasPrefix(lines[n-2], headerEnd) {
			t.Errorf("taken for a header: %q", header)
		}
		for _, line := range lines[:len(lines)-2] {
			if strings.HasPrefix(line, headerEnd) {
				t.Errorf("%q goes past its end", header)
			}
		}
	})
}

// FuzzKeys: an identity or a recipient that is accepted is written back as it was read, and nothing is both.
func FuzzKeys(f *testing.F) {
	id := fixed().Identity()
	for _, s := range []string{id.String(), " " + id.String() + "\n", strings.ToLower(id.String()), id.Recipient(), strings.ToUpper(id.Recipient()), id.Recipient()[:100], "age1", "ssh-ed25519 AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bare := strings.TrimSpace(s)
		got, err := ParseIdentity(s)
		if err == nil && got.String() != bare {
			t.Errorf("%q is written as %q", s, got)
		}
		if err != nil && (!errors.Is(err, footage.Invalid) || len(bare) > 20 && strings.Contains(err.Error(), bare)) {
			t.Errorf("kind %q: %v", footage.KindOf(err), err)
		}
		to, toErr := ParseRecipient(s)
		if toErr == nil && (to != bare || err == nil) {
			t.Errorf("%q is written as %q", s, to)
		}
		if kind := footage.KindOf(toErr); toErr != nil && kind != footage.Invalid && kind != footage.Unsupported {
			t.Errorf("kind %q: %v", kind, toErr)
		}
	})
}
