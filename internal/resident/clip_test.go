package resident_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/resident"
)

// TestOpenClipRefuses goes through what people pick by mistake, and what hostile names do to a message.
func TestOpenClipRefuses(t *testing.T) {
	film := sample.Clip(1, time.Second)
	long := strings.Repeat("x", 200) + ".mp4"
	for name, c := range map[string]struct {
		path string
		opts resident.ClipOptions
		kind footage.Kind
		code string
	}{
		"missing":               {filepath.Join(t.TempDir(), "no.mp4"), resident.ClipOptions{}, footage.NotFound, "clip_missing"},
		"folder":                {t.TempDir(), resident.ClipOptions{}, footage.Invalid, "clip_no_file"},
		"device":                {os.DevNull, resident.ClipOptions{AsIs: true}, footage.Invalid, "clip_no_file"},
		"name of 4,000":         {strings.Repeat("x", 4000), resident.ClipOptions{}, footage.Invalid, "clip_unreadable"},
		"empty":                 {write(t, "empty.mp4", nil), resident.ClipOptions{AsIs: true, Original: true}, footage.Invalid, "clip_empty"},
		"text":                  {write(t, "text.mp4", []byte("This is a text, and no film at all.")), resident.ClipOptions{}, footage.Invalid, "clip_not_video"},
		"text as original":      {write(t, "text.mp4", []byte("This is a text, and no film at all.")), resident.ClipOptions{Original: true}, footage.Invalid, "clip_not_video"},
		"cut short":             {write(t, "cut.mp4", film[:len(film)/2]), resident.ClipOptions{}, footage.Invalid, ""},
		"matroska":              {write(t, "a.mkv", append([]byte("\x1A\x45\xDF\xA3"), make([]byte, 100)...)), resident.ClipOptions{}, footage.Unsupported, "clip_format"},
		"newline in the name":   {write(t, "a\nb.mp4", nil), resident.ClipOptions{}, footage.Invalid, "clip_empty"},
		"direction in the name": {write(t, "a\u202egpj.mp4", nil), resident.ClipOptions{}, footage.Invalid, "clip_empty"},
		"escape in the name":    {write(t, "a\x1b[2Jb.mp4", []byte("text")), resident.ClipOptions{}, footage.Invalid, "clip_not_video"},
		"long name":             {write(t, long, nil), resident.ClipOptions{}, footage.Invalid, "clip_empty"},
	} {
		clip, err := resident.OpenClip(c.path, c.opts)
		var own *footage.Error
		if clip != nil || !errors.As(err, &own) || own.Kind != c.kind || c.code != "" && own.Code != c.code {
			t.Errorf("%s: %v (%+v), want %s %s", name, err, own, c.kind, c.code)
			continue
		}
		if strings.ContainsAny(own.Msg, "\n\x1b\u202e") || len(own.Msg) > 400 {
			t.Errorf("%s: the message is not fit for a screen: %q", name, own.Msg)
		}
	}
}

// TestAsIs sends what cannot be cleaned when told so, and says that it was not looked at.
func TestAsIs(t *testing.T) {
	w := start(t)
	raw := append([]byte("\x1A\x45\xDF\xA3"), noise(1, 100_000)...)
	clip := open(t, write(t, "A.MKV", raw), resident.ClipOptions{AsIs: true, KeepName: true})
	if removed, stays := clip.Findings(); len(removed) != 0 || len(stays) != 1 || !clip.Untouched {
		t.Errorf("removed %q, stays %q", removed, stays)
	}
	if clip.Fit(w.request(t).Document.Window) != resident.Unknown {
		t.Errorf("a file without a time fits: %s", clip.Fit(w.request(t).Document.Window))
	}
	sent, err := w.x.Send(t.Context(), resident.Share{Request: w.request(t), Clips: []*resident.Clip{clip}, Language: "en"}, resident.SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := w.receive(t, sent.Receipt.Share)
	wantClip(t, got, 0, raw, raw)
	line := got.manifest.Clips[0]
	if line.Name != "A.mkv" || line.MediaType != "video/x-matroska" || !line.Original.Sent || len(line.Kept) != 1 {
		t.Errorf("the manifest says %+v", line)
	}
}

// TestFit compares capture times with the window of a request.
func TestFit(t *testing.T) {
	from := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	window := footage.Window{From: from, To: from.Add(time.Hour)}
	stated := func(at time.Time) string {
		return write(t, "plain.mp4", sample.Film{Seed: 1, Duration: 2 * time.Second, Start: at}.Bytes())
	}
	old := write(t, "old.mkv", []byte("\x1A\x45\xDF\xA3 old"))
	if err := os.Chtimes(old, from, from.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		opts resident.ClipOptions
		want resident.Fit
	}{
		"at the beginning":     {stated(from), resident.ClipOptions{}, resident.Inside},
		"at the end":           {stated(window.To), resident.ClipOptions{}, resident.Inside},
		"just after the end":   {stated(window.To.Add(time.Second)), resident.ClipOptions{}, resident.Maybe},
		"an hour later":        {stated(window.To.Add(time.Hour)), resident.ClipOptions{}, resident.Outside},
		"clock an hour ahead":  {stated(window.To.Add(time.Hour)), resident.ClipOptions{ClockAhead: time.Hour}, resident.Inside},
		"clock an hour behind": {stated(from.Add(-time.Hour)), resident.ClipOptions{ClockAhead: -time.Hour}, resident.Inside},
		"owner says otherwise": {stated(from), resident.ClipOptions{From: from.Add(-time.Hour)}, resident.Outside},
		"owner knows":          {old, resident.ClipOptions{AsIs: true, From: from.Add(time.Minute)}, resident.Inside},
		"file from before":     {old, resident.ClipOptions{AsIs: true}, resident.Outside},
		"file from afterwards": {write(t, "new.mkv", []byte("\x1A\x45\xDF\xA3 new")), resident.ClipOptions{AsIs: true}, resident.Unknown},
	} {
		clip := open(t, c.path, c.opts)
		if got := clip.Fit(window); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", name, got, c.want, clip.Capture)
		}
	}
	clip := open(t, old, resident.ClipOptions{AsIs: true})
	if clip.Filmed(from); clip.Fit(window) != resident.Inside {
		t.Errorf("after the owner said when: %s", clip.Fit(window))
	}
	err := open(t, stated(window.To.Add(time.Hour)), resident.ClipOptions{}).OutsideError(footage.Document{Window: window, Zone: "America/Chicago"})
	if !errors.Is(err, footage.Refused) || !strings.Contains(err.Error(), "09:00") || !strings.Contains(err.Error(), "--clock-ahead") {
		t.Errorf("outside: %v", err)
	}
}

