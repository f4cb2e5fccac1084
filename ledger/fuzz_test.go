package ledger_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func FuzzDecodeEntry(f *testing.F) {
	for _, fact := range facts(f) {
		f.Add(encode(f, fact))
	}
	f.Add(encode(f, ledger.RequestPublished{Request: request, Agency: agency.ID, Assertions: hash, Linked: []footage.RequestID{footage.RequestID(footage.Hash([]byte("x")))}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%q comes back as %q, %v", raw, again, err)
		}
		fact, err := e.Fact()
		if err != nil {
			t.Fatal(err)
		}
		anew, err := ledger.NewEntry(e.At, fact)
		if err != nil || string(anew.Data) != string(e.Data) {
			t.Fatalf("%q is stated anew as %q, %v", e.Data, anew.Data, err)
		}
	})
}

// FuzzCheckpoint signs the fuzzed text, so that parsing is reached.
func FuzzCheckpoint(f *testing.F) {
	l := newLog(f)
	for _, text := range []string{origin + "\n0\n" + l.tree.Root.String() + "\n", origin + "\n12\n" + l.tree.Root.String() + "\nmore\n", "\n\n\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		msg, err := note.Sign(&note.Note{Text: text}, l.signer)
		if err != nil {
			return
		}
		c, err := ledger.OpenCheckpoint(msg, l.vkey)
		if err != nil {
			return
		}
		again, err := ledger.SignCheckpoint(c, l.signer)
		if err != nil || !bytes.Equal(again, msg) {
			t.Fatalf("%q comes back as %q, %v", msg, again, err)
		}
	})
}

func FuzzInclusion(f *testing.F) {
	l := newLog(f)
	l.append(5)
	p, err := ledger.ProveInclusion(f.Context(), l.dir, l.checkpoint(), 2)
	if err != nil {
		f.Fatal(err)
	}
	seed, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"index":0,"size":1,"hashes":[],"checkpoint":"x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ledger.ParseInclusion(raw)
		if err != nil {
			return
		}
		once, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ledger.ParseInclusion(once)
		if err != nil {
			t.Fatalf("%q does not parse: %v", once, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q comes back as %q, %v", once, twice, err)
		}
		_, _ = p.Verify(l.entries[0], l.vkey) // must not panic
	})
}

func FuzzBundle(f *testing.F) {
	f.Add(ledger.AppendBundle(ledger.AppendBundle(nil, []byte("one")), nil))
	f.Add([]byte{0, 3, 'a', 'b'})
	f.Add([]byte{0})
	f.Add(bytes.Repeat([]byte{0, 0}, 257))
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := ledger.ParseBundle(raw)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			again = ledger.AppendBundle(again, e)
		}
		if !bytes.Equal(again, raw) || len(entries) > 256 {
			t.Fatalf("%q comes back as %q", raw, again)
		}
	})
}

// changed is a log with other bytes in one object's place, as a hostile server gives them.
type changed struct {
	objects map[string][]byte
	key     string
	data    []byte
}

func (c changed) Get(_ context.Context, key string) ([]byte, error) {
	data, ok := c.objects[key]
	if key == c.key {
		data, ok = c.data, true
	}
	if !ok {
		return nil, footage.E(footage.NotFound, "no object "+key)
	}
	return bytes.Clone(data), nil
}

// FuzzSource puts any bytes in the place of any object of a log: what is read and proven is right, or refused.
func FuzzSource(f *testing.F) {
	l := newLog(f)
	l.append(300)
	objects, keys := map[string][]byte{}, []string{}
	for _, key := range []string{ledger.CheckpointKey, ledger.TileKey(0, 0, 256), ledger.TileKey(0, 1, 44), ledger.TileKey(1, 0, 1), ledger.BundleKey(0, 256), ledger.BundleKey(1, 44)} {
		data, err := l.dir.Get(f.Context(), key)
		if err != nil {
			f.Fatal(err)
		}
		objects[key], keys = data, append(keys, key)
		other := bytes.Clone(data)
		other[len(other)/2] ^= 1
		f.Add(byte(len(keys)-1), uint16(16), other)
		f.Add(byte(len(keys)-1), uint16(299), data[:len(data)-1])
		f.Add(byte(len(keys)-1), uint16(256), append(other, data...))
	}
	f.Fuzz(func(t *testing.T, which byte, index uint16, data []byte) {
		src := changed{objects, keys[int(which)%len(keys)], data}
		at := int64(index) % 300
		entry, err := ledger.ReadEntry(t.Context(), src, l.tree, at)
		if err == nil && !bytes.Equal(entry, l.entries[at]) {
			t.Fatalf("entry %d reads %q", at, entry)
		}
		refusedRightly(t, err)
		p, err := ledger.ProveInclusion(t.Context(), src, objects[ledger.CheckpointKey], at)
		if err == nil {
			if _, err := p.Verify(l.entries[at], l.vkey); err != nil {
				t.Fatalf("a proof that does not hold: %v", err)
			}
		}
		refusedRightly(t, err)
		if index%16 != 0 {
			return // to check the whole is slow
		}
		// A checkpoint may bear signatures of others; in a narrow object's place the one that it grew into may stand.
		r, err := ledger.Check(t.Context(), src, l.vkey)
		if err == nil && (r.Tree != l.tree || src.key != ledger.CheckpointKey && !bytes.HasPrefix(data, objects[src.key])) {
			t.Fatalf("%s passes for sound with other bytes", src.key)
		}
		refusedRightly(t, err)
	})
}

func refusedRightly(t *testing.T, err error) {
	t.Helper()
	switch footage.KindOf(err) {
	case footage.Untrusted, footage.Invalid, footage.Unsupported, footage.NotFound, footage.TooLarge:
	default:
		if err != nil {
			t.Fatalf("refused without a kind: %v", err)
		}
	}
}

// FuzzVerifier: a verifier key is its own one text, and no error quotes a signing key.
func FuzzVerifier(f *testing.F) {
	skey, vkey, err := ledger.GenerateKey(origin, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(vkey)
	f.Add(vkey + "\n")
	f.Add(skey)
	f.Add("a+00000000+AQ==")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ledger.NewVerifier(text); err == nil && (v.Name() == "" || !strings.HasPrefix(strings.TrimSpace(text), v.Name()+"+")) {
			t.Errorf("%q is a key of %q", text, v.Name())
		} else if err != nil && footage.KindOf(err) != footage.Invalid {
			t.Errorf("%v", err)
		}
		if _, err := ledger.NewSigner(text); err != nil && len(text) > 40 && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes %q", text)
		}
	})
}
