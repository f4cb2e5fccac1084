package ledger

import (
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
)

// TestBackIn: the state says of somebody who was disabled and enrolled anew that their key counts.
func TestBackIn(t *testing.T) {
	var p Present
	who := footage.PersonID("p-" + strings.Repeat("a", 26))
	for i, f := range []Fact{PersonEnrolled{Person: who}, PersonDisabled{Person: who}, PersonEnrolled{Person: who, Credential: "AA"}} {
		if err := p.TakeAt(int64(i+1), f); err != nil {
			t.Fatal(err)
		}
		if got := p.Document(time.Unix(0, 0).UTC()).People[0].Disabled; got != []int64{0, 2, 0}[i] {
			t.Errorf("after %s the person is disabled since %d", f.Kind(), got)
		}
	}
}

// TestLoanEntries: a loan without both administrators, to the same agency or of one of them is no entry.
func TestLoanEntries(t *testing.T) {
	id := func(letter string) footage.PersonID { return footage.PersonID("p-" + strings.Repeat(letter, 26)) }
	good := PersonLent{Person: id("a"), From: "town-pd", To: "fire-dept", Until: time.Unix(1, 0).UTC(), Agreed: []footage.PersonID{id("b"), id("c")}}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(l *PersonLent){
		"one administrator":           func(l *PersonLent) { l.Agreed = l.Agreed[:1] },
		"one administrator twice":     func(l *PersonLent) { l.Agreed = []footage.PersonID{id("b"), id("b")} },
		"the person agrees":           func(l *PersonLent) { l.Agreed = []footage.PersonID{id("a"), id("c")} },
		"to the same agency":          func(l *PersonLent) { l.To = l.From },
		"from nobody":                 func(l *PersonLent) { l.From = "" },
		"of nobody":                   func(l *PersonLent) { l.Person = "p-x" },
		"for ever":                    func(l *PersonLent) { l.Until = time.Time{} },
		"three administrators":        func(l *PersonLent) { l.Agreed = append(l.Agreed, id("d")) },
		"an administrator of no form": func(l *PersonLent) { l.Agreed = []footage.PersonID{id("b"), "clerk"} },
	} {
		bad := good
		bad.Agreed = append([]footage.PersonID(nil), good.Agreed...)
		if change(&bad); bad.check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if (PersonReturned{Person: id("a")}).check() == nil || (PersonReturned{Person: id("a"), To: "fire-dept"}).check() != nil {
		t.Error("a return is not as it should be")
	}
}
