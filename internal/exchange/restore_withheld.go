package exchange

import (
	"errors"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// lostReference stands in the place of the reference of an order that a restore could not bring back.
const lostReference = "(lost in a restore)"

// ahead notes which texts the entries that will be replayed withhold, so that what was published and withheld since the backup
// is not looked for.
func (b *restore) ahead(seen ledger.Tree, from int64) error {
	b.withheld = map[footage.RequestID]ledger.DocumentWithheld{}
	for raw, err := range ledger.Entries(b.ctx, b.objects, seen, from, seen.Size) {
		if err != nil {
			return err
		}
		entry, err := ledger.DecodeEntry(raw)
		if err != nil {
			return err
		}
		if entry.Kind != ledger.KindDocumentWithheld {
			continue
		}
		fact, err := entry.Fact()
		if err != nil {
			return err
		}
		w := fact.(ledger.DocumentWithheld)
		b.withheld[w.Request] = w
	}
	return nil
}

// withholdAgain does what an entry says that withholds a text: the backup is older and still holds it.
func (b *restore) withholdAgain(tx *store.Tx, e replayed, f ledger.DocumentWithheld) (lost string, err error) {
	reference := lostReference
	old, err := tx.Withholding(f.Request)
	switch {
	case errors.Is(err, footage.NotFound):
		lost = referenceLost(f.Request)
	case err != nil:
		return "", err
	default: // it was proposed when the backup was made
		reference = old.Reference
		if err := tx.DropWithholding(f.Request); err != nil {
			return "", err
		}
	}
	w := store.Withholding{Body: f.Withholding, Assertions: f.Assertions, Reference: reference, Proposed: f.Withholding.Signed, Withheld: e.at, LogIndex: e.index}
	return lost, errors.Join(tx.InsertWithholding(w), tx.WithholdRequest(f.Request), b.forgetComplaints(tx, f.Withholding.Complaints))
}

// forgetComplaints forgets again what complaints say that were withheld with a text.
func (b *restore) forgetComplaints(tx *store.Tx, ids []footage.ComplaintID) error {
	for _, id := range ids {
		if err := tx.ForgetComplaint(id); err != nil {
			return err
		}
	}
	return nil
}

// publishWithheld notes a request of which the backup knows nothing, or a draft, and whose text is withheld by a later entry: who asked, when,
// and how much.
func (b *restore) publishWithheld(tx *store.Tx, e replayed, f ledger.RequestPublished, w ledger.DocumentWithheld, draft bool) (lost string, err error) {
	if draft {
		if err := tx.DropDraft(f.Request); err != nil {
			return "", err
		}
	}
	span := footage.Window{From: e.at, To: e.at.Add(time.Duration(w.Withholding.Seconds) * time.Second)}
	q := store.Request{ID: f.Request, Agency: f.Agency, Status: footage.InModeration, Document: []byte{}, CaseKey: LostCase + string(f.Request), Code: store.WithheldCode + string(f.Request),
		Author: w.Assertions[0].Person, Created: e.at, Closes: e.at, Window: span, SquareMetres: w.Withholding.SquareMetres, Head: string(f.Request)}
	if err := tx.InsertRequest(q); err != nil {
		return "", err
	}
	return fmt.Sprintf("The request %s of %s was published and its text withheld since the backup; where it lay, for the rules against fishing, is lost.", f.Request.Short(), f.Agency),
		tx.PublishRequest(q, e.at, e.index, store.Place{}, f.Linked)
}

// withholdGuarded withholds again what a guard knows to be withheld and the record, as it came back, does not: where the entry
// was lost with a closed record.
func (b *restore) withholdGuarded() error {
	for _, g := range append([]Guard{b.guard}, b.plan.Guards...) {
		all, unreadable, err := g.Withholdings()
		if err != nil {
			return err
		}
		if unreadable > 0 {
			return footage.Coded(footage.Untrusted, "guard_damaged", fmt.Sprintf("%d lines of the guard's list of withheld texts cannot be read. Texts that a court ordered withheld could come back: mend the file, or name another guard folder.", unreadable))
		}
		for _, fact := range all {
			if err := b.withholdLost(fact); err != nil {
				return fmt.Errorf("withhold request %s again: %w", fact.Request.Short(), err)
			}
		}
	}
	return nil
}

func (b *restore) withholdLost(fact ledger.DocumentWithheld) error {
	var losses []store.Loss
	err := b.db.Write(b.ctx, func(tx *store.Tx) error {
		losses = nil
		q, err := tx.Request(fact.Request)
		if errors.Is(err, footage.NotFound) || err == nil && (q.Withheld() || !q.Status.Public()) {
			return nil
		}
		if err != nil {
			return err
		}
		w, err := tx.Withholding(fact.Request)
		if errors.Is(err, footage.NotFound) {
			w = store.Withholding{Body: fact.Withholding, Reference: lostReference, Proposed: fact.Withholding.Signed, LogIndex: -1}
			err = tx.InsertWithholding(w) // withhold puts another in its place
		}
		if err != nil {
			return err
		}
		if err := b.withhold(tx, w, fact); err != nil || w.Reference != lostReference {
			return err
		}
		if w, err = tx.Withholding(fact.Request); err != nil {
			return err
		}
		losses = []store.Loss{{LogIndex: w.LogIndex, What: referenceLost(fact.Request), Restored: b.now()}}
		return tx.InsertLoss(losses[0])
	})
	b.out.Losses = append(b.out.Losses, losses...)
	return err
}

func referenceLost(id footage.RequestID) string {
	return fmt.Sprintf("The text of request %s is withheld again; the reference of the order, to which the record commits, is lost.", id.Short())
}

// forgetAgain deletes what was published of withheld texts from the bucket.
func (b *restore) forgetAgain() error { return b.ForgetWithheld(b.ctx) }
