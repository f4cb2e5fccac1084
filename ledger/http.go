package ledger

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// HTTP reads the objects of a log from a web server, such as an exchange, a cache or a folder behind nginx.
type HTTP struct {
	Base   string       // the URL that keys are appended to, such as "https://exchange.example"
	Client *http.Client // nil means one that waits [DefaultTimeout] for a whole object
}

// DefaultTimeout is how long HTTP waits for one object, from the dialling to the last byte.
const DefaultTimeout = 30 * time.Second

// Get fetches an object. No answer or a server's own failure is of kind [footage.Unavailable], a missing object
// [footage.NotFound], a body longer than any such object may be [footage.TooLarge].
func (h HTTP) Get(ctx context.Context, key string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(h.Base, "/")+"/"+key, nil)
	if err != nil {
		return nil, footage.E(footage.Invalid, fmt.Sprintf("%q is no web address.", h.Base))
	}
	client := h.Client
	if client == nil {
		client = &http.Client{Timeout: DefaultTimeout}
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, footage.E(footage.Unavailable, fmt.Sprintf("The record cannot be reached (%v). Try again later.", err))
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusOK:
		return readAll(res.Body, key, res.ContentLength)
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return nil, footage.E(footage.NotFound, "The record has no object "+key+".")
	}
	return nil, footage.E(footage.Unavailable, fmt.Sprintf("The record answers %s for %s. Try again later.", res.Status, key))
}

// readAll reads an object within the limit of its key. Its size may be given, or be -1, and is not believed.
func readAll(r io.Reader, key string, size int64) ([]byte, error) {
	limit := maxObject(key)
	var buf bytes.Buffer
	if 0 <= size && size <= limit {
		buf.Grow(int(size) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, footage.E(footage.Unavailable, fmt.Sprintf("The object %s broke off (%v). Try again later.", key, err))
	}
	if int64(buf.Len()) > limit {
		return nil, footage.E(footage.TooLarge, fmt.Sprintf("The object %s is longer than the %d bytes that it may have.", key, limit))
	}
	return buf.Bytes(), nil
}
