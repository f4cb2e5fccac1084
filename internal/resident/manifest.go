package resident

import (
	"fmt"
	"slices"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media"
	"porchlight.example/seal"
)

// manifestStep is what a sealed manifest is padded to, in bytes, so that its size does not tell whether there is a message
// or a name in it.
const manifestStep = 32 << 10

// manifest writes, signs and seals the manifest of a share whose clips are all sent.
func (p *Pending) manifest(c evidence.Checked, now time.Time) ([]byte, error) {
	secret, err := p.Secret()
	if err != nil {
		return nil, err
	}
	epoch, err := epochOf(c, p.Epoch)
	if err != nil {
		return nil, err
	}
	m := evidence.Manifest{Type: evidence.ManifestType, Exchange: c.Exchange.Origin, Request: p.Request, Agency: c.Agency.ID, Epoch: p.Epoch,
		Prepared: now.UTC().Truncate(time.Second), Pseudonym: secret.Pseudonym(), Contact: p.Contact, Message: p.Message,
		Resident: evidence.Keys{Recipient: secret.Identity().Recipient()}}
	if _, m.Consent, err = evidence.ConsentText(evidence.CurrentVersion, p.Language); err != nil {
		return nil, err
	}
	if _, m.Terms, err = evidence.TermsJSON(evidence.CurrentVersion); err != nil {
		return nil, err
	}
	for _, clip := range p.Clips {
		m.Clips = append(m.Clips, *clip.Done)
	}
	if err := m.Sign(secret.SigningKey()); err != nil {
		return nil, err
	}
	raw, err := m.Encode()
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return seal.SealBytes(raw, manifestStep, epoch.Recipient)
}

// epochOf returns the agency's key period of a number.
func epochOf(c evidence.Checked, number int) (footage.Epoch, error) {
	i := slices.IndexFunc(c.Epochs, func(e footage.Epoch) bool { return e.Number == number })
	if i < 0 {
		return footage.Epoch{}, untrusted("epoch_missing", "The agency's key to which the clips were sealed is no longer in the public record.")
	}
	return c.Epochs[i], nil
}

// manifestEdits says what was changed in the copy.
func (c *Clip) manifestEdits() []evidence.Edit {
	out := []evidence.Edit{}
	if c.Untouched {
		return out
	}
	for _, e := range c.Edits {
		code := evidence.EditStripped
		if e.Code == "audio" {
			code = evidence.EditMuted
		}
		out = append(out, evidence.Edit{Code: code, What: e.What})
	}
	return out
}

// manifestKept says what was found and stays. The sentences of findings quote values, which belong on the owner's screen
// alone, so the manifest names the sort.
func (c *Clip) manifestKept() []string {
	out := []string{}
	if c.Info == nil {
		return append(out, "Not looked at: the format is not understood.")
	}
	for _, f := range c.Info.Findings {
		if what := sortOf(f.Code); (f.Stays || c.Untouched) && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	if c.Info.HasAudio() && (c.Untouched || c.Options.KeepSound) {
		out = append(out, "Sound.")
	}
	return out
}

func sortOf(code string) string {
	sorts := map[string]string{media.Position: "Position.", media.Serial: "Serial numbers.", media.Device: "Maker and model.", media.Owner: "Names of people.",
		media.Text: "Titles and comments.", media.Software: "Names of programs.", media.Handler: "Names of tracks.", media.FileName: "Names of files.",
		media.Thumbnail: "Small pictures.", media.Leftover: "Data in free space.", media.HiddenPart: "Pictures that players skip.",
		media.InPicture: "Messages between the pictures."}
	if s, ok := sorts[code]; ok {
		return s
	}
	return "Data of unknown meaning."
}
