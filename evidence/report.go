package evidence

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	txt "text/template"
	"time"

	"porchlight.example/internal/footage"
)

//go:embed report.html.tmpl
var reportTemplate string

//go:embed certificate.txt.tmpl
var certificateTemplate string

// report is what the template is given.
type report struct {
	Info     Info
	Checked  Checked
	Manifest Manifest
	Receipt  footage.Receipt
	Verifier string
	Clips    []clipLadder
	Steps    []step
	Findings Findings
	Warnings Findings
}

// step is a custody event in words.
type step struct {
	At     time.Time
	Text   string
	Signer string
	Detail string
}

// renderReport writes the page that a lawyer reads: self-contained, printable, with nothing fetched from anywhere.
func renderReport(p Package, m Manifest, v verdict) ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{"at": at, "bytes": byteCount, "fold": foldHash, "state": stateWord}).Parse(reportTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse report: %w", err)
	}
	r := report{Info: p.Info, Checked: v.checked, Manifest: m, Receipt: p.Receipt, Verifier: p.Bundle.Verifier, Clips: v.ladders, Findings: v.Findings}
	for _, e := range p.Custody.Events {
		r.Steps = append(r.Steps, step{At: e.At, Text: eventText(e.Kind), Signer: string(e.Party) + ", key " + e.Signer, Detail: detailText(e.Detail)})
	}
	for _, f := range v.Findings {
		if f.Level == Warn && !strings.HasPrefix(f.Code, "rung_") {
			r.Warnings = append(r.Warnings, f)
		}
	}
	var out bytes.Buffer
	if err := t.Execute(&out, r); err != nil {
		return nil, fmt.Errorf("render report: %w", err)
	}
	return out.Bytes(), nil
}

// report says whether the package's report and certificate draft are what this program makes of the package's signed parts.
// They bear no signature of their own: somebody who packs the bag anew could put other words there.
func (v *verdict) report(c content) {
	p := Package{Manifest: c.files[manifestPath], Bundle: v.bundle, Receipt: v.receipt, Custody: v.custody, Info: v.info}
	for _, trust := range []Trust{{Verifier: v.bundle.Verifier}, {}} { // it was written by one who had pinned the key, or by one who had not
		then := c.judge(trust, v.info.Exported)
		page, err := renderReport(p, v.m, then)
		draft, err2 := renderCertificate(p, v.m)
		if err == nil && err2 == nil && bytes.Equal(page, c.files[reportPath]) && bytes.Equal(draft, c.files[certificatePath]) {
			v.add(OK, "report", reportPath, "The report and the certificate draft say what the signed parts of the package say.")
			return
		}
	}
	v.add(Warn, "report", reportPath, "The report or the certificate draft is not what this program would write: another version wrote it, or somebody changed it. Rely on these findings instead.")
}

// eventText says a custody event in plain words.
func eventText(kind footage.EventKind) string {
	words := map[footage.EventKind]string{
		footage.EventCommitted: "The exchange held all sealed clips, complete and durable",
		footage.EventReleased:  "The exchange showed the share to the agency",
		footage.EventPickedUp:  "The agency began to fetch the sealed clips",
		footage.EventOpened:    "The agency opened the clips",
		footage.EventVerified:  "The agency checked hashes, manifest and request",
		footage.EventAccepted:  "The agency accepted the clips",
		footage.EventDeclined:  "The agency declined the clips",
		footage.EventExported:  "The agency wrote an evidence package",
		footage.EventConfirmed: "The agency confirmed that it holds its own copy",
		footage.EventAsked:     "The agency asked the resident a question",
		footage.EventReplied:   "The resident answered",
		footage.EventWithdrawn: "The resident took the clips back before pick-up",
		footage.EventRecalled:  "The resident asked for the clips back",
		footage.EventAnswered:  "The agency answered the recall",
		footage.EventExpired:   "The exchange's term for keeping the clips ended",
		footage.EventErased:    "The exchange erased its copy",
		footage.EventRestored:  "The exchange was restored from an older backup; steps in between may be lost",
		footage.EventLost:      "The exchange had lost its copy",
	}
	if s, ok := words[kind]; ok {
		return s
	}
	return string(kind)
}

// detailText writes an event's detail in one line, in a fixed order.
func detailText(detail map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(detail)) {
		parts = append(parts, k+" "+detail[k])
	}
	return strings.Join(parts, "; ")
}

// foldHash puts a hash into groups of eight digits, for people to compare.
func foldHash(s string) string {
	var parts []string
	for len(s) > 8 {
		parts, s = append(parts, s[:8]), s[8:]
	}
	return strings.Join(append(parts, s), " ")
}

// byteCount writes a length with thin groups: 12 345 678 bytes.
func byteCount(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s + " bytes"
}

// stateWord says a rung's state. The last rung is a gap, not a support, and must not read as if something were shown.
func stateWord(r Rung) string {
	switch r.State {
	case Holds:
		if r.Number == 5 {
			return "open"
		}
		return "shown"
	case Broken:
		return "CONTRADICTED"
	case Absent:
		return "not there"
	}
	return "not checked"
}

// renderCertificate writes the draft of a hash certificate. A qualified person completes, checks and signs it; unsigned it
// certifies nothing.
func renderCertificate(p Package, m Manifest) ([]byte, error) {
	t, err := txt.New("certificate").Parse(certificateTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse certificate: %w", err)
	}
	type row struct {
		Clip
		Path string
	}
	var rows []row
	for i, clip := range m.Clips {
		rows = append(rows, row{clip, clipFolder + payloadName(clip, i, p.Info.Neutral)})
	}
	doc := p.Bundle.Record.Document
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{"Info": p.Info, "Agency": oneLine(doc.AgencyName), "Code": oneLine(doc.Code), "Receipt": p.Receipt, "Clips": rows})
	if err != nil {
		return nil, fmt.Errorf("render certificate: %w", err)
	}
	return out.Bytes(), nil
}
