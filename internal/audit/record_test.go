package audit_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/evidence"
	"porchlight.example/internal/audit"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func copyFolder(to, from string) error { return os.CopyFS(to, os.DirFS(from)) }

// forged is a record that its operator writes as they like: every entry is signed, whatever it says.
type forged struct {
	t       testing.TB
	signer  note.Signer
	key     string
	dir     ledger.Dir
	first   ledger.ExchangeCreated
	entries [][]byte
	srv     *httptest.Server
	cfg     audit.Config
}

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func newForged(t testing.TB) *forged {
	t.Helper()
	f := &forged{t: t, dir: ledger.Dir(t.TempDir())}
	secret, key, err := ledger.GenerateKey("town.example/porchlight", rand.Reader)
	must(t, err)
	f.signer, err = ledger.NewSigner(secret)
	must(t, err)
	f.key = key
	f.srv = httptest.NewServer(http.FileServer(http.Dir(string(f.dir))))
	t.Cleanup(f.srv.Close)
	f.cfg = audit.Config{Base: f.srv.URL, Trust: evidence.Trust{Verifier: key}, Dir: t.TempDir(), Now: func() time.Time { return noon.Add(time.Hour) }}
	f.first = ledger.ExchangeCreated{Name: "Town", Origin: "town.example/porchlight", Fictional: true,
		RP: footage.RelyingParty{ID: "town.example", Origin: "https://town.example"}, ReceiptKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
	f.add(noon, f.first)
	return f
}

func (f *forged) add(at time.Time, fact ledger.Fact) {
	f.t.Helper()
	e, err := ledger.NewEntry(at, fact)
	must(f.t, err)
	raw, err := e.Encode()
	must(f.t, err)
	f.entries = append(f.entries, raw)
}

// write adds an entry whatever it says, even what no program of ours writes.
func (f *forged) write(at time.Time, fact ledger.Fact) {
	f.t.Helper()
	data, err := footage.Canonical(fact)
	must(f.t, err)
	raw, err := footage.Canonical(ledger.Entry{V: 1, Kind: fact.Kind(), At: at, Data: data})
	must(f.t, err)
	f.entries = append(f.entries, raw)
}

// publish signs a checkpoint over the first entries; it returns the note.
func (f *forged) publish(n int) []byte {
	f.t.Helper()
	must(f.t, os.RemoveAll(string(f.dir)))
	tree, err := ledger.Integrate(context.Background(), f.dir, ledger.EmptyTree(), f.entries[:n])
	must(f.t, err)
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: "town.example/porchlight", Tree: tree}, f.signer)
	must(f.t, err)
	must(f.t, f.dir.Put(context.Background(), ledger.CheckpointKey, signed))
	return signed
}

// found audits and returns the codes, without those of the files that such a record has not.
func (f *forged) found() []string {
	f.t.Helper()
	a, err := audit.Open(f.t.Context(), f.cfg)
	must(f.t, err)
	report, err := a.Round(f.t.Context())
	must(f.t, err)
	return slices.DeleteFunc(codes(f.t, report), func(code string) bool {
		return code == "feed_missing" || code == "feed_dropped" || code == "head_missing" || code == "moderation_missing" || code == "request_missing" || code == "figures_missing" || code == "policy_missing"
	})
}

func (f *forged) want(what string, want ...string) {
	f.t.Helper()
	if got := f.found(); !slices.Equal(got, want) {
		f.t.Errorf("%s: found %v, want %v", what, got, want)
	}
}

// TestMalformedEntries: what no honest program writes into a record.
func TestMalformedEntries(t *testing.T) {
	t.Parallel()
	f := newForged(t)
	f.entries = append(f.entries, []byte(`{"at":"2026-03-14T12:00:00Z","data":{"who":"a resident"},"kind":"share.seen","v":1}`))
	f.add(noon.Add(-time.Hour), ledger.AgencyRestored{Agency: "town-pd"})
	f.add(noon.Add(72*time.Hour), ledger.CustodyRoot{Date: "2026-03-14", Root: footage.Hash(nil), Leaves: 1 << 14})
	f.publish(len(f.entries))
	f.want("malformed", "entry_malformed", "entry_order", "agency_not_registered", "entry_future")
}

// TestGoingBack: a backup of yesterday was put back, the past was rewritten, or somebody is shown another record. The audit has
// a copy of what was public (T2).
func TestGoingBack(t *testing.T) {
	t.Parallel()
	grown := func(t *testing.T, names ...string) *forged {
		f := newForged(t)
		for _, n := range names {
			f.add(noon, ledger.AgencyRegistered{Agency: footage.Agency{ID: footage.AgencyID(n), Name: n, Type: footage.Sheriff, Body: "town"}})
		}
		return f
	}
	t.Run("yesterday's backup", func(t *testing.T) {
		f := grown(t, "one", "two", "three")
		f.publish(4)
		f.want("as it was")
		f.publish(2)
		f.want("put back", "rolled_back")
	})
	t.Run("yesterday's backup, grown since", func(t *testing.T) {
		f := grown(t, "one", "two", "three")
		f.publish(4)
		f.want("as it was")
		f.entries = f.entries[:2]
		f.add(noon, ledger.AgencyRegistered{Agency: footage.Agency{ID: "four", Name: "four", Type: footage.Sheriff, Body: "town"}})
		f.add(noon, ledger.AgencyRegistered{Agency: footage.Agency{ID: "five", Name: "five", Type: footage.Sheriff, Body: "town"}})
		f.publish(4)
		f.want("as long as before", "forked")
		f.add(noon, ledger.AgencyRestored{Agency: "five"})
		f.publish(5)
		f.want("longer than before", "forked", "rewritten")
	})
	t.Run("another record for somebody else", func(t *testing.T) {
		f := grown(t, "one", "two", "three")
		other := &forged{t: t, signer: f.signer, dir: ledger.Dir(t.TempDir()), entries: slices.Clone(f.entries[:2])}
		other.add(noon, ledger.AgencyRegistered{Agency: footage.Agency{ID: "hidden", Name: "hidden", Type: footage.Sheriff, Body: "town"}})
		theirs, same := other.publish(3), f.publish(2)
		f.publish(4)
		a, err := audit.Open(t.Context(), f.cfg)
		must(t, err)
		_, err = a.Round(t.Context())
		must(t, err)
		must(t, a.Compare(t.Context(), same))
		f.want("somebody was shown the same")
		must(t, a.Compare(t.Context(), theirs))
		f.want("somebody was shown another", "split_view")
	})
}
