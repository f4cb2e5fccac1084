package uitest

import (
	"slices"
	"strings"
)

// What our pages are made of. It is a part of HTML on purpose: what is not in these lists is a slip of the pen, or has to be
// thought about first.
const (
	flowElements = "article aside details dl div fieldset figure footer form header h1 h2 h3 h4 main nav ol p pre section table ul"
	textElements = "a abbr br button code datalist del em iframe input ins kbd label progress select small span strong svg textarea time wbr"
	restElements = "html head body title meta link script legend summary li dt dd figcaption caption thead tbody tr th td option"
	drawElements = "title desc rect path circle text g"
)

func flows(name string) bool { return slices.Contains(strings.Fields(flowElements), name) }

func inline(name string) bool { return slices.Contains(strings.Fields(textElements), name) }

// attributes returns the attributes that an element may have beside id, class, lang, role, tabindex, hidden and aria-….
func attributes(name string) []string {
	switch name {
	case "a":
		return []string{"href", "hreflang", "rel", "target", "download", "data-item", "data-key", "data-exchange"}
	case "meta":
		return []string{"charset", "name", "content"}
	case "link":
		return []string{"rel", "href", "type", "title"}
	case "section":
		return []string{"data-shares", "data-find", "data-work"}
	case "div":
		return []string{"data-staffdesk"}
	case "time":
		return []string{"datetime"}
	case "th":
		return []string{"scope", "data-column"}
	case "td":
		return []string{"data-column"}
	case "details":
		return []string{"open", "data-key"}
	case "main":
		return []string{"data-shortcuts"}
	case "progress":
		return []string{"max", "value"}
	case "iframe":
		return []string{"src", "sandbox", "title", "referrerpolicy"}
	case "form":
		return []string{"method", "action", "data-passkey", "data-begin", "data-hash", "data-texts", "data-draft", "data-frame", "enctype", "data-complain", "data-enter", "data-key"}
	case "figure":
		return []string{"data-map"}
	case "aside":
		return []string{"data-verdict"}
	case "select":
		return []string{"name"}
	case "option":
		return []string{"value", "selected"}
	case "input":
		return []string{"type", "name", "value", "autocomplete", "required", "checked", "list", "spellcheck"}
	case "textarea":
		return []string{"name", "rows"}
	case "script":
		return []string{"type", "nonce", "src", "integrity"}
	case "p":
		return []string{"data-without-script", "data-share"}
	case "label":
		return []string{"for"}
	case "button":
		return []string{"type", "name", "value", "data-key"}
	}
	return nil
}

// known checks that elements and attributes are ones that we use.
func (c *checker) known(n *Node) {
	drawn := n.within("svg") != nil
	list := flowElements + " " + textElements + " " + restElements
	if drawn {
		list = drawElements
	}
	if !slices.Contains(strings.Fields(list), n.Name) {
		c.say(n, "the element is not one of ours")
	}
	if drawn || n.Name == "svg" {
		return
	}
	for attr := range n.Attr {
		if !strings.HasPrefix(attr, "aria-") && !slices.Contains([]string{"id", "class", "lang", "role", "tabindex", "hidden", "data-near"}, attr) &&
			!slices.Contains(attributes(n.Name), attr) {
			c.say(n, "the attribute %s is not one of ours", attr)
		}
	}
}

// content checks what may stand in what.
func (c *checker) content(n *Node) {
	for _, kid := range n.Kids {
		if kid.Name == "" {
			if only(n.Name) != nil && strings.TrimSpace(kid.Text) != "" {
				c.say(n, "the text %q may not stand here", strings.TrimSpace(kid.Text))
			}
			continue
		}
		if may := only(n.Name); may != nil && !slices.Contains(may, kid.Name) {
			c.say(kid, "it may not stand in %s", n.Name)
		}
		if flows(kid.Name) && (inline(n.Name) || slices.Contains([]string{"p", "h1", "h2", "h3", "pre", "dt", "summary", "title"}, n.Name)) {
			c.say(kid, "a block may not stand in %s", n.Name)
		}
	}
	if slices.Contains([]string{"a", "button", "label", "summary"}, n.Name) && (n.within("a") != nil || n.within("button") != nil) {
		c.say(n, "it stands in something that is pressed itself")
	}
	if (n.Name == "li" || n.Name == "dt" || n.Name == "dd" || n.Name == "td" || n.Name == "th") && len(n.Kids) == 0 && n.Name != "td" && !pager(n) {
		c.say(n, "it is empty")
	}
	if n.Name == "dl" && len(n.All("dt")) == 0 {
		c.say(n, "a list of terms without a term")
	}
}

// pager reports whether the item is a place in a pager that is kept free.
func pager(n *Node) bool { nav := n.within("nav"); return nav != nil && nav.Attr["class"] == "pager" }

// only returns the elements that may stand directly in an element which takes some alone, and nothing for the others.
func only(name string) []string {
	switch name {
	case "html":
		return []string{"head", "body"}
	case "head":
		return []string{"meta", "title", "link", "script"}
	case "ul", "ol":
		return []string{"li"}
	case "dl":
		return []string{"div", "dt", "dd"}
	case "table":
		return []string{"caption", "thead", "tbody"}
	case "thead", "tbody":
		return []string{"tr"}
	case "tr":
		return []string{"th", "td"}
	case "select":
		return []string{"option"}
	}
	return nil
}
