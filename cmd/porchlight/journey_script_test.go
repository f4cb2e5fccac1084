package main

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media/sample"
)

// journeyScriptCommands are what a journey from an empty folder needs.
func journeyScriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"samples": samples, "invitation": invitation, "tofile": toFile, "inboxed": inboxed, "attestor": attestorFile, "today": today, "readkey": readKey, "applies": applies,
	}
}

// samples writes what people of the town would bring to an exchange of their own: agency.json for the office, request.json
// for the officer, door.mp4 for the resident:
//
//	samples
func samples(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: samples")
	}
	r := town.Requests()[0]
	doc := r.Document(time.Now(), "en")
	write := func(name string, v any) {
		raw, err := json.Marshal(v)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), raw, 0o600))
	}
	write("agency.json", town.Agencies()[0])
	write("request.json", map[string]any{"code": doc.Code, "offence": doc.Offence, "title": doc.Title, "text": doc.Text, "zone": doc.Zone,
		"area": doc.Area, "from": doc.Window.From, "to": doc.Window.To, "closes": doc.Closes, "contact": doc.Contact,
		"own_case": true, "federal_involvement": "none", "case_number": r.Case, "place": footage.Point{Lon: r.Place.Lon, Lat: r.Place.Lat}})
	film := sample.Film{Seed: 3, Duration: 2 * time.Second, Start: doc.Window.From.Add(30 * time.Minute), Plant: sample.Plant{Serial: "SN-0044"}}
	ts.Check(os.WriteFile(ts.MkAbs("door.mp4"), film.Bytes(), 0o600))
}

// applies sends the application of a body and puts the application's ID into a variable:
//
//	applies URL VARIABLE
func applies(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: applies URL VARIABLE")
	}
	ctx, a, c := context.Background(), town.Agencies()[1], api.New(args[0])
	work, err := c.Work(ctx)
	ts.Check(err)
	solution, err := work.Solve(ctx)
	ts.Check(err)
	var applied api.Applied
	ts.Check(c.Call(ctx, "POST", "/v1/applications", api.Apply{Work: solution, Application: footage.Application{Name: a.Name, Type: a.Type, BodyName: "Fire District", LocalID: a.LocalID,
		FDID: a.FDID, ORI: a.ORI, State: a.State, County: a.County, Jurisdiction: a.Jurisdiction, Website: "https://fire.maplewood.example", Contact: a.Contact}}, &applied))
	ts.Setenv(args[1], string(applied.ID))
}

// invitation writes the token of 'office person add --json' from NAME.out into NAME.token:
//
//	invitation NAME
func invitation(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: invitation NAME")
	}
	var added struct{ Token string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0]+".out")), &added))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".token"), []byte(added.Token), 0o600))
}

// toFile writes a text into a file:
//
//	tofile FILE TEXT
func toFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tofile FILE TEXT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]), 0o600))
}

// inboxed waits until a desk's inbox holds a share and sets an environment variable to its ID:
//
//	inboxed DESK NAME
func inboxed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: inboxed DESK NAME")
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ts.Check(ts.Exec("porchlight", "desk", "inbox", "--json", "--desk", ts.MkAbs(args[0])))
		if id := shareID.FindString(ts.ReadFile("stdout")); id != "" {
			ts.Setenv(args[1], id)
			return
		}
	}
	ts.Fatalf("no share came within 30 s")
}

var shareID = regexp.MustCompile(`s-[0-9a-z]{26}`)

// attestorFile writes the register's file of an independent attestor whose public key is in a file:
//
//	attestor KEY FILE
func attestorFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: attestor KEY FILE")
	}
	raw, err := json.Marshal(footage.Attestor{ID: "league", Name: "League of Towns", Body: "league-of-towns", Kind: footage.Independent, Key: strings.TrimSpace(ts.ReadFile(args[0]))})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), raw, 0o600))
}

// today sets an environment variable to the present day in UTC:
//
//	today NAME
func today(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: today NAME")
	}
	ts.Setenv(args[0], time.Now().UTC().Format(time.DateOnly))
}

// readKey sets an environment variable to a key that a file holds:
//
//	readkey NAME FILE
func readKey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: readkey NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}
