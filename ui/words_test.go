package ui_test

import (
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/account"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/policy"
	"porchlight.example/ui/text"
)

// sources returns the text of every file below ui whose name ends so, by its path.
func sources(t *testing.T, ending string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ending) || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		out[path] = string(raw)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%d files %s: %v", len(out), ending, err)
	}
	return out
}

// webSources returns the code that answers with pages.
func webSources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	var paths []string
	for _, pkg := range []string{"web", "deskweb"} {
		found, err := filepath.Glob("../internal/" + pkg + "/*.go")
		if err != nil || len(found) == 0 {
			t.Fatalf("no code of %s: %v", pkg, err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(raw)
	}
	return out
}

// families are the keys that are put together from a value, with every value there is.
func families() []text.Key {
	var keys []text.Key
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, text.Key(prefix+v))
		}
	}
	for _, a := range footage.AgencyTypes() {
		add("agencytype.", string(a))
	}
	for _, r := range []footage.Role{footage.Officer, footage.Supervisor} { // whose signatures are shown
		add("role.", string(r))
	}
	for _, r := range footage.Roles() {
		add("staff.role.", string(r), string(r)+".hint")
	}
	add("staff.status.", string(footage.Draft), string(footage.Signed), string(footage.Approved), string(footage.InModeration), string(footage.StatusHeld), string(footage.StatusRefused), string(footage.StatusTakenBack))
	for _, s := range account.Scopes() {
		add("staff.scope.", string(s))
	}
	for _, s := range []footage.RequestStatus{footage.Published, footage.StatusResolved, footage.StatusExpired, footage.StatusWithdrawn, footage.StatusWithheld} { // what is public
		add("status.", string(s))
	}
	for _, k := range []footage.UpdateKind{footage.Amended, footage.Resolved, footage.Withdrawn, footage.Expired} {
		add("update.", string(k))
	}
	for _, r := range footage.ModerationReasons() {
		add("moderation.reason.", string(r))
	}
	for _, o := range []footage.Outcome{footage.OutcomeCleared, footage.OutcomeHeld, footage.OutcomeRefused} {
		add("moderation.outcome.", string(o))
	}
	for _, r := range footage.ApplicationReasons() {
		add("application.reason.", string(r))
	}
	for _, r := range footage.Ranks() {
		add("staff.rank.", string(r))
	}
	add("staff.digest.deed.", "picked_up", "opened", "verified", "accepted", "declined", "exported", "confirmed", "asked", "answered", "drafted", "published", "updated", "passkey", "epoch", "key_waiting")
	add("staff.keys.use.", string(footage.KeyPasskey), string(footage.KeyCustodian), string(footage.KeyEpoch))
	for _, r := range footage.ComplaintReasons() {
		add("complaint.reason.", string(r))
	}
	for _, o := range footage.ComplaintOutcomes() {
		add("complaint.outcome.", string(o))
	}
	for _, r := range footage.ComplaintResults() {
		add("complaint.result.", string(r))
	}
	for _, d := range footage.Duties() {
		add("duty.", string(d))
		add("staff.followup.", string(d))
		for _, s := range d.Sayings() {
			add("said.", string(s), string(s)+".hint")
		}
	}
	for _, b := range footage.DemandBodies() {
		add("demand.body.", string(b))
	}
	for _, k := range footage.DemandKinds() {
		add("demand.kind.", string(k))
	}
	for _, a := range append(footage.DemandAnswers(), footage.DemandPending) {
		add("demand.answer.", string(a))
	}
	for _, s := range footage.NoticeSorts() {
		add("notice.sort.", string(s))
	}
	for _, s := range footage.NoticeTouches() {
		add("notice.touched.", string(s))
	}
	for _, a := range footage.NoticeAdvices() {
		add("notice.advice.", string(a))
	}
	for _, a := range footage.Authorities() {
		add("authority.", string(a), string(a)+".hint")
	}
	for _, w := range []policy.Way{policy.Added, policy.Left, policy.Stricter, policy.Looser, policy.Otherwise, policy.Reworded} {
		add("staff.adoption.way.", strings.ReplaceAll(string(w), " ", "_"))
	}
	for _, l := range footage.Lapses() {
		add("lapse.", string(l))
	}
	add("record.kind.", entryKinds()...)
	add("desk.state.", string(footage.ShareReleased), string(footage.SharePickedUp), string(footage.ShareConfirmed), string(footage.ShareDeclined), string(footage.ShareExpired), string(footage.ShareErased), string(footage.ShareLost))
	add("desk.party.", string(footage.PartyAgency), string(footage.PartyResident), string(footage.PartyExchange))
	for _, c := range []evidence.CaptureSource{evidence.FromContainer, evidence.FromExif, evidence.FromFile, evidence.FromOwner} {
		add("desk.capture.", string(c))
	}
	for _, e := range []evidence.EditCode{evidence.EditTrimmed, evidence.EditMuted, evidence.EditBlurred, evidence.EditStripped, evidence.EditRemuxed, evidence.EditRecoded, evidence.EditConverted} {
		add("desk.edit.", string(e))
	}
	add("desk.level.", string(evidence.OK), string(evidence.Warn), string(evidence.Fail))
	for _, s := range []evidence.State{evidence.Holds, evidence.Broken, evidence.Absent, evidence.NotChecked} {
		add("desk.rungstate.", string(s))
		for _, r := range evidence.Ladder(evidence.Known{Maker: s, Cloud: s, Capture: s, Sending: s}) {
			add("desk.rung.", r.Code, r.Code+"."+string(r.State))
		}
	}
	add("desk.origin.", string(evidence.Holds), string(evidence.Absent))
	for _, r := range evidence.DeclineReasons() {
		add("desk.decline.reason.", string(r))
	}
	for _, e := range []evidence.Exculpatory{evidence.NoneSeen, evidence.Possibly, evidence.NotReviewed} {
		add("desk.decline.helps.", string(e))
	}
	for _, a := range []evidence.RecallAnswer{evidence.RecallDestroyed, evidence.RecallReturned, evidence.RecallKeptByLaw} {
		add("desk.recall.", string(a), string(a)+".hint")
	}
	add("desk.event.", eventKinds()...)
	add("privacy.about.", "resident", "agency", "exchange", "files")
	add("language.", "en", "es")
	for _, status := range []string{"400", "403", "404", "410", "413", "429", "500", "503", "507"} {
		add("error."+status+".", "heading", "advice")
	}
	return keys
}

