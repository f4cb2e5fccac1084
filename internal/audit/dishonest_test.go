package audit_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/softkey"
	"porchlight.example/ledger"
)

var someHash = footage.Hash([]byte("x"))

// cast is everybody who has a part in a record, with their keys.
type cast struct {
	t                                                       testing.TB
	agency                                                  footage.Agency
	league                                                  footage.Attestor
	pledge                                                  ed25519.PrivateKey // of the league
	operator, officer, supervisor, custodian, admin, lender member
	neighbour                                               footage.Agency
}

type member struct {
	ledger.PersonEnrolled
	key *softkey.Key
}

func newCast(t testing.TB) *cast {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	c := &cast{t: t, pledge: private,
		agency:    footage.Agency{ID: "town-pd", Name: "Town Police", Type: footage.MunicipalPolice, Body: "town", State: "IL", Contact: footage.Contact{Email: "a@town.example"}},
		neighbour: footage.Agency{ID: "next-pd", Name: "Next Police", Type: footage.MunicipalPolice, Body: "next-town", State: "IL", Contact: footage.Contact{Email: "a@next.example"}},
		league:    footage.Attestor{ID: "league", Name: "League of Towns", Body: "league-of-towns", Kind: footage.Independent, Key: api.Encode(public)}}
	c.operator = c.member("", footage.Operator)
	c.officer, c.supervisor = c.member("town-pd", footage.Officer), c.member("town-pd", footage.Supervisor)
	c.custodian, c.admin = c.member("town-pd", footage.Custodian), c.member("town-pd", footage.AgencyAdmin)
	c.lender = c.member("next-pd", footage.AgencyAdmin)
	return c
}

func (c *cast) member(agency footage.AgencyID, roles ...footage.Role) member {
	c.t.Helper()
	key, err := softkey.New("town.example", "https://town.example")
	must(c.t, err)
	return member{ledger.PersonEnrolled{Person: footage.PersonID(footage.NewID(rand.Reader, "p")), Agency: agency, Roles: roles,
		PublicKey: api.Encode(key.PublicKey()), Credential: key.CredentialID(), Software: true}, key}
}

// statement is the league's word about an agency, changed before it is signed.
func (c *cast) statement(a footage.Agency, change func(*footage.Attestation)) ledger.AgencyAttested {
	c.t.Helper()
	description, err := footage.DescriptionHash(a)
	must(c.t, err)
	s := footage.Attestation{Type: footage.AttestationType, Exchange: "town.example/porchlight", Attestor: c.league.ID, Agency: a.ID, Description: description, By: "clerk", Issued: noon,
		Expires: noon.AddDate(1, 0, 0), Checks: []footage.Check{{Kind: footage.CallBack, On: noon, Source: "directory"}, {Kind: footage.RegisterMatch, On: noon, Source: "directory"}}}
	if change != nil {
		change(&s)
	}
	must(c.t, s.Sign(c.pledge))
	return ledger.AgencyAttested{Attestation: s}
}

// approval is the operator's word on a statement, signed by somebody.
func (c *cast) approval(on ledger.AgencyAttested, by member, change func(*footage.Approval)) ledger.AgencyApproved {
	c.t.Helper()
	hash, err := on.Attestation.Hash()
	must(c.t, err)
	a := footage.Approval{Type: footage.ApprovalType, Exchange: "town.example/porchlight", Operator: "county", Agency: on.Attestation.Agency, Description: on.Attestation.Description,
		Attestation: hash, Issued: noon, Expires: noon.AddDate(1, 0, 0)}
	if change != nil {
		change(&a)
	}
	canonical, err := a.Canonical()
	must(c.t, err)
	return ledger.AgencyApproved{Approval: a, Assertion: by.sign(footage.Operator, canonical)}
}

func (m member) sign(role footage.Role, canonical []byte) footage.Assertion {
	sum := sha256.Sum256(canonical)
	return m.key.Get(sum[:], role, m.Person)
}

