package audit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// figuresPath is where the sums over the record lie that pages, journalists and councils read.
const figuresPath = "data/figures.json"

// cell names one sum of the open data (doc/formats.md 28): entries of a kind about an agency in a month, with a state and a
// reason.
type cell struct {
	Month  string `json:"month"`
	Agency string `json:"agency"`
	Kind   string `json:"kind"`
	State  string `json:"state"`
	Reason string `json:"reason"`
}

func (c cell) String() string {
	return strings.Join(slices.DeleteFunc([]string{c.Month, c.Agency, c.Kind, c.State, c.Reason}, func(s string) bool { return s == "" }), ", ")
}

// figures are the sums that the entries come to, by their members and not by a list of kinds: a kind that is new is counted.
type figures struct {
	sums   map[cell]int64
	recent []counted                   // of the newest entries, which the published sums may lack yet
	owners map[string]footage.AgencyID // to whom belongs what entries name, requests aside
}

type counted struct {
	cell
	at time.Time
}

func newFigures() figures {
	return figures{sums: map[cell]int64{}, owners: map[string]footage.AgencyID{}}
}

// figured counts an entry.
func (a *Auditor) figured(e ledger.Entry) {
	w := &a.world
	in := membersOf(e.Data)
	c := cell{Month: e.At.UTC().Format("2006-01"), Agency: string(w.ownerOf(in)), Kind: string(e.Kind), State: in.first("outcome", "status", "kind", "decision", "answer", "change")}
	reasons := in.reasons()
	if len(reasons) == 0 {
		reasons = []string{""}
	}
	for len(w.figures.recent) > 0 && w.figures.recent[0].at.Before(a.cfg.Now().Add(-a.cfg.Slack)) {
		w.figures.recent = w.figures.recent[1:]
	}
	for _, c.Reason = range reasons {
		w.figures.sums[c]++
		if a.cfg.Now().Sub(e.At) <= a.cfg.Slack {
			w.figures.recent = append(w.figures.recent, counted{c, e.At})
		}
	}
}

// ownerOf returns the agency that an entry is about: by ID, as a description, or by what belongs to it.
func (w *world) ownerOf(in members) footage.AgencyID {
	about := in.subject()
	for _, id := range []string{in.text("agency"), in.inside("agency").text("id"), in.inside("epoch").text("agency")} {
		if agency := footage.AgencyID(id); agency.Valid() {
			if about != "" && w.requests.of(footage.RequestID(about)) == nil {
				w.figures.owners[about] = agency
			}
			return agency
		}
	}
	if r := w.requests.of(footage.RequestID(about)); r != nil {
		return r.as
	}
	return w.figures.owners[about]
}

// published compares the sums that the exchange shows with those of the entries.
func (a *Auditor) publishedFigures(ctx context.Context) error {
	before := a.world.figures.settled()
	raw, err := a.get(ctx, figuresPath, maxAsset)
	if errors.Is(err, footage.NotFound) {
		a.find("figures_missing", figuresPath, "The exchange does not show the figures of its record.")
		return nil
	}
	if err != nil {
		return err
	}
	var table struct {
		Rows []struct {
			cell
			Count int64 `json:"count"`
		}
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		a.find("figures_malformed", figuresPath, "The figures that the exchange shows cannot be read: %v", err)
		return nil
	}
	if err := a.onceMore(ctx); err != nil { // what came meanwhile may be counted
		return err
	}
	for _, row := range table.Rows {
		a.compareFigure(row.cell, row.Count, before[row.cell])
		delete(before, row.cell)
	}
	for c, n := range before {
		a.compareFigure(c, 0, n)
	}
	return nil
}

// settled returns the sums without what is so new that the published ones may lack it.
func (f figures) settled() map[cell]int64 {
	sums := make(map[cell]int64, len(f.sums))
	for c, n := range f.sums {
		sums[c] = n
	}
	for _, r := range f.recent {
		sums[r.cell]--
	}
	return sums
}

func (a *Auditor) compareFigure(c cell, shown, least int64) {
	if most := a.world.figures.sums[c]; shown < least || shown > most {
		a.find("figures_wrong", figuresPath+": "+c.String(), "The figures that the exchange shows say %d for \"%s\", its record comes to %d.", shown, c, most)
	}
}
