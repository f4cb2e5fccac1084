package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/testenv"
)

// storyPictures is where the journey writes what the documents show of it:
//
//	go test ./internal/web -run TestJourneyFromNothing -pictures ../../doc/images
var storyPictures = flag.String("pictures", "", "write the pictures of the documents into this folder")

var journeyPictures = flag.String("journey", "", "write pictures of the journey from an empty exchange into this folder")

// journey is a real exchange of the true program that began empty, with a browser at which one person after another sits.
type journey struct {
	*office
	dir, program, data string
	authenticator      *testenv.Authenticator
	steps              int
}

// run runs the program and returns what it says.
func (j *journey) run(args ...string) string {
	j.t.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command(j.program, args...)
	cmd.Env, cmd.Dir = append(os.Environ(), "PORCHLIGHT_DATA="+j.data, "PORCHLIGHT_CONFIG="+filepath.Join(j.dir, "config")), j.dir
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		j.t.Fatalf("porchlight %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), said.String())
	}
	return out.String()
}

// keep keeps a text as a file and returns its path.
func (j *journey) keep(name, text string) string {
	j.t.Helper()
	path := filepath.Join(j.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		j.t.Fatal(err)
	}
	return path
}

// sit lets a person with a new passkey sit down, and take up an invitation.
func (j *journey) sit(link string) {
	j.t.Helper()
	j.authenticator = j.tab.Authenticator()
	j.enter(link)
}

// rise signs the person out, who takes the passkey along.
func (j *journey) rise() {
	j.t.Helper()
	j.press("Sign out")
	j.until("Sign in")
	j.authenticator.Remove()
}

// step takes a picture of what the person sees, on a phone and on a desk, if a folder was given. The documents show the step from
// the element on that they need, or from the top.
func (j *journey) step(name string, from ...string) {
	j.t.Helper()
	j.steps++
	if *storyPictures != "" {
		for device, size := range map[string][2]int{"phone": {390, 844}, "desktop": {1280, 800}} {
			j.tab.Resize(size[0], size[1])
			j.tab.Eval(`scrollTo(0, 0)`, nil)
			for _, element := range from {
				j.tab.Eval(`document.querySelector(`+quote(element)+`).scrollIntoView()`, nil)
			}
			j.tab.Keep(*storyPictures, "story-"+name+"-"+device)
		}
		j.tab.Resize(390, 844)
	}
	if *journeyPictures == "" {
		return
	}
	for device, width := range map[string]int{"phone": 390, "desktop": 1280} {
		j.tab.Resize(width, 844)
		file := fmt.Sprintf("%02d-%s-%s.png", j.steps, name, device)
		if err := os.WriteFile(filepath.Join(*journeyPictures, file), j.tab.PNG(true), 0o600); err != nil {
			j.t.Fatal(err)
		}
	}
	j.tab.Resize(390, 844)
}

// begin builds the program and starts an exchange with an operator, a moderator and an attestor, and nobody else.
func begin(t *testing.T) (j *journey, operator, moderator string) {
	t.Helper()
	dir := t.TempDir()
	j = &journey{office: &office{t: t, lang: "en", tab: testenv.Chromium(t).Tab(390, 844)}, dir: dir, program: filepath.Join(dir, "porchlight"), data: filepath.Join(dir, "data")}
	if out, err := exec.Command("go", "build", "-o", j.program, "porchlight.example/cmd/porchlight").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	j.base = "http://localhost" + listen[strings.LastIndex(listen, ":"):]
	l.Close()
	j.run("office", "init", "--name", "Lantern County Exchange", "--base", j.base)
	j.run("office", "operator", "county-clerk", "County Clerk")
	league := town.Attestors()[0]
	league.Key = strings.TrimSpace(j.run("attest", "key", "new", "league.key"))
	raw, err := json.Marshal(league)
	if err != nil {
		t.Fatal(err)
	}
	j.run("office", "attestor", "add", j.keep("league.json", string(raw)))
	invited := func(role, name string) string {
		var added struct{ Token string }
		if err := json.Unmarshal([]byte(j.run("office", "person", "add", "--json", "--roles", role, name)), &added); err != nil {
			t.Fatal(err)
		}
		return "/staff/join#" + added.Token
	}
	operator, moderator = invited("operator", "Nora Lind"), invited("moderator", "Noor Haddad")
	j.serve(listen)
	return j, operator, moderator
}

// serve runs the exchange until the test ends.
func (j *journey) serve(listen string) {
	j.t.Helper()
	cmd := exec.Command(j.program, "serve", "--listen", listen, "--basemap", j.keep("town.geojson", string(town.Basemap())))
	cmd.Env = append(os.Environ(), "PORCHLIGHT_DATA="+j.data)
	if err := cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
	j.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		_ = cmd.Wait()
	})
	for end := time.Now().Add(20 * time.Second); ; {
		if res, err := http.Get(j.base + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			j.t.Fatal("the exchange does not serve")
		}
	}
}

