package footage

import "time"

// AgencyType is what sort of local public-safety body an agency is. The list is closed: federal bodies, state police,
// private security, companies, insurers and associations cannot be expressed.
type AgencyType string

// The agency types.
const (
	MunicipalPolice     AgencyType = "municipal_police"
	Sheriff             AgencyType = "sheriff"
	TribalPolice        AgencyType = "tribal_police"
	CampusPolice        AgencyType = "campus_police"
	TransitPolice       AgencyType = "transit_police"
	ParkPolice          AgencyType = "park_police"
	SchoolPolice        AgencyType = "school_police" // of a school district
	FireService         AgencyType = "fire"
	FireMarshal         AgencyType = "fire_marshal"
	EmergencyManagement AgencyType = "emergency_management"
	LocalProsecutor     AgencyType = "local_prosecutor"
	MedicalExaminer     AgencyType = "medical_examiner"
)

// AgencyTypes lists every type that the register can hold.
func AgencyTypes() []AgencyType {
	return []AgencyType{MunicipalPolice, Sheriff, TribalPolice, CampusPolice, TransitPolice, ParkPolice, SchoolPolice,
		FireService, FireMarshal, EmergencyManagement, LocalProsecutor, MedicalExaminer}
}

// Fire reports whether bodies of the type have an FDID and need no ORI.
func (t AgencyType) Fire() bool { return t == FireService || t == FireMarshal }

// Agency is a verified body that may ask, as the public register shows it. It has at least one of ORI, FDID and LocalID.
type Agency struct {
	ID           AgencyID   `json:"id"`
	Name         string     `json:"name"`
	Type         AgencyType `json:"type"`
	Body         BodyID     `json:"body"`               // the legal body that it is a part of, such as the town
	ORI          string     `json:"ori,omitempty"`      // originating agency identifier of the FBI's CJIS division
	FDID         string     `json:"fdid,omitempty"`     // fire department ID, as its state gives it
	LocalID      string     `json:"local_id,omitempty"` // its number in a register of the state or county
	State        string     `json:"state"`              // two letters
	County       string     `json:"county"`
	Jurisdiction []Area     `json:"jurisdiction"`
	Contact      Contact    `json:"contact"`
	// ImmigrationAgreement says that the agency has a standing immigration-enforcement agreement; it must declare one.
	ImmigrationAgreement bool `json:"immigration_agreement"`
	// Policies, Subsidies and TaskForces are what the agency declares about itself, in plain words.
	Policies   string `json:"policies,omitempty"`
	Subsidies  string `json:"subsidies,omitempty"`
	TaskForces string `json:"task_forces,omitempty"`
}

// Standing is an agency's present state in the register.
type Standing struct {
	Agency    Agency    `json:"agency"`
	Since     time.Time `json:"since"`
	Suspended bool      `json:"suspended"`
	Reason    string    `json:"reason,omitempty"` // why it is suspended, shown to the public
	// Verification is what is held of the agency's two verifications.
	Verification Verification `json:"verification"`
	// DeskSince is since when clips may be opened in pages that the exchange serves; zero: they may not.
	DeskSince time.Time `json:"desk_since,omitzero"`
}

// Open reports whether the agency may ask and receive at a time: it is not suspended, and verified twice.
func (s Standing) Open(now time.Time) bool { return !s.Suspended && s.Verification.InForce(now) }

// Contact is whom to ask about a request: an officer or a unit, and at least one of e-mail and telephone.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Role is what a person may do.
type Role string

// The roles. Officer, supervisor, custodian and agency administrator belong to an agency, the others to the exchange.
const (
	Officer     Role = "officer"      // drafts and signs requests
	Supervisor  Role = "supervisor"   // approves and publishes them
	Custodian   Role = "custodian"    // opens, verifies and exports what comes in
	AgencyAdmin Role = "agency_admin" // manages the agency's people
	Operator    Role = "operator"     // runs the exchange
	Moderator   Role = "moderator"    // decides what becomes public
	Auditor     Role = "auditor"      // looks at what the office sees, and changes nothing
)

// Roles lists every role.
func Roles() []Role {
	return []Role{Officer, Supervisor, Custodian, AgencyAdmin, Operator, Moderator, Auditor}
}

// OfExchange reports whether the role belongs to the exchange rather than to an agency. Nobody has roles in both bodies.
func (r Role) OfExchange() bool { return r == Operator || r == Moderator || r == Auditor }

