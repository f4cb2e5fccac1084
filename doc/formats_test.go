package doc_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/golang/geo/s2"
	"github.com/google/go-cmp/cmp"
	"github.com/tyler-smith/go-bip39/wordlists"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
	"porchlight.example/seal"
)

// The tests of this file read the worked examples out of formats.md and compute each twice: once from the words of the
// document, with the standard library alone, and once with the package that does it for us.

// goodBundle is where the examples of the request and of the record come from.
const goodBundle = "../evidence/testdata/vectors/bundles/good.json"

// same fails unless what the document shows is what was computed.
func same(t *testing.T, what, shown, computed string) {
	t.Helper()
	if diff := cmp.Diff(computed, shown); diff != "" {
		t.Errorf("formats.md, %s (-computed +shown):\n%s", what, diff)
	}
}

func raw64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func sum(parts ...[]byte) []byte {
	s := sha256.Sum256(bytes.Join(parts, nil))
	return s[:]
}

func hexSum(b []byte) string { return hex.EncodeToString(sum(b)) }

// counting returns n bytes 0, 1, 2, …
func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// seeded is the Ed25519 key of a seed of 32 equal bytes.
func seeded(b byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, 32)) }

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func decode64(t *testing.T, s string) []byte {
	t.Helper()
	return must[[]byte](t)(base64.RawURLEncoding.DecodeString(s))
}

func readBundle(t *testing.T) evidence.Bundle {
	t.Helper()
	var v struct{ Bundle json.RawMessage }
	if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(goodBundle)), &v); err != nil {
		t.Fatal(err)
	}
	return must[evidence.Bundle](t)(evidence.ParseBundle(v.Bundle))
}

func TestIDs(t *testing.T) {
	alphabet := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	shown := vectors(t).line("random-id")
	same(t, "random-id", shown, "s-"+alphabet.EncodeToString(counting(16)))
	same(t, "random-id", shown, footage.NewID(bytes.NewReader(counting(16)), "s"))
}

func TestCanonicalJSON(t *testing.T) {
	v := vectors(t)
	same(t, "canonical-output", v.line("canonical-output"), string(must[[]byte](t)(footage.Canonicalize([]byte(v.line("canonical-input"))))))
	for _, name := range []string{"request-document", "entry", "receipt", "note"} {
		same(t, name, v.line(name), string(must[[]byte](t)(footage.Canonicalize([]byte(v.line(name))))))
	}
}

func TestRequestDocument(t *testing.T) {
	v := vectors(t)
	shown := v.line("request-document")
	same(t, "request-id", v.line("request-id"), hexSum([]byte(shown)))
	doc := readBundle(t).Record.Document
	same(t, "request-document", shown, string(must[[]byte](t)(doc.Canonical())))
	same(t, "request-id", v.line("request-id"), string(must[footage.RequestID](t)(doc.ID())))
}

func TestCommitments(t *testing.T) {
	for _, row := range vectors(t).rows("commitments", 2) {
		same(t, "commitments", row[1], raw64(sum(counting(16), []byte{0}, []byte(row[0]))))
		same(t, "commitments", row[1], footage.Commit(counting(16), row[0]))
	}
}

func TestOffenceCodes(t *testing.T) {
	var codes []string
	for _, o := range footage.Offences() {
		codes = append(codes, o.Code)
	}
	same(t, "offence-codes", strings.Join(strings.Fields(vectors(t).text("offence-codes")), " "), strings.Join(codes, " "))
}

// TestPolicyHash makes the hash that each decision names out of the shipped file (T11).
func TestPolicyHash(t *testing.T) {
	raw := must[[]byte](t)(os.ReadFile("../internal/policy/default.json"))
	shown := vectors(t).line("default-policy-hash")
	same(t, "default-policy-hash", shown, hexSum(must[[]byte](t)(footage.Canonicalize(raw))))
	same(t, "default-policy-hash", shown, policy.Default().Ref().Hash)
}

