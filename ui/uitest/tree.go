package uitest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Node is an element with its attributes and what is in it. A text is a node without a name.
type Node struct {
	Name   string
	Attr   map[string]string
	Text   string // of a text
	Parent *Node
	Kids   []*Node
}

var (
	// void are the elements without an end tag; in XML they need a slash.
	void = regexp.MustCompile(`<(meta|link|br|wbr|hr|img|input)((?:\s+[a-z-]+="[^"]*")*)\s*>`)
	// flag is an attribute without a value, which XML does not know.
	flag = regexp.MustCompile(`(<[a-z]+(?:\s+[a-z-]+="[^"]*")*)\s+(open|hidden|required|disabled|checked|selected)(\s|>)`)
)

// Parse reads a page more strictly than a browser does: every element must be closed in its place, every attribute quoted,
// every special character escaped.
func Parse(page []byte) (*Node, error) {
	rest, ok := bytes.CutPrefix(page, []byte("<!DOCTYPE html>\n"))
	if !ok {
		return nil, errors.New("the page does not begin with <!DOCTYPE html>")
	}
	rest = void.ReplaceAll(rest, []byte("<$1$2/>"))
	rest = flag.ReplaceAll(rest, []byte(`$1 $2=""$3`))
	dec := xml.NewDecoder(bytes.NewReader(rest))
	dec.Entity = xml.HTMLEntity
	root := &Node{}
	at := root
	for {
		token, err := dec.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("in %s: %w", at.path(), err)
		}
		if at, err = at.take(token); err != nil {
			return nil, err
		}
	}
	if at != root {
		return nil, fmt.Errorf("%s is not closed", at.path())
	}
	return root, nil
}

// take adds a token below the node and returns where the next one belongs.
func (n *Node) take(token xml.Token) (*Node, error) {
	switch t := token.(type) {
	case xml.StartElement:
		kid := &Node{Name: name(t.Name), Attr: map[string]string{}, Parent: n}
		n.Kids = append(n.Kids, kid)
		for _, a := range t.Attr {
			if _, twice := kid.Attr[name(a.Name)]; twice {
				return nil, fmt.Errorf("%s has the attribute %s twice", kid.path(), name(a.Name))
			}
			kid.Attr[name(a.Name)] = a.Value
		}
		return kid, nil
	case xml.EndElement:
		if name(t.Name) != n.Name {
			return nil, fmt.Errorf("%s is closed by </%s>", n.path(), name(t.Name))
		}
		return n.Parent, nil
	case xml.CharData:
		n.Kids = append(n.Kids, &Node{Text: string(t), Parent: n})
		return n, nil
	}
	return nil, fmt.Errorf("in %s: a %T does not belong into a page", n.path(), token)
}

func name(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// path says where a node stands, for a message.
func (n *Node) path() string {
	var names []string
	for ; n != nil && n.Name != ""; n = n.Parent {
		here := n.Name
		if id := n.Attr["id"]; id != "" {
			here += "#" + id
		}
		names = append([]string{here}, names...)
	}
	return strings.Join(names, ">")
}

// All returns the elements with one of the names, in the order of the page; without names, all elements.
func (n *Node) All(names ...string) []*Node {
	var out []*Node
	for _, kid := range n.Kids {
		if kid.Name == "" {
			continue
		}
		wanted := len(names) == 0
		for _, name := range names {
			wanted = wanted || kid.Name == name
		}
		if wanted {
			out = append(out, kid)
		}
		out = append(out, kid.All(names...)...)
	}
	return out
}

// Words returns the text in and below the node, with runs of white space as one blank.
func (n *Node) Words() string { return strings.Join(strings.Fields(n.raw()), " ") }

func (n *Node) raw() string {
	if n.Name == "" && n.Text != "" {
		return n.Text
	}
	var out strings.Builder
	for _, kid := range n.Kids {
		out.WriteString(kid.raw())
		if kid.Name != "" && !inline(kid.Name) {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// within returns the nearest element of the name that the node is in, or nil.
func (n *Node) within(name string) *Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Name == name {
			return p
		}
	}
	return nil
}
