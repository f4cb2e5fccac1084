package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	"porchlight.example/internal/trust"
	"porchlight.example/seal"
)

// deskScriptCommands are what the scripts of the desk need beside the kit.
func deskScriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"pin": pin, "send": send, "letin": letIn, "reply": reply, "takeback": takeBack, "advance": advance, "fire": fire, "member": member,
		"draft": draft, "field": field, "flip": flip, "mixidentity": mixIdentity,
	}
}

func townOf(ts *testscript.TestScript) *nodetest.Town { return ts.Value(townKey{}).(*scriptTown).town }

// pin pins the town's key, as 'porchlight trust' does.
func pin(ts *testscript.TestScript, neg bool, _ []string) {
	pins, err := trust.Open(ts.Getenv("PORCHLIGHT_CONFIG"))
	ts.Check(err)
	ts.Check(pins.Pin(ts.Getenv("URL"), ts.Getenv("VERIFIER")))
}

// sentKey is under which a script's last share is kept.
type sentKey struct{}

// lastSent is the last share of a script; testscript lets no value be set after the beginning.
type lastSent struct{ nodetest.Sent }

// send sends files as the clips of a share for REQUEST and releases it. It sets SHARE and CLIP, the first clip's ID.
//
//	send FILE…
func send(ts *testscript.TestScript, neg bool, args []string) {
	var clips [][]byte
	for _, name := range args {
		clips = append(clips, []byte(ts.ReadFile(name)))
	}
	w := townOf(ts)
	last := ts.Value(sentKey{}).(*lastSent)
	last.Sent = w.Send(footage.RequestID(ts.Getenv("REQUEST")), func(m *evidence.Manifest) { m.Message = "I heard it at nine.\nok    The gate is mine." }, clips...)
	w.Release()
	ts.Setenv("SHARE", string(last.Receipt.Share))
	ts.Setenv("CLIP", string(last.Receipt.Clips[0].ID))
}

// letIn lets the device whose ID a JSON file names open the police's key, as a colleague does.
//
//	letin FILE
func letIn(ts *testscript.TestScript, neg bool, args []string) {
	var v api.CustodianDevice
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	townOf(ts).Wrap(townOf(ts).Police, v.ID, v.Recipient)
}

// reply sends a message as the sender of the last share.
//
//	reply TEXT
func reply(ts *testscript.TestScript, neg bool, args []string) {
	w, last := townOf(ts), ts.Value(sentKey{}).(*lastSent)
	n, err := evidence.NewNote(last.Receipt.Share, footage.PartyResident, evidence.SignerResident, strings.Join(args, " "), w.Now(), last.Secret.SigningKey())
	ts.Check(err)
	raw, err := n.Encode()
	ts.Check(err)
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, w.Police.Epoch.Recipient())
	ts.Check(err)
	w.Reply(last.Secret, sealed)
	w.Release()
}

// takeBack withdraws the last share, or asks it back.
func takeBack(ts *testscript.TestScript, neg bool, _ []string) {
	w := townOf(ts)
	w.Withdraw(ts.Value(sentKey{}).(*lastSent).Secret)
	w.Release()
}

// advance moves the exchange's clock:
//
//	advance 26h
func advance(ts *testscript.TestScript, neg bool, args []string) {
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	townOf(ts).Advance(d)
}

// fire registers the town's second agency, which has no key and no people yet.
func fire(ts *testscript.TestScript, neg bool, _ []string) {
	ts.Check(townOf(ts).Node.Exchange.RegisterAgency(context.Background(), town.Agencies()[1]))
	townOf(ts).Verify(town.Agencies()[1])
}

// member makes a desk in a folder for a new person of an agency, or of the exchange for "-", in roles:
//
//	member FOLDER AGENCY ROLE[,ROLE…]
func member(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: member FOLDER AGENCY ROLE,ROLE")
	}
	var roles []footage.Role
	for role := range strings.SplitSeq(args[2], ",") {
		roles = append(roles, footage.Role(role))
	}
	agency := footage.AgencyID(strings.TrimPrefix(args[1], "-"))
	token := townOf(ts).Invite(agency, "Pat "+args[0], roles...)
	at := ts.MkAbs(args[0] + ".token")
	ts.Check(os.WriteFile(at, []byte(token), 0o600))
	ts.Check(ts.Exec("porchlight", "desk", "enrol", "--desk", ts.MkAbs(args[0]), "--exchange", ts.Getenv("URL"), "--invitation", at))
}

// draft writes an officer's draft file that the rules allow, with some members changed; "+20h" counts from its beginning:
//
//	draft FILE [MEMBER=VALUE…]
func draft(ts *testscript.TestScript, neg bool, args []string) {
	sample := town.Requests()[3]
	doc := sample.Document(townOf(ts).Now(), "en")
	zone, err := time.LoadLocation(town.Zone)
	ts.Check(err)
	const clock = "2006-01-02 15:04"
	members := map[string]any{"code": "MLPD-26-0999", "offence": doc.Offence, "title": doc.Title, "text": doc.Text, "zone": town.Zone, "area": doc.Area,
		"from": doc.Window.From.In(zone).Format(clock), "to": doc.Window.To.In(zone).Format(clock), "closes": doc.Closes.Format(time.RFC3339), "contact": doc.Contact,
		"own_case": true, "federal_involvement": "none", "case_number": "2026-009999", "place": sample.Place}
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		if d, err := time.ParseDuration(strings.TrimPrefix(value, "+")); err == nil {
			value = doc.Window.From.Add(d).In(zone).Format(clock)
		}
		members[name] = value
	}
	raw, err := json.Marshal(members)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// field sets an environment variable from a member of a JSON file:
//
//	field NAME FILE MEMBER
func field(ts *testscript.TestScript, neg bool, args []string) {
	var members map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &members))
	value, ok := members[args[2]].(string)
	if !ok {
		ts.Fatalf("%s has no member %s", args[1], args[2])
	}
	ts.Setenv(args[0], value)
}

// flip changes one bit of a file, at an offset from its beginning or, if negative, from its end:
//
//	flip FILE OFFSET
func flip(ts *testscript.TestScript, neg bool, args []string) {
	raw := []byte(ts.ReadFile(args[0]))
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(raw)
	}
	raw[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o600))
}

// mixIdentity writes the first device file with the identity of the second:
//
//	mixidentity FILE FILE OUT
func mixIdentity(ts *testscript.TestScript, neg bool, args []string) {
	var a, b map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &a))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &b))
	a["identity"] = b["identity"]
	raw, err := json.Marshal(a)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), raw, 0o600))
}
