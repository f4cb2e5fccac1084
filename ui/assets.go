package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
	"porchlight.example/ui/townmap"
)

// AssetRoot is the path under which [Pages.Assets] must be mounted.
const AssetRoot = "/assets/"

// bundle holds the static files, in memory.
type bundle struct {
	hash  string // of all names and bytes: a change anywhere gives new paths everywhere
	files map[string]asset
}

type asset struct {
	contentType string
	plain       []byte
	gzip        func() []byte // compressed
}

// newBundle joins all styles into one file: tokens, the base, then parts and pages by name, and print, which overrides all.
func newBundle(files fs.FS, words map[text.Lang]*text.Catalogue, basemap *townmap.Basemap) (*bundle, error) {
	b := &bundle{files: map[string]asset{}}
	css, err := joinStyles(files)
	if err != nil {
		return nil, err
	}
	b.add("porchlight.css", "text/css; charset=utf-8", css)
	images, err := fs.Glob(files, "image/*.svg")
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	for _, name := range images {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read image: %w", err)
		}
		b.add(path.Base(name), "image/svg+xml", raw)
	}
	if err := b.addScripts(files); err != nil {
		return nil, err
	}
	if err := b.addTexts(words); err != nil {
		return nil, err
	}
	if err := b.addBasemap(basemap); err != nil {
		return nil, err
	}
	b.hash = b.sum()
	return b, nil
}

// basemapFile is the operator's street map as the map of the front page reads it.
const basemapFile = "basemap.json"

func (b *bundle) addBasemap(basemap *townmap.Basemap) error {
	if basemap == nil {
		return nil
	}
	raw, err := json.Marshal(basemap)
	if err != nil {
		return err
	}
	b.add(basemapFile, "application/json", raw)
	return nil
}

// islandTexts names the islands that have too many texts for an attribute, each with how the keys of its messages begin.
func islandTexts() map[string][]string {
	return map[string][]string{
		"share":     {"share.", "key."},
		"shares":    {"shares."},
		"staffdesk": {"desk.", "staff.desk."},
		"find": {"find.", "date.", "unit.sqmi", "map.by", "map.north", "map.request.title", "front.open", "status.published", "update.amended", "role.",
			"request.a", "request.c", "request.entry", "request.facts", "request.hash", "request.map", "request.nothing", "request.o", "request.s", "request.w"},
	}
}

// addTexts adds the texts of those islands: a file for each in each language.
func (b *bundle) addTexts(words map[text.Lang]*text.Catalogue) error {
	for island, keys := range islandTexts() {
		for lang, catalogue := range words {
			raw, err := catalogue.JSON(keys...)
			if err == nil && island == "find" {
				raw, err = withOffences(raw, string(lang))
			}
			if err != nil {
				return err
			}
			b.add(island+"."+string(lang)+".json", "application/json", []byte(raw))
		}
	}
	return nil
}

// withOffences adds the name of every offence, as "offence.CODE", to texts.
func withOffences(texts, lang string) (string, error) {
	all := map[string]any{}
	if err := json.Unmarshal([]byte(texts), &all); err != nil {
		return "", err
	}
	for _, o := range footage.Offences() {
		all["offence."+o.Code] = o.Name(lang)
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// addScripts adds what tools/web has built, with the licences of other people's code in it.
func (b *bundle) addScripts(files fs.FS) error {
	names, err := fs.Glob(files, "dist/*.js")
	if err != nil {
		return fmt.Errorf("list scripts: %w", err)
	}
	for _, name := range append(names, "dist/LICENSES") {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read script: %w", err)
		}
		kind := "text/javascript; charset=utf-8"
		if path.Ext(name) == "" {
			kind = "text/plain; charset=utf-8"
		}
		b.add(path.Base(name), kind, raw)
	}
	return nil
}

func joinStyles(files fs.FS) ([]byte, error) {
	const tokens, base, last = "part/layout/tokens.css", "part/layout/base.css", "part/layout/print.css"
	names := []string{tokens, base}
	for _, pattern := range []string{"part/*/*.css", "page/*/*.css"} {
		found, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, fmt.Errorf("list styles: %w", err)
		}
		for _, name := range found {
			if name != tokens && name != base && name != last {
				names = append(names, name)
			}
		}
	}
	var out bytes.Buffer
	for _, name := range append(names, last) {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read styles: %w", err)
		}
		out.Write(raw)
	}
	return out.Bytes(), nil
}

// add takes a file in. It is compressed for the first reader who wants that: no start waits for it.
func (b *bundle) add(name, contentType string, raw []byte) {
	b.files[name] = asset{contentType: contentType, plain: raw, gzip: sync.OnceValue(func() []byte { return packed(raw) })}
}

// packed compresses bytes. In memory, and with a level that there is, nothing of it can fail.
func packed(raw []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(raw)
	_ = w.Close()
	return out.Bytes()
}

// Files returns the hash of every static file by name, and the path below which they lie: what the pages load, and all that
// they load.
func (p *Pages) Files() (root string, hashes map[string]string) {
	hashes = map[string]string{}
	for name, file := range p.bundle.files {
		sum := sha256.Sum256(file.plain)
		hashes[name] = hex.EncodeToString(sum[:])
	}
	return AssetRoot + p.bundle.hash + "/", hashes
}

func (b *bundle) sum() string {
	var names []string
	for name := range b.files {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s %d\n", name, len(b.files[name].plain))
		h.Write(b.files[name].plain)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// path returns the address of a file; a name that does not exist is a mistake in a template.
func (b *bundle) path(name string) (string, error) {
	if _, ok := b.files[name]; !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return AssetRoot + b.hash + "/" + name, nil
}

// Assets serves the static files; mount it at [AssetRoot]. What it serves never changes under its path, so caches may keep
// it for ever. An unknown path, such as one from before an update, gets 404 with an empty body.
func (p *Pages) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, AssetRoot+p.bundle.hash+"/")
		file, known := p.bundle.files[name]
		if !ok || !known {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		h := w.Header()
		h.Set("Content-Type", file.contentType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", assetPolicy(name))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := file.plain
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = file.gzip()
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the reader has gone; there is nobody to tell
		}
	})
}

// integrity is what the page states of a file, so that a browser takes no other (Subresource Integrity).
func (b *bundle) integrity(name string) (string, error) {
	file, ok := b.files[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	sum := sha256.Sum256(file.plain)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), nil
}

// AssetPath is the path of a static file, such as "passkey.js", or "" when there is none of the name.
func (p *Pages) AssetPath(name string) string {
	address, err := p.bundle.path(name)
	if err != nil {
		return ""
	}
	return address
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3) as far as one coding needs it.
func acceptsGzip(header string) bool {
	for _, item := range strings.Split(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
