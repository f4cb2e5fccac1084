package uitest

import (
	"fmt"
	"slices"
	"strings"
)

// Check returns what is wrong with a page, each with where it stands; nothing when all is well. What it asks is WCAG 2.2
// AA as far as markup alone can show it, the content model of HTML as far as our pages use it, and our own promise that a
// page holds nothing inline, runs nothing and loads nothing from elsewhere.
func Check(page []byte) []string {
	root, err := Parse(page)
	if err != nil {
		return []string{err.Error()}
	}
	c := &checker{root: root, ids: map[string]*Node{}}
	for _, n := range root.All() {
		if id, ok := n.Attr["id"]; ok {
			if c.ids[id] != nil || id == "" || strings.ContainsAny(id, " \t\n") {
				c.say(n, "the id %q is empty, holds a blank or stands twice", id)
			}
			c.ids[id] = n
		}
	}
	c.whole()
	for _, n := range root.All() {
		c.known(n)
		c.content(n)
		c.references(n)
		c.names(n)
		c.foreign(n)
	}
	return c.found
}

type checker struct {
	root  *Node
	ids   map[string]*Node
	found []string
}

func (c *checker) say(n *Node, format string, args ...any) {
	c.found = append(c.found, n.path()+": "+fmt.Sprintf(format, args...))
}

// whole checks what a page has once: language, title, main, the first heading and the order of all.
func (c *checker) whole() {
	html := c.root.All("html")
	if len(html) != 1 || len(html[0].Attr["lang"]) < 2 {
		c.say(c.root, "there must be one html element with a language")
	}
	for _, name := range []string{"title", "main", "h1"} {
		found := c.root.All(name)
		if len(found) != 1 {
			if name == "title" && len(found) > 1 && len(c.root.All("head")) == 1 {
				found = c.root.All("head")[0].All("title") // a drawing has titles too
			}
			if len(found) != 1 {
				c.say(c.root, "there are %d %s elements, not one", len(found), name)
				continue
			}
		}
		if found[0].Words() == "" {
			c.say(found[0], "it is empty")
		}
	}
	level := 0
	for _, h := range c.root.All("h1", "h2", "h3", "h4", "h5", "h6") {
		l := int(h.Name[1] - '0')
		if l > level+1 {
			c.say(h, "the heading %q is of level %d after one of level %d", h.Words(), l, level)
		}
		level = l
	}
	seen := map[string]bool{}
	for _, nav := range c.root.All("nav") {
		if label := nav.Attr["aria-label"]; label == "" || seen[label] {
			c.say(nav, "a navigation needs a name of its own, not %q", label)
		} else {
			seen[label] = true
		}
	}
}

// references checks that what names another element names one that is there.
func (c *checker) references(n *Node) {
	for _, attr := range []string{"aria-labelledby", "aria-describedby", "for", "aria-controls"} {
		for _, id := range strings.Fields(n.Attr[attr]) {
			if c.ids[id] == nil {
				c.say(n, "%s names %q, which is not there", attr, id)
			} else if attr != "for" && c.ids[id].Words() == "" {
				c.say(n, "%s names %q, which is empty", attr, id)
			}
		}
	}
	if id, ok := strings.CutPrefix(n.Attr["href"], "#"); ok && c.ids[id] == nil {
		c.say(n, "the link leads to %q, which is not on the page", id)
	}
}

// names checks that what can be used or seen has a name for those who do not see it.
func (c *checker) names(n *Node) {
	label := strings.TrimSpace(n.Attr["aria-label"]) + c.named(n.Attr["aria-labelledby"])
	switch n.Name {
	case "a", "button", "summary":
		if n.Words()+label == "" {
			c.say(n, "it has no name")
		}
		if n.Name == "a" && n.Attr["href"] == "" {
			c.say(n, "a link must lead somewhere")
		}
	case "img":
		if _, ok := n.Attr["alt"]; !ok {
			c.say(n, "a picture needs a text in its place")
		}
	case "svg":
		if n.Attr["aria-hidden"] != "true" && (n.Attr["role"] != "img" || label == "") {
			c.say(n, "a drawing must be hidden or be an image with a name")
		}
	case "section":
		if label == "" {
			c.say(n, "a section needs a name")
		}
	case "fieldset":
		if legends := n.All("legend"); len(legends) != 1 || legends[0].Words() == "" {
			c.say(n, "a group of fields needs a legend")
		}
	case "input", "select", "textarea":
		if n.Attr["type"] != "hidden" && n.Attr["type"] != "submit" && label == "" && !c.labelled(n) {
			c.say(n, "a field needs a label")
		}
	case "table":
		c.table(n)
	}
	if n.Attr["tabindex"] != "" && n.Attr["tabindex"] != "0" && n.Attr["tabindex"] != "-1" {
		c.say(n, "tabindex puts it out of order")
	}
	if n.Attr["role"] == "region" && label == "" {
		c.say(n, "a region needs a name")
	}
}

func (c *checker) named(ids string) string {
	out := ""
	for _, id := range strings.Fields(ids) {
		if c.ids[id] != nil {
			out += c.ids[id].Words()
		}
	}
	return out
}

func (c *checker) labelled(field *Node) bool {
	if l := field.within("label"); l != nil && l.Words() != "" {
		return true
	}
	for _, l := range c.root.All("label") {
		if l.Attr["for"] == field.Attr["id"] && l.Attr["for"] != "" && l.Words() != "" {
			return true
		}
	}
	return false
}

// table checks that a table says what it is and that each of its headings says what it heads.
func (c *checker) table(n *Node) {
	if len(n.All("caption")) != 1 || n.All("caption")[0].Words() == "" {
		c.say(n, "a table needs a caption")
	}
	columns := 0
	for _, row := range n.All("tr") {
		cells := row.All("th", "td")
		if columns == 0 {
			columns = len(cells)
		}
		if len(cells) != columns {
			c.say(row, "the row has %d cells, not %d", len(cells), columns)
		}
	}
	for _, h := range n.All("th") {
		if scope := h.Attr["scope"]; scope != "col" && scope != "row" {
			c.say(h, "a heading must say what it heads")
		} else if h.Words() == "" {
			c.say(h, "it is empty")
		}
	}
}

// ourScript reports whether a script is one of our files, by its checksum, and has nothing inline.
func ourScript(n *Node) bool {
	return n.Attr["type"] == "module" && strings.HasPrefix(n.Attr["src"], "/assets/") && strings.HasPrefix(n.Attr["integrity"], "sha256-") && n.Words() == ""
}

// foreign checks that nothing is inline, nothing runs and nothing comes from elsewhere.
func (c *checker) foreign(n *Node) {
	if slices.Contains([]string{"style", "iframe", "object", "embed", "base"}, n.Name) || n.Name == "script" && !ourScript(n) {
		c.say(n, "it has no place on a public page")
	}
	for attr, value := range n.Attr {
		if attr == "style" || strings.HasPrefix(attr, "on") {
			c.say(n, "the attribute %s is inline", attr)
		}
		if slices.Contains([]string{"href", "src", "action", "srcset", "poster", "formaction", "data"}, attr) {
			scheme, _, _ := strings.Cut(value, ":")
			ours := strings.HasPrefix(value, "#") || strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//")
			if _, own := n.Attr["data-exchange"]; own && n.Name == "a" && scheme == "https" {
				continue // from the desk on a custodian's machine to its exchange
			}
			if !ours && (attr != "href" || scheme != "mailto" && scheme != "tel") {
				c.say(n, "%s=%q leads elsewhere", attr, value)
			}
		}
	}
}
