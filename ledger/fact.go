package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"porchlight.example/internal/footage"
)

// Kind says what an entry states.
type Kind string

// The kinds of entry. Each has a struct of nearly the same name; those about the record itself stand beside theirs.
const (
	KindExchangeCreated  Kind = "exchange.created"
	KindPolicyAdopted    Kind = "policy.adopted"
	KindAgencyRegistered Kind = "agency.registered"
	KindAgencyChanged    Kind = "agency.changed"
	KindAgencySuspended  Kind = "agency.suspended"
	KindAgencyRestored   Kind = "agency.restored"
	KindPersonEnrolled   Kind = "person.enrolled"
	KindPersonDisabled   Kind = "person.disabled"
	KindEpochOpened      Kind = "epoch.opened"
	KindCustodianAdded   Kind = "custodian.added"
	KindRequestPublished Kind = "request.published"
	KindRequestUpdated   Kind = "request.updated"
	KindRequestClosed    Kind = "request.closed"
	KindCustodyRoot      Kind = "custody.root"

	KindModerationUrgent  Kind = "moderation.urgent"
	KindModerationDecided Kind = "moderation.decided"
)

// Fact is what one entry states: one of the structs of this package with a Kind method.
type Fact interface {
	// Kind returns the kind of entry that states the fact.
	Kind() Kind
	// check returns an error of kind footage.Invalid if a member is missing or malformed.
	check() error
}

// decodeFact reads the data of an entry of one kind.
func decodeFact(kind Kind, raw []byte) (Fact, error) {
	if fact, ok := readPlain(kind, raw); ok {
		return fact, fact.check()
	}
	switch kind {
	case KindExchangeCreated:
		return decodeAs[ExchangeCreated](raw)
	case KindPolicyAdopted:
		return decodeAs[PolicyAdopted](raw)
	case KindAgencyRegistered:
		return decodeAs[AgencyRegistered](raw)
	case KindAgencyChanged:
		return decodeAs[AgencyChanged](raw)
	case KindAgencySuspended:
		return decodeAs[AgencySuspended](raw)
	case KindAgencyRestored:
		return decodeAs[AgencyRestored](raw)
	case KindPersonEnrolled:
		return decodeAs[PersonEnrolled](raw)
	case KindPersonDisabled:
		return decodeAs[PersonDisabled](raw)
	case KindPersonLent:
		return decodeAs[PersonLent](raw)
	case KindPersonReturned:
		return decodeAs[PersonReturned](raw)
	case KindAgencyDesk:
		return decodeAs[AgencyDesk](raw)
	case KindKeyAnnounced:
		return decodeAs[KeyAnnounced](raw)
	case KindKeyCancelled:
		return decodeAs[KeyCancelled](raw)
	case KindEpochOpened:
		return decodeAs[EpochOpened](raw)
	case KindCustodianAdded:
		return decodeAs[CustodianAdded](raw)
	case KindRequestPublished:
		return decodeAs[RequestPublished](raw)
	case KindRequestUpdated:
		return decodeAs[RequestUpdated](raw)
	case KindRequestClosed:
		return decodeAs[RequestClosed](raw)
	case KindCustodyRoot:
		return decodeAs[CustodyRoot](raw)
	case KindState:
		return decodeAs[State](raw)
	case KindAssetsPublished:
		return decodeAs[AssetsPublished](raw)
	case KindModerationUrgent:
		return decodeAs[ModerationUrgent](raw)
	case KindModerationDecided:
		return decodeAs[ModerationDecided](raw)
	case KindComplaintReceived:
		return decodeAs[ComplaintReceived](raw)
	case KindComplaintAnswered:
		return decodeAs[ComplaintAnswered](raw)
	case KindDocumentWithheld:
		return decodeAs[DocumentWithheld](raw)
	case KindLegalDemands:
		return decodeAs[LegalDemands](raw)
	case KindErasuresTotal:
		return decodeAs[ErasuresTotal](raw)
	case KindNoticePublished:
		return decodeAs[NoticePublished](raw)
	case KindNoticeUpdated:
		return decodeAs[NoticeUpdated](raw)
	case KindNoticeEnded:
		return decodeAs[NoticeEnded](raw)
	case KindRequestOutcome, KindRequestCopies:
		return decodeFollowedUp(kind, raw)
	}
	if fact, err := decodeRegister(kind, raw); fact != nil || err != nil {
		return fact, err
	}
	return nil, footage.E(footage.Unsupported, fmt.Sprintf("This program does not know the entry kind %q. A newer one may know it.", kind))
}

// decodeAs reads data as F. Encoding it again must give the same bytes: that catches what encoding/json lets pass, a
// missing member, another spelling of a name, another writing of a time.
func decodeAs[F Fact](raw []byte) (Fact, error) {
	var fact F
	if err := decodeCanonical(raw, &fact); err != nil {
		return nil, err
	}
	again, err := footage.Canonical(fact)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, raw) {
		return nil, footage.E(footage.Invalid, "The entry's data has a missing, misspelt or oddly written member.")
	}
	return fact, fact.check()
}

// decodeCanonical decodes what is known to be one canonical JSON value, so that nothing stands in it twice or behind it,
// and refuses unknown members.
func decodeCanonical(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return footage.E(footage.Invalid, "The entry does not fit its kind: "+strings.TrimPrefix(err.Error(), "json: ")+".")
	}
	return nil
}

// HashJSON returns the SHA-256 of v's canonical JSON in hexadecimal: how entries name what lies outside the log, such as
// the assertions of a request.
func HashJSON(v any) (string, error) {
	b, err := footage.Canonical(v)
	if err != nil {
		return "", fmt.Errorf("hash %T: %w", v, err)
	}
	return footage.Hash(b), nil
}
