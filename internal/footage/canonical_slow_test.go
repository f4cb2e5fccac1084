package footage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// slowCanonicalize is the plain way to canonical JSON, token by token, against which the quick one is held.
func slowCanonicalize(raw []byte) ([]byte, error) {
	if !utf8.Valid(raw) || halfPair(raw) {
		return nil, E(Invalid, "The JSON text is not valid UTF-8.")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out bytes.Buffer
	if err := slowValue(dec, &out, 0); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, E(Invalid, "There is something after the end of the JSON value.")
	}
	return out.Bytes(), nil
}

func slowValue(dec *json.Decoder, out *bytes.Buffer, depth int) error {
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
			return slowObject(dec, out, depth)
		}
		return slowArray(dec, out, depth)
	case json.Number:
		return slowNumber(t, out)
	case string:
		slowString(t, out)
	case bool:
		out.WriteString(strconv.FormatBool(t))
	case nil:
		out.WriteString("null")
	}
	return nil
}

func slowArray(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	out.WriteByte('[')
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := slowValue(dec, out, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return slowClosing(dec)
}

func slowObject(dec *json.Decoder, out *bytes.Buffer, depth int) error {
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
		if err := slowValue(dec, &value, depth+1); err != nil {
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
		slowString(name, out)
		out.WriteByte(':')
		out.Write(members[name])
	}
	out.WriteByte('}')
	return slowClosing(dec)
}

func slowClosing(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
	}
	return nil
}

func slowNumber(n json.Number, out *bytes.Buffer) error {
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

func slowString(s string, out *bytes.Buffer) {
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

// FuzzSameCanonical: both ways refuse the same and give the same bytes.
func FuzzSameCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":[1,2.50,-0,1e3,123456789012345678],"a":{"\u00e9":"\n<\u003c\"","z":null}}`, ` [ true , false ] `, `{"a":1,"a":2}`,
		`{"\u0061":1,"a":2}`, `{"\ue000":1,"\ud83d\ude00":2,"\u007f":3}`, `{"😀":1,"\uffee":2,"é":0}`, `[1,]`, `{"a":1,}`, `{"a"}`, `01`, `-`, `1e999`, `"\x"`, `1 2`, ``, `[[[[]]]`,
		`{"c":1,"b":{"y":1,"x":[{"d":1,"c":2}]},"a":0}`, `0.000001`, `1E21`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Add(append(bytes.Repeat([]byte("["), 70), bytes.Repeat([]byte("]"), 70)...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		slow, slowErr := slowCanonicalize(raw)
		quick, err := Canonicalize(raw)
		if (err == nil) != (slowErr == nil) || !bytes.Equal(quick, slow) {
			t.Errorf("Canonicalize(%q) = %q, %v; the plain way gives %q, %v", raw, quick, err, slow, slowErr)
		}
	})
}
