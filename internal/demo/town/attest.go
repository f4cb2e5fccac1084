package town

import (
	"time"

	"porchlight.example/internal/footage"
)

// The attestors of the town's exchange.
const (
	League footage.AttestorID = "lakes-league"
	Beacon footage.AttestorID = "beacon-evidence"
)

// Operator is the body that runs the town's exchange. No agency is a part of it.
func Operator() footage.Body {
	return footage.Body{ID: "lantern-county-clerk", Name: "Lantern County Clerk's Office"}
}

// Attestors returns the bodies that vouch in the town, without their keys: an independent one and a partner platform.
func Attestors() []footage.Attestor {
	return []footage.Attestor{
		{ID: League, Name: "Lakes League of Towns", Body: "lakes-league-of-towns", Kind: footage.Independent},
		{ID: Beacon, Name: "Beacon Evidence", Body: "beacon-evidence-inc", Kind: footage.Partner},
	}
}

// Statement returns what an attestor of the town says of an agency at a time, for a year, unsigned.
func Statement(by footage.AttestorID, exchange string, a footage.Agency, now time.Time) (footage.Attestation, error) {
	issued := now.UTC().Truncate(time.Second)
	description, err := footage.DescriptionHash(a)
	checks := []footage.Check{
		{Kind: footage.RegisterMatch, On: issued.Add(-time.Hour), Source: "Register of public bodies of the state of ZZ"},
		{Kind: footage.CallBack, On: issued.Add(-time.Hour), Source: "Number in the state's directory of public offices"},
	}
	if by == Beacon {
		checks = []footage.Check{{Kind: footage.Letter, On: issued.Add(-time.Hour), Source: "Contract with the agency"}}
	}
	return footage.Attestation{Type: footage.AttestationType, Exchange: exchange, Attestor: by, Agency: a.ID, Description: description,
		Checks: checks, By: "Deputy secretary", Issued: issued, Expires: footage.YearAfter(issued)}, err
}
