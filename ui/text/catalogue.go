package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
)

//go:embed en es
var files embed.FS

// Lang is a language that the pages speak, as a BCP 47 primary tag.
type Lang string

// The languages.
const (
	English Lang = "en"
	Spanish Lang = "es"
)

// Languages lists every language, the default first.
func Languages() []Lang { return []Lang{English, Spanish} }

// Known reports whether the pages speak the language.
func (l Lang) Known() bool { return l == English || l == Spanish }

// Name is the language's name in itself.
func (l Lang) Name() string {
	if l == Spanish {
		return "Español"
	}
	return "English"
}

// Key names a message. Keys are written out where they are used, so that a test can find each of them.
type Key string

// message is one entry of a catalogue: a sentence, a sentence per plural form, or a list of paragraphs.
type message struct {
	one, other string
	list       []string
}

// UnmarshalJSON reads "…", {"one": "…", "other": "…"} or ["…", …].
func (m *message) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '[':
		return json.Unmarshal(raw, &m.list)
	case '{':
		var forms struct{ One, Other string }
		if err := json.Unmarshal(raw, &forms); err != nil {
			return err
		}
		m.one, m.other = forms.One, forms.Other
		return nil
	}
	return json.Unmarshal(raw, &m.other)
}

// Catalogue holds the messages of one language.
type Catalogue struct {
	Lang     Lang
	messages map[Key]message
}

// Load reads the catalogue of a language: every file of its folder, one for each part of the pages.
func Load(lang Lang) (*Catalogue, error) {
	names, err := fs.Glob(files, string(lang)+"/*.json")
	if err != nil {
		return nil, fmt.Errorf("list messages in %q: %w", lang, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("load messages in %q: there are none", lang)
	}
	c := &Catalogue{Lang: lang, messages: map[Key]message{}}
	for _, name := range names {
		if err := c.add(name); err != nil {
			return nil, fmt.Errorf("load messages in %q: %s: %w", lang, name, err)
		}
	}
	return c, nil
}

func (c *Catalogue) add(name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var part map[Key]message
	if err := json.Unmarshal(raw, &part); err != nil {
		return err
	}
	for key, m := range part {
		if _, twice := c.messages[key]; twice {
			return fmt.Errorf("the message %q stands in two files", key)
		}
		c.messages[key] = m
	}
	return nil
}

// Keys returns every key in order.
func (c *Catalogue) Keys() []Key {
	keys := make([]Key, 0, len(c.messages))
	for k := range c.messages {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// Has reports whether there is a message for the key.
func (c *Catalogue) Has(key Key) bool {
	_, ok := c.messages[key]
	return ok
}

// T returns the sentence for key. Args are pairs of a placeholder's name and its value; a value named "n" chooses the
// plural form. A key without a message is shown as it is, in brackets, so that it stands out; the tests allow none.
func (c *Catalogue) T(key Key, args ...any) string {
	m, ok := c.messages[key]
	if !ok {
		return "[" + string(key) + "]"
	}
	s := m.other
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "n" && m.one != "" && isOne(args[i+1]) {
			s = m.one
		}
	}
	return c.fill(s, args)
}

// List returns the paragraphs for key, with the same placeholders filled in each.
func (c *Catalogue) List(key Key, args ...any) []string {
	m, ok := c.messages[key]
	if !ok {
		return []string{"[" + string(key) + "]"}
	}
	out := make([]string, len(m.list))
	for i, s := range m.list {
		out[i] = c.fill(s, args)
	}
	return out
}

// JSON returns every message whose key begins with one of the prefixes, for the scripts of a page: an object of sentences,
// of {"one", "other"} and of lists, as the catalogue's files have them.
func (c *Catalogue) JSON(prefixes ...string) (string, error) {
	out := map[Key]any{}
	for key, m := range c.messages {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(string(key), p) }) {
			continue
		}
		switch {
		case m.list != nil:
			out[key] = m.list
		case m.one != "":
			out[key] = map[string]string{"one": m.one, "other": m.other}
		default:
			out[key] = m.other
		}
	}
	raw, err := json.Marshal(out)
	if err != nil || len(out) == 0 {
		return "", fmt.Errorf("texts for scripts, %q: %d messages: %w", prefixes, len(out), err)
	}
	return string(raw), nil
}

func (c *Catalogue) fill(s string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, "{"+fmt.Sprint(args[i])+"}", c.value(args[i+1]))
	}
	return s
}

// value prints numbers as the language does and everything else as it is.
func (c *Catalogue) value(v any) string {
	switch n := v.(type) {
	case int:
		return c.Int(int64(n))
	case int64:
		return c.Int(n)
	case float64:
		return c.Number(n, 2)
	}
	return fmt.Sprint(v)
}

// isOne is the plural rule for "one" of English and Spanish cardinals (Unicode CLDR) for the whole numbers we count.
func isOne(v any) bool {
	switch n := v.(type) {
	case int:
		return n == 1
	case int64:
		return n == 1
	}
	return false
}
