package resident

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
)

// Source is a clip where it lies, such as a file or a recording of a home recorder. It is only ever read.
type Source struct {
	Name     string // the file's name, for people and for the time that cameras write into it
	Size     int64
	Modified time.Time // or zero
	Content  io.ReaderAt
	// Stamp tells versions of the content apart, such as size and time of modification. It is asked before and after
	// sending, so that a clip which changes meanwhile is noticed. Nil if the content cannot change.
	Stamp func() (string, error)
}

// ClipOptions say how a clip is to be prepared. The zero value cleans and mutes.
type ClipOptions struct {
	KeepSound bool `json:"keep_sound,omitempty"`
	KeepName  bool `json:"keep_name,omitempty"` // else it is called clip-01.mp4 and so on
	Original  bool `json:"original,omitempty"`  // send the untouched original, with all that it contains
	AsIs      bool `json:"as_is,omitempty"`     // send as it is what cannot be cleaned, and clean what can
	// ClockAhead is by how much the camera's clock ran ahead of the true time; negative if it was behind.
	ClockAhead time.Duration `json:"clock_ahead,omitempty"`
	// From and To are when the clip was filmed, as its owner states it in true time; zero to take it from the clip.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	Zone string    `json:"zone,omitempty"` // IANA time zone that the camera's clock shows; empty for UTC
}

// Clip is a clip that is prepared for sending: a view of the original without what gives its owner away. Nothing is copied;
// the original stays open until Close and is read once more while it is sent.
type Clip struct {
	Name      string // as the owner knows it
	Options   ClipOptions
	Info      *media.Clip // what the original says about itself; nil if it is sent as it is without being understood
	Capture   Capture
	Edits     []media.Edit // what cleaning changes, in a fixed order
	Untouched bool         // the original itself is sent
	Path      string       // where to find it again; empty for a clip that is no file
	Size      int64        // bytes to be sent

	source  Source
	content io.ReaderAt // as it is sent, over original
	orig    *tap
	close   func() error
}

// OpenClip prepares a file. See [NewClip]; a file that cannot be read is footage.NotFound or footage.Invalid.
func OpenClip(path string, o ClipOptions) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	c, err := openFile(f, path, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

func openFile(f *os.File, path string, o ClipOptions) (*Clip, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fileError(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, footage.Coded(footage.Invalid, "clip_no_file", quoted(path)+" is not a file. Choose the video file itself.")
	}
	c, err := NewClip(Source{Name: filepath.Base(path), Size: info.Size(), Modified: info.ModTime(), Content: f,
		Stamp: func() (string, error) { return fileStamp(f) }}, o)
	if err != nil {
		return nil, err
	}
	c.close = f.Close
	c.Path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find clip again: %w", err)
	}
	return c, nil
}

func fileStamp(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano()), nil
}

func fileError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return footage.Coded(footage.NotFound, "clip_missing", "There is no file "+quoted(path)+". Check its name.")
	}
	if errors.Is(err, fs.ErrPermission) {
		return footage.Coded(footage.Invalid, "clip_forbidden", "You may not read the file "+quoted(path)+". Change its permissions or copy it.")
	}
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err // without the path, which may be anything
	}
	return footage.Coded(footage.Invalid, "clip_unreadable", "The file "+quoted(path)+" cannot be opened: "+err.Error()+".")
}

// quoted makes a name fit for one line on a screen: what would not show as itself is escaped, and a long one is cut.
func quoted(name string) string {
	if r := []rune(name); len(r) > 80 {
		name = string(r[:40]) + "…" + string(r[len(r)-39:])
	}
	return fmt.Sprintf("%q", name)
}

// NewClip inspects a source and prepares it. It refuses as [media.Inspect] does: Invalid for what is no clip, Unsupported
// for what cannot be cleaned, unless the options say to send it as it is. What fails names the clip.
func NewClip(s Source, o ClipOptions) (*Clip, error) {
	c := &Clip{Name: s.Name, Options: o, source: s, orig: newTap(s.Content), Size: s.Size}
	if s.Size <= 0 {
		return nil, footage.Coded(footage.Invalid, "clip_empty", quoted(s.Name)+" is empty. Save or download the clip again.")
	}
	info, err := media.Inspect(c.orig, s.Size)
	switch {
	case err == nil:
		c.Info = info
	case !o.allows(err):
		return nil, naming(s.Name, err)
	}
	if c.Untouched = o.Original || c.Info == nil; c.Untouched {
		c.content = c.orig
	} else if err := c.clean(); err != nil {
		return nil, naming(s.Name, err)
	}
	c.Capture = c.capture()
	return c, nil
}