// TestJourneyFromNothing is the whole way of a first request on an empty, real exchange: a body applies, an attestor vouches, the
// operator approves, people join, an officer signs, a supervisor approves, a moderator clears; then it stands in public and in
// the record, and the checks that anybody can run accept it. People act in a browser with passkeys, everything else is the
// program's (A2, A3, A4, A9, P8).
func TestJourneyFromNothing(t *testing.T) {
	j, operator, moderator := begin(t)
	agency := town.Agencies()[0]
	j.applies(agency)
	admin := j.admitted(operator)
	officer, supervisor := j.staffedBy(admin)
	title := j.asks(officer, supervisor)
	j.sit(moderator)
	j.press("1 request waits for a moderator")
	j.until("Requests that wait")
	j.press(title)
	j.until("Decide: " + title)
	j.says("Every rule in force is kept, and both signatures hold.")
	j.step("moderator", "#list")
	j.press("Clear it: publish, for ever")
	j.says("It is cleared.")
	j.rise()
	j.isPublic(title)
	j.quiet()
}

// applies fills the public form in, with mistakes first.
func (j *journey) applies(agency footage.Agency) {
	j.t.Helper()
	j.open("/apply")
	j.until("Apply to ask on this exchange")
	j.write("name", agency.Name)
	j.press("Send the application")
	j.says("This cannot be done yet:")
	j.step("application-refused")
	j.tab.Complaints() // the refusal is an answer that the browser notes
	for field, words := range map[string]string{"body": "Town of Maplewood Landing", "county": "Lantern", "state": "WI", "ori": "WI0420100", "website": "https://police.maplewood.example",
		"policies": "Footage is erased sixty days after the case ends.", "contact": "Investigations desk", "phone": "+1 555 0100"} {
		j.write(field, words)
	}
	j.set("type", string(agency.Type))
	j.choose("no")
	j.tab.Choose("#field-file", j.keep("outline.geojson", string(outlineFile(j.t, agency))))
	j.press("Show the outline on a map first")
	j.tab.Until(`document.readyState === "complete" && document.querySelector("#seen svg")`)
	j.step("application-map")
	j.press("Send the application")
	j.until("Your application")
	j.says("waits for the office")
	j.step("application-sent")
}

// admitted lets the operator enter the applicant into the register, file the attestor's statement, approve with the passkey, and
// invite the agency's administrator, whose link it returns.
func (j *journey) admitted(operator string) (admin string) {
	j.t.Helper()
	j.sit(operator)
	j.press("1 application waits for an answer")
	j.until("Applications")
	j.press("Maplewood Landing Police Department")
	j.says("What the applicant wrote")
	j.step("operator-application")
	j.write("agency", "maplewood-pd")
	j.press("Enter into the register")
	j.says("The agency is in the register.")

	today := time.Now().UTC().Format(time.DateOnly)
	described := j.keep("description.json", j.run("office", "agency", "show", "maplewood-pd"))
	statement := j.keep("statement.json", j.run("attest", "statement", "make", "--key", "league.key", "--exchange", strings.TrimPrefix(j.base, "http://")+"/porchlight",
		"--attestor", string(town.Attestors()[0].ID), "--by", "Deputy secretary", "--check", "register_match,"+today+",State register", "--check", "call_back,"+today+",State directory", described))
	j.tab.Choose("#field-file", statement)
	j.press("File the statement")
	j.says("The statement is filed, in public.")
	j.step("operator-approval")
	j.press("Sign the approval with your passkey")
	j.says("The agency is approved.")
	j.open("/staff/people?agency=maplewood-pd")
	admin = j.invites("Marta Quintero", footage.AgencyAdmin)
	j.rise()
	return admin
}

// invites invites somebody from the page of people.
func (j *journey) invites(name string, roles ...footage.Role) string {
	j.t.Helper()
	j.press("Invite somebody")
	j.until("Invite somebody")
	j.fill("name", name)
	for _, r := range roles {
		j.choose(string(r))
	}
	j.press("Make the invitation")
	return j.link()
}

// codeForm is the code that a program shows whose person signs in from a browser.
var codeForm = regexp.MustCompile(`(?m)^\s+([A-Z0-9]{4}-[A-Z0-9]{4})$`)

