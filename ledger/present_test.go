package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"porchlight.example/internal/footage"
)

// TestPresentHash: the hash, which is made of what changed alone, is that of the document, wherever a seeded walk through the
// kinds of entries comes to, and at any time.
func TestPresentHash(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var p Present
		at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
		for step := range 300 {
			if err := p.Take(walk(r, at)); err != nil {
				t.Fatal(err)
			}
			at = at.Add(time.Duration(r.IntN(30)) * time.Hour)
			if r.IntN(3) > 0 {
				continue
			}
			got, err := p.Hash(at)
			if err != nil {
				t.Fatal(err)
			}
			if want, err := HashJSON(p.Document(at)); err != nil || got != want {
				t.Fatalf("seed %d, step %d: the hash is not that of the document (%v)", seed, step, err)
			}
		}
	}
}

// walk returns a fact about one of a few agencies, people and requests.
func walk(r *rand.Rand, at time.Time) Fact {
	a := footage.Agency{ID: footage.AgencyID(fmt.Sprintf("agency-%d", r.IntN(4))), Name: "Ä <&> " + fmt.Sprint(r.IntN(3)), Body: "town"}
	person, request := footage.PersonID(fmt.Sprintf("p-%d", r.IntN(9))), footage.RequestID(footage.Hash([]byte{byte(r.IntN(20))}))
	description, _ := footage.DescriptionHash(a)
	statement := footage.Attestation{Attestor: "league", Agency: a.ID, Description: description, Expires: at.AddDate(0, 0, r.IntN(30))}
	return []Fact{
		OperatorNamed{Body: footage.Body{ID: "county"}}, AttestorRegistered{Attestor: footage.Attestor{ID: "league", Body: "league", Kind: footage.Independent}},
		AgencyRegistered{Agency: a}, AgencyChanged{Agency: a}, AgencySuspended{Agency: a.ID}, AgencyRestored{Agency: a.ID}, AgencyPaused{Agency: a.ID}, AgencyResumed{Agency: a.ID},
		AgencyAttested{Attestation: statement}, AgencyAttested{Attestation: statement},
		AgencyApproved{Approval: footage.Approval{Agency: a.ID, Operator: "county", Description: description, Expires: at.AddDate(0, 0, r.IntN(40))}},
		AgencyApproved{Approval: footage.Approval{Agency: a.ID, Operator: "county", Description: description, Expires: at.AddDate(0, 0, r.IntN(40))}},
		AgencyUnapproved{Agency: a.ID}, EpochOpened{Epoch: footage.Epoch{Agency: a.ID, Number: r.IntN(5)}},
		PersonEnrolled{Person: person}, PersonDisabled{Person: person}, PersonSuspended{Person: person}, PersonRestored{Person: person},
		RequestPublished{Request: request}, RequestUpdated{Request: request, Update: description, Change: footage.Amended},
		RequestUpdated{Request: request, Update: description, Change: footage.Resolved}, RequestClosed{Request: request},
		PolicyAdopted{Name: fmt.Sprint(r.IntN(3)), SHA256: description, InForce: at.Add(time.Duration(r.IntN(90)) * time.Hour)}, CustodyRoot{}, State{},
	}[r.IntN(25)]
}
