package deskweb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
)

// open fetches the clips, opens their list and checks all of it, as one act of the custodian's.
func (s *Server) open(v *visitor) (done, error) {
	return s.begin(v, "desk.done.opened", func(ctx context.Context, w *work, id footage.ShareID) error {
		if _, err := s.d.Fetch(ctx, id, w.step("desk.work.fetch")); err != nil {
			return err
		}
		if _, err := s.d.OpenList(ctx, id); err != nil {
			return err
		}
		_, err := s.d.Verify(ctx, id, w.step("desk.work.verify"))
		return err
	})
}

func (s *Server) verify(v *visitor) (done, error) {
	return s.begin(v, "", func(ctx context.Context, w *work, id footage.ShareID) error {
		_, err := s.d.Verify(ctx, id, w.step("desk.work.verify"))
		return err
	})
}

func (s *Server) accept(v *visitor) (done, error) {
	_, err := s.d.Accept(v.Context(), shareOf(v))
	return said(v, "desk.done.accepted", err)
}

func (s *Server) decline(v *visitor) (done, error) {
	_, err := s.d.Decline(v.Context(), shareOf(v), evidence.Decline{Reason: evidence.DeclineReason(v.PostFormValue("reason")),
		Exculpatory: evidence.Exculpatory(v.PostFormValue("helps")), Note: strings.TrimSpace(v.PostFormValue("why"))})
	return said(v, "desk.done.declined", err)
}

func (s *Server) ask(v *visitor) (done, error) {
	_, err := s.d.Ask(v.Context(), shareOf(v), strings.TrimSpace(strings.ReplaceAll(v.PostFormValue("question"), "\r\n", "\n")))
	return said(v, "desk.done.asked", err)
}

func (s *Server) answerRecall(v *visitor) (done, error) {
	id := shareOf(v)
	answer := evidence.Recall{Answer: evidence.RecallAnswer(v.PostFormValue("answer")), Note: strings.TrimSpace(v.PostFormValue("law"))}
	if answer.Answer == evidence.RecallDestroyed {
		s.mu.Lock()
		s.clips.clear(id) // what is deleted must not stay open
		s.mu.Unlock()
	}
	_, err := s.d.AnswerRecall(v.Context(), id, answer)
	return said(v, "desk.done.answered", err)
}

func (s *Server) confirm(v *visitor) (done, error) {
	_, err := s.d.Confirm(v.Context(), shareOf(v))
	return said(v, "desk.done.confirmed", err)
}

// export writes an evidence package below the folder for them.
func (s *Server) export(v *visitor) (done, error) {
	opts := desk.ExportOptions{Case: strings.TrimSpace(v.PostFormValue("case")), Neutral: v.PostFormValue("neutral") != ""}
	return s.begin(v, "desk.done.exported", func(ctx context.Context, w *work, id footage.ShareID) error {
		dir, err := s.newPackage(ctx, id)
		if err != nil {
			return err
		}
		opts.Progress = w.step("desk.work.export")
		_, err = s.d.Export(ctx, id, dir, opts)
		return err
	})
}

// newPackage returns where the next package of a share goes. One that an earlier try wrote and could not record lies there
// already, and [desk.Desk.Export] records it.
func (s *Server) newPackage(ctx context.Context, id footage.ShareID) (string, error) {
	if err := os.MkdirAll(s.opts.Packages, 0o700); err != nil {
		return "", fmt.Errorf("make folder for packages: %w", err)
	}
	r, err := s.d.Review(ctx, id)
	if err != nil {
		return "", err
	}
	for n := 1; n <= 1000; n++ {
		dir := filepath.Join(s.opts.Packages, string(id))
		if n > 1 {
			dir = fmt.Sprintf("%s-%d", dir, n)
		}
		if !slices.ContainsFunc(r.Packages, func(x desk.Exported) bool { return x.Folder == dir }) {
			return dir, nil
		}
	}
	return "", errors.New("there are a thousand packages of this share")
}
