package ledger

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// Kind is described at [Fact]; so are those below.
func (ExchangeCreated) Kind() Kind  { return KindExchangeCreated }
func (PolicyAdopted) Kind() Kind    { return KindPolicyAdopted }
func (AgencyRegistered) Kind() Kind { return KindAgencyRegistered }
func (AgencyChanged) Kind() Kind    { return KindAgencyChanged }
func (AgencySuspended) Kind() Kind  { return KindAgencySuspended }
func (AgencyRestored) Kind() Kind   { return KindAgencyRestored }
func (PersonEnrolled) Kind() Kind   { return KindPersonEnrolled }
func (PersonDisabled) Kind() Kind   { return KindPersonDisabled }
func (EpochOpened) Kind() Kind      { return KindEpochOpened }
func (CustodianAdded) Kind() Kind   { return KindCustodianAdded }
func (RequestPublished) Kind() Kind { return KindRequestPublished }
func (RequestUpdated) Kind() Kind   { return KindRequestUpdated }
func (RequestClosed) Kind() Kind    { return KindRequestClosed }
func (CustodyRoot) Kind() Kind      { return KindCustodyRoot }

// faults collects the members of a fact that are missing or malformed.
type faults []string

func (f *faults) need(ok bool, member string) {
	if !ok {
		*f = append(*f, member)
	}
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return footage.E(footage.Invalid, "The entry's data is missing or malformed in: "+strings.Join(f, ", ")+".")
}

func (x ExchangeCreated) check() error {
	var f faults
	f.need(x.Name != "", "name")
	f.need(validOrigin(x.Origin), "origin")
	f.need(x.RP.ID != "" && x.RP.Origin != "", "rp")
	f.need(isKey32(x.ReceiptKey), "receipt_key")
	for c, name := x.Continues, "continues"; c != nil; c, name = c.Continues, name+".continues" {
		c.check(&f, name)
	}
	return f.err()
}

// check checks a closed record's description, which proves itself: the head is signed with the key that is named.
func (x Continues) check(f *faults, name string) {
	head, err := OpenCheckpoint([]byte(x.Checkpoint), x.Verifier)
	f.need(err == nil && head.Size > 0 && head.Origin == x.Origin, name+".checkpoint")
	f.need(x.Kept > 0, name+".kept")
	f.need(isUTC(x.Closed), name+".closed")
}

func (x PolicyAdopted) check() error {
	var f faults
	f.need(x.Name != "", "name")
	f.need(isHash(x.SHA256), "sha256")
	f.need(isUTC(x.InForce), "in_force")
	f.need((x.Adoption == nil) == (x.Assertion == nil), "assertion")
	if a := x.Adoption; a != nil {
		f.need(a.Type == footage.AdoptionType && a.Exchange != "" && isUTC(a.Signed), "adoption")
		f.need(a.Name == x.Name && a.SHA256 == x.SHA256 && (a.InForce == nil || a.InForce.Equal(x.InForce)), "adoption")
	}
	if a := x.Assertion; a != nil {
		f.need(footage.ValidID(string(a.Person), "p") && a.Role == footage.Operator, "assertion")
	}
	return f.err()
}

func (x AgencyRegistered) check() error { return checkAgency(x.Agency) }
func (x AgencyChanged) check() error    { return checkAgency(x.Agency) }

func checkAgency(a footage.Agency) error {
	var f faults
	f.need(a.ID.Valid(), "agency.id")
	f.need(a.Name != "", "agency.name")
	f.need(slices.Contains(footage.AgencyTypes(), a.Type), "agency.type")
	f.need(a.Body.Valid(), "agency.body")
	return f.err()
}

func (x AgencySuspended) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	f.need(isHash(x.Reason), "reason_sha256")
	return f.err()
}

func (x AgencyRestored) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	return f.err()
}

func (x PersonEnrolled) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	f.need(x.Agency == "" || x.Agency.Valid(), "agency")
	f.need(len(x.Roles) > 0 && !slices.ContainsFunc(x.Roles, unknownRole), "roles")
	f.need(isSigningKey(x.PublicKey), "public_key")
	f.need(len(fromBase64(x.Credential)) > 0, "credential")
	f.need(x.Rank == "" || x.Rank.Known() && x.Agency != "", "rank")
	f.need(x.Confirmed == "" || footage.ValidID(string(x.Confirmed), "p") && x.Confirmed != x.Person, "confirmed_by")
	return f.err()
}

func unknownRole(r footage.Role) bool { return !slices.Contains(footage.Roles(), r) }

func (x PersonDisabled) check() error {
	var f faults
	f.need(footage.ValidID(string(x.Person), "p"), "person")
	return f.err()
}

func (x EpochOpened) check() error {
	var f faults
	f.need(x.Epoch.Agency.Valid(), "epoch.agency")
	f.need(x.Epoch.Number > 0, "epoch.number")
	f.need(strings.HasPrefix(x.Epoch.Recipient, "age1pq1"), "epoch.recipient")
	f.need(isUTC(x.Epoch.Opened), "epoch.opened")
	f.need(len(x.Epoch.Custodians) > 0 && !slices.ContainsFunc(x.Epoch.Custodians, badCustodian), "epoch.custodians")
	return f.err()
}

func (x CustodianAdded) check() error {
	var f faults
	f.need(x.Agency.Valid(), "agency")
	f.need(x.Epoch > 0, "epoch")
	f.need(!badCustodian(x.Custodian), "custodian")
	return f.err()
}

func badCustodian(k footage.CustodianKey) bool {
	return !footage.ValidID(string(k.ID), "k") || !footage.ValidID(string(k.Person), "p") || !isKey32(k.Key)
}

func (x RequestPublished) check() error {
	var f faults
	f.need(x.Request.Valid(), "request")
	f.need(x.Agency.Valid(), "agency")
	f.need(isHash(x.Assertions), "assertions_sha256")
	f.need(!slices.ContainsFunc(x.Linked, func(id footage.RequestID) bool { return !id.Valid() || id == x.Request }), "linked")
	return f.err()
}

func (x RequestUpdated) check() error {
	var f faults
	f.need(x.Request.Valid(), "request")
	f.need(isHash(x.Update), "update_sha256")
	f.need(isHash(x.Assertions), "assertions_sha256")
	switch x.Change {
	case footage.Amended, footage.Resolved, footage.Withdrawn, footage.Expired:
	default:
		f.need(false, "kind")
	}
	return f.err()
}

func (x RequestClosed) check() error {
	var f faults
	f.need(x.Request.Valid(), "request")
	f.need(x.Status.Public() && x.Status != footage.Published, "status")
	return f.err()
}

func (x CustodyRoot) check() error {
	var f faults
	_, err := time.Parse(time.DateOnly, x.Date)
	f.need(err == nil, "date")
	f.need(isHash(x.Root), "root")
	f.need(x.Leaves > 0, "leaves")
	return f.err()
}

func isHash(s string) bool { return footage.RequestID(s).Valid() } // both are SHA-256 in hexadecimal

func isUTC(t time.Time) bool {
	_, offset := t.Zone()
	return !t.IsZero() && offset == 0
}

func fromBase64(s string) []byte {
	b, err := footage.DecodeBase64(s)
	if err != nil {
		return nil
	}
	return b
}

func isKey32(s string) bool { return len(fromBase64(s)) == ed25519.PublicKeySize }

func isSigningKey(s string) bool {
	key, err := x509.ParsePKIXPublicKey(fromBase64(s))
	if err != nil {
		return false
	}
	switch k := key.(type) {
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256()
	}
	return false
}
