package proof_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// parcel is what one resident sends: sealed once, so that it can be sent to several exchanges, in pieces, and again.
type parcel struct {
	credential string
	clips      [][]byte // sealed
	manifest   []byte   // sealed
}

// pack seals clips for a recipient.
func pack(t testing.TB, recipient, credential string, clips ...[]byte) parcel {
	t.Helper()
	p := parcel{credential: credential}
	for _, clip := range clips {
		env, err := seal.New(int64(len(clip)), recipient)
		must(t, err)
		sealed, err := io.ReadAll(env.Reader(bytes.NewReader(clip), 0))
		must(t, err)
		p.clips = append(p.clips, sealed)
	}
	var err error
	p.manifest, err = seal.SealBytes([]byte("manifest of "+credential), 4096, recipient)
	must(t, err)
	return p
}

func (p parcel) sizes() []int64 {
	var all []int64
	for _, c := range p.clips {
		all = append(all, int64(len(c)))
	}
	return all
}

// sending is a share on its way.
type sending struct {
	parcel
	client *api.Client // with the ticket
	begun  api.BegunShare
	paths  []string // of the uploads that were opened
}

// begin asks for work, solves it and begins a share.
func begin(ctx context.Context, c *api.Client, id footage.RequestID, p parcel) (*sending, error) {
	work, err := c.Work(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for work: %w", err)
	}
	solution, err := work.Solve(ctx)
	if err != nil {
		return nil, err
	}
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash([]byte(p.credential)), Epoch: 1, Sizes: p.sizes()})
	if err != nil {
		return nil, fmt.Errorf("begin share: %w", err)
	}
	return &sending{parcel: p, client: c.As(begun.Ticket), begun: begun, paths: make([]string, len(p.clips))}, nil
}

// open opens the upload of clip i unless it is open.
func (s *sending) open(ctx context.Context, i int) error {
	if s.paths[i] != "" {
		return nil
	}
	path, err := s.client.CreateUpload(ctx, s.begun.Clips[i], int64(len(s.clips[i])))
	if err != nil {
		return fmt.Errorf("open upload: %w", err)
	}
	s.paths[i] = path
	return nil
}

// send uploads the bytes [from, to) of clip i.
func (s *sending) send(ctx context.Context, i int, from, to int64) (int64, error) {
	if err := s.open(ctx, i); err != nil {
		return 0, err
	}
	at, err := s.client.Append(ctx, s.paths[i], from, to-from, bytes.NewReader(s.clips[i][from:to]))
	if err != nil {
		return at, fmt.Errorf("append: %w", err)
	}
	return at, nil
}

// commit commits the share; digests are those of what was packed.
func (s *sending) commit(ctx context.Context) (footage.Receipt, error) {
	in := api.CommitShare{Manifest: api.Encode(s.manifest)}
	for i, clip := range s.clips {
		var digest footage.SegmentDigest
		_, _ = digest.Write(clip) // it never fails
		in.Clips = append(in.Clips, api.ClipDigest{ID: s.begun.Clips[i], Digest: digest.Sum()})
	}
	return s.client.Commit(ctx, in)
}

// deliver begins, uploads and commits.
func deliver(ctx context.Context, c *api.Client, id footage.RequestID, p parcel) (footage.Receipt, error) {
	s, err := begin(ctx, c, id, p)
	if err != nil {
		return footage.Receipt{}, err
	}
	for i, clip := range p.clips {
		if _, err := s.send(ctx, i, 0, int64(len(clip))); err != nil {
			return footage.Receipt{}, err
		}
	}
	return s.commit(ctx)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
