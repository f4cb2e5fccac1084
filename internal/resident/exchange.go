package resident

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Exchange is one exchange as a resident's device sees it. Its fields are set before the first call and only read then; it
// is safe for concurrent use.
type Exchange struct {
	Client *api.Client
	// Verifier is the exchange's pinned verifier key. If it is empty, the exchange's own word is taken and
	// [evidence.Checked.FirstUse] says so.
	Verifier string
	// Witnesses are the verifier keys of the witnesses that the user pinned, and Quorum how many of them must have cosigned
	// the newest state of the record.
	Witnesses []string
	Quorum    int
	// Unwitnessed says that the user accepts a record that no witness watches. Otherwise nothing is sent to an exchange without
	// pinned witnesses, unless it is a fictional one.
	Unwitnessed bool
	MaxAge      time.Duration    // how old that state may be; 0 for [evidence.MaxStateAge]
	Memory      Memory           // of the record as it was seen last; nil: none
	Now         func() time.Time // nil for time.Now

	state documents
}

// New returns the exchange at a base address, such as "https://exchange.example", with its pinned verifier key or "".
func New(base, verifier string) *Exchange {
	return &Exchange{Client: api.New(base), Verifier: verifier}
}

func (x *Exchange) now() time.Time {
	if x.Now != nil {
		return x.Now()
	}
	return time.Now()
}

// callTimeout bounds every call but the sending of clips.
const callTimeout = 60 * time.Second

// ParseLink splits the address of a request's page, in any language ("https://exchange.example/es/requests/ID"), into the
// exchange's base address and the request's ID. Everything else is footage.Invalid.
func ParseLink(link string) (base string, id footage.RequestID, err error) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", "", footage.Coded(footage.Invalid, "link", "This is not the address of a request. It looks like https://exchange.example/requests/ and 64 digits.")
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	n := len(parts)
	if n < 2 || parts[n-2] != "requests" || n > 3 {
		return "", "", footage.Coded(footage.Invalid, "link", "This address does not lead to a request. Copy it from the request's page: …/requests/ and 64 digits.")
	}
	if id = footage.RequestID(strings.ToLower(parts[n-1])); !id.Valid() {
		return "", "", footage.Coded(footage.Invalid, "link", "The address is not whole: a request's ID has 64 digits, 0-9 and a-f.")
	}
	return u.Scheme + "://" + u.Host, id, nil
}

// Info is what an exchange says of itself. Nothing of it is proven: limits are the exchange's to enforce, and keys are taken
// from verified requests alone.
type Info struct {
	api.Info
	// Ahead is by how much this device's clock runs ahead of the exchange's, to the second; negative if it is behind.
	Ahead time.Duration
}

// Info asks the exchange for its limits and for the time.
func (x *Exchange) Info(ctx context.Context) (Info, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var out Info
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.Client.Base+"/v1/exchange", nil)
	if err != nil {
		return out, footage.E(footage.Invalid, "The exchange's address is not one. It looks like https://exchange.example.")
	}
	res, err := x.Client.Do(req)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return out, fmt.Errorf("%w: read the exchange's answer: %w", footage.Unavailable, err)
	}
	if err := json.Unmarshal(raw, &out.Info); err != nil || out.LogVerifier == "" {
		return out, footage.Coded(footage.Unsupported, "no_exchange", "What answers at "+x.Client.Base+" is no Porchlight exchange. Check the address.")
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		out.Ahead = x.now().Sub(date).Truncate(time.Second)
	}
	return out, nil
}

// Limits of how far this device's clock may be off. A clock that is hours off would put wrong times into the manifest, and
// could take a closed request for an open one.
const (
	clockWarn   = 2 * time.Minute
	clockRefuse = time.Hour
)

// ClockOff reports whether this device's clock differs from the exchange's by more than two minutes, so that people are told.
func (i Info) ClockOff() bool { return i.Ahead.Abs() > clockWarn }

// CheckClock refuses a clock that is more than an hour off.
func (i Info) CheckClock() error {
	if i.Ahead.Abs() <= clockRefuse {
		return nil
	}
	way := "ahead of"
	if i.Ahead < 0 {
		way = "behind"
	}
	return footage.Coded(footage.Conflict, "clock", fmt.Sprintf(
		"This device's clock is %s %s the exchange's. Set date, time and time zone, then try again.", i.Ahead.Abs().Round(time.Minute), way))
}

// Request fetches one request by its ID and verifies it offline. The exchange sees that somebody looks at this request:
// that is the disclosed cost of following a link. [Exchange.Feed] costs less where it holds the request.
// What the request proves is held against the present state of the record, so that a key which was revoked is refused.
func (x *Exchange) Request(ctx context.Context, id footage.RequestID) (evidence.Checked, error) {
	checked, verifier, err := x.request(ctx, id)
	if err != nil {
		return checked, err
	}
	now, err := x.Present(ctx, verifier)
	if err != nil {
		return evidence.Checked{}, err
	}
	return checked.Against(now)
}

// request fetches a request and verifies what it says of its time, and returns the verifier key that it was checked with: for
// what was sent already, whose keys may have been replaced since.
func (x *Exchange) request(ctx context.Context, id footage.RequestID) (evidence.Checked, string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	raw, err := x.Client.Get(ctx, "/v1/requests/"+string(id))
	if err != nil {
		return evidence.Checked{}, "", fmt.Errorf("fetch request %s: %w", id.Short(), err)
	}
	return x.verify(raw, id)
}

// verify checks a bundle from wherever it came, and that it is the one that was asked for.
func (x *Exchange) verify(raw []byte, id footage.RequestID) (evidence.Checked, string, error) {
	checked, _, verifier, err := evidence.VerifyRequest(raw, x.trust(), x.now())
	if errors.Is(err, footage.Untrusted) {
		return evidence.Checked{}, "", fmt.Errorf("verify request: %w", err)
	}
	if err != nil {
		return evidence.Checked{}, "", untrusted("bad_bundle", "What the exchange gave for this request cannot be read: "+err.Error())
	}
	if checked.ID != id {
		return evidence.Checked{}, "", untrusted("other_request", "The exchange gave another request ("+checked.ID.Short()+") than the one that was asked for ("+id.Short()+").")
	}
	return checked, cmp.Or(x.Verifier, verifier), nil
}

func untrusted(code, msg string) error { return footage.Coded(footage.Untrusted, code, msg) }
