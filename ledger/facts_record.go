package ledger

import (
	"time"

	"porchlight.example/internal/footage"
)

// KindState and those below are the kinds of entry about the record itself and about what the law asks of the exchange.
const (
	KindState Kind = "state"
)

// State sums the record up: it commits to the [StateDocument] that all entries in front of it come to. One is written on
// each tick with a change and at least hourly, so that a client can tell a key that counts from one that did once: inclusion
// is not validity. It depends on acts of agencies and of the exchange alone, never on what residents do.
type State struct {
	Size   int64  `json:"size"`   // how many entries it sums up, which is its own index
	SHA256 string `json:"sha256"` // of the document, [StateKey] names where it lies
}

// Kind is described at [Fact]; so are those below.
func (State) Kind() Kind { return KindState }

func (x State) check() error {
	var f faults
	f.need(x.Size > 0, "size")
	f.need(isHash(x.SHA256), "sha256")
	return f.err()
}

// StateType is the value of a state document's type member.
const StateType = "porchlight/state/v2"

// MaxState is the size limit of a state document: 32 MiB.
const MaxState = 32 << 20

// StateDocument is what was so at one moment: who may ask, with which keys, under which rules, and what is open. Its lists
// are sorted, so that the same facts give the same bytes, in canonical JSON. It lies outside the log.
type StateDocument struct {
	Type     string              `json:"type"`     // StateType
	Agencies []StateAgency       `json:"agencies"` // by ID
	People   []StatePerson       `json:"people"`   // by ID: everybody who was ever enrolled
	Policies []footage.PolicyRef `json:"policies"` // in force, by name
	Open     []StateRequest      `json:"open"`     // requests that take shares, by ID
}

// StateAgency is one agency of the register.
type StateAgency struct {
	ID        footage.AgencyID `json:"id"`
	SHA256    string           `json:"sha256"`             // HashJSON of its description
	Suspended bool             `json:"suspended"`          // it may neither ask nor receive
	Paused    bool             `json:"paused"`             // its two verifications were in force and are not: it may not either
	Verified  *StateVerified   `json:"verified,omitempty"` // what its right to ask and receive rests on; none: it has none now
	Epoch     *StateEpoch      `json:"epoch,omitempty"`    // the key to seal to; none: it has none yet
	Desk      bool             `json:"desk,omitempty"`     // it opens clips in pages that the exchange serves
}

// StateVerified says by whose word an agency may ask and receive, and for how long.
type StateVerified struct {
	Attestor    footage.AttestorID `json:"attestor"`
	Attestation string             `json:"attestation_sha256"` // [footage.Attestation.Hash] of the independent statement that lasts longest
	Approval    string             `json:"approval_sha256"`    // [footage.Approval.Hash] of the operator's newest
	Until       time.Time          `json:"until"`              // both are in force up to then
}

// StateEpoch is the one period of an agency's key that counts now.
type StateEpoch struct {
	Number int    `json:"number"`
	SHA256 string `json:"sha256"` // HashJSON of the epoch as it was opened
}

// StatePerson is one pseudonymous member of staff.
type StatePerson struct {
	ID       footage.PersonID `json:"id"`
	SHA256   string           `json:"sha256"`             // HashJSON of the newest enrolment
	Disabled int64            `json:"disabled,omitempty"` // index of the entry since which the key counts no more
	// Suspended is the index of the entry since which the person may not act, until they are restored.
	Suspended int64 `json:"suspended,omitempty"`
}

// StateRequest is one open request.
type StateRequest struct {
	ID   footage.RequestID `json:"id"`
	Head string            `json:"head"` // hash of the newest update, or the ID
}

// Encode returns the document's canonical JSON.
func (d StateDocument) Encode() ([]byte, error) { return footage.Canonical(d) }

// ParseState reads a state document strictly: its own encoding and no other, each list in its order.
func ParseState(raw []byte) (d StateDocument, err error) {
	if len(raw) > MaxState {
		return d, footage.E(footage.TooLarge, "The state document is longer than any real one.")
	}
	if err := footage.DecodeStrict(raw, &d); err != nil {
		return d, err
	}
	again, err := d.Encode()
	if err != nil {
		return d, err
	}
	if d.Type != StateType || string(again) != string(raw) || !d.sorted() {
		return d, footage.E(footage.Invalid, "This is not a state document, or not in its one right encoding.")
	}
	return d, nil
}

// sorted reports whether every list is in its order, nothing twice.
func (d StateDocument) sorted() bool {
	return ascending(d.Agencies, StateAgency.key) && ascending(d.People, StatePerson.key) &&
		ascending(d.Policies, policyName) && ascending(d.Open, StateRequest.key)
}

func (a StateAgency) key() string           { return string(a.ID) }
func (p StatePerson) key() string           { return string(p.ID) }
func (r StateRequest) key() string          { return string(r.ID) }
func policyName(p footage.PolicyRef) string { return p.Name }

func ascending[T any](list []T, key func(T) string) bool {
	for i := range list {
		if i > 0 && key(list[i-1]) >= key(list[i]) {
			return false
		}
	}
	return list != nil
}

// StateKey is where the state document with a hash lies among the record's objects.
func StateKey(sha256 string) string { return prefix + "state/" + sha256 + ".json" }

// PolicyKey is where the file of a policy that was adopted lies among the record's objects, in canonical JSON.
func PolicyKey(sha256 string) string { return prefix + "policy/" + sha256 + ".json" }

// KindAssetsPublished is the kind of entry that says which files the pages are made of.
const KindAssetsPublished Kind = "assets.published"

// AssetsPublished says of which files the exchange's pages are made, and which program serves them, so that somebody who
// fetches them can tell whether they are given what everybody is given. One is written when either changes.
type AssetsPublished struct {
	SHA256  string `json:"sha256"`         // of the [AssetList], [AssetsKey] names where it lies
	Program string `json:"program_sha256"` // of the program's file
}

// Kind is described at [Fact].
func (AssetsPublished) Kind() Kind { return KindAssetsPublished }

func (x AssetsPublished) check() error {
	var f faults
	f.need(isHash(x.SHA256), "sha256")
	f.need(isHash(x.Program), "program_sha256")
	return f.err()
}

// AssetsType is the value of an asset list's type member.
const AssetsType = "porchlight/assets/v1"

// AssetList names every file that the pages load, in canonical JSON outside the log.
type AssetList struct {
	Type  string      `json:"type"`  // AssetsType
	Root  string      `json:"root"`  // path below which they lie, such as "/assets/0123456789abcdef/"
	Files []AssetFile `json:"files"` // by name
}

// AssetFile is one of them.
type AssetFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// AssetsKey is where the asset list with a hash lies among the record's objects.
func AssetsKey(sha256 string) string { return prefix + "assets/" + sha256 + ".json" }
