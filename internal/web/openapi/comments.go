package openapi

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// comments are what the source says of types and their fields, under "pkg.Type" and "pkg.Type.Field", and the values of
// string constants by the type that they are declared with.
type comments struct {
	text   map[string]string
	values map[string][]string
}

// packages are where the wire types are declared, below the module's root.
func packages() []string {
	return []string{"internal/api", "internal/footage", "internal/account", "internal/feed", "internal/opendata", "evidence", "ledger"}
}

// readComments parses the packages of the wire types.
func readComments(root string) (*comments, error) {
	c := &comments{text: map[string]string{}, values: map[string][]string{}}
	for _, dir := range packages() {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			return nil, fmt.Errorf("read comments: %w", err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, dir, e.Name()), nil, parser.ParseComments)
			if err != nil {
				return nil, fmt.Errorf("read comments: %w", err)
			}
			for _, d := range f.Decls {
				if g, ok := d.(*ast.GenDecl); ok {
					c.declaration(filepath.Base(dir), g)
				}
			}
		}
	}
	return c, nil
}

func (c *comments) declaration(pkg string, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			doc := s.Doc
			if doc == nil {
				doc = g.Doc
			}
			c.note(pkg+"."+s.Name.Name, doc, s.Comment)
			if structure, ok := s.Type.(*ast.StructType); ok {
				c.fields(pkg+"."+s.Name.Name, structure)
			}
		case *ast.ValueSpec:
			name, ok := s.Type.(*ast.Ident)
			if g.Tok != token.CONST || !ok {
				continue
			}
			for _, v := range s.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					c.values[pkg+"."+name.Name] = append(c.values[pkg+"."+name.Name], strings.Trim(lit.Value, `"`))
				}
			}
		}
	}
}

func (c *comments) fields(name string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		for _, ident := range f.Names {
			c.note(name+"."+ident.Name, f.Doc, f.Comment)
		}
	}
}

// linkMark are the brackets that lead from a comment to a name.
var linkMark = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

func (c *comments) note(name string, groups ...*ast.CommentGroup) {
	for _, g := range groups {
		if g != nil {
			words := strings.Join(strings.Fields(g.Text()), " ")
			c.text[name] = linkMark.ReplaceAllString(words, "$1")
			return
		}
	}
}
