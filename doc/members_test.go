package doc_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/backup"
	"porchlight.example/internal/feed"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
	"porchlight.example/internal/trust"
	"porchlight.example/ledger"
)

// described lists the types whose members formats.md describes in a table.
func described() []any {
	return []any{
		footage.Document{}, footage.Window{}, footage.Contact{}, footage.PolicyRef{}, footage.Private{}, footage.Record{}, footage.Assertion{},
		footage.Update{}, footage.UpdateRecord{}, footage.Agency{}, footage.Epoch{}, footage.CustodianKey{}, footage.Receipt{}, footage.SealedClip{},
		footage.Message{}, footage.Event{}, footage.Reason{}, footage.Adoption{},
		footage.Body{}, footage.Attestor{}, footage.Check{}, footage.Attestation{}, footage.Retraction{}, footage.Approval{},
		ledger.OperatorNamed{}, ledger.AttestorRegistered{}, ledger.AttestorWithdrawn{}, ledger.AgencyAttested{}, ledger.AgencyUnattested{}, ledger.AgencyApproved{},
		ledger.AgencyUnapproved{}, ledger.AgencyPaused{}, ledger.AgencyResumed{}, ledger.PersonSuspended{}, ledger.PersonRestored{},
		ledger.Entry{}, ledger.ExchangeCreated{}, ledger.Continues{}, ledger.PolicyAdopted{}, ledger.AgencyRegistered{}, ledger.AgencyChanged{}, ledger.AgencySuspended{},
		ledger.AgencyRestored{}, ledger.PersonEnrolled{}, ledger.PersonDisabled{}, ledger.PersonLent{}, ledger.PersonReturned{}, ledger.AgencyDesk{}, ledger.KeyAnnounced{}, ledger.KeyCancelled{}, ledger.EpochOpened{}, ledger.CustodianAdded{},
		footage.Withholding{}, ledger.DocumentWithheld{}, evidence.Withheld{}, ledger.FollowedUp{}, footage.FollowUp{}, ledger.LegalDemands{}, ledger.DemandCount{}, ledger.ErasuresTotal{},
		footage.NoticeSays{}, ledger.NoticeSigned{}, ledger.NoticePublished{}, ledger.NoticeUpdated{}, ledger.NoticeEnded{},
		ledger.RequestPublished{}, ledger.RequestUpdated{}, ledger.RequestClosed{}, ledger.CustodyRoot{}, ledger.ModerationUrgent{}, ledger.ModerationDecided{}, ledger.ComplaintReceived{}, ledger.ComplaintAnswered{}, ledger.Inclusion{},
		ledger.State{}, ledger.AssetsPublished{}, ledger.AssetList{}, ledger.AssetFile{}, ledger.StateDocument{}, ledger.StateAgency{}, ledger.StateVerified{}, ledger.StateEpoch{}, ledger.StatePerson{}, ledger.StateRequest{},
		evidence.Bundle{}, evidence.Proven{}, evidence.Head{}, evidence.Manifest{}, evidence.TextRef{}, evidence.Keys{}, evidence.Clip{}, evidence.Sealed{},
		evidence.Original{}, evidence.Capture{}, evidence.Edit{}, evidence.Terms{}, evidence.Retention{}, evidence.Note{}, evidence.CustodyRecord{},
		evidence.CustodyDay{}, evidence.Info{},
		feed.Index{}, feed.IndexCell{}, feed.Cell{},
		api.Work{}, api.Solution{}, api.BeginShare{}, api.BegunShare{}, api.CommitShare{}, api.ClipDigest{}, api.Mailbox{}, api.NewCustodian{},
		api.WrappedKey{}, api.OpenEpoch{}, api.InboxItem{}, api.Delivery{}, api.Problem{},
		resident.Pending{}, resident.PendingClip{}, backup.Manifest{}, trust.Pin{},
	}
}

// member is one row of such a table, or one field of the type.
type member struct {
	Name     string
	Optional bool
}

// TestMembers compares the tables with the types: same members in the same order, and the same ones optional.
func TestMembers(t *testing.T) {
	tables := memberTables(t)
	for _, v := range described() {
		name := tableOf(reflect.TypeOf(v))
		shown, ok := tables[name]
		if !ok {
			t.Errorf("formats.md has no table for %T", v)
		}
		if diff := cmp.Diff(fields(reflect.TypeOf(v)), shown); diff != "" {
			t.Errorf("formats.md, %T (-code +document):\n%s", v, diff)
		}
		delete(tables, name)
	}
	for name := range tables {
		t.Errorf("formats.md describes %s, which no test compares with the code", name)
	}
}

