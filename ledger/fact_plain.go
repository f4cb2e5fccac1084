package ledger

import (
	"bytes"

	"porchlight.example/internal/footage"
)

// readPlain reads the data of the kinds that nearly all of a long record is made of, many times faster than reflection does.
// It takes one encoding only of what it returns: each member that must be there, in canonical order, of printable ASCII
// without an escape. What is written in any other way it leaves to [decodeAs].
func readPlain(kind Kind, raw []byte) (Fact, bool) {
	r := plain{rest: raw}
	var fact Fact
	switch kind {
	case KindModerationDecided:
		fact = r.moderationDecided()
	case KindRequestPublished:
		fact = RequestPublished{Agency: footage.AgencyID(r.text("agency")), Assertions: r.text("assertions_sha256"), Request: footage.RequestID(r.text("request"))}
	case KindRequestUpdated:
		fact = RequestUpdated{Assertions: r.text("assertions_sha256"), Change: footage.UpdateKind(r.text("kind")), Request: footage.RequestID(r.text("request")), Update: r.text("update_sha256")}
	case KindRequestClosed:
		fact = RequestClosed{Request: footage.RequestID(r.text("request")), Status: footage.RequestStatus(r.text("status"))}
	default:
		return nil, false
	}
	return fact, r.end()
}

func (r *plain) moderationDecided() (f ModerationDecided) {
	f.Addition = r.flag("addition")
	f.Agency = footage.AgencyID(r.text("agency"))
	f.Appeal = r.flag("appeal")
	f.Commitment = r.text("commitment")
	f.Outcome = footage.Outcome(r.text("outcome"))
	f.Reason = footage.ModerationReason(r.optional("reason"))
	f.Request = footage.RequestID(r.optional("request"))
	f.Urgent = r.flag("urgent")
	return f
}

// plain goes through a JSON object, member by member in the order that is asked for.
type plain struct {
	rest  []byte
	began bool // a member was read
	bad   bool // something was not as it was asked for
}

// member goes on behind the name of a member, if that is the next one.
func (r *plain) member(name string) bool {
	before := byte('{')
	if r.began {
		before = ','
	}
	end := len(name) + 4
	if len(r.rest) < end || r.rest[0] != before || r.rest[1] != '"' || string(r.rest[2:end-2]) != name || r.rest[end-2] != '"' || r.rest[end-1] != ':' {
		return false
	}
	r.rest, r.began = r.rest[end:], true
	return true
}

// text returns a member that must be there.
func (r *plain) text(name string) string {
	if !r.member(name) {
		r.bad = true
		return ""
	}
	return r.value()
}

// optional returns a member that is left out when it is empty.
func (r *plain) optional(name string) string {
	if !r.member(name) {
		return ""
	}
	value := r.value()
	r.bad = r.bad || value == ""
	return value
}

// value reads a string whose bytes stand for themselves.
func (r *plain) value() string {
	if len(r.rest) == 0 || r.rest[0] != '"' {
		r.bad = true
		return ""
	}
	for i, c := range r.rest[1:] {
		switch {
		case c == '"':
			value := string(r.rest[1 : i+1])
			r.rest = r.rest[i+2:]
			return value
		case c < ' ' || c > '~' || c == '\\':
			r.bad = true
			return ""
		}
	}
	r.bad = true
	return ""
}

func (r *plain) flag(name string) bool {
	if !r.member(name) {
		r.bad = true
	}
	rest, yes := bytes.CutPrefix(r.rest, []byte("true"))
	if !yes {
		var no bool
		rest, no = bytes.CutPrefix(r.rest, []byte("false"))
		r.bad = r.bad || !no
	}
	r.rest = rest
	return yes
}

// end reports whether the object ends here and everything was as it was asked for.
func (r *plain) end() bool { return !r.bad && string(r.rest) == "}" }
