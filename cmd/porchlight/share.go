package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

func shareCommand() command {
	return command{name: "share", args: "URL FILE...", summary: "send clips to the agency that asks, sealed so that it alone can open them",
		help: `Sends clips for one request. URL is the address of the request's page; or give --exchange and the request's ID.

Before anything is sent, the request is checked on this device against the exchange's public record: who asks, which two
people signed, to whose key the clips will be sealed. Then each clip is looked at: its time against the window that is
asked for, and what it says about you. The copy that is sent has no position, serial numbers or names, and no sound
unless you keep it; the original is only read. You see what will be sent and the consent statement, and are asked.

What leaves this device: of a small exchange the whole feed is fetched, which tells nobody which request you look at. Of a
large one the request is fetched by its ID, unless you say with --at where you are: then the files of the cell of some
80 km around it are fetched, and the place stays here.

At the end ten words are shown: your receipt. They are the only way to see what becomes of the clips, to answer a
question, to take the clips back. Nothing is kept on this device but, while the upload is under way, a file in the
configuration folder with which it can go on after a stop ('porchlight share --resume'). It names the clips and holds
the keys to them; it is deleted at the end, and after a day at the latest when you next use this command.

This program cannot trim or blur. Do that with another program first, or in the browser.`,
		run: runShare}
}

// shareFlags are what a person can say about a share.
type shareFlags struct {
	config, exchange, at, lang, filmed, message, receiptFile string
	contact                                                  footage.Contact
	clips                                                    resident.ClipOptions
	outside, yes, asJSON, resume, discard, noResume          bool
	patience                                                 time.Duration
}

func (s *shareFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&s.exchange, "exchange", "", "the exchange's `address`; then the request's ID takes the place of URL")
	fs.StringVar(&s.at, "at", "", "where you are as `LAT,LON`, to find the request in the feed of the region; it stays on this device")
	fs.StringVar(&s.lang, "lang", "en", "`language` of the consent statement and the receipt's words: en or es")
	fs.BoolVar(&s.clips.KeepSound, "keep-sound", false, "send the sound too")
	fs.BoolVar(&s.clips.KeepName, "keep-names", false, "send the files' names too")
	fs.BoolVar(&s.clips.Original, "original", false, "send the untouched originals, with all that they contain")
	fs.BoolVar(&s.clips.AsIs, "as-is", false, "send files that cannot be cleaned as they are")
	fs.DurationVar(&s.clips.ClockAhead, "clock-ahead", 0, "by how much the camera's clock ran ahead (`1h`), or behind (-1h)")
	fs.StringVar(&s.filmed, "filmed", "", "`when` the clip was filmed if it does not say, as 2026-01-31T14:05 at the place of the request")
	fs.BoolVar(&s.outside, "outside-window", false, "send clips all the same that are from another time than is asked for")
	fs.StringVar(&s.message, "message", "", "a `text` for the agency, sealed with the clips")
	fs.StringVar(&s.contact.Name, "name", "", "your `name`, if you want the agency to know it; sealed with the clips")
	fs.StringVar(&s.contact.Email, "email", "", "your e-mail `address`, likewise")
	fs.StringVar(&s.contact.Phone, "phone", "", "your telephone `number`, likewise")
	fs.BoolVar(&s.yes, "yes", false, "agree to the consent statement and send without asking")
	fs.BoolVar(&s.asJSON, "json", false, "print the receipt as JSON")
	fs.StringVar(&s.receiptFile, "receipt-file", "", "also write the receipt with its words to a new `file`")
	fs.DurationVar(&s.patience, "patience", resident.DefaultPatience, "how `long` to try while the exchange does not answer")
	fs.BoolVar(&s.resume, "resume", false, "go on with the shares that were not finished")
	fs.BoolVar(&s.discard, "discard", false, "forget the shares that were not finished")
	fs.BoolVar(&s.noResume, "no-resume", false, "keep nothing on this device, not even while the upload is under way")
}

