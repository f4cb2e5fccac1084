package ledger_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func TestCheckReports(t *testing.T) {
	l := newLog(t)
	l.append(300)
	r, err := ledger.Check(t.Context(), l.dir, l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	if r.Kinds[ledger.KindExchangeCreated] != 1 || r.Kinds[ledger.KindRequestPublished] != 299 ||
		!r.First.Equal(epoch) || !r.Last.Equal(epoch.Add(299*time.Millisecond)) || r.Origin != origin {
		t.Errorf("report %+v", r)
	}
}

// TestCheckNamesEachFlippedByte flips every object of a log in turn.
func TestCheckNamesEachFlippedByte(t *testing.T) {
	l := newLog(t)
	l.append(600)
	for _, key := range []string{
		"log/checkpoint", "log/tile/0/000", "log/tile/0/001", "log/tile/0/002.p/88", "log/tile/1/000.p/2",
		"log/tile/entries/000", "log/tile/entries/001", "log/tile/entries/002.p/88",
	} {
		t.Run(key, func(t *testing.T) {
			whole := l.read(key)
			defer l.write(key, whole)
			for _, at := range []int{0, len(whole) / 3, len(whole) - 1} {
				b := []byte(string(whole))
				b[at] ^= 4
				l.write(key, b)
				_, err := ledger.Check(t.Context(), l.dir, l.vkey)
				wantKind(t, err, footage.Untrusted)
				if !strings.Contains(err.Error(), key+":") {
					t.Errorf("byte %d: %q does not name the object", at, err)
				}
			}
			l.write(key, whole[:len(whole)-1])
			_, err := ledger.Check(t.Context(), l.dir, l.vkey)
			wantKind(t, err, footage.Untrusted)
			if err := os.Remove(l.path(key)); err != nil {
				t.Fatal(err)
			}
			_, err = ledger.Check(t.Context(), l.dir, l.vkey)
			wantKind(t, err, footage.NotFound)
			if !strings.Contains(err.Error(), key) {
				t.Errorf("%q does not name the missing object", err)
			}
		})
	}
	l.check()
}

// TestCheckReadsWhatIsSigned signs logs that are sound as trees but say what they must not.
func TestCheckReadsWhatIsSigned(t *testing.T) {
	swapped := func(l *testLog, at int) [][]byte {
		all := l.made(10)
		all[at], all[at+1] = all[at+1], all[at]
		return all
	}
	for name, c := range map[string]struct {
		entries func(l *testLog) [][]byte
		kind    footage.Kind
		says    string
	}{
		"no exchange first": {func(l *testLog) [][]byte { return swapped(l, 0) }, footage.Invalid, "entry 0"},
		"back in time":      {func(l *testLog) [][]byte { return swapped(l, 5) }, footage.Invalid, "entry 6"},
		"exchange twice":    {func(l *testLog) [][]byte { return append(l.made(1), l.made(1)...) }, footage.Invalid, "entry 1"},
		"not an entry":      {func(l *testLog) [][]byte { return append(l.made(1), []byte("free text")) }, footage.Invalid, "entry 1"},
		"from the future": {func(l *testLog) [][]byte {
			return append(l.made(1), []byte(strings.Replace(string(l.made(2)[1]), `"v":1`, `"v":9`, 1)))
		}, footage.Unsupported, "entry 1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			tree, err := ledger.Integrate(t.Context(), l.dir, l.tree, c.entries(l))
			if err != nil {
				t.Fatal(err)
			}
			l.tree = tree
			l.publish()
			_, err = ledger.Check(t.Context(), l.dir, l.vkey)
			wantKind(t, err, c.kind)
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not say %q", err, c.says)
			}
		})
	}
}