func (c *cast) epoch(number int, custodian footage.PersonID) ledger.EpochOpened {
	return ledger.EpochOpened{Epoch: footage.Epoch{Agency: c.agency.ID, Number: number, Recipient: "age1pq1x", Opened: noon,
		Custodians: []footage.CustodianKey{{ID: footage.CustodianID(footage.NewID(rand.Reader, "k")), Person: custodian, Key: api.Encode(make([]byte, 32))}}}}
}

// office is how an honest record begins.
func (c *cast) office() []ledger.Fact {
	return []ledger.Fact{ledger.PolicyAdopted{Name: "default", SHA256: someHash, InForce: noon}, c.operator.PersonEnrolled,
		ledger.OperatorNamed{Body: footage.Body{ID: "county", Name: "County"}}, ledger.AttestorRegistered{Attestor: c.league}}
}

// staffed goes on with the agency and its people.
func (c *cast) staffed() []ledger.Fact {
	return append(c.office(), ledger.AgencyRegistered{Agency: c.agency}, c.officer.PersonEnrolled, c.supervisor.PersonEnrolled, c.custodian.PersonEnrolled, c.admin.PersonEnrolled,
		ledger.AgencyRegistered{Agency: c.neighbour}, c.lender.PersonEnrolled)
}

// ready goes on until the agency can ask.
func (c *cast) ready(more ...ledger.Fact) []ledger.Fact {
	s := c.statement(c.agency, nil)
	return append(append(c.staffed(), s, c.approval(s, c.operator, nil), c.epoch(1, c.custodian.Person)), more...)
}

// with is ready's record with one fact in place of the first of its kind.
func (c *cast) with(other ledger.Fact, more ...ledger.Fact) []ledger.Fact {
	all := c.ready(more...)
	for i, f := range all {
		if f.Kind() == other.Kind() {
			all[i] = other
			return all
		}
	}
	c.t.Fatalf("nothing is of kind %s", other.Kind())
	return nil
}

func (c *cast) retraction(s ledger.AgencyAttested, change func(*footage.Retraction)) ledger.AgencyUnattested {
	c.t.Helper()
	hash, err := s.Attestation.Hash()
	must(c.t, err)
	r := footage.Retraction{Type: footage.RetractionType, Exchange: "town.example/porchlight", Attestor: c.league.ID, Agency: c.agency.ID, Attestation: hash, At: noon}
	must(c.t, r.Sign(c.pledge))
	if change != nil {
		change(&r)
	}
	return ledger.AgencyUnattested{Retraction: r}
}

// trial is one record with what an audit finds in it.
type trial struct {
	name  string
	facts []ledger.Fact
	want  []string
}

func (c *cast) judge(t *testing.T, trials []trial) {
	for _, x := range trials {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			f := newForged(t)
			for _, fact := range x.facts {
				f.write(noon, fact)
			}
			f.publish(len(f.entries))
			f.want(x.name, x.want...)
		})
	}
}

var (
	asked = ledger.RequestPublished{Request: footage.RequestID(someHash), Agency: "town-pd", Assertions: someHash}
	over  = ledger.RequestClosed{Request: asked.Request, Status: footage.StatusExpired}
	more  = ledger.RequestUpdated{Request: asked.Request, Update: someHash, Change: footage.Amended, Assertions: someHash}
)