// Person is a member of an agency's or the exchange's staff. The record shows the pseudonymous ID, role and agency alone.
type Person struct {
	ID       PersonID `json:"id"`
	Agency   AgencyID `json:"agency,omitempty"` // empty for the exchange's own staff
	Name     string   `json:"name"`
	Roles    []Role   `json:"roles"`
	Disabled bool     `json:"disabled"`
	// Suspended says why the person may not act now; empty: they may.
	Suspended string `json:"suspended,omitempty"`
	Rank      Rank   `json:"rank,omitempty"` // empty: none was sworn in
	// Proposed is a higher rank that waits for a second person, ProposedBy who proposed it, empty for the office.
	Proposed   Rank     `json:"rank_proposed,omitempty"`
	ProposedBy PersonID `json:"rank_proposed_by,omitempty"`
}

// Has reports whether the person holds the role.
func (p Person) Has(role Role) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Application is what a body writes that wants to be admitted to ask. Nothing in it counts for anything until it was checked.
type Application struct {
	Name         string     `json:"name"`
	Type         AgencyType `json:"type"`
	BodyName     string     `json:"body_name"` // the legal body that it is a part of, such as the town, in words
	ORI          string     `json:"ori,omitempty"`
	FDID         string     `json:"fdid,omitempty"`
	LocalID      string     `json:"local_id,omitempty"`
	State        string     `json:"state"`
	County       string     `json:"county"`
	Jurisdiction []Area     `json:"jurisdiction"`
	Website      string     `json:"website"` // of the body itself, where its public telephone number stands
	Contact      Contact    `json:"contact"`
	// What it declares about itself, as in [Agency].
	ImmigrationAgreement bool   `json:"immigration_agreement"`
	Policies             string `json:"policies,omitempty"`
	Subsidies            string `json:"subsidies,omitempty"`
	TaskForces           string `json:"task_forces,omitempty"`

	Text string `json:"text,omitempty"` // what it wants to say to the office
}

// Agency returns what the register would say of the applicant, under the IDs that the office gives.
func (a Application) Agency(id AgencyID, body BodyID) Agency {
	return Agency{ID: id, Name: a.Name, Type: a.Type, Body: body, ORI: a.ORI, FDID: a.FDID, LocalID: a.LocalID, State: a.State, County: a.County,
		Jurisdiction: a.Jurisdiction, Contact: a.Contact, ImmigrationAgreement: a.ImmigrationAgreement, Policies: a.Policies,
		Subsidies: a.Subsidies, TaskForces: a.TaskForces}
}

// ApplicationReason is why an application was refused. The list is closed, so that an applicant reads it in either language.
type ApplicationReason string

// The reasons. None says anything about the people of the applicant.
const (
	NotLocal        ApplicationReason = "not_local"         // no local public-safety body: federal, of a state, or private
	NotConfirmed    ApplicationReason = "not_confirmed"     // nobody answered for it at its public number
	NumberUnknown   ApplicationReason = "number_unknown"    // its number stands in no register, or under another name
	WrongBoundary   ApplicationReason = "wrong_boundary"    // the jurisdiction is not its own
	KnownAlready    ApplicationReason = "known_already"     // the register holds it, or another application does
	RunsTheExchange ApplicationReason = "runs_the_exchange" // it is of the body that runs the exchange
	PolicyForbids   ApplicationReason = "policy_forbids"    // what it declares is not allowed by the rules here
	NotComplete     ApplicationReason = "not_complete"      // what was asked back was not answered
)

// ApplicationReasons lists every reason.
func ApplicationReasons() []ApplicationReason {
	return []ApplicationReason{NotLocal, NotConfirmed, NumberUnknown, WrongBoundary, KnownAlready, RunsTheExchange, PolicyForbids, NotComplete}
}

// ApplicationState is what became of an application.
type ApplicationState string

// The states.
const (
	ApplicationWaits    ApplicationState = "waits"
	ApplicationAccepted ApplicationState = "accepted" // the register holds the agency, which may not ask yet
	ApplicationRefused  ApplicationState = "refused"
)

// Epoch is one period of an agency's sealing key. Clips are sealed to Recipient; the identity that opens them exists only
// at the agency, wrapped for each custodian and for an offline recovery sheet.
type Epoch struct {
	Agency     AgencyID       `json:"agency"`
	Number     int            `json:"number"`    // from 1
	Recipient  string         `json:"recipient"` // an age post-quantum hybrid recipient, "age1pq1…"
	Custodians []CustodianKey `json:"custodians"`
	Opened     time.Time      `json:"opened"`
}

// CustodianKey is the logged Ed25519 key with which a custodian signs custody events, questions and statements.
type CustodianKey struct {
	ID     CustodianID `json:"id"`
	Person PersonID    `json:"person"`
	Key    string      `json:"key"` // 32 bytes, base64url
}
