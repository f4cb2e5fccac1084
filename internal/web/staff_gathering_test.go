package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

// TestGatheringsOnPages (P3): the exchange's people list, change, import and take off planned gatherings, with every fault told at
// once; an auditor sees the list and cannot change it.
func TestGatheringsOnPages(t *testing.T) {
	w := nodetest.Start(t, nil)
	moderator := cookie(t, w, w.Moderator)
	post := func(path string, form url.Values) (int, string) {
		t.Helper()
		res, body := submit(t, w, path, moderator, form)
		return res.StatusCode, string(body)
	}
	list := func() []footage.Gathering {
		t.Helper()
		all, err := w.Node.Exchange.Gatherings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	status, body := post("/en/staff/gatherings", url.Values{"place": {"here"}, "metres": {"5"}, "zone": {"Etc/UTC"}, "from": {"2027-05-01T15:00"}})
	for _, want := range []string{"Name the gathering", "such as 44.30120", "from 10 meters", "Write when it ends."} {
		if status != http.StatusUnprocessableEntity || strings.Count(body, want) < 2 {
			t.Errorf("%d, %q stands %d times", status, want, strings.Count(body, want))
		}
	}
	form := url.Values{"name": {"May Day"}, "place": {"44.3, -87.0"}, "metres": {"300"}, "zone": {"America/Chicago"}, "from": {"2027-05-01T09:00"}, "to": {"2027-05-01T18:00"}}
	if status, body = post("/en/staff/gatherings", form); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, body)
	}
	one := list()[0]
	if one.Name != "May Day" || one.From.Hour() != 14 || one.Metres != 300 {
		t.Errorf("listed %+v", one)
	}
	_, raw := fetch(t, w, "GET", "/en/staff/gatherings?edit="+one.ID, "", "Cookie", moderator)
	if !strings.Contains(string(raw), `value="2027-05-01T14:00"`) {
		t.Errorf("the form to change it: %s", raw)
	}
	form.Set("id", one.ID)
	form.Set("name", "May Day march")
	if status, body = post("/en/staff/gatherings", form); status != http.StatusSeeOther || len(list()) != 1 || list()[0].Name != "May Day march" {
		t.Errorf("changed: %d %s %v", status, body, list())
	}
	const head = "name,latitude,longitude,meters,from,to\n"
	good := "Vigil,44.31,-87.01,100,2027-06-01T19:00:00-05:00,2027-06-01T21:00:00-05:00\n"
	for name, text := range map[string]string{"no header": good, "a word": head + strings.Replace(good, "44.31", "north", 1), "a radius": head + strings.Replace(good, "100", "0.5", 1),
		"a time": head + strings.Replace(good, "2027-06-01T19:00:00-05:00", "1 June", 1), "reversed": head + good + strings.Replace(good, "2027-06-01T21", "2027-05-01T21", 1), "nothing": head} {
		if status, body = post("/en/staff/gatherings/import", url.Values{"csv": {text}}); status != http.StatusUnprocessableEntity || len(list()) != 1 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, body = post("/en/staff/gatherings/import", url.Values{"csv": {head + good + "\"Fair, with music\",44.3,-87.0,500,2027-07-01T10:00:00-05:00,2027-07-02T10:00:00-05:00\n"}}); status != http.StatusSeeOther || len(list()) != 3 {
		t.Errorf("imported: %d %s %v", status, body, list())
	}
	if status, body = post("/en/staff/gatherings/remove", url.Values{"id": {one.ID}}); status != http.StatusSeeOther || len(list()) != 2 {
		t.Errorf("taken off: %d %s %v", status, body, list())
	}
	auditor := cookie(t, w, w.Enrol("", footage.Auditor))
	if _, raw = fetch(t, w, "GET", "/en/staff/gatherings", "", "Cookie", auditor); !strings.Contains(string(raw), "Fair, with music") || strings.Contains(string(raw), "<form class") {
		t.Errorf("the auditor sees %s", raw)
	}
}

// TestMailAddressOnPage: a person gives an address for letters and takes it back, on the page of their own account alone.
func TestMailAddressOnPage(t *testing.T) {
	w := nodetest.Start(t, nil)
	officer := cookie(t, w, w.Police.Officer)
	res, body := submit(t, w, "/es/staff/account/mail", officer, url.Values{"address": {"dana"}})
	if res.StatusCode != http.StatusUnprocessableEntity || strings.Count(string(body), "Esto no es un correo electrónico") < 2 || !strings.Contains(string(body), `value="dana"`) {
		t.Errorf("%s %s", res.Status, body)
	}
	for _, address := range []string{"dana@police.example", ""} {
		if res, body = submit(t, w, "/en/staff/account/mail", officer, url.Values{"address": {" " + address}}); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s %s", res.Status, body)
		}
		if got, err := w.Node.Exchange.MailAddress(t.Context(), w.Police.Officer.ID); err != nil || got != address {
			t.Errorf("the address is %q, %v", got, err)
		}
	}
	_, body = fetch(t, w, "GET", "/en/staff/account", "", "Cookie", cookie(t, w, w.Police.Supervisor))
	if strings.Contains(string(body), "dana@") {
		t.Error("somebody else reads the address")
	}
}
