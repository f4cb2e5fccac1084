package evidence

import (
	"maps"
	"slices"

	"porchlight.example/internal/footage"
)

// texts checks that consent and terms are the ones that the resident's manifest names.
func (v *verdict) texts(c content) {
	if footage.Hash(c.files[consentPath]) != v.m.Consent.SHA256 {
		v.add(Fail, "consent_text", consentPath, "The consent text is not the one that the resident agreed to.")
	} else {
		v.known("consent", consentPath, v.m.Consent, ConsentText)
	}
	terms, err := ParseTerms(c.files[termsJSONPath])
	if err != nil || footage.Hash(c.files[termsJSONPath]) != v.m.Terms.SHA256 || terms.Version != v.m.Terms.Version {
		v.add(Fail, "terms_text", termsJSONPath, "The terms of use are not the ones under which the clips were given.")
		return
	}
	if !slices.Contains(slices.Collect(maps.Values(terms.Texts)), footage.Hash(c.files[termsPath])) {
		v.add(Fail, "terms_text", termsPath, "The terms of use in words are not those of the machine-readable form.")
		return
	}
	v.add(OK, "terms", termsPath, "The terms of use, version %s, travel with the clips. Whoever holds the clips is bound by them.", terms.Version)
}

// known says whether a text is one that this program knows too.
func (v *verdict) known(what, about string, ref TextRef, lookup func(version, language string) (string, TextRef, error)) {
	switch _, mine, err := lookup(ref.Version, ref.Language); {
	case err != nil || mine.Language != ref.Language:
		v.add(Warn, what+"_text", about, "This program does not know version %s (%s) of the %s text. Read it.", ref.Version, ref.Language, what)
	case mine.SHA256 != ref.SHA256:
		v.add(Fail, what+"_text", about, "The %s text calls itself version %s (%s) but has other words.", what, ref.Version, ref.Language)
	default:
		v.add(OK, what, about, "The resident agreed to the %s statement, version %s, language %s, on %s.", what, ref.Version, ref.Language, at(v.m.Prepared))
	}
}

// clips checks every clip against the manifest and says what is known of its origin.
func (v *verdict) clips(c content) {
	for i, clip := range v.m.Clips {
		name := clipFolder + payloadName(clip, i, v.info.Neutral)
		got, found := c.sums[name]
		known := Known{Sending: Broken}
		switch {
		case !found:
			v.add(Fail, "clip_missing", name, "The clip is missing.")
		case got.sha256 != clip.SHA256 || got.size != clip.Size:
			v.add(Fail, "clip_hash", name, "The clip is not the one that was sent: its length or its hash differs from the manifest.")
		default:
			known.Sending = Holds
			v.add(OK, "clip_hash", name, "The clip has the length (%d bytes) and the SHA-256 that the manifest names.", clip.Size)
		}
		v.original(clip, name)
		v.capture(clip, name)
		ladder := clipLadder{Clip: clip, Path: name, Rungs: Ladder(known)}
		for _, r := range ladder.Rungs {
			v.add(r.level(), "rung_"+r.Code, name, "%s", r.Text)
		}
		v.ladders = append(v.ladders, ladder)
	}
}

// original says how the clip relates to the file on the owner's device.
func (v *verdict) original(clip Clip, name string) {
	if !clip.Original.Sent {
		v.add(Warn, "clip_derived", name, "The clip is a copy made for sending (%d changes are listed). The owner's device keeps the original's salted hash and, as long as the owner wishes, the original.", len(clip.Edits))
		return
	}
	// An untouched original has the hash that was committed to, so this one claim of the sender can be checked here.
	salt, err := footage.DecodeBase64(clip.Original.Salt)
	if err != nil || footage.Commit(salt, clip.SHA256) != clip.Original.Commitment {
		v.add(Fail, "clip_original", name, "The clip is called an untouched original, but is not the file that the sending device hashed.")
		return
	}
	v.add(OK, "clip_original", name, "The clip is the very file that the owner chose, untouched by the sending program.")
}

// capture says how the recording time is known and whether it touches the window that was asked for.
func (v *verdict) capture(clip Clip, name string) {
	c := clip.Capture
	if c.From == nil {
		v.add(Warn, "capture_unknown", name, "When the clip was recorded is not stated.")
		return
	}
	if v.checked.ID != "" && !v.checked.Document.Window.Contains(*c.From, *c.To) {
		v.add(Warn, "capture_outside_window", name, "By its stated time the clip lies outside the window that was asked for.")
		return
	}
	v.add(OK, "capture_window", name, "By its stated time (%s to %s; source: %s) the clip touches the window that was asked for. Nobody has verified that time.", at(*c.From), at(*c.To), c.Source)
}
