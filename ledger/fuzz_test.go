package ledger_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/ledger"
)

func FuzzDecodeEntry(f *testing.F) {
	for _, fact := range facts(f) {
		f.Add(encode(f, fact))
	}
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
