package ledger_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

func TestCheckpointOpens(t *testing.T) {
	l := newLog(t)
	l.append(3)
	c, err := ledger.OpenCheckpoint(l.checkpoint(), l.vkey)
	if err != nil || c != l.points[0] {
		t.Errorf("got %v, %v", c, err)
	}
	if want := origin + "\n3\n" + l.tree.Root.String() + "\n\n— " + origin + " "; !strings.HasPrefix(string(l.checkpoint()), want) {
		t.Errorf("checkpoint is %q", l.checkpoint())
	}
}

// TestWitnessesAreNoHindrance adds the signature of a key that the reader does not know.
func TestWitnessesAreNoHindrance(t *testing.T) {
	l := newLog(t)
	l.append(3)
	skey, witnessKey, err := ledger.GenerateKey("witness.example", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ledger.NewVerifier(l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(l.checkpoint(), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(n, witness)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenCheckpoint(cosigned, l.vkey); err != nil {
		t.Error(err)
	}
	_, err = ledger.OpenCheckpoint(cosigned, witnessKey)
	wantKind(t, err, footage.Untrusted) // a witness's signature does not make it the witness's log
}

func TestCheckpointRefuses(t *testing.T) {
	l := newLog(t)
	root := l.tree.Root.String()
	for name, text := range map[string]string{
		"two lines":      origin + "\n0\n",
		"extension":      origin + "\n0\n" + root + "\nmore\n",
		"leading nought": origin + "\n00\n" + root + "\n",
		"plus sign":      origin + "\n+1\n" + root + "\n",
		"negative size":  origin + "\n-1\n" + root + "\n",
		"huge size":      origin + "\n9223372036854775808\n" + root + "\n",
		"short root":     origin + "\n0\nAAAA\n",
		"no origin":      "\n0\n" + root + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			msg, err := note.Sign(&note.Note{Text: text}, l.signer)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ledger.OpenCheckpoint(msg, l.vkey)
			wantKind(t, err, footage.Invalid)
		})
	}
	msg, err := note.Sign(&note.Note{Text: "other.example/log\n0\n" + root + "\n"}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ledger.OpenCheckpoint(msg, l.vkey)
	wantKind(t, err, footage.Untrusted)
	_, err = ledger.SignCheckpoint(ledger.Checkpoint{Origin: "other.example/log", Tree: l.tree}, l.signer)
	wantKind(t, err, footage.Invalid)
}

func TestKeysRefuse(t *testing.T) {
	for _, name := range []string{"", "a log", "a+log", "a\nlog", "\xff"} {
		_, _, err := ledger.GenerateKey(name, rand.Reader)
		wantKind(t, err, footage.Invalid)
	}
	skey, vkey, err := ledger.GenerateKey(origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.NewSigner(skey + "\n"); err != nil {
		t.Errorf("a line feed at the end of a key file: %v", err)
	}
	_, err = ledger.NewSigner(skey[:len(skey)-4])
	wantKind(t, err, footage.Invalid)
	if strings.Contains(err.Error(), skey[len(skey)-20:len(skey)-4]) {
		t.Error("the error quotes the secret key")
	}
	_, err = ledger.NewVerifier(vkey[1:])
	wantKind(t, err, footage.Invalid)
	_, err = ledger.OpenCheckpoint(nil, "no key")
	wantKind(t, err, footage.Invalid)
}
