package desk

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"os"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// DetailMessage is the member of an asked event's detail that holds the SHA-256 of the sealed question, so that the resident
// notices if the exchange keeps one back.
const DetailMessage = "message_sha256"

// Said is one message of the conversation about a share, opened.
type Said struct {
	evidence.Note
	ID      footage.MessageID `json:"id"`
	Problem string            `json:"problem,omitempty"` // why the message cannot be relied on; the note is empty then
}

// Ask sends a question to the resident: signed by this device's key, sealed to the resident's key from the manifest and to
// the agency's own, so that colleagues can read it too. The custody event comes first.
func (d *Desk) Ask(ctx context.Context, id footage.ShareID, text string) (footage.Message, error) {
	var sent footage.Message
	s, m, _, err := d.conversation(ctx, id)
	if err != nil {
		return sent, err
	}
	v, err := d.signer(s)
	if err != nil {
		return sent, err
	}
	note, err := evidence.NewNote(id, footage.PartyAgency, string(v.ID), text, d.now(), v.Sign)
	if err != nil {
		return sent, err
	}
	raw, err := note.Encode()
	if err != nil {
		return sent, err
	}
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, m.Resident.Recipient, s.Checked.Epoch().Recipient)
	if err != nil {
		return sent, fmt.Errorf("seal question: %w", err)
	}
	if err := d.record(ctx, s, footage.EventAsked, map[string]string{DetailMessage: footage.Hash(sealed)}); err != nil {
		return sent, err
	}
	if err := d.call(ctx, http.MethodPost, "/v1/agency/shares/"+string(id)+"/messages", api.Reply{Body: api.Encode(sealed)}, &sent); err != nil {
		return sent, fmt.Errorf("send question: %w", err)
	}
	return sent, nil
}

// Talk returns the conversation about a share, opened and with every signature checked, in the order of the writers' clocks:
// the exchange dates replies by its coarse ticks. A message that does not hold is returned without its words.
func (d *Desk) Talk(ctx context.Context, id footage.ShareID) ([]Said, error) {
	s, m, ids, err := d.conversation(ctx, id)
	if err != nil {
		return nil, err
	}
	out := []Said{}
	for _, msg := range s.Talk {
		said := Said{ID: msg.ID}
		if said.Note, err = s.read(msg, m, ids); err != nil {
			said.Note, said.Problem = evidence.Note{From: msg.From, At: msg.At}, plainError(err)
		}
		out = append(out, said)
	}
	slices.SortStableFunc(out, func(a, b Said) int { return a.At.Compare(b.At) })
	return out, nil
}

// read opens one message and checks who wrote it.
func (s *Share) read(msg footage.Message, m evidence.Manifest, ids []*seal.Identity) (evidence.Note, error) {
	sealed, err := api.Decode(msg.Body)
	if err != nil {
		return evidence.Note{}, err
	}
	raw, err := seal.OpenBytes(sealed, ids...)
	if err != nil {
		return evidence.Note{}, err
	}
	note, err := evidence.ParseNote(raw)
	if err != nil {
		return evidence.Note{}, err
	}
	return note, note.Verify(s.Delivery.Share, msg.From, func(party footage.Party, signer string) (ed25519.PublicKey, error) {
		if party == footage.PartyResident {
			return api.Decode(m.Resident.Verify)
		}
		return s.Checked.KeyOf(party, signer)
	})
}

// conversation returns a share, its opened manifest, and every epoch key that this device can open. A manifest that was not
// opened on this device is opened, which the custody chain records.
func (d *Desk) conversation(ctx context.Context, id footage.ShareID) (*Share, evidence.Manifest, []*seal.Identity, error) {
	var m evidence.Manifest
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, m, nil, err
	}
	keys, err := d.keys(ctx)
	if err != nil {
		return nil, m, nil, err
	}
	epoch, ok := keys.open[s.Epoch]
	if !ok {
		return nil, m, nil, notWrapped()
	}
	if raw, readErr := os.ReadFile(d.folder(id, manifestFile)); readErr == nil {
		m, err = s.manifest(raw)
	} else {
		m, err = d.openManifest(ctx, s, epoch)
	}
	var ids []*seal.Identity
	for _, key := range keys.open {
		ids = append(ids, key)
	}
	return s, m, ids, err
}
