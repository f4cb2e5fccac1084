package web_test

import (
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
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

// sealing gives an agency a custodian and a sealing key, without which nothing may be asked.
func (o *office) sealing(agency footage.AgencyID) {
	o.t.Helper()
	p, _ := o.invite(agency, "Casey Lund", footage.Custodian)
	recipient := "age1pq1" + strings.Repeat("q", 1952) // the form of one, which is all that the exchange can tell
	device, err := o.node.Exchange.AddCustodian(o.t.Context(), p.ID, api.NewCustodian{SignKey: api.Encode(make([]byte, 32)), Recipient: recipient})
	if err != nil {
		o.t.Fatal(err)
	}
	epoch := api.OpenEpoch{Number: 1, Recipient: recipient}
	for _, holder := range []string{"recovery", string(device.ID)} {
		epoch.Wrapped = append(epoch.Wrapped, api.WrappedKey{Epoch: 1, Holder: holder, Wrapped: api.Encode([]byte(holder))})
	}
	if _, err := o.node.Exchange.OpenEpoch(o.t.Context(), p.ID, epoch); err != nil {
		o.t.Fatal(err)
	}
}

// TestWriteSignApprove: on a real exchange an officer writes a request, is told every broken rule while typing, draws the
// area on the map, sees what the public will see and signs it with a passkey; a supervisor finds it waiting and approves it
// with another.
func TestWriteSignApprove(t *testing.T) {
	o := openOffice(t)
	police := town.Agencies()[0]
	if err := o.node.Exchange.RegisterAgency(t.Context(), police); err != nil {
		t.Fatal(err)
	}
	o.sealing(police.ID)
	officer := o.staffed(police.ID, "Dana Whitcomb", footage.Officer)
	supervisor := o.staffed(police.ID, "Luis Ortega", footage.Supervisor)

	officer.open("/staff/requests")
	officer.until("Requests of your agency")
	officer.press("Write a request")
	officer.until("Write a request")
	officer.write("title", "Short")
	officer.says("rules are broken:")
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
	clock := func(back time.Duration) string { return time.Now().Add(-back).In(zone).Format("2006-01-02T15:04") }
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

	people, err := o.node.Exchange.People(t.Context(), police.ID)
	if err != nil || len(people) != 3 {
		t.Fatalf("%v: %v", people, err)
	}
	all, err := o.node.Exchange.AgencyRequests(t.Context(), people[0].ID)
	if err != nil || len(all) != 1 || all[0].Status != footage.InModeration {
		t.Errorf("%v: %v", all, err)
	}
}
