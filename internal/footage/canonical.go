package footage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
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
	return Canonicalize(raw)
}

// Canonicalize rewrites one JSON value as canonical JSON. It refuses trailing data, duplicate members, invalid UTF-8 and
// numbers that an IEEE 754 double cannot hold.
func Canonicalize(raw []byte) ([]byte, error) {
	if !utf8.Valid(raw) || halfPair(raw) {
		return nil, E(Invalid, "The JSON text is not valid UTF-8.")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out bytes.Buffer
	if err := canonicalValue(dec, &out, 0); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, E(Invalid, "There is something after the end of the JSON value.")
	}
	return out.Bytes(), nil
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

func canonicalValue(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	if depth > maxDepth {
		return E(Invalid, "The JSON text is nested too deeply.")
	}
	tok, err := dec.Token()
	if err != nil {
		return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '{' {
			return canonicalObject(dec, out, depth)
		}
		return canonicalArray(dec, out, depth)
	case json.Number:
		return canonicalNumber(t, out)
	case string:
		canonicalString(t, out)
	case bool:
		out.WriteString(strconv.FormatBool(t))
	case nil:
		out.WriteString("null")
	}
	return nil
}

func canonicalArray(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	out.WriteByte('[')
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := canonicalValue(dec, out, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return closing(dec)
}

func canonicalObject(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	members := map[string][]byte{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
		}
		name := tok.(string) // encoding/json lets nothing else stand here
		if _, twice := members[name]; twice {
			return E(Invalid, "The JSON member "+strconv.Quote(name)+" stands twice.")
		}
		var value bytes.Buffer
		if err := canonicalValue(dec, &value, depth+1); err != nil {
			return err
		}
		members[name] = value.Bytes()
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		canonicalString(name, out)
		out.WriteByte(':')
		out.Write(members[name])
	}
	out.WriteByte('}')
	return closing(dec)
}

func closing(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
	}
	return nil
}

// canonicalNumber prints a number as ECMAScript's Number::toString does (RFC 8785, 3.2.2.3). encoding/json encodes
// float64 by the same rule.
func canonicalNumber(n json.Number, out *bytes.Buffer) error {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return E(Invalid, "The number "+n.String()+" is out of range.")
	}
	if f == 0 {
		f = 0 // minus nought is printed as nought
	}
	b, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode number: %w", err)
	}
	out.Write(b)
	return nil
}

func canonicalString(s string, out *bytes.Buffer) {
	const hexDigits = "0123456789abcdef"
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r >= 0x20:
			out.WriteRune(r)
		case r == '\b':
			out.WriteString(`\b`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\f':
			out.WriteString(`\f`)
		case r == '\r':
			out.WriteString(`\r`)
		default:
			out.WriteString(`\u00`)
			out.WriteByte(hexDigits[r>>4])
			out.WriteByte(hexDigits[r&15])
		}
	}
	out.WriteByte('"')
}

// Hash returns the SHA-256 of b in hexadecimal.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
