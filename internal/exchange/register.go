package exchange

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// RegisterAgency adds an agency to the register. It is the operator's act, at the machine, and gives it no right yet: an
// attestor's statement and the operator's passkey do ([Exchange.Attest], [Exchange.ApproveAgency]).
func (x *Exchange) RegisterAgency(ctx context.Context, a footage.Agency) error {
	if err := x.checkAgency(a); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error { return x.register(tx, a) })
}

// register enters an agency that was checked.
func (x *Exchange) register(tx *store.Tx, a footage.Agency) error {
	if _, err := tx.Agency(a.ID); err == nil {
		return footage.Coded(footage.Conflict, "agency_exists", "The register holds "+string(a.ID)+" already. Change its entry with 'porchlight office agency change', or choose another ID.")
	}
	if err := notOperator(tx, a); err != nil {
		return err
	}
	_, at, err := x.recordAt(tx, x.now(), ledger.AgencyRegistered{Agency: a})
	if err != nil {
		return err
	}
	if err := tx.InsertAgency(a, at); err != nil {
		return err
	}
	return x.look(tx, a.ID)
}

// notOperator refuses an agency of the body that runs the exchange.
func notOperator(tx *store.Tx, a footage.Agency) error {
	operator, err := tx.Operator()
	if err != nil {
		return err
	}
	if a.Body.Same(operator.ID) {
		return sameBody("The agency is of the body that runs this exchange. An agency cannot run the exchange on which it asks.")
	}
	return nil
}

// Forms of what an agency is known by elsewhere.
var (
	oriForm   = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{7}$`)
	fdidForm  = regexp.MustCompile(`^[A-Z0-9]{5}$`)
	localForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 ./-]{1,38}[A-Z0-9]$`)
)

const states = "AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT MP NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY"

// knownState reports whether two letters are a state's, a territory's or the District's; ZZ is the state of fictional towns.
func knownState(s string, fictional bool) bool {
	return slices.Contains(strings.Fields(states), s) || fictional && s == "ZZ"
}

// oriOfState reports whether an identifier's line is that of a state. Nebraska and Guam have letters of their own there.
func oriOfState(ori, state string) bool {
	line := ori[:2]
	return line == state || line == "NB" && state == "NE" || line == "GM" && state == "GU"
}

// maxDeclared bounds what an agency declares about itself, in characters: it stands in an entry of the record.
const maxDeclared = 4000

func (x *Exchange) checkAgency(a footage.Agency) error {
	if reasons := x.agencyFaults(a); len(reasons) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "agency", Msg: "The agency cannot be registered.", Reasons: reasons}
	}
	return nil
}

