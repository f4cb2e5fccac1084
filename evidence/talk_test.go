package evidence_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

const talkShare = footage.ShareID("s-00000000000000000000000000")

func talkKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func keyFor(key ed25519.PrivateKey) func(footage.Party, string) (ed25519.PublicKey, error) {
	return func(footage.Party, string) (ed25519.PublicKey, error) { return key.Public().(ed25519.PublicKey), nil }
}

func TestNoteRoundTrip(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("", 3600))
	n, err := evidence.NewNote(talkShare, footage.PartyResident, evidence.SignerResident, " Which camera?\n\tThe left one. ñ ", at, talkKey(1))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := evidence.ParseNote(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again != n || again.Text != "Which camera?\n\tThe left one. ñ" {
		t.Errorf("read %+v, wrote %+v", again, n)
	}
	if err := again.Verify(talkShare, footage.PartyResident, keyFor(talkKey(1))); err != nil {
		t.Error(err)
	}
}

// TestNoteRefusals changes each thing that a signature must cover.
func TestNoteRefusals(t *testing.T) {
	custodian := "k-00000000000000000000000000"
	good, err := evidence.NewNote(talkShare, footage.PartyAgency, custodian, "Was the gate open?", time.Unix(1e9, 0), talkKey(2))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*evidence.Note){
		"text":   func(n *evidence.Note) { n.Text = "Was the gate closed?" },
		"share":  func(n *evidence.Note) { n.Share = "s-11111111111111111111111111" },
		"from":   func(n *evidence.Note) { n.From = footage.PartyResident },
		"signer": func(n *evidence.Note) { n.Signer = "k-11111111111111111111111111" },
		"time":   func(n *evidence.Note) { n.At = n.At.Add(time.Second) },
		"sig":    func(n *evidence.Note) { n.Sig = "" },
	} {
		bad := good
		change(&bad)
		if err := bad.Verify(talkShare, footage.PartyAgency, keyFor(talkKey(2))); !errors.Is(err, footage.Untrusted) {
			t.Errorf("changed %s: %v; want untrusted", name, err)
		}
	}
	if err := good.Verify(talkShare, footage.PartyAgency, keyFor(talkKey(3))); !errors.Is(err, footage.Untrusted) {
		t.Errorf("another's key: %v; want untrusted", err)
	}
}

func TestNoteForm(t *testing.T) {
	for name, text := range map[string]string{
		"empty": " \n", "long": strings.Repeat("é", evidence.MaxNote+1), "escape": "a\x1b[2J", "override": "a\u202eb", "isolate": "a\u2066b", "not UTF-8": "\xff",
	} {
		if _, err := evidence.NewNote(talkShare, footage.PartyResident, evidence.SignerResident, text, time.Unix(1e9, 0), talkKey(1)); !errors.Is(err, footage.Invalid) {
			t.Errorf("%s: %v; want invalid", name, err)
		}
	}
	if _, err := evidence.NewNote(talkShare, footage.PartyAgency, evidence.SignerResident, "x", time.Unix(1e9, 0), talkKey(1)); !errors.Is(err, footage.Invalid) {
		t.Errorf("an agency's note with the resident's signer: %v", err)
	}
	if _, err := evidence.NewNote(talkShare, footage.PartyResident, evidence.SignerResident, strings.Repeat("é", evidence.MaxNote), time.Unix(1e9, 0), talkKey(1)); err != nil {
		t.Errorf("the longest text: %v", err)
	}
}

func FuzzParseNote(f *testing.F) {
	n, err := evidence.NewNote(talkShare, footage.PartyResident, evidence.SignerResident, "Which \"camera\"?\n<é>", time.Unix(1e9, 0), talkKey(1))
	if err != nil {
		f.Fatal(err)
	}
	raw, err := n.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"type":"porchlight/note/v1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := evidence.ParseNote(raw)
		if err != nil {
			return
		}
		again, err := n.Encode()
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("wrote %s, %v; read %s", again, err, raw)
		}
	})
}
