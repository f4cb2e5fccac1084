package web

import "porchlight.example/ui"

// Stored is the whole list of what the exchange keeps: every column of every table and every kind of file. A test compares
// it with the schema and with what a full run leaves behind, so that nothing is kept that is not on the list.
func Stored() []ui.StoredField { return stored }

var stored = []ui.StoredField{}
