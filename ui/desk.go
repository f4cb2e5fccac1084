package ui

import (
	"slices"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// The pages of the desk stand on a custodian's own machine and nowhere on an exchange: package deskweb serves them.

// DeskVisit is what a page of the desk knows of its reader. A page struct that embeds it is laid out as a page of the desk.
type DeskVisit struct {
	Nonce     string         // of this answer's Content-Security-Policy, and of nothing else
	Person    footage.Person // whose desk it is; without an ID nobody has come in
	Body      string         // the person's agency, by name, from the public record
	Exchange  string         // the exchange's address
	Pinned    bool           // somebody has told this machine the exchange's key
	Shortcuts bool           // keys do what the page of help says
	Done      text.Key       // what the person has just done, to be said once; empty: nothing
}

// Entered reports whether the reader has come in by the link.
func (v DeskVisit) Entered() bool { return v.Person.ID != "" }

// Ways returns the entries of the navigation.
func (v DeskVisit) Ways() []Way {
	if !v.Entered() {
		return nil
	}
	return []Way{{"/", "desk.nav.inbox", nil}, {"/keys", "desk.nav.keys", nil}, {"/help", "desk.nav.help", nil}}
}

func (DeskVisit) layout() string    { return "desk" }
func (DeskVisit) scripts() []string { return []string{"desk.js"} }

// DeskEnterPage lets a browser in that has the link which the program printed. What stands behind # is put into the field by
// the page's script; without scripts it is typed.
type DeskEnterPage struct {
	DeskVisit
	Form Form
}

// NewDeskEnterPage returns the page with what was wrong with what was sent.
func NewDeskEnterPage(v DeskVisit, sent Sent) DeskEnterPage {
	sent.Values = nil // what was wrong is not shown again
	return DeskEnterPage{v, NewForm(sent, Field{Name: "code", Label: "desk.enter.code", Hint: "desk.enter.code.hint", Required: true, Codes: []string{"desk_code"}})}
}

func (DeskEnterPage) folder() string                 { return "deskenter" }
func (DeskEnterPage) title(c *text.Catalogue) string { return c.T("desk.enter.title") }
func (DeskEnterPage) address() string                { return "/enter" }

// DeskInboxPage lists what residents have sent, below the requests that it answers.
type DeskInboxPage struct {
	DeskVisit
	Requests []DeskRequest
}

// DeskRequest is a request with the shares that answer it, the oldest release first.
type DeskRequest struct {
	ID       footage.RequestID
	Document footage.Document
	Shares   []DeskItem
}

// DeskItem is one share of the inbox.
type DeskItem struct{ api.InboxItem }

// Size is what the exchange holds of it, in sealed bytes.
func (i DeskItem) Size() (total int64) {
	for _, c := range i.Clips {
		total += c.Size
	}
	return total
}

// Waits reports whether somebody at the agency must still act on it.
func (i DeskItem) Waits() bool {
	return i.State == footage.ShareReleased || i.State == footage.SharePickedUp || i.Recalled
}

// Held reports whether the exchange still holds it, and so erases it some day.
func (i DeskItem) Held() bool {
	return i.State != footage.ShareErased && i.State != footage.ShareLost
}

func (DeskInboxPage) folder() string                 { return "deskinbox" }
func (DeskInboxPage) title(c *text.Catalogue) string { return c.T("desk.inbox.title") }
func (DeskInboxPage) address() string                { return "/" }

// DeskHelpPage says which keys do what, and what the pages of the desk can be relied on for.
type DeskHelpPage struct{ DeskVisit }

func (DeskHelpPage) folder() string                 { return "deskhelp" }
func (DeskHelpPage) title(c *text.Catalogue) string { return c.T("desk.help.title") }
func (DeskHelpPage) address() string                { return "/help" }

// DeskSigninPage signs the desk in at its exchange: by a code that is typed on the exchange's own page, where the passkey is.
type DeskSigninPage struct {
	DeskVisit
	Code   string // to be typed; empty: nothing is under way
	Page   string // the exchange's page where it is typed
	Failed []footage.Reason
}

func (DeskSigninPage) folder() string                 { return "desksignin" }
func (DeskSigninPage) title(c *text.Catalogue) string { return c.T("desk.signin.title") }
func (DeskSigninPage) address() string                { return "/signin" }

// DeskErrorPage tells of a failure.
type DeskErrorPage struct {
	DeskVisit
	ErrorPage
	SignIn bool // signing in at the exchange mends it
}

func (DeskErrorPage) folder() string { return "deskerror" }

// Showable says as what a browser is asked to show a clip of a media type: only what it plays or draws itself and what can hold
// no script. An empty type is not shown.
func Showable(mediaType string) (as string, film bool) {
	switch mediaType {
	case "video/mp4", "video/quicktime":
		return "video/mp4", true // to browsers a QuickTime film is one that they can play if it holds what an MP4 holds
	case "image/jpeg":
		return "image/jpeg", false
	}
	return "", false
}

// DeskSharePage shows one share and takes it through its steps.
type DeskSharePage struct {
	DeskVisit
	Request  footage.Document
	Share    api.Delivery
	Opened   bool // the list of clips was opened here
	Held     bool // this device holds every clip
	Problem  []footage.Reason
	Manifest evidence.Manifest
	Findings evidence.Findings // of the newest verification here; none if there was none
	Talk     []DeskWords
	Packages []DeskPackage
	Clip     int      // the clip that is shown, from 0
	Preview  string   // the frame's address; empty when the clip cannot be shown in a browser
	Work     DeskWork // what is being done with the share at this moment
	Failed   []footage.Reason
	Names    map[string]string // of the agency's devices, by custodian ID

	Decline, Ask, Recall, Export Form
}

// DeskWords are one message of the conversation.
type DeskWords struct {
	From    footage.Party
	At      time.Time
	Text    string
	Problem string // why the message cannot be relied on
}

// DeskPackage is an evidence package that was written here.
type DeskPackage struct {
	Folder, SHA256 string
	Number         int // from 1, in its address
}

// DeskWork is long work on a share.
type DeskWork struct {
	What        text.Key // empty: there is none
	Done, Total int64    // bytes
}

// Percent is how much of the work is done.
func (w DeskWork) Percent() int64 {
	if w.Total <= 0 {
		return 0
	}
	return w.Done * 100 / w.Total
}

// DeskLine says how far work is, as the page does.
func (p *Pages) DeskLine(lang text.Lang, w DeskWork) string {
	f := funcs{words: p.words[lang]}
	return f.words.T("desk.work.done", "done", f.bytes(w.Done), "total", f.bytes(w.Total))
}

func (DeskSharePage) folder() string { return "deskshare" }
func (p DeskSharePage) title(c *text.Catalogue) string {
	return c.T("desk.share.title", "title", p.Request.Title)
}
func (p DeskSharePage) address() string { return "/shares/" + string(p.Share.Share) }

// Path is the page's own path.
func (p DeskSharePage) Path() string { return p.address() }

// Item is the share as the inbox shows it.
func (p DeskSharePage) Item() DeskItem { return DeskItem{p.Share.InboxItem} }

// Has reports whether the custody chain holds a step.
func (p DeskSharePage) Has(kind footage.EventKind) bool {
	return slices.ContainsFunc(p.Share.Events, func(e footage.Event) bool { return e.Kind == kind })
}

// Steps of the desk's work on a share.
const (
	stepOpen    = "open"
	stepVerify  = "verify"
	stepDecide  = "decide"
	stepExport  = "export"
	stepConfirm = "confirm"
	stepNone    = "none"
)

// Step is what the share waits for.
func (p DeskSharePage) Step() string {
	gone := p.Share.State == footage.ShareErased || p.Share.State == footage.ShareLost || p.Share.State == footage.ShareExpired
	switch {
	case p.Has(footage.EventDeclined), gone && !p.Held:
		return stepNone
	case len(p.Problem) > 0 && p.Held:
		return stepDecide
	case !p.Opened:
		return stepOpen
	case len(p.Findings) == 0:
		return stepVerify
	case !p.Has(footage.EventAccepted):
		return stepDecide
	case !p.Has(footage.EventExported):
		return stepExport
	case !p.Has(footage.EventConfirmed):
		return stepConfirm
	}
	return stepNone
}

// Acceptable reports whether the clips may be accepted: what failed verification may not.
func (p DeskSharePage) Acceptable() bool {
	return len(p.Findings) > 0 && !p.Findings.Failed() && !p.Has(footage.EventAccepted) && !p.Has(footage.EventDeclined)
}

// Declinable reports whether the clips may be declined.
func (p DeskSharePage) Declinable() bool {
	return p.Held && !p.Has(footage.EventDeclined) && !p.Has(footage.EventConfirmed)
}

// Exportable reports whether a package can be written.
func (p DeskSharePage) Exportable() bool { return p.Opened && p.Held && !p.Findings.Failed() }

// Shown is the clip that is shown.
func (p DeskSharePage) Shown() evidence.Clip { return p.Manifest.Clips[p.Clip] }

// Rungs is the shown clip's ladder.
func (p DeskSharePage) Rungs() []evidence.Rung { return p.Findings.Rungs(p.Shown().Name) }

// Others are the findings that are no rungs, the failures first, then the warnings.
func (p DeskSharePage) Others() evidence.Findings {
	var out evidence.Findings
	for _, level := range []evidence.Level{evidence.Fail, evidence.Warn, evidence.OK} {
		for _, f := range p.Findings {
			if f.Level == level && !isRung(f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func isRung(f evidence.Finding) bool { return len(f.Code) > 5 && f.Code[:5] == "rung_" }

// NewDeskSharePage gives the page its forms, with what was sent with one of them, by its name, and what was wrong with it.
func NewDeskSharePage(p DeskSharePage, form string, sent Sent) DeskSharePage {
	of := func(name string) Sent {
		if name == form {
			return sent
		}
		return Sent{}
	}
	p.Decline, p.Ask, p.Recall, p.Export = declineForm(of("decline")), askForm(of("ask")), recallForm(of("recall")), exportForm(of("export"))
	return p
}

func declineForm(sent Sent) Form {
	var reasons, helps []Option
	for _, r := range evidence.DeclineReasons() {
		reasons = append(reasons, Option{Value: string(r), Label: text.Key("desk.decline.reason." + string(r))})
	}
	for _, e := range []evidence.Exculpatory{evidence.NoneSeen, evidence.Possibly, evidence.NotReviewed} {
		helps = append(helps, Option{Value: string(e), Label: text.Key("desk.decline.helps." + string(e))})
	}
	return NewForm(sent,
		Field{Name: "reason", Label: "desk.decline.reason", Kind: OneOf, Required: true, Options: reasons, Codes: []string{"decline_reason"}},
		Field{Name: "helps", Label: "desk.decline.helps", Hint: "desk.decline.helps.hint", Kind: OneOf, Required: true, Options: helps, Codes: []string{"decline_exculpatory"}},
		Field{Name: "why", Label: "desk.decline.note", Hint: "desk.decline.note.hint", Codes: []string{"decline_note"}})
}

func askForm(sent Sent) Form {
	return NewForm(sent, Field{Name: "question", Label: "desk.ask.question", Hint: "desk.ask.hint", Kind: Lines, Required: true, Codes: []string{"note_empty", "note_too_long", "note_characters"}})
}

func recallForm(sent Sent) Form {
	var answers []Option
	for _, a := range []evidence.RecallAnswer{evidence.RecallDestroyed, evidence.RecallReturned, evidence.RecallKeptByLaw} {
		answers = append(answers, Option{Value: string(a), Label: text.Key("desk.recall." + string(a)), Hint: text.Key("desk.recall." + string(a) + ".hint")})
	}
	return NewForm(sent,
		Field{Name: "answer", Label: "desk.recall.answer", Kind: OneOf, Required: true, Options: answers, Codes: []string{"recall_answer"}},
		Field{Name: "law", Label: "desk.recall.note", Hint: "desk.recall.note.hint", Codes: []string{"recall_note"}})
}

func exportForm(sent Sent) Form {
	return NewForm(sent,
		Field{Name: "case", Label: "desk.export.case", Hint: "desk.export.case.hint", Codes: []string{"package_text"}},
		Field{Name: "neutral", Label: "desk.export.names", Kind: SomeOf, Options: []Option{{Value: "yes", Label: "desk.export.neutral"}}})
}