// TestDishonestRecord writes records that break a rule about requests or about the record itself, and are signed all the same.
func TestDishonestRecord(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	day := func(date string, leaves int) ledger.CustodyRoot {
		return ledger.CustodyRoot{Date: date, Root: someHash, Leaves: leaves}
	}
	back := ledger.PolicyAdopted{Name: "default", SHA256: someHash, InForce: noon.Add(-24 * time.Hour)}
	c.judge(t, []trial{
		{"nothing wrong", c.ready(asked, over, day("2026-03-13", 1<<14), day("2026-03-14", 1<<14)), nil},
		{"a policy dated back", c.with(back), []string{"policy_backdated"}},
		{"a request of nobody", []ledger.Fact{asked}, []string{"agency_not_registered"}},
		{"a request without a key", append(c.ready()[:13], asked), []string{"agency_without_key"}},
		{"a request while suspended", c.ready(ledger.AgencySuspended{Agency: "town-pd", Reason: someHash}, asked), []string{"agency_suspended"}},
		{"a request twice", c.ready(asked, asked), []string{"published_twice"}},
		{"an update of nothing", c.ready(ledger.RequestUpdated{Request: asked.Request, Update: someHash, Change: footage.Resolved, Assertions: someHash}), []string{"request_unknown"}},
		{"an end of nothing", c.ready(over), []string{"request_unknown"}},
		{"an end that nobody signed", c.ready(asked, ledger.RequestClosed{Request: asked.Request, Status: footage.StatusWithdrawn}), []string{"closed_unsigned"}},
		{"a link to nothing", c.ready(ledger.RequestPublished{Request: asked.Request, Agency: "town-pd", Assertions: someHash, Linked: []footage.RequestID{footage.RequestID(footage.Hash(nil))}}), []string{"linked_unknown"}},
		{"an update after the end", c.ready(asked, over, ledger.RequestUpdated{Request: asked.Request, Update: someHash, Change: footage.Resolved, Assertions: someHash}), []string{"request_unknown"}},
		{"a custody root that tells more", []ledger.Fact{day("2026-03-13", 77)}, []string{"custody_size"}},
		{"a day without a custody root", []ledger.Fact{day("2026-03-11", 1<<14), day("2026-03-13", 1<<14)}, []string{"custody_days"}},
		{"a state of other facts", []ledger.Fact{ledger.State{Size: 1, SHA256: someHash}}, []string{"state_disagrees"}},
		{"a second beginning", []ledger.Fact{ledger.ExchangeCreated{Name: "Other", Origin: "other.example/log", RP: footage.RelyingParty{ID: "a", Origin: "b"}, ReceiptKey: api.Encode(make([]byte, 32))}}, []string{"entry_order"}},
	})
}

