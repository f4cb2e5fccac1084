package exchange

import (
	"bytes"
	"crypto/ed25519"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
)

// ExchangeSigner is the signer name of the exchange's own custody events.
const ExchangeSigner = "exchange"

func (k Keys) receiptKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.Receipt[:]) }

// append adds one of the exchange's own events to a share's chain, never dated before the event in front of it.
func (x *Exchange) append(tx *store.Tx, share footage.ShareID, at time.Time, kind footage.EventKind, detail map[string]string) error {
	chain, err := tx.Events(share)
	if err != nil {
		return err
	}
	e := footage.Event{Share: share, Seq: len(chain), At: at, Kind: kind, Party: footage.PartyExchange, Signer: ExchangeSigner, Detail: detail}
	if e.Seq > 0 {
		last := chain[e.Seq-1]
		if e.Prev, err = last.Hash(); err != nil {
			return err
		}
		if e.At.Before(last.At) {
			e.At = last.At
		}
	}
	if err := e.Sign(x.keys.receiptKey()); err != nil {
		return err
	}
	return tx.InsertEvent(e)
}

// appendNow is append with the present tick's time: what the agency can see, and what a resident does, is dated no finer.
func (x *Exchange) appendNow(tx *store.Tx, share footage.ShareID, kind footage.EventKind) error {
	set, err := x.policies(tx)
	if err != nil {
		return err
	}
	return x.append(tx, share, x.tick(set.Limits()), kind, nil)
}

// checkEvent checks an agency's event against the chain so far.
func (x *Exchange) checkEvent(tx *store.Tx, p footage.Person, s store.Share, e footage.Event) ([]footage.Event, error) {
	c, err := tx.Custodian(footage.CustodianID(e.Signer))
	if err != nil || c.Agency != s.Agency || c.Key.Person != p.ID || c.Disabled {
		return nil, footage.E(footage.Forbidden, "This custody key is not one of yours. Register this device with 'desk key add'.")
	}
	if ok, err := tx.HoldsKey(s.Agency, c.Key.ID); err != nil {
		return nil, err
	} else if !ok {
		return nil, footage.Coded(footage.Forbidden, "device_waits", "This device is not in the public record yet. A custodian who can open the agency's key must let it in with 'desk key add'.")
	}
	if err := checkStatement(e); err != nil {
		return nil, err
	}
	if e.Party != footage.PartyAgency || e.Share != s.ID {
		return nil, footage.E(footage.Invalid, "The custody event is not an agency's event of this share.")
	}
	if e.At.Sub(x.now()).Abs() > clockSkew {
		return nil, clockError(e.At, x.now())
	}
	chain, err := tx.Events(s.ID)
	if err != nil {
		return nil, err
	}
	if e.Seq >= 0 && e.Seq < len(chain) {
		if same, _ := sameEvent(chain[e.Seq], e); same {
			return chain, footage.Coded(footage.Conflict, "already", "This event is in the chain already.")
		}
	}
	key, err := decode(c.Key.Key)
	if err != nil {
		return nil, err
	}
	receipt := x.keys.receiptKey().Public().(ed25519.PublicKey)
	_, err = footage.CheckChain(append(chain, e), func(party footage.Party, signer string) (ed25519.PublicKey, error) {
		switch {
		case party == footage.PartyExchange:
			return receipt, nil
		case signer == e.Signer:
			return key, nil
		}
		other, err := tx.Custodian(footage.CustodianID(signer))
		if err != nil {
			return nil, err
		}
		return decode(other.Key.Key)
	})
	if err != nil {
		return nil, footage.Coded(footage.Conflict, "chain", "The custody chain has grown meanwhile or the event does not fit it. Fetch it again. "+err.Error())
	}
	return chain, nil
}

// checkStatement holds what an agency must say with some steps to its form.
func checkStatement(e footage.Event) (err error) {
	switch e.Kind {
	case footage.EventDeclined:
		_, err = evidence.ParseDecline(e.Detail)
	case footage.EventAnswered:
		_, err = evidence.ParseRecall(e.Detail)
	}
	return err
}

func sameEvent(a, b footage.Event) (bool, error) {
	x, err := footage.Canonical(a)
	if err != nil {
		return false, err
	}
	y, err := footage.Canonical(b)
	return bytes.Equal(x, y), err
}
