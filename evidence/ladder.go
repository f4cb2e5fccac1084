package evidence

import "strings"

// State says what is known about one rung.
type State string

// The states. Absent means that we looked and there is nothing; NotChecked that this program did not look.
const (
	Holds      State = "holds"
	Broken     State = "broken"
	Absent     State = "absent"
	NotChecked State = "not_checked"
)

// Rung is one step of the authenticity ladder, the first being the strongest.
type Rung struct {
	Number int    `json:"number"`
	Code   string `json:"code"`
	State  State  `json:"state"`
	Text   string `json:"sentence"`
}

// Known is what has been found out about a clip's origin. The zero State counts as NotChecked.
type Known struct {
	Maker   State // the camera maker's own signature inside the file
	Cloud   State // transfer by the maker's service rather than by the owner's hand
	Capture State // hash made on the owner's device when the clip was recorded
	Sending State // hash made on the sending device when the clip was sealed
}

// rungTexts holds a sentence for each state of each rung, worded so that none promises more than was shown.
func rungTexts() [4]map[State]string {
	return [4]map[State]string{
		{
			Holds:      "The camera maker's signature inside the file is valid: these bytes left that camera, or that maker's software.",
			Broken:     "The camera maker's signature inside the file is NOT valid: the file was changed after it was signed, or the signature is false.",
			Absent:     "The file bears no signature of a camera maker.",
			NotChecked: "Whether the file bears a camera maker's signature was not checked.",
		}, {
			Holds:      "The clip came from the camera maker's service directly, not by the owner's hand.",
			Broken:     "The clip is said to come from the camera maker's service, but differs from what that service holds.",
			Absent:     "The clip did not come from a camera maker's service: the owner sent it.",
			NotChecked: "Whether the clip came from a camera maker's service was not checked.",
		}, {
			Holds:      "The clip has the hash that the owner's device made when it was recorded.",
			Broken:     "The clip does NOT have the hash that the owner's device made when it was recorded.",
			Absent:     "No hash was made when the clip was recorded.",
			NotChecked: "Whether a hash was made when the clip was recorded was not checked.",
		}, {
			Holds:      "The clip has the hash that the sending device made when it was sealed: it is unchanged since then. This says nothing about what was done to it before.",
			Broken:     "The clip does NOT have the hashes that the sending device made when it was sealed: it was changed since.",
			Absent:     "No hash was made when the clip was sealed.",
			NotChecked: "The hashes made when the clip was sealed were not checked.",
		},
	}
}

// Ladder says what is known about a clip's origin, rung by rung: the maker's signature, the maker's service, a hash made at
// capture, a hash made on sending, and what remains unknown. There is no overall verdict, because none would be true.
func Ladder(k Known) []Rung {
	codes := [4]string{"maker_signature", "maker_service", "hash_at_capture", "hash_at_sending"}
	texts := rungTexts()
	var rungs []Rung
	for i, state := range []State{k.Maker, k.Cloud, k.Capture, k.Sending} {
		if state == "" {
			state = NotChecked
		}
		rungs = append(rungs, Rung{Number: i + 1, Code: codes[i], State: state, Text: texts[i][state]})
	}
	last := Rung{Number: 5, Code: "origin_unknown", State: Holds, Text: "Unverified origin: which camera made this recording, when, and whether it was changed before it was sent, nobody has shown. The times are what the file or its owner says."}
	if k.Maker == Holds || k.Cloud == Holds || k.Capture == Holds {
		last.State, last.Text = Absent, "The origin is supported by a rung above. What the picture shows is still for a person to judge."
	}
	return append(rungs, last)
}

// level weighs a rung as a finding: only a broken one is a failure, and what is not known is a warning.
func (r Rung) level() Level {
	switch {
	case r.State == Broken:
		return Fail
	case r.Number == 5 && r.State == Holds, r.State == NotChecked:
		return Warn
	case r.State == Holds:
		return OK
	}
	return Warn
}

// Rungs returns the ladder of the clip with a name in the manifest, out of the findings of [Examine] or [VerifyBag]; nil if
// there are none about it.
func (f Findings) Rungs(clip string) []Rung {
	var out []Rung
	texts := rungTexts()
	for _, x := range f {
		code, ok := strings.CutPrefix(x.Code, "rung_")
		if !ok || x.About != clipFolder+clip {
			continue
		}
		r := Rung{Number: len(out) + 1, Code: code, Text: x.Text, State: Absent} // of the last rung, two states are told apart below
		if r.Number <= len(texts) {
			r.State = stateOf(texts[r.Number-1], x.Text)
		} else if x.Text == Ladder(Known{})[len(texts)].Text {
			r.State = Holds
		}
		out = append(out, r)
	}
	return out
}

// stateOf finds the state that a sentence states; one that nobody here wrote states nothing.
func stateOf(texts map[State]string, sentence string) State {
	for state, text := range texts {
		if text == sentence {
			return state
		}
	}
	return NotChecked
}
