package exchange

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// RegisterAgency adds an agency to the register. It is the operator's act, at the machine.
//
// Attestation by an independent body and the operator's passkey come with the register of attestors; they will be
// conditions here and in [Exchange.Publish], not another way in.
func (x *Exchange) RegisterAgency(ctx context.Context, a footage.Agency) error {
	if err := checkAgency(a); err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Agency(a.ID); err == nil {
			return footage.Coded(footage.Conflict, "agency_exists", "The register holds "+string(a.ID)+" already. Change its entry with 'porchlight office agency change', or choose another ID.")
		}
		_, at, err := x.recordAt(tx, x.now(), ledger.AgencyRegistered{Agency: a})
		if err != nil {
			return err
		}
		return tx.InsertAgency(a, at)
	})
}

func checkAgency(a footage.Agency) error {
	var reasons []footage.Reason
	add := func(bad bool, code, msg string) {
		if bad {
			reasons = append(reasons, footage.Reason{Code: code, Msg: msg})
		}
	}
	known := false
	for _, t := range footage.AgencyTypes() {
		known = known || t == a.Type
	}
	add(!a.ID.Valid(), "agency_id", "The register ID must have 2 to 63 of a-z, 0-9 and hyphen.")
	add(strings.TrimSpace(a.Name) == "", "agency_name", "The agency needs a name.")
	add(!known, "agency_type", "The agency type is not one that may ask. Federal bodies, state police and private bodies may not.")
	add(len(a.State) != 2, "agency_state", "The state must be its two-letter code.")
	add(policy.FederalORI(a.ORI), "agency_federal", "This ORI belongs to a federal body. Federal bodies may not ask.")
	add(len(a.Jurisdiction) == 0, "agency_jurisdiction", "The agency needs a jurisdiction, as GeoJSON polygons.")
	add(a.Contact.Email == "" && a.Contact.Phone == "", "agency_contact", "The agency needs an e-mail address or a telephone number.")
	for _, area := range a.Jurisdiction {
		if _, err := geo.CompileBoundary(area); err != nil {
			add(true, "agency_jurisdiction", "A polygon of the jurisdiction is not usable: "+err.Error())
		}
	}
	if len(reasons) > 0 {
		return &footage.Error{Kind: footage.Invalid, Code: "agency", Msg: "The agency cannot be registered.", Reasons: reasons}
	}
	return nil
}

// ChangeAgency replaces what the register says of an agency. Its requests that are public keep the words that were signed;
// drafts that name the old description must be written anew.
func (x *Exchange) ChangeAgency(ctx context.Context, a footage.Agency) error {
	if err := checkAgency(a); err != nil {
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
		if err := tx.ChangeAgency(a); err != nil {
			return err
		}
		_, err = x.record(tx, ledger.AgencyChanged{Agency: a})
		return err
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

// SuspendAgency stops an agency at once; the reason is public. Its open requests take no more shares.
func (x *Exchange) SuspendAgency(ctx context.Context, id footage.AgencyID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return footage.E(footage.Invalid, "A suspension needs a reason, which the register shows.")
	}
	return x.setSuspended(ctx, id, true, reason, ledger.AgencySuspended{Agency: id, Reason: footage.Hash([]byte(reason))})
}

// RestoreAgency ends a suspension.
func (x *Exchange) RestoreAgency(ctx context.Context, id footage.AgencyID) error {
	return x.setSuspended(ctx, id, false, "", ledger.AgencyRestored{Agency: id})
}

func (x *Exchange) setSuspended(ctx context.Context, id footage.AgencyID, suspended bool, reason string, fact ledger.Fact) error {
	return x.write(ctx, func(tx *store.Tx) error {
		s, err := registered(tx, id)
		if err != nil {
			return err
		}
		if s.Suspended == suspended {
			return footage.E(footage.Conflict, string(id)+map[bool]string{true: " is suspended already: " + s.Reason, false: " is not suspended."}[suspended])
		}
		if err := tx.SetSuspended(id, suspended, reason); err != nil {
			return err
		}
		_, err = x.record(tx, fact)
		return err
	})
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
