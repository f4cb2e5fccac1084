package opendata

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/internal/footage"
)

// Line is one entry of the record as tables and pages show it.
type Line struct {
	Index   int64            `json:"index"`
	At      time.Time        `json:"at"`
	Kind    string           `json:"kind"`
	Agency  footage.AgencyID `json:"agency,omitempty"`  // whom it is about or who acted
	Subject string           `json:"subject,omitempty"` // request, person or hash that it names
	Details []string         `json:"details,omitempty"` // reasons, states and other short codes that it gives
	Leaf    string           `json:"leaf_sha256"`       // its hash in the tree, in hexadecimal
	Bytes   int              `json:"bytes"`
	Data    json.RawMessage  `json:"data,omitempty"` // the entry's own data, where a table has room for it
}

// Book is an index of the record that grows with it. It holds numbers and sums, no texts; a caller keeps it from being used
// by several goroutines at once.
type Book struct {
	size     int64
	last     time.Time
	kinds    map[string][]int64
	agencies map[footage.AgencyID][]int64
	owners   map[owner]footage.AgencyID // whose request or person it is
	counts   map[Cell]int64
	people   map[owner]enrolment
}

// owner is what shortens the names of requests and people: the first characters are random enough.
type owner [16]byte

func ownerOf(name string) (o owner) {
	copy(o[:], name)
	return o
}

// enrolment is a member of staff who is not disabled.
type enrolment struct {
	agency footage.AgencyID
	roles  string
}

// Cell names one sum: entries of a kind about an agency in a month, with a detail.
type Cell struct {
	Month  string           `json:"month"`  // UTC, 2006-01
	Agency footage.AgencyID `json:"agency"` // empty: of no agency
	Kind   string           `json:"kind"`
	Detail string           `json:"detail"` // a reason or state that such entries give; empty: they give none
}

// NewBook returns the index of an empty record.
func NewBook() *Book {
	return &Book{kinds: map[string][]int64{}, agencies: map[footage.AgencyID][]int64{}, owners: map[owner]footage.AgencyID{},
		counts: map[Cell]int64{}, people: map[owner]enrolment{}}
}

// Size is how many entries the book knows.
func (b *Book) Size() int64 { return b.size }

// Last is the time of the newest entry.
func (b *Book) Last() time.Time { return b.last }

// Add takes in the next entry's bytes.
func (b *Book) Add(raw []byte) error {
	l, f, err := b.read(b.size, raw)
	if err != nil {
		return err
	}
	b.learn(l, f)
	b.size++
	b.last = l.At
	b.kinds[l.Kind] = append(b.kinds[l.Kind], l.Index)
	if l.Agency != "" {
		b.agencies[l.Agency] = append(b.agencies[l.Agency], l.Index)
	}
	c := Cell{Month: l.At.UTC().Format("2006-01"), Agency: l.Agency, Kind: l.Kind}
	for _, detail := range l.Details {
		c.Detail = detail
		b.counts[c]++
	}
	if len(l.Details) == 0 {
		b.counts[c]++
	}
	return nil
}

// learn remembers whose requests and people there are.
func (b *Book) learn(l Line, f members) {
	if l.Agency != "" && l.Subject != "" {
		b.owners[ownerOf(l.Subject)] = l.Agency
	}
	switch l.Kind {
	case "person.enrolled":
		b.people[ownerOf(l.Subject)] = enrolment{l.Agency, strings.Join(f.texts("roles"), " ")}
	case "person.disabled":
		delete(b.people, ownerOf(l.Subject))
	}
}

// Read returns an entry as a line.
func (b *Book) Read(index int64, raw []byte) (Line, error) {
	l, _, err := b.read(index, raw)
	return l, err
}

func (b *Book) read(index int64, raw []byte) (Line, members, error) {
	var e struct {
		At   time.Time       `json:"at"`
		Data json.RawMessage `json:"data"`
		Kind string          `json:"kind"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Line{}, nil, fmt.Errorf("read entry %d: %w", index, err)
	}
	var f members
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return Line{}, nil, fmt.Errorf("read the data of entry %d: %w", index, err)
	}
	leaf := tlog.RecordHash(raw)
	l := Line{Index: index, At: e.At.UTC(), Kind: e.Kind, Agency: f.agency(), Subject: f.subject(), Details: f.details(),
		Leaf: hex.EncodeToString(leaf[:]), Bytes: len(raw), Data: e.Data}
	if l.Agency == "" && l.Subject != "" {
		l.Agency = b.owners[ownerOf(l.Subject)]
	}
	return l, f, nil
}

// Indexes returns the entries of a kind and about an agency, ascending; an empty name means any. Without both it returns nil:
// that is every entry below [Book.Size].
func (b *Book) Indexes(kind string, agency footage.AgencyID) []int64 {
	switch {
	case kind == "" && agency == "":
		return nil
	case agency == "":
		return b.kinds[kind]
	case kind == "":
		return b.agencies[agency]
	}
	var both []int64
	of := b.agencies[agency]
	for _, i := range b.kinds[kind] {
		if _, found := slices.BinarySearch(of, i); found {
			both = append(both, i)
		}
	}
	return both
}

// Kinds returns how many entries there are of each kind.
func (b *Book) Kinds() map[string]int64 {
	out := map[string]int64{}
	for kind, list := range b.kinds {
		out[kind] = int64(len(list))
	}
	return out
}

// Count is one sum with its value.
type Count struct {
	Cell
	Count int64 `json:"count"`
}

// Counts returns the sums of an agency, or of all with an empty name, by month, agency, kind and detail.
func (b *Book) Counts(agency footage.AgencyID) []Count {
	var out []Count
	for c, n := range b.counts {
		if agency == "" || c.Agency == agency {
			out = append(out, Count{c, n})
		}
	}
	slices.SortFunc(out, func(x, y Count) int {
		return slices.Compare([]string{x.Month, string(x.Agency), x.Kind, x.Detail}, []string{y.Month, string(y.Agency), y.Kind, y.Detail})
	})
	return out
}

// Roles returns how many people of an agency hold each role now. One person may hold several.
func (b *Book) Roles(agency footage.AgencyID) map[footage.Role]int {
	out := map[footage.Role]int{}
	for p := range maps.Values(b.people) {
		if p.agency != agency {
			continue
		}
		for role := range strings.FieldsSeq(p.roles) {
			out[footage.Role(role)]++
		}
	}
	return out
}
