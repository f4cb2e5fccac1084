package proof_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// answer is what a request is answered, all of it but the Date.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// view is all that a party can fetch at a moment, by method, path and what varies the answer.
type view map[string]answer

// look asks and keeps the answer.
func (v view) look(ctx context.Context, c *api.Client, method, path string, vary ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(vary); i += 2 {
		req.Header.Set(vary[i], vary[i+1])
	}
	if c.Bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.Bearer)
	}
	res, err := c.HTTP.Transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	a, err := read(res)
	if err != nil {
		return a, err
	}
	v[strings.TrimSpace(method+" "+path+" "+strings.Join(vary, "="))] = a
	return a, nil
}

// read reads an answer whole.
func read(res *http.Response) (a answer, err error) {
	defer res.Body.Close()
	a = answer{status: res.StatusCode, header: res.Header}
	a.header.Del("Date")
	a.body, err = io.ReadAll(res.Body)
	return a, err
}

// links finds paths on the exchange itself in pages, feeds and lists: what stands behind a quotation mark or the exchange's
// address and begins with a slash, but for a hash in base64, which may begin with one too.
func links(body []byte) (paths []string) {
	inPath := func(b byte) bool {
		return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte("/_.,~?=&;%-", b) >= 0
	}
	for i, b := range body {
		if b != '/' || i == 0 || body[i-1] != '"' && body[i-1] != '\'' && !bytes.HasSuffix(body[:i], []byte(exchangeAddress)) {
			continue
		}
		end := i + 1
		for end < len(body) && inPath(body[end]) {
			end++
		}
		if !treeHash.Match(body[i:min(i+44, len(body))]) {
			paths = append(paths, strings.ReplaceAll(string(body[i:end]), "&amp;", "&"))
		}
	}
	return paths
}

// publicView fetches everything that anybody can fetch: every page and file that leads from another, the record's tiles,
// and what is known from the interface's description, also what is refused or absent.
func (w *world) publicView(ctx context.Context) (view, error) {
	v, c := view{}, w.public()
	queue := []string{"/", "/en/", "/es/", "/healthz", "/readyz", "/metrics", "/openapi.yaml", "/v1/exchange", "/log/checkpoint", "/log/head.json",
		"/feed/index.json", "/feed/all.json", "/feed/requests.json", "/feed/requests.atom", "/feed/requests.geojson",
		"/feed/none", "/log/none", "/v1/none", "/none", "/requests/none", "/agencies/none", "/v1/mailbox", "/v1/agency/shares", "/v1/me",
		"/v1/uploads/", "/v1/uploads/u-00000000000000000000000000", "/v1/requests/none"}
	for _, id := range w.requests {
		queue = append(queue, "/requests/"+string(id), "/v1/requests/"+string(id))
	}
	head, err := w.node.Exchange.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	queue = append(queue, tilePaths(head.Integrated)...)
	seen := map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		a, err := v.look(ctx, c, "GET", path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		queue = append(queue, links(a.body)...)
		if err := w.vary(ctx, v, c, path, a); err != nil {
			return nil, err
		}
	}
	return v, w.refusals(ctx, v)
}

// vary asks for a path in the other ways in which it can be asked for.
func (w *world) vary(ctx context.Context, v view, c *api.Client, path string, a answer) error {
	ways := [][]string{{"HEAD"}}
	switch {
	case strings.HasPrefix(path, "/feed/"):
		ways = append(ways, []string{"GET", "Accept-Encoding", "gzip"}, []string{"GET", "If-None-Match", a.header.Get("Etag")})
	case path == "/" || strings.HasPrefix(path, "/requests/"):
		ways = append(ways, []string{"GET", "Accept-Language", "es"})
	}
	for _, way := range ways {
		if _, err := v.look(ctx, c, way[0], path, way[1:]...); err != nil {
			return fmt.Errorf("%s %s: %w", way[0], path, err)
		}
	}
	return nil
}

// refusals asks for what everybody is refused.
func (w *world) refusals(ctx context.Context, v view) error {
	for _, bearer := range []string{"", "wrong"} {
		for _, path := range []string{"/v1/mailbox", "/v1/agency/shares", "/v1/agency/keys", "/v1/me"} {
			if _, err := v.look(ctx, w.public().As(bearer), "GET", path, "X-Test", bearer); err != nil {
				return err
			}
		}
		for _, path := range []string{"/v1/shares/commit", "/v1/mailbox/withdraw", "/v1/uploads/", "/v1/requests/" + string(w.requests[0]) + "/shares"} {
			if _, err := v.look(ctx, w.public().As(bearer), "POST", path, "X-Test", bearer); err != nil {
				return err
			}
		}
	}
	return nil
}

// tilePaths returns the paths of every object of a record of a size.
func tilePaths(size int64) (paths []string) {
	for level, n := 0, size; n > 0; level, n = level+1, n>>8 {
		for tile := int64(0); tile*256 < n; tile++ {
			width := int(min(256, n-tile*256))
			paths = append(paths, "/"+ledger.TileKey(level, tile, width))
			if level == 0 {
				paths = append(paths, "/"+ledger.BundleKey(tile, width))
			}
		}
	}
	return paths
}

