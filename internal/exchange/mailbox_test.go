package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// TestMessages: sealed words are bounded, and nobody else's can be read.
func TestMessages(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, _ := w.send(w.police, w.publish(w.police, w.draft(0)))
		for name, err := range map[string]error{
			"empty":     discard(w.x.Reply(ctx, p.credential, "")),
			"no base64": discard(w.x.Reply(ctx, p.credential, "%")),
			"too large": discard(w.x.Reply(ctx, p.credential, api.Encode(make([]byte, 64<<10+1)))),
		} {
			if kind := footage.KindOf(err); kind != footage.Invalid && kind != footage.TooLarge {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.x.Reply(ctx, "another credential", api.Encode([]byte("x")))
		wantCode(t, "a wrong credential", err, "no_mailbox")
		must(t, w.cfg.DB.Write(ctx, func(tx *store.Tx) error {
			for i := range 199 {
				m := footage.Message{ID: footage.MessageID(fmt.Sprint("m-", i)), From: footage.PartyResident, At: w.now()}
				if err := tx.InsertMessage(p.Share, m, []byte("x"), time.Time{}); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, discard(w.x.Reply(ctx, p.credential, api.Encode([]byte("the last")))))
		_, err = w.x.Reply(ctx, p.credential, api.Encode([]byte("one more")))
		wantKind(t, "a full conversation", err, footage.TooMany)
	})
}

// TestMailboxExpires: ninety days after the clips were erased, messages and credential are forgotten, whether the share was
// confirmed or taken back.
func TestMailboxExpires(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.publish(w.police, w.draft(0))
		confirmed, _ := w.send(w.police, id)
		w.release()
		w.steps(w.police, confirmed.Share, footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted, footage.EventConfirmed)
		takenBack, _ := w.send(w.police, id)
		must(t, discard(w.x.Withdraw(ctx, takenBack.credential)))
		for _, p := range []parcel{confirmed, takenBack} {
			must(t, discard(w.x.Reply(ctx, p.credential, api.Encode([]byte("sealed")))))
		}
		w.advance(90*24*time.Hour - time.Second)
		must(t, w.x.Sweep(ctx))
		for _, p := range []parcel{confirmed, takenBack} {
			if box, err := w.x.Mailbox(ctx, p.credential); err != nil || len(box.Messages) != 1 {
				t.Errorf("a second before: %d messages, %v", len(box.Messages), err)
			}
		}
		w.advance(time.Second)
		must(t, w.x.Sweep(ctx))
		must(t, w.x.Sweep(ctx))
		for _, p := range []parcel{confirmed, takenBack} {
			_, err := w.x.Mailbox(ctx, p.credential)
			wantCode(t, "mailbox", err, "no_mailbox")
			_, err = w.x.Withdraw(ctx, p.credential)
			wantCode(t, "withdraw", err, "no_mailbox")
			_, err = w.commit(p)
			wantCode(t, "commit", err, "not_now")
			must(t, w.cfg.DB.Read(ctx, func(tx *store.Tx) error {
				talk, err := tx.Messages(p.Share, true)
				if len(talk) != 0 {
					t.Errorf("%d messages are left", len(talk))
				}
				return err
			}))
		}
		_, err := w.x.Ask(ctx, w.police.custodian.id, confirmed.Share, api.Encode([]byte("sealed")))
		wantKind(t, "a question to nobody", err, footage.Gone)
	})
}
