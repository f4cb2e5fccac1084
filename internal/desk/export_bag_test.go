package desk_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// verified makes a desk that has opened, verified and accepted a share.
func verified(t testing.TB, w *nodetest.Town) (*desk.Desk, nodetest.Sent) {
	t.Helper()
	d := custodian(t, w)
	sent := released(t, w, film(1, 1000), film(2, 2000))
	_, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{Stream: true})
	must(t, err)
	_, err = d.Verify(ctx(t), sent.Receipt.Share, nil)
	must(t, err)
	_, err = d.Accept(ctx(t), sent.Receipt.Share)
	must(t, err)
	return d, sent
}

// TestExportCutOff writes the package and cannot record it. The same call again records the package that lies there, once; what
// else lies there is no package of this share.
func TestExportCutOff(t *testing.T) {
	w := nodetest.Start(t, nil)
	d, sent := verified(t, w)
	id, bag := sent.Receipt.Share, filepath.Join(t.TempDir(), "bag")
	m, client := meddled(t)
	m.before = func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/events") {
			return errors.New("no line")
		}
		return nil
	}
	first, err := again(t, w, d, client).Export(ctx(t), id, bag, desk.ExportOptions{})
	if !errors.Is(err, footage.Unavailable) || first == "" {
		t.Fatalf("exporting without a line: %q, %v; want the hash and unavailable", first, err)
	}
	if err := os.CopyFS(bag+"-changed", os.DirFS(bag)); err != nil {
		t.Fatal(err)
	}
	must(t, os.WriteFile(filepath.Join(bag+"-changed", "data", "terms.txt"), []byte("do as you please"), 0o600))
	if _, err := d.Export(ctx(t), id, bag+"-changed", desk.ExportOptions{}); !errors.Is(err, footage.Conflict) {
		t.Errorf("exporting over a changed package: %v; want a conflict", err)
	}
	second, err := d.Export(ctx(t), id, bag, desk.ExportOptions{})
	must(t, err)
	if _, err := d.Export(ctx(t), id, bag, desk.ExportOptions{}); !errors.Is(err, footage.Conflict) {
		t.Errorf("exporting over a recorded package: %v; want a conflict", err)
	}
	s, err := d.Share(ctx(t), id)
	must(t, err)
	n := 0
	for _, e := range s.Events {
		if e.Kind == footage.EventExported {
			n++
			if e.Detail[evidence.DetailPackage] != first {
				t.Errorf("the chain names package %s, the first try %s", e.Detail[evidence.DetailPackage], first)
			}
		}
	}
	if n != 1 || first != second {
		t.Errorf("%d exports are recorded; the hashes are %s and %s", n, first, second)
	}
}

// TestConfirmNeedsCopy: without a package, and with a clip gone from this device, confirming would lose the clips.
func TestConfirmNeedsCopy(t *testing.T) {
	w := nodetest.Start(t, nil)
	d, sent := verified(t, w)
	id := sent.Receipt.Share
	must(t, os.Remove(filepath.Join(d.Dir(), "shares", string(id), "clips", "clip-02.mp4")))
	if _, err := d.Confirm(ctx(t), id); !errors.Is(err, footage.Conflict) {
		t.Errorf("confirming without a copy: %v; want a conflict", err)
	}
	_, err := d.Fetch(ctx(t), id, nil)
	must(t, err)
	s, err := d.Confirm(ctx(t), id)
	if err != nil || s.State != footage.ShareErased {
		t.Errorf("confirming with the sealed clips here: %v", err)
	}
}

// TestNeutralNames exports a clip whose owner kept its name, under a neutral one.
func TestNeutralNames(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := w.Send(w.Publish(w.Draft(0)), func(m *evidence.Manifest) { m.Clips[0].Name = "Einfahrt Süd.mp4" }, film(3, 1000))
	w.Release()
	id := sent.Receipt.Share
	_, err := d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
	must(t, err)
	_, err = d.Verify(ctx(t), id, nil)
	must(t, err)
	for name, neutral := range map[string]bool{"Einfahrt Süd.mp4": false, "clip-01.mp4": true} {
		bag := filepath.Join(t.TempDir(), "bag")
		_, err := d.Export(ctx(t), id, bag, desk.ExportOptions{Neutral: neutral})
		must(t, err)
		if _, err := os.Stat(filepath.Join(bag, "data", "clips", name)); err != nil {
			t.Errorf("neutral names %v: %v", neutral, err)
		}
	}
}

// TestAnswerRecall answers in each way; "destroyed" leaves nothing here, wherever the clips were opened to (C8).
func TestAnswerRecall(t *testing.T) {
	w := nodetest.Start(t, nil)
	d, request := custodian(t, w), w.Publish(w.Draft(0))
	for _, answer := range []evidence.Recall{{Answer: evidence.RecallReturned}, {Answer: evidence.RecallKeptByLaw, Note: "Order 26-117"}, {Answer: evidence.RecallDestroyed}} {
		sent := w.Send(request, nil, film(4, 1000))
		w.Release()
		id, to := sent.Receipt.Share, t.TempDir()
		_, err := d.Fetch(ctx(t), id, nil)
		must(t, err)
		_, err = d.Unseal(ctx(t), id, desk.UnsealOptions{To: to})
		must(t, err)
		if _, err := d.AnswerRecall(ctx(t), id, answer); !errors.Is(err, footage.Conflict) {
			t.Errorf("answering what nobody asked: %v; want a conflict", err)
		}
		w.Withdraw(sent.Secret)
		w.Release()
		s, err := d.AnswerRecall(ctx(t), id, answer)
		must(t, err)
		if got, err := evidence.ParseRecall(s.Events[len(s.Events)-1].Detail); err != nil || got != answer {
			t.Errorf("the chain says %+v, %v", got, err)
		}
		_, open := os.Stat(filepath.Join(to, "clip-01.mp4"))
		_, folder := os.Stat(filepath.Join(d.Dir(), "shares", string(id)))
		if gone := answer.Answer == evidence.RecallDestroyed; (open != nil) != gone || (folder != nil) != gone {
			t.Errorf("%s: clip %v, folder %v", answer.Answer, open, folder)
		}
	}
}