// entryKinds returns every kind of entry that package ledger declares: a new one needs a sentence record.kind.KIND in both
// languages.
func entryKinds() []string {
	var out []string
	paths, _ := filepath.Glob("../ledger/*.go") // the pattern is well formed
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil || strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`\bKind\w+\s+(?:Kind\s+)?= "([a-z._]+)"`).FindAllStringSubmatch(string(raw), -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// eventKinds returns every kind of custody event that package footage declares.
func eventKinds() (out []string) {
	raw, _ := os.ReadFile("../internal/footage/custody.go") // without it the messages are unused, which the test says
	for _, m := range regexp.MustCompile(`EventKind = "([a-z_]+)"`).FindAllStringSubmatch(string(raw), -1) {
		out = append(out, m[1])
	}
	return out
}

// TestRungsAreTranslated: in English the desk says of a rung exactly what the report in the package says.
func TestRungsAreTranslated(t *testing.T) {
	c, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []evidence.State{evidence.Holds, evidence.Broken, evidence.Absent, evidence.NotChecked} {
		for _, r := range evidence.Ladder(evidence.Known{Maker: s, Cloud: s, Capture: s, Sending: s}) {
			if got := c.T(text.Key("desk.rung." + r.Code + "." + string(r.State))); got != r.Text {
				t.Errorf("rung %s, %s: the page says %q, the report %q", r.Code, r.State, got, r.Text)
			}
		}
	}
}

// TestEveryKindHasASentence: whatever kind of entry there is, the record's pages say in words what it states.
func TestEveryKindHasASentence(t *testing.T) {
	kinds := entryKinds()
	if len(kinds) < 15 {
		t.Fatalf("only %d kinds were found: %v", len(kinds), kinds)
	}
	for _, lang := range text.Languages() {
		c, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			if !c.Has(text.Key("record.kind." + kind)) {
				t.Errorf("ui/text/%s/record.json has no sentence record.kind.%s", lang, kind)
			}
		}
	}
}

