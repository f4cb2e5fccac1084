package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
)

// content is a package's payload: its papers whole, and the hashes of every file.
type content struct {
	files map[string][]byte
	sums  map[string]sums
}

// verdict is what the checks found, and what they read on the way.
type verdict struct {
	Findings
	info    Info
	m       Manifest
	bundle  Bundle
	checked Checked
	receipt footage.Receipt
	custody CustodyRecord
	ladders []clipLadder
}

// clipLadder is a clip with its file's path in the bag and what is known of its origin.
type clipLadder struct {
	Clip
	Path  string
	Rungs []Rung
}

// judge checks everything that a package says against everything else that it says and against the trusted key.
func (c content) judge(trust Trust, now time.Time) verdict {
	var v verdict
	if !v.read(c) {
		return v
	}
	v.manifest()
	v.request(c, trust, now)
	v.texts(c)
	if v.checked.ID != "" {
		v.binding()
		v.receipts()
		v.chain(trust)
	}
	v.clips(c)
	v.strays(c)
	return v
}

// read parses the papers. Without them there is nothing to judge.
func (v *verdict) read(c content) bool {
	parse := func(name, what string, f func([]byte) error) {
		raw, ok := c.files[name]
		if !ok {
			v.add(Fail, "paper_missing", name, "The package lacks %s.", what)
		} else if err := f(raw); err != nil {
			v.add(Fail, "paper_unreadable", name, "The package's %s cannot be read. %s", what, sentence(err))
		}
	}
	parse(packagePath, "description", func(raw []byte) error { return errors.Join(decodeCanonical(raw, &v.info), v.info.check()) })
	parse(manifestPath, "manifest", func(raw []byte) (err error) { v.m, err = ParseManifest(raw); return })
	parse(bundlePath, "request with its proofs", func(raw []byte) (err error) { v.bundle, err = ParseBundle(raw); return })
	parse(receiptPath, "receipt", func(raw []byte) error { return decodeCanonical(raw, &v.receipt) })
	parse(custodyPath, "custody record", func(raw []byte) (err error) { v.custody, err = ParseCustody(raw); return })
	return !v.Failed()
}

func (v *verdict) manifest() {
	if err := v.m.Verify(); err != nil {
		v.fail("manifest_signature", manifestPath, err)
		return
	}
	v.add(OK, "manifest_signature", manifestPath, "The list of clips is as the holder of the receipt signed it, under the pseudonym %s. Who that is, it does not say.", v.m.Pseudonym)
}

// request checks the bundle, and that the papers beside it say the same.
func (v *verdict) request(c content, trust Trust, now time.Time) {
	papers := requestFiles(v.bundle)
	for _, name := range slices.Sorted(maps.Keys(papers)) {
		want, err := footage.Canonical(papers[name])
		if got, ok := c.files[name]; err != nil || !ok || !bytes.Equal(got, want) {
			v.add(Fail, "request_papers", name, "The request's papers differ from the request with its proofs.")
		}
	}
	checked, err := v.bundle.Verify(trust, now)
	if err != nil {
		v.fail("request", bundlePath, err)
		return
	}
	v.checked = checked
	if checked.FirstUse {
		v.add(Warn, "first_use_key", bundlePath, "No key was pinned, so the exchange's key was taken from the package itself. Compare it with the one that the exchange's oversight body publishes: %s", v.bundle.Verifier)
	} else {
		v.add(OK, "pinned_key", bundlePath, "The public record is that of the exchange whose key you pinned, %s.", checked.Exchange.Origin)
	}
	if checked.Fictional {
		v.add(Warn, "fictional_exchange", bundlePath, "The exchange is fictional: a demonstration or a test. No true agency stands behind it.")
	}
	v.add(OK, "request_published", bundlePath, "The request %s was published by %s on %s as entry %d of the public record, in these very words.", checked.ID.Short(), checked.Agency.Name, at(checked.PublishedAt), checked.LogIndex)
	who := "Two persons of the agency signed it: officer and supervisor."
	for _, s := range checked.Signers {
		if s.Lent != "" {
			who = fmt.Sprintf("Two persons signed it: an officer of the agency, and a supervisor whom %s lent to it.", s.Lent)
		}
	}
	v.add(OK, "request_signed", bundlePath, "%s", who)
	if checked.Suspended {
		v.add(Warn, "agency_suspended", bundlePath, "The agency is suspended.")
	}
	if checked.Status == footage.StatusWithdrawn {
		v.add(Warn, "request_withdrawn", bundlePath, "The agency withdrew the request later.")
	}
}

