package resident

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// Mailbox is the state of a share as its sender sees it. Receipt, custody chain and notes were verified with the keys of the
// public record, so that the exchange could leave something out, but invent nothing.
type Mailbox struct {
	State     footage.ShareState
	Recalled  bool // asked back; the agency is told at the next release
	Pseudonym string
	Receipt   footage.Receipt
	Request   evidence.Checked // as it stands now
	Events    []footage.Event  // the custody chain
	Rooted    []time.Time      // the days on which the public record bore the chain's head
	Notes     []Note           // the conversation, oldest first

	secret seal.Secret
}

// Note is one message of the conversation.
type Note struct {
	ID   footage.MessageID
	From footage.Party
	At   time.Time // by its writer's clock
	Text string
	Err  error // why it could not be opened or is not to be relied on; Text is empty then
}

// Mailbox asks for the state of the share that the words belong to, and verifies it. Wrong words are footage.Refused, as is
// a mailbox that has expired.
func (x *Exchange) Mailbox(ctx context.Context, secret seal.Secret) (Mailbox, error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	raw, err := x.Client.As(secret.Credential()).Mailbox(call)
	if err != nil {
		return Mailbox{}, err
	}
	m := Mailbox{State: raw.State, Recalled: raw.Recalled, Pseudonym: secret.Pseudonym(), Receipt: raw.Receipt, Events: raw.Events, secret: secret}
	var verifier string
	if m.Request, verifier, err = x.request(ctx, raw.Receipt.Request); err != nil {
		return Mailbox{}, err
	}
	if err := m.verify(); err != nil {
		return Mailbox{}, err
	}
	for _, d := range raw.Days {
		day, err := d.Verify(raw.Events, verifier)
		if err != nil {
			return Mailbox{}, fmt.Errorf("check custody chain: %w", err)
		}
		m.Rooted = append(m.Rooted, day)
	}
	for _, msg := range raw.Messages {
		m.Notes = append(m.Notes, m.open(msg))
	}
	// By their writers' clocks: the exchange dates a resident's message by the tick before it.
	slices.SortStableFunc(m.Notes, func(a, b Note) int { return a.At.Compare(b.At) })
	return m, nil
}

// verify checks receipt and custody chain, and that they tell of the state that the exchange names.
func (m Mailbox) verify() error {
	r, c := m.Receipt, m.Request
	if err := r.Verify(c.ReceiptKey); err != nil {
		return fmt.Errorf("check receipt: %w", err)
	}
	if r.Type != footage.ReceiptType || !c.Exchange.Was(r.Exchange) || r.Request != c.ID || r.Agency != c.Agency.ID {
		return untrusted("receipt_other", "The receipt that the exchange keeps is for something else. Tell the exchange's oversight body.")
	}
	if len(m.Events) == 0 {
		return untrusted("chain_missing", "The exchange shows no custody chain for this share. Tell its oversight body.")
	}
	if _, err := footage.CheckChain(m.Events, c.KeyOf); err != nil {
		return fmt.Errorf("check custody chain: %w", err)
	}
	first := m.Events[0]
	if first.Share != r.Share || first.Kind != footage.EventCommitted || !maps.Equal(first.Detail, evidence.CommittedDetail(r)) {
		return untrusted("chain_other", "The custody chain that the exchange shows does not begin with this receipt. Tell its oversight body.")
	}
	if kind, ok := witness(m.State); ok && !m.has(kind) {
		return untrusted("state_unproven", "The exchange says that the share is "+string(m.State)+", but no signed event shows it.")
	}
	return nil
}

// witness returns the event without which a share cannot be in a state.
func witness(s footage.ShareState) (footage.EventKind, bool) {
	kind, ok := map[footage.ShareState]footage.EventKind{
		footage.ShareReleased: footage.EventReleased, footage.SharePickedUp: footage.EventPickedUp, footage.ShareConfirmed: footage.EventConfirmed,
		footage.ShareDeclined: footage.EventDeclined, footage.ShareWithdrawn: footage.EventWithdrawn, footage.ShareExpired: footage.EventExpired,
		footage.ShareErased: footage.EventErased, footage.ShareTakenBack: footage.EventWithdrawn,
		footage.ShareLost: footage.EventLost,
	}[s]
	return kind, ok
}

func (m Mailbox) has(kind footage.EventKind) bool {
	return slices.ContainsFunc(m.Events, func(e footage.Event) bool { return e.Kind == kind })
}

// PickedUp reports whether the agency has begun to fetch the clips: then they can only be asked back.
func (m Mailbox) PickedUp() bool { return m.has(footage.EventPickedUp) }

// Told reports whether the agency was told that the clips are asked back.
func (m Mailbox) Told() bool { return m.has(footage.EventRecalled) }

// Erased reports whether the exchange's copy is gone.
func (m Mailbox) Erased() bool { return m.has(footage.EventErased) || m.has(footage.EventLost) }

// Restored reports whether the exchange was restored from a backup meanwhile, so that steps may be missing.
func (m Mailbox) Restored() bool { return m.has(footage.EventRestored) }

// open opens a message with the keys of the secret and checks who wrote it.
func (m Mailbox) open(msg footage.Message) Note {
	out := Note{ID: msg.ID, From: msg.From, At: msg.At}
	raw, err := api.Decode(msg.Body)
	if err == nil {
		raw, err = seal.OpenBytes(raw, m.secret.Identity())
	}
	var note evidence.Note
	if err == nil {
		note, err = evidence.ParseNote(raw)
	}
	if err == nil {
		err = note.Verify(m.Receipt.Share, msg.From, m.keyOf)
	}
	if err != nil {
		out.Err = err
		return out
	}
	out.At, out.Text = note.At, note.Text
	return out
}

// Reply seals a message to the agency's newest key, signs it and sends it. It is also sealed to the sender's own key, so
// that the words show both sides of the conversation.
func (x *Exchange) Reply(ctx context.Context, m Mailbox, text string) error {
	note, err := evidence.NewNote(m.Receipt.Share, footage.PartyResident, evidence.SignerResident, text, x.now(), m.secret.SigningKey())
	if err != nil {
		return err
	}
	raw, err := note.Encode()
	if err != nil {
		return err
	}
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, m.Request.Epoch().Recipient, m.secret.Identity().Recipient())
	if err != nil {
		return fmt.Errorf("seal reply: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return x.Client.As(m.secret.Credential()).Call(ctx, "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(sealed)}, nil)
}

// Withdraw takes the share back: before pick-up the exchange erases it and the agency never learns of it, afterwards the
// agency is asked to give the clips back. Doing it again changes nothing. It returns the state afterwards.
func (x *Exchange) Withdraw(ctx context.Context, secret seal.Secret) (footage.ShareState, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var out struct {
		State footage.ShareState `json:"state"`
	}
	err := x.Client.As(secret.Credential()).Call(ctx, "POST", "/v1/mailbox/withdraw", struct{}{}, &out)
	return out.State, err
}

// keyOf gives the key with which a party signs notes: the resident's derives from the words.
func (m Mailbox) keyOf(party footage.Party, signer string) (ed25519.PublicKey, error) {
	if party == footage.PartyResident && signer == evidence.SignerResident {
		return m.secret.SigningKey().Public().(ed25519.PublicKey), nil
	}
	return m.Request.KeyOf(party, signer)
}
