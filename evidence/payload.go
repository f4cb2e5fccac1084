package evidence

import (
	"fmt"

	"porchlight.example/internal/footage"
)

// Where the parts of a package lie in its bag.
const (
	clipFolder      = "data/clips/"
	manifestPath    = "data/manifest.json"
	custodyPath     = "data/custody.json"
	receiptPath     = "data/receipt.json"
	packagePath     = "data/package.json"
	documentPath    = "data/request/document.json" // its SHA-256 is the request's ID
	recordPath      = "data/request/record.json"
	bundlePath      = "data/request/bundle.json"
	consentPath     = "data/consent.txt"
	termsPath       = "data/terms.txt"
	termsJSONPath   = "data/terms.json"
	reportPath      = "data/report.html"
	certificatePath = "data/certificate-draft.txt"
)

func updatePath(i int) string { return fmt.Sprintf("data/request/update-%02d.json", i+1) }

// payloadFiles returns the papers of a package that do not depend on the outcome of the checks.
func payloadFiles(p Package, m Manifest) (map[string][]byte, error) {
	files := map[string][]byte{manifestPath: p.Manifest}
	p.Custody.Type = CustodyType
	if err := encodeInto(files, map[string]any{custodyPath: p.Custody, receiptPath: p.Receipt, packagePath: p.Info}); err != nil {
		return nil, err
	}
	if err := encodeInto(files, requestFiles(p.Bundle)); err != nil {
		return nil, err
	}
	consent, _, err := ConsentText(m.Consent.Version, m.Consent.Language)
	if err != nil {
		return nil, err
	}
	terms, _, err := TermsText(m.Terms.Version, m.Consent.Language)
	if err != nil {
		return nil, err
	}
	files[consentPath], files[termsPath] = []byte(consent), []byte(terms)
	files[termsJSONPath], _, err = TermsJSON(m.Terms.Version)
	return files, err
}

// requestFiles returns the request's papers. All are also inside the bundle; apart, a person finds and hashes them.
func requestFiles(b Bundle) map[string]any {
	files := map[string]any{documentPath: b.Record.Document, recordPath: b.Record, bundlePath: b}
	for i, u := range b.Updates {
		files[updatePath(i)] = u
	}
	return files
}

func encodeInto(files map[string][]byte, values map[string]any) error {
	for name, v := range values {
		b, err := footage.Canonical(v)
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		files[name] = b
	}
	return nil
}
