package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/blob"
	"porchlight.example/internal/footage"
)

func begin(t *testing.T, b blob.Bucket, key string, length int64) []byte {
	t.Helper()
	state, err := b.Begin(t.Context(), key, length)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// stager is a caller that keeps offset and state as it should.
type stager struct {
	b      blob.Bucket
	key    string
	state  []byte
	offset int64
}

func stage(t *testing.T, b blob.Bucket, key string, length int) *stager {
	return &stager{b: b, key: key, state: begin(t, b, key, int64(length))}
}

func (s *stager) append(t *testing.T, r io.Reader) (int64, error) {
	t.Helper()
	n, state, err := s.b.Append(t.Context(), s.key, s.state, s.offset, r)
	s.state, s.offset = state, s.offset+n
	return n, err
}

func (s *stager) finish(t *testing.T) {
	t.Helper()
	if err := s.b.Finish(t.Context(), s.key, s.state); err != nil {
		t.Fatal(err)
	}
}

func stageWhole(t *testing.T, b blob.Bucket) {
	for _, size := range []int{1, 1000, 4 << 20, 8<<20 - 1, 8 << 20, 8<<20 + 1, 20 << 20} {
		key, body := fmt.Sprintf("clips/%d", size), random(size)
		s := stage(t, b, key, size)
		if n, err := s.append(t, bytes.NewReader(body)); err != nil || n != int64(size) {
			t.Fatalf("appended %d of %d: %v", n, size, err)
		}
		wantAbsent(t, b, key)
		s.finish(t)
		wantObject(t, b, key, body)
	}
}

func stageEmpty(t *testing.T, b blob.Bucket) {
	s := stage(t, b, "clips/a", 0)
	wantAbsent(t, b, "clips/a")
	s.finish(t)
	wantObject(t, b, "clips/a", nil)
	s.finish(t)
}

// stageResume sends an object in pieces of odd sizes, each in a request of its own, and reads back what lies behind the
// last segment where the bucket can stop there.
func stageResume(t *testing.T, b blob.Bucket) {
	body := random(19<<20 + 7)
	step := b.Step(int64(len(body)))
	if step != 1 && step%footage.SegmentSize != 0 {
		t.Fatalf("step is %d", step)
	}
	s := stage(t, b, "clips/a", len(body))
	for i := 0; s.offset < int64(len(body)); i++ {
		piece := max([]int64{1, 2, 4095, 65_537, 1 << 20, 3<<20 + 1, 4 << 20}[i%7], 3)
		if step > 1 {
			piece += step // else it would never advance
		}
		end := min(s.offset+piece, int64(len(body)))
		before := s.offset
		n, err := s.append(t, bytes.NewReader(body[s.offset:end]))
		if err != nil || n > end-before || n == 0 || (step == 1 && n != end-before) || (s.offset%step != 0 && s.offset != int64(len(body))) {
			t.Fatalf("append %d bytes at %d: took %d, %v", end-before, before, n, err)
		}
		wantStaged(t, s, body, step)
	}
	s.finish(t)
	wantObject(t, b, "clips/a", body)
}

func wantStaged(t *testing.T, s *stager, body []byte, step int64) {
	t.Helper()
	from := s.offset / footage.SegmentSize * footage.SegmentSize
	r, err := s.b.Staged(t.Context(), s.key, s.state, from, s.offset-from)
	if step > 1 {
		wantKind(t, err, footage.Unsupported)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body[from:s.offset]) {
		t.Fatalf("staged bytes read back differ at %d: %v", s.offset, err)
	}
}

// stageCut has the reader fail or end in the middle, as a cut connection does.
func stageCut(t *testing.T, b blob.Bucket) {
	body := random(17<<20 + 5)
	step := b.Step(int64(len(body)))
	s := stage(t, b, "clips/a", len(body))
	broken := errors.New("the connection is gone")
	for _, cut := range []int64{8<<20 + 100, 100, 16 << 20} {
		before := s.offset
		cut = min(cut, int64(len(body))-before)
		n, err := s.append(t, io.MultiReader(bytes.NewReader(body[before:before+cut]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("cut after %d bytes: error %v, want the reader's", cut, err)
		}
		if n > cut || cut-n >= step && before+cut != int64(len(body)) {
			t.Fatalf("cut after %d bytes: kept %d", cut, n)
		}
		wantAbsent(t, b, "clips/a")
	}
	for s.offset < int64(len(body)) {
		if _, err := s.append(t, bytes.NewReader(body[s.offset:])); err != nil {
			t.Fatal(err)
		}
	}
	s.finish(t)
	wantObject(t, b, "clips/a", body)
}

// stageStale appends where the caller did not save the answer, as after a crash: what was not saved is discarded.
func stageStale(t *testing.T, b blob.Bucket) {
	body := random(24<<20 + 9)
	s := stage(t, b, "clips/a", len(body))
	if _, err := s.append(t, bytes.NewReader(body[:8<<20])); err != nil {
		t.Fatal(err)
	}
	saved := *s
	if _, err := s.append(t, bytes.NewReader(random(11<<20))); err != nil { // other bytes
		t.Fatal(err)
	}
	if _, err := saved.append(t, bytes.NewReader(body[saved.offset:])); err != nil {
		t.Fatal(err)
	}
	saved.finish(t)
	wantObject(t, b, "clips/a", body)
}

func stageTooLong(t *testing.T, b blob.Bucket) {
	s := stage(t, b, "clips/a", 10)
	n, err := s.append(t, strings.NewReader("0123456789more"))
	wantKind(t, err, footage.TooLarge)
	if n != 10 {
		t.Errorf("took %d bytes, want 10", n)
	}
	s.finish(t)
	wantObject(t, b, "clips/a", []byte("0123456789"))
}

func stageTooShort(t *testing.T, b blob.Bucket) {
	s := stage(t, b, "clips/a", 10)
	if _, err := s.append(t, strings.NewReader("012345678")); err != nil {
		t.Fatal(err)
	}
	err := b.Finish(t.Context(), s.key, s.state)
	if !errors.Is(err, footage.Conflict) {
		t.Errorf("finish an upload that is not complete: %v, want conflict", err)
	}
	wantAbsent(t, b, "clips/a")
}

func stageReplaces(t *testing.T, b blob.Bucket) {
	put(t, b, "clips/a", []byte("old"))
	s := stage(t, b, "clips/a", 4)
	if _, err := s.append(t, strings.NewReader("new!")); err != nil {
		t.Fatal(err)
	}
	wantObject(t, b, "clips/a", []byte("old"))
	s.finish(t)
	wantObject(t, b, "clips/a", []byte("new!"))
}

func finishTwice(t *testing.T, b blob.Bucket) {
	s := stage(t, b, "clips/a", 4)
	if _, err := s.append(t, strings.NewReader("four")); err != nil {
		t.Fatal(err)
	}
	s.finish(t)
	s.finish(t)
	wantObject(t, b, "clips/a", []byte("four"))
	if err := b.Delete(t.Context(), "clips/a"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, b.Finish(t.Context(), "clips/a", s.state), footage.NotFound)
}

func abort(t *testing.T, b blob.Bucket) {
	body := random(9 << 20)
	s := stage(t, b, "clips/a", 10<<20)
	if _, err := s.append(t, bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	other := stage(t, b, "clips/ab", 9)
	if _, err := other.append(t, strings.NewReader("untouched")); err != nil {
		t.Fatal(err)
	}
	for _, state := range [][]byte{nil, s.state} { // also one whose state was never saved, and twice
		if err := b.Abort(t.Context(), "clips/a", state); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.append(t, strings.NewReader(strings.Repeat("x", 2<<20)))
	wantKind(t, err, footage.NotFound)
	other.finish(t)
	wantObject(t, b, "clips/ab", []byte("untouched"))
	if err := b.Abort(t.Context(), "clips/ab", other.state); err != nil {
		t.Error(err)
	}
	wantObject(t, b, "clips/ab", []byte("untouched"))
}

func stageConcurrent(t *testing.T, b blob.Bucket) {
	body := random(1 << 20)
	var g errgroup.Group
	for i := range 8 {
		g.Go(func() error {
			key := fmt.Sprintf("deep/folder/%d/clip", i%4*2+i/4)
			state, err := b.Begin(t.Context(), key, int64(len(body)))
			if err != nil {
				return err
			}
			n, state, err := b.Append(t.Context(), key, state, 0, bytes.NewReader(body))
			if err != nil || n != int64(len(body)) {
				return fmt.Errorf("appended %d: %w", n, err)
			}
			return b.Finish(t.Context(), key, state)
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := len(listed(t, b, "deep/folder/")); got != 8 {
		t.Errorf("%d objects, want 8", got)
	}
}
