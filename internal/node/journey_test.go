package node_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

// send seals and uploads one clip and commits the share.
func send(t *testing.T, w *nodetest.Town, id footage.RequestID, credential string, clip []byte) (footage.Receipt, error) {
	t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	work, err := c.Work(ctx)
	if err != nil {
		return footage.Receipt{}, err
	}
	solution, err := work.Solve(ctx)
	if err != nil {
		return footage.Receipt{}, err
	}
	env, err := seal.New(int64(len(clip)), w.Police.Epoch.Recipient())
	if err != nil {
		return footage.Receipt{}, err
	}
	begun, err := c.Begin(ctx, id, api.BeginShare{Work: solution, Credential: footage.Hash([]byte(credential)), Epoch: 1, Sizes: []int64{env.SealedSize()}})
	if err != nil {
		return footage.Receipt{}, err
	}
	sealed, err := io.ReadAll(env.Reader(bytes.NewReader(clip), 0))
	if err != nil {
		return footage.Receipt{}, err
	}
	ticket := c.As(begun.Ticket)
	path, err := ticket.CreateUpload(ctx, begun.Clips[0], env.SealedSize())
	if err != nil {
		return footage.Receipt{}, err
	}
	if _, err := ticket.Append(ctx, path, 0, int64(len(sealed)), bytes.NewReader(sealed)); err != nil {
		return footage.Receipt{}, err
	}
	var digest footage.SegmentDigest
	_, _ = digest.Write(sealed)
	manifest, err := seal.SealBytes([]byte("manifest"), 4096, w.Police.Epoch.Recipient())
	if err != nil {
		return footage.Receipt{}, err
	}
	return ticket.Commit(ctx, api.CommitShare{Clips: []api.ClipDigest{{ID: begun.Clips[0], Digest: digest.Sum()}}, Manifest: api.Encode(manifest)})
}

func TestJourney(t *testing.T) {
	nodetest.Engines(t, func(t *testing.T, engine func(*node.Options)) {
		w := nodetest.Start(t, engine)
		ctx := context.Background()
		id := w.Publish(w.Draft(0))
		raw, err := api.New(w.Server.URL).Get(ctx, "/v1/requests/"+string(id))
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := evidence.ParseBundle(raw)
		if err != nil {
			t.Fatal(err)
		}
		checked, err := bundle.Verify(evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		if checked.ID != id || checked.Epoch().Recipient != w.Police.Epoch.Recipient() {
			t.Fatalf("bundle says %s, epoch %d", checked.ID, checked.Epoch().Number)
		}
		all, err := api.New(w.Server.URL).Get(ctx, "/feed/all.json")
		if err != nil || !strings.Contains(string(all), bundle.Record.Document.Title) {
			t.Fatalf("the feed does not hold the request: %v", err)
		}

		clip := bytes.Repeat([]byte("frame"), 100_000)
		receipt, err := send(t, w, id, "credential", clip)
		if err != nil {
			t.Fatal(err)
		}
		if err := receipt.Verify(checked.ReceiptKey); err != nil {
			t.Fatal(err)
		}
		if err := w.Node.Exchange.Release(ctx); err != nil {
			t.Fatal(err)
		}
		custodian := w.Police.Custodian.Client
		if _, err := custodian.Clip(ctx, receipt.Share, receipt.Clips[0].ID, 0); !errors.Is(err, footage.Conflict) {
			t.Fatalf("a clip went out before the pick-up was recorded: %v", err)
		}
		for _, kind := range []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted} {
			if err := w.Event(w.Police, receipt.Share, kind, nil); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		body, err := custodian.Clip(ctx, receipt.Share, receipt.Clips[0].ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		opened, err := seal.Open(body, w.Police.Epoch)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(opened)
		if err != nil || !bytes.Equal(plain[:len(clip)], clip) {
			t.Fatalf("the opened clip differs: %v", err)
		}
		if err := w.Event(w.Police, receipt.Share, footage.EventConfirmed, nil); err != nil {
			t.Fatal(err)
		}
		box, err := api.New(w.Server.URL).As("credential").Mailbox(ctx)
		if err != nil || box.State != footage.ShareErased {
			t.Fatalf("mailbox says %q, %v; want erased", box.State, err)
		}
		if _, err := custodian.Clip(ctx, receipt.Share, receipt.Clips[0].ID, 0); !errors.Is(err, footage.Gone) {
			t.Fatalf("the erased clip: %v; want gone", err)
		}
	})
}
