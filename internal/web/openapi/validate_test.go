package openapi

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// validate returns where a decoded JSON value does not fit a schema. It knows the keywords that the document uses, and
// says so when it meets another: a keyword that is not checked would prove nothing.
func (d *Document) validate(at string, schema Object, v any) (faults []string) {
	bad := func(format string, args ...any) {
		faults = append(faults, at+": "+fmt.Sprintf(format, args...))
	}
	for _, m := range schema {
		switch m.Name {
		case "$ref":
			name := strings.TrimPrefix(m.Value.(string), ref(""))
			target, ok := d.schemas.made[name]
			if !ok {
				bad("%s does not exist", m.Value)
			}
			faults = append(faults, d.validate(at, target, v)...)
		case "type":
			if !fits(m.Value, v) {
				bad("%T is not of type %v", v, m.Value)
				return faults
			}
		case "const":
			if v != m.Value {
				bad("%v is not %v", v, m.Value)
			}
		case "enum":
			if !slices.Contains(m.Value.([]any), v) {
				bad("%v is none of %v", v, m.Value)
			}
		case "pattern":
			if s, ok := v.(string); !ok || !regexp.MustCompile(m.Value.(string)).MatchString(s) {
				bad("%v is not of the form %v", v, m.Value)
			}
		case "format":
			if s, ok := v.(string); m.Value == "date-time" && (!ok || !isTime(s)) {
				bad("%v is no time", v)
			}
		case "minimum", "minItems", "maxItems":
			if v != nil && !within(m.Name, float64(m.Value.(int)), v) {
				bad("%v breaks %s %v", v, m.Name, m.Value)
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				faults = append(faults, d.validate(fmt.Sprintf("%s[%d]", at, i), m.Value.(Object), item)...)
			}
		case "anyOf":
			var none []string
			for _, one := range m.Value.([]any) {
				why := d.validate(at, one.(Object), v)
				if none = append(none, why...); len(why) == 0 {
					none = nil
					break
				}
			}
			faults = append(faults, none...)
		case "properties", "required", "additionalProperties":
		case "description", "contentEncoding":
		default:
			bad("the keyword %s is not checked", m.Name)
		}
	}
	if o, ok := v.(map[string]any); ok {
		faults = append(faults, d.validateObject(at, schema, o)...)
	}
	return faults
}

func (d *Document) validateObject(at string, schema Object, o map[string]any) (faults []string) {
	properties, _ := schema.Get("properties").(Object)
	required, _ := schema.Get("required").([]any)
	for _, name := range required {
		if _, ok := o[name.(string)]; !ok {
			faults = append(faults, fmt.Sprintf("%s: %v is missing", at, name))
		}
	}
	for name, v := range o {
		if p, ok := properties.Get(name).(Object); ok {
			faults = append(faults, d.validate(at+"."+name, p, v)...)
			continue
		}
		switch more := schema.Get("additionalProperties").(type) {
		case bool:
			if !more {
				faults = append(faults, fmt.Sprintf("%s: %s is unknown", at, name))
			}
		case Object:
			faults = append(faults, d.validate(at+"."+name, more, v)...)
		}
	}
	return faults
}

func fits(kind, v any) bool {
	if kinds, ok := kind.([]any); ok {
		return slices.ContainsFunc(kinds, func(k any) bool { return fits(k, v) })
	}
	switch kind {
	case "object":
		return is[map[string]any](v)
	case "array":
		return is[[]any](v)
	case "string":
		return is[string](v)
	case "boolean":
		return is[bool](v)
	case "number":
		return is[float64](v)
	case "integer":
		f, ok := v.(float64)
		return ok && f == math.Trunc(f)
	case "null":
		return v == nil
	}
	return false
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

func within(keyword string, limit float64, v any) bool {
	switch x := v.(type) {
	case float64:
		return keyword == "minimum" && x >= limit
	case []any:
		return keyword == "minItems" && float64(len(x)) >= limit || keyword == "maxItems" && float64(len(x)) <= limit
	}
	return false
}

// judge validates JSON against the schema of a value's type.
func (d *Document) judge(t *testing.T, what string, schema Object, raw []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return []string{what + ": " + err.Error()}
	}
	return d.validate(what, schema, v)
}

// TestValidateFinds: a validator that finds nothing is worth something only when it finds each of these.
func TestValidateFinds(t *testing.T) {
	d := document(t)
	d.schemas.made["Thing"] = Object{{"type", "object"}, {"additionalProperties", false}, {"required", []any{"id"}}, {"properties", Object{
		{"id", Object{{"type", "string"}, {"pattern", "^x"}}}, {"n", Object{{"type", "integer"}, {"minimum", 0}}}, {"at", Object{{"type", "string"}, {"format", "date-time"}}},
		{"list", Object{{"type", []any{"array", "null"}}, {"items", Object{{"$ref", ref("Thing")}}}, {"maxItems", 1}}}, {"kind", Object{{"enum", []any{"a", "b"}}}},
		{"map", Object{{"type", "object"}, {"additionalProperties", Object{{"type", "string"}}}}}, {"any", Object{{"anyOf", []any{Object{{"type", "string"}}, Object{{"type", "number"}}}}}},
		{"one", Object{{"const", "Polygon"}}}, {"yes", Object{{"type", "boolean"}}}}}}
	schema := Object{{"$ref", ref("Thing")}}
	for _, good := range []string{`{"id":"x"}`, `{"id":"x","n":0,"at":"2026-01-02T03:04:05.678Z","list":[{"id":"x"}],"kind":"a","map":{"q":"r"},"any":1.5,"one":"Polygon","yes":true}`, `{"id":"x","list":null}`} {
		if faults := d.judge(t, "thing", schema, []byte(good)); len(faults) > 0 {
			t.Errorf("%s: %v", good, faults)
		}
	}
	for bad, says := range map[string]string{
		`{}`: "missing", `{"id":"y"}`: "form", `{"id":1}`: "type", `{"id":"x","z":1}`: "unknown", `{"id":"x","n":1.5}`: "type", `{"id":"x","n":-1}`: "minimum",
		`{"id":"x","at":"yesterday"}`: "time", `{"id":"x","list":[{"id":"x"},{"id":"x"}]}`: "maxItems", `{"id":"x","list":[{"id":"y"}]}`: "form", `{"id":"x","kind":"c"}`: "none of",
		`{"id":"x","map":{"q":1}}`: "type", `{"id":"x","any":true}`: "type", `{"id":"x","one":"Point"}`: "is not", `{"id":"x","yes":"true"}`: "type", `[]`: "type", `null`: "type",
	} {
		if faults := strings.Join(d.judge(t, "thing", schema, []byte(bad)), "\n"); !strings.Contains(faults, says) {
			t.Errorf("%s: %q, not %q", bad, faults, says)
		}
	}
	if faults := d.validate("x", Object{{"multipleOf", 2}}, 1.0); len(faults) == 0 {
		t.Error("a keyword that is not known passes")
	}
}

// fill sets everything in a value that can be set, so that no member is left out of its JSON.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1, 0).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem())) // what it leads to may lead to its like
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte("{}"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("x"), reflect.ValueOf("x"))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	}
}
