package exchange

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
)

// refused is the one answer to every anonymous caller who cannot share now, with one body for all causes, so that it
// tells nothing about what others do (decision 15).
func refused() error {
	return footage.Coded(footage.Refused, "not_now", "This request takes no footage from you now. It may be closed or unknown, "+
		"its agency may be paused, its room may be used up, or too many are sending at once. Look at the request's page; if it is open, try again in an hour.")
}

// workLife is how long a proof-of-work challenge can be answered.
const workLife = 30 * time.Minute

// Work returns a challenge: expiry, nonce and bits under the exchange's key. Nothing is stored until it is spent.
func (x *Exchange) Work(ctx context.Context) (api.Work, error) {
	set, err := x.Policies(ctx)
	if err != nil {
		return api.Work{}, err
	}
	bits := set.Limits().ProofOfWorkBits
	expires := strconv.FormatInt(x.now().Add(workLife).Unix(), 10)
	nonce := footage.NewID(x.random("work", ""), "w")
	mac := x.keys.mac("work", expires, nonce, strconv.Itoa(bits))
	return api.Work{Challenge: strings.Join([]string{expires, nonce, strconv.Itoa(bits), mac}, "."), Bits: bits}, nil
}

// spendWork checks a solution and marks it as used.
func (x *Exchange) spendWork(tx *store.Tx, s api.Solution) error {
	bad := footage.Coded(footage.Invalid, "work", "The proof of work is missing, wrong, used or too old. Ask for a new challenge and try again.")
	parts := strings.Split(s.Challenge, ".")
	if len(parts) != 4 || !hmac.Equal([]byte(x.keys.mac("work", parts[0], parts[1], parts[2])), []byte(parts[3])) {
		return bad
	}
	expires, err := strconv.ParseInt(parts[0], 10, 64)
	bits, err2 := strconv.Atoi(parts[2])
	if err != nil || err2 != nil || x.now().Unix() > expires || !api.Solves(s.Challenge, s.Counter, bits) {
		return bad
	}
	if err := tx.SpendWork(footage.Hash([]byte(s.Challenge)), time.Unix(expires, 0)); err != nil {
		if errors.Is(err, footage.Conflict) {
			return bad
		}
		return err
	}
	return nil
}

// BeginShare opens a share. Until it is committed nothing exists for the agency, and what is not committed in time is
// swept away without a trace.
func (x *Exchange) BeginShare(ctx context.Context, id footage.RequestID, in api.BeginShare) (api.BegunShare, error) {
	var out api.BegunShare
	var refusal error
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		refusal = nil
		set, err := x.policies(tx)
		if err != nil {
			return err
		}
		limits := set.Limits()
		total, err := checkSizes(in, limits)
		if err != nil {
			return err
		}
		if err := mayShare(tx); err != nil {
			return err
		}
		if err := x.spendWork(tx, in.Work); err != nil {
			return err
		}
		q, err := x.admit(tx, id, total, limits, in.Credential)
		if errors.Is(err, footage.Refused) {
			refusal = err
			return nil // the work is spent all the same: nobody asks twice with one solution
		}
		if err != nil {
			return err
		}
		if err := currentEpoch(tx, q.Agency, in.Epoch); err != nil {
			return err
		}
		random := x.random("share", in.Credential)
		out = api.BegunShare{Share: footage.ShareID(footage.NewID(random, "s")), Ticket: secret(random), Sweep: x.now().Add(limits.Abandoned)}
		for range in.Sizes {
			out.Clips = append(out.Clips, footage.ClipID(footage.NewID(random, "c")))
		}
		return insertShare(tx, q, in, total, out)
	})
	if err == nil {
		err = refusal
	}
	return out, err
}

// checkSizes checks what is the caller's own affair, with clear errors.
func checkSizes(in api.BeginShare, limits policy.Limits) (total int64, err error) {
	if len(in.Sizes) == 0 {
		return 0, footage.E(footage.Invalid, "Choose at least one clip.")
	}
	if len(in.Sizes) > limits.Files {
		return 0, footage.Coded(footage.TooLarge, "too_many_files", fmt.Sprintf("A share may have %d clips; this one has %d.", limits.Files, len(in.Sizes)))
	}
	if !isHash(in.Credential) {
		return 0, footage.E(footage.Invalid, "The hash of the mailbox credential must be 64 hexadecimal digits.")
	}
	for _, size := range in.Sizes {
		if size <= 0 {
			return 0, footage.E(footage.Invalid, "A clip without a byte cannot be sent.")
		}
		if size > limits.FileBytes {
			return 0, footage.Coded(footage.TooLarge, "file_too_large", fmt.Sprintf("A clip may have %d bytes when sealed; this one has %d. Send a shorter piece.", limits.FileBytes, size))
		}
		total += size
	}
	if total > limits.ShareBytes {
		return 0, footage.Coded(footage.TooLarge, "share_too_large", fmt.Sprintf("All clips together may have %d bytes when sealed; these have %d. Send them in two shares.", limits.ShareBytes, total))
	}
	return total, nil
}