// TestDishonestRegister writes records in which somebody may ask who may not (A1-A4): one verification is missing, forged, too
// long or of a body that has another part.
func TestDishonestRegister(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	s := c.statement(c.agency, nil)
	hash, err := c.approval(s, c.operator, nil).Approval.Hash()
	must(t, err)
	stranger := c.member("", footage.Operator)
	other := newCast(t)
	partner := c.league
	partner.ID, partner.Kind, partner.Key, partner.Body = "partner", footage.Partner, other.league.Key, "partner-inc"
	own := c.league
	own.ID, own.Key, own.Body = "own", other.league.Key, "town"
	byOther := func(id footage.AttestorID) ledger.AgencyAttested {
		return other.statement(c.agency, func(a *footage.Attestation) { a.Attestor = id })
	}
	county := c.agency
	county.Body = "county"
	long := func(at time.Time) ledger.AgencyAttested {
		return c.statement(c.agency, func(a *footage.Attestation) { a.Expires = at })
	}
	ended := c.statement(c.agency, func(a *footage.Attestation) {
		a.Issued, a.Expires = noon.AddDate(0, -6, 0), noon.Add(-time.Hour)
		a.Checks[0].On, a.Checks[1].On = a.Issued, a.Issued
	})
	again := func(facts ...ledger.Fact) []ledger.Fact { return append(c.staffed(), facts...) }
	epoch := c.epoch(1, c.custodian.Person)
	c.judge(t, []trial{
		{"a request while the record says that it is paused", c.ready(c.retraction(s, nil), ledger.AgencyPaused{Agency: "town-pd", Lapse: footage.AttestationTaken}, asked), []string{"agency_not_verified"}},
		{"nobody vouches", again(epoch, asked), []string{"agency_not_verified"}},
		{"the operator alone", again(c.approval(s, c.operator, nil), epoch, asked), []string{"approval_without_statement", "agency_not_verified"}},
		{"an attestor alone", again(s, epoch, asked), []string{"agency_not_verified"}},
		{"a partner and the operator", append(append(c.staffed(), ledger.AttestorRegistered{Attestor: partner}), byOther("partner"), c.approval(byOther("partner"), c.operator, nil), epoch, asked),
			[]string{"approval_without_statement", "agency_not_verified"}},
		{"a statement that is forged", c.with(func() ledger.AgencyAttested { f := s; f.Attestation.By = "somebody else"; return f }()), []string{"attestation_forged", "approval_without_statement"}},
		{"a statement for another exchange", c.with(c.statement(c.agency, func(a *footage.Attestation) { a.Exchange = "other.example/log" })), []string{"attestation_forged", "approval_without_statement"}},
		{"a statement for more than twelve months", c.with(long(noon.AddDate(1, 0, 1))), []string{"entry_malformed", "approval_without_statement"}},
		{"a statement from the future", c.with(c.statement(c.agency, func(a *footage.Attestation) { a.Issued, a.Expires = noon.AddDate(0, 1, 0), noon.AddDate(1, 0, 0) })), []string{"attestation_forged", "approval_without_statement"}},
		{"a statement without a call back", c.with(c.statement(c.agency, func(a *footage.Attestation) { a.Checks = a.Checks[1:] })), []string{"attestation_forged", "approval_without_statement"}},
		{"a statement of nobody known", again(byOther("nobody")), []string{"attestor_unknown"}},
		{"a statement of an attestor who was withdrawn", again(ledger.AttestorWithdrawn{Attestor: "league", Reason: someHash}, s), []string{"attestor_unknown"}},
		{"a statement whose time is over", again(ended, c.approval(ended, c.operator, nil), epoch, asked), []string{"agency_not_verified"}},
		{"an agency that vouches for itself", append(append(c.staffed(), ledger.AttestorRegistered{Attestor: own}), byOther("own"), c.approval(byOther("own"), c.operator, nil), epoch, asked), []string{"same_body", "agency_not_verified"}},
		{"an operator that asks", append(c.office(), ledger.AgencyRegistered{Agency: county}), []string{"same_body"}},
		{"an agency that becomes the operator's", append(c.staffed(), ledger.AgencyChanged{Agency: county}), []string{"same_body"}},
		{"an operator that vouches", append(c.office(), ledger.OperatorNamed{Body: footage.Body{ID: "league-of-towns", Name: "League"}}), []string{"same_body"}},
		{"an approval for more than twelve months", c.with(c.approval(s, c.operator, func(a *footage.Approval) { a.Expires = noon.AddDate(1, 1, 0) })), []string{"entry_malformed"}},
		{"an approval by an officer", c.with(c.approval(s, c.officer, nil)), []string{"approval_forged"}},
		{"an approval by somebody unknown", c.with(c.approval(s, stranger, nil)), []string{"approval_forged"}},
		{"an approval by another's passkey", c.with(c.approval(s, member{c.operator.PersonEnrolled, stranger.key}, nil)), []string{"approval_forged"}},
		{"an approval in another's name", c.with(c.approval(s, c.operator, func(a *footage.Approval) { a.Operator = "nobody" })), []string{"approval_forged"}},
		{"an approval for another exchange", c.with(c.approval(s, c.operator, func(a *footage.Approval) { a.Exchange = "other.example/log" })), []string{"approval_forged"}},
		{"a request after the approval was taken back", c.ready(ledger.AgencyUnapproved{Agency: "town-pd", Approval: hash}, asked), []string{"agency_not_verified"}},
		{"a forged retraction", c.ready(c.retraction(s, func(r *footage.Retraction) { r.At = noon.Add(time.Second) })), []string{"attestation_forged"}},
		{"let ask again for nothing", c.ready(c.retraction(s, nil), ledger.AgencyPaused{Agency: "town-pd", Lapse: footage.AttestationTaken}, ledger.AgencyResumed{Agency: "town-pd"}), []string{"resumed_unverified"}},
		{"paused for nothing", c.ready(ledger.AgencyPaused{Agency: "town-pd", Lapse: footage.AttestationTaken}), []string{"paused_verified"}},
		{"an agency twice", c.ready(ledger.AgencyRegistered{Agency: c.agency}), []string{"agency_twice"}},
		{"an attestor twice", c.ready(ledger.AttestorRegistered{Attestor: c.league}), []string{"attestor_twice"}},
	})
}

