package ui

import (
	"fmt"
	"time"

	"porchlight.example/ui/text"
)

// DigestLine is what somebody of an agency did.
type DigestLine struct {
	At          time.Time
	Who, Second string // names; Second approved it or agreed, if somebody had to
	Deed        string
	About       string // ID of a share or a request, number of a key; or nothing
}

// What is the message that says what was done.
func (l DigestLine) What() text.Key { return text.Key("staff.digest.deed." + l.Deed) }

// Short is what the line is about, as lists of shares and requests show it.
func (l DigestLine) Short() string { return l.About[:min(len(l.About), 8)] }

// StaffDigestPage tells a supervisor what the agency's people did in a week.
type StaffDigestPage struct {
	Visit
	From, Last              time.Time // the week's first and last day
	Back                    int       // how many weeks before the last one
	Footage, Requests, Keys []DigestLine
}

// DigestPart is a part of the digest with its heading.
type DigestPart struct {
	Name  string
	Title text.Key
	Lines []DigestLine
}

// Parts are the parts of the digest in their order.
func (p StaffDigestPage) Parts() []DigestPart {
	return []DigestPart{{"footage", "staff.digest.footage", p.Footage}, {"requests", "staff.digest.requests", p.Requests}, {"keys", "staff.digest.keys", p.Keys}}
}

// Earlier is how far back the week before is.
func (p StaffDigestPage) Earlier() int { return p.Back + 1 }

// Later is how far back the week after is.
func (p StaffDigestPage) Later() int { return p.Back - 1 }

func (StaffDigestPage) folder() string                 { return "staffdigest" }
func (StaffDigestPage) title(c *text.Catalogue) string { return c.T("staff.digest.title") }
func (p StaffDigestPage) address() string {
	if p.Back > 0 {
		return fmt.Sprintf("/staff/digest?back=%d", p.Back)
	}
	return "/staff/digest"
}