func isHash(s string) bool { return footage.RequestID(s).Valid() }

// admit returns an open request with room for total bytes, or the uniform refusal. It asks the database the same for every
// cause, so that the time that it takes tells none from another.
func (x *Exchange) admit(tx *store.Tx, id footage.RequestID, total int64, limits policy.Limits, credential string) (store.Request, error) {
	q, err := tx.Request(id)
	unknown := errors.Is(err, footage.NotFound)
	if err != nil && !unknown {
		return q, err
	}
	agency, err := tx.Agency(q.Agency)
	if err != nil && !unknown {
		return q, err
	}
	used, err := tx.DeclaredBytes(id)
	if err != nil {
		return q, err
	}
	mayAct, err := signersMayAct(tx, q)
	if err != nil {
		return q, err
	}
	open := q.Status == footage.Published && x.now().Before(q.Closes) && agency.Open(x.now()) && mayAct
	if unknown || !open || x.crowded(used+total, limits.RequestQuotaBytes, credential) {
		return q, refused()
	}
	return q, nil
}

// crowded decides whether a request that would hold so many bytes has no room for them. Up to half of the quota there
// always is, beyond it never, and in between it is as likely as the quota is used up: a sharp limit would tell anybody who
// announces share after share how many bytes others have announced, to the byte.
func (x *Exchange) crowded(bytes, quota int64, credential string) bool {
	half := quota / 2
	if bytes <= half || bytes > quota {
		return bytes > quota
	}
	var b [8]byte
	if _, err := io.ReadFull(x.random("room", credential), b[:]); err != nil {
		panic("exchange: no randomness: " + err.Error())
	}
	return int64(binary.BigEndian.Uint64(b[:])%uint64(quota-half)) < bytes-half
}

func currentEpoch(tx *store.Tx, agency footage.AgencyID, number int) error {
	epochs, err := tx.Epochs(agency)
	if err != nil {
		return err
	}
	if len(epochs) == 0 {
		return refused()
	}
	if epochs[0].Number != number {
		return footage.Coded(footage.Conflict, "epoch", "The agency has changed its key. Fetch the request again and seal anew.")
	}
	return nil
}

func insertShare(tx *store.Tx, q store.Request, in api.BeginShare, total int64, out api.BegunShare) error {
	s := store.Share{ID: out.Share, Request: q.ID, Agency: q.Agency, Epoch: in.Epoch, State: footage.ShareBegun,
		TicketHash: hashOf(out.Ticket), CredentialHash: in.Credential, Declared: total, Expires: out.Sweep}
	if err := tx.InsertShare(s); err != nil {
		return err
	}
	for i, size := range in.Sizes {
		clip := out.Clips[i]
		u := store.Upload{IDHash: hashOf(string(uploadID(out.Ticket, clip))), Share: s.ID, Clip: clip, Position: i, Key: clipPrefix + string(clip), Length: size}
		if err := tx.InsertUpload(u); err != nil {
			return err
		}
	}
	return nil
}

// maxSealedManifest bounds a sealed manifest: the manifest's 1 MiB, padding and header.
const maxSealedManifest = 2 << 20

// CommitShare completes a share: every clip is there, whole and as the sender says. It answers with the receipt.
// Committing the same again answers the same receipt; committing something else is a conflict.
func (x *Exchange) CommitShare(ctx context.Context, ticket string, in api.CommitShare) (footage.Receipt, error) {
	manifest, err := decode(in.Manifest)
	if err != nil {
		return footage.Receipt{}, err
	}
	if len(manifest) == 0 || len(manifest) > maxSealedManifest {
		return footage.Receipt{}, footage.E(footage.TooLarge, "The sealed manifest is missing or too large.")
	}
	var receipt footage.Receipt
	err = x.db.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.ShareByTicket(hashOf(ticket))
		if errors.Is(err, footage.NotFound) {
			return refused()
		}
		if err != nil {
			return err
		}
		if s.State != footage.ShareBegun {
			receipt = s.Receipt
			return sameCommit(s.Receipt, in.Clips, manifest)
		}
		if !x.now().Before(s.Expires) {
			return refused() // from now on it may be swept away at any moment
		}
		clips, err := complete(tx, s, in.Clips)
		if err != nil {
			return err
		}
		if receipt, err = x.receipt(tx, s, clips, manifest); err != nil {
			return err
		}
		return x.commit(tx, s, receipt, manifest)
	})
	return receipt, err
}

