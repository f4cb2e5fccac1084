package web_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/testenv"
)

var screens = flag.String("screens", "", "write a picture of every signed-in page that a journey opens into this folder")

// office is a real exchange, one that is not fictional, with a browser that somebody sits at.
type office struct {
	t    *testing.T
	node *node.Node
	base string
	tab  *testenv.Tab
	lang string
}

// openOffice makes an empty exchange and serves it.
func openOffice(t *testing.T) *office {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	address := srv.Listener.Addr().String()
	o := &office{t: t, base: "http://localhost" + address[strings.LastIndex(address, ":"):], lang: "en"}
	opts := node.Options{Data: filepath.Join(t.TempDir(), "data")}
	if err := node.Create(t.Context(), opts, node.New{Name: "Lantern County Exchange", Origin: "lantern.example/porchlight", Base: o.base,
		Policies: [][]byte{policy.DefaultFile()}}); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	h, err := n.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.node, srv.Config.Handler = n, h
	srv.Start()
	t.Cleanup(srv.Close)
	o.tab = testenv.Chromium(t).Tab(390, 844)
	return o
}

// invite adds a person at the machine and returns the one-time link.
func (o *office) invite(agency footage.AgencyID, name string, roles ...footage.Role) (footage.Person, string) {
	o.t.Helper()
	p, token, err := o.node.Exchange.InvitePerson(o.t.Context(), agency, name, roles...)
	if err != nil {
		o.t.Fatal(err)
	}
	return p, "/staff/join#" + token
}

func (o *office) open(path string) {
	o.t.Helper()
	o.tab.Open(o.base + "/" + o.lang + path)
}

// until waits for the heading of a page.
func (o *office) until(heading string) {
	o.t.Helper()
	o.tab.Until(`document.readyState === "complete" && document.querySelector("h1") && document.querySelector("h1").textContent === ` + quote(heading))
	o.picture()
}

// says waits for words anywhere on the page.
func (o *office) says(words string) {
	o.t.Helper()
	o.tab.Until(`document.readyState === "complete" && document.body.innerText.includes(` + quote(words) + `)`)
	o.picture()
}

// gone waits for a page without the words: where two pages say the same, says alone would be content with the first.
func (o *office) gone(words string) {
	o.t.Helper()
	o.tab.Until(`document.readyState === "complete" && !document.body.innerText.includes(` + quote(words) + `)`)
}

// press reaches a button or link by its words with the keyboard and presses it.
func (o *office) press(words string) {
	o.t.Helper()
	var now string
	for range 80 {
		o.tab.Key("Tab")
		if o.tab.Eval(`(document.activeElement.innerText || "").trim()`, &now); now == words {
			o.tab.Key("Enter")
			return
		}
	}
	o.t.Fatalf("the keyboard reaches no %q", words)
}

// quiet checks that the browser complained of nothing.
func (o *office) quiet() {
	o.t.Helper()
	said := slices.DeleteFunc(o.tab.Complaints(), func(s string) bool {
		return strings.Contains(s, "pubKeyCredParams") // it misses RSA, which nothing here can check
	})
	if len(said) > 0 {
		o.t.Errorf("the browser says %s", strings.Join(said, "\n"))
	}
}

