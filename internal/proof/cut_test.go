package proof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

// cuttable is a clip that is sealed while it is sent. After each cut the sender starts from nothing but the clip and the
// resume file, as a program does that was killed.
type cuttable struct {
	t      *testing.T
	clip   []byte
	saved  []byte // the envelope, as a resume file keeps it
	sealed []byte // what must arrive
	acked  int64  // by the exchange
}

func newCuttable(t *testing.T, recipient string, size int, dice *rand.Rand) *cuttable {
	t.Helper()
	c := &cuttable{t: t, clip: make([]byte, size)}
	_, _ = io.ReadFull(rand.NewChaCha8([32]byte{byte(dice.Uint32())}), c.clip) // it never fails
	env, err := seal.New(int64(size), recipient)
	must(t, err)
	c.saved, err = json.Marshal(env)
	must(t, err)
	c.sealed, err = io.ReadAll(env.Reader(bytes.NewReader(c.clip), 0))
	must(t, err)
	return c
}

// parcel packs the clip as one that is sent whole would be.
func (c *cuttable) parcel(t *testing.T, recipient, credential string) parcel {
	p := pack(t, recipient, credential)
	p.clips = [][]byte{c.sealed}
	return p
}

// from makes the sealed bytes again from an offset on.
func (c *cuttable) from(offset int64) io.Reader {
	var env seal.Envelope
	must(c.t, json.Unmarshal(c.saved, &env))
	return env.Reader(bytes.NewReader(c.clip), offset)
}

// borders are the offsets at which something could go wrong: of the whole, of the segments that are hashed, of the chunks
// that are sealed, of the buffers that are written, and one byte to each side.
func (c *cuttable) borders() []int64 {
	size := int64(len(c.sealed))
	header := size % (64 << 10) // the first chunk begins somewhere behind it
	all := []int64{0, 1, header, 64 << 10, 256 << 10, 2 << 20, footage.SegmentSize, 8 << 20, 2 * footage.SegmentSize, size}
	var out []int64
	for _, at := range all {
		for _, near := range []int64{at - 1, at, at + 1} {
			if near >= 0 && near <= size {
				out = append(out, near)
			}
		}
	}
	return out
}

// nextCut returns where the next cut is to be, at or behind an offset: at a border or anywhere.
func (c *cuttable) nextCut(dice *rand.Rand, at int64) int64 {
	cuts := c.borders()
	for range 3 {
		if cut := cuts[dice.IntN(len(cuts))]; cut >= at {
			return cut
		}
	}
	return at + dice.Int64N(int64(len(c.sealed))-at+1)
}

// cutter passes bytes on up to a place, then does something and breaks off.
type cutter struct {
	r    io.Reader
	left int64
	cut  func()
}

var errCut = errors.New("cut")

func (c *cutter) Read(p []byte) (int, error) {
	if c.left == 0 {
		c.cut()
		return 0, errCut
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// TestCutClient cuts the sender off at any byte, again and again, on both engines: offsets never go back, and the sealed
// bytes that are committed are those that one unbroken upload would have sent.
func TestCutClient(t *testing.T) {
	dice := rand.New(rand.NewPCG(seed(t), 2))
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := newStage(t, "cut").build(t, "cut", engine, 1)
		for i := range rounds(t, 3, 12) {
			size := []int{9 << 20, 5<<20 + dice.IntN(1<<20), 1 + dice.IntN(200<<10)}[i%3]
			c := newCuttable(t, w.epoch.Recipient(), size, dice)
			s, err := begin(t.Context(), w.public(), w.requests[0], c.parcel(t, w.epoch.Recipient(), fmt.Sprint("cut ", i)))
			must(t, err)
			must(t, s.open(t.Context(), 0))
			for cuts := 0; ; cuts++ {
				at := c.offset(s)
				if at == int64(len(c.sealed)) {
					break
				}
				c.cutAt(s, at, c.nextCut(dice, at), cuts < 8, func() {})
			}
			c.arrived(t, w, s)
		}
	})
}

// offset asks where the upload stands, as a sender does who knows nothing any more. The request that was cut may still be
// at work; then the exchange waits for it.
func (c *cuttable) offset(s *sending) int64 {
	at, err := s.client.UploadOffset(c.t.Context(), s.paths[0])
	must(c.t, err)
	if at < c.acked {
		c.t.Fatalf("the offset went back from %d to %d", c.acked, at)
	}
	c.acked = at
	return at
}

// cutAt sends from an offset on up to a cut, or to the end when it is not to be cut any more.
func (c *cuttable) cutAt(s *sending, at, cut int64, still bool, do func()) {
	size := int64(len(c.sealed))
	if !still {
		cut = size
	}
	body := io.Reader(&cutter{r: c.from(at), left: cut - at, cut: do})
	if cut == size && !still {
		body = c.from(at)
	}
	_, _ = s.client.Append(c.t.Context(), s.paths[0], at, size-at, body) // cut or not, the offset tells
}

