package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/screen"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// maxUpdateText bounds an update's text, in characters.
const maxUpdateText = 2000

// Update proposes or publishes an update of a request. More text needs both signatures, like the request itself, and
// waits for [Exchange.ApproveUpdate] and then for a moderator; resolving or withdrawing takes one signature and happens at once, because asking
// for less needs less proof than asking.
func (x *Exchange) Update(ctx context.Context, caller footage.PersonID, u footage.Update, a footage.Assertion) error {
	canonical, err := u.Canonical()
	if err != nil {
		return err
	}
	return x.write(ctx, func(tx *store.Tx) error {
		own := x.ownAtAll // whoever may not ask may still end what was asked
		if u.Kind == footage.Amended {
			own = x.own
		}
		p, q, err := own(tx, caller, u.Request, footage.Officer, footage.Supervisor)
		if err != nil {
			return err
		}
		if err := x.checkUpdate(u, q); err != nil {
			return err
		}
		role := a.Role
		if !p.Has(role) || (role != footage.Officer && role != footage.Supervisor) {
			return footage.E(footage.Forbidden, "You must sign as officer or supervisor.")
		}
		if u.Kind == footage.Amended && role != footage.Officer {
			return footage.E(footage.Forbidden, "An officer must sign what is added; a supervisor then approves it.")
		}
		a.Agency = ""
		if err := x.verifyAssertion(tx, a, p, role, canonical); err != nil {
			return err
		}
		row, err := x.place(tx, u, a, p.ID, canonical)
		if err != nil || u.Kind == footage.Amended {
			return err
		}
		return x.publishUpdate(tx, row)
	})
}

func (x *Exchange) checkUpdate(u footage.Update, q store.Request) error {
	if q.Status != footage.Published {
		return footage.E(footage.Conflict, fmt.Sprintf("The request is %s; only an open one can be updated.", q.Status))
	}
	if u.Previous != q.Head {
		return footage.E(footage.Conflict, "The request was updated meanwhile. Read it again and write the update anew.")
	}
	nonce, err := decode(u.Nonce)
	switch {
	case u.Type != footage.UpdateType, err != nil, len(nonce) != 16:
		return footage.E(footage.Invalid, "The update's type or nonce is wrong.")
	case u.Kind != footage.Amended && u.Kind != footage.Resolved && u.Kind != footage.Withdrawn:
		return footage.E(footage.Invalid, "An update amends, resolves or withdraws.")
	case u.Kind == footage.Amended && strings.TrimSpace(u.Text) == "":
		return footage.E(footage.Invalid, "Say what is new.")
	case utf8.RuneCountInString(u.Text) > maxUpdateText:
		return footage.E(footage.Invalid, fmt.Sprintf("The text may have %d characters.", maxUpdateText))
	case !policy.Plain(u.Text, true):
		return footage.Coded(footage.Invalid, "text_unclean", "The text must be plain: no control characters, and none that hide or turn round what is read.")
	case !documentTime(u.At):
		return footage.Coded(footage.Invalid, "time_form", "Times must be in UTC with whole seconds.")
	case u.At.Sub(x.now()).Abs() > clockSkew:
		return clockError(u.At, x.now())
	}
	return nil
}

// clockSkew is how far a signer's clock may be off.
const clockSkew = 10 * time.Minute

func clockError(theirs, ours time.Time) error {
	return footage.Coded(footage.Invalid, "clock", fmt.Sprintf("Your clock says %s and the exchange's says %s. Set your clock and try again.",
		theirs.UTC().Format(time.RFC3339), ours.UTC().Format(time.RFC3339)))
}

// place stores a waiting update after the published ones, in the place of one that waited.
func (x *Exchange) place(tx *store.Tx, u footage.Update, a footage.Assertion, author footage.PersonID, canonical []byte) (store.Update, error) {
	row := store.Update{Request: u.Request, Hash: footage.Hash(canonical), Author: author,
		Record: footage.UpdateRecord{Update: u, Assertions: []footage.Assertion{a}}}
	all, err := tx.Updates(u.Request)
	if err != nil {
		return row, err
	}
	for _, old := range all {
		if old.Published.IsZero() {
			if err := errors.Join(tx.DropUpdate(u.Request, old.Seq), tx.TakeBackCases(u.Request, x.now())); err != nil {
				return row, err
			}
			continue
		}
		row.Seq = old.Seq + 1
	}
	return row, tx.InsertUpdate(row)
}