// TestDishonestStaff writes records in which people have keys and parts that they may not have (A5-A9).
func TestDishonestStaff(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	officer := c.officer.PersonEnrolled
	shared, both, confirmed, stray := c.supervisor.PersonEnrolled, c.officer.PersonEnrolled, officer, c.member("other-pd", footage.Officer).PersonEnrolled
	shared.PublicKey = officer.PublicKey
	both.Roles = []footage.Role{footage.Officer, footage.Moderator}
	confirmed.Confirmed = footage.PersonID(footage.NewID(rand.Reader, "p"))
	loan := ledger.PersonLent{Person: c.supervisor.Person, From: "town-pd", To: "next-pd", Until: noon.AddDate(0, 6, 0), Agreed: []footage.PersonID{c.admin.Person, c.lender.Person}}
	lend := func(change func(*ledger.PersonLent)) ledger.PersonLent {
		l := loan
		l.Agreed = []footage.PersonID{loan.Agreed[0], loan.Agreed[1]}
		change(&l)
		return l
	}
	adoption := footage.Adoption{Type: footage.AdoptionType, Exchange: "town.example/porchlight", Name: "county", SHA256: someHash, Signed: noon}
	adopt := func(by member, a footage.Adoption) ledger.PolicyAdopted {
		canonical, err := a.Canonical()
		must(t, err)
		assertion := by.sign(footage.Operator, canonical)
		return ledger.PolicyAdopted{Name: a.Name, SHA256: a.SHA256, InForce: noon, Adoption: &a, Assertion: &assertion}
	}
	elsewhere := adoption
	elsewhere.Exchange = "other.example/log"
	c.judge(t, []trial{
		{"nothing wrong", c.ready(loan, adopt(c.operator, adoption), ledger.AgencyDesk{Agency: "town-pd", Served: true, By: []footage.PersonID{c.admin.Person, c.custodian.Person}},
			ledger.AgencyDesk{Agency: "town-pd", By: []footage.PersonID{c.admin.Person}}), nil},
		{"one passkey for two people", c.ready(shared), []string{"key_unannounced", "key_shared"}},
		{"somebody who asks and moderates", c.ready(both), []string{"role_of_another_body"}},
		{"a passkey let in by nobody", c.ready(confirmed), []string{"confirmed_by_nobody"}},
		{"somebody of no agency", c.ready(stray), []string{"agency_not_registered"}},
		{"a key for somebody who is no custodian", c.with(c.epoch(1, c.officer.Person)), []string{"custodian_unknown"}},
		{"a key for a custodian who left", c.ready(ledger.PersonDisabled{Person: c.custodian.Person}, c.epoch(2, c.custodian.Person)), []string{"key_unannounced", "custodian_unknown"}},
		{"a key number left out", c.ready(c.epoch(3, c.custodian.Person)), []string{"key_unannounced", "epoch_order"}},
		{"an officer lent as if a supervisor", c.ready(lend(func(l *ledger.PersonLent) { l.Person = c.officer.Person })), []string{"loan_unfounded"}},
		{"lent without the other side", c.ready(lend(func(l *ledger.PersonLent) { l.Agreed[1] = c.officer.Person })), []string{"loan_unfounded"}},
		{"lent for years", c.ready(lend(func(l *ledger.PersonLent) { l.Until = noon.AddDate(3, 0, 0) })), []string{"loan_unfounded"}},
		{"opened in pages without an administrator", c.ready(ledger.AgencyDesk{Agency: "town-pd", Served: true, By: []footage.PersonID{c.officer.Person, c.custodian.Person}}), []string{"desk_unfounded"}},
		{"opened in pages with an officer's word", c.ready(ledger.AgencyDesk{Agency: "town-pd", Served: true, By: []footage.PersonID{c.admin.Person, c.officer.Person}}), []string{"desk_unfounded"}},
		{"a policy adopted by an officer", c.ready(adopt(c.officer, adoption)), []string{"adoption_forged"}},
		{"a policy adopted for another exchange", c.ready(adopt(c.operator, elsewhere)), []string{"adoption_forged"}},
	})
}

