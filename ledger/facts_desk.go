package ledger

import "porchlight.example/internal/footage"

// KindAgencyDesk is the kind of entry that says where an agency opens what it is sent.
const KindAgencyDesk Kind = "agency.desk"

// AgencyDesk says that an agency begins, or ceases, to open clips in pages that the exchange serves. Such a page holds the
// agency's key while it is open: a dishonest exchange could serve one that takes it. Without this entry an agency opens clips
// with a program of its own.
type AgencyDesk struct {
	Agency footage.AgencyID   `json:"agency"`
	Served bool               `json:"served"` // by the exchange; else by the agency's own program alone, as at the beginning
	By     []footage.PersonID `json:"by"`     // an administrator of the agency and, to begin, a second person of it
}

// Kind is described at [Fact].
func (AgencyDesk) Kind() Kind { return KindAgencyDesk }

func (x AgencyDesk) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	by := len(x.By) == 1
	if x.Served {
		by = len(x.By) == 2 && x.By[0] != x.By[1]
	}
	for _, p := range x.By {
		by = by && footage.ValidID(string(p), "p")
	}
	f.need(by, "by")
	return f.err()
}
