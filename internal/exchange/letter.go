package exchange

import (
	"context"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/mail"
	"porchlight.example/internal/store"
)

// Letters go out on fixed ticks, whatever came in when, and say nothing of what waits or how much.
const (
	letterTick  = 4 * time.Hour
	letterKept  = 2 * letterTick
	letterBatch = 20
)

// SetMailAddress stores where the caller wants to be told that work waits; empty ends it.
func (x *Exchange) SetMailAddress(ctx context.Context, caller footage.PersonID, address string) error {
	if address != "" {
		var err error
		if address, err = mail.Address(address); err != nil {
			return err
		}
	}
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := x.staff(tx, caller, footage.Roles()...); err != nil {
			return err
		}
		return tx.SetMailAddress(caller, address)
	})
}

// MailAddress returns the caller's own address, or "".
func (x *Exchange) MailAddress(ctx context.Context, caller footage.PersonID) (address string, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		address, err = tx.MailAddress(caller)
		return err
	})
	return address, err
}

// WriteLetters writes, once on each tick, a letter to everybody for whom work waits.
func (x *Exchange) WriteLetters(ctx context.Context) error {
	tick := x.now().Truncate(letterTick)
	return x.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SweepLetters(tick.Add(-letterKept)); err != nil {
			return err
		}
		readers, err := tx.MailReaders()
		if err != nil {
			return err
		}
		office, err := officeWork(tx, tick)
		if err != nil {
			return err
		}
		for _, id := range readers {
			p, err := tx.Person(id)
			if err != nil {
				return err
			}
			waits, err := workWaits(tx, p, office)
			if err != nil {
				return err
			}
			waits = waits || digestIsThere(p, tick)
			if waits {
				if err := x.letter(tx, id, tick, false); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (x *Exchange) letter(tx *store.Tx, to footage.PersonID, tick time.Time, urgent bool) error {
	id := footage.NewID(x.random("letter", fmt.Sprint(to, tick.UnixMicro(), urgent)), "e")
	return tx.InsertLetter(store.Letter{ID: id, Person: to, Tick: tick, Urgent: urgent, Due: x.now()})
}

// workWaits reports whether there is something that the person can do.
func workWaits(tx *store.Tx, p footage.Person, office officeTasks) (bool, error) {
	for role, look := range map[footage.Role]func() (bool, error){
		footage.Moderator: func() (bool, error) {
			all, err := tx.WaitingCases()
			if err != nil || len(all) > 0 {
				return len(all) > 0, err
			}
			complaints, err := tx.WaitingComplaints(1)
			return len(complaints) > 0, err
		},
		footage.Custodian: func() (bool, error) { return tx.SharesWait(p.Agency) },
		footage.Supervisor: func() (bool, error) {
			if slices.Contains(office.owing, p.Agency) {
				return true, nil
			}
			return tx.RequestsWait(p.Agency, footage.Signed, footage.Approved)
		},
		footage.Officer:     func() (bool, error) { return tx.RequestsWait(p.Agency, footage.StatusHeld, footage.StatusRefused) },
		footage.Operator:    func() (bool, error) { return office.applications || len(office.ending) > 0, nil },
		footage.AgencyAdmin: func() (bool, error) { return slices.Contains(office.ending, p.Agency), nil },
	} {
		if p.Disabled || !p.Has(role) {
			continue
		}
		if waits, err := look(); waits || err != nil {
			return waits, err
		}
	}
	return false, nil
}

// The office's own work is told of once a day, on the tick that begins at this hour: morning in most of the United States.
const officeHour = 16 // UTC

// remindedDays are the whole days that are left of a verification when those who renew it are told.
func remindedDays() []int { return []int{60, 30, 7, 1} }

// officeTasks is what the operator can do, an agency's administrator can ask for and its supervisors must say.
type officeTasks struct {
	applications bool               // some wait
	ending       []footage.AgencyID // whose verifications end in one of the numbers of days
	owing        []footage.AgencyID // that must say within owedSoon what came of a request, or are late
}

// owedSoon is how long before its last day a word that is owed after a request is told of.
const owedSoon = 7 * 24 * time.Hour

// officeWork finds what is told of on a tick; nothing but on the day's own.
func officeWork(tx *store.Tx, tick time.Time) (out officeTasks, err error) {
	if tick.Hour() != officeHour {
		return out, nil
	}
	waiting, err := tx.ApplicationsWaiting()
	if err != nil {
		return out, err
	}
	out.applications = waiting > 0
	for _, days := range remindedDays() {
		from := tick.AddDate(0, 0, days)
		ending, err := tx.AgenciesEnding(from, from.AddDate(0, 0, 1))
		if err != nil {
			return out, err
		}
		out.ending = append(out.ending, ending...)
	}
	out.owing, err = tx.AgenciesOwing(tick.Add(owedSoon).UTC().Format(time.DateOnly))
	return out, err
}

// page writes to every moderator who has given an address, at once: somebody is missing.
func (x *Exchange) page(tx *store.Tx) error {
	people, err := tx.People("")
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Disabled || !p.Has(footage.Moderator) {
			continue
		}
		if address, err := tx.MailAddress(p.ID); err != nil || address == "" {
			if err != nil {
				return err
			}
			continue
		}
		if err := x.letter(tx, p.ID, x.now(), true); err != nil {
			return err
		}
	}
	return nil
}

// SendLetters delivers the letters whose time has come. One that cannot be delivered is kept and tried again, sooner when it
// is urgent; nothing else waits for it.
func (x *Exchange) SendLetters(ctx context.Context, post mail.Post) error {
	var due []store.Letter
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueLetters(x.now(), letterBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("find letters: %w", err)
	}
	for _, l := range due {
		failed := post.Deliver(ctx, x.written(l))
		err := x.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			if failed == nil {
				return tx.LetterSent(l.ID)
			}
			return tx.LetterFailed(l.ID, x.now().Add(pause(l)))
		})
		if err != nil {
			return fmt.Errorf("note a letter: %w", err)
		}
		if failed != nil {
			return nil // the server does not take letters now: the others wait for the next run
		}
	}
	return nil
}

// pause grows from a minute to an hour; an urgent letter is tried each minute.
func pause(l store.Letter) time.Duration {
	if l.Urgent {
		return time.Minute
	}
	return min(time.Hour, time.Minute<<min(l.Tries, 6))
}

// written is a letter's text, in both languages, which says nothing of what waits.
func (x *Exchange) written(l store.Letter) mail.Letter {
	at := x.info.RP.Origin + "/staff/"
	out := mail.Letter{ID: l.ID, To: l.Address, Subject: x.info.Name + ": work waits / hay trabajo pendiente",
		Body: "Work waits for you. Sign in to see it.\nHay trabajo pendiente. Inicie sesión para verlo.\n\n" + at + "\n\n" +
			"This letter says nothing of what waits or how much, and is sent at fixed times.\nEsta carta no dice qué espera ni cuánto, y se envía a horas fijas.\n"}
	if l.Urgent {
		out.Subject = x.info.Name + ": URGENT, a moderator is needed / URGENTE, hace falta un moderador"
		out.Body = "An urgent request waits for a moderator. Nothing is published until one has decided.\n" +
			"Una solicitud urgente espera a un moderador. Nada se publica hasta que alguien decida.\n\n" + at + "moderation\n"
	}
	return out
}
