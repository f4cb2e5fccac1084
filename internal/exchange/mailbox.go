package exchange

import (
	"context"
	"errors"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// noMailbox is the one answer to every wrong credential.
func noMailbox() error {
	return footage.Coded(footage.Refused, "no_mailbox", "No share answers to these words. Check each word and their order; if they are right, the mailbox has expired.")
}

// mailbox returns the committed share that a credential opens.
func mailbox(tx *store.Tx, credential string) (store.Share, error) {
	s, err := tx.ShareByCredential(hashOf(credential))
	if errors.Is(err, footage.NotFound) || (err == nil && s.State == footage.ShareBegun) {
		return s, noMailbox()
	}
	return s, err
}

// Mailbox returns the true state of a share to whoever holds its receipt.
func (x *Exchange) Mailbox(ctx context.Context, credential string) (api.Mailbox, error) {
	var out api.Mailbox
	var r rooted
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		s, err := mailbox(tx, credential)
		if err != nil {
			return err
		}
		out.State, out.Recalled, out.Receipt = s.State, !s.Recalled.IsZero(), s.Receipt
		if out.Events, err = tx.Events(s.ID); err != nil {
			return err
		}
		talk, err := tx.Messages(s.ID, true)
		if err != nil {
			return err
		}
		out.Messages = append([]footage.Message{}, talk...) // never null
		r, err = rootedIn(tx, s.ID)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Days, err = x.days(ctx, r)
	return out, err
}

// Reply stores a sealed message of the resident. The agency sees it, and that there is one, at the next release.
func (x *Exchange) Reply(ctx context.Context, credential, body string) (footage.Message, error) {
	var m footage.Message
	raw, err := message(body)
	if err != nil {
		return m, err
	}
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		s, err := mailbox(tx, credential)
		if err != nil {
			return err
		}
		if err := room(tx, s.ID); err != nil {
			return err
		}
		set, err := x.policies(tx)
		if err != nil {
			return err
		}
		m = footage.Message{ID: x.messageID(s.ID, footage.PartyResident, body), From: footage.PartyResident, At: x.tick(set.Limits()), Body: body}
		if err := tx.InsertMessage(s.ID, m, raw, zeroTime); err != nil || !x.atOnce || s.Released.IsZero() {
			return err
		}
		return x.releaseMessage(tx, store.WaitingMessage{ID: m.ID, Share: s.ID}, m.At)
	})
	return m, err
}

// Withdraw takes a share back. Before pick-up the clips are erased and the agency never learns of them; afterwards the
// agency is asked to give them back, and its answer is recorded. Withdrawing again changes nothing.
func (x *Exchange) Withdraw(ctx context.Context, credential string) (footage.ShareState, error) {
	var state footage.ShareState
	var id footage.ShareID
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		s, err := mailbox(tx, credential)
		if err != nil {
			return err
		}
		id, state = s.ID, s.State
		switch s.State {
		case footage.ShareCommitted, footage.ShareReleased:
			state = footage.ShareWithdrawn
			if err := tx.MoveShare(s.ID, s.State, state); err != nil {
				return err
			}
			return x.appendNow(tx, s.ID, footage.EventWithdrawn)
		case footage.SharePickedUp, footage.ShareConfirmed, footage.ShareDeclined, footage.ShareExpired, footage.ShareErased, footage.ShareLost:
			return x.recall(tx, s)
		}
		return nil // withdrawn before: nothing is left to take back
	})
	if err == nil && state == footage.ShareWithdrawn {
		x.eraseNow(ctx, id)
	}
	return state, err
}

// recall asks a share back that was picked up; the agency is told at the next release. A share that was erased without a
// pick-up is gone already, unless the pick-up was lost with what happened since a backup.
func (x *Exchange) recall(tx *store.Tx, s store.Share) error {
	chain, err := tx.Events(s.ID)
	if err != nil || !pickedUp(chain) && !has(chain, footage.EventRestored) || !s.Recalled.IsZero() {
		return err
	}
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	tick := x.tick(set.Limits())
	if err := tx.RecallShare(s.ID, tick); err != nil || !x.atOnce {
		return err
	}
	return x.tellRecall(tx, s.ID, tick)
}
