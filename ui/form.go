package ui

import (
	"errors"
	"net/url"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// Sent is what came with a form, and the error that it met; both are empty when the form is shown for the first time.
type Sent struct {
	Values url.Values
	Err    error
}

// Form is a form with its fields. The part "form" shows it: every error at once, above all with a link to its field, and
// again beside the field.
type Form struct {
	Fields  []Field
	General []footage.Reason // errors that belong to no field
	Failed  bool
}

// Field is one field of a form. Name is unique on the page.
type Field struct {
	Name     string
	Group    text.Key // the heading of the part of a long form that begins with this field; of most there is none
	Label    text.Key
	Hint     text.Key // what to write and why; may be empty
	Kind     FieldKind
	Required bool
	Auto     string   // the autocomplete token of HTML; empty is "off"
	Options  []Option // of choices
	Codes    []string // of the reasons that are about this field

	Value  string
	Errors []footage.Reason
}

// FieldKind says how a field is shown; the zero value is a line of text.
type FieldKind string

// Kinds of field.
const (
	Lines  FieldKind = "lines"  // several lines of text
	OneOf  FieldKind = "one"    // one option
	SomeOf FieldKind = "some"   // any number of options
	Hidden FieldKind = "hidden" // not shown
	Select FieldKind = "select" // one option of a long list
	File   FieldKind = "file"   // a file that is sent with the form, whose encoding must be multipart/form-data
	Day    FieldKind = "day"    // a day, "2026-03-14"
	Moment FieldKind = "moment" // a date and time as clocks show it, "2026-03-14T21:30"
)

// Option is one choice of a field.
type Option struct {
	Value   string
	Label   text.Key // or
	Words   string   // what is no message of ours, such as a name
	Offence string   // or the code of a kind of incident, which is shown by its name
	Hint    text.Key
	Chosen  bool
}

// NewForm fills the fields with what was sent and gives each the errors that are about it. Values that the fields hold
// already, and options that are chosen, are what the form begins with.
func NewForm(sent Sent, fields ...Field) Form {
	f := Form{Fields: fields, Failed: sent.Err != nil}
	reasons := reasonsOf(sent.Err)
	for i := range f.Fields {
		field := &f.Fields[i]
		if sent.Values != nil {
			field.fill(sent.Values)
		}
		about := func(r footage.Reason) bool { return slices.Contains(field.Codes, r.Code) }
		for _, r := range reasons {
			if about(r) {
				field.Errors = append(field.Errors, r)
			}
		}
		reasons = slices.DeleteFunc(reasons, about)
	}
	f.General = reasons
	return f
}

func (f *Field) fill(values url.Values) {
	f.Value = values.Get(f.Name)
	f.Options = slices.Clone(f.Options)
	for i := range f.Options {
		f.Options[i].Chosen = slices.Contains(values[f.Name], f.Options[i].Value)
	}
}

// reasonsOf returns what an error says to people, one by one.
func reasonsOf(err error) []footage.Reason {
	var own *footage.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &own):
		return []footage.Reason{{Code: "internal"}}
	case len(own.Reasons) > 0:
		return slices.Clone(own.Reasons)
	}
	return []footage.Reason{{Code: own.Code, Msg: own.Msg}}
}

// DescribedBy is the value of aria-describedby: the elements that hold hint and errors.
func (f Field) DescribedBy() string {
	out := ""
	if f.Hint != "" {
		out = "hint-" + f.Name
	}
	if len(f.Errors) > 0 {
		out += " error-" + f.Name
	}
	return out
}
