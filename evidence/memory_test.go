package evidence

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// memoryVector is what a client remembers of a record, with a newer head and the tiles that the exchange shows.
type memoryVector struct {
	Name     string            `json:"name"`
	Verifier string            `json:"verifier"`
	Seen     string            `json:"seen"` // the checkpoint that is remembered
	Want     string            `json:"want"` // the code of the refusal, or empty
	Head     Head              `json:"head"`
	Tiles    map[string][]byte `json:"tiles"` // by path, standard base64
}

// memoryCase is one history: how many entries there were, how many there are, and what is wrong.
type memoryCase struct {
	name, want string
	seen, now  int
	since      int64                 // of the head; 0 for none that fits
	forged     bool                  // what was seen is of another history with the same key
	otherKey   bool                  // what was seen bears another key's signature
	spoil      func(v *memoryVector) // what is served
}

func memoryCases() []memoryCase {
	bare := func(v *memoryVector) { clear(v.Tiles) }
	return []memoryCase{
		{name: "good-the-same", seen: 15, now: 15},
		{name: "good-told-by-the-head", seen: 12, now: 15, since: 12, spoil: bare},
		{name: "good-told-by-the-tiles", seen: 9, now: 15},
		{name: "good-from-one-entry", seen: 1, now: 15},
		{name: "good-from-a-full-tile", seen: 256, now: 300},
		{name: "good-over-tiles", seen: 255, now: 600, spoil: func(v *memoryVector) { delete(v.Tiles, "log/tile/0/000.p/255") }},
		{name: "rolled-back", want: "rolled_back", seen: 15, now: 12, spoil: bare},
		{name: "other-record-of-the-same-size", want: "record_forked", seen: 15, now: 15, forged: true},
		{name: "other-record-that-the-head-vouches-for", want: "record_forked", seen: 12, now: 15, since: 12, forged: true},
		{name: "other-record-by-its-tiles", want: "record_forked", seen: 9, now: 15, forged: true},
		{name: "proof-of-the-head-changed", want: "record_forked", seen: 12, now: 15, since: 12, spoil: func(v *memoryVector) { v.Head.Consistency[0][0] ^= 1 }},
		{name: "tile-changed", want: "record_forked", seen: 9, now: 15, spoil: func(v *memoryVector) { v.Tiles["log/tile/0/000.p/15"][400] ^= 1 }},
		{name: "tiles-kept-back", want: "record_forked", seen: 9, now: 15, spoil: bare},
		{name: "seen-under-another-key", want: "seen_other", seen: 9, now: 15, otherKey: true},
	}
}

func (c memoryCase) make(t *testing.T) memoryVector {
	w := newWorld(t)
	all, _ := w.facts()
	for i := len(all); i < 600; i++ {
		all = append(all, fact{noon.Add(time.Duration(i) * time.Minute), ledger.PersonDisabled{Person: footage.PersonID(id("p", fmt.Sprint(i)))}})
	}
	past := newWorld(t)
	if c.otherKey {
		past.logKey = "another"
	}
	before := all[:c.seen:c.seen]
	if c.forged {
		before = append([]fact{}, before...)
		before[len(before)-1].at = before[len(before)-1].at.Add(time.Second)
	}
	_, seen, _, _ := past.log(before)
	objects, checkpoint, vkey, _ := w.log(all[:c.now])
	h, err := NewHead(t.Context(), objects, checkpoint, vkey, 0, c.since)
	if err != nil {
		t.Fatal(err)
	}
	v := memoryVector{Name: c.name, Verifier: vkey, Seen: string(seen), Want: c.want, Head: h, Tiles: map[string][]byte{}}
	objects.Range(func(key, raw any) bool {
		if path := key.(string); strings.HasPrefix(path, "log/tile/") && !strings.Contains(path, "/entries/") {
			v.Tiles[path] = raw.([]byte)
		}
		return true
	})
	if c.spoil != nil {
		c.spoil(&v)
	}
	return v
}

// TestMemories writes the vectors that every client's memory of a record is tested with, and holds them against the checks that
// clients are made of. internal/resident and ui/script read them.
func TestMemories(t *testing.T) {
	for _, c := range memoryCases() {
		t.Run(c.name, func(t *testing.T) {
			v := c.make(t)
			raw, err := json.MarshalIndent(v, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "vectors", "memories", v.Name+".json"), append(raw, '\n'))
		})
	}
}
