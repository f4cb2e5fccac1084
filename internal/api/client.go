package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"porchlight.example/internal/footage"
)

// Client speaks to one exchange. The zero HTTP client is replaced by one without redirects across hosts or compression.
// A Client is safe for concurrent use once its fields are set.
type Client struct {
	Base   string // such as "https://exchange.example", without a slash at the end
	Bearer string // session token, ticket or mailbox credential; empty for public calls
	HTTP   *http.Client
}

// maxAnswer bounds what a JSON answer may weigh.
const maxAnswer = 64 << 20

// New returns a client for the exchange at base.
func New(base string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	transport.WriteBufferSize = 256 << 10
	transport.ReadBufferSize = 256 << 10
	return &Client{Base: strings.TrimRight(base, "/"), HTTP: &http.Client{Transport: transport, CheckRedirect: sameHost}}
}

// sameHost follows redirects within the exchange alone: another host has no business to learn who asks.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > 5 || req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// request makes a request for a path of the exchange. The path may come from the exchange itself (an index, the place of an
// upload): one without a slash before it could name another host.
func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, footage.E(footage.Invalid, "The exchange named a place that is none of its own. Report this to its operator.")
	}
	return http.NewRequestWithContext(ctx, method, c.Base+path, body)
}

// As returns a client with another bearer token over the same connections.
func (c *Client) As(bearer string) *Client {
	return &Client{Base: c.Base, Bearer: bearer, HTTP: c.HTTP}
}

// Do sends a request with the bearer token and returns the response when its status is below 300; otherwise it returns
// the server's problem as a *footage.Error. The caller closes the body.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if c.Bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.Bearer)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		if ctx := req.Context().Err(); ctx != nil {
			return nil, ctx
		}
		return nil, unreachable(c.Base, err)
	}
	if res.StatusCode < 300 || res.StatusCode == http.StatusNotModified {
		return res, nil
	}
	defer res.Body.Close()
	return nil, readProblem(res)
}

func unreachable(base string, err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("%w (%w)", footage.E(footage.Unavailable,
		"The exchange at "+base+" does not answer. Check the address and your connection, then try again; nothing is lost."), err)
}

func readProblem(res *http.Response) error {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20)) // a cut-off body still has its status
	return problemOf(raw, res.StatusCode)
}

// problemOf reads an error body. It is shown on a terminal, so that nothing of it may steer one.
func problemOf(raw []byte, status int) *footage.Error {
	var p Problem
	if json.Unmarshal(raw, &p) != nil || !p.Kind.Known() {
		p = Problem{Kind: kindOf(status)}
	}
	e := &footage.Error{Kind: p.Kind, Code: plain(p.Code), Msg: cmp.Or(strings.TrimSpace(plain(p.Detail)), strings.TrimSpace(plain(p.Title)))}
	if e.Msg == "" {
		e.Msg = "The exchange answered " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)) + "."
	}
	for _, r := range p.Reasons {
		e.Reasons = append(e.Reasons, footage.Reason{Code: plain(r.Code), Msg: plain(r.Msg), Limit: plain(r.Limit), Value: plain(r.Value), Policy: plain(r.Policy),
			SHA256: plain(r.SHA256), Rule: plain(r.Rule)})
	}
	return e
}

// plain puts a space in the place of every character that is not printed.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

func kindOf(status int) footage.Kind {
	switch status {
	case http.StatusNotFound:
		return footage.NotFound
	case http.StatusConflict, http.StatusLocked:
		return footage.Conflict
	case http.StatusGone:
		return footage.Gone
	case http.StatusRequestEntityTooLarge:
		return footage.TooLarge
	case http.StatusTooManyRequests:
		return footage.TooMany
	case http.StatusInsufficientStorage:
		return footage.Full
	case http.StatusUnauthorized:
		return footage.Unauthorized
	case http.StatusForbidden:
		return footage.Forbidden
	}
	if status >= 500 {
		return footage.Unavailable
	}
	return footage.Invalid
}

// Call sends in as JSON (nil: no body) and decodes the answer into out (nil: ignored).
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	raw, err := c.Raw(ctx, method, path, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("read answer to %s %s: %w", method, path, err)
	}
	return nil
}

// Raw is Call with the answer's bytes.
func (c *Client) Raw(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode %s %s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, unreachable(c.Base, err)
	}
	if len(raw) > maxAnswer {
		return nil, footage.E(footage.TooLarge, "The exchange's answer is larger than any that it should give.")
	}
	return raw, nil
}

