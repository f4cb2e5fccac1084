package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// AgencyPage is an agency's public profile.
type AgencyPage struct {
	Standing      footage.Standing
	Lapse         footage.Lapse           // why it may not ask, as the record says; empty: it may
	Verifications []Verification          // who vouched for it; empty when not recorded here yet
	Epoch         *footage.Epoch          // the present sealing key; nil when the agency has none yet
	Requests      []footage.PublicRequest // all of them, newest first
	History       []RecordEntry           // the newest entries of the record about it, newest first
	Entries       int64                   // how many there are
	People        []RoleCount             // who holds a role now
	Counts        []RecordCount           // its entries by kind and detail
	Complaints    []ComplaintLine         // about it and its requests, newest first
	Duties        []DutyLine              // what it owes after its requests, of which ended last comes first
}

// RoleCount is how many people hold a role.
type RoleCount struct {
	Role  footage.Role
	Count int64
}

// AllEntries is the path of the list of all entries about it.
func (p AgencyPage) AllEntries() string { return EntriesPage{Agency: p.Standing.Agency.ID}.at(1) }

// Table is the path of one of its tables of open data.
func (p AgencyPage) Table(name string) string {
	return "/data/agencies/" + string(p.Standing.Agency.ID) + "/" + name
}

// NewestComplaints returns as many complaints as the page lists.
func (p AgencyPage) NewestComplaints() []ComplaintLine {
	return p.Complaints[:min(len(p.Complaints), shownComplaints)]
}

// Verification is one body's statement that the agency is what it says.
type Verification struct {
	Body    string // who verified
	Role    string // "operator" or "attestor"
	How     string // where the attestor looked, in its own words; empty for the operator
	On      time.Time
	Expires time.Time
	Entry   int64 // its number in the public record
}

func (AgencyPage) folder() string { return "agency" }

func (p AgencyPage) title(*text.Catalogue) string { return p.Standing.Agency.Name }

func (p AgencyPage) address() string { return "/agencies/" + string(p.Standing.Agency.ID) }

// Listed returns the newest requests, as many as the page lists.
func (p AgencyPage) Listed() []footage.PublicRequest {
	return p.Requests[:min(len(p.Requests), requestsPerPage)]
}

// More reports whether there are more requests than those listed.
func (p AgencyPage) More() bool { return len(p.Requests) > requestsPerPage }

// AllOpen is the path of the list of its open requests.
func (p AgencyPage) AllOpen() string { return FrontPage{Agency: p.Standing.Agency.ID}.at(1) }

// AllClosed is the path of the list of its closed requests.
func (p AgencyPage) AllClosed() string {
	return FrontPage{Agency: p.Standing.Agency.ID, Closed: true}.at(1)
}

// Fingerprint is the SHA-256 of the sealing key's recipient string, in groups of four digits that two people can read
// to each other over the telephone.
func (p AgencyPage) Fingerprint() []string {
	if p.Epoch == nil {
		return nil
	}
	sum := footage.Hash([]byte(p.Epoch.Recipient))
	var groups []string
	for i := 0; i < len(sum); i += 4 {
		groups = append(groups, sum[i:i+4])
	}
	return groups
}

// CameraHours is the sum of square miles times hours over all its requests.
func (p AgencyPage) CameraHours() float64 {
	total := 0.0
	for _, r := range p.Requests {
		total += r.SquareMiles * r.Hours()
	}
	return total
}
