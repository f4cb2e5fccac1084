package opendata

import "porchlight.example/ledger"

// EntryProof is /data/entry/N.json: an entry with the proof that it stands in the record.
type EntryProof struct {
	Entry ledger.Entry     `json:"entry"` // its canonical JSON is what is hashed
	Proof ledger.Inclusion `json:"proof"`
}

// Catalog is /data/index.json: every table there is.
type Catalog struct {
	Exchange string         `json:"exchange"` // name of the log
	License  string         `json:"license"`  // SPDX
	Entries  int64          `json:"entries"`  // of the record, in these tables
	Tables   []CatalogTable `json:"tables"`
}

// CatalogTable describes one table.
type CatalogTable struct {
	Name    string   `json:"name"`
	Files   []string `json:"files"`   // paths, one for each form
	Columns []Column `json:"columns"` // in their order
}
