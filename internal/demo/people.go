package demo

import (
	"context"
	"fmt"
	"os"

	"porchlight.example/internal/attest"
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

// operatorDesk is the folder of the exchange's own operator.
const operatorDesk = "exchange-operator"

// office names the body that runs the exchange, enrols its operator, and admits the town's agencies: an independent attestor
// vouches for each, the operator approves it with a passkey, and a partner platform says that it knows them, which counts for
// nothing by itself.
func (d *Demo) office(ctx context.Context) error {
	x := d.node.Exchange
	if err := x.NameOperator(ctx, town.Operator()); err != nil {
		return err
	}
	if err := d.enrol(ctx, member{desk: operatorDesk, name: "Nora Lindqvist", role: footage.Operator}); err != nil {
		return err
	}
	operator, err := desk.Open(d.deskOptions(operatorDesk))
	if err != nil {
		return err
	}
	for _, a := range town.Agencies() {
		if err := x.RegisterAgency(ctx, a); err != nil {
			return err
		}
	}
	for _, a := range town.Attestors() {
		if err := d.vouch(ctx, a); err != nil {
			return err
		}
	}
	for _, a := range town.Agencies() {
		if _, err := operator.ApproveAgency(ctx, a.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// vouch registers an attestor with a new key, which it keeps, and files its statements about the town's agencies.
func (d *Demo) vouch(ctx context.Context, by footage.Attestor) error {
	key, err := attest.NewKey()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path(attestorsDir), 0o700); err != nil {
		return err
	}
	if err := key.Save(d.path(attestorsDir, string(by.ID)+".json")); err != nil {
		return err
	}
	by.Key = key.Public()
	if err := d.node.Exchange.RegisterAttestor(ctx, by); err != nil {
		return err
	}
	for _, a := range town.Agencies() {
		says, err := town.Statement(by.ID, d.node.Exchange.Info().Origin, a, d.opts.Now())
		if err != nil {
			return err
		}
		signed, err := key.Make(attest.Statement{Exchange: says.Exchange, Attestor: by.ID, Agency: a, Checks: says.Checks, By: says.By, Kind: by.Kind}, d.opts.Now())
		if err != nil {
			return err
		}
		if err := d.node.Exchange.Attest(ctx, a.ID, signed); err != nil {
			return err
		}
	}
	return nil
}

// agencies admits the town's agencies and enrols their people, each at a desk of their own; then each agency's custodian
// makes its sealing key and puts the recovery sheet away.
func (d *Demo) agencies(ctx context.Context) error {
	if err := d.office(ctx); err != nil {
		return fmt.Errorf("set up the office: %w", err)
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

// visitors invites whoever tries the demonstration into three roles: each link lets one person make a passkey of their own in a
// browser, so that a request can be written, approved and cleared by hand.
func (d *Demo) visitors(ctx context.Context) error {
	if err := os.MkdirAll(d.path(visitorsDir), 0o700); err != nil {
		return err
	}
	for _, m := range []member{{name: "Visiting officer", agency: town.Police, role: footage.Officer}, {name: "Visiting supervisor", agency: town.Police, role: footage.Supervisor},
		{name: "Visiting moderator", role: footage.Moderator}} {
		_, token, err := d.node.Exchange.InvitePerson(ctx, m.agency, m.name, m.role)
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.invitation(m.role), []byte(d.base+"/staff/join#"+token+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// invitation is where the link for a visitor of the role lies.
func (d *Demo) invitation(role footage.Role) string { return d.path(visitorsDir, string(role)+".txt") }

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
