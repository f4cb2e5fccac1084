package story

import (
	"net/url"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/ui"
)

// deskVisit is a custodian at her own machine.
func deskVisit() ui.DeskVisit {
	police := town.Agencies()[0]
	return ui.DeskVisit{Nonce: "c3Rvcnlub25jZQ", Person: footage.Person{ID: "p-3v8k1m5t9x2c7f0g4h6j1n8q2r", Name: "Priya Raman", Roles: []footage.Role{footage.Custodian}, Agency: police.ID},
		Body: police.Name, Exchange: "https://exchange.lantern-county.example", Pinned: true, Shortcuts: true}
}

// deskItem is a share of the inbox in a state.
func deskItem(id string, state footage.ShareState, clips int) api.InboxItem {
	item := api.InboxItem{Share: footage.ShareID("s-" + id + "8k1m5t9x2c7f0g4h6j1n8q2"), State: state, Released: Now().Add(-3 * time.Hour), EraseBy: Now().AddDate(0, 0, 7)}
	for range clips {
		item.Clips = append(item.Clips, footage.SealedClip{Size: 48_300_000})
	}
	return item
}

func deskStories() []Story {
	v := deskVisit()
	unpinned, nobody := v, ui.DeskVisit{Nonce: v.Nonce}
	unpinned.Pinned, unpinned.Shortcuts = false, false
	all, _ := Requests("en") // the town's own, which can be made
	asked, answered := deskItem("4ab", footage.SharePickedUp, 1), deskItem("4ac", footage.ShareReleased, 2)
	asked.Recalled, answered.Messages = true, 1
	board := []ui.DeskRequest{
		{ID: all[0].ID, Document: all[0].Record.Document, Shares: []ui.DeskItem{{InboxItem: deskItem("4aa", footage.ShareReleased, 1)}, {InboxItem: answered}, {InboxItem: asked}}},
		{ID: all[1].ID, Document: all[1].Record.Document, Shares: []ui.DeskItem{{InboxItem: deskItem("4ad", footage.ShareErased, 3)}}},
	}
	wrong := refused(nil, footage.Reason{Code: "desk_code"})
	return append(deskShareStories(v, all[0].Record.Document), []Story{
		{"/enter", "desk enter", ui.NewDeskEnterPage(nobody, ui.Sent{})},
		{"/enter-refused", "desk enter STATE refused", ui.NewDeskEnterPage(nobody, wrong)},
		{"/desk", "desk inbox", ui.DeskInboxPage{DeskVisit: v, Requests: board}},
		{"/desk-empty", "desk inbox STATE empty", ui.DeskInboxPage{DeskVisit: unpinned}},
		{"/keys", "desk keys", deskKeys(v)},
		{"/keys-none", "desk keys STATE none", ui.NewDeskKeysPage(ui.DeskKeysPage{DeskVisit: v}, "", ui.Sent{})},
		{"/keys/sheets/1a2b-3c4d-5e6f-7g8h", "desk sheet", ui.DeskSheetPage{DeskVisit: v, Fingerprint: "1a2b-3c4d-5e6f-7g8h", Sheet: "PORCHLIGHT RECOVERY SHEET\n\nAgency       Maplewood Landing Police Department\nEpoch        2\nFingerprint  1a2b-3c4d-5e6f-7g8h\n\n 1  AGES-ECRE-TKEY-PQ1Q-0000  57\n 2  0000-0000-0000-0000-0000  11"}},
		{"/signin", "desk sign-in", ui.DeskSigninPage{DeskVisit: v, Failed: []footage.Reason{{Code: "device_login", Msg: "The code was not typed in time."}}}},
		{"/signin-code", "desk sign-in STATE code", ui.DeskSigninPage{DeskVisit: v, Code: "BCDF-GHJK", Page: "https://exchange.lantern-county.example/staff/device"}},
		{"/help", "desk help", ui.DeskHelpPage{DeskVisit: v}},
		{"/desk-error", "desk error STATE", ui.DeskErrorPage{DeskVisit: v, ErrorPage: ui.ErrorPage{Status: 401, Msg: "You are not signed in."}, SignIn: true}},
	}...)
}

