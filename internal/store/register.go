package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"porchlight.example/internal/footage"
)

// InsertAgency adds an agency to the register.
func (tx *Tx) InsertAgency(a footage.Agency, since time.Time) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO agency (id, body, since) VALUES ($1, $2, $3)`, a.ID, string(body), micros(since))
	return err
}

// ChangeAgency replaces an agency's description.
func (tx *Tx) ChangeAgency(a footage.Agency) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE agency SET body = $1 WHERE id = $2`, string(body), a.ID)
}

// SetSuspended suspends an agency, or restores it with an empty reason.
func (tx *Tx) SetSuspended(id footage.AgencyID, suspended bool, reason string) error {
	return tx.execOne(`UPDATE agency SET suspended = $1, reason = $2 WHERE id = $3 AND suspended <> $1`, flag(suspended), reason, id)
}

const standingColumns = `SELECT body, since, suspended, reason, verification, desk_since FROM agency`

func scanStanding(r *sql.Rows) (s footage.Standing, err error) {
	var body, verification string
	var since, desk int64
	if err := r.Scan(&body, &since, &s.Suspended, &s.Reason, &verification, &desk); err != nil {
		return s, err
	}
	s.Since, s.DeskSince = fromMicros(since), fromMicros(desk)
	if err := json.Unmarshal([]byte(verification), &s.Verification); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(body), &s.Agency)
}

// Agency returns an agency's standing.
func (tx *Tx) Agency(id footage.AgencyID) (footage.Standing, error) {
	return queryOne(tx, scanStanding, standingColumns+` WHERE id = $1`, id)
}

// Agencies returns the whole register by ID.
func (tx *Tx) Agencies() ([]footage.Standing, error) {
	return queryAll(tx, scanStanding, standingColumns+` ORDER BY id`)
}

// InsertPerson adds a member of staff.
func (tx *Tx) InsertPerson(p footage.Person, created time.Time) error {
	roles, err := json.Marshal(p.Roles)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO person (id, agency, name, roles, disabled, created, seen) VALUES ($1, $2, $3, $4, 0, $5, $6)`,
		p.ID, p.Agency, p.Name, string(roles), micros(created), micros(created.Truncate(24*time.Hour)))
	return err
}

// DisablePerson disables a leaver; people are never deleted.
func (tx *Tx) DisablePerson(id footage.PersonID) error {
	return tx.execOne(`UPDATE person SET disabled = 1 WHERE id = $1 AND disabled = 0`, id)
}

// EnablePerson lets somebody back who was disabled.
func (tx *Tx) EnablePerson(id footage.PersonID) error {
	return tx.execOne(`UPDATE person SET disabled = 0 WHERE id = $1 AND disabled = 1`, id)
}

// SetRoles changes what a person may do.
func (tx *Tx) SetRoles(id footage.PersonID, list []footage.Role) error {
	roles, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE person SET roles = $1 WHERE id = $2`, string(roles), id)
}

// ProposeRank notes a rank that waits for a second person, or none.
func (tx *Tx) ProposeRank(id footage.PersonID, rank footage.Rank, by footage.PersonID) error {
	return tx.execOne(`UPDATE person SET rank_proposed = $1, rank_by = $2 WHERE id = $3`, rank, by, id)
}

// SetRank gives a person a rank; nothing is proposed any more.
func (tx *Tx) SetRank(id footage.PersonID, rank footage.Rank) error {
	return tx.execOne(`UPDATE person SET rank = $1, rank_proposed = '', rank_by = '' WHERE id = $2`, rank, id)
}

// ProposedRanks returns the people whose rank waits for a second person.
func (tx *Tx) ProposedRanks() ([]footage.Person, error) {
	return queryAll(tx, scanPerson, personColumns+` WHERE rank_proposed <> '' AND disabled = 0 ORDER BY created, id`)
}

// SetPersonSeen notes the day of a person's last sign-in.
func (tx *Tx) SetPersonSeen(id footage.PersonID, at time.Time) error {
	_, err := tx.exec(`UPDATE person SET seen = $1 WHERE id = $2`, micros(at.Truncate(24*time.Hour)), id)
	return err
}

// PersonSeen returns the day of a person's last sign-in.
func (tx *Tx) PersonSeen(id footage.PersonID) (time.Time, error) {
	return queryOne(tx, func(r *sql.Rows) (time.Time, error) {
		var seen int64
		err := r.Scan(&seen)
		return fromMicros(seen), err
	}, `SELECT seen FROM person WHERE id = $1`, id)
}

// IdlePeople returns those who are not disabled and were last here before a day. Those of whom it is not known are taken to
// have been here today.
func (tx *Tx) IdlePeople(before, today time.Time) ([]footage.Person, error) {
	if _, err := tx.exec(`UPDATE person SET seen = $1 WHERE seen = 0`, micros(today.Truncate(24*time.Hour))); err != nil {
		return nil, err
	}
	return queryAll(tx, scanPerson, personColumns+` WHERE disabled = 0 AND seen < $1 ORDER BY created, id`, micros(before))
}

// OtherSide returns the people of all agencies for the exchange's own body, and those of the exchange for an agency.
func (tx *Tx) OtherSide(agency footage.AgencyID) ([]footage.Person, error) {
	if agency != "" {
		return tx.People("")
	}
	return queryAll(tx, scanPerson, personColumns+` WHERE agency <> '' ORDER BY created, id`)
}

const personColumns = `SELECT id, agency, name, roles, disabled, suspended, rank, rank_proposed, rank_by FROM person`

func scanPerson(r *sql.Rows) (p footage.Person, err error) {
	var roles string
	if err := r.Scan(&p.ID, &p.Agency, &p.Name, &roles, &p.Disabled, &p.Suspended, &p.Rank, &p.Proposed, &p.ProposedBy); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(roles), &p.Roles)
}

// Person returns a member of staff.
func (tx *Tx) Person(id footage.PersonID) (footage.Person, error) {
	return queryOne(tx, scanPerson, personColumns+` WHERE id = $1`, id)
}

// People returns an agency's staff, or the exchange's own for an empty ID.
func (tx *Tx) People(agency footage.AgencyID) ([]footage.Person, error) {
	return queryAll(tx, scanPerson, personColumns+` WHERE agency = $1 ORDER BY created, id`, agency)
}
