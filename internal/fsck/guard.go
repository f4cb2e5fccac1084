package fsck

import (
	"crypto/ed25519"
	"encoding/base64"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// guard checks the guard's files: no head beyond the database's, no erasure that the database does not know.
func (c *check) guard() error {
	note, err := c.Guard.Last()
	if err != nil {
		return err
	}
	if note != "" && note != c.state.head.checkpoint {
		own, err := ledger.OpenCheckpoint([]byte(c.state.head.checkpoint), c.state.verifier)
		if err == nil {
			c.older(Guard, "guard/checkpoint", note, source{c, c.state.head.checkpoint}, own)
		} else {
			c.find(Guard, "guard/checkpoint", "A head was signed that the database does not know.")
		}
	}
	if err := c.guardedTexts(); err != nil {
		return err
	}
	erasures, unreadable, err := c.Guard.Erasures()
	if err != nil {
		return err
	}
	c.want(unreadable == 0, Guard, "guard/erased", "%d lines cannot be read: damaged, or cut off by a crash.", unreadable)
	for _, e := range erasures {
		c.report.Counts["recorded erasures"]++
		s, known := c.shares[string(e.Share)]
		if !known {
			continue // of a share that an older backup did not know
		}
		waiting := map[string]bool{string(footage.ShareConfirmed): true, string(footage.ShareDeclined): true, string(footage.ShareWithdrawn): true, string(footage.ShareExpired): true}
		c.want(s.state == string(e.Final) || waiting[s.state], Guard, "share "+string(e.Share), "Its erasure was recorded as %s, but it is %s.", e.Final, s.state)
	}
	return nil
}

// guardedTexts checks that what the guard knows to be withheld is.
func (c *check) guardedTexts() error {
	all, unreadable, err := c.Guard.Withholdings()
	c.want(unreadable == 0, Guard, "guard/withheld", "%d lines cannot be read: damaged, or cut off by a crash.", unreadable)
	for _, f := range all {
		c.want(c.state.withheld[f.Request].index > 0, Guard, "request "+string(f.Request), "Its text was withheld, but the database does not know: it was rolled back. Use 'porchlight restore'.")
	}
	return err
}

// keys checks the key files against the exchange's row: those that sign must be those that are believed.
func (c *check) keys() error {
	k := c.Config.Keys
	signer, err := ledger.NewSigner(k.LogSigner)
	verifier, err2 := ledger.NewVerifier(c.state.verifier)
	c.want(k.LogVerifier == c.state.verifier, Keys, "keys/log.pub", "It is not the verifier key of this exchange.")
	c.want(err == nil && err2 == nil && signer.Name() == verifier.Name() && signer.KeyHash() == verifier.KeyHash(), Keys, "keys/log.key", "It is not the key that signs this record.")
	if c.state.created != nil {
		public := ed25519.NewKeyFromSeed(k.Receipt[:]).Public().(ed25519.PublicKey)
		c.want(base64.RawURLEncoding.EncodeToString(public) == c.state.created.ReceiptKey, Keys, "keys/receipt.key", "It is not the key that signs this exchange's receipts.")
	}
	return nil
}
