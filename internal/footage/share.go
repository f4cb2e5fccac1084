package footage

import "time"

// ShareState is where a share stands in its life.
type ShareState string

// The states of a share, in the order in which they may come. The receipt answers to Committed and later; the agency
// sees from Released on. Erased is the end: the sealed clips are gone from the exchange and the row is a tombstone.
const (
	ShareBegun     ShareState = "begun"     // uploads may come in; nothing exists for the agency
	ShareCommitted ShareState = "committed" // complete and durable, waiting for the next release
	ShareReleased  ShareState = "released"  // the agency sees it
	SharePickedUp  ShareState = "picked_up" // the agency's program has begun to fetch it
	ShareConfirmed ShareState = "confirmed" // accepted; the agency holds its own copy
	ShareDeclined  ShareState = "declined"  // opened and not wanted, with reason and statement
	ShareWithdrawn ShareState = "withdrawn" // taken back by the resident before pick-up
	ShareExpired   ShareState = "expired"   // not picked up within the policy's days
	ShareErased    ShareState = "erased"
	ShareTakenBack ShareState = "taken_back" // withdrawn before pick-up and erased: the agency never learns of it
	ShareLost      ShareState = "lost"       // the exchange was restored from a backup and its clips are gone
)

// VisibleToAgency reports whether the agency may know that a share exists which was released to it. One whose days are over
// before it was released stays unknown.
func (s ShareState) VisibleToAgency() bool {
	switch s {
	case ShareReleased, SharePickedUp, ShareConfirmed, ShareDeclined, ShareExpired, ShareErased, ShareLost:
		return true
	}
	return false
}

// SealedClip is one clip as the exchange knows it: a size and a digest of sealed bytes.
type SealedClip struct {
	ID     ClipID `json:"id"`
	Size   int64  `json:"size"`   // sealed bytes
	Digest string `json:"digest"` // SegmentDigest of the sealed bytes
}

// SegmentSize is the length of the segments over which sealed bytes are hashed.
const SegmentSize = 4 << 20

// Message is one sealed and signed message of the conversation about a share.
type Message struct {
	ID   MessageID `json:"id"`
	From Party     `json:"from"`
	At   time.Time `json:"at"`   // when the exchange released it to the other side
	Body string    `json:"body"` // base64url of an age file, padded
}

// Party is a side of a share's custody chain or conversation.
type Party string

// The parties.
const (
	PartyExchange Party = "exchange"
	PartyAgency   Party = "agency"
	PartyResident Party = "resident"
)
