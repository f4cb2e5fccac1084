package evidence

import (
	"fmt"
	"time"

	"porchlight.example/ledger"
)

// witnessed checks that as many of the pinned witnesses have cosigned a checkpoint as are asked for, and returns the names of
// all that have. A witness counts once, whatever it is called and however often it signed.
func (t Trust) witnessed(checkpoint string, now time.Time) ([]string, error) {
	if len(t.Witnesses) == 0 && t.Quorum == 0 {
		return nil, nil
	}
	var pinned []ledger.Witness
	for _, vkey := range t.Witnesses {
		w, err := ledger.NewWitness(vkey)
		if err != nil {
			return nil, untrusted("bad_witness", "The key of a witness that you trust cannot be used: %v", err)
		}
		pinned = append(pinned, w)
	}
	all, err := ledger.Cosignatures([]byte(checkpoint), pinned...)
	if err != nil {
		return nil, untrusted("bad_cosignature", "%v", err)
	}
	var names []string
	for _, c := range all {
		if !now.IsZero() && c.At.After(now.Add(clockSlack)) {
			return nil, untrusted("from_the_future", "The witness %s has cosigned at %s, which has not come yet. Set this device's clock, then try again.", c.Witness, c.At.Format(time.RFC1123))
		}
		names = append(names, c.Witness)
	}
	if len(names) < t.Quorum {
		return nil, untrusted("quorum_missing", "The newest state of the public record is cosigned by %s; you ask for %d. Nobody vouches yet that all are shown the same record. Try again later.", counted(len(names)), t.Quorum)
	}
	return names, nil
}

func counted(n int) string {
	switch n {
	case 0:
		return "no witness"
	case 1:
		return "one witness"
	}
	return fmt.Sprintf("%d witnesses", n)
}
