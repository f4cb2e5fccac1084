// Command gen writes the contract of the HTTP interface into a file.
package main

import (
	"flag"
	"fmt"
	"os"

	"porchlight.example/internal/web/openapi"
)

func main() {
	root := flag.String("root", ".", "the module's root, whose comments are read")
	out := flag.String("out", "openapi.yaml", "the file to write")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen: error:", err)
		os.Exit(1)
	}
}

func run(root, out string) error {
	doc, err := openapi.New(root)
	if err != nil {
		return err
	}
	raw, err := doc.YAML()
	if err != nil {
		return err
	}
	return os.WriteFile(out, raw, 0o644)
}