// staffedBy lets the administrator invite the others, and the custodian make the agency's key with the program, signed in from
// the browser.
func (j *journey) staffedBy(admin string) (officer, supervisor string) {
	j.t.Helper()
	j.sit(admin)
	people := map[footage.Role]string{}
	for role, name := range map[footage.Role]string{footage.Officer: "Dana Whitcomb", footage.Supervisor: "Luis Ortega", footage.Custodian: "Priya Raman"} {
		j.open("/staff/people")
		people[role] = j.invites(name, role)
	}
	j.step("administrator-invitation")
	j.rise()

	j.sit(people[footage.Custodian])
	cmd := exec.Command(j.program, "desk", "login", "--desk", filepath.Join(j.dir, "custodian"), "--browser", "--exchange", j.base)
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		j.t.Fatal(err)
	}
	var heard bytes.Buffer
	for codeForm.FindSubmatch(heard.Bytes()) == nil {
		if _, err := io.CopyN(&heard, said, 1); err != nil {
			j.t.Fatalf("the program shows no code: %s", heard.String())
		}
	}
	j.open("/staff/device")
	j.write("code", string(codeForm.FindSubmatch(heard.Bytes())[1]))
	j.step("custodian-program")
	j.tab.Key("Enter")
	if _, err := io.Copy(&heard, said); err != nil {
		j.t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		j.t.Fatalf("sign in from the browser: %v\n%s", err, heard.String())
	}
	j.run("desk", "key", "new", "--desk", filepath.Join(j.dir, "custodian"), "--sheet", filepath.Join(j.dir, "sheet.txt"))
	j.rise()
	return people[footage.Officer], people[footage.Supervisor]
}

// asks lets an officer draw and sign a request, and the supervisor approve it.
func (j *journey) asks(officer, supervisor string) (title string) {
	j.t.Helper()
	title = "Break-in at a bakery on Elm Street"
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		j.t.Fatal(err)
	}
	clock := func(back time.Duration) string { return time.Now().Add(-back).In(zone).Format("2006-01-02T15:04") }
	j.sit(officer)
	j.open("/staff/requests/new")
	j.until("Write a request")
	j.write("title", title)
	j.says("things are still to be filled in:")
	j.step("officer-verdict")
	for field, words := range map[string]string{"text": "Somebody forced the back door of a bakery and took the till. We ask for footage of the lane behind it.", "code": "MLPD-26-0777", "case": "26-0777",
		"contact": "Burglary unit", "email": "burglary@police.maplewood.example"} {
		j.write(field, words)
	}
	for field, value := range map[string]string{"offence": "220", "from": clock(26 * time.Hour), "to": clock(24 * time.Hour), "closes": clock(-5 * 24 * time.Hour), "own": "", "federal": ""} {
		j.set(field, value)
	}
	for _, at := range [][2]float64{{0.5, 0.5}, {0.42, 0.42}, {0.58, 0.42}, {0.58, 0.58}, {0.42, 0.58}} {
		j.tap(at[0], at[1])
	}
	j.says("Every rule is kept.")
	j.step("officer-draft", "#draw")
	j.press("Save and see it as the public will")
	j.until("Request: " + title)
	j.step("officer-preview")
	j.press("Sign with your passkey")
	j.says("You have signed the request.")
	j.rise()

	j.sit(supervisor)
	j.press("One request waits for approval")
	j.until("Requests of your agency")
	j.press(title)
	j.until("Request: " + title)
	j.step("supervisor", ".preview")
	j.press("Approve with your passkey")
	j.says("You have approved the request. The moderators have it now.")
	j.rise()
	return title
}

// isPublic finds the request as anybody does: on the first page, in the record, and by the programs that check both.
func (j *journey) isPublic(title string) {
	j.t.Helper()
	j.open("/")
	j.says(title)
	var id string
	j.tab.Eval(`document.querySelector("main a[href*='/requests/']").pathname.split("/").pop()`, &id)
	j.open("/requests/" + id)
	j.says("Investigation MLPD-26-0777")
	j.says("Maplewood Landing Police Department")
	j.step("public")
	j.open("/record/entries")
	for _, entry := range []string{"An agency was registered", "A request was published"} {
		j.says(entry)
	}
	j.step("record")
	verifier, err := os.ReadFile(filepath.Join(j.data, "keys", "log.pub"))
	if err != nil {
		j.t.Fatal(err)
	}
	key := strings.TrimSpace(string(verifier))
	res, err := http.Get(j.base + "/v1/requests/" + id)
	if err != nil {
		j.t.Fatal(err)
	}
	defer res.Body.Close()
	bundle, err := io.ReadAll(res.Body)
	if err != nil {
		j.t.Fatal(err)
	}
	j.run("verify", "--verifier", key, j.keep("request.json", string(bundle)))
	if said := j.run("audit", "--verifier", key, "--state", filepath.Join(j.dir, "audit"), "--json", j.base); !strings.Contains(said, `"findings": []`) {
		j.t.Errorf("the audit finds %s", said)
	}
	if said := j.run("fsck"); !strings.Contains(said, "Everything agrees.") {
		j.t.Errorf("fsck says %s", said)
	}
}
