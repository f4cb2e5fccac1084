package proof_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// leak is a fault that is planted in an exchange: it sees every request and changes what others are answered. The
// comparisons must find each.
type leak struct {
	name   string
	public bool // it shows to the public; else to the agency
	timing bool // it tells when the ones came who shared, not that others were there
	on     func(l *leak, w *world, r *http.Request)
	tell   func(l *leak, w *world, key string, a *answer) // changes an answer

	mu      sync.Mutex
	count   int
	arrived map[footage.ShareID]time.Time
}

func (l *leak) saw(w *world, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.on != nil {
		l.on(l, w, r)
	}
}

// through returns a view as it would be if the leak were there.
func (l *leak) through(w *world, v view) view {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := view{}
	for key, a := range v {
		a.header = a.header.Clone()
		l.tell(l, w, key, &a)
		out[key] = a
	}
	return out
}

// ofResidents counts the requests to paths of a form that do not come from the test's own looking.
func ofResidents(method, prefix, suffix string) func(*leak, *world, *http.Request) {
	return func(l *leak, _ *world, r *http.Request) {
		if r.Method == method && strings.HasPrefix(r.URL.Path, prefix) && strings.HasSuffix(r.URL.Path, suffix) {
			l.count++
		}
	}
}

func appendTo(prefix, format string) func(*leak, *world, string, *answer) {
	return func(l *leak, _ *world, key string, a *answer) {
		if strings.HasPrefix(key, prefix) {
			a.body = fmt.Appendf(bytes.Clone(a.body), format, l.count)
		}
	}
}

func leaks() []*leak {
	return []*leak{
		{name: "a counter in a page", public: true, on: ofResidents("GET", "/requests/", ""), tell: appendTo("GET /requests/", "<!-- %d views -->")},
		{name: "an upload count in metrics", public: true, on: ofResidents("POST", "/v1/uploads/", ""), tell: appendTo("GET /metrics", "porchlight_uploads_total %d\n")},
		{name: "a header", public: true, on: ofResidents("POST", "/v1/work", ""), tell: func(l *leak, _ *world, key string, a *answer) {
			a.header.Set("Server-Timing", "queue;dur="+strconv.Itoa(l.count))
		}},
		{name: "an ETag that changes with reading", public: true, on: ofResidents("GET", "/feed/", ""), tell: func(l *leak, _ *world, key string, a *answer) {
			if a.header.Get("Etag") != "" {
				a.header.Set("Etag", fmt.Sprintf(`"%d"`, l.count))
			}
		}},
		{name: "the size of the answer to an unknown page", public: true, on: ofResidents("POST", "/v1/requests/", "/shares"), tell: func(l *leak, _ *world, key string, a *answer) {
			if key == "GET /none" {
				a.header.Set("Content-Length", strconv.Itoa(len(a.body)+l.count))
			}
		}},
		{name: "a running number", on: ofResidents("POST", "/v1/requests/", "/shares"), tell: changeInbox(func(l *leak, items []api.InboxItem) {
			for i := range items {
				items[i].Messages += l.count
			}
		})},
		{name: "the order of arrival", timing: true, on: noteArrival, tell: changeInbox(func(l *leak, items []api.InboxItem) {
			slices.SortFunc(items, func(a, b api.InboxItem) int { return l.arrived[a.Share].Compare(l.arrived[b.Share]) })
		})},
		{name: "a time finer than a tick", timing: true, on: noteArrival, tell: changeInbox(func(l *leak, items []api.InboxItem) {
			for i := range items {
				items[i].Released = l.arrived[items[i].Share]
			}
		})},
	}
}

// noteArrival notes when each share was first seen complete, as a careless exchange would.
func noteArrival(l *leak, w *world, _ *http.Request) {
	if l.arrived == nil {
		l.arrived = map[footage.ShareID]time.Time{}
	}
	for _, receipt := range w.receipts {
		if l.arrived[receipt.Share].IsZero() {
			l.arrived[receipt.Share] = w.now()
		}
	}
}

func changeInbox(change func(*leak, []api.InboxItem)) func(*leak, *world, string, *answer) {
	return func(l *leak, _ *world, key string, a *answer) {
		var items []api.InboxItem
		if !strings.HasPrefix(key, "GET /v1/agency/shares X-Test") || json.Unmarshal(a.body, &items) != nil {
			return
		}
		change(l, items)
		a.body, _ = json.Marshal(items) // what was decoded can be encoded
	}
}
