package exchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
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

// custodyLeaves is the fixed number of leaves under a day's root. The entry has one size whatever happened.
const custodyLeaves = 1 << 14

// RootCustody writes the roots of the days that are over, one fixed-size entry a day, also for days without an event.
func (x *Exchange) RootCustody(ctx context.Context) error {
	for {
		day, due, err := x.nextCustodyDay(ctx)
		if err != nil || !due {
			return err
		}
		if err := x.rootDay(ctx, day); err != nil {
			return fmt.Errorf("custody root of %s: %w", day.Format(time.DateOnly), err)
		}
	}
}

func (x *Exchange) nextCustodyDay(ctx context.Context) (day time.Time, due bool, err error) {
	var last string
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		last, err = tx.LastCustodyDay()
		return err
	})
	if err != nil {
		return day, false, fmt.Errorf("find the last custody root: %w", err)
	}
	day = x.info.Created.UTC().Truncate(24 * time.Hour)
	if last != "" {
		if day, err = time.Parse(time.DateOnly, last); err != nil {
			return day, false, err
		}
		day = day.AddDate(0, 0, 1)
	}
	return day, !day.AddDate(0, 0, 1).After(x.now()), nil
}

func (x *Exchange) rootDay(ctx context.Context, day time.Time) error {
	return x.write(ctx, func(tx *store.Tx) error {
		heads, err := tx.HeadsOf(day, day.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		if len(heads) > custodyLeaves {
			return fmt.Errorf("%d chains grew in a day, over the %d that a root holds", len(heads), custodyLeaves)
		}
		var seed [32]byte
		if _, err := io.ReadFull(x.random, seed[:]); err != nil {
			return err
		}
		leaves, places, err := padLeaves(seed, heads)
		if err != nil {
			return err
		}
		root := ledger.MerkleRoot(leaves)
		d := store.CustodyDay{Day: day.Format(time.DateOnly), Seed: seed[:], Root: hex.EncodeToString(root[:])}
		if d.LogIndex, err = x.record(tx, ledger.CustodyRoot{Date: d.Day, Root: d.Root, Leaves: custodyLeaves}); err != nil {
			return err
		}
		return tx.InsertCustodyDay(d, places)
	})
}

// padLeaves puts the heads at random places among leaves that the seed makes, so that nobody can count them.
func padLeaves(seed [32]byte, heads []store.Head) (leaves [][32]byte, places map[int]store.Head, err error) {
	leaves, places = make([][32]byte, custodyLeaves), map[int]store.Head{}
	for i := range leaves {
		m := hmac.New(sha256.New, seed[:])
		_ = binary.Write(m, binary.BigEndian, int64(i)) // a hash never fails to write
		copy(leaves[i][:], m.Sum(nil))
	}
	order := rand.New(rand.NewChaCha8(seed)).Perm(custodyLeaves)
	for i, h := range heads {
		raw, err := hex.DecodeString(h.Hash)
		if err != nil || len(raw) != 32 {
			return nil, nil, fmt.Errorf("head of %s is not a hash", h.Share)
		}
		copy(leaves[order[i]][:], raw)
		places[order[i]] = h
	}
	return leaves, places, nil
}

// checkEvent checks an agency's event against the chain so far.
func (x *Exchange) checkEvent(tx *store.Tx, p footage.Person, s store.Share, e footage.Event) ([]footage.Event, error) {
	c, err := tx.Custodian(footage.CustodianID(e.Signer))
	if err != nil || c.Agency != s.Agency || c.Key.Person != p.ID || c.Disabled {
		return nil, footage.E(footage.Forbidden, "This custody key is not one of yours. Register this device with 'desk key add'.")
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
	if e.Seq < len(chain) {
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

func sameEvent(a, b footage.Event) (bool, error) {
	x, err := footage.Canonical(a)
	if err != nil {
		return false, err
	}
	y, err := footage.Canonical(b)
	return bytes.Equal(x, y), err
}