// agencyView fetches everything that the agency's people can fetch: each looks at all that there is for any of them.
func (w *world) agencyView(ctx context.Context) (view, error) {
	v := view{}
	if err := w.signIn(ctx); err != nil {
		return nil, err
	}
	for role, c := range w.staff {
		paths := []string{"/v1/me", "/v1/agency/requests", "/v1/agency/keys", "/v1/agency/duties", "/v1/agency/shares", "/v1/agency/shares/s-00000000000000000000000000"}
		var inbox []api.InboxItem
		err := c.Call(ctx, "GET", "/v1/agency/shares", nil, &inbox)
		if err != nil && footage.KindOf(err) != footage.Forbidden {
			return nil, err
		}
		for _, s := range inbox {
			paths = append(paths, "/v1/agency/shares/"+string(s.Share))
			for _, clip := range s.Clips {
				paths = append(paths, "/v1/agency/shares/"+string(s.Share)+"/clips/"+string(clip.ID))
			}
		}
		for _, path := range paths {
			if _, err := v.look(ctx, c, "GET", path, "X-Test", string(role)); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// compare returns where two views differ.
func compare(a, b view) (differences []string) {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		x := a[key]
		y, ok := b[key]
		switch {
		case !ok:
			differences = append(differences, key+": only one world has it")
		case x.status != y.status:
			differences = append(differences, fmt.Sprintf("%s: status %d and %d", key, x.status, y.status))
		case !bytes.Equal(x.body, y.body):
			differences = append(differences, fmt.Sprintf("%s: bodies differ at %s", key, apart(x.body, y.body)))
		case fmt.Sprint(x.header) != fmt.Sprint(y.header):
			differences = append(differences, fmt.Sprintf("%s: headers %v and %v", key, x.header, y.header))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[key]; !ok {
			differences = append(differences, key+": only one world has it")
		}
	}
	return differences
}

// apart quotes two texts where they begin to differ.
func apart(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-40)
	return fmt.Sprintf("%d: %q and %q", i, a[from:min(len(a), i+60)], b[from:min(len(b), i+60)])
}

// What hangs on the daily custody entry is hashes of a tree that holds it, and signatures over them.
var (
	treeHash  = regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)
	noteSig   = regexp.MustCompile(`(— [^ ]+ )[A-Za-z0-9+/]{90,}=*`)
	pathHash  = regexp.MustCompile(`"(path|root)":(\[("[0-9a-f]{64}",?)*\]|"[0-9a-f]{64}")`)
	leafPlace = regexp.MustCompile(`"leaf":\d+`)
	// rootHash is what open data and pages say of a custody entry, and the hash of any entry on a page: the entries themselves
	// are compared in the record's bundles.
	rootHash = regexp.MustCompile(`custody\.root","agency"[^}]*|custody\.root,[^\r\n]*|<code>[0-9a-f]{16,64}</code>|&#34;root&#34;: &#34;[0-9a-f]{64}`)
	anyETag  = regexp.MustCompile(`^"[^"]*"$`)
)

// hanging lists the paths whose answers may differ in such hashes and in nothing else. The agency has the paths from its
// shares to the daily entries.
var hanging = regexp.MustCompile(`^(GET|HEAD) /(log/checkpoint|log/head.json|log/tile/|record|(en|es)/record|v1/requests/|feed/|data/entr(y|ies)|v1/agency/shares/s-[0-9a-z]+ X-Test)`)

// mask takes out of a view what hangs on the daily custody entry, and only where that may be: of a custody entry
// everything but its size, of the paths in hanging the tree's hashes and what follows from them.
func (w *world) mask(v view) (view, error) {
	out := view{}
	for key, a := range v {
		if !hanging.MatchString(key) {
			out[key] = a
			continue
		}
		a.header = a.header.Clone()
		if etag := a.header.Get("Etag"); anyETag.MatchString(etag) {
			a.header.Set("Etag", fmt.Sprintf("an ETag of %d characters", len(etag)))
		}
		if a.header.Get("Content-Encoding") == "gzip" { // hashes do not compress to one length
			r, err := gzip.NewReader(bytes.NewReader(a.body))
			if err != nil {
				return nil, err
			}
			if a.body, err = io.ReadAll(r); err != nil {
				return nil, err
			}
			a.header.Del("Content-Length")
		}
		if strings.HasSuffix(key, "/record") {
			a.header.Del("Content-Length") // a plus sign in a hash is longer in HTML
		}
		body, err := w.maskBody(key, a.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		a.body = body
		out[key] = a
	}
	return out, nil
}

func (w *world) maskBody(key string, body []byte) ([]byte, error) {
	switch {
	case strings.Contains(key, "/log/tile/entries/"):
		return maskEntries(body)
	case strings.Contains(key, "/log/tile/"):
		return fmt.Appendf(nil, "%d bytes of hashes", len(body)), nil
	}
	if strings.HasSuffix(key, "/record") {
		body = []byte(html.UnescapeString(string(body)))
	}
	for _, form := range []*regexp.Regexp{noteSig, treeHash, pathHash} {
		body = form.ReplaceAllFunc(body, func(b []byte) []byte { return fmt.Appendf(nil, "[%d]", len(b)) })
	}
	if strings.Contains(key, " /data/entr") || strings.Contains(key, "/record/entries") {
		body = rootHash.ReplaceAllFunc(body, func(b []byte) []byte { return fmt.Appendf(nil, "[%d]", len(b)) })
	}
	return leafPlace.ReplaceAll(body, []byte(`"leaf":[place]`)), nil
}

// maskEntries leaves of each custody root its size, and every other entry as it is.
func maskEntries(bundle []byte) ([]byte, error) {
	if len(bundle) == 0 {
		return bundle, nil
	}
	entries, err := ledger.ParseBundle(bundle)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, raw := range entries {
		e, err := ledger.DecodeEntry(raw)
		if err != nil {
			return nil, err
		}
		if e.Kind == ledger.KindCustodyRoot {
			var fact map[string]json.RawMessage
			if err := json.Unmarshal(e.Data, &fact); err != nil {
				return nil, err
			}
			fact["root"] = fmt.Appendf(nil, "%d", len(fact["root"]))
			raw = fmt.Appendf(nil, "%d bytes at %v: %v", len(raw), e.At, fact)
		}
		out = append(append(out, raw...), '\n')
	}
	return out, nil
}
