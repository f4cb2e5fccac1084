package demo

import (
	"context"
	"fmt"
	"os"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

// member is one of the town's staff.
type member struct {
	desk   string // name of the folder of their desk
	name   string
	agency footage.AgencyID
	role   footage.Role
}

func staff() []member {
	return []member{
		{"police-officer", "Dana Whitcomb", town.Police, footage.Officer},
		{"police-supervisor", "Luis Ortega", town.Police, footage.Supervisor},
		{"police-custodian", "Priya Raman", town.Police, footage.Custodian},
		{"fire-officer", "Sam Kowalski", town.Fire, footage.Officer},
		{"fire-supervisor", "Ruth Adeyemi", town.Fire, footage.Supervisor},
		{"fire-custodian", "Tom Halloran", town.Fire, footage.Custodian},
		{"moderator", "Noor Haddad", "", footage.Moderator},
	}
}

// agencies registers the town's agencies and enrols their people and the exchange's moderator, each at a desk of their own; then each agency's custodian
// makes its sealing key and puts the recovery sheet away.
func (d *Demo) agencies(ctx context.Context) error {
	for _, a := range town.Agencies() {
		if err := d.node.Exchange.RegisterAgency(ctx, a); err != nil {
			return err
		}
	}
	for _, m := range staff() {
		if err := d.enrol(ctx, m); err != nil {
			return fmt.Errorf("enrol the %s: %w", m.desk, err)
		}
	}
	for _, id := range []footage.AgencyID{town.Police, town.Fire} {
		if err := d.sealingKey(ctx, id); err != nil {
			return fmt.Errorf("make the sealing key of %s: %w", id, err)
		}
	}
	return nil
}

func (d *Demo) enrol(ctx context.Context, m member) error {
	_, token, err := d.node.Exchange.InvitePerson(ctx, m.agency, m.name, m.role)
	if err != nil {
		return err
	}
	_, err = desk.Enrol(ctx, d.deskOptions(m.desk), d.base, token)
	return err
}

func (d *Demo) sealingKey(ctx context.Context, id footage.AgencyID) error {
	if err := os.MkdirAll(d.path(sheetsDir), 0o700); err != nil {
		return err
	}
	custodian, err := d.desk(ctx, id, footage.Custodian)
	if err != nil {
		return err
	}
	_, err = custodian.NewKey(ctx, desk.KeepIn(d.sheet(id)))
	return err
}

// sheet is where an agency's recovery sheet lies.
func (d *Demo) sheet(id footage.AgencyID) string { return d.path(sheetsDir, string(id)+".txt") }

func (d *Demo) deskOptions(name string) desk.Options {
	return desk.Options{Dir: d.path(desksDir, name), Verifier: d.node.Exchange.Info().LogVerifier, Now: d.opts.Now, Software: "porchlight demo"}
}

// desk opens the desk of a member of an agency, or of the exchange for an empty ID, and signs in.
func (d *Demo) desk(ctx context.Context, id footage.AgencyID, role footage.Role) (*desk.Desk, error) {
	for _, m := range staff() {
		if m.agency != id || m.role != role {
			continue
		}
		out, err := desk.Open(d.deskOptions(m.desk))
		if err != nil {
			return nil, err
		}
		_, err = out.Login(ctx)
		return out, err
	}
	return nil, footage.E(footage.NotFound, "The town has no such member of staff.")
}
