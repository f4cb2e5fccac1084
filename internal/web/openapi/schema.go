package openapi

import (
	"encoding"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"porchlight.example/evidence"
	"porchlight.example/internal/account"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// schemas makes JSON Schemas (draft 2020-12, as OpenAPI 3.1 uses it) of Go types, as encoding/json encodes them.
type schemas struct {
	comments *comments
	made     map[string]Object // by component name
	types    map[string]reflect.Type
}

// renamed gives component names to types whose own names are taken or say too little.
func renamed() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[ledger.Kind]():        "EntryKind",
		reflect.TypeFor[ledger.Entry]():       "LogEntry",
		reflect.TypeFor[evidence.Proven]():    "ProvenEntry",
		reflect.TypeFor[feed.Index]():         "FeedIndex",
		reflect.TypeFor[feed.IndexCell]():     "FeedIndexCell",
		reflect.TypeFor[feed.Cell]():          "FeedCell",
		reflect.TypeFor[account.Challenge]():  "Challenge",
		reflect.TypeFor[footage.Kind]():       "ErrorKind",
		reflect.TypeFor[footage.Assertion]():  "Assertion",
		reflect.TypeFor[footage.UpdateKind](): "UpdateKind",
	}
}

// patterns are the forms of strings that have one.
func patterns() map[reflect.Type]string {
	random := func(prefix string) string { return "^" + prefix + "-[0-9a-hjkmnp-tv-z]{26}$" }
	return map[reflect.Type]string{
		reflect.TypeFor[footage.RequestID]():     "^[0-9a-f]{64}$",
		reflect.TypeFor[footage.AgencyID]():      "^[a-z0-9][a-z0-9-]{1,62}$",
		reflect.TypeFor[footage.BodyID]():        "^[a-z0-9][a-z0-9-]{1,62}$",
		reflect.TypeFor[footage.AttestorID]():    "^[a-z0-9][a-z0-9-]{1,62}$",
		reflect.TypeFor[footage.ApplicationID](): random("a"),
		reflect.TypeFor[footage.PersonID]():      random("p"),
		reflect.TypeFor[footage.ShareID]():       random("s"),
		reflect.TypeFor[footage.ClipID]():        random("c"),
		reflect.TypeFor[footage.UploadID]():      random("u"),
		reflect.TypeFor[footage.CustodianID]():   random("k"),
		reflect.TypeFor[footage.KeyChangeID]():   random("n"),
		reflect.TypeFor[footage.MessageID]():     random("m"),
	}
}

// special are the types that encode themselves.
func special(t reflect.Type) (Object, bool) {
	text := func(s string) Object { return Object{{"type", "string"}}.with("description", s) }
	position := Object{{"type", "array"}, {"items", Object{{"type", "number"}}}, {"minItems", 2}, {"maxItems", 2}}
	switch t {
	case reflect.TypeFor[time.Time]():
		return Object{{"type", "string"}, {"format", "date-time"}}, true
	case reflect.TypeFor[[]byte]():
		return Object{{"type", "string"}, {"contentEncoding", "base64"}}, true
	case reflect.TypeFor[tlog.Hash]():
		return text("32 bytes, base64 with padding"), true
	case reflect.TypeFor[footage.Point]():
		return append(position, Member{"description", "Longitude and latitude in degrees, WGS84."}), true
	case reflect.TypeFor[footage.Area]():
		ring := Object{{"type", "array"}, {"items", Object{{"$ref", ref("Point")}}}, {"minItems", 4}}
		return Object{{"type", "object"}, {"description", "One GeoJSON Polygon (RFC 7946)."}, {"additionalProperties", false},
			{"required", []any{"type", "coordinates"}}, {"properties", Object{
				{"type", Object{{"const", "Polygon"}}},
				{"coordinates", Object{{"type", "array"}, {"items", ring}, {"minItems", 1}}}}}}, true
	}
	return nil, false
}

func ref(name string) string { return "#/components/schemas/" + name }

// of returns the schema of a type: a reference for those that have a name.
func (s *schemas) of(t reflect.Type) Object {
	if o, ok := special(t); ok && t.PkgPath() != "porchlight.example/internal/footage" {
		return o
	}
	if strings.HasPrefix(t.PkgPath(), "porchlight.example/") {
		return Object{{"$ref", ref(s.component(t))}}
	}
	return s.shape(t)
}

// component makes the named schema of one of our types and returns its name.
func (s *schemas) component(t reflect.Type) string {
	name := t.Name()
	if other, ok := renamed()[t]; ok {
		name = other
	}
	if old, ok := s.types[name]; ok {
		if old != t {
			panic(fmt.Sprintf("openapi: %v and %v are both named %s", old, t, name))
		}
		return name
	}
	s.types[name] = t
	o := s.shape(t)
	if text := s.comments.text[key(t)]; o.Get("description") == nil && text != "" {
		o = append(Object{{"description", text}}, o...)
	}
	s.made[name] = o
	return name
}

// key is what the comments call a type.
func key(t reflect.Type) string { return path.Base(t.PkgPath()) + "." + t.Name() }