func runShare(ctx context.Context, e env, args []string) error {
	fs := flags("porchlight share")
	var s shareFlags
	s.add(fs)
	config := configFlag(fs)
	rest, err := parse(e, fs, args, 0, -1)
	if err != nil {
		return err
	}
	if s.config, err = configFolder(*config); err != nil {
		return err
	}
	if !slices.Contains(evidence.Languages(), s.lang) {
		return usagef("--lang must be one of %s", strings.Join(evidence.Languages(), ", "))
	}
	switch {
	case s.discard || s.resume:
		if len(rest) > 0 {
			return usagef("--resume and --discard take no clips: those of the unfinished shares are known")
		}
		return s.unfinished(ctx, e)
	case len(rest) < 2:
		return usagef("share takes the address of a request and at least one file; 'porchlight share --help' says more")
	}
	x, id, err := s.target(rest[0])
	if err != nil {
		return err
	}
	if err := s.remind(e); err != nil {
		return err
	}
	return s.share(ctx, e, x, id, rest[1:])
}

// remind says what was not finished before, and forgets what the exchange has forgotten.
func (s *shareFlags) remind(e env) error {
	all, err := s.pending().List(time.Now())
	for _, p := range all {
		fmt.Fprintf(e.stderr, "porchlight: an earlier share was not finished (%s): --resume goes on with it, --discard forgets it\n", p.Names())
	}
	return err
}

// target returns the exchange and the request that are meant.
func (s *shareFlags) target(link string) (*resident.Exchange, footage.RequestID, error) {
	base, id := s.exchange, footage.RequestID(strings.ToLower(link))
	var err error
	if base == "" {
		base, id, err = resident.ParseLink(link)
	} else if !id.Valid() {
		err = footage.Coded(footage.Invalid, "request_id", "A request's ID has 64 digits, 0-9 and a-f. Copy it whole from the end of its page's address.")
	}
	if err != nil {
		return nil, "", err
	}
	x, err := exchangeFor(s.config, []string{base})
	return x, id, err
}

// share does the whole of it: look, show, ask, send, tell.
func (s *shareFlags) share(ctx context.Context, e env, x *resident.Exchange, id footage.RequestID, files []string) error {
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	if err := info.CheckClock(); err != nil {
		return err
	}
	if info.ClockOff() {
		fmt.Fprintf(e.stderr, "porchlight: warning: this device's clock is off by %s from the exchange's.\n", info.Ahead.Abs())
	}
	if err := maySend(ctx, x); err != nil {
		return err
	}
	checked, err := s.find(ctx, e, x, id)
	if err != nil {
		return err
	}
	showFirstUse(e.stderr, checked, x.Client.Base)
	showRequest(e.stderr, checked, x.Client.Base)
	if err := errors.Join(checked.Open(time.Now()), x.Watched(checked)); err != nil {
		return err
	}
	clips, err := s.prepare(e, checked, files)
	if err != nil {
		return err
	}
	defer closeClips(clips)
	share := resident.Share{Request: checked, Clips: clips, Language: s.lang, Message: s.message}
	if s.contact != (footage.Contact{}) {
		share.Contact = &s.contact
	}
	if err := share.Check(info.Limits); err != nil {
		return err
	}
	if agreed, err := s.consent(e, share); err != nil || !agreed {
		return err
	}
	return s.send(ctx, e, x, share)
}

// find gets the request in the way that tells least: from the whole feed, from the region's, or by its ID.
func (s *shareFlags) find(ctx context.Context, e env, x *resident.Exchange, id footage.RequestID) (evidence.Checked, error) {
	feed, err := x.WholeFeed(ctx)
	if err != nil && footage.KindOf(err) == footage.TooLarge && s.at != "" {
		place, perr := parsePoint(s.at)
		if perr != nil {
			return evidence.Checked{}, perr
		}
		feed, err = x.FeedAround(ctx, place)
	}
	if err == nil {
		checked, err := feed.Find(id)
		if footage.KindOf(err) != footage.NotFound {
			return checked, err
		}
	} else if footage.KindOf(err) != footage.TooLarge {
		return evidence.Checked{}, err
	}
	fmt.Fprintln(e.stderr, "porchlight: the request is fetched by its ID, so the exchange sees that somebody looks at it; it stores nothing of that")
	return x.Request(ctx, id)
}

// pending returns the folder of unfinished shares.
func (s *shareFlags) pending() resident.Folder {
	return resident.Folder{Dir: filepath.Join(s.config, "unfinished")}
}