// Get fetches a public object, such as a feed tile or a log tile.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	return c.Raw(ctx, http.MethodGet, path, nil)
}

// Exchange returns what anybody may know of the exchange.
func (c *Client) Exchange(ctx context.Context) (Info, error) {
	var info Info
	return info, c.Call(ctx, http.MethodGet, "/v1/exchange", nil, &info)
}

// Work asks for a proof-of-work challenge.
func (c *Client) Work(ctx context.Context) (Work, error) {
	var w Work
	return w, c.Call(ctx, http.MethodPost, "/v1/work", nil, &w)
}

// Begin opens a share for a request.
func (c *Client) Begin(ctx context.Context, id footage.RequestID, in BeginShare) (BegunShare, error) {
	var out BegunShare
	return out, c.Call(ctx, http.MethodPost, "/v1/requests/"+string(id)+"/shares", in, &out)
}

// Commit completes the share whose ticket is the bearer token.
func (c *Client) Commit(ctx context.Context, in CommitShare) (footage.Receipt, error) {
	var out footage.Receipt
	return out, c.Call(ctx, http.MethodPost, "/v1/shares/commit", in, &out)
}

// Mailbox returns the state of the share whose credential is the bearer token.
func (c *Client) Mailbox(ctx context.Context) (Mailbox, error) {
	var out Mailbox
	return out, c.Call(ctx, http.MethodGet, "/v1/mailbox", nil, &out)
}

// tusVersion is the protocol that we speak (https://tus.io/protocols/resumable-upload).
const tusVersion = "1.0.0"

// CreateUpload opens an upload of length sealed bytes under the ticket and returns its secret path on the exchange.
func (c *Client) CreateUpload(ctx context.Context, clip footage.ClipID, length int64) (string, error) {
	req, err := c.request(ctx, http.MethodPost, "/v1/uploads/", nil)
	if err != nil {
		return "", fmt.Errorf("create upload: %w", err)
	}
	req.Header.Set("Tus-Resumable", tusVersion)
	req.Header.Set("Upload-Length", strconv.FormatInt(length, 10))
	req.Header.Set("Porchlight-Clip", string(clip))
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	location, err := url.Parse(res.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(location.Path, "/") {
		return "", footage.E(footage.Unsupported, "The exchange did not say where to upload to.")
	}
	return location.Path, nil
}

// UploadOffset asks how many bytes of an upload are durable on the exchange.
func (c *Client) UploadOffset(ctx context.Context, path string) (int64, error) {
	req, err := c.request(ctx, http.MethodHead, path, nil)
	if err != nil {
		return 0, fmt.Errorf("ask for upload offset: %w", err)
	}
	req.Header.Set("Tus-Resumable", tusVersion)
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return offsetOf(res)
}

func offsetOf(res *http.Response) (int64, error) {
	n, err := strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || n < 0 {
		return 0, footage.E(footage.Unsupported, "The exchange did not say how much of the upload it holds.")
	}
	return n, nil
}

// Append sends length bytes of body from offset on and returns the new durable offset.
func (c *Client) Append(ctx context.Context, path string, offset, length int64, body io.Reader) (int64, error) {
	req, err := c.request(ctx, http.MethodPatch, path, body)
	if err != nil {
		return 0, fmt.Errorf("append to upload: %w", err)
	}
	req.ContentLength = length
	req.Header.Set("Tus-Resumable", tusVersion)
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	res, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return offsetOf(res)
}

// Clip opens the sealed bytes of a clip from offset on, as the agency; the pick-up must be recorded before.
func (c *Client) Clip(ctx context.Context, share footage.ShareID, clip footage.ClipID, offset int64) (io.ReadCloser, error) {
	req, err := c.request(ctx, http.MethodGet, "/v1/agency/shares/"+string(share)+"/clips/"+string(clip), nil)
	if err != nil {
		return nil, fmt.Errorf("fetch clip: %w", err)
	}
	if offset > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Encode returns b as the wire's base64url.
func Encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Decode reads the wire's base64url.
func Decode(s string) ([]byte, error) {
	return footage.DecodeBase64(s)
}

// Notices returns what the exchange says of incidents of its own, the newest first. One that knows of no notices says nothing.
func (c *Client) Notices(ctx context.Context) ([]footage.Notice, error) {
	var out Notices
	err := c.Call(ctx, http.MethodGet, "/v1/notices", nil, &out)
	if errors.Is(err, footage.NotFound) {
		return nil, nil
	}
	return out.Notices, err
}
