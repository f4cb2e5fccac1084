package exchange

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// A digest tells an agency's supervisors what its people did in a week. It is made from what is kept anyway, when somebody reads
// it: of footage from the custody chains, in which every access stands. Only the agency's own acts are in it, so that it tells of
// residents no more than the inbox does, and nobody of the exchange reads it.

// Deed is what somebody of an agency did.
type Deed string

// The deeds in a digest. Those about footage are named as the custody event is.
const (
	DeedDrafted    Deed = "drafted"     // a request
	DeedPublished  Deed = "published"   // one, which the second person approved
	DeedUpdated    Deed = "updated"     // one
	DeedPasskey    Deed = "passkey"     // was made, with which one signs in from another device
	DeedEpoch      Deed = "epoch"       // a new sealing key
	DeedKeyWaiting Deed = "key_waiting" // two agreed to a key that does not count yet
)

// DigestLine is one deed.
type DigestLine struct {
	At     time.Time
	Who    string // name
	Second string // name of who approved it or agreed; empty: nobody had to
	Deed   Deed
	About  string // the share's or the request's ID, the number of a key
}

// Digest is a week of an agency, from Monday to Monday, UTC.
type Digest struct {
	From, To                time.Time
	Footage, Requests, Keys []DigestLine // the oldest first
}

// digestHour and digestDay are when supervisors are told that the last week's digest is there: always, whatever it says.
const (
	digestHour = officeHour
	digestDay  = time.Monday
)

// weekBefore returns the begin of the week that was over last, and of those before it.
func weekBefore(now time.Time, back int) time.Time {
	day := now.UTC().Truncate(24 * time.Hour)
	since := (int(day.Weekday()) - int(digestDay) + 7) % 7
	return day.AddDate(0, 0, -since-7*(back+1))
}

// digestIsThere reports whether a supervisor is told, on a tick, that the last week's digest can be read.
func digestIsThere(p footage.Person, tick time.Time) bool {
	return tick.Weekday() == digestDay && tick.Hour() == digestHour && p.Has(footage.Supervisor) && !p.Disabled
}

// Digest returns what the people of a supervisor's agency did in the last week that is over, or so many weeks before it.
func (x *Exchange) Digest(ctx context.Context, caller footage.PersonID, back int) (d Digest, err error) {
	if back < 0 || back > 52 {
		return d, footage.E(footage.Invalid, "Name a week of the last year.")
	}
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Supervisor)
		if err != nil {
			return err
		}
		d = Digest{From: weekBefore(x.now(), back)}
		d.To = d.From.AddDate(0, 0, 7)
		people, err := tx.People(p.Agency)
		if err != nil {
			return err
		}
		names := map[footage.PersonID]string{}
		for _, p := range people {
			names[p.ID] = p.Name
		}
		for _, add := range []func(*store.Tx, footage.AgencyID, *Digest, map[footage.PersonID]string) error{x.digestFootage, x.digestRequests, x.digestKeys} {
			if err := add(tx, p.Agency, &d, names); err != nil {
				return err
			}
		}
		for _, lines := range [][]DigestLine{d.Footage, d.Requests, d.Keys} {
			slices.SortStableFunc(lines, func(a, b DigestLine) int { return cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()) })
		}
		return nil
	})
	return d, err
}

func (d Digest) holds(at time.Time) bool { return !at.Before(d.From) && at.Before(d.To) }

// digestFootage tells of every access to footage by the agency's people, and of what they decided about it.
func (x *Exchange) digestFootage(tx *store.Tx, agency footage.AgencyID, d *Digest, names map[footage.PersonID]string) error {
	devices, err := tx.Custodians(agency)
	if err != nil {
		return err
	}
	owner := map[string]string{}
	for _, c := range devices {
		owner[string(c.Key.ID)] = names[c.Key.Person]
	}
	events, err := tx.AgencyEvents(agency, d.From, d.To)
	for _, e := range events {
		if e.Party == footage.PartyAgency {
			d.Footage = append(d.Footage, DigestLine{At: e.At, Who: owner[e.Signer], Deed: Deed(e.Kind), About: string(e.Share)})
		}
	}
	return err
}

func (x *Exchange) digestRequests(tx *store.Tx, agency footage.AgencyID, d *Digest, names map[footage.PersonID]string) error {
	requests, err := tx.AgencyRequests(agency)
	if err != nil {
		return err
	}
	name := func(a *footage.Assertion) (string, error) { // who approved may be lent by another agency
		if a == nil || names[a.Person] != "" {
			return names[personIn(a)], nil
		}
		p, err := tx.Person(a.Person)
		return p.Name, err
	}
	for _, q := range requests {
		if d.holds(q.Created) {
			d.Requests = append(d.Requests, DigestLine{At: q.Created, Who: names[q.Author], Deed: DeedDrafted, About: string(q.ID)})
		}
		if d.holds(q.Published) {
			second, err := name(q.Supervisor)
			if err != nil {
				return err
			}
			d.Requests = append(d.Requests, DigestLine{At: q.Published, Who: names[personIn(q.Officer)], Second: second, Deed: DeedPublished, About: string(q.ID)})
		}
		updates, err := tx.Updates(q.ID)
		if err != nil {
			return err
		}
		for _, u := range updates {
			if d.holds(u.Published) && u.Author != "" { // what the clock ended has no author
				d.Requests = append(d.Requests, DigestLine{At: u.Published, Who: names[u.Author], Deed: DeedUpdated, About: string(q.ID)})
			}
		}
	}
	return nil
}

func personIn(a *footage.Assertion) footage.PersonID {
	if a == nil {
		return ""
	}
	return a.Person
}

// digestKeys tells of new passkeys, of sealing keys, and of changes that wait.
func (x *Exchange) digestKeys(tx *store.Tx, agency footage.AgencyID, d *Digest, names map[footage.PersonID]string) error {
	for id, name := range names {
		made, err := x.accounts.Devices(tx, id)
		if err != nil {
			return err
		}
		for _, c := range made {
			if d.holds(c.Created) {
				d.Keys = append(d.Keys, DigestLine{At: c.Created, Who: name, Deed: DeedPasskey})
			}
		}
	}
	epochs, err := tx.Epochs(agency)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		if d.holds(e.Opened) {
			d.Keys = append(d.Keys, DigestLine{At: e.Opened, Deed: DeedEpoch, About: strconv.Itoa(e.Number)})
		}
	}
	changes, err := tx.KeyChanges()
	for _, k := range changes {
		if announced := k.Counts.Add(-x.delay()); k.Agency == agency && !k.Counts.IsZero() && d.holds(announced) {
			d.Keys = append(d.Keys, DigestLine{At: announced, Who: names[k.Person], Second: names[k.Agreed], Deed: DeedKeyWaiting})
		}
	}
	return err
}
