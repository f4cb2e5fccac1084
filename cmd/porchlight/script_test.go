package main

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"porchlight": func() { os.Exit(execute()) },
	})
}

// townKey is under which a script's fictional town is kept.
type townKey struct{}

// TestScripts drives the true binary: a script per subcommand, and whole journeys with server, resident and desk.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	cmds := map[string]func(*testscript.TestScript, bool, []string){
		"town": startTown, "invite": invite, "release": release, "waitfor": waitFor, "setfrom": setFrom, "setmatch": setMatch, "freeport": freePort, "download": download,
	}
	maps.Copy(cmds, deskScriptCommands())
	maps.Copy(cmds, residentScriptCommands())
	maps.Copy(cmds, journeyScriptCommands())
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                cmds,
		Setup: func(e *testscript.Env) error {
			e.Values[sentKey{}] = &lastSent{}
			e.Values[townKey{}] = &scriptTown{t: e.T().(testing.TB)}
			e.Setenv("PORCHLIGHT_CONFIG", filepath.Join(e.WorkDir, "config"))
			return nil
		},
	})
}

// scriptTown is the exchange of one script.
type scriptTown struct {
	t    testing.TB
	town *nodetest.Town
}

// startTown starts the fictional town's exchange and publishes the first sample requests:
//
//	town [N]
//
// It sets URL, VERIFIER, DATA (the exchange's folder) and REQUEST (the first one published; REQUEST_2 and so on for the others).
func startTown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: town [N]")
	}
	s := ts.Value(townKey{}).(*scriptTown)
	s.town = nodetest.Start(s.t, nil)
	ts.Setenv("URL", s.town.Server.URL)
	ts.Setenv("DATA", s.town.Opts.Data)
	ts.Setenv("VERIFIER", s.town.Node.Exchange.Info().LogVerifier)
	n := 1
	if len(args) == 1 {
		n = int(args[0][0] - '0')
	}
	for i := range n {
		id := string(s.town.Publish(s.town.Draft(i)))
		if i == 0 {
			ts.Setenv("REQUEST", id)
			continue
		}
		ts.Setenv("REQUEST_"+string(rune('1'+i)), id)
	}
}

// invite adds a person to the town's police, or an operator, and writes the invitation's token into a file:
//
//	invite FILE ROLE[,ROLE…]
func invite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: invite FILE ROLE,ROLE")
	}
	w := ts.Value(townKey{}).(*scriptTown).town
	var roles []footage.Role
	for role := range strings.SplitSeq(args[1], ",") {
		roles = append(roles, footage.Role(role))
	}
	agency := w.Police.ID
	if roles[0].OfExchange() {
		agency = "" // of the exchange's own staff
	}
	_, token, err := w.Node.Exchange.InvitePerson(context.Background(), agency, "Pat "+args[1], roles...)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(token+"\n"), 0o600))
}

// download saves what an address answers, as a person without an account gets it:
//
//	download URL FILE
func download(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: download URL FILE")
	}
	ts.Value(townKey{}).(*scriptTown).town.Refresh()
	res, err := http.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s: %s", args[0], res.Status, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}

// release lets the exchange's tasks run once: shares are released, erasures done, the record integrated, the pages made anew.
func release(ts *testscript.TestScript, neg bool, _ []string) {
	w := ts.Value(townKey{}).(*scriptTown).town
	for _, task := range []func(context.Context) error{w.Node.Exchange.Release, w.Node.Exchange.Sweep, w.Node.Exchange.Integrate} {
		ts.Check(task(context.Background()))
	}
	w.Refresh()
}

// waitFor waits until an address answers, or a file exists:
//
//	waitfor http://localhost:8460/readyz
//	waitfor FILE
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor URL|FILE")
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if strings.HasPrefix(args[0], "http") {
			if res, err := http.Get(args[0]); err == nil {
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					return
				}
			}
		} else if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s did not come within 30 s", args[0])
}

// setFrom sets an environment variable from a file's content, or from the last output:
//
//	setfrom NAME FILE|stdout
func setFrom(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setfrom NAME FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// setMatch sets an environment variable from what the first group of a regular expression matches in the last output:
//
//	setmatch NAME REGEXP
func setMatch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setmatch NAME REGEXP")
	}
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("%q is not in the output", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// freePort sets an environment variable to a port on which nobody listens just now:
//
//	freeport NAME
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], port)
}
