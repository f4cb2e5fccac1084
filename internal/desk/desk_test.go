package desk_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/seal"
)

func ctx(t testing.TB) context.Context { return t.Context() }

// enrol makes a desk for a new person of an agency of the town, with the exchange's key pinned.
func enrol(t testing.TB, w *nodetest.Town, agency footage.AgencyID, roles ...footage.Role) *desk.Desk {
	t.Helper()
	d, err := desk.Enrol(ctx(t), options(t, w), w.Server.URL, w.Invite(agency, "Sam "+string(roles[0]), roles...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func options(t testing.TB, w *nodetest.Town) desk.Options {
	return desk.Options{Dir: filepath.Join(t.TempDir(), "desk"), Verifier: w.Node.Exchange.Info().LogVerifier, Now: w.Now, Software: "porchlight test"}
}

// custodian makes a desk whose device can open the police's key.
func custodian(t testing.TB, w *nodetest.Town) *desk.Desk {
	t.Helper()
	d := enrol(t, w, w.Police.ID, footage.Custodian)
	v, err := d.AddDevice(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	w.Wrap(w.Police, v.ID, v.Recipient)
	return d
}

// film returns bytes that look like nothing, the same for the same seed.
func film(seed uint64, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(b) // never fails
	return b
}

// released sends a share and releases it.
func released(t testing.TB, w *nodetest.Town, clips ...[]byte) nodetest.Sent {
	t.Helper()
	s := w.Send(w.Publish(w.Draft(0)), nil, clips...)
	w.Release()
	return s
}

// kinds returns the chain's kinds in order.
func kinds(events []footage.Event) (all []footage.EventKind) {
	for _, e := range events {
		all = append(all, e.Kind)
	}
	return all
}

// must stops the test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestClipsWay takes a share from the inbox to its erasure.
func TestClipsWay(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	clips := [][]byte{film(1, 300_000), film(2, 9_000_000)}
	sent := released(t, w, clips...)
	id := sent.Receipt.Share

	inbox, err := d.Inbox(ctx(t))
	must(t, err)
	if len(inbox) != 1 || inbox[0].Share != id || inbox[0].State != footage.ShareReleased {
		t.Fatalf("inbox holds %+v; want the released share alone", inbox)
	}
	var done, total int64
	_, err = d.Fetch(ctx(t), id, func(a, b int64) { done, total = a, b })
	must(t, err)
	if done != total || total == 0 {
		t.Errorf("progress ended at %d of %d", done, total)
	}
	opened, err := d.Unseal(ctx(t), id, desk.UnsealOptions{})
	must(t, err)
	for i, path := range opened.Files {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, clips[i]) {
			t.Fatalf("%s is not clip %d: %v", path, i, err)
		}
	}
	found, err := d.Verify(ctx(t), id, nil)
	must(t, err)
	if found.Findings.Failed() {
		t.Fatalf("findings: %+v", found.Findings)
	}
	_, err = d.Accept(ctx(t), id)
	must(t, err)

	w.Advance(24 * time.Hour)
	must(t, w.Node.Exchange.RootCustody(ctx(t)))
	_, err = d.Login(ctx(t)) // a day is longer than a sign-in
	must(t, err)
	bag := filepath.Join(t.TempDir(), "bag")
	hash, err := d.Export(ctx(t), id, bag, desk.ExportOptions{Case: "26-001"})
	must(t, err)
	if again, err := evidence.BagHash(bag); err != nil || again != hash {
		t.Errorf("Export says %s, the bag %s, %v", hash, again, err)
	}
	verdict, err := evidence.VerifyBag(ctx(t), bag, evidence.VerifyOptions{Trust: evidence.Trust{Verifier: w.Node.Exchange.Info().LogVerifier}, Now: w.Now()})
	must(t, err)
	if verdict.Failed() {
		t.Errorf("the bag does not verify: %+v", verdict)
	}
	for _, code := range []string{"manifest_vouched", "custody_root", "pinned_key"} {
		if x, ok := verdict.Find(code); !ok || x.Level != evidence.OK {
			t.Errorf("%s: %+v", code, x)
		}
	}

	s, err := d.Confirm(ctx(t), id)
	must(t, err)
	want := []footage.EventKind{footage.EventCommitted, footage.EventReleased, footage.EventPickedUp, footage.EventOpened, footage.EventVerified,
		footage.EventAccepted, footage.EventExported, footage.EventConfirmed, footage.EventErased}
	if got := kinds(s.Events); s.State != footage.ShareErased || !slices.Equal(got, want) {
		t.Errorf("the share is %s after %v; want erased after %v", s.State, got, want)
	}
	if _, err := d.Confirm(ctx(t), id); err != nil {
		t.Errorf("confirming again: %v", err)
	}
}

// TestOnePass fetches and opens without keeping sealed bytes.
func TestOnePass(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	clip := film(3, 5_000_001)
	sent := released(t, w, clip)
	to := filepath.Join(t.TempDir(), "out")
	opened, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{To: to, Stream: true})
	must(t, err)
	if got, err := os.ReadFile(filepath.Join(to, "clip-01.mp4")); err != nil || !bytes.Equal(got, clip) {
		t.Fatalf("the opened clip differs: %v", err)
	}
	if sealed, _ := filepath.Glob(filepath.Join(d.Dir(), "shares", "*", "sealed", "*")); len(sealed) != 0 {
		t.Errorf("sealed bytes were kept: %v", sealed)
	}
	events := len(opened.Share.Events)
	again, err := d.Unseal(ctx(t), sent.Receipt.Share, desk.UnsealOptions{To: to, Stream: true})
	must(t, err)
	if len(again.Share.Events) != events {
		t.Errorf("opening what lies open left %d more events", len(again.Share.Events)-events)
	}
}

// TestTalk asks a question and reads the answer.
func TestTalk(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(4, 1000))
	id := sent.Receipt.Share
	_, err := d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
	must(t, err)
	_, err = d.Ask(ctx(t), id, "Which way does the camera look?")
	must(t, err)
	w.Advance(time.Minute)

	note, err := evidence.NewNote(id, footage.PartyResident, evidence.SignerResident, "To the north.", w.Now(), sent.Secret.SigningKey())
	must(t, err)
	raw, err := note.Encode()
	must(t, err)
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, w.Police.Epoch.Recipient())
	must(t, err)
	w.Reply(sent.Secret, sealed)
	w.Advance(time.Minute)
	w.Reply(sent.Secret, sealed[:len(sealed)-1]) // cut off on its way
	w.Release()

	talk, err := d.Talk(ctx(t), id)
	must(t, err)
	if len(talk) != 3 || talk[0].Text != "Which way does the camera look?" || talk[1].Text != "To the north." || talk[2].Problem == "" || talk[2].Text != "" {
		t.Errorf("the conversation reads %+v", talk)
	}
}

