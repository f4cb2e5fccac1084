package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"porchlight.example/internal/footage"
)

// Version is the version of the entry format that this package writes and reads.
const Version = 1

// Entry is one line of the public record. Its bytes in the log are its canonical JSON (RFC 8785). An entry holds hashes
// and register IDs, never text about a person: it can never be taken out again.
type Entry struct {
	V    int             `json:"v"`    // Version
	Kind Kind            `json:"kind"` // which Fact Data holds
	At   time.Time       `json:"at"`   // UTC, whole microseconds; never before the entry in front of it
	Data json.RawMessage `json:"data"` // canonical JSON of the Fact
}

// NewEntry returns the entry that states a fact. The time is cut to microseconds in UTC. The error is of kind
// [footage.Invalid] when the fact is incomplete or malformed.
func NewEntry(at time.Time, fact Fact) (Entry, error) {
	if err := fact.check(); err != nil {
		return Entry{}, fmt.Errorf("state %s: %w", fact.Kind(), err)
	}
	data, err := footage.Canonical(fact)
	if err != nil {
		return Entry{}, fmt.Errorf("state %s: %w", fact.Kind(), err)
	}
	return Entry{V: Version, Kind: fact.Kind(), At: at.UTC().Truncate(time.Microsecond), Data: data}, nil
}

// EncodeFact returns the bytes in the log of the entry that states a fact: NewEntry and Encode in one, at half the cost. It
// fails as they do.
func EncodeFact(at time.Time, fact Fact) ([]byte, error) {
	e, err := NewEntry(at, fact)
	if err != nil {
		return nil, err
	}
	b := e.envelope() // canonical, since Data is
	if len(b) > MaxEntry {
		return nil, tooLarge(e.Kind, len(b))
	}
	return b, nil
}

// Encode returns the entry's bytes in the log, at most [MaxEntry] of them; more is an error of kind [footage.TooLarge].
// Data that is not canonical JSON is an error of kind [footage.Invalid].
func (e Entry) Encode() ([]byte, error) {
	b := e.envelope()
	canonical, err := footage.Canonicalize(b)
	if err != nil {
		return nil, fmt.Errorf("encode entry %s: %w", e.Kind, err)
	}
	if !bytes.Equal(canonical, b) {
		return nil, footage.E(footage.Invalid, "The entry's data is not in canonical form.")
	}
	if len(b) > MaxEntry {
		return nil, tooLarge(e.Kind, len(b))
	}
	return b, nil
}

// envelope writes the members around Data in canonical order.
func (e Entry) envelope() []byte {
	b := make([]byte, 0, len(e.Data)+len(e.Kind)+64)
	b = append(b, `{"at":"`...)
	b = e.At.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","data":`...)
	b = append(b, e.Data...)
	b = append(b, `,"kind":"`...)
	b = append(b, e.Kind...)
	b = append(b, `","v":`...)
	return append(strconv.AppendInt(b, int64(e.V), 10), '}')
}

func tooLarge(kind Kind, n int) error {
	return footage.E(footage.TooLarge, fmt.Sprintf(
		"The %s entry would have %d bytes and may have %d; shorten it (a jurisdiction's outline is the usual cause).", kind, n, MaxEntry))
}

// DecodeEntry reads an entry's bytes and refuses all but the one right encoding of a known kind: canonical JSON, no
// unknown, doubled or missing member, valid data. What it accepts, Encode gives back byte for byte.
func DecodeEntry(b []byte) (Entry, error) {
	e, _, err := DecodeFact(b)
	e.Data = bytes.Clone(e.Data)
	return e, err
}

// DecodeFact reads an entry and what it states: DecodeEntry and [Entry.Fact] in one, at half the cost. It fails as they do. The
// entry's Data may share b's memory; the fact does not.
func DecodeFact(b []byte) (Entry, Fact, error) {
	if len(b) > MaxEntry {
		return Entry{}, nil, tooLarge("undecoded", len(b))
	}
	if e, ok := cutEntry(b); ok {
		if fact, err := e.check(); err == nil && bytes.Equal(e.envelope(), b) {
			return e, fact, nil // what encodes to the same bytes was encoded like that
		}
	}
	canonical, err := footage.Canonicalize(b)
	if err != nil {
		return Entry{}, nil, err
	}
	if !bytes.Equal(canonical, b) {
		return Entry{}, nil, footage.E(footage.Invalid, "The entry is not in canonical form.")
	}
	var e Entry
	if err := decodeCanonical(b, &e); err != nil {
		return Entry{}, nil, err
	}
	fact, err := e.check()
	if err != nil {
		return Entry{}, nil, err
	}
	if !bytes.Equal(e.envelope(), b) {
		return Entry{}, nil, footage.E(footage.Invalid, "The entry has a missing, misspelt or oddly written member.")
	}
	return e, fact, nil
}

// cutEntry takes an encoded entry apart where its members must stand, without a copy. It checks nothing of them.
func cutEntry(b []byte) (e Entry, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(`{"at":"`))
	if !ok {
		return e, false
	}
	at, rest, ok := bytes.Cut(rest, []byte(`","data":`))
	i := bytes.LastIndex(rest, []byte(`,"kind":"`))
	if !ok || i < 0 {
		return e, false
	}
	kind, v, ok := bytes.Cut(rest[i+len(`,"kind":"`):], []byte(`","v":`))
	if !ok || string(v) != strconv.Itoa(Version)+"}" {
		return e, false
	}
	when, err := time.Parse(time.RFC3339Nano, string(at))
	return Entry{V: Version, Kind: Kind(kind), At: when, Data: rest[:i:i]}, err == nil
}

// check checks an entry's members and returns what it states.
func (e Entry) check() (Fact, error) {
	if e.V != Version {
		return nil, footage.E(footage.Unsupported, fmt.Sprintf("The entry has version %d; this program knows version %d. A newer one may know it.", e.V, Version))
	}
	if _, offset := e.At.Zone(); e.At.IsZero() || offset != 0 || e.At.Nanosecond()%1000 != 0 {
		return nil, footage.E(footage.Invalid, "The entry's time is not in UTC with whole microseconds.")
	}
	return e.Fact()
}

// Fact returns what the entry states, as the struct of its kind (by value, such as [RequestPublished]). Data must be
// canonical JSON, as [DecodeEntry] and [NewEntry] give it.
func (e Entry) Fact() (Fact, error) {
	fact, err := decodeFact(e.Kind, e.Data)
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.Kind, err)
	}
	return fact, nil
}
