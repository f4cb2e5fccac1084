package footage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Canonical returns v as canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space, numbers as
// ECMAScript prints them. v may be anything that encoding/json can encode; json.RawMessage and []byte are not special.
func Canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode canonical JSON: %w", err)
	}
	return canonicalize(raw, false)
}

// Canonicalize rewrites one JSON value as canonical JSON. It refuses trailing data, duplicate members, invalid UTF-8 and
// numbers that an IEEE 754 double cannot hold.
func Canonicalize(raw []byte) ([]byte, error) { return canonicalize(raw, true) }

// canonicalize is [Canonicalize]; what encoding/json has made need not be checked for its form.
func canonicalize(raw []byte, foreign bool) ([]byte, error) {
	if !utf8.Valid(raw) || halfPair(raw) {
		return nil, E(Invalid, "The JSON text is not valid UTF-8.")
	}
	if foreign {
		if err := wellFormed(raw); err != nil {
			return nil, err
		}
	}
	c := canonicalizer{in: raw, out: make([]byte, 0, len(raw))}
	if err := c.value(0); err != nil {
		return nil, err
	}
	return c.out, nil
}

// wellFormed returns an error unless raw is one JSON value and nothing else.
func wellFormed(raw []byte) error {
	if json.Valid(raw) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var value json.RawMessage
	if err := dec.Decode(&value); err != nil {
		return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
	}
	return E(Invalid, "There is something after the end of the JSON value.")
}

// halfPair reports whether an escape names one half of a surrogate pair (RFC 7493, 2.1). encoding/json would put another
// character in its place, so that two texts had one canonical form.
func halfPair(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return false
		}
		first, second := escaped(raw[i:]), escaped(raw[min(i+6, len(raw)):])
		switch {
		case !utf16.IsSurrogate(first):
			raw = raw[min(i+2, len(raw)):]
		case utf16.DecodeRune(first, second) == utf8.RuneError:
			return true
		default:
			raw = raw[i+12:]
		}
	}
}

// escaped returns the code unit of an escape such as \u00e9 at the beginning of raw, or 0 where there is none.
func escaped(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}

// maxDepth bounds nesting so that hostile input cannot exhaust the stack.
const maxDepth = 64

// canonicalizer rewrites a text that is known to be well formed.
type canonicalizer struct {
	in  []byte
	at  int
	out []byte
}

// next returns the first byte that is no white space, without taking it.
func (c *canonicalizer) next() byte {
	for {
		switch b := c.in[c.at]; b {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return b
		}
	}
}

func (c *canonicalizer) value(depth int) error {
	if depth > maxDepth {
		return E(Invalid, "The JSON text is nested too deeply.")
	}
	switch b := c.next(); b {
	case '{':
		return c.object(depth)
	case '[':
		return c.array(depth)
	case '"':
		_, err := c.text()
		return err
	case 't', 'f', 'n':
		n := len("true")
		if b == 'f' {
			n = len("false")
		}
		c.out = append(c.out, c.in[c.at:c.at+n]...)
		c.at += n
		return nil
	}
	return c.number()
}

func (c *canonicalizer) array(depth int) error {
	c.at++
	c.out = append(c.out, '[')
	for first := true; c.next() != ']'; first = false {
		if !first {
			c.at++ // the comma
			c.out = append(c.out, ',')
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
	}
	c.at++
	c.out = append(c.out, ']')
	return nil
}

// member is one of an object's: its name, and where name and value stand in the output.
type member struct {
	name     []byte
	from, to int
}

func (c *canonicalizer) object(depth int) error {
	c.at++
	c.out = append(c.out, '{')
	var few [16]member
	members := few[:0]
	for c.next() != '}' {
		if len(members) > 0 {
			c.at++ // the comma
			c.out = append(c.out, ',')
		}
		m := member{from: len(c.out)}
		c.next()
		var err error
		if m.name, err = c.text(); err != nil {
			return err
		}
		c.next()
		c.at++ // the colon
		c.out = append(c.out, ':')
		if err := c.value(depth + 1); err != nil {
			return err
		}
		m.to = len(c.out)
		members = append(members, m)
	}
	c.at++
	if err := c.sort(members); err != nil {
		return err
	}
	c.out = append(c.out, '}')
	return nil
}

// sort puts the members that end the output in order.
func (c *canonicalizer) sort(members []member) error {
	if slices.IsSortedFunc(members, byName) {
		return twice(members)
	}
	begin, end := members[0].from, members[len(members)-1].to
	slices.SortFunc(members, byName)
	written := bytes.Clone(c.out[begin:end])
	c.out = c.out[:begin]
	for i, m := range members {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, written[m.from-begin:m.to-begin]...)
	}
	return twice(members)
}

// twice refuses sorted members of which two bear the same name.
func twice(members []member) error {
	for i := 1; i < len(members); i++ {
		if bytes.Equal(members[i].name, members[i-1].name) {
			return E(Invalid, "The JSON member "+strconv.Quote(string(members[i].name))+" stands twice.")
		}
	}
	return nil
}

// byName orders by UTF-16 code units. Unless both names hold characters above the surrogates, that is the order of the
// bytes of UTF-8.
func byName(a, b member) int {
	if !slices.ContainsFunc(a.name, beyond) || !slices.ContainsFunc(b.name, beyond) {
		return bytes.Compare(a.name, b.name)
	}
	return slices.Compare(utf16.Encode([]rune(string(a.name))), utf16.Encode([]rune(string(b.name))))
}

// beyond reports whether a byte begins the UTF-8 of a character of U+E000 or above, whose order differs in UTF-16.
func beyond(b byte) bool { return b >= 0xEE }

// text writes a string and returns it decoded.
func (c *canonicalizer) text() ([]byte, error) {
	begin := c.at
	plain := true
	for c.at++; c.in[c.at] != '"'; c.at++ {
		if c.in[c.at] == '\\' {
			plain = false
			c.at++
		}
	}
	c.at++
	quoted := c.in[begin:c.at]
	if plain {
		c.out = append(c.out, quoted...)
		return quoted[1 : len(quoted)-1], nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, fmt.Errorf("decode string: %w", err)
	}
	c.out = appendString(c.out, s)
	return []byte(s), nil
}

// number prints a number as ECMAScript's Number::toString does (RFC 8785, 3.2.2.3). encoding/json encodes float64 by the
// same rule; a whole number of few digits is written as it is.
func (c *canonicalizer) number() error {
	begin := c.at
	for c.at < len(c.in) && strings.IndexByte("+-.0123456789eE", c.in[c.at]) >= 0 {
		c.at++
	}
	n := string(c.in[begin:c.at])
	if len(n) <= 15 && n != "-0" && !strings.ContainsAny(n, ".eE") {
		c.out = append(c.out, n...)
		return nil
	}
	f, err := strconv.ParseFloat(n, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return E(Invalid, "The number "+n+" is out of range.")
	}
	if f == 0 {
		f = 0 // minus nought is printed as nought
	}
	b, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode number: %w", err)
	}
	c.out = append(c.out, b...)
	return nil
}

func appendString(out []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r >= 0x20:
			out = utf8.AppendRune(out, r)
		case r == '\b':
			out = append(out, '\\', 'b')
		case r == '\t':
			out = append(out, '\\', 't')
		case r == '\n':
			out = append(out, '\\', 'n')
		case r == '\f':
			out = append(out, '\\', 'f')
		case r == '\r':
			out = append(out, '\\', 'r')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		}
	}
	return append(out, '"')
}

// Hash returns the SHA-256 of b in hexadecimal.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
