package deskweb

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// A clip is a stranger's file. It is shown in a frame whose document may do nothing: no script runs in it, its origin is its own
// and equal to no other, and its policy names one address that it may load, which is the clip's. So the frame sends no cookie,
// and the addresses are secrets instead: they hold a code that only this run of the program makes. The bytes are opened as
// they are asked for, in pieces of 64 KiB, and lie nowhere.

//go:embed frame.css
var frameStyle string

// frameTemplate is the frame's document.
const frameTemplate = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head><meta charset="utf-8"><title>{{.Name}}</title><style>{{.Style}}</style></head>
<body>{{if .Film}}<video controls preload="auto" src="{{.Source}}" aria-label="{{.Name}}"></video>{{else}}<img src="{{.Source}}" alt="{{.Name}}">{{end}}</body>
</html>
`

// mac is the code in the address of a clip's preview.
func (s *Server) mac(share footage.ShareID, clip footage.ClipID) string {
	h := hmac.New(sha256.New, s.key[:])
	_, _ = h.Write([]byte(string(share) + " " + string(clip))) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Server) previewPath(share footage.ShareID, clip footage.ClipID) string {
	return previewRoot + string(share) + "/" + string(clip) + "/" + s.mac(share, clip)
}

// previewed returns the clip that an address names, open for reading, if its code is right and a browser is in. The caller calls
// release.
func (s *Server) previewed(v *visitor) (c *desk.Clip, as string, release func(), err error) {
	share, id := shareOf(v), footage.ClipID(v.PathValue("clip"))
	s.mu.Lock()
	in := s.session != ""
	s.mu.Unlock()
	if !in || !same(v.PathValue("mac"), s.mac(share, id)) {
		return nil, "", nil, footage.E(footage.NotFound, "There is no such preview. Load the share’s page again.")
	}
	c, release, err = s.borrow(v.Context(), share, id)
	if err != nil {
		return nil, "", nil, err
	}
	if as = shownAs(c); as == "" {
		release()
		return nil, "", nil, footage.E(footage.Unsupported, "A browser is not shown files of this type. Export the clip.")
	}
	return c, as, release, nil
}

// shownAs says as what a browser is given a clip; empty: it is not. The file must begin as one of its media type does: a browser
// looks at the bytes of a film, whatever it is told, and what it knows besides films are playlists, which name addresses.
func shownAs(c *desk.Clip) string {
	as, film := ui.Showable(c.MediaType)
	var head [8]byte
	if _, err := c.Reader().ReadAt(head[:], 0); err != nil {
		return ""
	}
	if film && !slices.Contains([]string{"ftyp", "moov", "mdat", "free", "skip", "wide", "pnot"}, string(head[4:])) {
		return ""
	}
	if !film && string(head[:3]) != "\xff\xd8\xff" {
		return ""
	}
	return as
}

// frame answers with the document in the frame.
func (s *Server) frame(w http.ResponseWriter, v *visitor) error {
	c, as, release, err := s.previewed(v)
	if err != nil {
		return err
	}
	defer release()
	page, err := template.New("frame").Parse(frameTemplate)
	if err != nil {
		return err
	}
	source := s.opts.Origin + v.URL.Path + "/clip"
	style := sha256.Sum256([]byte(frameStyle))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; media-src "+source+"; img-src "+source+"; style-src 'sha256-"+base64.StdEncoding.EncodeToString(style[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors "+s.opts.Origin+"; require-trusted-types-for 'script'; trusted-types 'none'")
	return page.Execute(w, map[string]any{"Lang": v.lang, "Name": c.Name, "Style": template.CSS(frameStyle), "Film": strings.HasPrefix(as, "video/"), "Source": source})
}

// clip answers with the bytes of a clip, or with the range that is asked for (RFC 9110, 14). A browser is told what it is, guesses
// nothing, and gets it for a film or a picture alone: never as a document, a script or a style.
func (s *Server) clip(w http.ResponseWriter, v *visitor) error {
	switch v.Header.Get("Sec-Fetch-Dest") {
	case "", "video", "image":
	default:
		return footage.E(footage.Forbidden, "A clip is shown in its frame alone.")
	}
	c, as, release, err := s.previewed(v)
	if err != nil {
		return err
	}
	defer release()
	h := w.Header()
	h.Set("Content-Type", as)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("ETag", `"`+c.SHA256+`"`)
	http.ServeContent(w, v.Request, "", time.Time{}, c.Reader())
	return nil
}

// shelf holds the clips that are open for reading, the one that was used last at the end.
type shelf []*shelved

type shelved struct {
	share footage.ShareID
	clip  *desk.Clip
	users int
	gone  bool // closed when nobody uses it any more
}

// maxOpen is how many clips stay open for reading.
const maxOpen = 8

// borrow returns a clip open for reading. It stays open for the next reader until others take its place.
func (s *Server) borrow(ctx context.Context, share footage.ShareID, id footage.ClipID) (*desk.Clip, func(), error) {
	s.mu.Lock()
	at := s.clips.find(share, id)
	if at != nil {
		at.users++
	}
	s.mu.Unlock()
	if at == nil {
		c, err := s.d.Clip(ctx, share, id)
		if err != nil {
			return nil, nil, err
		}
		at = &shelved{share: share, clip: c, users: 1}
		s.mu.Lock()
		s.clips.add(at)
		s.mu.Unlock()
	}
	return at.clip, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		at.users--
		at.close()
	}, nil
}

func (f shelf) find(share footage.ShareID, id footage.ClipID) *shelved {
	i := slices.IndexFunc(f, func(x *shelved) bool { return x.share == share && x.clip.ID == id })
	if i < 0 {
		return nil
	}
	return f[i]
}

func (f *shelf) add(x *shelved) {
	*f = append(*f, x)
	for len(*f) > maxOpen {
		(*f)[0].gone = true
		(*f)[0].close()
		*f = (*f)[1:]
	}
}

// clear closes the clips of a share, or of all for an empty ID.
func (f *shelf) clear(share footage.ShareID) {
	*f = slices.DeleteFunc(*f, func(x *shelved) bool {
		if share != "" && x.share != share {
			return false
		}
		x.gone = true
		x.close()
		return true
	})
}

// close closes a clip that was taken away and that nobody reads. The caller holds the server's lock.
func (x *shelved) close() {
	if x.gone && x.users == 0 {
		_ = x.clip.Close() // it was only read
	}
}
