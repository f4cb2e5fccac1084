package nodetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// Sent is a share as its sender knows it.
type Sent struct {
	Secret   seal.Secret
	Receipt  footage.Receipt
	Manifest evidence.Manifest
	Clips    [][]byte
}

// Send sends clips in answer to a published request, as a resident's program does: checked, sealed, with a signed manifest,
// committed. change, which may be nil, spoils or completes the manifest before it is signed.
func (w *Town) Send(id footage.RequestID, change func(*evidence.Manifest), clips ...[]byte) Sent {
	w.t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	checked := w.checked(id)
	s := Sent{Secret: seal.NewSecret(rand.Reader), Clips: clips}
	var envelopes []*seal.Envelope
	var sizes []int64
	for _, clip := range clips {
		e, err := seal.New(int64(len(clip)), checked.Epoch().Recipient)
		must(w.t, err)
		envelopes, sizes = append(envelopes, e), append(sizes, e.SealedSize())
	}
	work, err := c.Work(ctx)
	must(w.t, err)
	solution, err := work.Solve(ctx)
	must(w.t, err)
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: seal.CredentialHash(s.Secret.Credential()), Epoch: checked.Epoch().Number, Sizes: sizes})
	must(w.t, err)
	ticket := c.As(begun.Ticket)
	s.Manifest = w.manifest(checked, s.Secret)
	var commit api.CommitShare
	for i, clip := range clips {
		digest := w.upload(ticket, begun.Clips[i], envelopes[i], clip)
		commit.Clips = append(commit.Clips, digest)
		s.Manifest.Clips = append(s.Manifest.Clips, describe(i, digest, envelopes[i], clip))
	}
	if change != nil {
		change(&s.Manifest)
	}
	must(w.t, s.Manifest.Sign(s.Secret.SigningKey()))
	raw, err := footage.Canonical(s.Manifest)
	must(w.t, err)
	sealed, err := seal.SealBytes(raw, 4096, checked.Epoch().Recipient)
	must(w.t, err)
	commit.Manifest = api.Encode(sealed)
	s.Receipt, err = ticket.Commit(ctx, commit)
	must(w.t, err)
	return s
}

// checked returns a published request, checked with its proofs.
func (w *Town) checked(id footage.RequestID) evidence.Checked {
	w.t.Helper()
	raw, err := api.New(w.Server.URL).Get(context.Background(), "/v1/requests/"+string(id))
	must(w.t, err)
	b, err := evidence.ParseBundle(raw)
	must(w.t, err)
	checked, err := b.Verify(evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, w.Now())
	must(w.t, err)
	return checked
}

func (w *Town) manifest(c evidence.Checked, secret seal.Secret) evidence.Manifest {
	w.t.Helper()
	m := evidence.Manifest{Type: evidence.ManifestType, Exchange: c.Exchange.Origin, Request: c.ID, Agency: c.Agency.ID, Epoch: c.Epoch().Number,
		Prepared: w.Now().Truncate(time.Second), Pseudonym: secret.Pseudonym(), Resident: evidence.Keys{Recipient: secret.Identity().Recipient()}}
	var err error
	_, m.Consent, err = evidence.ConsentText(evidence.CurrentVersion, "en")
	must(w.t, err)
	_, m.Terms, err = evidence.TermsJSON(evidence.CurrentVersion)
	must(w.t, err)
	return m
}

// upload seals one clip while it is sent.
func (w *Town) upload(ticket *api.Client, clip footage.ClipID, e *seal.Envelope, data []byte) api.ClipDigest {
	w.t.Helper()
	ctx := context.Background()
	at, err := ticket.CreateUpload(ctx, clip, e.SealedSize())
	must(w.t, err)
	var digest footage.SegmentDigest
	_, err = ticket.Append(ctx, at, 0, e.SealedSize(), io.TeeReader(e.Reader(bytes.NewReader(data), 0), &digest))
	must(w.t, err)
	return api.ClipDigest{ID: clip, Digest: digest.Sum()}
}

// describe returns what the manifest says of a clip that was recorded in nobody knows what time.
func describe(i int, d api.ClipDigest, e *seal.Envelope, data []byte) evidence.Clip {
	sum := sha256.Sum256(data)
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	return evidence.Clip{ID: d.ID, Name: evidence.NeutralName(i+1, path.Ext("street.mp4")), MediaType: "video/mp4", Size: int64(len(data)),
		Padded: seal.PaddedLength(int64(len(data))), SHA256: hex.EncodeToString(sum[:]),
		Sealed:   evidence.Sealed{Size: e.SealedSize(), Digest: d.Digest},
		Original: evidence.Original{Salt: api.Encode(salt), Commitment: footage.Commit(salt, hex.EncodeToString(sum[:]))},
		Capture:  evidence.Capture{Source: evidence.FromOwner}, Edits: []evidence.Edit{{Code: evidence.EditStripped, What: "position and serial number removed"}}, Kept: []string{}}
}

// Release lets the exchange's tasks run once: shares and messages are released, erasures done, the record integrated.
func (w *Town) Release() {
	w.t.Helper()
	for _, task := range []func(context.Context) error{w.Node.Exchange.Release, w.Node.Exchange.Sweep, w.Node.Exchange.Integrate} {
		must(w.t, task(context.Background()))
	}
}

// Wrap lets a device of the agency open its epoch, as a colleague who can open it does.
func (w *Town) Wrap(a *Agency, device footage.CustodianID, recipient string) {
	w.t.Helper()
	wrapped, err := seal.Wrap(a.Epoch, recipient)
	must(w.t, err)
	must(w.t, a.Custodian.Client.Call(context.Background(), "POST", "/v1/agency/wrapped", api.WrappedKey{Epoch: 1, Holder: string(device), Wrapped: api.Encode(wrapped)}, nil))
}

// Invite adds a person to an agency and returns the invitation's token.
func (w *Town) Invite(agency footage.AgencyID, name string, roles ...footage.Role) string {
	w.t.Helper()
	_, token, err := w.Node.Exchange.InvitePerson(context.Background(), agency, name, roles...)
	must(w.t, err)
	return token
}

// Reply sends a sealed message as the holder of a receipt.
func (w *Town) Reply(secret seal.Secret, sealed []byte) {
	w.t.Helper()
	c := api.New(w.Server.URL).As(secret.Credential())
	must(w.t, c.Call(context.Background(), "POST", "/v1/mailbox/messages", api.Reply{Body: api.Encode(sealed)}, nil))
}

// Withdraw takes a share back, or asks it back, as the holder of its receipt.
func (w *Town) Withdraw(secret seal.Secret) {
	w.t.Helper()
	c := api.New(w.Server.URL).As(secret.Credential())
	must(w.t, c.Call(context.Background(), "POST", "/v1/mailbox/withdraw", nil, nil))
}
