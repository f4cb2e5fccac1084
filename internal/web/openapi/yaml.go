package openapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Object is a mapping whose members keep their order.
type Object []Member

// Member is one member of an [Object]. Its value is an Object, a []any, a string, a bool or an int.
type Member struct {
	Name  string
	Value any
}

// Get returns the value of a member, or nil.
func (o Object) Get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// with returns the object with one more member; an empty string and a nil value are left out.
func (o Object) with(name string, value any) Object {
	if value == nil || value == "" {
		return o
	}
	return append(o, Member{name, value})
}

var plainKey = regexp.MustCompile(`^[A-Za-z/$][A-Za-z0-9_./{}$-]*$`)

// YAML writes the object as YAML 1.2, in a form that needs no cleverness to be read: mappings and lists in blocks, every
// string in double quotes as JSON writes it.
func (o Object) YAML() ([]byte, error) {
	var out strings.Builder
	if err := block(&out, o, ""); err != nil {
		return nil, err
	}
	return []byte(out.String()), nil
}

func block(out *strings.Builder, o Object, indent string) error {
	for _, m := range o {
		key := m.Name
		if !plainKey.MatchString(key) {
			key = quoted(key)
		}
		out.WriteString(indent + key + ":")
		if err := value(out, m.Value, indent); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

// value writes what follows a colon.
func value(out *strings.Builder, v any, indent string) error {
	switch v := v.(type) {
	case Object:
		if len(v) == 0 {
			out.WriteString(" {}\n")
			return nil
		}
		out.WriteString("\n")
		return block(out, v, indent+"  ")
	case []any:
		return list(out, v, indent)
	case string:
		out.WriteString(" " + quoted(v) + "\n")
	case bool, int:
		fmt.Fprintf(out, " %v\n", v)
	default:
		return fmt.Errorf("a %T cannot be written", v)
	}
	return nil
}

func list(out *strings.Builder, items []any, indent string) error {
	if len(items) == 0 {
		out.WriteString(" []\n")
		return nil
	}
	out.WriteString("\n")
	for _, item := range items {
		o, ok := item.(Object)
		if !ok {
			out.WriteString(indent + "  -")
			if err := value(out, item, indent+"  "); err != nil {
				return err
			}
			continue
		}
		var inner strings.Builder
		if err := block(&inner, o, indent+"    "); err != nil {
			return err
		}
		out.WriteString(indent + "  - " + strings.TrimPrefix(inner.String(), indent+"    "))
	}
	return nil
}

// quoted writes a string as JSON does, which is a string of YAML too.
func quoted(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(out.String(), "\n")
}