// binding checks that manifest and request belong together.
func (v *verdict) binding() {
	known := slices.ContainsFunc(v.checked.Epochs, func(e footage.Epoch) bool { return e.Number == v.m.Epoch })
	if v.m.Request != v.checked.ID || v.m.Agency != v.checked.Agency.ID || !v.checked.Exchange.Was(v.m.Exchange) || !known {
		v.add(Fail, "manifest_binding", manifestPath, "The clips were given for another request, agency, exchange or key.")
		return
	}
	v.add(OK, "manifest_binding", manifestPath, "The clips were given for this request and sealed to key %d of this agency.", v.m.Epoch)
}

// receipts checks the receipt's signature and that it names the clips that the manifest names.
func (v *verdict) receipts() {
	r := v.receipt
	if err := r.Verify(v.checked.ReceiptKey); err != nil || r.Type != footage.ReceiptType {
		v.add(Fail, "receipt_signature", receiptPath, "The receipt does not bear the exchange's signature.")
		return
	}
	same := len(r.Clips) == len(v.m.Clips) && r.Request == v.m.Request && r.Agency == v.m.Agency && r.Epoch == v.m.Epoch && r.Exchange == v.m.Exchange
	for _, clip := range v.m.Clips {
		same = same && slices.Contains(r.Clips, footage.SealedClip{ID: clip.ID, Size: clip.Sealed.Size, Digest: clip.Sealed.Digest})
	}
	if !same {
		v.add(Fail, "receipt_binding", receiptPath, "The receipt is for other clips, or for another request, than the manifest.")
		return
	}
	v.add(OK, "receipt", receiptPath, "The exchange confirmed on %s that it held these %d sealed clips, whole.", at(r.Committed), len(r.Clips))
}

// strays looks for files that no part of the package accounts for.
func (v *verdict) strays(c content) {
	belongs := map[string]bool{manifestPath: true, custodyPath: true, receiptPath: true, packagePath: true, consentPath: true,
		termsPath: true, termsJSONPath: true, reportPath: true, certificatePath: true}
	for name := range requestFiles(v.bundle) {
		belongs[name] = true
	}
	for i, clip := range v.m.Clips {
		belongs[clipFolder+payloadName(clip, i, v.info.Neutral)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.sums)) {
		if isPayload(name) && !belongs[name] {
			v.add(Fail, "bag_extra", name, "The package holds a file that nothing in it accounts for.")
		}
	}
}

// fail records an error as a failing finding, with the error's own code when it has one.
func (v *verdict) fail(code, about string, err error) {
	var own *footage.Error
	if errors.As(err, &own) && own.Code != "" {
		code = own.Code
	}
	v.add(Fail, code, about, "%s", sentence(err))
}

// sentence returns what an error says to people, without the words of those who passed it on.
func sentence(err error) string {
	var own *footage.Error
	if errors.As(err, &own) {
		return own.Error()
	}
	return strings.TrimSuffix(err.Error(), ".") + "."
}

// refusal turns failing findings into one error that lists them.
func (v verdict) refusal() error {
	if !v.Failed() {
		return nil
	}
	err := footage.Coded(footage.Untrusted, "package_untrusted", "The package would not hold up when it is checked.")
	for _, x := range v.Findings {
		if x.Level == Fail {
			err.Reasons = append(err.Reasons, footage.Reason{Code: x.Code, Msg: x.Text})
		}
	}
	return err
}

// at writes a time for people.
func at(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") }