// arrived commits and looks at what is there.
func (c *cuttable) arrived(t *testing.T, w *world, s *sending) {
	t.Helper()
	receipt, err := s.commit(t.Context())
	must(t, err)
	got := c.held(w, receipt)
	if !bytes.Equal(got, c.sealed) {
		t.Fatalf("%d bytes arrived, %d were sent, and they differ", len(got), len(c.sealed))
	}
	opened, err := seal.Open(bytes.NewReader(got), w.epoch)
	must(t, err)
	plain, err := io.ReadAll(opened)
	if err != nil || !bytes.Equal(plain[:len(c.clip)], c.clip) {
		t.Fatalf("the clip does not open to what was sealed: %v", err)
	}
}

// held returns the sealed bytes: as the agency fetches them, or as they lie on the disk of a program that was killed, whose
// task of releasing may be held for minutes by the lease of one that died.
func (c *cuttable) held(w *world, receipt footage.Receipt) []byte {
	clip, ctx := receipt.Clips[0].ID, c.t.Context()
	if w.apart {
		raw, err := os.ReadFile(filepath.Join(w.opts.Data, "blobs", "clips", string(clip)))
		must(c.t, err)
		return raw
	}
	w.set(w.now().Add(20 * time.Minute))
	must(c.t, w.node.Exchange.Release(ctx))
	must(c.t, w.event(ctx, receipt.Share, footage.EventPickedUp))
	body, err := w.staff[footage.Custodian].Clip(ctx, receipt.Share, clip, 0)
	must(c.t, err)
	defer body.Close()
	raw, err := io.ReadAll(body)
	must(c.t, err)
	return raw
}

// TestCutServer kills the true program when any number of bytes is on its way to it.
func TestCutServer(t *testing.T) {
	dice := rand.New(rand.NewPCG(seed(t), 3))
	w := onDisk(t)
	r := &faultRun{w: w}
	must(t, r.up(t))
	defer func() { r.server.kill() }()
	c := newCuttable(t, w.epoch.Recipient(), 9<<20, dice)
	s, err := begin(t.Context(), w.public(), w.requests[0], c.parcel(t, w.epoch.Recipient(), "killed"))
	must(t, err)
	must(t, s.open(t.Context(), 0))
	path := filepath.Join(w.opts.Data, "blobs", "clips", string(s.begun.Clips[0])+"~part")
	n := rounds(t, 8, 40)
	for cuts := 0; ; cuts++ {
		must(t, r.up(t))
		s.client = w.public().As(s.begun.Ticket)
		at := c.offset(s)
		if at == int64(len(c.sealed)) {
			break
		}
		if raw, err := os.ReadFile(path); at > 0 && (err != nil || !bytes.Equal(raw[:at], c.sealed[:at])) {
			t.Fatalf("the %d bytes that are acknowledged are not there: %v", at, err)
		}
		cut := c.nextCut(dice, at)
		if cuts < n && dice.IntN(2) == 0 {
			cut = min(at+dice.Int64N(1<<20), int64(len(c.sealed))) // so that there are cuts to the end
		}
		c.cutAt(s, at, cut, cuts < n, func() {
			if dice.IntN(2) == 0 { // time for the bytes to be written, and perhaps acknowledged
				waitFor(path, cut)
			}
			r.server.kill()
		})
	}
	c.arrived(t, w, s)
}

// waitFor waits a moment for a file to have a size, which it may never have.
func waitFor(path string, size int64) {
	for deadline := time.Now().Add(50 * time.Millisecond); time.Now().Before(deadline); {
		if info, err := os.Stat(path); err == nil && info.Size() >= size {
			return
		}
	}
}

// TestCutPieces sends a clip in pieces of random sizes with the borders between them, some of them twice or from a wrong
// offset: what is refused changes nothing.
func TestCutPieces(t *testing.T) {
	dice := rand.New(rand.NewPCG(seed(t), 4))
	w := newStage(t, "pieces").build(t, "pieces", func(*node.Options) {}, 1)
	for i := range rounds(t, 3, 12) {
		c := newCuttable(t, w.epoch.Recipient(), 5<<20+dice.IntN(4<<20), dice)
		s, err := begin(t.Context(), w.public(), w.requests[0], c.parcel(t, w.epoch.Recipient(), fmt.Sprint("pieces ", i)))
		must(t, err)
		must(t, s.open(t.Context(), 0))
		size := int64(len(c.sealed))
		for at := int64(0); at < size; {
			if at > 0 && dice.IntN(3) == 0 { // a piece that was sent already, or one too early
				wrong := []int64{0, at - 1, min(at+1, size)}[dice.IntN(3)]
				if _, err := s.client.Append(t.Context(), s.paths[0], wrong, 1, bytes.NewReader(c.sealed[:1])); !errors.Is(err, footage.Conflict) {
					t.Fatalf("a piece at %d while %d is due: %v", wrong, at, err)
				}
			}
			to := min(size, max(at+1, c.nextCut(dice, at)))
			got, err := s.client.Append(t.Context(), s.paths[0], at, to-at, io.LimitReader(c.from(at), to-at))
			must(t, err)
			if got != to {
				t.Fatalf("sent up to %d, acknowledged %d", to, got)
			}
			at = got
		}
		c.arrived(t, w, s)
	}
}
