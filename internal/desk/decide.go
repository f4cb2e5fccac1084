package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// Accept records that the agency accepts the clips. What was not verified is a Conflict, what failed verification Untrusted.
func (d *Desk) Accept(ctx context.Context, id footage.ShareID) (*Share, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	switch summary, ok := s.lastVerified(); {
	case !ok:
		return nil, footage.Coded(footage.Conflict, CodeNotVerified, "Verify the share first.")
	case !passed(summary):
		return nil, footage.Coded(footage.Untrusted, CodeBadFindings, "The share did not pass verification ("+summary+"), so it cannot be accepted. Verify it again or decline it.")
	}
	return s, d.record(ctx, s, footage.EventAccepted, nil)
}

// Decline records that the agency does not keep the clips, why, and whether they may help the defence. The agency keeps its
// copy for the policy's days; without one, open or sealed, on this device it is a Conflict. The exchange erases its own.
func (d *Desk) Decline(ctx context.Context, id footage.ShareID, statement evidence.Decline) (*Share, error) {
	detail, err := statement.Detail()
	if err != nil {
		return nil, err
	}
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	if !d.holds(s) {
		return nil, footage.Coded(footage.Conflict, CodeNoCopy, "This device holds no copy of all the clips, and a declined clip must be kept for the policy's days in case it clears somebody. Fetch the share first.")
	}
	return s, d.record(ctx, s, footage.EventDeclined, detail)
}

// AnswerRecall answers a resident who asks for clips back. For an answer of "destroyed" the desk first deletes what it holds
// of the share itself, open and sealed; packages and copies elsewhere are the custodian's to destroy.
func (d *Desk) AnswerRecall(ctx context.Context, id footage.ShareID, answer evidence.Recall) (*Share, error) {
	detail, err := answer.Detail()
	if err != nil {
		return nil, err
	}
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	if !s.Recalled {
		return nil, footage.E(footage.Conflict, "Nobody has asked for this share back.")
	}
	if answer.Answer == evidence.RecallDestroyed {
		if err := d.destroy(s); err != nil {
			return nil, fmt.Errorf("destroy the clips: %w", err)
		}
	}
	return s, d.record(ctx, s, footage.EventAnswered, detail)
}

// destroy deletes what the desk holds of a share.
func (d *Desk) destroy(s *Share) error {
	u, err := d.opened(s)
	if err == nil && u.folder != "" {
		for _, c := range u.m.Clips {
			if err := os.Remove(u.path(c)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return os.RemoveAll(d.folder(s.Delivery.Share))
}

// Confirm records that the agency holds its own copy, upon which the exchange erases its copy. It is a Conflict unless a
// package was exported or this device holds all clips.
func (d *Desk) Confirm(ctx context.Context, id footage.ShareID) (*Share, error) {
	s, err := d.Share(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.State == footage.ShareConfirmed || (s.State == footage.ShareErased && s.has(footage.EventConfirmed, "")) {
		return s, nil
	}
	if !s.has(footage.EventExported, "") && !d.holds(s) {
		return nil, footage.Coded(footage.Conflict, CodeNoCopy, "No package was exported and this device does not hold all clips. Confirming would let the only copy be erased: export the share first.")
	}
	if err := d.record(ctx, s, footage.EventConfirmed, nil); err != nil {
		return nil, err
	}
	return s, d.refresh(ctx, s)
}

// holds reports whether this device holds every clip of a share, open or sealed, by name and size.
func (d *Desk) holds(s *Share) bool {
	open := map[footage.ClipID]bool{}
	if u, err := d.opened(s); err == nil && u.folder != "" {
		for _, c := range u.m.Clips {
			info, err := os.Stat(u.path(c))
			open[c.ID] = err == nil && info.Mode().IsRegular() && info.Size() == c.Size
		}
	}
	for _, c := range s.Clips {
		if !open[c.ID] && !d.fetched(s.Delivery.Share, c) {
			return false
		}
	}
	return true
}
