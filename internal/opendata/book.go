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
	State   string           `json:"state,omitempty"`   // what became of something, as a short code
	Reasons []string         `json:"reasons,omitempty"` // why, as short codes
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
	subjects map[owner]subject // requests, people and whatever else entries name
	before   []int32           // by entry, the one before about the same subject; -1 for none
	counts   map[Cell]int64
	people   map[owner]enrolment
	moderation
}

// owner is what shortens the names of requests and people: the last characters are random enough.
type owner [16]byte

func ownerOf(name string) (o owner) {
	copy(o[:], name[max(0, len(name)-len(o)):])
	return o
}

// subject is whose a thing is that entries name, and the newest entry about it.
type subject struct {
	agency footage.AgencyID
	newest int32
}

// enrolment is a member of staff who is not disabled.
type enrolment struct {
	agency footage.AgencyID
	roles  string
}

// Cell names one sum: entries of a kind about an agency in a month, with a state and a reason.
type Cell struct {
	Month  string           `json:"month"`  // UTC, 2006-01
	Agency footage.AgencyID `json:"agency"` // empty: of no agency
	Kind   string           `json:"kind"`
	State  string           `json:"state"`  // what became of something; empty: they do not say
	Reason string           `json:"reason"` // why; empty: they do not say
}

// NewBook returns the index of an empty record.
func NewBook() *Book {
	return &Book{kinds: map[string][]int64{}, agencies: map[footage.AgencyID][]int64{}, subjects: map[owner]subject{},
		counts: map[Cell]int64{}, people: map[owner]enrolment{}, moderation: newModeration()}
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
	b.moderate(l, f)
	b.size++
	b.last = l.At
	b.kinds[l.Kind] = append(b.kinds[l.Kind], l.Index)
	if l.Agency != "" {
		b.agencies[l.Agency] = append(b.agencies[l.Agency], l.Index)
	}
	c := Cell{Month: l.At.UTC().Format("2006-01"), Agency: l.Agency, Kind: l.Kind, State: l.State}
	for _, reason := range l.Reasons {
		c.Reason = reason
		b.counts[c]++
	}
	if len(l.Reasons) == 0 {
		b.counts[c]++
	}
	return nil
}

// learn remembers whose requests and people there are.
func (b *Book) learn(l Line, f members) {
	before := int32(-1)
	if l.Subject != "" {
		name := ownerOf(l.Subject)
		if s, known := b.subjects[name]; known {
			before = s.newest
		}
		b.subjects[name] = subject{l.Agency, int32(l.Index)}
	}
	b.before = append(b.before, before)
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
	l := Line{Index: index, At: e.At.UTC(), Kind: e.Kind, Agency: f.agency(), Subject: f.subject(), State: f.state(), Reasons: f.reasons(),
		Leaf: hex.EncodeToString(leaf[:]), Bytes: len(raw), Data: e.Data}
	if l.Agency == "" && l.Subject != "" {
		l.Agency = b.subjects[ownerOf(l.Subject)].agency
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

// About returns the entries about a request, a person or whatever else entries name, ascending.
func (b *Book) About(name string) []int64 {
	s, known := b.subjects[ownerOf(name)]
	if !known {
		return nil
	}
	var out []int64
	for i := s.newest; i >= 0; i = b.before[i] {
		out = append(out, int64(i))
	}
	slices.Reverse(out)
	return out
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

// Counts returns the sums of an agency, or of all with an empty name, by month, agency, kind, state and reason.
func (b *Book) Counts(agency footage.AgencyID) []Count {
	var out []Count
	for c, n := range b.counts {
		if agency == "" || c.Agency == agency {
			out = append(out, Count{c, n})
		}
	}
	slices.SortFunc(out, func(x, y Count) int {
		return slices.Compare([]string{x.Month, string(x.Agency), x.Kind, x.State, x.Reason}, []string{y.Month, string(y.Agency), y.Kind, y.State, y.Reason})
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