// complete checks the digests that the sender gives against those of the bytes that came.
func complete(tx *store.Tx, s store.Share, claimed []api.ClipDigest) ([]footage.SealedClip, error) {
	uploads, err := tx.Uploads(s.ID)
	if err != nil {
		return nil, err
	}
	digests := map[footage.ClipID]string{}
	for _, c := range claimed {
		digests[c.ID] = c.Digest
	}
	if len(digests) != len(uploads) || len(claimed) != len(uploads) {
		return nil, footage.E(footage.Invalid, "The commit must name every clip of the share once.")
	}
	var clips []footage.SealedClip
	for _, u := range uploads {
		switch {
		case u.Digest == "":
			return nil, footage.Coded(footage.Conflict, "incomplete", fmt.Sprintf("Clip %d is not complete: %d of %d bytes are here. Resume the upload.", u.Position+1, u.Received, u.Length))
		case u.Digest != digests[u.Clip]:
			return nil, footage.Coded(footage.Conflict, "digest", fmt.Sprintf("Clip %d did not arrive as it was sent: its digest differs. Send it anew.", u.Position+1))
		}
		clips = append(clips, footage.SealedClip{ID: u.Clip, Size: u.Length, Digest: u.Digest})
	}
	return clips, nil
}

// sameCommit compares a commit that comes again with the receipt that was given; the uploads may be gone.
func sameCommit(r footage.Receipt, claimed []api.ClipDigest, manifest []byte) error {
	same := r.Manifest == footage.Hash(manifest) && len(claimed) == len(r.Clips)
	for _, c := range r.Clips {
		same = same && slices.Contains(claimed, api.ClipDigest{ID: c.ID, Digest: c.Digest})
	}
	if !same {
		return footage.E(footage.Conflict, "This share was committed already, with other contents.")
	}
	return nil
}

// receipt makes the signed receipt. A request that has closed since the share began is honoured for some hours more.
func (x *Exchange) receipt(tx *store.Tx, s store.Share, clips []footage.SealedClip, manifest []byte) (footage.Receipt, error) {
	set, err := x.policies(tx)
	if err != nil {
		return footage.Receipt{}, err
	}
	limits := set.Limits()
	q, err := tx.Request(s.Request)
	if err != nil {
		return footage.Receipt{}, err
	}
	agency, err := tx.Agency(s.Agency)
	if err != nil {
		return footage.Receipt{}, err
	}
	mayAct, err := signersMayAct(tx, q)
	if err != nil {
		return footage.Receipt{}, err
	}
	late := q.Closes.Add(limits.LateCommit)
	if !agency.Open(x.now()) || !mayAct || x.now().After(late) || q.Status == footage.StatusWithdrawn || q.Withheld() {
		return footage.Receipt{}, refused()
	}
	committed := x.tick(limits)
	r := footage.Receipt{Type: footage.ReceiptType, Exchange: x.info.Origin, Share: s.ID, Request: s.Request, Agency: s.Agency, Epoch: s.Epoch,
		Clips: clips, Manifest: footage.Hash(manifest), Committed: committed,
		EraseBy: committed.Add(limits.Retention)}
	return r, r.Sign(x.keys.receiptKey())
}

// tick returns the present release tick: times that an agency can see are no finer than it (decision 14).
func (x *Exchange) tick(limits policy.Limits) time.Time {
	if x.atOnce {
		return x.now().Truncate(time.Second)
	}
	return x.now().Truncate(limits.Release)
}

func (x *Exchange) commit(tx *store.Tx, s store.Share, r footage.Receipt, manifest []byte) error {
	s.Committed, s.Expires, s.Manifest, s.Receipt = r.Committed, r.EraseBy, manifest, r
	if err := tx.CommitShare(s); err != nil {
		return err
	}
	return x.append(tx, s.ID, r.Committed, footage.EventCommitted, evidence.CommittedDetail(r))
}
