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
	SpecialPolice       AgencyType = "special_police" // campus, transit, park or school district
	FireService         AgencyType = "fire"           // fire service or fire marshal
	EmergencyManagement AgencyType = "emergency_management"
	LocalProsecutor     AgencyType = "local_prosecutor"
	MedicalExaminer     AgencyType = "medical_examiner"
)

// AgencyTypes lists every type that the register can hold.
func AgencyTypes() []AgencyType {
	return []AgencyType{MunicipalPolice, Sheriff, TribalPolice, SpecialPolice, FireService, EmergencyManagement, LocalProsecutor, MedicalExaminer}
}

// Agency is a verified body that may ask, as the public register shows it.
type Agency struct {
	ID           AgencyID   `json:"id"`
	Name         string     `json:"name"`
	Type         AgencyType `json:"type"`
	ORI          string     `json:"ori,omitempty"` // originating agency identifier, nine characters; or a local register ID
	State        string     `json:"state"`         // two letters
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
}

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
