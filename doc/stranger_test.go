package doc_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"porchlight.example/evidence"
	"porchlight.example/internal/node/nodetest"
)

// TestStranger sends a clip to an exchange and fetches it as the agency, with a client written from formats.md alone: it
// uses none of our packages; the test alone does, to start the exchange, lend the agency's keys and judge the outcome.
func TestStranger(t *testing.T) {
	w := nodetest.Start(t, nil)
	id := string(w.Publish(w.Draft(0)))
	resident := &stranger{t: t, base: w.Server.URL}
	bundle := resident.bundle(id, w.Node.Exchange.Info().LogVerifier)
	clip := bytes.Repeat([]byte("a frame of a porch "), 300_000) // more than one segment when sealed
	secret := make([]byte, 13)
	_, _ = rand.Read(secret) // crypto/rand.Read never fails
	share := resident.send(id, bundle, clip, secret)
	if err := w.Node.Exchange.Release(t.Context()); err != nil {
		t.Fatal(err)
	}

	agency := &stranger{t: t, base: w.Server.URL, bearer: w.Police.Custodian.Client.Bearer, signer: string(w.Police.Device.ID), key: w.Police.Sign}
	agency.event(share, "picked_up", nil)
	manifest, opened := agency.fetch(share, must[*age.HybridIdentity](t)(age.ParseHybridIdentity(w.Police.Epoch.String())))
	if !bytes.Equal(opened, clip) {
		t.Error("the agency opened another clip than was sent")
	}
	if _, err := evidence.ParseManifest(manifest); err != nil {
		t.Errorf("our own desk would refuse the stranger's manifest: %v", err)
	}
	agency.event(share, "opened", nil)
	agency.event(share, "verified", map[string]string{"manifest_sha256": hexSum(manifest), "findings": "ok=1 warn=0 fail=0"})
	agency.event(share, "accepted", nil)
	agency.event(share, "confirmed", nil)

	resident.bearer = credential(t, secret)
	var box struct {
		State  string
		Events []json.RawMessage
	}
	resident.call("GET", "/v1/mailbox", nil, &box)
	if box.State != "erased" || len(box.Events) != 8 {
		t.Errorf("the mailbox says %s after %d events", box.State, len(box.Events))
	}
	resident.chain(box.Events, bundle.receiptKey, w.Police.Sign.Public().(ed25519.PublicKey))
}

// stranger is a client that knows formats.md and nothing else.
type stranger struct {
	t      *testing.T
	base   string
	bearer string
	signer string
	key    ed25519.PrivateKey
}

func (s *stranger) do(method, path string, body io.Reader, header map[string]string) *http.Response {
	s.t.Helper()
	req := must[*http.Request](s.t)(http.NewRequestWithContext(s.t.Context(), method, s.base+path, body))
	if s.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+s.bearer)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res := must[*http.Response](s.t)(http.DefaultClient.Do(req))
	s.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode >= 300 {
		problem, _ := io.ReadAll(res.Body) // for the message alone
		s.t.Fatalf("%s %s: %s %s", method, path, res.Status, problem)
	}
	return res
}

func (s *stranger) call(method, path string, in, out any) {
	s.t.Helper()
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(must[[]byte](s.t)(json.Marshal(in)))
	}
	raw := must[[]byte](s.t)(io.ReadAll(s.do(method, path, body, map[string]string{"Content-Type": "application/json"}).Body))
	if err := json.Unmarshal(raw, out); err != nil {
		s.t.Fatal(err)
	}
}

