package web

import (
	_ "embed" // stored.json

	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

//go:embed stored.json
var storedFile []byte

// storedTable is one part of the list as it is written down: what holds for a whole table is said once.
type storedTable struct {
	Table   string         `json:"table"`
	About   string         `json:"about"`
	Why     ui.Words       `json:"why"`
	HowLong ui.Words       `json:"how_long"`
	Columns []storedColumn `json:"columns"`
}

type storedColumn struct {
	Name    string    `json:"name"`
	En      string    `json:"en"`
	Es      string    `json:"es"`
	Why     *ui.Words `json:"why,omitempty"`
	HowLong *ui.Words `json:"how_long,omitempty"`
}

// Stored is the whole list of what the exchange keeps: every column of every table and every kind of file. A test compares
// it with the schema and with what a full run leaves behind, so that nothing is kept that is not on the list. A name of a
// file in which a star stands means all files of that form, at any depth; the object store uses the names under "blobs/".
func Stored() []ui.StoredField {
	var tables []storedTable
	if err := footage.DecodeStrict(storedFile, &tables); err != nil {
		panic("web: the embedded list of what is stored is broken: " + err.Error())
	}
	var all []ui.StoredField
	for _, t := range tables {
		for _, c := range t.Columns {
			f := ui.StoredField{Table: t.Table, About: t.About, Column: c.Name, What: ui.Words{En: c.En, Es: c.Es}, Why: t.Why, HowLong: t.HowLong}
			if c.Why != nil {
				f.Why = *c.Why
			}
			if c.HowLong != nil {
				f.HowLong = *c.HowLong
			}
			all = append(all, f)
		}
	}
	return all
}
