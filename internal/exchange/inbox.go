package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// Inbox returns the released shares of the caller's agency, oldest release first, in random order within a release.
func (x *Exchange) Inbox(ctx context.Context, caller footage.PersonID) ([]api.InboxItem, error) {
	out := []api.InboxItem{}
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		p, err := x.staff(tx, caller, footage.Custodian)
		if err != nil {
			return err
		}
		shares, err := tx.AgencyShares(p.Agency)
		if err != nil {
			return err
		}
		for _, s := range shares {
			item, err := inboxItem(tx, s)
			if err != nil {
				return err
			}
			out = append(out, item)
		}
		return nil
	})
	return out, err
}

func inboxItem(tx *store.Tx, s store.Share) (api.InboxItem, error) {
	_, seen, err := tx.CountMessages(s.ID)
	return api.InboxItem{Share: s.ID, Request: s.Request, State: s.State, Released: s.Released, Recalled: s.RecallTold,
		Clips: s.Receipt.Clips, EraseBy: s.Receipt.EraseBy, Messages: seen}, err
}

// visible returns a share of the caller's agency that the agency may know of. A share that was withdrawn before
// pick-up is answered as if it had never been.
func (x *Exchange) visible(tx *store.Tx, caller footage.PersonID, id footage.ShareID) (footage.Person, store.Share, error) {
	p, err := x.staff(tx, caller, footage.Custodian)
	if err != nil {
		return p, store.Share{}, err
	}
	s, err := tx.Share(id)
	if err != nil && !errors.Is(err, footage.NotFound) {
		return p, s, err
	}
	if err != nil || s.Agency != p.Agency || !s.State.VisibleToAgency() || s.Released.IsZero() {
		return p, s, footage.E(footage.NotFound, "Your agency has no such share. It may have been withdrawn.")
	}
	return p, s, nil
}

// Delivery returns one share with its custody chain and conversation. The sealed manifest comes only after the pick-up
// is in the chain.
func (x *Exchange) Delivery(ctx context.Context, caller footage.PersonID, id footage.ShareID) (api.Delivery, error) {
	var out api.Delivery
	var r rooted
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		_, s, err := x.visible(tx, caller, id)
		if err != nil {
			return err
		}
		if out.InboxItem, err = inboxItem(tx, s); err != nil {
			return err
		}
		if out.Events, err = tx.Events(id); err != nil {
			return err
		}
		out.Epoch, out.Receipt = s.Epoch, s.Receipt
		if pickedUp(out.Events) {
			out.Manifest = encode(s.Manifest)
		}
		talk, err := tx.Messages(id, false)
		if err != nil {
			return err
		}
		out.Talk = append([]footage.Message{}, talk...) // never null
		r, err = rootedIn(tx, id)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Days, err = x.days(ctx, r)
	return out, err
}

func pickedUp(chain []footage.Event) bool { return has(chain, footage.EventPickedUp) }

func has(chain []footage.Event, kind footage.EventKind) bool {
	return slices.ContainsFunc(chain, func(e footage.Event) bool { return e.Kind == kind })
}

// RecordEvent adds an event that the agency's program has signed and moves the share's state with it. Sending the same
// event again changes nothing.
func (x *Exchange) RecordEvent(ctx context.Context, caller footage.PersonID, e footage.Event) error {
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		p, s, err := x.visible(tx, caller, e.Share)
		if err != nil {
			return err
		}
		switch e.Kind {
		case footage.EventPickedUp:
			_, err = x.mayAsk(tx, p.Agency)
		case footage.EventAsked:
			err = x.mayWrite(tx, p.Agency, s.ID)
		}
		if err != nil {
			return err
		}
		chain, err := x.checkEvent(tx, p, s, e)
		if err != nil {
			return err
		}
		next, err := stateAfter(s.State, e.Kind, chain)
		if err != nil {
			return err
		}
		if err := tx.InsertEvent(e); err != nil {
			return err
		}
		if next != s.State {
			return tx.MoveShare(s.ID, s.State, next)
		}
		return nil
	})
	var known *footage.Error
	if errors.As(err, &known) && known.Code == "already" {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Kind == footage.EventConfirmed || e.Kind == footage.EventDeclined {
		x.eraseNow(ctx, e.Share)
	}
	return nil
}

