package proof_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
)

// solve asks for work and solves it.
func solve(t testing.TB, c *api.Client) api.Solution {
	t.Helper()
	work, err := c.Work(t.Context())
	must(t, err)
	s, err := work.Solve(t.Context())
	must(t, err)
	return s
}

var credentials atomic.Int64

// announce begins a share of one clip of a size that is never sent.
func announce(ctx context.Context, c *api.Client, id footage.RequestID, work api.Solution, size int64) error {
	credential := footage.Hash(fmt.Append(nil, "announced ", credentials.Add(1)))
	_, err := c.Begin(ctx, id, api.BeginShare{Work: work, Credential: credential, Epoch: 1, Sizes: []int64{size}})
	return err
}

// TestWork: a solution counts once, whatever it was spent on; forged, spliced, weakened and old ones never.
func TestWork(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := newStage(t, "work").build(t, "work", engine, 1)
		ctx, c, id := t.Context(), w.public(), w.requests[0]
		good := solve(t, c)
		must(t, announce(ctx, c, id, good, 9))
		bad := map[string]api.Solution{"used": good, "empty": {}, "nonsense": {Challenge: "a.b.c.d"}}
		refused := solve(t, c)
		if err := announce(ctx, c, footage.RequestID(footage.Hash(nil)), refused, 9); !errors.Is(err, footage.Refused) {
			t.Fatalf("an unknown request: %v", err)
		}
		bad["used on a refusal"] = refused
		forge(t, c, bad)
		wrong := func(name string, work api.Solution) {
			if err := announce(ctx, c, id, work, 9); !errors.Is(err, footage.Invalid) {
				t.Errorf("%s: %v; want it refused as wrong work", name, err)
			}
		}
		for name, work := range bad {
			wrong(name, work)
		}
		old := solve(t, c)
		w.set(w.now().Add(31 * time.Minute))
		wrong("too old", old)
		if n := atOnce(t, c, id, solve(t, c)); n != 1 {
			t.Errorf("%d shares began with one solution sent twenty times at once", n)
		}
	})
}

// forge adds solutions to challenges that the exchange never gave.
func forge(t *testing.T, c *api.Client, bad map[string]api.Solution) {
	t.Helper()
	work, err := c.Work(t.Context())
	must(t, err)
	parts := strings.Split(work.Challenge, ".")
	resolve := func(name string, parts ...string) {
		forged := api.Work{Challenge: strings.Join(parts, "."), Bits: work.Bits}
		s, err := forged.Solve(t.Context())
		must(t, err)
		bad[name] = s
	}
	expires, err := strconv.Atoi(parts[0])
	must(t, err)
	resolve("a later end", strconv.Itoa(expires+3600), parts[1], parts[2], parts[3])
	resolve("fewer bits", parts[0], parts[1], "0", parts[3])
	resolve("another nonce", parts[0], footage.NewID(rand.Reader, "w"), parts[2], parts[3])
	resolve("a part moved to its neighbour", parts[0]+parts[1][:1], parts[1][1:], parts[2], parts[3])
	resolve("a part left out", parts[0], parts[1], parts[3])
	resolve("no signature", parts[0], parts[1], parts[2], "")
	resolve("another signature", parts[0], parts[1], parts[2], strings.Repeat("0", len(parts[3])))
	for counter := uint64(0); ; counter++ {
		if !api.Solves(work.Challenge, counter, work.Bits) {
			bad["no solution"] = api.Solution{Challenge: work.Challenge, Counter: counter}
			return
		}
	}
}

// atOnce sends one solution twenty times at the same time and returns how many shares began.
func atOnce(t *testing.T, c *api.Client, id footage.RequestID, work api.Solution) int64 {
	var begun atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if announce(t.Context(), c, id, work, 9) == nil {
				begun.Add(1)
			}
		})
	}
	all.Wait()
	return begun.Load()
}

