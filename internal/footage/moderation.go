package footage

import "slices"

// Outcome is what a moderator decides of a request or an addition to one.
type Outcome string

// The outcomes. Clearing publishes.
const (
	OutcomeCleared Outcome = "cleared" // public from now on
	OutcomeHeld    Outcome = "held"    // goes back to the agency, which may write it anew or appeal
	OutcomeRefused Outcome = "refused" // may not be asked; the agency may appeal
)

// ModerationReason is why a moderator does not clear: a code of a closed list, so that decisions can be counted by anybody.
type ModerationReason string

// The reasons. Those of the first group are what package screen finds in the wording, under the same codes.
const (
	ReasonProtest      ModerationReason = "purpose_protest"
	ReasonWorship      ModerationReason = "purpose_worship"
	ReasonAssembly     ModerationReason = "purpose_assembly" // union or political meeting
	ReasonPress        ModerationReason = "purpose_press"
	ReasonImmigration  ModerationReason = "purpose_immigration"
	ReasonReproductive ModerationReason = "purpose_reproductive_care"
	ReasonGender       ModerationReason = "purpose_gender_care"
	ReasonCurfew       ModerationReason = "purpose_curfew"
	ReasonPressure     ModerationReason = "pressure_wording"
	ReasonRace         ModerationReason = "race_only_description"
	ReasonVictim       ModerationReason = "victim_identity"
	ReasonAnnouncement ModerationReason = "general_announcement"
	ReasonAccusation   ModerationReason = "accusation"

	ReasonGathering ModerationReason = "gathering_near" // a planned gathering is near by
	ReasonUnclear   ModerationReason = "unclear"        // does not say plainly what happened
	ReasonTooWide   ModerationReason = "too_wide"       // asks for more than the incident needs
	ReasonLinked    ModerationReason = "linked"         // together with other requests it is a search
	ReasonNotOwn    ModerationReason = "not_own_case"   // another body's investigation
	ReasonDuplicate ModerationReason = "duplicate"      // asked for already
	ReasonRules     ModerationReason = "rules"          // the rules in force do not allow it, or have changed since it was signed
	ReasonStanding  ModerationReason = "standing"       // agency suspended, or somebody who signed may do so no more
)

// ModerationReasons lists every reason, in the order of a picker.
func ModerationReasons() []ModerationReason {
	return []ModerationReason{ReasonProtest, ReasonWorship, ReasonAssembly, ReasonPress, ReasonImmigration, ReasonReproductive, ReasonGender,
		ReasonCurfew, ReasonPressure, ReasonRace, ReasonVictim, ReasonAnnouncement, ReasonAccusation, ReasonGathering, ReasonUnclear,
		ReasonTooWide, ReasonLinked, ReasonNotOwn, ReasonDuplicate, ReasonRules, ReasonStanding}
}

// Known reports whether the reason is one of the list.
func (r ModerationReason) Known() bool { return slices.Contains(ModerationReasons(), r) }
