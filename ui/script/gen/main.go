// Gen writes what the browser's scripts must know of Go's packages: the kinds of entry that the public record may hold.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	root := flag.String("root", ".", "the repository")
	out := flag.String("out", "kinds.ts", "the file to write")
	flag.Parse()
	kinds, err := kinds(filepath.Join(*root, "ledger"))
	if err != nil {
		log.Fatal(err)
	}
	text := "// Written by ui/script/gen from package ledger. Do not edit.\n\n/** Every kind of entry that a reader of the public record knows. */\nexport const kinds: readonly string[] = [\n"
	for _, k := range kinds {
		text += "  " + k + ",\n"
	}
	if err := os.WriteFile(*out, []byte(text+"];\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

// kinds returns the constants of type Kind of a package, as literals, in order.
func kinds(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind, named := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && kind.Name == "Kind" && value.Kind == token.STRING {
				found = append(found, value.Value)
			}
			return true
		})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no kinds of entry in %s", dir)
	}
	slices.Sort(found)
	return found, nil
}
