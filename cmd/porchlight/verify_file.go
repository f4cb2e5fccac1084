package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// provenEntry is an entry of the public record with its proof, as /data/entry/N.json gives it.
type provenEntry struct {
	Entry json.RawMessage `json:"entry"`
	Proof json.RawMessage `json:"proof"`
}

// verifyFile checks a request with its proofs, or an entry with its proof.
func verifyFile(e env, path, verifier, config string, asJSON bool) error {
	raw, err := readUpTo(path, evidence.MaxBundle)
	if err != nil {
		return err
	}
	var entry provenEntry
	if json.Unmarshal(raw, &entry) == nil && entry.Entry != nil && entry.Proof != nil {
		return verifyEntry(e, entry, verifier, config, asJSON)
	}
	if w, err := evidence.ParseWithheld(raw); err == nil {
		return verifyWithheld(e, w, verifier, config, asJSON)
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return fmt.Errorf("%w (%w)", footage.E(footage.Invalid, path+" is neither a request with its proofs nor an entry of the record with its proof. "+
			"Fetch the first from /v1/requests/ID and the second from /data/entry/N.json of the exchange."), err)
	}
	if verifier == "" {
		if verifier, err = pinnedForNote(b.Checkpoint, config); err != nil {
			return err
		}
	}
	c, err := b.Verify(evidence.Trust{Verifier: verifier}, time.Now())
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(e.stdout, newRequestVerdict(b, c, verifier != ""))
	}
	printRequest(e.stdout, b, c, verifier != "")
	return nil
}

// withheldVerdict is what the tombstone of a withheld text shows, as JSON.
type withheldVerdict struct {
	Holds     bool              `json:"holds"`
	KeyKnown  bool              `json:"key_known"`
	Request   footage.RequestID `json:"request"`
	Agency    footage.AgencyID  `json:"agency"`
	Authority footage.Authority `json:"authority"`
	Since     time.Time         `json:"withheld_since"`
	Entry     int64             `json:"entry"`
	Origin    string            `json:"origin"`
}

// verifyWithheld checks what an exchange gives in the place of a text that is withheld.
func verifyWithheld(e env, w evidence.Withheld, verifier, config string, asJSON bool) (err error) {
	if verifier == "" {
		if verifier, err = pinnedForNote(w.Checkpoint, config); err != nil {
			return err
		}
	}
	c, err := w.Verify(evidence.Trust{Verifier: verifier}, time.Now())
	if err != nil {
		return err
	}
	t := c.Withheld
	if asJSON {
		return printJSON(e.stdout, withheldVerdict{true, verifier != "", c.ID, c.Agency.ID, t.Withholding.Authority, t.At, t.LogIndex, c.Exchange.Origin})
	}
	fmt.Fprintf(e.stdout, "ok    The request %s of %s was published on %s.\n", c.ID, plainLine(c.Agency.Name), c.PublishedAt.UTC().Format(time.RFC3339))
	fmt.Fprintf(e.stdout, "ok    Its text is withheld since %s (%s): two people of the exchange have signed for it, in entry %d of %s.\n",
		t.At.UTC().Format(time.RFC3339), t.Withholding.Authority, t.LogIndex, plainLine(c.Exchange.Origin))
	sayWhoseKey(e.stdout, verifier != "")
	return nil
}

func readUpTo(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = footage.E(footage.TooLarge, path+" is larger than any request with its proofs.")
	}
	return raw, err
}

// requestVerdict is what a request's proofs show, as JSON.
type requestVerdict struct {
	Holds    bool              `json:"holds"`
	KeyKnown bool              `json:"key_known"` // the exchange's key did not come with the file
	Request  footage.RequestID `json:"request"`
	Agency   footage.AgencyID  `json:"agency"`
	Name     string            `json:"agency_name"`
	Code     string            `json:"code"`
	Title    string            `json:"title"`
	Entries  []int64           `json:"entries"`
	Origin   string            `json:"origin"`
	Size     int64             `json:"size"`
}

func newRequestVerdict(b evidence.Bundle, c evidence.Checked, known bool) requestVerdict {
	d := b.Record.Document
	v := requestVerdict{Holds: true, KeyKnown: known, Request: c.ID, Agency: d.Agency, Name: d.AgencyName, Code: d.Code, Title: d.Title, Origin: c.Exchange.Origin, Size: c.LogSize}
	for _, p := range b.Entries {
		v.Entries = append(v.Entries, p.Index)
	}
	return v
}

func printRequest(w io.Writer, b evidence.Bundle, c evidence.Checked, known bool) {
	d, v := b.Record.Document, newRequestVerdict(b, c, known)
	fmt.Fprintf(w, "ok    The request %s is in the public record of %s, which holds %d entries.\n", v.Request, plainLine(v.Origin), v.Size)
	fmt.Fprintf(w, "ok    Its text was not changed since two persons of the agency signed it.\n\n")
	for _, line := range [][2]string{{"Asked by", d.AgencyName + " (" + string(d.Agency) + ")"}, {"Investigation", d.Code}, {"Offence", d.Offence}, {"Title", d.Title},
		{"Footage from", d.Window.From.UTC().Format(time.RFC3339) + " to " + d.Window.To.UTC().Format(time.RFC3339)}, {"Updates", fmt.Sprint(len(b.Updates))}} {
		fmt.Fprintf(w, "  %-14s %s\n", line[0], plainLine(line[1]))
	}
	fmt.Fprintln(w, "\nEntries of the record that show it:")
	for _, p := range b.Entries {
		fmt.Fprintf(w, "  %6d  %s  %s\n", p.Index, p.Entry.At.UTC().Format(time.RFC3339), plainLine(string(p.Entry.Kind)))
	}
	sayWhoseKey(w, known)
}

func sayWhoseKey(w io.Writer, known bool) {
	if known {
		fmt.Fprintln(w, "\nThe exchange's key is the one that you pinned or gave.")
		return
	}
	fmt.Fprintln(w, "\nnote  The exchange's key came with the file, so that nothing shows that it is the right exchange. Compare it with one that you\n"+
		"      got in another way, and give it with --verifier or pin it with 'porchlight trust'.")
}

// verifyEntry checks one entry with its proof. It needs the key: a proof does not bring one.
func verifyEntry(e env, p provenEntry, verifier, config string, asJSON bool) error {
	proof, err := ledger.ParseInclusion(p.Proof)
	if err != nil {
		return err
	}
	if verifier == "" {
		if verifier, err = pinnedForNote(proof.Checkpoint, config); err != nil {
			return err
		}
	}
	if strings.TrimSpace(verifier) == "" {
		return footage.Coded(footage.Invalid, "no_key", "The proof of one entry brings no key of the exchange. Give it with --verifier, or pin it with 'porchlight trust'.")
	}
	raw, err := footage.Canonicalize(p.Entry)
	if err != nil {
		return err
	}
	c, err := proof.Verify(raw, verifier)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(e.stdout, map[string]any{"holds": true, "index": proof.Index, "size": c.Size, "origin": c.Origin, "entry": json.RawMessage(raw)})
	}
	fmt.Fprintf(e.stdout, "ok    Entry %d stands in the public record of %s, which holds %d entries.\n\n", proof.Index, plainLine(c.Origin), c.Size)
	entry, err := ledger.DecodeEntry(raw)
	if err != nil && !errors.Is(err, footage.Unsupported) {
		return err
	}
	fmt.Fprintf(e.stdout, "  %s  %s\n  %s\n", entry.At.UTC().Format(time.RFC3339), plainLine(string(entry.Kind)), plainLine(string(raw)))
	sayWhoseKey(e.stdout, true)
	return nil
}
