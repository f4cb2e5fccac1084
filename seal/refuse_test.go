package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"porchlight.example/internal/footage"
)

// openWhole opens as a stream and reads to the end.
func openWhole(sealed []byte, ids ...*Identity) ([]byte, error) {
	r, err := Open(bytes.NewReader(sealed), ids...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func flip(b []byte, at int64) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// reletter changes one letter of base64 into another, where a flipped bit might leave the alphabet.
func reletter(b []byte, at int64) []byte {
	b = bytes.Clone(b)
	if b[at] != 'A' {
		b[at] = 'A'
	} else {
		b[at] = 'B'
	}
	return b
}

// TestEveryFaultHasItsCode seeds one fault at a time into a sealed clip whose last chunk is short, one whose last chunk is
// whole, and one of several batches, and opens them as a stream, at random and into a file.
func TestEveryFaultHasItsCode(t *testing.T) {
	id := newID(t)
	for _, n := range []int64{chunkSize + 1, 2 * chunkSize, 2<<20 + 5, 3 * batchSize} {
		clip := noise(7, n)
		e := newEnv(t, n, id)
		good := sealAll(t, e, clip)
		start, end := e.payloadStart(), e.SealedSize()
		enc := int64(bytes.Index(good, []byte("mlkem768x25519 "))) + 20
		mac := start - nonceSize - 10
		faults := []struct {
			name string
			data []byte
			code string
		}{
			{"nothing", nil, CodeNotAge},
			{"text", []byte("age-encryption.com/v1\n"), CodeNotAge},
			{"flipped bit in the first line", flip(good, 3), CodeNotAge},
			{"flipped bit in the recipient", reletter(good, enc), CodeWrongKey},
			{"flipped bit in the header's code", reletter(good, mac), CodeHeaderAltered},
			{"unreadable recipient", bytes.Replace(good, []byte("mlkem768x25519 "), []byte("mlkem768x25519 !"), 1), CodeBadHeader},
			{"flipped bit in the nonce", flip(good, start-3), CodeCorrupted},
			{"flipped bit in the first chunk", flip(good, start+100), CodeCorrupted},
			{"flipped bit in the first tag", flip(good, start+sealedChunk-1), CodeCorrupted},
			{"flipped bit in the last tag", flip(good, end-1), CodeCorrupted},
			{"cut in the header", good[:mac], CodeTruncated},
			{"cut in the nonce", good[:start-1], CodeTruncated},
			{"cut behind the nonce", good[:start], CodeTruncated},
			{"cut in the first chunk", good[:start+1000], CodeTruncated},
			{"cut at a chunk's end", good[:start+sealedChunk], CodeTruncated},
			{"cut by one byte", good[:end-1], CodeTruncated},
			{"a byte behind", append(bytes.Clone(good), 0), CodeTrailing},
			{"a chunk behind", append(bytes.Clone(good), good[start:start+sealedChunk]...), CodeTrailing},
			{"chunks exchanged", exchange(good, start), CodeCorrupted},
			{"another recipient's", sealAll(t, newEnv(t, n, newID(t)), clip), CodeWrongKey},
		}
		for _, f := range faults {
			t.Run(fmt.Sprintf("%d bytes, %s", n, f.name), func(t *testing.T) {
				if bytes.Equal(f.data, good) {
					t.Fatal("the fault was not seeded")
				}
				_, err := openWhole(f.data, id)
				wantCode(t, err, footage.Untrusted, f.code)
				wantCode(t, readAllAt(f.data, id), footage.Untrusted, f.code)
				dir := t.TempDir()
				err = OpenFile(dir+"/clip", bytes.NewReader(f.data), n, Check{}, id)
				wantCode(t, err, footage.Untrusted, f.code)
				mustBeEmpty(t, dir)
			})
		}
		if err := readAllAt(good, id); err != nil {
			t.Errorf("%d bytes without a fault: %v", n, err)
		}
	}
}

// exchange swaps the first two chunks; a second chunk that is short takes part of the first's place.
func exchange(good []byte, start int64) []byte {
	first, rest := good[start:start+sealedChunk], good[start+sealedChunk:]
	second := rest[:min(len(rest), sealedChunk)]
	return bytes.Join([][]byte{good[:start], second, first, rest[len(second):]}, nil)
}

func readAllAt(sealed []byte, id *Identity) error {
	r, err := OpenAt(bytes.NewReader(sealed), int64(len(sealed)), id)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.NewSectionReader(r, 0, r.Size()))
	return err
}

// TestEveryCutIsRefused cuts a sealed clip at each of many places: none may ever read as whole.
func TestEveryCutIsRefused(t *testing.T) {
	id := newID(t)
	n := int64(4*chunkSize + 99)
	e := newEnv(t, n, id)
	good := sealAll(t, e, noise(8, n))
	for cut := int64(0); cut < e.SealedSize(); cut += 1 + cut/25 {
		if _, err := openWhole(good[:cut], id); !errors.Is(err, footage.Untrusted) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		err := OpenFile(t.TempDir()+"/clip", bytes.NewReader(good[:cut]), n, Check{}, id)
		if want := CodeTruncated; cut > 0 && codeOf(err) != want {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

func TestHeaderThatIsTooLarge(t *testing.T) {
	const intro = "age-encryption.org/v1\n"
	for name, r := range map[string]io.Reader{
		"one line":     io.MultiReader(strings.NewReader(intro), io.LimitReader(endless('a'), 16<<20)),
		"many stanzas": strings.NewReader(intro + strings.Repeat("-> a\n\n", 16<<20/6)),
	} {
		t.Run(name, func(t *testing.T) {
			counted := &counter{r: r}
			_, err := Open(counted, newID(t))
			wantCode(t, err, footage.Untrusted, CodeHeaderTooLarge)
			if counted.n > 2*MaxHeader {
				t.Errorf("%d bytes were read before the header was refused", counted.n)
			}
		})
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// TestBrokenSourceIsNotTruncation keeps a lost connection apart from a file that is too short.
func TestBrokenSourceIsNotTruncation(t *testing.T) {
	id := newID(t)
	n := int64(batchSize + 100)
	e := newEnv(t, n, id)
	good := sealAll(t, e, noise(9, n))
	for _, at := range []int64{0, 5, e.payloadStart() - 1, e.payloadStart() + 70_000, e.payloadStart() + batchChunks*sealedChunk, e.SealedSize()} {
		src := io.MultiReader(bytes.NewReader(good[:at]), broken{})
		r, err := Open(src, id)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, footage.Untrusted) {
			t.Errorf("broken at %d: %v", at, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestWrongLengthAndPadding(t *testing.T) {
	id := newID(t)
	clip := noise(10, 70_000)
	sealed := sealAll(t, newEnv(t, 70_000, id), clip)
	for n, code := range map[int64]string{60_000: CodeWrongLength, 200_000: CodeWrongLength, 69_700: CodeBadPadding} {
		dir := t.TempDir()
		err := OpenFile(dir+"/clip", bytes.NewReader(sealed), n, Check{}, id)
		wantCode(t, err, footage.Untrusted, code)
		mustBeEmpty(t, dir)
	}
	if _, err := OpenAt(bytes.NewReader(sealed), int64(len(sealed))); codeOf(err) != CodeWrongKey {
		t.Errorf("without an identity: %v", err)
	}
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, err = ParseIdentity(x.String())
	wantCode(t, err, footage.Invalid, CodeBadIdentity)
	if strings.Contains(err.Error(), x.String()[20:30]) {
		t.Error("the error repeats the key")
	}
}

// TestOpenClip: the stream of a clip is the clip, and ends well only when what follows is what belongs there.
func TestOpenClip(t *testing.T) {
	id := newID(t)
	for _, n := range lengths {
		clip := noise(12, n)
		sealed := sealAll(t, newEnv(t, n, id), clip)
		r, err := OpenClip(bytes.NewReader(sealed), n, id)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, clip) {
			t.Errorf("%d bytes: %d came, %v", n, len(got), err)
		}
		at, err := OpenAt(bytes.NewReader(sealed), int64(len(sealed)), id)
		if err != nil {
			t.Fatal(err)
		}
		section, err := at.Clip(n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(section); err != nil || !bytes.Equal(got, clip) {
			t.Errorf("%d bytes at random: %d came, %v", n, len(got), err)
		}
	}
	sealed := sealAll(t, newEnv(t, 70_000, id), noise(10, 70_000))
	for n, code := range map[int64]string{60_000: CodeWrongLength, 200_000: CodeWrongLength, 69_700: CodeBadPadding} {
		r, err := OpenClip(bytes.NewReader(sealed), n, id)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		wantCode(t, err, footage.Untrusted, code)
	}
	r, err := OpenClip(bytes.NewReader(sealed[:len(sealed)-1]), 70_000, id)
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if codeOf(err) == "" {
		t.Errorf("a clip that is cut off: %v", err)
	}
	at, err := OpenAt(bytes.NewReader(sealed), int64(len(sealed)), id)
	if err == nil {
		_, err = at.Clip(60_000)
	}
	wantCode(t, err, footage.Untrusted, CodeWrongLength)
}