// picture keeps what the page looks like, if a folder was given: on a phone and a desk, light and dark.
func (o *office) picture() {
	o.t.Helper()
	if *screens == "" {
		return
	}
	for name, look := range map[string]struct {
		width  int
		scheme string
	}{"phone-light": {390, "light"}, "desk-dark": {1280, "dark"}} {
		var title string
		o.tab.Eval(`location.pathname + " " + document.querySelector("h1").textContent`, &title)
		o.tab.Resize(look.width, 844)
		o.tab.Prefer("screen", map[string]string{"prefers-color-scheme": look.scheme, "prefers-reduced-motion": "reduce"})
		file := strings.Map(func(r rune) rune {
			if strings.ContainsRune("/ ?", r) {
				return '_'
			}
			return r
		}, o.t.Name()+title+"-"+name) + ".png"
		if err := os.WriteFile(filepath.Join(*screens, file), o.tab.PNG(true), 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
	o.tab.Resize(390, 844)
}

func quote(words string) string { return "\"" + strings.ReplaceAll(words, `"`, `\"`) + "\"" }

// TestSignIn (S1): a person makes a passkey from a one-time link and signs in and out with it, in each language, with the
// keyboard alone, on a real exchange. The link works once; a passkey that does not recognise its person opens nothing.
func TestSignIn(t *testing.T) {
	o := openOffice(t)
	words := map[string]struct{ join, make, made, signin, enter, work, out string }{
		"en": {"Make your passkey", "Make the passkey", "The passkey is made.", "Sign in", "Sign in with your passkey", "Your work", "Sign out"},
		"es": {"Cree su llave de acceso", "Crear la llave", "La llave está creada.", "Iniciar sesión", "Entrar con su llave de acceso", "Su trabajo", "Cerrar la sesión"},
	}
	for _, lang := range []string{"en", "es"} {
		w := words[lang]
		o.lang = lang
		a := o.tab.Authenticator()
		_, link := o.invite("", "Rosa Alvarado of "+lang, footage.Operator)
		o.open("/staff/")
		o.until(w.signin)
		o.open(link)
		o.until(w.join)
		var held struct{ Token, Hash string }
		o.tab.Eval(`({Token: document.querySelector("[name=token]").value, Hash: location.hash})`, &held)
		if "/staff/join#"+held.Token != link || held.Hash != "" {
			t.Errorf("%s: the form holds %+v", lang, held)
		}
		o.press(w.make)
		o.until(w.signin)
		o.says(w.made)
		a.Verify(false)
		o.press(w.enter)
		o.tab.Until(`!document.querySelector("[role=alert]").hidden`)
		a.Verify(true)
		o.press(w.enter)
		o.until(w.work)
		var cookie string
		if o.tab.Eval(`document.cookie`, &cookie); cookie != "" {
			t.Errorf("scripts see the cookie %q", cookie)
		}
		o.press(w.out)
		o.until(w.signin)
		o.open("/staff/")
		o.until(w.signin)
		o.open(link) // a second time
		o.until(w.join)
		o.press(w.make)
		o.tab.Until(`!document.querySelector("[role=alert]").hidden`)
		o.tab.Complaints() // the refusal of the second use is an answer that the browser notes
		a.Remove()
	}
	o.quiet()
}

// fill puts words into a field.
func (o *office) fill(name, words string) {
	o.t.Helper()
	o.tab.Eval(`document.querySelector("[name=`+name+`]").focus()`, nil)
	o.tab.Type(words)
}

// choose reaches a box by its value with the keyboard and ticks it.
func (o *office) choose(value string) {
	o.t.Helper()
	o.tab.Eval(`document.querySelector("input[value=`+value+`]").focus()`, nil)
	o.tab.Key(" ")
}

// enter makes a passkey from a link and signs in.
func (o *office) enter(link string) {
	o.t.Helper()
	o.open(link)
	o.until("Make your passkey")
	o.press("Make the passkey")
	o.until("Sign in")
	o.press("Sign in with your passkey")
	o.until("Your work")
}

// leave signs out.
func (o *office) leave() {
	o.t.Helper()
	o.press("Sign out")
	o.until("Sign in")
}

// link reads the invitation that a page shows, as a path.
func (o *office) link() string {
	o.t.Helper()
	o.until("The invitation")
	var link string
	o.tab.Eval(`document.querySelector(".command code").textContent`, &link)
	return strings.TrimPrefix(link, o.base+"/"+o.lang)
}

// TestPeople: an operator invites a moderator in the browser, with every mistake said at once; the moderator loses the device
// and gets another one, which a second operator confirms; a leaver's sign-in ends at once. All of it with the keyboard.
func TestPeople(t *testing.T) {
	o := openOffice(t)
	_, link := o.invite("", "Rosa Alvarado", footage.Operator)
	_, other := o.invite("", "Owen Price", footage.Operator)
	a := o.tab.Authenticator()
	o.enter(link)

	o.press("People")
	o.until("People")
	o.press("Invite somebody")
	o.until("Invite somebody")
	o.press("Make the invitation") // empty: both mistakes at once, each beside its field
	o.says("This cannot be done yet:")
	var marked []string
	if o.tab.Eval(`[...document.querySelectorAll(".field-bad")].map(e => e.querySelector("[name]").name)`, &marked); !slices.Equal(marked, []string{"name", "roles"}) {
		t.Errorf("the fields %q are marked", marked)
	}
	o.fill("name", "Ruth Adeyemi")
	o.choose("moderator")
	o.press("Make the invitation")
	ruth := o.link()
	o.leave()
	a.Remove()

	a = o.tab.Authenticator() // Ruth's own device
	o.enter(ruth)
	o.open("/staff/people")
	o.says("This page is for the role")
	o.tab.Complaints()
	o.leave()
	a.Remove() // and she loses it

	a = o.tab.Authenticator()
	o.enter(other) // Owen invites her anew
	o.open("/staff/people")
	o.press("Ruth Adeyemi")
	o.until("Ruth Adeyemi")
	o.press("Invite anew")
	again := o.link()
	o.leave()
	a.Remove()

	fresh := o.tab.Authenticator()
	o.open(again)
	o.press("Make the passkey")
	o.says("after a second person has confirmed it")
	o.press("Sign in with your passkey")
	o.says("This passkey waits until somebody else confirms it")
	o.tab.Complaints()
	fresh.Remove()
	o.quiet()

	people, err := o.node.Exchange.People(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]footage.PersonID{}
	for _, p := range people {
		ids[p.Name] = p.ID
	}
	if err := o.node.Exchange.ConfirmDevice(t.Context(), ids["Owen Price"], ids["Ruth Adeyemi"]); footage.KindOf(err) != footage.Forbidden {
		t.Errorf("the one who invited confirms: %v", err)
	}
	_, third := o.invite("", "Tomás Vega", footage.Operator)
	a = o.tab.Authenticator()
	o.enter(third)
	o.says("1 new device waits for a second person")
	o.press("1 new device waits for a second person")
	o.until("People")
	o.press("Ruth Adeyemi")
	o.until("Ruth Adeyemi")
	o.press("Confirm the new device")
	o.says("It is agreed. The key counts after 72 hours, unless somebody stops it.")
	o.press("Disable the account")
	o.says("The account is disabled.")
	o.open("/staff/account")
	o.until("Your sign-ins")
	o.lang = "es"
	o.open("/staff/people")
	o.until("Personas")
	o.press("Ruth Adeyemi")
	o.says("Volver a admitir")
	o.lang = "en"
	o.open("/staff/account")
	o.press("End it")
	o.until("Sign in")
	o.quiet()
	a.Remove()
}