// deskShareStories are a share in the steps that the desk takes it through.
func deskShareStories(v ui.DeskVisit, d footage.Document) []Story {
	fresh := ui.DeskSharePage{DeskVisit: v, Request: d, Share: api.Delivery{InboxItem: deskItem("4aa", footage.ShareReleased, 2)}, Names: map[string]string{"k-1": "Priya Raman"}}
	fresh.Share.Events = deskEvents(footage.EventCommitted, footage.EventReleased)
	busy := fresh
	busy.Work = ui.DeskWork{What: "desk.work.fetch", Done: 31_400_000, Total: 96_600_000}
	opened := fresh
	opened.Opened, opened.Held, opened.Manifest = true, true, deskManifest(d)
	opened.Share.State = footage.SharePickedUp
	opened.Share.Events = deskEvents(footage.EventCommitted, footage.EventReleased, footage.EventPickedUp, footage.EventOpened, footage.EventVerified)
	opened.Findings = deskFindings(opened.Manifest)
	opened.Talk = []ui.DeskWords{{From: footage.PartyAgency, At: Now().Add(-time.Hour), Text: "Which way does the camera look?"}, {From: footage.PartyResident, At: Now(), Text: "To the north."},
		{From: footage.PartyResident, At: Now(), Problem: "This message was not written by whom it names. Do not rely on it."}}
	broken := opened
	broken.Findings = append(evidence.Findings{{Code: "clip_hash", Level: evidence.Fail, Text: "The clip is not the one that was sent: its length or its hash differs from the manifest."}}, opened.Findings...)
	broken.Share.Recalled = true
	exported := opened
	exported.Share.Events = append(exported.Share.Events, deskEvents(footage.EventAccepted, footage.EventExported)...)
	exported.Packages = []ui.DeskPackage{{Folder: "/home/priya/.config/porchlight/desk/packages/s-4aa8k1m5t9x2c7f0g4h6j1n8q2", SHA256: footage.Hash([]byte("package")), Number: 1}}
	badSent := refused(url.Values{"why": {"No."}}, footage.Reason{Code: "decline_reason", Msg: "Give a reason: not_relevant, outside_window, unreadable, duplicate or other."})
	var out []Story
	for _, s := range []struct {
		path, name string
		page       ui.DeskSharePage
	}{
		{"/shares/new", "desk share", fresh}, {"/shares/busy", "desk share STATE busy", busy}, {"/shares/opened", "desk share STATE opened", opened},
		{"/shares/exported", "desk share STATE exported", exported},
	} {
		out = append(out, Story{s.path, s.name, ui.NewDeskSharePage(s.page, "", ui.Sent{})})
	}
	return append(out, Story{"/shares/broken", "desk share STATE broken", ui.NewDeskSharePage(broken, "decline", badSent)})
}

func deskEvents(kinds ...footage.EventKind) (out []footage.Event) {
	for i, kind := range kinds {
		e := footage.Event{At: Now().Add(time.Duration(i-9) * 11 * time.Minute), Kind: kind, Party: footage.PartyAgency, Signer: "k-1"}
		if kind == footage.EventCommitted || kind == footage.EventReleased {
			e.Party, e.Signer = footage.PartyExchange, "exchange"
		}
		if kind == footage.EventVerified {
			e.Detail = map[string]string{evidence.DetailFindings: "ok=12 warn=6 fail=0"}
		}
		if kind == footage.EventExported {
			e.Detail = map[string]string{evidence.DetailPackage: footage.Hash([]byte("package"))}
		}
		out = append(out, e)
	}
	return out
}

