package evidence

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Trust is what the checking side knows beforehand.
type Trust struct {
	// Verifier is the pinned verifier key of the exchange's log. If it is empty, the bundle's own key is used and
	// Checked.FirstUse says so: then nothing shows that the exchange is the right one.
	Verifier string
	// Witnesses are the verifier keys of the witnesses that count, and Quorum how many of them must have cosigned the newest
	// checkpoint; 0 asks for none.
	Witnesses []string
	Quorum    int
	// MaxAge is how old the newest state may be; 0 means [MaxStateAge].
	MaxAge time.Duration
}

// Checked is what a bundle says, after every part of it has been verified.
type Checked struct {
	ID          footage.RequestID
	Document    footage.Document
	Exchange    ledger.ExchangeCreated
	Fictional   bool // a demo or a test: no agency stands behind it
	FirstUse    bool // checked with a key that came with the bundle
	Agency      footage.Agency
	Suspended   bool
	Desk        bool            // the agency opens clips in pages that the exchange serves, not with its own program alone
	Epochs      []footage.Epoch // the agency's, oldest first; the last is the one to seal to
	Custodians  map[footage.CustodianID]ed25519.PublicKey
	ReceiptKey  ed25519.PublicKey // signs receipts and the exchange's custody events
	Signers     []Signer          // officer, then supervisor
	PublishedAt time.Time
	LogIndex    int64
	LogSize     int64 // of the checkpoint's tree
	Status      footage.RequestStatus
	Updates     []footage.UpdateRecord
	Withheld    *footage.Tombstone // the text is withheld: of a tombstone the Document holds the agency alone
	Vouching    footage.Vouching   // who vouches for the agency, and when the operator approved it

	paused    footage.Lapse // as the record says
	stopped   bool          // somebody who signed is suspended
	at        places
	witnesses int   // how many of the pinned ones have cosigned the bundle's own checkpoint
	ended     error // why the present state of the record says that it takes no shares

	stops         map[footage.PersonID]int64 // index of the newest entry that suspended or restored each
	verifiedUntil time.Time                  // the end of the agency's verifications by the present state; zero: it does not tell
}

// places are the indexes of the newest entries that a bundle shows of its parts: a state that sums up fewer entries says
// nothing of them.
type places struct{ registered, agency, vouched, epoch, head, desk int64 }

// newest returns the newest of them.
func (p places) newest() int64 { return max(p.registered, p.agency, p.vouched, p.epoch, p.head) }

// Signer is a person whose signature under the request was verified.
type Signer struct {
	Person   footage.PersonID
	Role     footage.Role
	Lent     footage.AgencyID // the agency that lent them, if they are not of the one that asks
	Software bool             // by a software authenticator, on a fictional exchange
	Enrolled int64            // index of the entry with the key
}

// Epoch returns the key period to seal to.
func (c Checked) Epoch() footage.Epoch { return c.Epochs[len(c.Epochs)-1] }

// Open reports, as an error of kind footage.Gone or footage.Forbidden, why the request takes no new share at a time.
func (c Checked) Open(now time.Time) error {
	switch {
	case c.Withheld != nil:
		return footage.Coded(footage.Gone, "request_withheld", "The text of this request is withheld since "+c.Withheld.At.UTC().Format(time.RFC1123)+authorityWords(c.Withheld.Withholding.Authority)+". It takes no footage.")
	case c.Suspended:
		return footage.Coded(footage.Forbidden, "agency_suspended", c.Agency.Name+" is suspended and may not receive footage now.")
	case c.stopped:
		return footage.Coded(footage.Forbidden, "signer_suspended", "Somebody who signed the request is suspended; it takes no footage now.")
	case c.lapse(now) != "":
		return footage.Coded(footage.Forbidden, "agency_paused", c.Agency.Name+" may not receive footage now: "+lapseWords(c.lapse(now))+".")
	case !c.verifiedUntil.IsZero() && !now.Before(c.verifiedUntil):
		return c.unverified()
	case c.Status != footage.Published:
		return footage.Coded(footage.Gone, "request_closed", fmt.Sprintf("The request is closed: it is %s.", c.Status))
	case c.ended != nil:
		return c.ended
	case !now.Before(c.Document.Closes):
		return footage.Coded(footage.Gone, "request_closed", "The request ended on "+c.Document.Closes.UTC().Format(time.RFC1123)+". If that has not come yet, set this device's clock.")
	}
	return nil
}

// authorityWords says on whose word a text is withheld.
func authorityWords(a footage.Authority) string {
	if a == footage.CourtOrder {
		return ", by order of a court"
	}
	return ", to protect a victim"
}

// lapse returns why the agency is not verified twice at a time, or "".
func (c Checked) lapse(now time.Time) footage.Lapse {
	if c.paused != "" {
		return c.paused
	}
	_, why, err := c.Vouching.At(now)
	if err != nil {
		return footage.AttestationOld
	}
	return why
}

// KeyOf returns the public key with which a party signs custody events; it fits [footage.CheckChain]. An unknown signer is
// footage.Untrusted. A custodian's key stays valid for the events of its time, whatever came later.
func (c Checked) KeyOf(party footage.Party, signer string) (ed25519.PublicKey, error) {
	switch {
	case party == footage.PartyExchange && signer == "exchange":
		return c.ReceiptKey, nil
	case party == footage.PartyAgency:
		if key, ok := c.Custodians[footage.CustodianID(signer)]; ok {
			return key, nil
		}
	}
	return nil, footage.Coded(footage.Untrusted, "unknown_signer", "No entry of the public record names the signer "+oneLine(signer)+".")
}
