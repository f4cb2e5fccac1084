// Package openapi writes the contract of the exchange's HTTP interface, doc/openapi.yaml (OpenAPI 3.1), from the Go types
// that the server encodes and decodes, and from one table of operations. So the schemas cannot drift from the types; the
// tests compare the table with the server's routes and real answers with the schemas. The server does not import it: what
// it hands out is the committed file.
package openapi
