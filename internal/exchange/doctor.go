package exchange

import (
	"context"
	"fmt"
	"slices"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Diagnosis is one thing that must be right before a request can be made.
type Diagnosis struct {
	OK     bool   `json:"ok"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Doctor tells an operator what is still missing before the first request, in the order in which to mend it.
func (x *Exchange) Doctor(ctx context.Context) ([]Diagnosis, error) {
	out := []Diagnosis{{OK: true, Text: fmt.Sprintf("The exchange is %s, its record %s.", x.info.Name, x.info.Origin)}}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		set, err := x.policies(tx)
		out = append(out, Diagnosis{OK: err == nil, Text: fmt.Sprintf("Rules in force: %s.", set), Remedy: "porchlight office policy adopt FILE"})
		if err != nil {
			out[len(out)-1].Text = "The rules in force cannot be used: " + err.Error()
		}
		office, err := diagnoseOffice(tx)
		if err != nil {
			return err
		}
		out = append(out, office...)
		agencies, err := tx.Agencies()
		if err != nil {
			return err
		}
		out = append(out, Diagnosis{OK: len(agencies) > 0, Text: fmt.Sprintf("Agencies in the register: %d.", len(agencies)), Remedy: "porchlight office agency add FILE"})
		own, err := tx.People("")
		if err != nil {
			return err
		}
		moderators, err := enrolled(tx, own, footage.Moderator)
		if err != nil {
			return err
		}
		out = append(out, Diagnosis{OK: moderators > 0, Text: fmt.Sprintf("Enrolled moderators, who alone make requests public: %d.", moderators),
			Remedy: "porchlight office person add --roles moderator NAME, then 'porchlight desk enrol' by that person"})
		for _, a := range agencies {
			one, err := x.diagnose(tx, a)
			if err != nil {
				return err
			}
			out = append(out, one...)
		}
		return nil
	})
	return out, err
}

// diagnoseOffice tells what the exchange itself needs before it can admit an agency.
func diagnoseOffice(tx *store.Tx) ([]Diagnosis, error) {
	operator, err := tx.Operator()
	if err != nil {
		return nil, err
	}
	attestors, err := tx.Attestors()
	if err != nil {
		return nil, err
	}
	independent := 0
	for _, a := range attestors {
		if a.Kind == footage.Independent && a.Withdrawn.IsZero() {
			independent++
		}
	}
	people, err := tx.People("")
	if err != nil {
		return nil, err
	}
	operators, err := enrolled(tx, people, footage.Operator)
	return []Diagnosis{
		{OK: operator.ID != "", Text: "The body that runs the exchange is named.", Remedy: "porchlight office operator ID NAME"},
		{OK: operators > 0, Text: "The exchange has an enrolled operator.", Remedy: "porchlight office person add --roles operator NAME, then that person enrols"},
		{OK: independent > 0, Text: fmt.Sprintf("Independent attestors in the register: %d.", independent), Remedy: "porchlight office attestor add FILE"},
	}, err
}

func (x *Exchange) diagnose(tx *store.Tx, s footage.Standing) ([]Diagnosis, error) {
	id := s.Agency.ID
	people, err := tx.People(id)
	if err != nil {
		return nil, err
	}
	epochs, err := tx.Epochs(id)
	if err != nil {
		return nil, err
	}
	out := []Diagnosis{{OK: !s.Suspended, Text: string(id) + " is not suspended.", Remedy: "porchlight office agency restore " + string(id)}}
	verified := Diagnosis{OK: true, Text: string(id) + " is verified twice."}
	if why := s.Verification.Why(x.now()); why != "" {
		verified = Diagnosis{Text: string(id) + " is not verified twice: " + LapseText(why), Remedy: "porchlight office agency attest FILE, then porchlight office agency approve " + string(id)}
	}
	out = append(out, verified)
	for _, role := range []footage.Role{footage.Officer, footage.Supervisor, footage.Custodian} {
		n, err := enrolled(tx, people, role)
		if err != nil {
			return nil, err
		}
		out = append(out, Diagnosis{OK: n > 0, Text: fmt.Sprintf("%s has an enrolled %s.", id, role),
			Remedy: fmt.Sprintf("porchlight office person add --agency %s --roles %s NAME, then 'porchlight desk enrol' by that person", id, role)})
	}
	return append(out, Diagnosis{OK: len(epochs) > 0, Text: fmt.Sprintf("%s has a sealing key.", id), Remedy: "porchlight desk key new, by a custodian"},
		Diagnosis{OK: twoPeople(people), Text: fmt.Sprintf("%s has two different people who can sign and approve.", id),
			Remedy: fmt.Sprintf("porchlight office person add --agency %s --roles supervisor NAME", id)}), nil
}

// enrolled counts those people who can sign in and act in a role.
func enrolled(tx *store.Tx, people []footage.Person, role footage.Role) (n int, err error) {
	for _, p := range people {
		keys, err := tx.Credentials(p.ID)
		if err != nil {
			return 0, err
		}
		live := slices.ContainsFunc(keys, func(c store.Credential) bool { return !c.Revoked })
		if p.Has(role) && !p.Disabled && p.Suspended == "" && live {
			n++
		}
	}
	return n, nil
}

// twoPeople reports whether an officer and another person as supervisor can be found.
func twoPeople(people []footage.Person) bool {
	active := slices.DeleteFunc(slices.Clone(people), func(p footage.Person) bool { return p.Disabled })
	for _, a := range active {
		for _, b := range active {
			if a.ID != b.ID && a.Has(footage.Officer) && b.Has(footage.Supervisor) {
				return true
			}
		}
	}
	return false
}
