package policy

import (
	"cmp"
	"slices"

	"porchlight.example/internal/footage"
)

// ReviewInput is what decides who must look at a request before it is public.
type ReviewInput struct {
	Document   footage.Document
	Gathering  bool   // near a gathering that the operator listed, on its days
	Households *int   // estimated from public census counts in the area; nil when none were loaded
	Language   string // of the sentences: "en", the default, or "es"
}

// Review is what a request needs beyond keeping every rule. It goes to moderators alone: what it says of households must not
// reach an agency, whose answer is the same whatever their number (domain reference B11).
type Review struct {
	Moderators int              // how many different people must clear it; at least one, always
	Reasons    []footage.Reason // why more than the policy's number
	Urgent     bool             // it may take the urgent lane
}

// Review tells how many moderators must clear a request and why. However many reasons there are, they add one person.
func (s Set) Review(in ReviewInput) Review {
	out := Review{Moderators: 1}
	if r, ok := s.rules["moderators"]; ok {
		out.Moderators = int(r.Value)
	}
	hold := func(kind, code string, value Words) {
		if rule, ok := s.rules[kind]; ok {
			out.Reasons = append(out.Reasons, rule.Reason(code, value, Words{}, in.Language))
		}
	}
	code := in.Document.Offence
	o, _ := footage.OffenceByCode(code)
	if rule, ok := s.Listing("offences_second_moderator", code); ok {
		out.Reasons = append(out.Reasons, rule.Reason("offence_second_moderator", offenceCodes.text(code), Words{}, in.Language))
	} else if o.SecondReviewer {
		msg := Words{"This kind of incident always needs one moderator more.", "Este tipo de incidente siempre necesita un moderador más."}
		out.Reasons = append(out.Reasons, footage.Reason{Code: "offence_second_moderator", Msg: msg.In(in.Language)})
	}
	if in.Gathering {
		hold("gathering_distance_mi", "gathering_near", Words{})
	}
	if n := in.Households; n != nil {
		if r, ok := s.rules["households_min"]; ok && float64(*n) < r.Value {
			hold("households_min", "households_few", Words{})
		}
		if r, ok := s.rules["households_max"]; ok && float64(*n) > r.Value {
			hold("households_max", "households_many", Words{})
		}
	}
	if len(out.Reasons) > 0 {
		out.Moderators++
	}
	out.Urgent = slices.Contains(s.rules["offences_urgent"].Codes, code)
	return out
}

// Purposes returns the prohibited purposes of all policies, as codes.
func (s Set) Purposes() []string { return slices.Clone(s.rules["purposes_prohibited"].Codes) }

// Ranks returns why the ranks of two people do not suffice for a request, or nothing.
func (s Set) Ranks(author, approver footage.Rank, language string) []footage.Reason {
	return append(s.RankOf(footage.Officer, author, language), s.RankOf(footage.Supervisor, approver, language)...)
}

// RankOf returns why a rank does not suffice for whoever signs a request, or approves one, or nothing. Without one a person has
// the lowest that goes with the role: officer for the author, sergeant for the approver.
func (s Set) RankOf(role footage.Role, rank footage.Rank, language string) []footage.Reason {
	kind, code, lowest := "author_rank", "author_rank_low", footage.RankOfficer
	if role == footage.Supervisor {
		kind, code, lowest = "approver_rank", "approver_rank_low", footage.RankSergeant
	}
	rank = cmp.Or(rank, lowest)
	rule, ok := s.rules[kind]
	if !ok || rankCodes.reaches(string(rank), rule.Codes[0]) {
		return nil
	}
	return []footage.Reason{rule.Reason(code, rankCodes.text(string(rank)), Words{}, language)}
}
