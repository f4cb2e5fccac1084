package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media/sample"
	"porchlight.example/seal"
)

// residentScriptCommands are the commands of scripts about the resident's side.
func residentScriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){"film": film, "custodian": custodian, "wordsof": wordsOf, "endrequest": endRequest}
}

// film makes a short film with everything planted that cameras leave, taken so long after the beginning of the window
// that the town's first request asks for:
//
//	film FILE [OFFSET]
//
// It also sets PLACE, which lies inside the request's area.
func film(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: film FILE [OFFSET]")
	}
	s := ts.Value(townKey{}).(*scriptTown)
	after := 10 * time.Minute
	if len(args) == 2 {
		var err error
		after, err = time.ParseDuration(args[1])
		ts.Check(err)
	}
	p, err := s.town.Node.Exchange.PublicRequest(context.Background(), footage.RequestID(ts.Getenv("REQUEST")))
	ts.Check(err)
	f := sample.Film{Seed: 7, Duration: time.Second, Start: p.Record.Document.Window.From.Add(after), Plant: sample.Plant{
		Position: "+41.8781-087.6298/", Serial: "SN-CANARY-1", Owner: "Owner Canary", Title: "Title Canary", Sound: "voice"}}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), f.Bytes(), 0o600))
	place := town.Requests()[0].Place
	ts.Setenv("PLACE", fmt.Sprintf("%.5f,%.5f", place.Lat, place.Lon))
}

// custodian does what the agency's custodian would do with the share of a receipt that was printed as JSON:
//
//	custodian RECEIPT picked_up|opened|…
//	custodian RECEIPT ask TEXT
func custodian(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: custodian RECEIPT EVENT | custodian RECEIPT ask TEXT")
	}
	w := ts.Value(townKey{}).(*scriptTown).town
	var r shareReceipt
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &r))
	if args[1] != "ask" {
		ts.Check(w.Event(w.Police, r.Receipt.Share, footage.EventKind(args[1]), nil))
		return
	}
	secret, err := seal.ParseWords(r.Words) // stands for the manifest, which holds the same public key
	ts.Check(err)
	note, err := evidence.NewNote(r.Receipt.Share, footage.PartyAgency, string(w.Police.Device.ID), strings.Join(args[2:], " "), w.Now(), w.Police.Sign)
	ts.Check(err)
	raw, err := note.Encode()
	ts.Check(err)
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, secret.Identity().Recipient())
	ts.Check(err)
	ts.Check(w.Police.Custodian.Client.Call(context.Background(), "POST", "/v1/agency/shares/"+string(r.Receipt.Share)+"/messages", api.Reply{Body: api.Encode(sealed)}, nil))
	ts.Check(w.Event(w.Police, r.Receipt.Share, footage.EventAsked, nil))
}

// wordsOf writes the words of a receipt that was printed as JSON into a file:
//
//	wordsof RECEIPT FILE
func wordsOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: wordsof RECEIPT FILE")
	}
	var r shareReceipt
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &r))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(r.Words+"\n"), 0o600))
}

// endRequest lets the operator suspend the police:
//
//	endrequest suspend
func endRequest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || args[0] != "suspend" {
		ts.Fatalf("usage: endrequest suspend")
	}
	w := ts.Value(townKey{}).(*scriptTown).town
	ts.Check(w.Node.Exchange.SuspendAgency(context.Background(), w.Police.ID, "Test."))
	h, err := w.Node.Handler(context.Background())
	ts.Check(err)
	ts.Check(h.Refresh(context.Background()))
}
