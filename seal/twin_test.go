package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/internal/footage"
)

var update = flag.Bool("update", false, "write the vectors that the browser's scripts share with this package anew")

// twin is seal/testdata/twin.json: what this package and its twin in TypeScript (ui/script/lib/seal) must make of the same
// things. A clip of n bytes is that of [pattern].
type twin struct {
	Identity   string          `json:"identity"` // to which everything here is sealed
	Padded     [][2]int64      `json:"padded"`
	Envelopes  []twinEnvelope  `json:"envelopes"`
	Openings   []twinOpening   `json:"openings"`
	Recipients []twinRecipient `json:"recipients"`
	Secrets    []twinSecret    `json:"secrets"`
	Texts      []twinText      `json:"texts"`
}

type twinEnvelope struct {
	Envelope json.RawMessage `json:"envelope"`
	Size     int64           `json:"sealed_size"`
	SHA256   string          `json:"sealed_sha256"`
	Digest   string          `json:"digest"`
}

type twinOpening struct {
	What   string `json:"what"`
	Sealed string `json:"sealed"` // base64url
	Plain  string `json:"plain,omitempty"`
	Code   string `json:"code,omitempty"`
}

type twinRecipient struct {
	Text        string `json:"text"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Code        string `json:"code,omitempty"`
}

type twinSecret struct {
	Bits       string `json:"bits"` // hexadecimal
	English    string `json:"en"`
	Spanish    string `json:"es"`
	Credential string `json:"credential"`
	Hash       string `json:"hash"`
	Identity   string `json:"identity"`
	Recipient  string `json:"recipient"`
	Verify     string `json:"verify"`    // base64url
	Signature  string `json:"signature"` // over the English words, base64url
	Pseudonym  string `json:"pseudonym"`
}

type twinText struct {
	Text    string     `json:"text"`
	Bits    string     `json:"bits,omitempty"`
	Code    string     `json:"code,omitempty"`
	Nearest [][]string `json:"nearest,omitempty"` // of each unknown word: itself, then the nearest
}

// pattern is a clip that every language can make.
func pattern(n int64) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*31 + (i>>8)*17 + (i >> 16))
	}
	return b
}

const twinFile = "testdata/twin.json"

// TestTwinVectors: what is in the file is what this package makes. The scripts' own tests say the same of theirs.
func TestTwinVectors(t *testing.T) {
	var have twin
	raw, err := os.ReadFile(twinFile)
	if err == nil {
		err = json.Unmarshal(raw, &have)
	}
	if err != nil && !*update {
		t.Fatal(err)
	}
	if have.Identity == "" {
		have = newTwin(t)
	}
	id, err := ParseIdentity(have.Identity)
	if err != nil {
		t.Fatal(err)
	}
	want := twin{Identity: have.Identity}
	for _, n := range []int64{0, 1, 65536, 65537, 131072, 131073, 1 << 20, 1<<20 + 1, 4194304, 1e9, 1<<40 - 1, 1 << 40, 1<<49 + 12345, MaxClip} {
		want.Padded = append(want.Padded, [2]int64{n, PaddedLength(n)})
	}
	for _, e := range have.Envelopes {
		want.Envelopes = append(want.Envelopes, e.again(t))
	}
	for _, o := range have.Openings {
		want.Openings = append(want.Openings, o.again(t, id))
	}
	for _, r := range have.Recipients {
		_, err := ParseRecipient(r.Text)
		if r.Fingerprint, r.Code = "", codeOf(err); err == nil {
			r.Fingerprint = Fingerprint(r.Text)
		}
		want.Recipients = append(want.Recipients, r)
	}
	for _, s := range have.Secrets {
		want.Secrets = append(want.Secrets, secretOf(t, s.Bits))
	}
	for _, text := range have.Texts {
		want.Texts = append(want.Texts, textOf(text.Text))
	}
	if *update {
		raw, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, twinFile, append(raw, '\n'))
		return
	}
	if d := cmp.Diff(have, want); d != "" {
		t.Errorf("the vectors differ (-file +now):\n%s", d)
	}
	codes := map[string]bool{}
	for _, o := range have.Openings {
		codes[o.Code] = true
	}
	if len(codes) < 7 || len(have.Envelopes) < 6 || len(have.Secrets) < 4 || len(have.Texts) < 8 || len(have.Recipients) < 6 {
		t.Errorf("too few vectors: %v", codes)
	}
}

func (e twinEnvelope) again(t *testing.T) twinEnvelope {
	t.Helper()
	var env Envelope
	if err := json.Unmarshal(e.Envelope, &env); err != nil {
		t.Fatal(err)
	}
	sealed := sealAll(t, &env, pattern(env.ClipLength()))
	var digest footage.SegmentDigest
	_, _ = digest.Write(sealed)
	raw, err := json.Marshal(&env)
	if err != nil {
		t.Fatal(err)
	}
	var flat bytes.Buffer
	if err := json.Compact(&flat, e.Envelope); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, flat.Bytes()) {
		t.Error("an envelope is written in another way")
	}
	return twinEnvelope{Envelope: e.Envelope, Size: env.SealedSize(), SHA256: footage.Hash(sealed), Digest: digest.Sum()}
}

func (o twinOpening) again(t *testing.T, id *Identity) twinOpening {
	t.Helper()
	sealed, err := base64.RawURLEncoding.DecodeString(o.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := OpenBytes(sealed, id)
	o.Plain, o.Code = string(plain), codeOf(err)
	return o
}

func secretOf(t *testing.T, bits string) twinSecret {
	t.Helper()
	raw, err := hex.DecodeString(bits)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSecret(bytes.NewReader(raw))
	words := strings.Join(s.Words("en"), " ")
	sig := ed25519.Sign(s.SigningKey(), []byte(words))
	enc := base64.RawURLEncoding
	return twinSecret{Bits: bits, English: words, Spanish: strings.Join(s.Words("es"), " "), Credential: s.Credential(), Hash: CredentialHash(s.Credential()),
		Identity: s.Identity().String(), Recipient: s.Identity().Recipient(), Verify: enc.EncodeToString(s.SigningKey()[32:]),
		Signature: enc.EncodeToString(sig), Pseudonym: s.Pseudonym()}
}

func textOf(text string) twinText {
	out := twinText{Text: text}
	s, err := ParseWords(text)
	if err == nil {
		out.Bits = hex.EncodeToString(s.bits[:])
		return out
	}
	out.Code = codeOf(err)
	if out.Code == CodeUnknownWord {
		for _, r := range reasons(err) {
			out.Nearest = append(out.Nearest, append([]string{r.Value}, strings.Split(strings.TrimSuffix(r.Msg[strings.LastIndex(r.Msg, "mean ")+5:], "?"), ", ")...))
		}
	}
	return out
}

func reasons(err error) []footage.Reason {
	var e *footage.Error
	if errors.As(err, &e) {
		return e.Reasons
	}
	return nil
}

// newTwin makes the inputs of a new file.
func newTwin(t *testing.T) twin {
	t.Helper()
	id := newID(t)
	out := twin{Identity: id.String()}
	for _, n := range []int64{0, 1, 65535, 65536, 65537, 200_000, 1<<20 + 77, 5_000_000} {
		raw, err := json.Marshal(newEnv(t, n, id))
		if err != nil {
			t.Fatal(err)
		}
		out.Envelopes = append(out.Envelopes, twinEnvelope{Envelope: raw})
	}
	out.Openings = newOpenings(t, id)
	recipient := newID(t).Recipient()
	flipped := strings.Replace(recipient, recipient[100:104], "qqqq", 1)
	for _, text := range []string{recipient, " " + recipient + "\n", recipient[:1900], flipped, strings.ToUpper(recipient), "", "age1pq1qqqq",
		"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", "ssh-ed25519 AAAA"} {
		out.Recipients = append(out.Recipients, twinRecipient{Text: text})
	}
	for _, bits := range []string{"000102030405060708090a0b0c", "00000000000000000000000000", "ffffffffffffffffffffffffff", "8f3a5570c1d2e4968b7f10aa4e"} {
		out.Secrets = append(out.Secrets, twinSecret{Bits: bits})
	}
	const en, es = "abandon amount liar amount expire adjust cage candy arch grief", "ábaco álbum líquido álbum espuma acudir bolero bosque amante grave"
	for _, text := range []string{en, es, strings.ToUpper(en), "1. abandon\n2. amount\n3. liar 4) amount, expire; adjust-cage candy arch grief", "abaco album liquido album espuma acudir bolero bosque amante grave",
		"", "abandon amount liar", en + " grief", "amount abandon liar amount expire adjust cage candy arch grief", "abandom amuont liar amount expire adjust cage candy arch grief",
		"a\u0301baco álbum líquido álbum espuma acudir bolero bosque amante grabe", "xyzzyxyzzyxyzzyxyzzyxyzzyxyzzy amount liar amount expire adjust cage candy arch grief"} {
		out.Texts = append(out.Texts, twinText{Text: text})
	}
	return out
}

// newOpenings seals a message, and spoils it in each way that has a code.
func newOpenings(t *testing.T, id *Identity) []twinOpening {
	t.Helper()
	sealed, err := SealBytes([]byte("Good evening, says the porch."), 512, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	long, err := SealBytes(pattern(70_000), 512, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.Index(sealed, []byte("\n--- ")) + 1
	body := header + bytes.IndexByte(sealed[header:], '\n') + 1
	spoilt := func(b []byte, spoil func([]byte) []byte) []byte { return spoil(bytes.Clone(b)) }
	flip := func(at int) func([]byte) []byte { return func(b []byte) []byte { b[at] ^= 1; return b } }
	swapped := func(b []byte) []byte { b[body-10] = map[bool]byte{true: 'B', false: 'A'}[b[body-10] == 'A']; return b }
	other, err := SealBytes([]byte("x"), 16, newID(t).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	bare := func(plain []byte) []byte {
		e, err := newEnvelope(int64(len(plain)), int64(len(plain)), []string{id.Recipient()})
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(e.Stream(bytes.NewReader(plain), Tee{}))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var out []twinOpening
	for what, b := range map[string][]byte{
		"good": sealed, "nothing": {}, "no age file": []byte("hello"), "cut in the header": sealed[:200], "cut in the nonce": sealed[:body+7], "cut in the chunk": sealed[:len(sealed)-1],
		"cut between chunks": long[:len(long)-(len(long)-body-16)%sealedChunk], "flipped": spoilt(sealed, flip(len(sealed)-20)), "flipped in a whole chunk": spoilt(long, flip(body+100)),
		"a byte behind": append(bytes.Clone(sealed), 0), "another header code": spoilt(sealed, swapped), "to somebody else": other, "a broken header": []byte("age-encryption.org/v1\n-> \n--- x\n"),
		"length too great": bare([]byte{0, 0, 0, 9, 1, 2}), "padding not empty": bare([]byte{0, 0, 0, 1, 'x', 1}), "too short": bare([]byte{0, 0}),
	} {
		out = append(out, twinOpening{What: what, Sealed: base64.RawURLEncoding.EncodeToString(b)})
	}
	slices.SortFunc(out, func(a, b twinOpening) int { return strings.Compare(a.What, b.What) })
	return out
}