// TestAssertion checks the officer's signature as section 4 says, step by step.
func TestAssertion(t *testing.T) {
	v, b := vectors(t), readBundle(t)
	a := b.Record.Assertions[0]
	client, auth := decode64(t, a.ClientData), decode64(t, a.AuthenticatorData)
	same(t, "client-data", v.line("client-data"), string(client))
	var data struct{ Type, Challenge, Origin string }
	if err := json.Unmarshal(client, &data); err != nil {
		t.Fatal(err)
	}
	if data.Type != "webauthn.get" || data.Challenge != raw64(sum([]byte(v.line("request-document")))) || data.Origin != "https://exchange.example" {
		t.Errorf("client data %+v", data)
	}
	if !bytes.Equal(auth[:32], sum([]byte("exchange.example"))) || auth[32]&0x05 != 0x05 {
		t.Errorf("authenticator data %x", auth)
	}
	officer := must[ledger.Fact](t)(b.Entries[3].Entry.Fact()).(ledger.PersonEnrolled)
	key := must[any](t)(x509.ParsePKIXPublicKey(decode64(t, officer.PublicKey))).(*ecdsa.PublicKey)
	digest := sum(auth, sum(client))
	if !ecdsa.VerifyASN1(key, digest, decode64(t, a.Signature)) {
		t.Error("the signature does not hold as the document says that it is made")
	}
	auth[33] ^= 1
	if ecdsa.VerifyASN1(key, sum(auth, sum(client)), decode64(t, a.Signature)) {
		t.Error("a changed byte goes unnoticed")
	}
}

func TestEntryAndBundleBytes(t *testing.T) {
	v, b := vectors(t), readBundle(t)
	entry := []byte(v.line("entry"))
	same(t, "entry", string(entry), string(must[[]byte](t)(b.Entries[11].Entry.Encode())))
	same(t, "leaf-hash", v.line("leaf-hash"), base64.StdEncoding.EncodeToString(sum([]byte{0}, entry)))
	inBundle := append(binary.BigEndian.AppendUint16(nil, uint16(len(entry))), entry...)
	start := v.line("bundle-start")
	same(t, "bundle-start", start, hex.EncodeToString(inBundle)[:len(start)])
	same(t, "bundle-start", start, hex.EncodeToString(ledger.AppendBundle(nil, entry))[:len(start)])
}

func TestLogPaths(t *testing.T) {
	for _, row := range vectors(t).rows("paths", 4) {
		n, width := must[int](t)(strconv.Atoi(row[1])), must[int](t)(strconv.Atoi(row[2]))
		if row[0] == "entries" {
			same(t, "paths", row[3], ledger.BundleKey(int64(n), width))
			continue
		}
		same(t, "paths", row[3], ledger.TileKey(must[int](t)(strconv.Atoi(row[0])), int64(n), width))
	}
}

// TestCheckpoint verifies the example's note with Ed25519 alone.
func TestCheckpoint(t *testing.T) {
	v, b := vectors(t), readBundle(t)
	vkey, note := v.line("verifier-key"), v.text("checkpoint")
	same(t, "verifier-key", vkey, b.Verifier)
	same(t, "checkpoint", note, b.Checkpoint)

	parts := strings.SplitN(vkey, "+", 3)
	key := must[[]byte](t)(base64.StdEncoding.DecodeString(parts[2]))
	id := sum([]byte(parts[0]), []byte("\n"), key)[:4]
	same(t, "key ID", parts[1], hex.EncodeToString(id))
	text, signature, _ := strings.Cut(note, "\n\n")
	text += "\n"
	sig := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(signature, "— "+parts[0]+" "), "\n")))
	if key[0] != 1 || !bytes.Equal(sig[:4], id) || !ed25519.Verify(key[1:], []byte(text), sig[4:]) {
		t.Error("the signature does not hold as the document says that it is made")
	}
	if ed25519.Verify(key[1:], []byte(strings.Replace(text, "12", "13", 1)), sig[4:]) {
		t.Error("a changed size goes unnoticed")
	}
	if c := must[ledger.Checkpoint](t)(ledger.OpenCheckpoint([]byte(note), vkey)); c.Size != 12 {
		t.Errorf("size %d", c.Size)
	}
}

// TestAuditPath walks from the last entry to the root (RFC 6962, 2.1.1): entry 11 of 12 stands at the right edge.
func TestAuditPath(t *testing.T) {
	v := vectors(t)
	path := strings.Fields(v.text("audit-path"))
	at := sum([]byte{0}, []byte(v.line("entry")))
	for _, left := range path {
		at = sum([]byte{1}, must[[]byte](t)(base64.StdEncoding.DecodeString(left)), at)
	}
	same(t, "audit-path", strings.Split(v.text("checkpoint"), "\n")[2], base64.StdEncoding.EncodeToString(at))
	var hashes []string
	for _, h := range readBundle(t).Entries[11].Hashes {
		hashes = append(hashes, h.String())
	}
	same(t, "audit-path", strings.Join(path, " "), strings.Join(hashes, " "))
}

func TestCells(t *testing.T) {
	for _, row := range vectors(t).rows("cells", 3) {
		lat, lon := must[float64](t)(strconv.ParseFloat(row[0], 64)), must[float64](t)(strconv.ParseFloat(row[1], 64))
		same(t, "cells", row[2], s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lon)).Parent(7).ToToken())
		region := must[*geo.Region](t)(geo.Compile(geo.Square(footage.Point{Lon: lon, Lat: lat}, geo.SquareMile/2)))
		if cells := region.Cells(geo.FeedLevel); !slices.Contains(cells, row[2]) {
			t.Errorf("a request around %s, %s lies in the cells %v", row[0], row[1], cells)
		}
	}
}

