// Package script holds the tests of the browser's scripts: the TypeScript of this folder, which tools/web builds into
// ui/dist. README.md tells how to add one.
//
//go:generate go run ./gen -root ../.. -out lib/proof/kinds.ts
//go:generate ../../tools/web build
package script
