// Command gen writes the tables of rule kinds into doc/policy.md, between its two marks, from the kinds that package policy
// knows and the sentences of the default policy.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"strings"

	"porchlight.example/internal/policy"
)

func main() {
	file := flag.String("file", "policy.md", "the document")
	flag.Parse()
	if err := write(*file); err != nil {
		log.Fatal(err)
	}
}

func write(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	out, err := policy.Document(string(raw))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if strings.TrimSpace(out) == "" {
		return fmt.Errorf("%s: nothing to write", file)
	}
	return os.WriteFile(file, []byte(out), 0o644)
}
