package fsck

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"porchlight.example/internal/exchange"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// days makes each day's custody root anew from the chains under it, and compares it with the record.
func (c *check) days() error {
	last := ""
	err := c.each(tables()["custody_day"], func(r row) error {
		last = max(last, r.str("day"))
		return c.day(r)
	})
	if err != nil {
		return err
	}
	for day, index := range c.state.roots {
		c.leftover(index, "the custody root of "+day+" was made")
	}
	err = c.each(tables()["custody_leaf"], func(r row) error {
		_, ok := c.shares[r.str("share")]
		c.want(ok, Custody, r.name(), "There is a place of no share.")
		return nil
	})
	if err != nil || last == "" {
		return err
	}
	return c.unrooted(last)
}

func (c *check) day(r row) error {
	index, ok := c.state.roots[r.str("day")]
	delete(c.state.roots, r.str("day"))
	fact, _ := c.fact(index)
	root, isRoot := fact.(ledger.CustodyRoot)
	c.want(ok && isRoot && r.num("log_index") == index && r.str("root") == root.Root && root.Leaves == exchange.CustodyLeaves,
		Custody, r.name(), "The root is not the one in the record.")
	leaves, err := c.tx.RowsWhere(tables()["custody_leaf"], "day", r.str("day"))
	if err != nil {
		return err
	}
	if c.lost[index] && len(r.bytes("seed")) == 0 && len(leaves) == 0 {
		return nil // its chains are lost
	}
	if len(r.bytes("seed")) != 32 {
		return unreadable{fmt.Errorf("the seed has not 32 bytes")}
	}
	return c.under(r, leaves)
}

// under makes the root over the heads of the chains that have a place under it.
func (c *check) under(r row, leaves []store.Row) error {
	slices.SortFunc(leaves, func(a, b store.Row) int {
		return compareStrings(row{value: a}.str("share"), row{value: b}.str("share"))
	})
	var heads []store.Head
	for _, l := range leaves {
		leaf := row{tables()["custody_leaf"], l}
		hash, err := c.headHash(leaf.str("share"), leaf.num("seq"))
		if err != nil {
			return err
		}
		if hash == "" {
			c.find(Custody, leaf.name(), "The event under the root is not there.")
			return nil
		}
		heads = append(heads, store.Head{Share: footage.ShareID(leaf.str("share")), Seq: int(leaf.num("seq")), Hash: hash})
	}
	all, places, err := exchange.PadLeaves([32]byte(r.bytes("seed")), heads)
	if err != nil {
		return unreadable{err}
	}
	root := ledger.MerkleRoot(all)
	c.want(hex.EncodeToString(root[:]) == r.str("root"), Custody, r.name(), "The chains of the day do not give the root in the record.")
	for i, l := range leaves {
		leaf := row{tables()["custody_leaf"], l}
		var path [][32]byte
		for step := range slices.Chunk(leaf.bytes("path"), sha256.Size) {
			if len(step) == sha256.Size {
				path = append(path, [32]byte(step))
			}
		}
		place := leaf.num("position") == int64(places[i]) && len(leaf.bytes("path")) == sha256.Size*len(path)
		c.want(place && ledger.VerifyPath(all[places[i]], places[i], len(all), path, root), Custody, leaf.name(), "The path of the chain does not lead to the day's root.")
	}
	return nil
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// headHash returns the hash of an event, made anew, or "".
func (c *check) headHash(share string, seq int64) (string, error) {
	events, err := c.tx.Events(footage.ShareID(share))
	if err != nil || seq < 0 || seq >= int64(len(events)) {
		return "", nil // a chain that cannot be read was reported with its share
	}
	return events[seq].Hash()
}

// unrooted finds chains that should be under a day's root and are under none. After a restore that lost days none can be told.
func (c *check) unrooted(last string) error {
	for index := range c.lost {
		if fact, _ := c.fact(index); fact != nil && fact.Kind() == ledger.KindCustodyRoot {
			return nil
		}
	}
	end, err := time.Parse(time.DateOnly, last)
	if err != nil {
		c.find(Custody, "custody_day "+last, "The day has not the form of one.")
		return nil
	}
	end = end.AddDate(0, 0, 1).Add(-exchange.LateEvents)
	heads, err := c.tx.UnrootedHeads(time.Time{}, end)
	if err != nil {
		return err
	}
	for _, h := range heads {
		leaves, err := c.tx.CustodyLeaves(h.Share)
		if err != nil {
			return err
		}
		covered := slices.ContainsFunc(leaves, func(l store.CustodyLeaf) bool { return l.Seq >= h.Seq })
		c.want(covered, Custody, "share "+string(h.Share), "The chain's event %d is under no day's root.", h.Seq)
	}
	return nil
}