func TestProofOfWork(t *testing.T) {
	row := vectors(t).rows("proof-of-work", 2)[0]
	counter := 0
	for ; bits.LeadingZeros16(binary.BigEndian.Uint16(sum([]byte(row[0]+strconv.Itoa(counter))))) < 12; counter++ {
	}
	same(t, "proof-of-work", row[1], strconv.Itoa(counter))
	s := must[api.Solution](t)(api.Work{Challenge: row[0], Bits: 12}.Solve(t.Context()))
	same(t, "proof-of-work", row[1], strconv.FormatUint(s.Counter, 10))
}

func TestSegmentDigests(t *testing.T) {
	const segment = 4 << 20
	for _, row := range vectors(t).rows("segment-digests", 2) {
		zeros := make([]byte, must[int](t)(strconv.Atoi(row[0])))
		var d footage.SegmentDigest
		_, _ = d.Write(zeros)
		same(t, "segment-digests", row[1], d.Sum())
		var hashes []byte
		for len(zeros) > 0 {
			n := min(segment, len(zeros))
			hashes = append(hashes, sum(zeros[:n])...)
			zeros = zeros[n:]
		}
		same(t, "segment-digests", row[1], hexSum(hashes))
	}
}

func TestPaddedLengths(t *testing.T) {
	for _, row := range vectors(t).rows("padded-lengths", 2) {
		n := must[int64](t)(strconv.ParseInt(row[0], 10, 64))
		want := int64(65536)
		if n > want {
			e := math.Floor(math.Log2(float64(n)))
			step := int64(math.Pow(2, e-(math.Floor(math.Log2(e))+1)))
			want = (n + step - 1) / step * step
		}
		same(t, "padded-lengths", row[1], strconv.FormatInt(want, 10))
		same(t, "padded-lengths", row[1], strconv.FormatInt(seal.PaddedLength(n), 10))
	}
}

// signed checks one signed JSON value: the signature is over the context, a line feed and the value without sig.
func signed(t *testing.T, what, context, value string, key ed25519.PrivateKey) {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(value), &members); err != nil {
		t.Fatal(err)
	}
	sig := members["sig"].(string)
	delete(members, "sig")
	text := must[[]byte](t)(footage.Canonical(members))
	same(t, what, sig, raw64(ed25519.Sign(key, []byte(context+"\n"+string(text)))))
}

func TestReceipt(t *testing.T) {
	shown := vectors(t).line("receipt")
	signed(t, "receipt", "porchlight/receipt/v1", shown, seeded(1))
	var r footage.Receipt
	if err := footage.DecodeStrict([]byte(shown), &r); err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(seeded(1).Public().(ed25519.PublicKey)); err != nil {
		t.Error(err)
	}
}

