package deskweb

import (
	"slices"
	"strings"

	"porchlight.example/internal/api"
	"porchlight.example/internal/desk"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
	uitext "porchlight.example/ui/text"
)

// keyRoutes adds the pages of the agency's keys (decisions 6 and 7 of the plan: epochs, wrapped for each custodian).
func (s *Server) keyRoutes(handle func(string, handler)) {
	handle("GET /keys", s.show(func(v *visitor) (ui.Page, error) { return s.keysPage(v, "", ui.Sent{}) }))
	for name, do := range map[string]deed{"new": s.newKey, "add": s.addDevice, "let": s.letIn, "rotate": s.rotate, "recover": s.recover} {
		handle("POST /keys/"+name, s.act(do, func(v *visitor, sent ui.Sent) (ui.Page, error) { return s.keysPage(v, name, sent) }))
	}
	handle("GET /keys/sheets/{sheet}", s.show(s.sheetPage))
	handle("POST /keys/sheets/{sheet}/remove", s.act(s.removeSheet, nil))
}

func (s *Server) keysPage(v *visitor, form string, sent ui.Sent) (ui.Page, error) {
	keys, err := s.d.Keys(v.Context())
	if err != nil {
		return nil, err
	}
	sheets, err := s.d.Sheets()
	if err != nil {
		return nil, err
	}
	page := ui.DeskKeysPage{DeskVisit: v.visit, Warnings: keys.Warnings, Changes: keys.Waiting}
	for _, sheet := range sheets {
		one := ui.DeskSheet{Fingerprint: sheet.Fingerprint}
		for _, e := range keys.Epochs {
			if e.Fingerprint == sheet.Fingerprint {
				one.Epoch = e.Number
			}
		}
		for _, k := range keys.Waiting {
			if one.Epoch == 0 && k.Use == footage.KeyEpoch {
				one.Epoch = k.Epoch // which nothing but its number is known of until it counts
			}
		}
		page.Sheets = append(page.Sheets, one)
	}
	var newest []footage.CustodianKey
	for _, e := range keys.Epochs {
		page.Epochs = append(page.Epochs, ui.DeskEpoch{Number: e.Number, Fingerprint: e.Fingerprint, Opened: e.Opened, Devices: len(e.Custodians), Openable: e.Openable})
		newest = e.Custodians
	}
	for _, d := range keys.Devices {
		holds := slices.ContainsFunc(newest, func(c footage.CustodianKey) bool { return c.ID == d.ID && c.Key == d.SignKey })
		page.Devices = append(page.Devices, ui.DeskDevice{ID: d.ID, Fingerprint: d.Fingerprint, This: d.This, Compared: d.Compared, Disabled: d.Disabled, Holds: holds})
	}
	return ui.NewDeskKeysPage(page, form, sent), nil
}

// newKey makes the agency's first key. Its recovery sheet waits in the desk's folder until it is printed.
func (s *Server) newKey(v *visitor) (done, error) {
	return s.withSheet(func(keep desk.Keep) error {
		_, err := s.d.NewKey(v.Context(), keep)
		return err
	})
}

// rotate starts a new key without the machines that are ticked; those that stay must have been compared, now or before.
func (s *Server) rotate(v *visitor) (done, error) {
	var without []footage.CustodianID
	for _, id := range v.PostForm["without"] {
		without = append(without, footage.CustodianID(id))
	}
	compared := func(d desk.Device) (bool, error) { return slices.Contains(v.PostForm["compared"], string(d.ID)), nil }
	return s.withSheet(func(keep desk.Keep) error {
		_, err := s.d.Rotate(v.Context(), desk.Rotation{Without: without, Compare: compared, Keep: keep})
		return err
	})
}

// withSheet makes a key whose sheet is kept here, and leads to the sheet.
func (s *Server) withSheet(do func(desk.Keep) error) (done, error) {
	var kept string
	err := do(func(sheet desk.Sheet) error {
		kept = sheet.Fingerprint
		return s.d.KeepHere(sheet)
	})
	return done{path: "/keys/sheets/" + kept, say: "desk.done.epoch"}, err
}

func (s *Server) addDevice(v *visitor) (done, error) {
	_, err := s.d.AddDevice(v.Context())
	return done{path: "/keys", say: "desk.done.added"}, err
}

func (s *Server) letIn(v *visitor) (done, error) {
	changes, err := s.d.AddCustodian(v.Context(), footage.CustodianID(v.PostFormValue("device")), strings.ToLower(strings.TrimSpace(v.PostFormValue("fingerprint"))))
	say := uitext.Key("desk.done.letin")
	if slices.ContainsFunc(changes, waits) {
		say = "desk.done.waits"
	}
	return done{path: "/keys", say: say}, err
}

func (s *Server) recover(v *visitor) (done, error) {
	change, err := s.d.Recover(v.Context(), v.PostFormValue("sheet"))
	say := uitext.Key("desk.done.recovered")
	if waits(change) {
		say = "desk.done.waits"
	}
	return done{path: "/keys", say: say}, err
}

// waits reports whether a change of keys does not count yet.
func waits(k api.KeyChange) bool { return k.State != api.KeyCounts }

func (s *Server) sheetPage(v *visitor) (ui.Page, error) {
	all, err := s.d.Sheets()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(x desk.Sheet) bool { return x.Fingerprint == v.PathValue("sheet") })
	if i < 0 {
		return nil, footage.E(footage.NotFound, "There is no such recovery sheet here. It may have been removed after printing.")
	}
	return ui.DeskSheetPage{DeskVisit: v.visit, Fingerprint: all[i].Fingerprint, Sheet: all[i].Text}, nil
}

func (s *Server) removeSheet(v *visitor) (done, error) {
	return done{path: "/keys", say: "desk.done.removed"}, s.d.RemoveSheet(v.PathValue("sheet"))
}