// TestDishonestKeys writes records in which keys count that nobody announced, that were stopped, or whose time has not come
// (security.md "key change needs two persons and 72 h delay").
func TestDishonestKeys(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	fresh := c.member("town-pd", footage.Officer).PersonEnrolled
	fresh.Person = c.officer.Person
	first := c.epoch(1, c.custodian.Person)
	added := ledger.CustodianAdded{Agency: "town-pd", Epoch: 1, Custodian: c.epoch(1, c.custodian.Person).Epoch.Custodians[0]}
	addedHash, err := ledger.CustodianHash(added)
	must(t, err)
	next := c.epoch(2, c.custodian.Person)
	nextHash, err := ledger.EpochHash(next.Epoch)
	must(t, err)
	fewer := ledger.EpochOpened{Epoch: first.Epoch}
	fewer.Epoch.Number = 2
	change := footage.KeyChangeID(footage.NewID(rand.Reader, "n"))
	announce := func(use footage.KeyUse, who footage.PersonID, hash string, counts time.Time, agreed ...footage.PersonID) ledger.KeyAnnounced {
		return ledger.KeyAnnounced{Change: change, Use: use, Agency: "town-pd", Person: who, Key: hash, Counts: counts, Agreed: agreed}
	}
	passkey := announce(footage.KeyPasskey, fresh.Person, ledger.PasskeyHash(fresh), noon, c.admin.Person, c.operator.Person)
	later := passkey
	later.Counts = noon.AddDate(1, 0, 0)
	device := announce(footage.KeyCustodian, c.custodian.Person, addedHash, noon, c.custodian.Person, c.admin.Person)
	epoch := announce(footage.KeyEpoch, c.custodian.Person, nextHash, noon, c.custodian.Person, c.admin.Person)
	byOther := passkey
	byOther.Agreed = []footage.PersonID{c.admin.Person, c.lender.Person}
	stopped := ledger.KeyCancelled{Change: change, Agency: "town-pd", Person: fresh.Person}
	withFirst := func(more ...ledger.Fact) []ledger.Fact { return append(c.with(first), more...) }
	c.judge(t, []trial{
		{"a passkey that was announced", c.ready(passkey, fresh), nil},
		{"a passkey that nobody announced", c.ready(fresh), []string{"key_unannounced"}},
		{"a passkey that was stopped", c.ready(passkey, stopped, fresh), []string{"key_unannounced"}},
		{"a passkey that counts a year early", c.ready(later, fresh), []string{"key_too_early"}},
		{"one announcement for two changes", c.ready(passkey, fresh, c.officer.PersonEnrolled), []string{"key_unannounced"}},
		{"a passkey agreed to by another agency", c.ready(byOther, fresh), []string{"key_agreed_by_stranger"}},
		{"somebody back without a second person", c.ready(ledger.PersonDisabled{Person: fresh.Person}, c.officer.PersonEnrolled), []string{"key_unannounced"}},
		{"a device that was announced", c.ready(device, added), nil},
		{"a device that nobody announced", c.ready(added), []string{"key_unannounced"}},
		{"an epoch for fewer devices", withFirst(fewer), nil},
		{"an epoch for a device that came in before", withFirst(device, added, ledger.EpochOpened{Epoch: footage.Epoch{Agency: "town-pd", Number: 2, Recipient: "age1pq1y", Opened: noon, Custodians: []footage.CustodianKey{added.Custodian}}}), nil},
		{"an epoch for another device, announced", withFirst(epoch, next), nil},
		{"an epoch for another device", withFirst(next), []string{"key_unannounced"}},
	})
}

// TestDishonestModeration writes records in which what moderators decided and what became public do not go together, or the
// urgent clock is not kept (C8).
func TestDishonestModeration(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	commitment := api.Encode(make([]byte, 32))
	cleared := ledger.ModerationDecided{Agency: "town-pd", Outcome: footage.OutcomeCleared, Commitment: commitment, Request: asked.Request}
	added, urgent := cleared, cleared
	added.Addition, urgent.Urgent = true, true
	waits := ledger.ModerationUrgent{Agency: "town-pd", Commitment: commitment}
	c.judge(t, []trial{
		{"nothing wrong", c.ready(waits, urgent, asked, added, more), nil},
		{"cleared and kept back", c.ready(cleared), []string{"cleared_not_published"}},
		{"cleared afterwards", c.ready(asked, cleared), []string{"cleared_afterwards"}},
		{"an addition that nobody cleared", c.ready(cleared, asked, more), []string{"addition_not_cleared"}},
		{"an addition that was kept back", c.ready(cleared, asked, added), []string{"cleared_not_published"}},
		{"urgent without a clock", c.ready(urgent, asked), []string{"urgent_clock"}},
		{"the clock stopped in silence", c.ready(waits, cleared, asked), []string{"urgent_clock"}},
		{"the clock begun anew", c.ready(waits, waits, urgent, asked), []string{"urgent_twice"}},
	})
}