// agencyFaults returns everything that keeps a description out of the register.
func (x *Exchange) agencyFaults(a footage.Agency) (reasons []footage.Reason) {
	add := func(bad bool, code, msg string) {
		if bad {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	add(!a.ID.Valid(), "agency_id", "The register ID must have 2 to 63 of a-z, 0-9 and hyphen.")
	add(strings.TrimSpace(a.Name) == "" || !policy.Plain(a.Name, false), "agency_name", "The agency needs a name, in one line.")
	add(!slices.Contains(footage.AgencyTypes(), a.Type), "agency_type", "The agency type is not one that may ask. Federal bodies, state police and private bodies may not.")
	add(!a.Body.Valid(), "agency_body", "The agency needs the ID of the legal body that it is a part of, of 2 to 63 of a-z, 0-9 and hyphen.")
	add(!knownState(a.State, x.info.Fictional), "agency_state", "The state must be its two-letter code.")
	add(len(a.Jurisdiction) == 0, "agency_jurisdiction", "The agency needs a jurisdiction, as GeoJSON polygons.")
	add(a.Contact.Email == "" && a.Contact.Phone == "", "agency_contact", "The agency needs an e-mail address or a telephone number.")
	for _, s := range []string{a.Policies, a.Subsidies, a.TaskForces} {
		add(utf8.RuneCountInString(s) > maxDeclared || !policy.Plain(s, true), "agency_declared", "Each declaration may have 4,000 characters of plain text.")
	}
	reasons = append(reasons, checkNumbers(a)...)
	return append(reasons, outlineFaults(a.Jurisdiction)...)
}

// outlineFaults says what is wrong with the polygons of a jurisdiction, each fault once however many have it.
func outlineFaults(outline []footage.Area) (reasons []footage.Reason) {
	for _, area := range outline {
		_, err := geo.CompileBoundary(area)
		var own *footage.Error
		switch {
		case err == nil:
		case errors.As(err, &own) && len(own.Reasons) > 0:
			for _, r := range own.Reasons {
				if !slices.ContainsFunc(reasons, func(known footage.Reason) bool { return known.Code == r.Code }) {
					reasons = append(reasons, r)
				}
			}
		default:
			reasons = append(reasons, footage.Reason{Code: "agency_jurisdiction", Msg: "A polygon of the jurisdiction is not usable: " + err.Error()})
		}
	}
	return reasons
}

// checkNumbers checks by what an agency is known elsewhere. That a number has the right form proves nothing: an attestor looks it
// up.
func checkNumbers(a footage.Agency) (reasons []footage.Reason) {
	add := func(bad bool, code, msg string) {
		if bad {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	add(a.ORI == "" && a.FDID == "" && a.LocalID == "", "agency_number", "The agency needs an ORI, an FDID or its number in a register of the state or county.")
	ori := oriForm.MatchString(a.ORI)
	add(policy.FederalORI(a.ORI), "agency_federal", "This ORI belongs to a federal body. Federal bodies may not ask.")
	add(a.ORI != "" && !ori, "agency_ori", "An ORI has nine characters: two letters, then seven letters or digits.")
	add(ori && !policy.FederalORI(a.ORI) && !oriOfState(a.ORI, a.State), "agency_ori", "The ORI belongs to another state than the agency.")
	add(a.FDID != "" && !fdidForm.MatchString(a.FDID), "agency_fdid", "An FDID has five letters or digits.")
	add(a.FDID != "" && !a.Type.Fire(), "agency_fdid", "Only a fire service or a fire marshal has an FDID.")
	add(a.LocalID != "" && !localForm.MatchString(a.LocalID), "agency_local_id", "A local number has 3 to 40 capital letters, digits, spaces, stops, slashes and hyphens.")
	add(policy.FederalORI(a.LocalID), "agency_federal", "This number has the form of a federal body's ORI. Federal bodies may not ask.")
	return reasons
}

// ChangeAgency replaces what the register says of an agency. Its requests that are public keep the words that were signed;
// drafts that name the old description must be written anew. Both verifications speak of one description: they end with it,
// and what is open is paused until they are given anew.
func (x *Exchange) ChangeAgency(ctx context.Context, a footage.Agency) error {
	if err := x.checkAgency(a); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		old, err := registered(tx, a.ID)
		if err != nil {
			return err
		}
		if reflect.DeepEqual(old.Agency, a) {
			return footage.E(footage.Conflict, "The register says just this of "+string(a.ID)+" already.")
		}
		if err := notOperator(tx, a); err != nil {
			return err
		}
		if err := tx.ChangeAgency(a); err != nil {
			return err
		}
		if _, err = x.record(tx, ledger.AgencyChanged{Agency: a}); err != nil {
			return err
		}
		return x.look(tx, a.ID)
	})
}

// registered returns an agency's standing, or an error that names what was looked for.
func registered(tx *store.Tx, id footage.AgencyID) (footage.Standing, error) {
	s, err := tx.Agency(id)
	if errors.Is(err, footage.NotFound) {
		return s, footage.E(footage.NotFound, fmt.Sprintf("The register holds no agency %q. 'porchlight office agency list' shows those that it holds.", id))
	}
	return s, err
}

// Agencies returns the register.
func (x *Exchange) Agencies(ctx context.Context) (all []footage.Standing, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Agencies()
		return err
	})
	return all, err
}

// place is an agency's jurisdiction with what it was compiled from.
type place struct {
	areas   []footage.Area
	regions []*geo.Region
}

// jurisdiction returns an agency's compiled polygons.
func (x *Exchange) jurisdiction(a footage.Agency) ([]*geo.Region, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if known, ok := x.places[a.ID]; ok && reflect.DeepEqual(known.areas, a.Jurisdiction) { // the office may have changed it
		return known.regions, nil
	}
	var regions []*geo.Region
	for _, area := range a.Jurisdiction {
		r, err := geo.CompileBoundary(area)
		if err != nil {
			return nil, fmt.Errorf("jurisdiction of %s: %w", a.ID, err)
		}
		regions = append(regions, r)
	}
	x.places[a.ID] = place{a.Jurisdiction, regions}
	return regions, nil
}
