// Package laws holds the import laws of doc/design.md as tests over go list -deps. It has no code.
package laws
