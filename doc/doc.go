// Package doc embeds the documents that the server hands out.
package doc

import _ "embed"

//go:generate go run ../internal/web/openapi/gen -root .. -out openapi.yaml
//go:generate go run ../internal/policy/gen -file policy.md

// OpenAPI is the contract of the HTTP interface, OpenAPI 3.1.
//
//go:embed openapi.yaml
var OpenAPI []byte
