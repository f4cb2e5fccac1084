package seal

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"filippo.io/age"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

func TestMessages(t *testing.T) {
	id := newID(t)
	sizes := map[int]bool{}
	for _, n := range []int{0, 1, 500, 1019, 1020} {
		sealed, err := SealBytes(noise(20, int64(n)), 1024, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		sizes[len(sealed)] = true
		if got, err := OpenBytes(sealed, id); err != nil || !bytes.Equal(got, noise(20, int64(n))) {
			t.Errorf("%d bytes: %v, or other bytes", n, err)
		}
		for at := 0; at < len(sealed); at += 101 {
			if _, err := OpenBytes(flip(sealed, int64(at)), id); !errors.Is(err, footage.Untrusted) {
				t.Errorf("%d bytes, flipped at %d: %v", n, at, err)
			}
		}
	}
	if len(sizes) != 1 {
		t.Errorf("messages of one step have the sizes %v", sizes)
	}
	if _, err := SealBytes(nil, 0, id.Recipient()); !errors.Is(err, footage.Invalid) {
		t.Errorf("no step: %v", err)
	}
	if _, err := SealBytes(make([]byte, MaxMessage), 64, id.Recipient()); !errors.Is(err, footage.TooLarge) {
		t.Errorf("too long: %v", err)
	}
}

// sealRaw seals a plaintext as it is, with the stock library.
func sealRaw(t testing.TB, id *Identity, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, id.key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMessagesLaidOutWrongly(t *testing.T) {
	id := newID(t)
	for plain, code := range map[string]string{
		"":                          CodeWrongLength,
		"\x00\x00\x00":              CodeWrongLength,
		"\x00\x00\x00\x05four":      CodeWrongLength,
		"\xff\xff\xff\xfffour":      CodeWrongLength,
		"\x00\x00\x00\x04four\x00!": CodeBadPadding,
	} {
		_, err := OpenBytes(sealRaw(t, id, []byte(plain)), id)
		wantCode(t, err, footage.Untrusted, code)
	}
}

func TestEpochKeys(t *testing.T) {
	epoch, anna, ben, leaver := newID(t), newID(t), newID(t), newID(t)
	wrapped, err := Wrap(epoch, anna.Recipient(), ben.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	for _, holder := range []*Identity{anna, ben} {
		if got, err := Unwrap(wrapped, holder); err != nil || got.String() != epoch.String() {
			t.Errorf("unwrap: %v, or another key", err)
		}
	}
	_, err = Unwrap(wrapped, leaver)
	wantCode(t, err, footage.Untrusted, CodeWrongKey)
	message, err := SealBytes([]byte(epoch.String()), 256, anna.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	_, err = Unwrap(message, anna)
	wantCode(t, err, footage.Untrusted, CodeCorrupted)
}

func TestFingerprint(t *testing.T) {
	a, b := newID(t).Recipient(), newID(t).Recipient()
	if f := Fingerprint(a); len(f) != 19 || f == Fingerprint(b) || f != Fingerprint(" "+a+"\n") {
		t.Errorf("fingerprints %s and %s", f, Fingerprint(b))
	}
	if got, err := ParseRecipient("\t" + a + "\n"); err != nil || got != a {
		t.Errorf("recipient read back: %v", err)
	}
}

// TestAgeProgram opens with the age program, where there is one that knows post-quantum keys, what we sealed.
func TestAgeProgram(t *testing.T) {
	program, err := testenv.FindTool("age")
	if err != nil {
		skip(t, err.Error())
	}
	id, n := newID(t), int64(100_000)
	clip := noise(21, n)
	dir := t.TempDir()
	writeFile(t, dir+"/key", []byte(id.String()+"\n"))
	writeFile(t, dir+"/clip.age", sealAll(t, newEnv(t, n, id), clip))
	out, err := exec.Command(program, "-d", "-i", dir+"/key", dir+"/clip.age").Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && strings.Contains(string(exit.Stderr), "unknown identity type") {
		skip(t, "this age program is older than 1.3 and knows no post-quantum keys")
	}
	if err != nil || !bytes.Equal(out[:n], clip) {
		t.Errorf("age -d: %v, or other bytes", err)
	}
	writeFile(t, dir+"/to", []byte(id.Recipient()+"\n"))
	writeFile(t, dir+"/clip", clip)
	sealed, err := exec.Command(program, "-e", "-R", dir+"/to", dir+"/clip").Output()
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := openWhole(sealed, id); err != nil || !bytes.Equal(plain, clip) {
		t.Errorf("sealed by age -e: %v, or other bytes", err)
	}
}
