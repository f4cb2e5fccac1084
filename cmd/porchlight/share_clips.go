package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
)

// prepare opens every file, with all that is wrong said at once, and settles when each was filmed.
func (s *shareFlags) prepare(e env, c evidence.Checked, files []string) (clips []*resident.Clip, err error) {
	opts := s.clips
	opts.Zone = c.Document.Zone
	if opts.From, err = parseFilmed(s.filmed, resident.Zone(c.Document)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			closeClips(clips)
		}
	}()
	var wrong []error
	for _, file := range files {
		clip, err := resident.OpenClip(file, opts)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		clips = append(clips, clip)
	}
	if err = together(wrong); err != nil {
		return clips, err
	}
	for _, clip := range clips {
		if err := s.when(e, c.Document, clip); err != nil {
			wrong = append(wrong, err)
		}
	}
	err = together(wrong)
	return clips, err
}

// together makes one refusal of several: a single one stays as it is.
func together(wrong []error) error {
	if len(wrong) < 2 {
		return errors.Join(wrong...)
	}
	out := &footage.Error{Kind: footage.KindOf(wrong[0]), Msg: "Nothing was sent."}
	for _, err := range wrong {
		var own *footage.Error
		if !errors.As(err, &own) {
			return err
		}
		out.Reasons = append(out.Reasons, footage.Reason{Code: own.Code, Msg: own.Msg})
	}
	return out
}

// parseFilmed reads a moment at the place of the request.
func parseFilmed(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("a time looks like 2026-01-31T14:05, read at the place of the request")
}

// when compares a clip's time with the window, and asks where nothing says for sure.
func (s *shareFlags) when(e env, d footage.Document, clip *resident.Clip) error {
	if clip.Fit(d.Window) == resident.Unknown && !s.yes {
		fmt.Fprintf(e.stderr, "When was %q filmed? %s\n", clip.Name, clip.Capture.Why)
		for {
			answer, err := e.ask("Date and time at the place, such as 2026-01-31 14:05; or Enter if you do not know: ")
			if err != nil {
				return err
			}
			from, err := parseFilmed(answer, resident.Zone(d))
			if err == nil && !from.IsZero() {
				clip.Filmed(from)
			}
			if err == nil {
				break
			}
			fmt.Fprintln(e.stderr, "That is no date and time.")
		}
	}
	if clip.Fit(d.Window) == resident.Outside && !s.outside {
		return clip.OutsideError(d)
	}
	return nil
}

func closeClips(clips []*resident.Clip) {
	for _, c := range clips {
		_ = c.Close() // it was only read
	}
}

// showClips prints what will be sent, clip by clip.
func showClips(w io.Writer, share resident.Share) {
	fmt.Fprintf(w, "To send, %s:\n", clipsText(len(share.Clips)))
	for i, name := range resident.SendNames(share.Clips) {
		c := share.Clips[i]
		fmt.Fprintf(w, "\n  %d. %q as %s, %s%s\n", i+1, c.Name, name, bytesText(c.Size), length(c))
		fmt.Fprintf(w, "     Filmed  %s\n", filmed(c, share.Request.Document))
		if c.Untouched {
			fmt.Fprintln(w, "     Sent    THE ORIGINAL, UNTOUCHED, with all that it contains")
		}
		for _, edit := range c.Edits {
			fmt.Fprintf(w, "     Changed %s\n", edit.What)
		}
		removed, stays := c.Findings()
		for _, what := range removed {
			fmt.Fprintf(w, "     Removed %s\n", plainLine(what))
		}
		for _, what := range stays {
			fmt.Fprintf(w, "     STAYS   %s\n", plainLine(what))
		}
		fmt.Fprintln(w, "     STAYS   What the picture shows. It may show where the camera stands.")
	}
	if share.Contact != nil {
		c := share.Contact
		fmt.Fprintf(w, "\n  The agency will know you as: %s\n", plainLine(strings.Join(nonEmpty(c.Name, c.Email, c.Phone), ", ")))
	}
	if share.Message != "" {
		fmt.Fprintf(w, "\n  Your message: %s\n", plainLine(share.Message))
	}
	fmt.Fprintln(w)
}

func clipsText(n int) string {
	if n == 1 {
		return "1 clip"
	}
	return fmt.Sprintf("%d clips", n)
}

func length(c *resident.Clip) string {
	if c.Info == nil || c.Info.Duration == 0 {
		return ""
	}
	return ", " + c.Info.Duration.Round(time.Second).String()
}

// filmed says when a clip was filmed and how it fits.
func filmed(c *resident.Clip, d footage.Document) string {
	when := "at an unknown time"
	if !c.Capture.From.IsZero() {
		when = span(d, c.Capture.From, c.Capture.To)
	}
	fit := map[resident.Fit]string{
		resident.Inside: "within the time that is asked for", resident.Maybe: "near the time that is asked for; check the clip",
		resident.Unknown: "this is a guess; the time is not known", resident.Outside: "OUTSIDE THE TIME THAT IS ASKED FOR",
	}[c.Fit(d.Window)]
	return when + " (" + fit + "). " + c.Capture.Why
}
