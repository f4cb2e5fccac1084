package ledger

import (
	"slices"

	"porchlight.example/internal/footage"
)

// KindDocumentWithheld is the kind of entry that says that a published text is shown no more.
const KindDocumentWithheld Kind = "document.withheld"

// DocumentWithheld says that the text of a published request is withheld, with its nonce and all that was added to it: on
// whose authority, and by the word of which two people. The hashes in the other entries stay, so that whoever has the text can
// still show what it was. A request that was open has closed in the entry before.
type DocumentWithheld struct {
	Request     footage.RequestID   `json:"request"`
	Agency      footage.AgencyID    `json:"agency"`
	Reason      footage.Authority   `json:"reason"`
	Withholding footage.Withholding `json:"withholding"` // what the two have signed; it says the same
	Assertions  []footage.Assertion `json:"assertions"`  // of who proposed it, then of who agreed, in another role
}

// Kind is described at [Fact].
func (DocumentWithheld) Kind() Kind { return KindDocumentWithheld }

func (x DocumentWithheld) check() error {
	var f faults
	w := x.Withholding
	f.need(x.Request.Valid() && w.Request == x.Request, "request")
	f.need(x.Agency.Valid() && w.Agency == x.Agency, "agency")
	f.need(x.Reason.Known() && w.Authority == x.Reason, "reason")
	f.need(w.Type == footage.WithholdingType && w.Exchange != "" && isUTC(w.Signed), "withholding")
	f.need(isKey32(w.Order), "withholding.order_commitment")
	f.need(w.Updates != nil && !slices.ContainsFunc(w.Updates, func(h string) bool { return !isHash(h) }), "withholding.updates_sha256")
	f.need(slices.IsSorted(w.Complaints) && len(slices.Compact(slices.Clone(w.Complaints))) == len(w.Complaints) &&
		!slices.ContainsFunc(w.Complaints, func(id footage.ComplaintID) bool { return !footage.ValidID(string(id), "q") }), "withholding.complaints")
	f.need(w.SquareMetres > 0 && w.Seconds > 0, "withholding.square_metres")
	f.need(twoOfTheOffice(x.Assertions), "assertions")
	return f.err()
}

// twoOfTheOffice reports whether two people signed, one as operator and one as moderator.
func twoOfTheOffice(a []footage.Assertion) bool {
	if len(a) != 2 || a[0].Person == a[1].Person || a[0].Role == a[1].Role {
		return false
	}
	return !slices.ContainsFunc(a, func(a footage.Assertion) bool {
		return !footage.ValidID(string(a.Person), "p") || a.Agency != "" || a.Role != footage.Operator && a.Role != footage.Moderator
	})
}