func deskManifest(d footage.Document) evidence.Manifest {
	from, to := d.Window.From.Add(20*time.Minute), d.Window.From.Add(23*time.Minute)
	m := evidence.Manifest{Pseudonym: "amber heron", Message: "The van is the second one from the left.\nMy gate is not locked, please ring.", Prepared: Now().Add(-5 * time.Hour),
		Consent: evidence.TextRef{Version: evidence.CurrentVersion, Language: "es"}, Terms: evidence.TextRef{Version: evidence.CurrentVersion}}
	m.Clips = []evidence.Clip{
		{Name: "clip-01.mkv", MediaType: "video/x-matroska", Size: 47_012_345, SHA256: footage.Hash([]byte("one")), Capture: evidence.Capture{From: &from, To: &to, Source: evidence.FromContainer, Offset: 47},
			Edits: []evidence.Edit{{Code: evidence.EditTrimmed, What: "cut to 20:02:10-20:05:10"}, {Code: evidence.EditMuted, What: "sound removed"}}, Kept: []string{"maker's name"}},
		{Name: "clip-02.jpg", MediaType: "image/jpeg", Size: 2_300_000, SHA256: footage.Hash([]byte("two")), Capture: evidence.Capture{Source: evidence.FromOwner}, Original: evidence.Original{Sent: true}},
	}
	return m
}

func deskFindings(m evidence.Manifest) evidence.Findings {
	out := evidence.Findings{{Code: "pinned_key", Level: evidence.OK, Text: "The exchange's key is the pinned one."},
		{Code: "capture_window", Level: evidence.OK, Text: "By its stated time the clip touches the window that was asked for. Nobody has verified that time."},
		{Code: "clip_derived", Level: evidence.Warn, Text: "The clip is a copy made for sending (2 changes are listed)."}}
	for _, c := range m.Clips {
		for _, r := range evidence.Ladder(evidence.Known{Sending: evidence.Holds, Capture: evidence.Absent}) {
			out = append(out, evidence.Finding{Code: "rung_" + r.Code, Level: evidence.OK, Text: r.Text, About: "data/clips/" + c.Name})
		}
	}
	return out
}

// deskKeys is an agency with two keys and machines in every state, one of which was to be let in by a fingerprint that is not its own.
func deskKeys(v ui.DeskVisit) ui.DeskKeysPage {
	p := ui.DeskKeysPage{DeskVisit: v, Changes: []api.KeyChange{
		{ID: "n-3a8k1m5t9x2c7f0g4h6j1n8q2r", Use: footage.KeyCustodian, Epoch: 2, Device: "k-3a8k1m5t9x2c7f0g4h6j1n8q2r", State: api.KeyNeedsSecond},
		{ID: "n-3a8k1m5t9x2c7f0g4h6j1n8q2s", Use: footage.KeyCustodian, Epoch: 1, Device: "k-3a8k1m5t9x2c7f0g4h6j1n8q2r", State: api.KeyWaits, Counts: Now().Add(50 * 3600e9)}}, Sheets: []ui.DeskSheet{{Fingerprint: "1a2b-3c4d-5e6f-7g8h", Epoch: 2}}, Warnings: []string{"This device cannot open the newest epoch."},
		Epochs: []ui.DeskEpoch{{Number: 1, Fingerprint: "9s8r-7q6p-5n4m-3k2j", Opened: Now().AddDate(0, -8, 0), Devices: 2}, {Number: 2, Fingerprint: "1a2b-3c4d-5e6f-7g8h", Opened: Now().AddDate(0, -1, 0), Devices: 2, Openable: true}},
		Devices: []ui.DeskDevice{{ID: "k-1a8k1m5t9x2c7f0g4h6j1n8q2r", Fingerprint: "2b3c-4d5e-6f7g-8h9j", This: true, Compared: true, Holds: true}, {ID: "k-2a8k1m5t9x2c7f0g4h6j1n8q2r", Fingerprint: "3c4d-5e6f-7g8h-9j0k", Holds: true},
			{ID: "k-3a8k1m5t9x2c7f0g4h6j1n8q2r", Fingerprint: "4d5e-6f7g-8h9j-0k1m"}, {ID: "k-4a8k1m5t9x2c7f0g4h6j1n8q2r", Fingerprint: "5e6f-7g8h-9j0k-1m2n", Disabled: true}}}
	return ui.NewDeskKeysPage(p, "let", refused(url.Values{"device": {"k-3a8k1m5t9x2c7f0g4h6j1n8q2r"}, "fingerprint": {"4d5e"}}, footage.Reason{Code: "device_unchecked"}))
}