// shape returns the schema of a type itself.
func (s *schemas) shape(t reflect.Type) Object {
	if t.Kind() == reflect.Pointer { // of a member that is left out when there is none
		return s.of(t.Elem())
	}
	if o, ok := special(t); ok {
		if t == reflect.TypeFor[footage.Area]() {
			s.component(reflect.TypeFor[footage.Point]())
		}
		return o
	}
	asItself := t == reflect.TypeFor[ledger.Inclusion]() // its method only keeps null out
	if !asItself && t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		panic(fmt.Sprintf("openapi: %v encodes itself; say how in special", t))
	}
	switch t.Kind() {
	case reflect.Bool:
		return Object{{"type", "boolean"}}
	case reflect.Int, reflect.Int64:
		return Object{{"type", "integer"}, {"format", "int64"}}
	case reflect.Uint64:
		return Object{{"type", "integer"}, {"minimum", 0}}
	case reflect.Float64:
		return Object{{"type", "number"}}
	case reflect.String:
		return s.text(t)
	case reflect.Slice:
		return Object{{"type", "array"}, {"items", s.of(t.Elem())}}
	case reflect.Map:
		return Object{{"type", "object"}, {"additionalProperties", s.of(t.Elem())}}
	case reflect.Struct:
		return s.object(t)
	}
	panic(fmt.Sprintf("openapi: no schema for %v", t))
}

// text is a string with its pattern, or with the values that its constants have.
func (s *schemas) text(t reflect.Type) Object {
	o := Object{{"type", "string"}}
	if p, ok := patterns()[t]; ok {
		return append(o, Member{"pattern", p})
	}
	values := s.comments.values[key(t)]
	if t.PkgPath() == "" || len(values) == 0 {
		return o
	}
	var all []any
	for _, v := range values {
		all = append(all, v)
	}
	if t == reflect.TypeFor[footage.Kind]() {
		all = append(all, "internal") // what an error without a kind is called outside
	}
	return append(o, Member{"enum", all})
}

// object is a struct: its members in their order, without any others.
func (s *schemas) object(t reflect.Type) Object {
	var properties Object
	var required []any
	s.members(t, &properties, &required)
	o := Object{{"type", "object"}, {"additionalProperties", false}}
	if len(required) > 0 {
		o = append(o, Member{"required", required})
	}
	return append(o, Member{"properties", properties})
}

// members adds the members of a struct and of those that are embedded in it.
func (s *schemas) members(t reflect.Type, properties *Object, required *[]any) {
	for f := range fields(t) {
		if f.Anonymous {
			s.members(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		schema := s.member(t, f)
		if text := s.comments.text[key(t)+"."+f.Name]; text != "" {
			schema = append(slices.Clone(schema), Member{"description", text})
		}
		*properties = append(*properties, Member{name, schema})
		if options != "omitempty" && options != "omitzero" {
			*required = append(*required, name)
		}
	}
}

func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !yield(f) {
				return
			}
		}
	}
}

// member returns the schema of a field. JSON that is passed on as it is has another type than the field.
func (s *schemas) member(t reflect.Type, f reflect.StructField) Object {
	switch key(t) + "." + f.Name {
	case "feed.Cell.Requests":
		return Object{{"type", "array"}, {"items", s.of(reflect.TypeFor[evidence.Bundle]())}}
	case "account.Challenge.Options":
		return Object{{"type", "object"}, {"additionalProperties", false}, {"required", []any{"publicKey"}}, {"properties", Object{
			{"publicKey", Object{{"type", "object"}, {"description", "As Web Authentication Level 3 defines it (PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON)."}}},
			{"mediation", Object{{"type", "string"}}}}}}
	case "ledger.Entry.Data":
		return s.facts()
	case "evidence.Bundle.Updates": // none is written as null: the bundle is a file of its own, with bytes of its own
		return Object{{"type", []any{"array", "null"}}, {"items", s.of(f.Type.Elem())}}
	}
	return s.of(f.Type)
}

// facts is what an entry of the public record can state.
func (s *schemas) facts() Object {
	var all []any
	for _, f := range []ledger.Fact{ledger.ExchangeCreated{}, ledger.PolicyAdopted{}, ledger.AgencyRegistered{}, ledger.AgencyChanged{},
		ledger.AgencySuspended{}, ledger.AgencyRestored{}, ledger.PersonEnrolled{}, ledger.PersonDisabled{}, ledger.PersonLent{}, ledger.PersonReturned{}, ledger.KeyAnnounced{}, ledger.KeyCancelled{}, ledger.EpochOpened{},
		ledger.CustodianAdded{}, ledger.RequestPublished{}, ledger.RequestUpdated{}, ledger.RequestClosed{}, ledger.CustodyRoot{}, ledger.State{}, ledger.AssetsPublished{}, ledger.ModerationUrgent{}, ledger.ModerationDecided{}, ledger.DocumentWithheld{}, ledger.LegalDemands{}, ledger.ErasuresTotal{},
		ledger.NoticePublished{}, ledger.NoticeUpdated{}, ledger.NoticeEnded{},
		ledger.OperatorNamed{}, ledger.AttestorRegistered{}, ledger.AttestorWithdrawn{}, ledger.AgencyAttested{}, ledger.AgencyUnattested{},
		ledger.AgencyApproved{}, ledger.AgencyUnapproved{}, ledger.AgencyPaused{}, ledger.AgencyResumed{}, ledger.PersonSuspended{}, ledger.PersonRestored{},
		ledger.ComplaintReceived{}, ledger.ComplaintAnswered{}, ledger.AgencyDesk{}} {
		all = append(all, s.of(reflect.TypeOf(f)))
	}
	return Object{{"anyOf", all}}
}
