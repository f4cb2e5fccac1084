package resident

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// SendOptions say how to send. The zero value works.
type SendOptions struct {
	// Progress is told how many sealed bytes of all clips are on their way, and of how many. It is called often, from the
	// sending goroutine, and may fall back after a broken connection.
	Progress func(done, total int64)
	// Patience is how long to go on trying without getting any further; 0 is DefaultPatience, less than 0 not at all.
	Patience time.Duration
	// Keep is given the pending share whenever going on after a stop would need something new: before the first byte, every
	// few seconds, after each clip. Nil keeps nothing; then a stopped program has to begin anew. See [Folder.Save].
	Keep func(*Pending) error
}

// Sent is a share that is complete and durable on the exchange.
type Sent struct {
	Receipt   footage.Receipt
	Secret    seal.Secret // its words are the only way back to the share
	Pseudonym string      // under which the agency knows the sender
	Request   evidence.Checked
	Pending   *Pending // to be forgotten now, see [Folder.Remove]
}

// errAnew says that what was uploaded cannot be gone on with, and that nothing but beginning anew helps.
var errAnew = errors.New("begin anew")

// Send seals the clips to the agency's newest key and sends them. Each clip is read once; nothing is written anywhere but
// through Keep. A broken connection or an exchange that restarts is waited for, and sending goes on from what is durable.
//
// The share's clips are the caller's to have checked, with [Share.Check] and [Clip.Fit], and its owner's to have confirmed.
// An error means that the agency gets nothing. If the receipt that came does not hold, the error is Untrusted and Sent is
// filled all the same: the words may still be needed.
func (x *Exchange) Send(ctx context.Context, s Share, o SendOptions) (Sent, error) {
	if err := s.Request.Open(x.now()); err != nil {
		return Sent{}, err
	}
	if err := x.Watched(s.Request); err != nil {
		return Sent{}, err
	}
	if len(s.Clips) == 0 {
		return Sent{}, footage.E(footage.Invalid, "Choose at least one clip.")
	}
	for tries := 0; ; tries++ {
		p, err := x.begin(ctx, s, o)
		if err != nil {
			return Sent{Pending: p}, err
		}
		sent, err := x.finish(ctx, p, s.Request, s.Clips, o)
		if !errors.Is(err, errAnew) || tries == 1 {
			return sent, err
		}
	}
}

// Watched refuses an exchange whose record no witness watches, as far as this user knows: it could show everybody another
// one. A fictional exchange may do without, and so may one that the user accepts as it is.
func (x *Exchange) Watched(c evidence.Checked) error {
	if c.Fictional || x.Quorum > 0 || x.Unwitnessed {
		return nil
	}
	return untrusted("unwitnessed", "You have pinned no witness of this exchange's public record, so nobody vouches that it shows you the same as everybody else. "+
		"Pin its witnesses with 'porchlight trust URL --witness KEY', or accept that with 'porchlight trust URL --unwitnessed'.")
}

// Resume goes on with a share that was begun by an earlier run. It opens the clips by their paths, makes sure that they
// are still the same, and sends the same bytes under the same keys; if it could not, it is Conflict (clip_changed) or
// Gone, and the clips have to be sent anew.
func (x *Exchange) Resume(ctx context.Context, p *Pending, o SendOptions) (Sent, error) {
	if x.now().After(p.Until) {
		return Sent{Pending: p}, footage.Coded(footage.Gone, "share_forgotten", "The exchange keeps an unfinished share for a day, and that is over. Send the clips anew.")
	}
	checked, err := x.Request(ctx, p.Request)
	if err != nil {
		return Sent{Pending: p}, err
	}
	clips := make([]*Clip, len(p.Clips))
	for i, c := range p.Clips {
		if c.Done != nil {
			continue
		}
		if clips[i], err = OpenClip(c.Path, c.Options); err != nil {
			return Sent{Pending: p}, err
		}
		defer clips[i].Close()
		if clips[i].Size != c.Envelope.ClipLength() {
			return Sent{Pending: p}, naming(clips[i].Name, errChanged())
		}
	}
	sent, err := x.finish(ctx, p, checked, clips, o)
	if errors.Is(err, errAnew) {
		err = footage.Coded(footage.Gone, "upload_lost", "What was uploaded so far cannot be gone on with. Send the clips anew.")
	}
	return sent, err
}

