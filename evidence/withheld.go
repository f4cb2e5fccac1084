package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// WithheldType is the value of a tombstone's type member.
const WithheldType = "porchlight/withheld/v1"

// Withheld is what an exchange gives in the place of a [Bundle] whose text is withheld: the same lines of the public record
// with their proofs, and the one that says on whose authority. It proves who asked, that it was published, and that two people
// of the exchange have signed for its text being gone; of the text nothing.
type Withheld struct {
	Type       string            `json:"type"`       // WithheldType
	Verifier   string            `json:"verifier"`   // as in a bundle
	Checkpoint string            `json:"checkpoint"` // signed note
	Request    footage.RequestID `json:"request"`
	Agency     footage.AgencyID  `json:"agency"`
	Entries    []Proven          `json:"entries"` // by ascending index
}

// NewWithheld gathers the entries with the given indexes, those of a bundle and the withholding, as [NewBundle] does.
func NewWithheld(ctx context.Context, src ledger.Source, checkpoint []byte, verifier string, request footage.RequestID, agency footage.AgencyID, indexes []int64) (Withheld, error) {
	b, err := NewBundle(ctx, src, checkpoint, verifier, footage.Record{}, nil, indexes)
	return Withheld{Type: WithheldType, Verifier: verifier, Checkpoint: b.Checkpoint, Request: request, Agency: agency, Entries: b.Entries}, err
}

// ParseWithheld reads a tombstone strictly, as [ParseBundle] reads a bundle. It verifies nothing.
func ParseWithheld(raw []byte) (Withheld, error) {
	if len(raw) > MaxBundle {
		return Withheld{}, footage.Coded(footage.TooLarge, "bundle_too_large", "The request with its proofs is larger than 8 MiB.")
	}
	var w Withheld
	if err := decodeExact(raw, &w); err != nil {
		return Withheld{}, fmt.Errorf("read withheld request: %w", err)
	}
	if w.Type != WithheldType {
		return Withheld{}, footage.Coded(footage.Unsupported, "bundle_type", "This program does not know this kind of tombstone. A newer one may know it.")
	}
	return w, nil
}

// Encode returns the tombstone's canonical JSON.
func (w Withheld) Encode() ([]byte, error) { return footage.Canonical(w) }

// Verify checks a tombstone offline: the checkpoint, every proof, and that two people of the exchange, an operator and a
// moderator, signed the withholding of this very request. Without that an exchange that does not show a text has merely
// deleted it. Of the result's Document the agency alone is set, and Withheld is not nil.
func (w Withheld) Verify(trust Trust, now time.Time) (Checked, error) {
	b := Bundle{Type: BundleType, Verifier: w.Verifier, Checkpoint: w.Checkpoint, Entries: w.Entries}
	b.Record.Document.Agency = w.Agency
	vkey, checkpoint, err := b.checkpoint(trust)
	if err != nil {
		return Checked{}, err
	}
	r, err := b.replay(vkey, checkpoint.Size, w.Request)
	if err != nil {
		return Checked{}, err
	}
	if err := r.complete(checkpoint, b.Record.Document); err != nil {
		return Checked{}, err
	}
	if r.withheld == nil {
		return Checked{}, untrusted("withheld_unproven", "The exchange does not show the text of request %s and says that it is withheld, but proves no entry of the public record that says so: the text has been deleted. Tell the exchange's oversight body.", w.Request.Short())
	}
	if !now.IsZero() && r.withheld.At.After(now.Add(clockSlack)) {
		return Checked{}, untrusted("from_the_future", "The withholding is dated %s, which has not come yet. Set this device's clock, then try again.", r.withheld.At.Format(time.RFC1123))
	}
	names, err := Trust{Witnesses: trust.Witnesses}.witnessed(w.Checkpoint, now)
	if err != nil {
		return Checked{}, err
	}
	c, err := b.checked(r, checkpoint, trust, nil)
	c.witnesses = len(names)
	return c, err
}

// VerifyRequest checks what an exchange gives for a request: a bundle, or the tombstone of one. The bundle that it returns is
// empty for a tombstone; the verifier key is the one that the answer names.
func VerifyRequest(raw []byte, trust Trust, now time.Time) (c Checked, b Bundle, verifier string, err error) {
	var peek struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &peek) == nil && peek.Type == WithheldType {
		w, err := ParseWithheld(raw)
		if err != nil {
			return c, b, "", err
		}
		c, err = w.Verify(trust, now)
		return c, b, w.Verifier, err
	}
	if b, err = ParseBundle(raw); err != nil {
		return c, b, "", err
	}
	c, err = b.Verify(trust, now)
	return c, b, b.Verifier, err
}

// withhold takes in that the request's text is withheld, if two people of the exchange have signed for it. What is not so
// signed is a forgery, which is told when the record is complete.
func (r *record) withhold(f ledger.DocumentWithheld, at time.Time, index int64) error {
	if f.Request != r.request {
		return nil
	}
	if r.published == nil || f.Agency != r.agency || r.withheld != nil {
		return untrusted("withheld_wrong", "The record says that the request was withheld, but not in its place.")
	}
	if r.exchange == nil || !r.exchange.Was(f.Withholding.Exchange) {
		return untrusted("withheld_wrong", "The withholding was signed for another exchange.")
	}
	for _, u := range r.updates { // it may name others: a record that goes on from a closed one may lack some
		if !slices.Contains(f.Withholding.Updates, u.fact.Update) {
			return untrusted("withheld_wrong", "The record shows an update of the request that the withholding does not name.")
		}
	}
	if err := VerifyWithholding(f, r.exchange.RP, r.whoMaySign(), r.exchange.Fictional); err != nil {
		return err
	}
	r.withheld = &footage.Tombstone{Withholding: f.Withholding, At: at, LogIndex: index}
	return nil
}

// VerifyWithholding checks the two signatures under a withholding with the enrolments of those who could sign at the moment: two
// different people, passkeys and roles, both of the exchange itself.
func VerifyWithholding(f ledger.DocumentWithheld, rp footage.RelyingParty, people map[footage.PersonID]ledger.PersonEnrolled, fictional bool) error {
	canonical, err := f.Withholding.Canonical()
	if err != nil {
		return err
	}
	var keys []string
	for _, a := range f.Assertions {
		p, ok := people[a.Person]
		switch {
		case !ok:
			return untrusted("withheld_signer", "The %s who signed the withholding was not enrolled then.", a.Role)
		case p.Agency != "" || !(footage.Person{Roles: p.Roles}).Has(a.Role) || p.Credential != a.Credential:
			return untrusted("withheld_signer", "The withholding is signed as %s by somebody who is none of the exchange's.", a.Role)
		case p.Software && !fictional:
			return untrusted("software_signature", "The %s signed with a program instead of a passkey, which only a fictional exchange may accept.", a.Role)
		case slices.Contains(keys, p.PublicKey):
			return untrusted("same_person_twice", "One person signed the withholding twice: two different people must stand behind it.")
		}
		keys = append(keys, p.PublicKey)
		key, err := footage.DecodeBase64(p.PublicKey)
		if err != nil {
			return untrusted("bad_entry", "The public key of %s cannot be read.", a.Person)
		}
		if err := a.Verify(key, rp, canonical); err != nil {
			return untrusted("withheld_signature", "The signature of the %s under the withholding does not hold. %v", a.Role, err)
		}
	}
	return nil
}