// stateAfter returns the state that an agency's event leads to, or why the event cannot be now.
func stateAfter(state footage.ShareState, kind footage.EventKind, chain []footage.Event) (footage.ShareState, error) {
	if kind == footage.EventPickedUp && (state == footage.ShareReleased || state == footage.SharePickedUp) {
		return footage.SharePickedUp, nil
	}
	late := []footage.EventKind{footage.EventExported, footage.EventAnswered, footage.EventAsked, footage.EventVerified, footage.EventOpened, footage.EventAccepted}
	has := func(k footage.EventKind) bool {
		return slices.ContainsFunc(chain, func(e footage.Event) bool { return e.Kind == k })
	}
	switch {
	case !has(footage.EventPickedUp):
		return state, footage.E(footage.Conflict, "Pick the share up first.")
	case kind == footage.EventAnswered && !has(footage.EventRecalled):
		return state, footage.E(footage.Conflict, "Nobody has asked this share back.")
	case slices.Contains(late, kind) && kind != footage.EventAccepted:
		return state, nil
	case state != footage.SharePickedUp:
		return state, footage.E(footage.Conflict, fmt.Sprintf("The share is %s; this cannot be done now.", state))
	case kind == footage.EventAccepted && has(footage.EventVerified):
		return state, nil
	case kind == footage.EventConfirmed && has(footage.EventAccepted):
		return footage.ShareConfirmed, nil
	case kind == footage.EventDeclined && has(footage.EventOpened):
		return footage.ShareDeclined, nil
	}
	return state, footage.E(footage.Conflict, fmt.Sprintf("The step %q does not come now: a share is picked up, opened, verified, accepted or declined, and confirmed, in this order.", kind))
}

// OpenClip returns the sealed bytes of a clip from offset on and the clip's size. The pick-up must be in the chain
// before: it is durable before the first byte goes out. The caller closes the reader.
func (x *Exchange) OpenClip(ctx context.Context, caller footage.PersonID, id footage.ShareID, clip footage.ClipID, offset int64) (io.ReadCloser, int64, error) {
	var found store.Upload
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		p, s, err := x.visible(tx, caller, id)
		if err != nil {
			return err
		}
		if _, err := x.mayAsk(tx, p.Agency); err != nil {
			return err
		}
		switch s.State {
		case footage.SharePickedUp:
		case footage.ShareReleased:
			return footage.E(footage.Conflict, "Record the pick-up before fetching.")
		default:
			return footage.E(footage.Gone, "The exchange's copy of this clip is erased. Use the copy that your agency fetched.")
		}
		if s.State == footage.ShareLost {
			return footage.E(footage.Gone, "The exchange has lost its copy of this clip. Use the copy that your agency fetched, if it did.")
		}
		uploads, err := tx.Uploads(id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(uploads, func(u store.Upload) bool { return u.Clip == clip })
		if i < 0 {
			return footage.E(footage.NotFound, "This share has no such clip.")
		}
		found = uploads[i]
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	if offset < 0 || offset > found.Length {
		return nil, found.Length, footage.E(footage.Invalid, "The range lies outside the clip.")
	}
	r, err := x.bucket.Get(ctx, found.Key, offset, -1)
	if err != nil {
		return nil, 0, fmt.Errorf("open clip: %w", err)
	}
	return r, found.Length, nil
}

// Ask sends a sealed message to the resident. The custody event of the question is sent by itself.
func (x *Exchange) Ask(ctx context.Context, caller footage.PersonID, id footage.ShareID, body string) (footage.Message, error) {
	var m footage.Message
	raw, err := message(body)
	if err != nil {
		return m, err
	}
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		p, s, err := x.visible(tx, caller, id)
		if err != nil {
			return err
		}
		if err := x.mayWrite(tx, p.Agency, s.ID); err != nil {
			return err
		}
		if s.CredentialHash == closedMailbox(s.ID) {
			return footage.E(footage.Gone, "The mailbox of this share has expired. Nobody would read the question.")
		}
		if err := room(tx, id); err != nil {
			return err
		}
		m = footage.Message{ID: x.messageID(id, footage.PartyAgency, body), From: footage.PartyAgency, At: x.now(), Body: body}
		return tx.InsertMessage(id, m, raw, m.At)
	})
	return m, err
}

// mayWrite refuses an agency that may not ask, unless the resident has written: questions about what became of their clips are
// owed an answer whatever the agency's standing.
func (x *Exchange) mayWrite(tx *store.Tx, agency footage.AgencyID, share footage.ShareID) error {
	_, err := x.mayAsk(tx, agency)
	if err == nil {
		return nil
	}
	talk, failed := tx.Messages(share, true)
	if failed != nil {
		return failed
	}
	if slices.ContainsFunc(talk, func(m footage.Message) bool { return m.From == footage.PartyResident }) {
		return nil
	}
	return err
}

const (
	maxMessage  = 64 << 10 // bytes of one sealed message
	maxMessages = 200      // in one conversation
)

func message(body string) ([]byte, error) {
	raw, err := decode(body)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 || len(raw) > maxMessage {
		return nil, footage.E(footage.TooLarge, fmt.Sprintf("A sealed message may have %d bytes.", maxMessage))
	}
	return raw, nil
}

func (x *Exchange) messageID(share footage.ShareID, from footage.Party, body string) footage.MessageID {
	return footage.MessageID(footage.NewID(x.random("message", string(share)+"/"+string(from)+"/"+body), "m"))
}

func room(tx *store.Tx, id footage.ShareID) error {
	all, _, err := tx.CountMessages(id)
	if err != nil {
		return err
	}
	if all >= maxMessages {
		return footage.E(footage.TooMany, "This conversation is full.")
	}
	return nil
}
