package desk_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// again opens a desk's folder a second time, with calls through client.
func again(t testing.TB, w *nodetest.Town, d *desk.Desk, client *http.Client) *desk.Desk {
	t.Helper()
	out, err := desk.Open(desk.Options{Dir: d.Dir(), Verifier: w.Node.Exchange.Info().LogVerifier, Now: w.Now, HTTP: client})
	must(t, err)
	out.Hurry()
	return out
}

// TestTwoCustodiansAtOnce lets two devices work on one share at the same time: each step of each is in the chain, once, and
// the chain is whole.
func TestTwoCustodiansAtOnce(t *testing.T) {
	w := nodetest.Start(t, nil)
	desks := []*desk.Desk{custodian(t, w), custodian(t, w)}
	sent := released(t, w, film(1, 10_000))
	id := sent.Receipt.Share
	var both sync.WaitGroup
	errs := make([]error, len(desks))
	for i, d := range desks {
		both.Go(func() {
			_, errs[i] = d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
			for range 3 {
				_, err := d.Verify(ctx(t), id, nil)
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	both.Wait()
	must(t, errors.Join(errs...))
	s, err := desks[0].Share(ctx(t), id)
	must(t, err)
	count := map[string]int{}
	for _, e := range s.Events {
		if e.Party == footage.PartyAgency {
			count[string(e.Kind)+" "+e.Signer]++
		}
	}
	want := map[footage.EventKind]int{footage.EventPickedUp: 1, footage.EventOpened: 1, footage.EventVerified: 3}
	if len(count) != 2*len(want) {
		t.Errorf("the chain holds %v", count)
	}
	for what, n := range count {
		if kind, _, _ := strings.Cut(what, " "); n != want[footage.EventKind(kind)] {
			t.Errorf("the chain holds %q %d times, want %d", what, n, want[footage.EventKind(kind)])
		}
	}
}

// TestAnswerLost loses the answer to an event after the exchange took it: the event is found, not written twice.
func TestAnswerLost(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(2, 1000))
	m, client := meddled(t)
	lost := 0
	m.after = func(r *http.Request, _ *http.Response) error {
		if strings.HasSuffix(r.URL.Path, "/events") && lost < 3 {
			lost++
			return errors.New("the answer is lost")
		}
		return nil
	}
	opened, err := again(t, w, d, client).Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
	must(t, err)
	if lost != 2 || len(opened.Share.Events) != 4 {
		t.Errorf("after %d lost answers the chain holds %v; want committed, released, picked up, opened", lost, kinds(opened.Share.Events))
	}
}

// TestChainIsChecked: a chain that the exchange changed, cut or lengthened is signed by nobody here.
func TestChainIsChecked(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(3, 1000))
	id := sent.Receipt.Share
	_, err := d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
	must(t, err)
	for name, spoil := range map[string]func(string) string{
		"another time":     func(s string) string { return strings.Replace(s, `"kind":"opened"`, `"kind":"verified"`, 1) },
		"without receipt":  func(s string) string { return strings.Replace(s, `"epoch":1,"receipt"`, `"epoch":2,"receipt"`, 1) },
		"another manifest": func(s string) string { return strings.Replace(s, `"manifest":"`, `"manifest":"AAAA`, 1) },
	} {
		m, client := meddled(t)
		spoiled := false
		m.after = func(r *http.Request, res *http.Response) error {
			if strings.HasSuffix(r.URL.Path, "/shares/"+string(id)) {
				spoiled = rewrite(res, spoil) || spoiled
			}
			return nil
		}
		_, err := again(t, w, d, client).Unseal(ctx(t), id, desk.UnsealOptions{Stream: true, To: t.TempDir()})
		if !spoiled || !errors.Is(err, footage.Untrusted) {
			t.Errorf("%s: %v (changed: %v); want untrusted", name, err, spoiled)
		}
	}
}

// TestSlowClock: an event is never dated before the one in front of it, even if this clock is a little slow.
func TestSlowClock(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(4, 1000))
	_, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
	must(t, err)
	slow, err := desk.Open(desk.Options{Dir: d.Dir(), Now: func() time.Time { return w.Now().Add(-5 * time.Minute) }})
	must(t, err)
	v, err := slow.Verify(ctx(t), sent.Receipt.Share, nil)
	must(t, err)
	events := v.Share.Events
	if last := events[len(events)-1]; last.At.Before(events[len(events)-2].At) {
		t.Errorf("the event is dated %s, before the one in front of it", last.At)
	}
}
