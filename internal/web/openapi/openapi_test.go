package openapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/doc"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

const root = "../../.."

func document(t *testing.T) *Document {
	t.Helper()
	d, err := New(root)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCommitted: what the server hands out is what the types and the table give.
func TestCommitted(t *testing.T) {
	want, err := document(t).YAML()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, doc.OpenAPI) {
		t.Errorf("doc/openapi.yaml is not what 'go generate ./doc' writes:\n%s", cmp.Diff(strings.Split(string(doc.OpenAPI), "\n"), strings.Split(string(want), "\n")))
	}
	if again, err := document(t).YAML(); err != nil || !bytes.Equal(again, want) {
		t.Errorf("the same source gives another file: %v", err)
	}
}

// TestRoutes: every route of the server is in the document, and every operation has a route.
func TestRoutes(t *testing.T) {
	w := nodetest.Start(t, nil)
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{"/{$}", "/requests/{id}", "/agencies", "/agencies/{id}", "/requests/{id}/complain", "/agencies/{id}/complain", "/complaints", "/apply", "/apply/{id}", "/how", "/privacy", "/guidelines", "/about", "/record", "/record/entries", "/record/entries/{number}", "/record/data", "/record/decisions", "/record/reports", "/record/followups", "/notices", "/notices/{id}", "/shares",
		"/assets/"}
	mux := http.NewServeMux()
	d := document(t)
	for _, pattern := range h.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			path = pattern
		}
		if strings.HasPrefix(path, "/staff/") { // pages too
			continue
		}
		if pattern != "/" && !slices.Contains(pages, path) {
			mux.Handle(pattern, http.NotFoundHandler())
		}
		if pattern == "/" || slices.Contains(pages, path) {
			continue
		}
		if !slices.ContainsFunc(d.Operations, func(o Operation) bool {
			same := o.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(o.Path, path)
			return same && (!found || strings.ToUpper(o.Method) == method)
		}) {
			t.Errorf("%s is not in the document", pattern)
		}
	}
	ids := map[string]bool{}
	for _, o := range d.Operations {
		path := pathParam.ReplaceAllString(o.Path, "x")
		if _, pattern := mux.Handler(&http.Request{Method: strings.ToUpper(o.Method), URL: parsed(t, path)}); pattern == "" {
			t.Errorf("%s %s is no route of the server", o.Method, o.Path)
		}
		if ids[o.ID] || o.ID == "" || o.Summary == "" {
			t.Errorf("%s %s: the ID %q is taken, or nothing is said", o.Method, o.Path, o.ID)
		}
		ids[o.ID] = true
	}
}

// TestTypes compares each schema with what encoding/json makes of its type: the names of a value in which everything is set
// are the properties, those of one in which nothing is set are required.
func TestTypes(t *testing.T) {
	d := document(t)
	checked := 0
	for name, typ := range d.schemas.types {
		schema := d.schemas.made[name]
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[footage.Area]() || typ == reflect.TypeFor[footage.Point]() {
			continue
		}
		checked++
		properties, _ := schema.Get("properties").(Object)
		var have []string
		for _, m := range properties {
			have = append(have, m.Name)
		}
		required := []string{}
		list, _ := schema.Get("required").([]any)
		for _, name := range list {
			required = append(required, name.(string))
		}
		full := reflect.New(typ).Elem()
		fill(full)
		if diff := cmp.Diff(members(t, full.Interface()), sorted(have)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(members(t, reflect.New(typ).Elem().Interface()), sorted(required)); diff != "" {
			t.Errorf("%s requires: %s", name, diff)
		}
	}
	if checked < 50 {
		t.Errorf("only %d types were compared", checked)
	}
}

func sorted(list []string) []string { sort.Strings(list); return list }

// members returns the names of a value's members in JSON.
func members(t *testing.T, v any) []string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%T: %v", v, err)
	}
	var o map[string]json.RawMessage
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%T: %v", v, err)
	}
	names := []string{}
	for name := range o {
		names = append(names, name)
	}
	return sorted(names)
}

// TestClosed: every object says what may be in it and nothing else, but for what another standard defines.
func TestClosed(t *testing.T) {
	d := document(t)
	objects := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case Object:
			if v.Get("type") == "object" {
				objects++
				more := v.Get("additionalProperties")
				if _, values := more.(Object); more != false && !values && !strings.HasSuffix(at, ".publicKey") {
					t.Errorf("%s may hold anything", at)
				}
			}
			if to, ok := v.Get("$ref").(string); ok {
				name, schema := strings.CutPrefix(to, ref(""))
				if _, known := d.schemas.made[name]; schema && !known {
					t.Errorf("%s leads to %s, which is not there", at, to)
				}
			}
			for _, m := range v {
				walk(at+"."+m.Name, m.Value)
			}
		case []any:
			for _, item := range v {
				walk(at, item)
			}
		}
	}
	walk("schemas", d.components())
	walk("paths", d.paths)
	if objects < 60 {
		t.Errorf("only %d objects were looked at", objects)
	}
}

// TestEnums: the values of constants are those that the packages list themselves.
func TestEnums(t *testing.T) {
	d := document(t)
	var types []any
	for _, a := range footage.AgencyTypes() {
		types = append(types, string(a))
	}
	if diff := cmp.Diff(types, d.schemas.made["AgencyType"].Get("enum")); diff != "" {
		t.Error(diff)
	}
	for name, least := range map[string]int{"Role": 5, "RequestStatus": 7, "UpdateKind": 4, "ShareState": 10, "EventKind": 16, "Party": 3, "ErrorKind": 15, "EntryKind": 15} {
		if list, _ := d.schemas.made[name].Get("enum").([]any); len(list) < least {
			t.Errorf("%s has the values %v", name, list)
		}
	}
	for name, v := range map[string]string{"RequestID": footage.Hash(nil), "ShareID": footage.NewID(rand32{}, "s"), "ClipID": footage.NewID(rand32{}, "c"), "AgencyID": "maplewood-pd"} {
		if faults := d.validate(name, d.schemas.made[name], v); len(faults) > 0 {
			t.Error(faults)
		}
	}
}

type rand32 struct{}

func (rand32) Read(p []byte) (int, error) { return len(p), nil }

// TestYAML writes what is hard to write.
func TestYAML(t *testing.T) {
	o := Object{{"plain", "yes"}, {"needs: quotes", "a \"b\" \\ # c: \u2028 é\n"}, {"200", true}, {"n", 3}, {"empty", Object{}}, {"none", []any{}},
		{"list", []any{"a", Object{{"x", 1}, {"y", []any{Object{{"z", "w"}}}}}, 2, []any{"deep"}}}}
	raw, err := o.YAML()
	if err != nil {
		t.Fatal(err)
	}
	want := "plain: \"yes\"\n\"needs: quotes\": \"a \\\"b\\\" \\\\ # c: \\u2028 é\\n\"\n\"200\": true\nn: 3\nempty: {}\nnone: []\n" +
		"list:\n  - \"a\"\n  - x: 1\n    y:\n      - z: \"w\"\n  - 2\n  -\n    - \"deep\"\n"
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
	if _, err := (Object{{"t", time.Now()}}).YAML(); err == nil {
		t.Error("a time was written")
	}
}