// jcs writes a decoded value as canonical JSON. For the values that an exchange gives, whose numbers are canonical already
// and whose names are ASCII, Go's own encoder is enough.
func jcs(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// parse decodes JSON and keeps numbers as they are written.
func parse(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// believed is what a checked bundle tells a sender.
type believed struct {
	origin, agency, recipient string
	epoch                     json.Number
	receiptKey                ed25519.PublicKey
}

// bundle fetches a request and checks it as section 10 says, as far as an honest exchange can be checked.
func (s *stranger) bundle(id, pinned string) believed {
	s.t.Helper()
	raw := must[[]byte](s.t)(io.ReadAll(s.do("GET", "/v1/requests/"+id, nil, nil).Body))
	b := parse(s.t, raw)
	size, root := s.checkpoint(b["checkpoint"].(string), pinned)
	record := b["record"].(map[string]any)
	document := jcs(s.t, record["document"])
	if hexSum(document) != id {
		s.t.Fatal("the text is not the one that the link names")
	}
	out := believed{origin: strings.SplitN(pinned, "+", 2)[0]}
	var rp map[string]any
	people := map[string]map[string]any{}
	for _, e := range b["entries"].([]any) {
		proven := e.(map[string]any)
		index := must[int64](s.t)(proven["index"].(json.Number).Int64())
		entry := proven["entry"].(map[string]any)
		s.included(jcs(s.t, entry), index, size, proven["hashes"].([]any), root)
		data := entry["data"].(map[string]any)
		switch entry["kind"] {
		case "exchange.created":
			rp, out.receiptKey = data["rp"].(map[string]any), decode64(s.t, data["receipt_key"].(string))
		case "person.enrolled":
			people[data["person"].(string)] = data
		case "epoch.opened":
			epoch := data["epoch"].(map[string]any)
			out.agency, out.recipient, out.epoch = epoch["agency"].(string), epoch["recipient"].(string), epoch["number"].(json.Number)
		}
	}
	for _, a := range record["assertions"].([]any) {
		assertion := a.(map[string]any)
		s.assertion(assertion, people[assertion["person"].(string)], rp, document)
	}
	return out
}

// checkpoint opens the signed note with the pinned key (section 9).
func (s *stranger) checkpoint(note, pinned string) (size int64, root []byte) {
	s.t.Helper()
	parts := strings.SplitN(pinned, "+", 3)
	key := must[[]byte](s.t)(base64.StdEncoding.DecodeString(parts[2]))
	text, signature, _ := strings.Cut(note, "\n\n")
	line, _, _ := strings.Cut(strings.TrimPrefix(signature, "— "+parts[0]+" "), "\n")
	sig := must[[]byte](s.t)(base64.StdEncoding.DecodeString(line))
	if !ed25519.Verify(key[1:], []byte(text+"\n"), sig[4:]) {
		s.t.Fatal("the checkpoint's signature does not hold")
	}
	lines := strings.Split(text, "\n")
	return must[int64](s.t)(strconv.ParseInt(lines[1], 10, 64)), must[[]byte](s.t)(base64.StdEncoding.DecodeString(lines[2]))
}

// included checks an audit path (RFC 9162, 2.1.3.2, whose tree is that of RFC 6962).
func (s *stranger) included(entry []byte, index, size int64, hashes []any, root []byte) {
	s.t.Helper()
	at, fn, sn := sum([]byte{0}, entry), index, size-1
	for _, h := range hashes {
		p := must[[]byte](s.t)(base64.StdEncoding.DecodeString(h.(string)))
		if fn&1 == 1 || fn == sn {
			at = sum([]byte{1}, p, at)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			at = sum([]byte{1}, at, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 || !bytes.Equal(at, root) {
		s.t.Fatalf("entry %d is not in the tree of %d entries", index, size)
	}
}

// assertion checks one signature under the request (section 4).
func (s *stranger) assertion(a, person, rp map[string]any, document []byte) {
	s.t.Helper()
	client, auth := decode64(s.t, a["client_data"].(string)), decode64(s.t, a["authenticator_data"].(string))
	said := parse(s.t, client)
	ok := said["type"] == "webauthn.get" && said["challenge"] == raw64(sum(document)) && said["origin"] == rp["origin"] &&
		bytes.Equal(auth[:32], sum([]byte(rp["id"].(string)))) && auth[32]&0x05 == 0x05 && person["credential"] == a["credential"]
	message, sig := append(auth, sum(client)...), decode64(s.t, a["signature"].(string))
	switch key := must[any](s.t)(x509.ParsePKIXPublicKey(decode64(s.t, person["public_key"].(string)))).(type) {
	case *ecdsa.PublicKey:
		ok = ok && ecdsa.VerifyASN1(key, sum(message), sig)
	case ed25519.PublicKey:
		ok = ok && ed25519.Verify(key, message, sig)
	}
	if !ok {
		s.t.Fatalf("the signature of the %v does not hold", a["role"])
	}
}

// credential derives the mailbox credential (section 19).
func credential(t *testing.T, secret []byte) string {
	return raw64(must[[]byte](t)(hkdf.Key(sha256.New, secret, nil, "porchlight/receipt/v1/credential", 32)))
}

// send seals a clip, uploads it with a break in the middle and commits the share (sections 13 to 17).
func (s *stranger) send(id string, b believed, clip, secret []byte) (share string) {
	s.t.Helper()
	padded := append(bytes.Clone(clip), make([]byte, padme(len(clip))-len(clip))...)
	sealed := s.seal(b.recipient, padded)
	var begun struct {
		Share, Ticket string
		Clips         []string
	}
	s.call("POST", "/v1/requests/"+id+"/shares", map[string]any{"work": s.work(), "credential_hash": hexSum([]byte(credential(s.t, secret))),
		"epoch": b.epoch, "sizes": []int{len(sealed)}}, &begun)
	s.bearer = begun.Ticket
	s.upload(begun.Clips[0], sealed)

	manifest := s.sign("porchlight/manifest/v1", ed25519.NewKeyFromSeed(must[[]byte](s.t)(hkdf.Key(sha256.New, secret, nil, "porchlight/receipt/v1/signing", 32))), map[string]any{
		"type": "porchlight/manifest/v1", "exchange": b.origin, "request": id, "agency": b.agency, "epoch": b.epoch,
		"prepared": time.Now().UTC().Format(time.RFC3339), "pseudonym": "Grey Kettle 41",
		"consent": map[string]any{"version": "v1", "language": "en", "sha256": hexSum([]byte(readFile(s.t, "../evidence/consent/v1.en.txt")))},
		"terms":   map[string]any{"version": "v1", "sha256": hexSum([]byte(readFile(s.t, "../evidence/terms/v1.json")))},
		"clips": []any{map[string]any{"id": begun.Clips[0], "name": "clip-01.mp4", "media_type": "video/mp4", "size": len(clip), "padded_size": len(padded),
			"sha256": hexSum(clip), "sealed": map[string]any{"size": len(sealed), "digest": segments(sealed)},
			"original": map[string]any{"sent": true, "salt": raw64(make([]byte, 16)), "sha256_commitment": raw64(sum(make([]byte, 16), []byte{0}, []byte(hexSum(clip))))},
			"capture":  map[string]any{"source": "file", "clock_offset_seconds": 0}, "edits": []any{}, "findings_kept": []any{}}},
	})
	message := append(binary.BigEndian.AppendUint32(nil, uint32(len(manifest))), manifest...)
	sealedManifest := s.seal(b.recipient, append(message, make([]byte, 32<<10-len(message))...))
	raw := must[[]byte](s.t)(json.Marshal(map[string]any{"clips": []any{map[string]any{"id": begun.Clips[0], "digest": segments(sealed)}}, "manifest": raw64(sealedManifest)}))
	receipt := parse(s.t, must[[]byte](s.t)(io.ReadAll(s.do("POST", "/v1/shares/commit", bytes.NewReader(raw), nil).Body)))
	s.signed("porchlight/receipt/v1", b.receiptKey, receipt)
	if receipt["share"] != begun.Share || receipt["manifest"] != hexSum(sealedManifest) {
		s.t.Fatalf("the receipt is for something else: %v", receipt)
	}
	return begun.Share
}

// sign adds the resident's public key and the signature to a manifest and returns its canonical bytes.
func (s *stranger) sign(context string, key ed25519.PrivateKey, v map[string]any) []byte {
	s.t.Helper()
	mine := must[*age.HybridIdentity](s.t)(age.GenerateHybridIdentity())
	v["resident"] = map[string]any{"recipient": mine.Recipient().String(), "verify": raw64(key.Public().(ed25519.PublicKey))}
	v["sig"] = raw64(ed25519.Sign(key, append([]byte(context+"\n"), jcs(s.t, v)...)))
	return jcs(s.t, v)
}

// signed checks a value's sig over the context, a line feed and the value without it.
func (s *stranger) signed(context string, key ed25519.PublicKey, v map[string]any) {
	s.t.Helper()
	sig := decode64(s.t, v["sig"].(string))
	delete(v, "sig")
	if !ed25519.Verify(key, append([]byte(context+"\n"), jcs(s.t, v)...), sig) {
		s.t.Fatalf("a signature of %s does not hold", context)
	}
	v["sig"] = raw64(sig)
}

// padme rounds a length up as section 16 says.
func padme(n int) int {
	e := bits.Len(uint(n)) - 1
	step := 1 << (e - bits.Len(uint(e)))
	return max(65536, (n+step-1)/step*step)
}

func (s *stranger) seal(recipient string, plain []byte) []byte {
	s.t.Helper()
	var out bytes.Buffer
	w := must[io.WriteCloser](s.t)(age.Encrypt(&out, must[*age.HybridRecipient](s.t)(age.ParseHybridRecipient(recipient))))
	if _, err := w.Write(plain); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

// segments is the digest over segments of 4 MiB.
func segments(b []byte) string {
	var hashes []byte
	for ; len(b) > 0; b = b[min(len(b), 4<<20):] {
		hashes = append(hashes, sum(b[:min(len(b), 4<<20)])...)
	}
	return hexSum(hashes)
}

func (s *stranger) work() map[string]any {
	s.t.Helper()
	var w struct {
		Challenge string
		Bits      int
	}
	s.call("POST", "/v1/work", nil, &w)
	for counter := 0; ; counter++ {
		if bits.LeadingZeros64(binary.BigEndian.Uint64(sum([]byte(w.Challenge+strconv.Itoa(counter))))) >= w.Bits {
			return map[string]any{"challenge": w.Challenge, "counter": counter}
		}
	}
}

// upload sends half, asks how much is there, and sends the rest.
func (s *stranger) upload(clip string, sealed []byte) {
	s.t.Helper()
	res := s.do("POST", "/v1/uploads/", nil, map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": strconv.Itoa(len(sealed)), "Porchlight-Clip": clip})
	at, path := 0, res.Header.Get("Location")
	for end := len(sealed) / 2; at < len(sealed); end = len(sealed) {
		s.do("PATCH", path, bytes.NewReader(sealed[at:end]), map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(at),
			"Content-Type": "application/offset+octet-stream"})
		res = s.do("HEAD", path, nil, map[string]string{"Tus-Resumable": "1.0.0"})
		at = must[int](s.t)(strconv.Atoi(res.Header.Get("Upload-Offset")))
		if at != end {
			s.t.Fatalf("%d of %d bytes are durable", at, end)
		}
	}
}

// event signs the next custody event of the agency's custodian (section 21).
func (s *stranger) event(share, kind string, detail map[string]string) {
	s.t.Helper()
	var d struct{ Events []json.RawMessage }
	s.call("GET", "/v1/agency/shares/"+share, nil, &d)
	last := parse(s.t, d.Events[len(d.Events)-1])
	at := time.Now().UTC().Truncate(time.Microsecond)
	if before := must[time.Time](s.t)(time.Parse(time.RFC3339Nano, last["at"].(string))); at.Before(before) {
		at = before
	}
	e := map[string]any{"share": share, "seq": len(d.Events), "prev": hexSum(jcs(s.t, last)), "at": at.Format(time.RFC3339Nano), "kind": kind,
		"party": "agency", "signer": s.signer}
	if detail != nil {
		e["detail"] = detail
	}
	e["sig"] = raw64(ed25519.Sign(s.key, append([]byte("porchlight/custody/v1\n"), jcs(s.t, e)...)))
	s.call("POST", "/v1/agency/shares/"+share+"/events", e, &struct{}{})
}

// fetch fetches the one clip of a share in two pieces, opens it and its manifest and checks each against the other.
func (s *stranger) fetch(share string, id age.Identity) (manifest, clip []byte) {
	s.t.Helper()
	var d struct {
		Manifest string
		Clips    []struct {
			ID, Digest string
			Size       int
		}
	}
	s.call("GET", "/v1/agency/shares/"+share, nil, &d)
	path := "/v1/agency/shares/" + share + "/clips/" + d.Clips[0].ID
	first := make([]byte, 1000)
	if _, err := io.ReadFull(s.do("GET", path, nil, nil).Body, first); err != nil {
		s.t.Fatal(err)
	}
	rest := must[[]byte](s.t)(io.ReadAll(s.do("GET", path, nil, map[string]string{"Range": "bytes=1000-"}).Body))
	sealed := append(first, rest...)
	if len(sealed) != d.Clips[0].Size || segments(sealed) != d.Clips[0].Digest {
		s.t.Fatal("the sealed bytes are not those of the receipt")
	}
	message := s.open(decode64(s.t, d.Manifest), id)
	manifest = message[4 : 4+binary.BigEndian.Uint32(message)]
	m := parse(s.t, manifest)
	s.signed("porchlight/manifest/v1", decode64(s.t, m["resident"].(map[string]any)["verify"].(string)), m)
	line := m["clips"].([]any)[0].(map[string]any)
	clip = s.open(sealed, id)[:must[int64](s.t)(line["size"].(json.Number).Int64())]
	if hexSum(clip) != line["sha256"] {
		s.t.Fatal("the clip is not the one of the manifest")
	}
	return manifest, clip
}

func (s *stranger) open(sealed []byte, id age.Identity) []byte {
	s.t.Helper()
	return must[[]byte](s.t)(io.ReadAll(must[io.Reader](s.t)(age.Decrypt(bytes.NewReader(sealed), id))))
}

// chain checks a custody chain: order, hashes, and each signature by the key of its party.
func (s *stranger) chain(events []json.RawMessage, exchange, custodian ed25519.PublicKey) {
	s.t.Helper()
	prev := ""
	for i, raw := range events {
		e := parse(s.t, raw)
		if e["prev"] != prev || fmt.Sprint(e["seq"]) != strconv.Itoa(i) {
			s.t.Fatalf("event %d does not follow the one before", i)
		}
		key := exchange
		if e["party"] == "agency" {
			key = custodian
		}
		s.signed("porchlight/custody/v1", key, e)
		prev = hexSum(jcs(s.t, e))
	}
}
