package ui

import "porchlight.example/ui/text"

// PrivacyPage says what the exchange could hand over, column by column.
type PrivacyPage struct {
	Stored []StoredField
}

// StoredField is one column or kind of file that the exchange keeps, as the published list names it.
type StoredField struct {
	Table   string // or "files"
	About   string // whom the table concerns: "resident", "agency", "exchange"; or "files"
	Column  string
	What    Words // in plain words
	Why     Words
	HowLong Words
}

// Words are one sentence in each language.
type Words struct {
	En string `json:"en"`
	Es string `json:"es"`
}

// In returns the sentence in a language.
func (w Words) In(lang text.Lang) string {
	if lang == text.Spanish {
		return w.Es
	}
	return w.En
}

// StoredGroup is the part of the list that concerns one sort of people or things.
type StoredGroup struct {
	About  string
	Tables []StoredTable
}

// StoredTable is the part of the list that concerns one table. Its reason and its time are those of its first field; a
// field that has others says so itself, as do all kinds of files.
type StoredTable struct {
	Name         string
	Why, HowLong Words
	Fields       []StoredField
}

// Tables returns the list by table, in the order in which they stand in it.
func (p PrivacyPage) Tables() []StoredTable {
	var out []StoredTable
	for _, f := range p.Stored {
		if n := len(out); n == 0 || out[n-1].Name != f.Table {
			out = append(out, StoredTable{Name: f.Table, Why: f.Why, HowLong: f.HowLong})
		}
		last := &out[len(out)-1]
		last.Fields = append(last.Fields, f)
	}
	return out
}

// Groups returns the tables by whom they concern, those who share first.
func (p PrivacyPage) Groups() []StoredGroup {
	var out []StoredGroup
	for _, about := range []string{"resident", "agency", "exchange", "files"} {
		group := StoredGroup{About: about}
		for _, t := range p.Tables() {
			if t.Fields[0].About == about {
				group.Tables = append(group.Tables, t)
			}
		}
		if len(group.Tables) > 0 {
			out = append(out, group)
		}
	}
	return out
}

func (PrivacyPage) folder() string                 { return "privacy" }
func (PrivacyPage) title(c *text.Catalogue) string { return c.T("privacy.title") }
func (PrivacyPage) address() string                { return "/privacy" }
