package footage

import (
	"errors"
	"strings"
)

// Kind says what sort of failure an error is; the edges turn it into a status code, an exit code or a page.
// A Kind is itself an error, so that errors.Is(err, footage.NotFound) reads as it should.
type Kind string

// The kinds of error. An error without a kind is internal: the user is told no more than that.
const (
	Invalid      Kind = "invalid"      // the input breaks a rule; Reasons lists every one
	Unauthorized Kind = "unauthorized" // not signed in, or the sign-in is over
	Forbidden    Kind = "forbidden"    // signed in, but not entitled
	NotFound     Kind = "not_found"    // no such thing, or not for this caller
	Conflict     Kind = "conflict"     // the thing is in another state than the caller believes
	Gone         Kind = "gone"         // it existed and is erased or closed
	TooLarge     Kind = "too_large"    // over a size limit
	TooMany      Kind = "too_many"     // over a rate limit
	Full         Kind = "full"         // no room left on the exchange
	Unavailable  Kind = "unavailable"  // a part we need does not answer; trying again later may work
	Untrusted    Kind = "untrusted"    // a signature, hash or proof does not hold
	Refused      Kind = "refused"      // the uniform refusal given to anonymous callers
	Unsupported  Kind = "unsupported"  // a format or protocol that we do not speak
	Interrupted  Kind = "interrupted"  // stopped half-way; what was done so far is kept and can be resumed
)

// Known reports whether the kind is one of the above.
func (k Kind) Known() bool {
	switch k {
	case Invalid, Unauthorized, Forbidden, NotFound, Conflict, Gone, TooLarge, TooMany, Full, Unavailable, Untrusted, Refused, Unsupported, Interrupted:
		return true
	}
	return false
}

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return string(k) }

// Error is a failure that a person can act on: Msg is a plain sentence that says the remedy.
type Error struct {
	Kind    Kind     `json:"kind"`
	Code    string   `json:"code,omitempty"` // stable machine-readable code, lower case with underscores
	Msg     string   `json:"message"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is one broken rule. A refusal lists all of them at once.
type Reason struct {
	Code   string `json:"code"`                    // stable, such as "area_too_large"
	Msg    string `json:"message"`                 // a plain sentence
	Limit  string `json:"limit,omitempty"`         // the limit with its unit, such as "0.5 sq mi"
	Value  string `json:"value,omitempty"`         // what was found, in the same unit
	Policy string `json:"policy,omitempty"`        // name of the policy file that holds the rule
	SHA256 string `json:"policy_sha256,omitempty"` // its hash
	Rule   string `json:"rule,omitempty"`          // which of its rules: the kind, such as "area_max_sq_mi"

	Linked []RequestID `json:"linked,omitempty"` // published requests that count together with the one that was refused
}

// Error returns the sentence, followed by every reason.
func (e *Error) Error() string {
	if len(e.Reasons) == 0 {
		return e.Msg
	}
	parts := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		parts[i] = r.Msg
	}
	return e.Msg + " " + strings.Join(parts, " ")
}

// Is reports whether target is this error's kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// E returns an error of a kind with a sentence for people.
func E(kind Kind, msg string) *Error { return &Error{Kind: kind, Msg: msg} }

// Coded returns an error of a kind with a stable code and a sentence for people.
func Coded(kind Kind, code, msg string) *Error { return &Error{Kind: kind, Code: code, Msg: msg} }

// KindOf returns the kind of the first [Error] or [Kind] in err's chain, or "" for an internal error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return ""
}