// tableOf returns the name of a type's table: its own, but where two types share one.
func tableOf(typ reflect.Type) string {
	if typ == reflect.TypeFor[backup.Manifest]() {
		return "BackupManifest"
	}
	return typ.Name()
}

// fields lists a type's own members. Embedded types have a table of their own.
func fields(typ reflect.Type) []member {
	var out []member
	for i := range typ.NumField() {
		f := typ.Field(i)
		if name, options, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			// A signature is left out while signing, and never otherwise.
			out = append(out, member{name, (options == "omitempty" || options == "omitzero") && name != "sig"})
		}
	}
	return out
}

var (
	marker = regexp.MustCompile(`^<!-- members: ([A-Za-z ]+) -->$`)
	row    = regexp.MustCompile("^\\| `([a-z0-9_]+)` \\|([^|]*)\\|([^|]*)\\|$")
)

// memberTables returns the rows of every table behind a marker, by the names in the marker.
func memberTables(t *testing.T) map[string][]member {
	t.Helper()
	tables := map[string][]member{}
	var names []string
	inTable := false
	for line := range strings.Lines(readFile(t, "formats.md")) {
		line = strings.TrimSpace(line)
		if m := marker.FindStringSubmatch(line); m != nil {
			names, inTable = strings.Fields(m[1]), false
			continue
		}
		if len(names) == 0 || line == "" && !inTable {
			continue
		}
		inTable = strings.HasPrefix(line, "|")
		if !inTable {
			names = nil
			continue
		}
		if m := row.FindStringSubmatch(line); m != nil {
			one := member{m[1], strings.HasPrefix(strings.TrimSpace(m[3]), "optional")}
			for _, name := range names {
				tables[name] = append(tables[name], one)
			}
		}
	}
	if len(tables) == 0 {
		t.Fatal("formats.md has no table of members")
	}
	return tables
}

// TestWordLists holds lists of words in the code against the document: each must be named there, in backticks.
func TestWordLists(t *testing.T) {
	text := readFile(t, "formats.md") + readFile(t, "policy.md")
	var named []string
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		named = append(named, m[1])
	}
	for _, list := range []struct{ file, form string }{
		{"../ledger/fact.go", `Kind\w+\s+Kind = "([a-z.]+)"`},
		{"../internal/footage/custody.go", `EventKind = "([a-z_]+)"`},
		{"../internal/footage/share.go", `ShareState = "([a-z_]+)"`},
		{"../internal/footage/agency.go", `(?:AgencyType|Role)\s+= "([a-z_]+)"`},
		{"../internal/footage/request.go", `UpdateKind = "([a-z]+)"`},
		{"../internal/footage/error.go", `Kind = "([a-z_]+)"`},
		{"../internal/policy/kinds.go", `\{name: "([a-z_]+)"`},
		{"../evidence/statement.go", `= "([a-z_]+)"`},
		{"../evidence/manifest.go", `(?:CaptureSource|EditCode) = "([a-z_]+)"`},
		{"../evidence/terms.go", `Prohibition = "([a-z_]+)"`},
		{"../evidence/bundle_verify.go", `untrusted\("([a-z_]+)"`},
		{"../evidence/replay.go", `untrusted\("([a-z_]+)"`},
		{"../evidence/signers.go", `untrusted\("([a-z_]+)"`},
	} {
		found := regexp.MustCompile(list.form).FindAllStringSubmatch(readFile(t, list.file), -1)
		if len(found) == 0 {
			t.Errorf("%s holds nothing of the form %s, so this test would prove nothing", list.file, list.form)
		}
		for _, m := range found {
			if !slices.Contains(named, m[1]) {
				t.Errorf("formats.md does not name %q of %s", m[1], list.file)
			}
		}
	}
}

// TestBagLayout compares the files of a package with the paths that the code writes.
func TestBagLayout(t *testing.T) {
	var shown []string
	for line := range strings.Lines(vectors(t).text("bag-layout")) {
		shown = append(shown, strings.Fields(line)[0])
	}
	source := readFile(t, "../evidence/payload.go") + readFile(t, "../evidence/package.go")
	paths := regexp.MustCompile(`"((?:data/|bag|manifest|tagmanifest)[a-z0-9/.%-]*)"`).FindAllStringSubmatch(source, -1)
	if len(paths) < 15 {
		t.Fatalf("only %d paths were found in the source", len(paths))
	}
	written := map[string]bool{}
	for _, m := range paths {
		path := strings.Replace(m[1], "%02d", "01", 1)
		written[path] = true
		if !slices.Contains(shown, path) {
			t.Errorf("formats.md does not list %s", path)
		}
	}
	for _, path := range shown {
		if !written[path] {
			t.Errorf("formats.md lists %s, which no package holds", path)
		}
	}
}