// allows reports whether a clip that cannot be inspected may go out as it is.
func (o ClipOptions) allows(err error) bool {
	switch footage.KindOf(err) {
	case footage.Unsupported:
		return o.AsIs || o.Original
	case footage.Invalid:
		return o.AsIs
	}
	return false
}

func (c *Clip) clean() error {
	cleaned, err := media.Clean(c.orig, c.source.Size, media.Options{KeepAudio: c.Options.KeepSound})
	if err != nil {
		return err
	}
	c.content, c.Size, c.Edits = cleaned, cleaned.Size, cleaned.Edits
	return nil
}

// naming puts the clip's name in front of what is wrong with it.
func naming(name string, err error) error {
	var own *footage.Error
	if !errors.As(err, &own) {
		return fmt.Errorf("prepare clip: %w", err)
	}
	named := *own
	named.Msg = quoted(name) + ": " + own.Msg
	return &named
}

// Close closes the original. A clip that is being sent must stay open.
func (c *Clip) Close() error {
	if c.close == nil {
		return nil
	}
	return c.close()
}

// Open returns the bytes as they would be sent, for a preview.
func (c *Clip) Open() io.ReaderAt { return c.content }

// Findings returns what the original says about its owner, as sentences for the owner's screen alone, in those that go and
// those that stay in what is sent.
func (c *Clip) Findings() (removed, stays []string) {
	if c.Info == nil {
		return nil, []string{"The format is not understood, so that nothing in it could be looked at: it may hold position, serial numbers, names and sound."}
	}
	for _, f := range c.Info.Findings {
		if f.Stays || c.Untouched {
			stays = append(stays, f.What)
		} else {
			removed = append(removed, f.What)
		}
	}
	if c.Info.HasAudio() {
		if c.Untouched || c.Options.KeepSound {
			stays = append(stays, "The sound.")
		} else {
			removed = append(removed, "The sound.")
		}
	}
	return removed, stays
}

// extension returns the extension that fits the content, with its dot; the name's own when the content is not understood.
func (c *Clip) extension() string {
	if c.Info == nil {
		return strings.ToLower(filepath.Ext(c.Name))
	}
	return map[media.Format]string{media.MP4: ".mp4", media.MOV: ".mov", media.JPEG: ".jpg"}[c.Info.Format]
}

// mediaType returns the content's media type.
func (c *Clip) mediaType() string {
	if c.Info != nil {
		return map[media.Format]string{media.MP4: "video/mp4", media.MOV: "video/quicktime", media.JPEG: "image/jpeg"}[c.Info.Format]
	}
	known := map[string]string{".mkv": "video/x-matroska", ".webm": "video/webm", ".avi": "video/x-msvideo", ".ts": "video/mp2t", ".mp4": "video/mp4",
		".mov": "video/quicktime", ".png": "image/png", ".heic": "image/heic", ".jpg": "image/jpeg", ".wmv": "video/x-ms-wmv"}
	if t := known[c.extension()]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// SendNames returns the names under which the clips travel: neutral ones, or safe forms of those that their owner keeps,
// no two of which are the same.
func SendNames(clips []*Clip) []string {
	out, taken := make([]string, len(clips)), map[string]bool{}
	for i, c := range clips {
		name := evidence.NeutralName(i+1, c.extension())
		if c.Options.KeepName {
			name = evidence.SafeName(c.Name)
		}
		ext := filepath.Ext(name)
		for stem, n := strings.TrimSuffix(name, ext), 2; taken[strings.ToLower(name)]; n++ {
			// Shortened, so that the longest safe name stays one with its number.
			name = fmt.Sprintf("%s-%d%s", strings.ToValidUTF8(stem[:min(len(stem), 90)], ""), n, ext)
		}
		taken[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}
