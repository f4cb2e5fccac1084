package audit

import (
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// desk checks that an administrator of the agency, and a second person of it, want its clips opened in pages of the exchange.
func (a *Auditor) desk(e noted, f ledger.AgencyDesk) {
	w := &a.world
	if !a.administers(f.By[0], f.Agency) {
		a.find("desk_unfounded", e.subject, "%s changes where its clips are opened without the word of an administrator.", f.Agency)
	}
	if !f.Served {
		return
	}
	second := false
	for _, role := range []footage.Role{footage.AgencyAdmin, footage.Supervisor, footage.Custodian} {
		second = second || w.acts(f.By[1], f.Agency, role)
	}
	if !second {
		a.find("desk_unfounded", e.subject, "%s lets its clips be opened in pages of the exchange without the word of a second person.", f.Agency)
	}
}
