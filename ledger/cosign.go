package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// The signature types of https://c2sp.org/signed-note that a witness may have. A verifier key names its own, so that another
// type of key is another case in [NewWitness] and nothing else.
const (
	algCosignature = 0x04 // Ed25519, https://c2sp.org/tlog-cosignature
	algMLDSA       = 0x06 // ML-DSA-44, not verified by this program yet
)

// Witness is the public key of a body that watches logs: it cosigns a checkpoint only if that continues the one that it has
// cosigned before, so that a log that shows two different pasts finds no quorum for one of them.
type Witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// NewWitness reads a witness's verifier key string, NAME+KEYID+KEY of the cosignature type.
func NewWitness(vkey string) (Witness, error) {
	name, rest, ok := strings.Cut(strings.TrimSpace(vkey), "+")
	id, encoded, ok2 := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	hash, err2 := hex.DecodeString(id)
	bad := footage.E(footage.Invalid, "The witness's key cannot be read; it must be one line such as witness.example+1a2b3c4d+BA….")
	if !ok || !ok2 || err != nil || err2 != nil || len(hash) != 4 || len(raw) < 2 || !validOrigin(name) {
		return Witness{}, bad
	}
	if raw[0] == algMLDSA {
		return Witness{}, footage.E(footage.Unsupported, "The witness "+name+" signs with ML-DSA, which this program cannot check yet. A newer one may.")
	}
	w := Witness{name: name, hash: binary.BigEndian.Uint32(hash), key: ed25519.PublicKey(raw[1:])}
	if raw[0] != algCosignature || len(w.key) != ed25519.PublicKeySize || w.hash != cosignerHash(name, w.key) {
		return Witness{}, bad
	}
	return w, nil
}

// cosignerHash returns the key ID that stands in front of each of a witness's signatures.
func cosignerHash(name string, key ed25519.PublicKey) uint32 {
	h := sha256.Sum256(slices.Concat([]byte(name), []byte{'\n', algCosignature}, key))
	return binary.BigEndian.Uint32(h[:])
}

// WitnessKey returns the verifier key string of a witness's Ed25519 key.
func WitnessKey(name string, key ed25519.PublicKey) string {
	return fmt.Sprintf("%s+%08x+%s", name, cosignerHash(name, key), base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, key...)))
}

// Name returns the witness's name.
func (w Witness) Name() string { return w.name }

// Cosignature is one witness's word for a checkpoint.
type Cosignature struct {
	Witness string    // name
	At      time.Time // when it was given, UTC, whole seconds
	line    string    // as it stands in the note
}

// cosigned returns what a witness signs: the time, then the checkpoint's text.
func cosigned(at int64, text string) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text)
}

// Cosign returns the signature line of a witness under a checkpoint: for tests, since we run no witness.
func Cosign(text, name string, key ed25519.PrivateKey, at time.Time) string {
	pub := key.Public().(ed25519.PublicKey)
	sig := binary.BigEndian.AppendUint32(nil, cosignerHash(name, pub))
	sig = binary.BigEndian.AppendUint64(sig, uint64(at.Unix()))
	sig = append(sig, ed25519.Sign(key, cosigned(at.Unix(), text))...)
	return "— " + name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

// Cosignatures returns the valid cosignatures of the given witnesses under a signed note, each key once whatever it is
// called and however often it signed, the newest of them. Lines of others are passed over; one that bears a known witness's
// name and key ID but does not hold is of kind [footage.Untrusted].
func Cosignatures(msg []byte, witnesses ...Witness) (all []Cosignature, err error) {
	text, lines, ok := strings.Cut(string(msg), "\n\n")
	if !ok {
		return nil, footage.E(footage.Invalid, "The checkpoint is no signed note.")
	}
	seen := map[string]int{} // key to its place in all
	for line := range strings.Lines(lines) {
		name, sig, ok := parseSignature(line)
		if !ok {
			continue
		}
		for _, w := range witnesses {
			if w.name != name || w.hash != binary.BigEndian.Uint32(sig) {
				continue
			}
			c, err := w.open(text+"\n", sig)
			if err != nil {
				return nil, err
			}
			c.line = line
			if i, again := seen[string(w.key)]; !again {
				seen[string(w.key)] = len(all)
				all = append(all, c)
			} else if c.At.After(all[i].At) {
				all[i] = c
			}
		}
	}
	return all, nil
}

// parseSignature splits a signature line of a note.
func parseSignature(line string) (name string, sig []byte, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— ")
	if !ok {
		return "", nil, false
	}
	name, encoded, ok := strings.Cut(rest, " ")
	sig, err := base64.StdEncoding.DecodeString(encoded)
	return name, sig, ok && err == nil && len(sig) > 4
}

// open verifies a cosignature: 4 bytes of key ID, 8 of time, 64 of Ed25519.
func (w Witness) open(text string, sig []byte) (Cosignature, error) {
	if len(sig) != 4+8+ed25519.SignatureSize {
		return Cosignature{}, footage.E(footage.Untrusted, "A cosignature of the witness "+w.name+" cannot be read.")
	}
	at := binary.BigEndian.Uint64(sig[4:12])
	if at > 1<<40 || !ed25519.Verify(w.key, cosigned(int64(at), text), sig[12:]) {
		return Cosignature{}, footage.E(footage.Untrusted, "A cosignature of the witness "+w.name+" does not hold. Do not rely on this checkpoint.")
	}
	return Cosignature{Witness: w.name, At: time.Unix(int64(at), 0).UTC()}, nil
}

// WithCosignatures returns a signed note with the cosignatures behind the signatures that it has, those of one witness
// once.
func WithCosignatures(msg []byte, more ...Cosignature) []byte {
	out := string(msg)
	for _, c := range more {
		if !strings.Contains(out, c.line) {
			out += c.line
		}
	}
	return []byte(out)
}

// Text returns the body of a signed note, on which every signature stands.
func Text(msg []byte) string {
	text, _, _ := strings.Cut(string(msg), "\n\n")
	return text + "\n"
}
