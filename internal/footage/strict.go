package footage

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// DecodeStrict decodes one JSON value into v and refuses unknown, misspelt and duplicate members and trailing data,
// each with a sentence that names the trouble.
func DecodeStrict(raw []byte, v any) error {
	canonical, err := Canonicalize(raw)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		var own *Error
		if errors.As(err, &own) {
			return own
		}
		return &Error{Kind: Invalid, Msg: "The JSON text does not fit: " + strings.TrimPrefix(err.Error(), "json: ") + "."}
	}
	if !hasOddName(canonical) {
		return nil
	}
	var tree any
	if err := json.Unmarshal(canonical, &tree); err != nil {
		return &Error{Kind: Invalid, Msg: "This is not JSON: " + err.Error() + "."}
	}
	return exactNames(tree, reflect.TypeOf(v))
}

// hasOddName reports whether canonical JSON has a member whose name holds a capital letter, or one of the two characters
// that Unicode folds into a small one of ASCII. The fields here have small letters alone, so that no other name can be
// taken for a field's and not be it.
func hasOddName(canonical []byte) bool {
	for {
		end := bytes.Index(canonical, []byte(`":`))
		if end < 0 {
			return false
		}
		name := canonical[bytes.LastIndexByte(canonical[:end], '"')+1 : end]
		if bytes.ContainsFunc(name, func(r rune) bool { return 'A' <= r && r <= 'Z' || r == '\u017F' || r == '\u212A' }) {
			return true
		}
		canonical = canonical[end+2:]
	}
}

// exactNames refuses members whose name is a field's but for capital letters. encoding/json takes "Type" for "type", and the
// last of both if both are there: another program, or a person, would read another text.
func exactNames(tree any, t reflect.Type) error {
	if t.Implements(reflect.TypeFor[json.Unmarshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil // it looks at its members itself
	}
	switch t.Kind() {
	case reflect.Pointer:
		return exactNames(tree, t.Elem())
	case reflect.Slice, reflect.Array:
		items, _ := tree.([]any) // or null
		for _, item := range items {
			if err := exactNames(item, t.Elem()); err != nil {
				return err
			}
		}
	case reflect.Map, reflect.Struct:
		members, _ := tree.(map[string]any) // or null
		for name, value := range members {
			inner := t
			if t.Kind() == reflect.Map {
				inner = t.Elem()
			} else if inner = fieldType(t, name); inner == nil {
				return E(Invalid, "The JSON text does not fit: unknown field "+strconv.Quote(name)+".")
			}
			if err := exactNames(value, inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldType returns the type of the field with that JSON name, or nil.
func fieldType(t reflect.Type, name string) reflect.Type {
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" && !f.Anonymous {
			tag = f.Name
		}
		if tag == name && f.IsExported() {
			return f.Type
		}
	}
	return nil
}

// DecodeBase64 reads base64url without padding (RFC 4648, 5), as all binary values are written here. It accepts only the
// one text that encoding the bytes gives: no line breaks, no bits to spare.
func DecodeBase64(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, E(Invalid, "A value is not base64url without padding.")
	}
	return b, nil
}
