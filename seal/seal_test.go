package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

// lengths reach over every boundary: none, a byte, chunk, Padmé step and batch.
var lengths = []int64{0, 1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 70_000, 3*chunkSize + 17,
	batchSize - 1, batchSize, batchSize + 1, 2*batchSize + 5*chunkSize + 123}

func newID(t testing.TB) *Identity {
	t.Helper()
	id, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// noise returns n bytes that are always the same for a seed.
func noise(seed byte, n int64) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func newEnv(t testing.TB, n int64, ids ...*Identity) *Envelope {
	t.Helper()
	var to []string
	for _, id := range ids {
		to = append(to, id.Recipient())
	}
	e, err := New(n, to...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sealAll(t testing.TB, e *Envelope, clip []byte) []byte {
	t.Helper()
	b, err := io.ReadAll(e.Reader(bytes.NewReader(clip), 0))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantCode(t testing.TB, err error, kind footage.Kind, code string) {
	t.Helper()
	if !errors.Is(err, kind) || codeOf(err) != code {
		t.Errorf("got error %v (code %q), want kind %s, code %s", err, codeOf(err), kind, code)
	}
}

func TestSealAndOpen(t *testing.T) {
	id, other := newID(t), newID(t)
	for _, n := range lengths {
		clip := noise(1, n)
		e := newEnv(t, n, id, other)
		sealed := sealAll(t, e, clip)
		if int64(len(sealed)) != e.SealedSize() {
			t.Errorf("%d bytes: sealed %d, SealedSize says %d", n, len(sealed), e.SealedSize())
		}
		for _, opener := range []*Identity{id, other} {
			r, err := Open(bytes.NewReader(sealed), opener)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, append(clip, make([]byte, PaddedLength(n)-n)...)); err != nil && n < batchSize {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestStockAgeOpensAndSeals(t *testing.T) {
	id := newID(t)
	for _, n := range lengths {
		clip := noise(2, n)
		stock, err := age.Decrypt(bytes.NewReader(sealAll(t, newEnv(t, n, id), clip)), id.key)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(stock)
		if err != nil || int64(len(plain)) != PaddedLength(n) || !bytes.Equal(plain[:n], clip) {
			t.Errorf("%d bytes: stock age: %v, or other bytes", n, err)
		}
		var sealed bytes.Buffer
		w, err := age.Encrypt(&sealed, id.key.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(clip); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := Open(&sealed, id)
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, clip) {
			t.Errorf("%d bytes sealed by stock age: %v, or other bytes", n, err)
		}
	}
}

func TestAnyOffsetGivesTheSameBytes(t *testing.T) {
	id := newID(t)
	for _, n := range []int64{100, chunkSize, 2*batchSize + 5*chunkSize + 123} {
		clip := noise(3, n)
		e := newEnv(t, n, id)
		whole := sealAll(t, e, clip)
		start := e.payloadStart()
		offsets := []int64{0, 1, start - 1, start, start + 1, start + sealedChunk - 1, start + sealedChunk, e.SealedSize() - 1, e.SealedSize()}
		for range 20 {
			offsets = append(offsets, rand.Int64N(e.SealedSize()+1))
		}
		for _, off := range offsets {
			var clipSeen, sealedSeen bytes.Buffer
			got, err := io.ReadAll(e.ReaderTee(bytes.NewReader(clip), off, Tee{Clip: []io.Writer{&clipSeen}, Sealed: []io.Writer{&sealedSeen}}))
			if err != nil || !bytes.Equal(got, whole[off:]) {
				t.Fatalf("%d bytes from %d: %v, or other bytes", n, off, err)
			}
			if !bytes.Equal(sealedSeen.Bytes(), got) || !bytes.Equal(clipSeen.Bytes(), clip[e.ClipOffset(off):]) && off < e.SealedSize() {
				t.Fatalf("%d bytes from %d: onlookers saw other bytes", n, off)
			}
		}
	}
	for _, off := range []int64{-1, 1 << 40} {
		if _, err := io.ReadAll(newEnv(t, 5, id).Reader(bytes.NewReader(nil), off)); !errors.Is(err, footage.Invalid) {
			t.Errorf("offset %d: %v", off, err)
		}
	}
}

func TestStreamReadsOnceAndWritesTo(t *testing.T) {
	id, n := newID(t), int64(2*batchSize+999)
	clip := noise(4, n)
	e := newEnv(t, n, id)
	var got bytes.Buffer
	h := sha256.New()
	if _, err := io.Copy(&got, e.Stream(iotest.HalfReader(bytes.NewReader(clip)), Tee{Clip: []io.Writer{h}})); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), sealAll(t, e, clip)) {
		t.Error("a stream is sealed to other bytes than a file")
	}
	if want := sha256.Sum256(clip); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("the hash of the clip differs")
	}
	r, _ := Open(&got, id)
	var plain bytes.Buffer
	if k, err := io.Copy(&plain, r); err != nil || k != PaddedLength(n) || !bytes.Equal(plain.Bytes()[:n], clip) {
		t.Errorf("copied %d bytes: %v", k, err)
	}
}

func TestEnvelopeSurvivesTheResumeFile(t *testing.T) {
	id, n := newID(t), int64(200_000)
	clip := noise(5, n)
	e := newEnv(t, n, id)
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var again Envelope
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sealAll(t, e, clip), sealAll(t, &again, clip)); diff != "" || again.ClipLength() != n {
		t.Error("the envelope read back seals to other bytes")
	}
	for name, change := range map[string][2]string{
		"type":    {"envelope/v1", "envelope/v2"},
		"length":  {`"clip_length":200000`, `"clip_length":300000`},
		"padding": {`"padded_length":200704`, `"padded_length":200000`},
		"header":  {"mlkem768x25519 ", "mlkem768x25519 A"},
		"key":     {`"file_key":"`, `"file_key":"AAAA`},
		"unknown": {`"nonce"`, `"more":1,"nonce"`},
	} {
		bad := bytes.Replace(raw, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, raw) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if err := json.Unmarshal(bad, &again); !errors.Is(err, footage.Invalid) {
			t.Errorf("%s: a damaged resume file gave %v", name, err)
		}
	}
}

func TestClipThatChangesIsRefused(t *testing.T) {
	id := newID(t)
	for _, n := range []int64{10, batchSize, batchSize + 10} {
		for _, has := range []int64{0, n - 1, n + 1} {
			_, err := io.ReadAll(newEnv(t, n, id).Reader(bytes.NewReader(noise(6, has)), 0))
			wantCode(t, err, footage.Conflict, CodeClipChanged)
		}
	}
	broken := errors.New("disk gone")
	_, err := io.ReadAll(newEnv(t, 10, id).Stream(iotest.ErrReader(broken), Tee{}))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	_, err = io.ReadAll(newEnv(t, 1, id).Stream(bytes.NewReader([]byte{1}), Tee{Clip: []io.Writer{failing{broken}}}))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestNewRefuses(t *testing.T) {
	id := newID(t)
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(1, id.Recipient(), x.Recipient().String())
	wantCode(t, err, footage.Unsupported, CodeClassicRecipient)
	_, err = New(1, "ssh-ed25519 AAAA")
	wantCode(t, err, footage.Unsupported, CodeClassicRecipient)
	r := id.Recipient()
	_, err = New(1, r[:len(r)-1]+"q")
	wantCode(t, err, footage.Invalid, CodeBadRecipient)
	for _, n := range []int64{-1, MaxClip + 1} {
		if _, err := New(n, r); err == nil {
			t.Errorf("a clip of %d bytes was taken", n)
		}
	}
	many := make([]string, MaxRecipients+1)
	for i := range many {
		many[i] = r
	}
	for _, to := range [][]string{nil, many} {
		if _, err := New(1, to...); !errors.Is(err, footage.Invalid) {
			t.Errorf("%d recipients: %v", len(to), err)
		}
	}
	e, err := New(1, many[1:]...)
	if err != nil || len(e.header) > MaxHeader {
		t.Errorf("%d recipients: %v", MaxRecipients, err)
	}
}

func TestPaddedLength(t *testing.T) {
	sizes := map[int64]bool{}
	for n := int64(1 << 20); n < 2<<30; n += 997_331 {
		p := PaddedLength(n)
		sizes[p] = true
		if p < n || PaddedLength(p) != p || float64(p-n) > 0.0313*float64(n) {
			t.Fatalf("PaddedLength(%d) = %d", n, p)
		}
	}
	if len(sizes) > 260 {
		t.Errorf("%d distinct sizes", len(sizes))
	}
	// Worked by hand: 65537 has E = 16, S = 5, so 11 bits are zero; 1,000,000 has E = 19, S = 5, so 14 are.
	for n, want := range map[int64]int64{0: MinPadded, 65536: 65536, 65537: 67584, 1_000_000: 1_015_808, MaxClip: MaxClip, MaxClip - 1: MaxClip} {
		if got := PaddedLength(n); got != want {
			t.Errorf("PaddedLength(%d) = %d, want %d", n, got, want)
		}
	}
}