// begin makes the keys and opens the share. The answer to a proof of work is good for one try.
func (x *Exchange) begin(ctx context.Context, s Share, o SendOptions) (*Pending, error) {
	secret := seal.NewSecret(rand.Reader)
	p := &Pending{Type: PendingType, Exchange: x.Client.Base, Request: s.Request.ID, Epoch: s.Request.Epoch().Number,
		Words: strings.Join(secret.Words("en"), " "), Language: s.Language, Contact: s.Contact, Message: s.Message}
	in := api.BeginShare{Credential: seal.CredentialHash(secret.Credential()), Epoch: p.Epoch}
	for i, name := range SendNames(s.Clips) {
		c := s.Clips[i]
		env, err := seal.New(c.Size, s.Request.Epoch().Recipient)
		if err != nil {
			return nil, fmt.Errorf("seal %s: %w", quoted(c.Name), err)
		}
		stamp, err := c.stamp()
		if err != nil {
			return nil, err
		}
		p.Clips = append(p.Clips, PendingClip{Path: c.Path, Options: c.Options, Name: name, Stamp: stamp, Envelope: env, Salt: newSalt()})
		in.Sizes = append(in.Sizes, env.SealedSize())
	}
	begun, err := x.open(ctx, p.Request, in, o.Patience)
	if err != nil {
		return nil, err
	}
	p.Share, p.Ticket, p.Until = begun.Share, begun.Ticket, begun.Sweep
	for i := range p.Clips {
		p.Clips[i].ID = begun.Clips[i]
	}
	return p, o.keep(p)
}

func (x *Exchange) open(ctx context.Context, id footage.RequestID, in api.BeginShare, wait time.Duration) (begun api.BegunShare, err error) {
	err = newPatience(wait).do(ctx, func(ctx context.Context) error {
		work, err := x.Client.Work(ctx)
		if err != nil {
			return err
		}
		if in.Work, err = work.Solve(ctx); err != nil {
			return err
		}
		begun, err = x.Client.Begin(ctx, id, in)
		return err
	})
	if err == nil && len(begun.Clips) != len(in.Sizes) {
		err = footage.E(footage.Unsupported, "The exchange's answer does not fit what was asked. It may be newer than this program.")
	}
	return begun, x.explain(ctx, id, err)
}

// explain replaces the uniform refusal by the plain reason, when the public record tells one.
func (x *Exchange) explain(ctx context.Context, id footage.RequestID, err error) error {
	if !errors.Is(err, footage.Refused) {
		return err
	}
	checked, _, other := x.request(ctx, id)
	if other != nil {
		return err
	}
	if closed := checked.Open(x.now()); closed != nil {
		return closed
	}
	return err
}

func newSalt() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (o SendOptions) keep(p *Pending) error {
	if o.Keep == nil {
		return nil
	}
	return o.Keep(p)
}

// finish sends what is missing and commits.
func (x *Exchange) finish(ctx context.Context, p *Pending, c evidence.Checked, clips []*Clip, o SendOptions) (Sent, error) {
	secret, err := p.Secret()
	if err != nil {
		return Sent{Pending: p}, err
	}
	sent := Sent{Secret: secret, Pseudonym: secret.Pseudonym(), Request: c, Pending: p}
	u := newUpload(x, p, o)
	for i := range p.Clips {
		if p.Clips[i].Done == nil {
			if err := u.clip(ctx, &p.Clips[i], clips[i]); err != nil {
				return sent, x.explain(ctx, p.Request, err)
			}
		}
	}
	if err := x.commit(ctx, p, c, o); err != nil {
		return sent, err
	}
	err = newPatience(o.Patience).do(ctx, func(ctx context.Context) (err error) {
		sent.Receipt, err = x.Client.As(p.Ticket).Commit(ctx, *p.Commit)
		return err
	})
	if err != nil {
		return sent, x.explain(ctx, p.Request, err)
	}
	return sent, checkReceipt(sent.Receipt, p, c)
}

// commit prepares the commitment, which is always sent the same from then on.
func (x *Exchange) commit(ctx context.Context, p *Pending, c evidence.Checked, o SendOptions) error {
	if p.Commit != nil {
		return ctx.Err()
	}
	manifest, err := p.manifest(c, x.now())
	if err != nil {
		return err
	}
	p.Commit = &api.CommitShare{Manifest: api.Encode(manifest)}
	for _, clip := range p.Clips {
		p.Commit.Clips = append(p.Commit.Clips, api.ClipDigest{ID: clip.ID, Digest: clip.Done.Sealed.Digest})
	}
	return o.keep(p)
}

// checkReceipt checks that the receipt is signed by the exchange of the record and is for what was sent.
func checkReceipt(r footage.Receipt, p *Pending, c evidence.Checked) error {
	if err := r.Verify(c.ReceiptKey); err != nil {
		return fmt.Errorf("check receipt: %w", err)
	}
	manifest, err := api.Decode(p.Commit.Manifest)
	if err != nil {
		return err
	}
	ok := r.Type == footage.ReceiptType && r.Exchange == c.Exchange.Origin && r.Request == p.Request && r.Agency == c.Agency.ID &&
		r.Share == p.Share && r.Epoch == p.Epoch && r.Manifest == footage.Hash(manifest) && len(r.Clips) == len(p.Clips)
	for i := 0; ok && i < len(r.Clips); i++ {
		want := p.Clips[i].Done
		ok = r.Clips[i] == footage.SealedClip{ID: want.ID, Size: want.Sealed.Size, Digest: want.Sealed.Digest}
	}
	if !ok {
		return untrusted("receipt_other", "The exchange's receipt is not for what was sent. Keep it and its words, and tell the exchange's oversight body.")
	}
	return nil
}
