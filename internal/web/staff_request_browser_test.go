package web_test

import (
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/testenv"
)

// staffed makes a person's passkey in a browser of their own, and signs them in.
func (o *office) staffed(agency footage.AgencyID, name string, roles ...footage.Role) *office {
	o.t.Helper()
	own := *o
	own.tab = testenv.Chromium(o.t).Tab(390, 844)
	own.tab.Authenticator()
	_, link := o.invite(agency, name, roles...)
	own.enter(link)
	return &own
}

// write puts words into a field as a keyboard does, after what stands in it was taken away.
func (o *office) write(field, words string) {
	o.t.Helper()
	o.tab.Eval(`(() => { const f = document.querySelector("[name=`+field+`]"); f.focus(); f.select(); return 0; })()`, new(int))
	o.tab.Type(words)
}

// set sets what no keyboard writes word by word: a list, a date, a box to tick.
func (o *office) set(field, value string) {
	o.t.Helper()
	o.tab.Eval(`(() => { const f = document.querySelector("[name=`+field+`]"); if (f.type === "checkbox") f.checked = true; else f.value = `+quote(value)+`;
		f.dispatchEvent(new Event("input", { bubbles: true })); return 0; })()`, new(int))
}

// tap presses on the map, at parts of its width and height.
func (o *office) tap(x, y float64) {
	o.t.Helper()
	var box struct{ X, Y, W, H float64 }
	o.tab.Eval(`(() => { const s = document.querySelector("[data-map] svg"); s.scrollIntoView({block: "center"}); const b = s.getBoundingClientRect(); return {X: b.left, Y: b.top, W: b.width, H: b.height}; })()`, &box)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		o.tab.Do("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": box.X + x*box.W, "y": box.Y + y*box.H, "button": "left", "clickCount": 1}, nil)
	}
}

func (o *office) value(field string) (out string) {
	o.t.Helper()
	o.tab.Eval(`document.querySelector("[name=`+field+`]").value`, &out)
	return out
}

// TestWriteSignApprove: an officer writes a request, is told every broken rule while typing, draws the
// area on the map, sees what the public will see and signs it with a passkey; a supervisor finds it waiting and approves it
// with another.
func TestWriteSignApprove(t *testing.T) {
	w := nodetest.Start(t, nil) // its agencies are verified and have their keys
	o := &office{t: t, node: w.Node, base: w.Node.Exchange.Info().RP.Origin, lang: "en"}
	police := w.Police
	officer := o.staffed(police.ID, "Dana Whitcomb", footage.Officer)
	supervisor := o.staffed(police.ID, "Luis Ortega", footage.Supervisor)

	officer.open("/staff/requests")
	officer.until("Requests of your agency")
	officer.press("Write a request")
	officer.until("Write a request")
	officer.write("title", "Short")
	officer.says("One rule is broken:")
	officer.says("things are still to be filled in:")
	officer.says("The title must have at least 8 characters.")
	officer.press("Save and see it as the public will")
	officer.says("This cannot be done yet:")
	officer.tab.Complaints() // the refusal is an answer that the browser notes
	if got := officer.value("title"); got != "Short" {
		t.Errorf("the title became %q", got)
	}

	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	clock := func(back time.Duration) string { return w.Now().Add(-back).In(zone).Format("2006-01-02T15:04") }
	officer.write("title", "Break-in at a bakery on Elm Street")
	officer.write("text", "Somebody forced the back door of a bakery and took the till. We ask for footage of the lane behind it.")
	officer.set("offence", "220")
	officer.write("code", "MLPD-26-0777")
	officer.write("case", "26-0777")
	officer.set("from", clock(26*time.Hour))
	officer.set("to", clock(24*time.Hour))
	officer.set("closes", clock(-5*24*time.Hour))
	officer.write("contact", "Burglary unit")
	officer.write("email", "burglary@police.maplewood.example")
	officer.set("own", "")
	officer.set("federal", "")
	for _, at := range [][2]float64{{0.5, 0.5}, {0.42, 0.42}, {0.58, 0.42}, {0.58, 0.58}, {0.42, 0.58}} {
		officer.tap(at[0], at[1])
	}
	if place, corners := officer.value("place"), officer.value("corners"); !strings.HasPrefix(place, "44.3") || strings.Count(corners, "\n") != 3 {
		t.Errorf("drawn: place %q, corners %q", place, corners)
	}
	officer.says("Every rule is kept.")
	officer.press("Save and see it as the public will")
	officer.until("Request: Break-in at a bakery on Elm Street")
	officer.says("Exactly as the public will see it:")
	officer.press("Sign with your passkey")
	officer.says("You have signed the request.")

	supervisor.open("/staff/")
	supervisor.says("One request waits for approval")
	supervisor.open("/staff/requests")
	supervisor.press("Break-in at a bakery on Elm Street")
	supervisor.until("Request: Break-in at a bakery on Elm Street")
	supervisor.press("Approve with your passkey")
	supervisor.says("You have approved the request. The moderators have it now.")
	officer.quiet()
	supervisor.quiet()

	all, err := o.node.Exchange.AgencyRequests(t.Context(), police.Officer.ID)
	if err != nil || len(all) != 1 || all[0].Status != footage.InModeration {
		t.Errorf("%v: %v", all, err)
	}
}