// TestDecline declines with a statement, and not without.
func TestDecline(t *testing.T) {
	w := nodetest.Start(t, nil)
	d := custodian(t, w)
	sent := released(t, w, film(5, 1000))
	id := sent.Receipt.Share
	statement := evidence.Decline{Reason: evidence.NotRelevant, Exculpatory: evidence.NoneSeen}
	if _, err := d.Decline(ctx(t), id, evidence.Decline{Reason: evidence.NotRelevant}); !errors.Is(err, footage.Invalid) {
		t.Errorf("declining without a statement: %v; want invalid", err)
	}
	if _, err := d.Decline(ctx(t), id, statement); !errors.Is(err, footage.Conflict) {
		t.Errorf("declining what is not here: %v; want a conflict", err)
	}
	_, err := d.Unseal(ctx(t), id, desk.UnsealOptions{Stream: true})
	must(t, err)
	if _, err := d.Accept(ctx(t), id); !errors.Is(err, footage.Conflict) {
		t.Errorf("accepting what is not verified: %v; want a conflict", err)
	}
	s, err := d.Decline(ctx(t), id, statement)
	must(t, err)
	if got, err := evidence.ParseDecline(s.Events[len(s.Events)-1].Detail); err != nil || got != statement {
		t.Errorf("the chain says %+v, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(d.Dir(), "shares", string(id), "clips", "clip-01.mp4")); err != nil {
		t.Errorf("the agency's copy of a declined clip: %v", err)
	}
}
