package fsck

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
)

// clip is what the bucket must hold of a share.
type clip struct {
	share    string
	size     int64
	digest   string
	segments []byte // hashes of the whole segments, as the row holds them
}

// parcel is a share's row on its way through the checks.
type parcel struct {
	row
	state   footage.ShareState
	receipt footage.Receipt
	chain   []footage.Event
	uploads []row
}

// gone reports whether the share's clips are not on the exchange any more.
func (p parcel) gone() bool {
	return p.state == footage.ShareErased || p.state == footage.ShareTakenBack || p.state == footage.ShareLost
}

// shareRows checks shares with their uploads and custody chains, and that no upload or event is of none.
func (c *check) shareRows() error {
	if err := c.each(tables()["share"], c.shareRow); err != nil {
		return err
	}
	for _, name := range []string{"upload", "custody_event"} {
		err := c.each(tables()[name], func(r row) error {
			_, ok := c.shares[r.str("share")]
			c.want(ok, Database, name, "There is a row of no share.")
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *check) shareRow(r row) error {
	p := parcel{row: r, state: footage.ShareState(r.str("state"))}
	c.shares[r.str("id")] = share{r.str("state")}
	if err := c.collect(&p); err != nil {
		return err
	}
	c.want(footage.ValidID(r.str("id"), "s"), Database, r.name(), "The ID has not the form of one.")
	requests, err := c.tx.RowsWhere(tables()["request"], "id", r.str("request"))
	if err != nil {
		return err
	}
	c.want(len(requests) == 1 && requests[0]["agency"] == r.str("agency"), Database, r.name(), "It is for another agency than its request is.")
	_, opened := c.state.epochs[epochKey(footage.AgencyID(r.str("agency")), int(r.num("epoch")))]
	c.want(opened, Database, r.name(), "It is sealed to a key that was never opened.")
	for _, column := range []string{"ticket_hash", "credential_hash"} {
		c.want(isHash(r.str(column)), Database, r.name(), "The column %s has not the form of a hash.", column)
	}
	if p.state == footage.ShareBegun {
		return c.begunShare(p)
	}
	if err := r.json("receipt", &p.receipt); err != nil {
		return err
	}
	c.receipt(p)
	c.chain(p)
	c.times(p)
	c.uploads(p)
	return nil
}

// collect reads a share's uploads and events.
func (c *check) collect(p *parcel) error {
	uploads, err := c.tx.RowsWhere(tables()["upload"], "share", p.str("id"))
	if err != nil {
		return err
	}
	for _, u := range uploads {
		p.uploads = append(p.uploads, row{tables()["upload"], u})
	}
	slices.SortFunc(p.uploads, func(a, b row) int { return int(a.num("position") - b.num("position")) })
	events, err := c.tx.RowsWhere(tables()["custody_event"], "share", p.str("id"))
	if err != nil {
		return err
	}
	for _, e := range events {
		event, err := c.event(row{tables()["custody_event"], e})
		if err != nil {
			return err
		}
		p.chain = append(p.chain, event)
	}
	return nil
}

// event reads a row of custody_event. One that cannot be read breaks its chain.
func (c *check) event(r row) (e footage.Event, err error) {
	err = r.json("body", &e)
	var bad unreadable
	if errors.As(err, &bad) {
		c.find(Custody, r.name(), "The event cannot be read: %v.", bad)
		return e, nil
	}
	if err != nil {
		return e, err
	}
	hash, err := e.Hash()
	c.want(err == nil && hash == r.str("hash"), Custody, r.name(), "The event does not hash to what the row says.")
	c.want(string(e.Share) == r.str("share") && int64(e.Seq) == r.num("seq") && stamp(e.At) == r.num("at"), Custody, r.name(), "Share, place or time of the row are not those of the event.")
	return e, nil
}

// begunShare checks a share that was never committed.
func (c *check) begunShare(p parcel) error {
	clean := p.str("receipt") == "" && p.null("manifest") && p.num("committed") == 0 && p.num("released") == 0 && p.num("recalled") == 0 && p.num("recall_told") == 0
	c.want(clean && len(p.chain) == 0, Database, p.name(), "It was never committed, but bears marks of it.")
	var total int64
	for i, u := range p.uploads {
		total += u.num("length")
		c.want(u.num("position") == int64(i), Database, u.table.Name, "The clips of %s are not in order.", p.name())
		c.upload(u)
		c.begun[u.str("key")] = true
	}
	c.want(total == p.num("declared"), Database, p.name(), "The bytes that were announced are not those of its clips.")
	return nil
}

// upload checks what holds of every upload.
func (c *check) upload(u row) {
	name := "upload of clip " + u.str("clip")
	c.want(footage.ValidID(u.str("clip"), "c") && u.str("key") == "clips/"+u.str("clip"), Database, name, "The place in the bucket is not that of the clip.")
	c.want(u.num("received") >= 0 && u.num("received") <= u.num("length"), Database, name, "More was received than was announced.")
	c.want(int64(len(u.bytes("segments"))) == u.num("received")/footage.SegmentSize*32, Database, name, "The hashes are not of as many segments as were received.")
	c.want(u.str("digest") == "" || isHash(u.str("digest")) && u.num("received") == u.num("length"), Database, name, "It has a digest, but is not complete.")
	c.want(isHash(u.str("id_hash")) || u.str("id_hash") == u.str("clip"), Database, name, "The hash of its secret ID has not the form of one.")
}

// receipt checks the exchange's promise against the row.
func (c *check) receipt(p parcel) {
	r, x := p.receipt, c.state.created
	if x == nil {
		return
	}
	key, _ := base64.RawURLEncoding.DecodeString(x.ReceiptKey) // checked with the entry
	if err := r.Verify(key); err != nil {
		c.find(Database, p.name(), "The receipt does not bear the exchange's signature.")
	}
	c.want(r.Type == footage.ReceiptType && x.Was(r.Exchange), Database, p.name(), "The receipt is of another exchange.")
	c.want(string(r.Share) == p.str("id") && string(r.Request) == p.str("request") && string(r.Agency) == p.str("agency") && int64(r.Epoch) == p.num("epoch"),
		Database, p.name(), "The receipt is for another share, request, agency or key.")
	c.want(stamp(r.Committed) == p.num("committed"), Database, p.name(), "It was not committed when the receipt says.")
	if p.gone() {
		c.want(p.null("manifest") && p.num("declared") == 0, Database, p.name(), "It has ended, but keeps its manifest or its room.")
		return
	}
	c.want(footage.Hash(p.bytes("manifest")) == r.Manifest, Database, p.name(), "The sealed manifest is not the one that the receipt names.")
	c.want(stamp(r.EraseBy) == p.num("expires"), Database, p.name(), "It is not to be erased when the receipt says.")
	var total int64
	for _, s := range r.Clips {
		total += s.Size
	}
	c.want(total == p.num("declared"), Database, p.name(), "The bytes that were announced are not those of the receipt.")
}

// chain checks the custody chain: signatures, order, its beginning, and that it tells of the state that the row has.
func (c *check) chain(p parcel) {
	if _, err := footage.CheckChain(p.chain, c.signer); err != nil {
		c.find(Custody, p.name(), "The chain does not hold: %v", err)
		return
	}
	if len(p.chain) == 0 || p.chain[0].Kind != footage.EventCommitted {
		c.find(Custody, p.name(), "The chain does not begin with the commit.")
		return
	}
	first := p.chain[0]
	c.want(maps.Equal(first.Detail, evidence.CommittedDetail(p.receipt)) && first.At.Equal(p.receipt.Committed) && string(first.Share) == p.str("id"),
		Custody, p.name(), "The chain does not begin with what the receipt promises.")
	if told := told(p.chain); told != p.state {
		c.find(Custody, p.name(), "It is %s, but its chain says %s.", p.state, told)
	}
}

// signer returns the key of a signer of custody events.
func (c *check) signer(party footage.Party, signer string) (ed25519.PublicKey, error) {
	encoded := ""
	switch {
	case party == footage.PartyExchange && c.state.created != nil:
		encoded = c.state.created.ReceiptKey
	case party == footage.PartyAgency:
		encoded = c.state.keys[footage.CustodianID(signer)].key.Key
	}
	if encoded == "" {
		return nil, fmt.Errorf("the record names no key of %s", signer)
	}
	return base64.RawURLEncoding.DecodeString(encoded)
}

// told returns the state of which a chain tells.
func told(chain []footage.Event) footage.ShareState {
	moves := map[footage.EventKind]footage.ShareState{
		footage.EventCommitted: footage.ShareCommitted, footage.EventReleased: footage.ShareReleased, footage.EventPickedUp: footage.SharePickedUp,
		footage.EventConfirmed: footage.ShareConfirmed, footage.EventDeclined: footage.ShareDeclined, footage.EventWithdrawn: footage.ShareWithdrawn,
		footage.EventExpired: footage.ShareExpired, footage.EventErased: footage.ShareErased, footage.EventLost: footage.ShareLost,
	}
	var state footage.ShareState
	for _, e := range chain {
		next, moved := moves[e.Kind]
		switch {
		case !moved:
		case e.Kind == footage.EventErased && state == footage.ShareWithdrawn:
			state = footage.ShareTakenBack
		default:
			state = next
		}
	}
	return state
}

// times checks the row's times against the events that tell of them.
func (c *check) times(p parcel) {
	released := slices.IndexFunc(p.chain, func(e footage.Event) bool { return e.Kind == footage.EventReleased })
	switch {
	case released < 0:
		c.want(p.num("released") == 0, Custody, p.name(), "The row says that it was released, the chain does not.")
	default:
		c.want(p.num("released") == stamp(p.chain[released].At), Custody, p.name(), "It was not released when the chain says.")
	}
	recalled := slices.ContainsFunc(p.chain, func(e footage.Event) bool { return e.Kind == footage.EventRecalled })
	c.want(p.num("recall_told") == truth(recalled) && (!recalled || p.num("recalled") > 0), Custody, p.name(), "The row and the chain differ in whether it was asked back.")
}

// uploads checks the rows of the clips, and notes what the bucket must hold.
func (c *check) uploads(p parcel) {
	if p.gone() {
		c.want(len(p.uploads) == 0, Database, p.name(), "It has ended, but its clips have rows.")
		return
	}
	if len(p.uploads) != len(p.receipt.Clips) {
		c.find(Database, p.name(), "It has %d clips, the receipt names %d.", len(p.uploads), len(p.receipt.Clips))
	}
	for i, u := range p.uploads {
		c.upload(u)
		if i >= len(p.receipt.Clips) {
			break
		}
		s := p.receipt.Clips[i]
		c.want(u.num("position") == int64(i) && u.str("clip") == string(s.ID) && u.num("length") == s.Size && u.num("received") == s.Size && u.str("digest") == s.Digest,
			Database, p.name(), "Clip %d is not the one that the receipt names.", i+1)
	}
	for i, s := range p.receipt.Clips {
		want := clip{share: p.str("id"), size: s.Size, digest: s.Digest}
		if i < len(p.uploads) {
			want.segments = p.uploads[i].bytes("segments")
		}
		c.clips["clips/"+string(s.ID)] = want
	}
}