// ApproveUpdate adds the second signature to a waiting update and hands it to the moderators.
func (x *Exchange) ApproveUpdate(ctx context.Context, caller footage.PersonID, id footage.RequestID, a footage.Assertion) error {
	return x.write(ctx, func(tx *store.Tx) error {
		p, q, err := x.own(tx, caller, id, footage.Supervisor)
		if err != nil {
			return err
		}
		row, err := waiting(tx, id)
		if err != nil {
			return err
		}
		if len(row.Record.Assertions) > 1 {
			return footage.E(footage.Conflict, "The update is approved already and was handed to the moderators.")
		}
		if a.Person != p.ID {
			return footage.E(footage.Untrusted, "The signature names another person than the one signed in.")
		}
		if row.Author == p.ID {
			return footage.E(footage.Forbidden, "Somebody else than the author must approve the update.")
		}
		if q.Status != footage.Published || row.Record.Update.Previous != q.Head {
			return footage.E(footage.Conflict, "The request was closed or updated meanwhile.")
		}
		canonical, err := row.Record.Update.Canonical()
		if err != nil {
			return err
		}
		a.Agency = lender(p, q.Agency)
		row.Record.Assertions = append(row.Record.Assertions, a)
		if err := x.verifyBoth(tx, q.Agency, row.Record.Assertions, canonical); err != nil {
			return err
		}
		if err := tx.AssertUpdate(row); err != nil {
			return err
		}
		var doc footage.Document
		if err := footage.DecodeStrict(q.Document, &doc); err != nil {
			return err
		}
		return x.enqueue(tx, doc, store.Case{Subject: row.Hash, Round: 1, Request: q.ID, Agency: q.Agency}, screen.Input{Changed: row.Record.Update.Text})
	})
}

func waiting(tx *store.Tx, id footage.RequestID) (store.Update, error) {
	all, err := tx.Updates(id)
	if err != nil {
		return store.Update{}, err
	}
	for _, u := range all {
		if u.Published.IsZero() {
			return u, nil
		}
	}
	return store.Update{}, footage.E(footage.NotFound, "No update of this request waits for approval.")
}

// publishUpdate writes a placed update into the record and, unless it only amends, ends the request's life.
func (x *Exchange) publishUpdate(tx *store.Tx, row store.Update) (err error) {
	u := row.Record.Update
	assertions, err := ledger.HashJSON(row.Record.Assertions)
	if err != nil {
		return err
	}
	if row.LogIndex, row.Published, err = x.recordAt(tx, x.now(), ledger.RequestUpdated{Request: u.Request, Update: row.Hash, Change: u.Kind, Assertions: assertions}); err != nil {
		return err
	}
	if err := tx.PublishUpdate(row); err != nil || u.Kind == footage.Amended {
		return err
	}
	return x.close(tx, u.Request, statusAfter(u.Kind))
}

func statusAfter(kind footage.UpdateKind) footage.RequestStatus {
	switch kind {
	case footage.Resolved:
		return footage.StatusResolved
	case footage.Withdrawn:
		return footage.StatusWithdrawn
	}
	return footage.StatusExpired
}

func (x *Exchange) close(tx *store.Tx, id footage.RequestID, status footage.RequestStatus) error {
	if err := errors.Join(tx.CloseRequest(id, status), tx.TakeBackCases(id, x.now())); err != nil {
		return err
	}
	if status == footage.StatusWithdrawn || status == footage.StatusWithheld { // what ended otherwise may be committed for some hours more
		if err := tx.EndBegunFor(id, x.now()); err != nil {
			return err
		}
	}
	_, ended, err := x.recordAt(tx, x.now(), ledger.RequestClosed{Request: id, Status: status})
	if err != nil {
		return err
	}
	return owe(tx, id, ended)
}

// ExpireRequests closes every request whose time has come.
func (x *Exchange) ExpireRequests(ctx context.Context) error {
	var due []footage.RequestID
	err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueRequests(x.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("find requests to expire: %w", err)
	}
	if len(due) == 0 {
		return nil
	}
	for _, id := range due {
		err := x.db.Write(ctx, func(tx *store.Tx) error { return x.close(tx, id, footage.StatusExpired) })
		if err != nil && !errors.Is(err, footage.Conflict) {
			return fmt.Errorf("expire request %s: %w", id.Short(), err)
		}
	}
	return x.Integrate(ctx)
}