// staffKey finds the messages of signed-in pages and of forms: a key is written as a text wherever it is chosen, here or in package web.
var staffKey = regexp.MustCompile(`"((?:staff|apply|complaints?|notice|desk)\.[a-z0-9._]*[a-z0-9])"`)

var (
	keyInTemplate = regexp.MustCompile(`\b(?:t|rich|richparas)\s+"([a-z0-9._]+)"`)
	keyInScript   = regexp.MustCompile(`\b(?:t|list)\("([a-z0-9._]+)"`)
	keyInCode     = regexp.MustCompile(`\b(?:T|List|Has)\("([a-z0-9._]+)"`)
)

// TestEveryMessageIsUsed: what pages say is in the catalogue, and what is in the catalogue is said somewhere.
func TestEveryMessageIsUsed(t *testing.T) {
	used := map[text.Key]string{}
	for _, k := range families() {
		used[k] = "a family"
	}
	for path, source := range sources(t, ".tmpl") {
		for _, m := range keyInTemplate.FindAllStringSubmatch(source, -1) {
			used[text.Key(m[1])] = path
		}
	}
	for path, source := range sources(t, ".go") {
		for _, m := range keyInCode.FindAllStringSubmatch(source, -1) {
			used[text.Key(m[1])] = path
		}
	}
	for path, source := range sources(t, ".ts") {
		for _, m := range keyInScript.FindAllStringSubmatch(source, -1) {
			used[text.Key(m[1])] = path
		}
	}
	for _, files := range []map[string]string{sources(t, ".tmpl"), sources(t, ".go"), webSources(t)} {
		for path, source := range files {
			for _, m := range staffKey.FindAllStringSubmatch(source, -1) {
				if m[1] != "desk.js" { // the script
					used[text.Key(m[1])] = path
				}
			}
		}
	}
	c, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range c.Keys() {
		for _, given := range []string{"reason.", "record.kind.", "staff.desk.error.", "staff.desk.finding."} { // codes that the exchange, the record and a page's script give
			if strings.HasPrefix(string(k), given) {
				used[k] = "a code"
			}
		}
	}
	for k, where := range used {
		if !c.Has(k) {
			t.Errorf("%s says %s, which is not in the catalogue", where, k)
		}
	}
	for _, k := range c.Keys() {
		if used[k] == "" {
			t.Errorf("nobody says %s", k)
		}
	}
}

// names are said the same in every language.
func names() []string {
	return []string{"Porchlight", "Atom", "JSON Feed", "GeoJSON", "JSON", "SHA-256", "porchlight share", "porchlight complain send", "/complain", "decisions.csv", "legal-demands.csv", "legal-demands.json", "erasures.csv", "erasures.json", "decisions.json", "urgent.csv", "urgent.json", "complaints.csv", "complaints.json", "followups.csv", "followups.json", "notices.csv", "notices.json", "/requests/", "porchlight trust", "porchlight verify", "porchlight audit", "curl -o",
		"request.json", "entry.json", "requests.csv", "requests.geojson", "figures.csv", "/data/index.json", "/data/agencies/", "/data/", "/v1/"}
}

var (
	action    = regexp.MustCompile(`\{\{[^}]*\}\}`)
	tag       = regexp.MustCompile(`<[^>]*>`)
	spoken    = regexp.MustCompile(`\b(?:alt|title|aria-label|placeholder|content|value)="([^"]*)"`)
	anyLetter = regexp.MustCompile(`\p{L}{2,}`)
)

// TestNoWordsInTemplates: every text that a template writes itself comes from the catalogue, but for names.
func TestNoWordsInTemplates(t *testing.T) {
	for path, source := range sources(t, ".tmpl") {
		source = action.ReplaceAllString(source, "\x00")
		for _, m := range spoken.FindAllStringSubmatch(source, -1) {
			technical := []string{"width=device-width, initial-scale=1", "light dark", "no-referrer", "noindex"}
			if anyLetter.MatchString(m[1]) && !slices.Contains(technical, m[1]) {
				t.Errorf("%s: the attribute says %q", path, m[1])
			}
		}
		words := html.UnescapeString(tag.ReplaceAllString(source, "\x00"))
		for _, name := range names() {
			words = strings.ReplaceAll(words, name, "")
		}
		if left := anyLetter.FindString(words); left != "" {
			t.Errorf("%s says %q itself", path, left)
		}
	}
}
