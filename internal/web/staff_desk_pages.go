package web

import (
	"html/template"
	"net/http"
	"slices"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// deskPages adds the pages in which custodians open clips, and what their script asks for: the calls of the desk's program, under
// the browser's sign-in. All of it is there only for agencies that have turned it on.
func (s *server) deskPages(handle func(string, handler)) {
	handle("GET /staff/desk", s.atDesk(func(w http.ResponseWriter, v *visitor) error {
		page, err := s.deskInbox(v)
		if err != nil {
			return err
		}
		return s.render(w, v, http.StatusOK, page)
	}))
	handle("GET /staff/desk/frame", s.atDesk(s.deskFrame))
	handle("GET /staff/desk/keys", s.atDesk(func(w http.ResponseWriter, v *visitor) error {
		all, err := s.x.AgencyKeys(v.Context(), v.who())
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, all)
	}))
	handle("GET /staff/desk/shares/{id}", s.atDesk(s.deskShare))
	handle("GET /staff/desk/shares/{id}/delivery", s.atDesk(func(w http.ResponseWriter, v *visitor) error {
		d, err := s.x.Delivery(v.Context(), v.who(), shareOf(v.Request))
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, d)
	}))
	handle("GET /staff/desk/shares/{id}/clips/{clip}", s.atDesk(func(w http.ResponseWriter, v *visitor) error { return s.sendClip(w, v.Request, v.who()) }))
	handle("POST /staff/desk/shares/{id}/events", s.atDesk(s.deskEvent))
	handle("POST /staff/desk/shares/{id}/messages", s.atDesk(s.deskAsk))
}

// atDesk runs a handler for custodians of agencies that open clips in pages of the exchange.
func (s *server) atDesk(do func(w http.ResponseWriter, v *visitor) error) handler {
	return s.visited(func(w http.ResponseWriter, v *visitor) error {
		if err := s.x.DeskOpen(v.Context(), v.who()); err != nil {
			return err
		}
		return do(w, v)
	}, footage.Custodian)
}

func (s *server) deskInbox(v *visitor) (ui.Page, error) {
	all, err := s.x.Inbox(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	requests, err := s.x.AgencyRequests(v.Context(), v.who())
	if err != nil {
		return nil, err
	}
	page := ui.StaffDeskPage{Visit: v.visit}
	for _, q := range requests {
		row := ui.DeskRequest{ID: q.ID, Document: q.Document}
		for _, item := range all {
			if item.Request == q.ID {
				row.Shares = append(row.Shares, ui.DeskItem{InboxItem: item})
			}
		}
		if len(row.Shares) > 0 {
			page.Requests = append(page.Requests, row)
		}
	}
	return page, nil
}

// deskShare answers with the page of one share. The share itself is fetched by the page's script, once it is unlocked.
func (s *server) deskShare(w http.ResponseWriter, v *visitor) error {
	d, err := s.x.Delivery(v.Context(), v.who(), shareOf(v.Request))
	if err != nil {
		return err
	}
	requests, err := s.x.AgencyRequests(v.Context(), v.who())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(requests, func(q api.AgencyRequest) bool { return q.ID == d.Request })
	if i < 0 {
		return footage.E(footage.NotFound, "Your agency has no such share. It may have been withdrawn.")
	}
	setting, err := s.deskSetting(v, d.Share, requests[i].Document.Zone)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", ui.StaffDeskPolicy(v.visit.Nonce))
	return s.render(w, v, http.StatusOK, ui.NewStaffDeskSharePage(v.visit, requests[i].Document, ui.DeskItem{InboxItem: d.InboxItem}, setting))
}

// deskSetting is what the page's script is told.
func (s *server) deskSetting(v *visitor, share footage.ShareID, zone string) (ui.StaffDeskSetting, error) {
	out := ui.StaffDeskSetting{Share: share, Agency: v.visit.Person.Agency, Person: v.who(), Passkeys: []string{}, Zone: zone, Frame: "/staff/desk/frame"}
	devices, err := s.x.Devices(v.Context(), v.who())
	if err != nil {
		return out, err
	}
	for _, d := range devices {
		if !d.Revoked && !d.Pending {
			out.Passkeys = append(out.Passkeys, d.ID)
		}
	}
	for _, lang := range []string{"en", "es"} {
		_, ref, err := evidence.ConsentText(evidence.CurrentVersion, lang)
		if err != nil {
			return out, err
		}
		out.Consents = append(out.Consents, ref)
	}
	_, out.Terms, err = evidence.TermsJSON(evidence.CurrentVersion)
	return out, err
}

func (s *server) deskEvent(w http.ResponseWriter, v *visitor) error {
	in, err := read[footage.Event](w, v.Request, maxBody)
	if err != nil {
		return err
	}
	if in.Share != shareOf(v.Request) {
		return footage.E(footage.Invalid, "The event is of another share than the address says.")
	}
	if err := s.x.RecordEvent(v.Context(), v.who(), in); err != nil {
		return err
	}
	return write(w, http.StatusOK, none{})
}

func (s *server) deskAsk(w http.ResponseWriter, v *visitor) error {
	in, err := read[api.Reply](w, v.Request, maxBody)
	if err != nil {
		return err
	}
	sent, err := s.x.Ask(v.Context(), v.who(), shareOf(v.Request), in.Body)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, sent)
}

// frameTemplate is the document in which a clip is shown. A clip is a stranger's file: the document has an origin of its own, its
// script plays the file that the page hands it, and neither can reach the page or the network.
const frameTemplate = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head><meta charset="utf-8"><title>Porchlight</title>
<style nonce="{{.Nonce}}">html, body { height: 100%; margin: 0; background: #000; color: #fff; } video, img { width: 100%; height: 100%; object-fit: contain; } video:not([hidden]), img:not([hidden]) { display: block; }</style></head>
<body><video controls preload="auto" hidden></video><img alt="" hidden>
<script nonce="{{.Nonce}}" src="{{.Script}}"></script></body>
</html>
`

func (s *server) deskFrame(w http.ResponseWriter, v *visitor) error {
	page, err := template.New("frame").Parse(frameTemplate)
	if err != nil {
		return err
	}
	origin, nonce := s.x.Info().RP.Origin, v.visit.Nonce
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", ui.DeskFramePolicy(nonce, origin))
	return page.Execute(w, map[string]any{"Lang": v.lang, "Nonce": nonce, "Script": origin + s.pages.AssetPath("deskframe.js")})
}
