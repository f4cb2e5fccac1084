package ui

import (
	"testing"

	"porchlight.example/ui/text"
)

// TestPeriods: months and half-years of the record are said in the reader's words, and what is none is said as it stands.
func TestPeriods(t *testing.T) {
	for lang, want := range map[text.Lang][3]string{
		text.English: {"Nov\u00a02026", "January to June 2026", "July to December 2025"},
		text.Spanish: {"nov\u00a02026", "Enero a junio de 2026", "Julio a diciembre de 2025"},
	} {
		words, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		f := funcs{words: words}
		if got := [3]string{f.month("2026-11"), f.halfYear("2026-H1"), f.halfYear("2025-H2")}; got != want {
			t.Errorf("%s: %q", lang, got)
		}
		if month, half := f.month("later"), f.halfYear("2026-H3"); month != "later" || half != "2026-H3" {
			t.Errorf("%s: %q, %q", lang, month, half)
		}
	}
}