// TestSendNames keeps names safe and apart.
func TestSendNames(t *testing.T) {
	film := sample.Clip(1, time.Second)
	dir := t.TempDir()
	var clips []*resident.Clip
	keep := resident.ClipOptions{KeepName: true}
	for _, name := range []string{"a.mp4", "b/A.MP4", "c/a.mp4", "r\u202etsop.mp4", "new\nline.mp4", strings.Repeat("ä", 100) + ".mp4", "d/" + strings.Repeat("ä", 100) + ".mp4", "con.mp4"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, film, 0o600)); err != nil {
			t.Fatal(err)
		}
		clips = append(clips, open(t, path, keep))
	}
	clips = append(clips, open(t, filepath.Join(dir, "a.mp4"), resident.ClipOptions{}))
	names := resident.SendNames(clips)
	seen := map[string]bool{}
	for i, name := range names {
		if name != evidence.SafeName(name) || seen[strings.ToLower(name)] {
			t.Errorf("clip %d is called %q", i+1, name)
		}
		seen[strings.ToLower(name)] = true
	}
	if names[0] != "a.mp4" || names[1] != "A-2.mp4" || names[8] != "clip-09.mp4" {
		t.Errorf("names: %q", names)
	}
}

// TestShareCheck reports every broken limit at once.
func TestShareCheck(t *testing.T) {
	clip := open(t, write(t, "a.mp4", sample.Clip(1, time.Second)), resident.ClipOptions{})
	limits := api.Limits{FileBytes: 1000, ShareBytes: 1500, Files: 1}
	err := resident.Share{Clips: []*resident.Clip{clip, clip}, Message: strings.Repeat("x", 20_000)}.Check(limits)
	var own *footage.Error
	if !errors.As(err, &own) || own.Kind != footage.TooLarge {
		t.Fatalf("got %v", err)
	}
	var codes []string
	for _, r := range own.Reasons {
		codes = append(codes, r.Code)
	}
	if strings.Join(codes, " ") != "too_many_files file_too_large file_too_large share_too_large message_too_long" {
		t.Errorf("codes: %q", codes)
	}
	if err := (resident.Share{}).Check(api.Limits{}); !errors.Is(err, footage.Invalid) {
		t.Errorf("no clips: %v", err)
	}
	if err := (resident.Share{Clips: []*resident.Clip{clip}}).Check(api.Limits{FileBytes: 1 << 30, ShareBytes: 1 << 30, Files: 1}); err != nil {
		t.Errorf("within limits: %v", err)
	}
}

// TestChangingClips are changed or removed while they are sent.
func TestChangingClips(t *testing.T) {
	w := start(t)
	for name, c := range map[string]struct {
		change func(path string) error
		kind   footage.Kind // empty: the share arrives
	}{
		"written to": {func(path string) error { return appendTo(path, nil, 7<<20) }, footage.Conflict},
		"grows":      {func(path string) error { return appendTo(path, []byte("more"), -1) }, footage.Conflict},
		"truncated":  {func(path string) error { return os.Truncate(path, 1<<20) }, footage.Conflict},
		"deleted":    {os.Remove, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := w.longFilm(t, 12, 9<<20)
			original := read(t, path)
			var cerr error
			done := false
			share := resident.Share{Request: w.request(t), Language: "en", Clips: []*resident.Clip{open(t, path, resident.ClipOptions{})}}
			sent, err := w.x.Send(t.Context(), share, resident.SendOptions{Progress: func(at, total int64) {
				if !done && at > total/8 {
					done, cerr = true, c.change(path)
				}
			}})
			if cerr != nil {
				t.Fatal(cerr)
			}
			if c.kind != "" {
				if !errors.Is(err, c.kind) || sent.Receipt.Share != "" {
					t.Errorf("got %v, want %s", err, c.kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := w.receive(t, sent.Receipt.Share)
			if int64(len(got.clips[0])) != int64(len(original)) || !bytes.Equal(got.clips[0][:100_000], cleaned(t, original, media.Options{})[:100_000]) {
				t.Error("the deleted clip did not arrive whole")
			}
		})
	}
}

// appendTo writes into a file at a place, or at its end.
func appendTo(path string, data []byte, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if at < 0 {
		info, err := f.Stat()
		if err != nil {
			return errors.Join(err, f.Close())
		}
		at = info.Size()
	}
	if data == nil {
		data = noise(99, 1<<20)
	}
	_, err = f.WriteAt(data, at)
	return errors.Join(err, f.Close())
}