// TestDishonestComplaints writes records in which complaints are answered that nobody made, twice, or with what is not so (T12).
func TestDishonestComplaints(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	came := complaint("q-00000000000000000000000001")
	answer := func(ledTo ...footage.ComplaintResult) ledger.ComplaintAnswered {
		return ledger.ComplaintAnswered{Complaint: came.Complaint, Agency: "town-pd", Reason: came.Reason, Outcome: footage.ComplaintUpheld, LedTo: ledTo, Answer: footage.Hash(nil)}
	}
	other, tomorrow := answer(), came
	other.Reason, tomorrow.Day = footage.ComplaintOther, "2026-03-15"
	unknown := came
	unknown.Agency = "nobody"
	c.judge(t, []trial{
		{"nothing wrong", c.ready(came, answer(footage.ResultAgencyTold)), nil},
		{"answered twice", c.ready(came, answer(), answer()), []string{"complaint_unknown"}},
		{"answered without a complaint", c.ready(answer()), []string{"complaint_unknown"}},
		{"another complaint answered", c.ready(came, other), []string{"complaint_unknown"}},
		{"about nobody", c.ready(unknown), []string{"complaint_unknown"}},
		{"from tomorrow", c.ready(tomorrow), []string{"complaint_day"}},
		{"led to a suspension that never was", c.ready(came, answer(footage.ResultAgencySuspended)), []string{"complaint_led_to"}},
		{"led to a withdrawal of nothing", c.ready(came, answer(footage.ResultWithdrawn)), []string{"complaint_led_to"}},
	})
}

func complaint(id footage.ComplaintID) ledger.ComplaintReceived {
	return ledger.ComplaintReceived{Complaint: id, Agency: "town-pd", Reason: footage.ComplaintConduct, Day: "2026-03-14", Due: "2026-03-17", Commitment: api.Encode(make([]byte, 32))}
}

// TestWhatIsLate: what an exchange must do by itself and does not do is found when its time is over: saying that an agency lost
// its right to ask, deciding about somebody who is missing.
func TestWhatIsLate(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	s := c.statement(c.agency, nil)
	for name, x := range map[string]struct {
		facts []ledger.Fact
		after time.Duration
		want  []string
	}{
		"an agency that lost a verification":                   {c.ready(c.retraction(s, nil)), 2 * time.Hour, []string{"pause_late"}},
		"and is paused within the hour":                        {c.ready(c.retraction(s, nil), ledger.AgencyPaused{Agency: "town-pd", Lapse: footage.AttestationTaken}), 2 * time.Hour, nil},
		"an agency whose year is over":                         {c.ready(), 366*24*time.Hour + 2*time.Hour, []string{"pause_late", "report_missing"}},
		"an urgent request a day later":                        {c.ready(ledger.ModerationUrgent{Agency: "town-pd", Commitment: api.Encode(make([]byte, 32))}), 25 * time.Hour, []string{"urgent_late"}},
		"an urgent request in the morning":                     {c.ready(ledger.ModerationUrgent{Agency: "town-pd", Commitment: api.Encode(make([]byte, 32))}), 12 * time.Hour, nil},
		"a complaint on its last day":                          {c.ready(complaint("q-00000000000000000000000001")), 80 * time.Hour, nil},
		"a complaint the day after":                            {c.ready(complaint("q-00000000000000000000000001")), 84 * time.Hour, []string{"complaint_overdue"}},
		"a request that somebody kept open (its text unknown)": {c.ready(asked), 48 * time.Hour, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForged(t)
			for _, fact := range x.facts {
				f.add(noon, fact)
			}
			f.publish(len(f.entries))
			f.cfg.Now = func() time.Time { return noon.Add(x.after) }
			f.want(name, x.want...)
		})
	}
}