// TestStarve fills one request until it takes nothing more: the other requests of the same and of another exchange's rules
// take what they took before, and the flooded one does so again when what was never sent is swept away.
func TestStarve(t *testing.T) {
	s := newStage(t, "starve")
	s.new.Policies = [][]byte{rules(t, map[string]float64{"proof_of_work_bits": 1, "shares_per_client_hour": 1000,
		"file_bytes": 1e8, "share_bytes": 1e8, "request_quota_bytes": 1e9})}
	w := s.build(t, "starve", func(*node.Options) {}, 2)
	ctx, c := t.Context(), w.public()
	refused := 0
	for range 100 {
		err := announce(ctx, c, w.requests[0], solve(t, c), 1e8)
		if errors.Is(err, footage.Refused) {
			refused++
		} else {
			must(t, err)
		}
	}
	if refused < 90 {
		t.Fatalf("of a hundred that each take a tenth of the quota %d were refused", refused)
	}
	_, err := deliver(ctx, c, w.requests[1], pack(t, w.epoch.Recipient(), "neighbour", []byte("clip")))
	must(t, err)
	w.set(w.now().Add(25 * time.Hour))
	must(t, w.node.Exchange.Sweep(ctx))
	_, err = deliver(ctx, c, w.requests[0], pack(t, w.epoch.Recipient(), "patient", []byte("clip")))
	must(t, err)
}

// refusing sets up a request for each cause of a refusal, and returns the path to begin a share at and what to announce.
func refusing(t *testing.T) (*world, map[string]string) {
	t.Helper()
	s := newStage(t, "refusing")
	s.new.Policies = [][]byte{rules(t, map[string]float64{"proof_of_work_bits": 1, "shares_per_client_hour": 1000,
		"file_bytes": 1e9, "share_bytes": 1e9, "request_quota_bytes": 1e9})}
	w := s.build(t, "refusing", func(*node.Options) {}, 3)
	c := w.public()
	must(t, w.resolve(t.Context(), w.requests[1]))
	for range 4 { // nearly full, so that one of a gigabyte finds no room
		must(t, announce(t.Context(), c, w.requests[2], solve(t, c), 1e8))
	}
	causes := map[string]string{"closed": string(w.requests[1]), "over quota": string(w.requests[2]), "unknown": footage.Hash(nil), "no ID": "x"}
	return w, causes
}

// TestOneRefusal: whoever may not share now is answered one status, header and body, whatever the cause, and in about the
// same time.
func TestOneRefusal(t *testing.T) {
	w, causes := refusing(t)
	refuse := func(id string) (answer, time.Duration) {
		body := fmt.Sprintf(`{"work":{"challenge":%q,"counter":%d},"credential_hash":%q,"epoch":1,"sizes":[1000000000]}`,
			"%s", 0, footage.Hash(fmt.Append(nil, credentials.Add(1))))
		s := solve(t, w.public())
		body = strings.Replace(body, `"%s","counter":0`, fmt.Sprintf(`%q,"counter":%d`, s.Challenge, s.Counter), 1)
		began := time.Now()
		res, err := http.Post(w.base+"/v1/requests/"+id+"/shares", "application/json", strings.NewReader(body))
		must(t, err)
		a, err := read(res)
		must(t, err)
		return a, time.Since(began)
	}
	var first answer
	check := func(name string, a answer) {
		if first.status == 0 {
			first = a
		}
		if d := compare(view{"the refusal": first}, view{"the refusal": a}); len(d) > 0 || a.status != http.StatusForbidden {
			t.Errorf("%s: %d %v", name, a.status, d)
		}
	}
	times := map[string][]time.Duration{}
	for range 40 { // by turns, so that whatever else slows the machine slows all
		for name, id := range causes {
			a, took := refuse(id)
			check(name, a)
			times[name] = append(times[name], took)
		}
	}
	fastest, slowest := time.Hour, time.Duration(0)
	for _, took := range times {
		slices.Sort(took)
		median := took[len(took)/2]
		fastest, slowest = min(fastest, median), max(slowest, median)
	}
	if slowest > 2*fastest {
		t.Errorf("a refusal takes %v to %v, by its cause: %v", fastest, slowest, times)
	}
	t.Logf("medians between %v and %v", fastest, slowest)
	must(t, w.node.Exchange.SuspendAgency(t.Context(), town.Police, "A test."))
	for _, id := range w.requests {
		a, _ := refuse(string(id))
		check("suspended", a)
	}
}
