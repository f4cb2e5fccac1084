package audit

import (
	"encoding/hex"
	"slices"
	"time"

	"porchlight.example/internal/footage"
)

// requests are all that were ever published, by the bytes of their IDs. There may be very many, so that each is small: times
// and ID in as few bytes as hold them, and what many have in common kept once.
type requests map[[32]byte]*request

// request is a published request, with who could ask and under which rules at that moment.
type request struct {
	*asking
	id       [32]byte
	linked   []footage.RequestID // earlier ones that it belongs together with, by the record
	index    int64
	at       moment
	closed   moment // none: open
	changed  moment // by the newest update
	updates  int32  // that the record tells of
	expired  bool   // closed because its time had come
	cleared  bool   // by a moderator
	urgent   bool   // in the urgent lane
	withheld bool
	ending   int64 // the entry that closed it because its text is withheld, or nought
	text     *text // nil: it is not judged yet, or is closed, so that nothing asks for it any more
}

// asking is who asks under which rules: the same for many requests.
type asking struct {
	agency   *footage.Agency // as it was described then
	as       footage.AgencyID
	policies []footage.PolicyRef
}

// text is what matters of a request's text as long as it is open.
type text struct {
	signers []footage.PersonID
	closes  time.Time
}

// moment is a time in whole microseconds since the year 1, which are those that entries have. Nought is no time.
type moment int64

const yearOne = -62_135_596_800_000_000 // in microseconds since 1970

func momentOf(t time.Time) moment { return moment(t.UnixMicro() - yearOne) }

// Time returns the zero time for no time.
func (m moment) Time() time.Time { return time.UnixMicro(int64(m) + yearOne).UTC() }

// ID returns the request's ID in digits.
func (r *request) ID() footage.RequestID { return footage.RequestID(hex.EncodeToString(r.id[:])) }

// of returns a request, or nil.
func (rs requests) of(id footage.RequestID) *request {
	key, ok := keyOf(id)
	if !ok {
		return nil
	}
	return rs[key]
}

// keyOf returns the bytes of a request's ID, or false if it is none.
func keyOf(id footage.RequestID) (key [32]byte, ok bool) {
	if !id.Valid() {
		return key, false
	}
	_, err := hex.Decode(key[:], []byte(id))
	return key, err == nil
}

// asking returns who asks now, as long as that stays the same.
func (w *world) asking(g *agency) *asking {
	if g.asks == nil || g.asks.agency != g.agency || !slices.Equal(g.asks.policies, w.inForce) {
		g.asks = &asking{agency: g.agency, as: g.id, policies: w.inForce}
	}
	return g.asks
}

// open returns the requests that the feed must show: open ones of agencies and people that are not suspended, and whose two
// verifications are in force.
func (w *world) open() map[footage.RequestID]*request {
	all := map[footage.RequestID]*request{}
	for _, r := range w.requests {
		if r.closed != 0 || r.withheld {
			continue
		}
		if asks := w.of(r.as); !asks.suspended && !asks.paused && (r.text == nil || !slices.ContainsFunc(r.text.signers, w.suspended)) {
			all[r.ID()] = r
		}
	}
	return all
}