func TestCustodyChain(t *testing.T) {
	v := vectors(t)
	var events []footage.Event
	prev := ""
	for i, line := range strings.Split(strings.TrimSpace(v.text("custody")), "\n") {
		signed(t, "custody", "porchlight/custody/v1", line, seeded([]byte{1, 1, 2}[i]))
		var e footage.Event
		if err := footage.DecodeStrict([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		same(t, "custody", e.Prev, prev)
		prev = hexSum([]byte(line))
		events = append(events, e)
	}
	same(t, "custody-head", v.line("custody-head"), prev)
	head, err := footage.CheckChain(events, func(party footage.Party, _ string) (ed25519.PublicKey, error) {
		if party == footage.PartyExchange {
			return seeded(1).Public().(ed25519.PublicKey), nil
		}
		return seeded(2).Public().(ed25519.PublicKey), nil
	})
	if err != nil || head != prev {
		t.Errorf("the chain ends in %s, %v", head, err)
	}
}

func TestCustodyRoot(t *testing.T) {
	v := vectors(t)
	var leaves [][32]byte
	for i := range 4 {
		leaves = append(leaves, [32]byte(bytes.Repeat([]byte{byte(i)}, 32)))
	}
	leaves[2] = [32]byte(must[[]byte](t)(hex.DecodeString(v.line("custody-head"))))
	leaf := func(i int) []byte { return sum([]byte{0}, leaves[i][:]) }
	left := sum([]byte{1}, leaf(0), leaf(1))
	root := sum([]byte{1}, left, sum([]byte{1}, leaf(2), leaf(3)))
	want := fmt.Sprintf("root %x\npath %x\npath %x\n", root, leaf(3), left)
	same(t, "custody-root", v.text("custody-root"), want)
	path := ledger.MerklePath(leaves, 2)
	same(t, "custody-root", v.text("custody-root"), fmt.Sprintf("root %x\npath %x\npath %x\n", ledger.MerkleRoot(leaves), path[0], path[1]))
}

// TestReceiptSecret derives everything of section 19 with HKDF alone.
func TestReceiptSecret(t *testing.T) {
	rows := map[string]string{}
	for line := range strings.Lines(vectors(t).text("receipt-secret")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		rows[name] = strings.TrimSpace(value)
	}
	secret := counting(13)
	derive := func(name string, n int) []byte {
		return must[[]byte](t)(hkdf.Key(sha256.New, secret, nil, "porchlight/receipt/v1/"+name, n))
	}
	same(t, "secret", rows["secret"], hex.EncodeToString(secret))
	credential := raw64(derive("credential", 32))
	same(t, "credential", rows["credential"], credential)
	same(t, "hash", rows["hash"], hexSum([]byte(credential)))
	same(t, "verify", rows["verify"], raw64(ed25519.NewKeyFromSeed(derive("signing", 32)).Public().(ed25519.PublicKey)))
	same(t, "words-en", rows["words-en"], words(secret, wordlists.English))
	id := must[*seal.Identity](t)(seal.ParseIdentity(rows["identity"])) // it checks the Bech32
	alphabet := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz")
	same(t, "fingerprint", strings.ReplaceAll(rows["fingerprint"], "-", ""), alphabet.EncodeToString(sum([]byte(id.Recipient()))[:10]))

	s := seal.NewSecret(bytes.NewReader(secret))
	for name, value := range map[string]string{
		"words-en": strings.Join(s.Words("en"), " "), "words-es": strings.Join(s.Words("es"), " "), "credential": s.Credential(),
		"hash": seal.CredentialHash(s.Credential()), "identity": s.Identity().String(), "fingerprint": seal.Fingerprint(s.Identity().Recipient()),
		"verify": raw64(s.SigningKey().Public().(ed25519.PublicKey)), "pseudonym": s.Pseudonym(),
	} {
		same(t, name, rows[name], value)
	}
}

// words writes 104 bits and their checksum of six as ten words.
func words(secret []byte, list []string) string {
	check := sum([]byte("porchlight/receipt/v1/check"), secret)[0] >> 2
	var binaryDigits strings.Builder
	for _, b := range secret {
		fmt.Fprintf(&binaryDigits, "%08b", b)
	}
	fmt.Fprintf(&binaryDigits, "%06b", check)
	var out []string
	for i := 0; i < binaryDigits.Len(); i += 11 {
		n, _ := strconv.ParseInt(binaryDigits.String()[i:i+11], 2, 32) // eleven binary digits always parse
		out = append(out, list[n])
	}
	return strings.Join(out, " ")
}

func TestNote(t *testing.T) {
	shown := vectors(t).line("note")
	key := seal.NewSecret(bytes.NewReader(counting(13))).SigningKey()
	signed(t, "note", "porchlight/note/v1", shown, key)
	n := must[evidence.Note](t)(evidence.ParseNote([]byte(shown)))
	err := n.Verify(n.Share, footage.PartyResident, func(footage.Party, string) (ed25519.PublicKey, error) {
		return key.Public().(ed25519.PublicKey), nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSafeNames(t *testing.T) {
	for _, row := range vectors(t).rows("safe-names", 2) {
		name, want := must[string](t)(strconv.Unquote(row[0])), must[string](t)(strconv.Unquote(row[1]))
		same(t, "safe-names", want, evidence.SafeName(name))
	}
}

func TestRecoveryLines(t *testing.T) {
	shown := vectors(t).text("recovery-lines")
	id := seal.NewSecret(bytes.NewReader(counting(13))).Identity()
	key := strings.TrimPrefix(id.String(), "AGE-SECRET-KEY-PQ-1")
	var want strings.Builder
	for n := 1; len(key) > 0; n++ {
		line := key[:min(16, len(key))]
		key = key[len(line):]
		check := crc32.ChecksumIEEE([]byte(strconv.Itoa(n)+line)) % 1000
		var groups []string
		for rest := line; rest != ""; rest = rest[min(4, len(rest)):] {
			groups = append(groups, rest[:min(4, len(rest))])
		}
		fmt.Fprintf(&want, "%3d.  %-20s check %03d\n", n, strings.Join(groups, " "), check)
	}
	same(t, "recovery-lines", shown, want.String())
	if got := must[*seal.Identity](t)(seal.ParseRecoverySheet(shown)); got.String() != id.String() {
		t.Error("the lines give another key")
	}
}
