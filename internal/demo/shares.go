package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/resident"
)

// film is a film that a resident of the town has.
type film struct {
	path   string
	stated time.Time // when it was filmed, as its owner says; zero if the film says so itself
}

// homeFilm makes a film as a camera of the town records it, with all that such a film says about its owner: 44 Juniper
// Street does not exist any more than the town does.
func (d *Demo) homeFilm(name string, seed uint64, start time.Time) (film, error) {
	raw := sample.Film{Seed: seed, Duration: 12 * time.Second, Start: start.Add(20 * time.Minute), Plant: sample.Plant{
		Position: "+44.3003-087.0126/", Serial: "SN-0044-1187", Owner: "R. Delgado", Title: "44 Juniper Street, front door"}}.Bytes()
	path := d.path(clipsDir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return film{}, fmt.Errorf("make a film: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return film{}, fmt.Errorf("make a film: %w", err)
	}
	return film{path: path}, nil
}

// realFilms returns the films of real streets, of which their owners say that they were filmed at start.
func (d *Demo) realFilms(start time.Time) []film {
	paths, _ := filepath.Glob(filepath.Join(d.opts.Footage, "*.mp4")) // the pattern is well formed
	var films []film
	for _, path := range paths {
		films = append(films, film{path: path, stated: start.Add(25 * time.Minute)})
	}
	return films
}

func (d *Demo) prepare(f film) (*resident.Clip, error) {
	o := resident.ClipOptions{}
	if !f.stated.IsZero() {
		o.From, o.To = f.stated, f.stated.Add(30*time.Second)
	}
	return resident.OpenClip(f.path, o)
}

// send shares films for a request, as a resident who has pinned the exchange's key.
func (d *Demo) send(ctx context.Context, id footage.RequestID, message string, films ...film) (sent resident.Sent, err error) {
	x := resident.New(d.base, d.node.Exchange.Info().LogVerifier)
	request, err := x.Request(ctx, id)
	if err != nil {
		return sent, err
	}
	share := resident.Share{Request: request, Language: "en", Message: message}
	for _, f := range films {
		clip, err := d.prepare(f)
		if err != nil {
			return sent, err
		}
		defer clip.Close()
		if clip.Fit(request.Document.Window) == resident.Outside {
			return sent, clip.OutsideError(request.Document)
		}
		share.Clips = append(share.Clips, clip)
	}
	return x.Send(ctx, share, resident.SendOptions{})
}

// keepWords puts the words of a share where whoever plays the resident finds them.
func (d *Demo) keepWords(name string, sent resident.Sent) error {
	if err := os.MkdirAll(d.path(receiptsDir), 0o700); err != nil {
		return fmt.Errorf("keep the receipt's words: %w", err)
	}
	if err := os.WriteFile(d.path(receiptsDir, name), []byte(strings.Join(sent.Secret.Words("en"), " ")+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the receipt's words: %w", err)
	}
	return nil
}

// shares has residents send what they have: one share waits to be fetched, one was opened and its sender is asked a
// question, one was exported and is erased.
func (d *Demo) shares(ctx context.Context, requests []footage.RequestID) error {
	samples := town.Requests()
	for i, s := range []struct {
		request   int
		name      string
		message   string
		agency    footage.AgencyID
		work      func(context.Context, *desk.Desk, footage.ShareID) error
		withReals bool
	}{
		{0, "waiting.txt", "The side gate is on the left.", town.Police, nil, true},
		{1, "question.txt", "", town.Police, d.askBack, false},
		{4, "exported.txt", "", town.Fire, d.takeOver, false},
	} {
		start := samples[s.request].Document(d.opts.Now(), "en").Window.From
		home, err := d.homeFilm(fmt.Sprintf("front-door-%d.mp4", i+1), uint64(i+1), start)
		if err != nil {
			return err
		}
		films := []film{home}
		if s.withReals {
			films = append(films, d.realFilms(start)...)
		}
		sent, err := d.send(ctx, requests[s.request], s.message, films...)
		if err != nil {
			return fmt.Errorf("share with %s: %w", s.agency, err)
		}
		if err := errors.Join(d.keepWords(s.name, sent), d.work(ctx, s.agency, sent.Receipt.Share, s.work)); err != nil {
			return err
		}
	}
	return nil
}

// work lets an agency's custodian work on a share as soon as it is released.
func (d *Demo) work(ctx context.Context, agency footage.AgencyID, id footage.ShareID, do func(context.Context, *desk.Desk, footage.ShareID) error) error {
	if do == nil {
		return nil
	}
	custodian, err := d.desk(ctx, agency, footage.Custodian)
	if err != nil {
		return err
	}
	if err := arrives(ctx, custodian, id); err != nil {
		return err
	}
	return do(ctx, custodian, id)
}

// arrives waits until a share has come into the inbox: shares are released in ticks, which a demonstration has every second.
func arrives(ctx context.Context, custodian *desk.Desk, id footage.ShareID) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		items, err := custodian.Inbox(ctx)
		if err != nil {
			return err
		}
		for _, item := range items {
			if item.Share == id {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return footage.E(footage.Unavailable, "The share was not released within a minute.")
		case <-tick.C:
		}
	}
}

// inspect fetches, opens and verifies a share.
func inspect(ctx context.Context, custodian *desk.Desk, id footage.ShareID) (desk.Verified, error) {
	if _, err := custodian.Fetch(ctx, id, nil); err != nil {
		return desk.Verified{}, err
	}
	if _, err := custodian.Unseal(ctx, id, desk.UnsealOptions{}); err != nil {
		return desk.Verified{}, err
	}
	return custodian.Verify(ctx, id, nil)
}

func (d *Demo) askBack(ctx context.Context, custodian *desk.Desk, id footage.ShareID) error {
	if _, err := inspect(ctx, custodian, id); err != nil {
		return err
	}
	_, err := custodian.Ask(ctx, id, "Thank you. Does your camera's clock show the right time?")
	return err
}

func (d *Demo) takeOver(ctx context.Context, custodian *desk.Desk, id footage.ShareID) error {
	if _, err := inspect(ctx, custodian, id); err != nil {
		return err
	}
	if _, err := custodian.Accept(ctx, id); err != nil {
		return err
	}
	packages := d.path(packagesDir)
	if err := os.MkdirAll(packages, 0o700); err != nil {
		return fmt.Errorf("make the folder of packages: %w", err)
	}
	if _, err := custodian.Export(ctx, id, filepath.Join(packages, "fire-investigation"), desk.ExportOptions{Case: "F-26-0311"}); err != nil {
		return err
	}
	_, err := custodian.Confirm(ctx, id)
	return err
}

// verifyBag checks a package as somebody without an account and without a server does.
func (d *Demo) verifyBag(ctx context.Context, dir string) (evidence.Findings, error) {
	return evidence.VerifyBag(ctx, dir, evidence.VerifyOptions{Trust: evidence.Trust{Verifier: d.node.Exchange.Info().LogVerifier}})
}
