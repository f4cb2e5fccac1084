package resident_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/media/sample"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

// shared sends one short film.
func (w *world) shared(t *testing.T) resident.Sent {
	t.Helper()
	clip := open(t, w.film(t, "door.mp4", sample.Film{Seed: 5}), resident.ClipOptions{})
	sent, err := w.x.Send(t.Context(), resident.Share{Request: w.request(t), Clips: []*resident.Clip{clip}, Language: "en"}, resident.SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// note seals a message to a resident as somebody writes it.
func note(t *testing.T, to seal.Secret, n evidence.Note) string {
	t.Helper()
	raw, err := footage.Canonical(n)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal.SealBytes(raw, evidence.NotePadding, to.Identity().Recipient())
	if err != nil {
		t.Fatal(err)
	}
	return api.Encode(sealed)
}

// question is a good note of the agency.
func (w *world) question(t *testing.T, share footage.ShareID, text string) evidence.Note {
	t.Helper()
	n, err := evidence.NewNote(share, footage.PartyAgency, string(w.Police.Device.ID), text, w.Now(), w.Police.Sign)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConversation(t *testing.T) {
	w := start(t)
	sent := w.shared(t)
	w.receive(t, sent.Receipt.Share)
	ask := api.Reply{Body: note(t, sent.Secret, w.question(t, sent.Receipt.Share, "Which door?"))}
	if err := w.Police.Custodian.Client.Call(t.Context(), "POST", "/v1/agency/shares/"+string(sent.Receipt.Share)+"/messages", ask, nil); err != nil {
		t.Fatal(err)
	}
	box, err := w.x.Mailbox(t.Context(), sent.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if len(box.Notes) != 1 || box.Notes[0].Text != "Which door?" || box.Notes[0].From != footage.PartyAgency || box.Notes[0].Err != nil {
		t.Fatalf("notes: %+v", box.Notes)
	}
	if err := w.x.Reply(t.Context(), box, "The front door."); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "  \n", strings.Repeat("x", evidence.MaxNote+1), "left\u202eright"} {
		if err := w.x.Reply(t.Context(), box, bad); !errors.Is(err, footage.Invalid) {
			t.Errorf("reply %.10q: %v, want invalid", bad, err)
		}
	}
	if box, err = w.x.Mailbox(t.Context(), sent.Secret); err != nil || len(box.Notes) != 2 {
		t.Fatalf("own reply: %+v, %v", box.Notes, err)
	}
	if i := slices.IndexFunc(box.Notes, func(n resident.Note) bool { return n.From == footage.PartyResident }); i < 0 || box.Notes[i].Text != "The front door." {
		t.Fatalf("own reply: %+v, %v", box.Notes, err)
	}

	// The agency opens and verifies it with what the manifest says of the resident.
	var d api.Delivery
	if err := w.Node.Exchange.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Police.Custodian.Client.Call(t.Context(), "GET", "/v1/agency/shares/"+string(sent.Receipt.Share), nil, &d); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Talk, func(m footage.Message) bool { return m.From == footage.PartyResident })
	if i < 0 {
		t.Fatal("the agency did not get the reply")
	}
	sealed, err := api.Decode(d.Talk[i].Body)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := seal.OpenBytes(sealed, w.Police.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	n, err := evidence.ParseNote(raw)
	if err != nil || n.Text != "The front door." || n.Signer != evidence.SignerResident {
		t.Errorf("the agency reads %+v, %v", n, err)
	}
}

// TestWithdraw takes back before and after pick-up, twice each.
func TestWithdraw(t *testing.T) {
	w := start(t)
	early, late := w.shared(t), w.shared(t)
	w.receive(t, late.Receipt.Share)
	for range 2 {
		if _, err := w.x.Withdraw(t.Context(), early.Secret); err != nil {
			t.Fatal(err)
		}
		if _, err := w.x.Withdraw(t.Context(), late.Secret); err != nil {
			t.Fatal(err)
		}
	}
	box, err := w.x.Mailbox(t.Context(), early.Secret)
	if err != nil || box.PickedUp() || !box.Erased() {
		t.Errorf("before pick-up: %s, %v", box.State, err)
	}
	box, err = w.x.Mailbox(t.Context(), late.Secret)
	if err != nil || !box.PickedUp() || box.Erased() || box.Events[len(box.Events)-1].Kind != footage.EventRecalled {
		t.Errorf("after pick-up: %s, %v", box.State, err)
	}
	answer, err := evidence.Recall{Answer: evidence.RecallKeptByLaw, Note: "Penal code 1234"}.Detail()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Event(w.Police, late.Receipt.Share, footage.EventAnswered, answer); err != nil {
		t.Fatal(err)
	}
	if box, err = w.x.Mailbox(t.Context(), late.Secret); err != nil {
		t.Fatal(err)
	}
	line := box.Timeline()
	if last := line[len(line)-1]; last.By != w.Police.Name || !strings.Contains(last.What, "law obliges") || !strings.Contains(last.What, "Penal code 1234") {
		t.Errorf("the answer reads %+v", last)
	}
	var other seal.Secret
	if _, err := w.x.Withdraw(t.Context(), other); !errors.Is(err, footage.Refused) {
		t.Errorf("wrong words: %v", err)
	}
}

// TestDeclined: the resident reads each step that the agency took, and what it stated (T3).
func TestDeclined(t *testing.T) {
	w := start(t)
	sent := w.shared(t)
	w.receive(t, sent.Receipt.Share)
	statement, err := evidence.Decline{Reason: evidence.NotRelevant, Exculpatory: evidence.NoneSeen}.Detail()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Event(w.Police, sent.Receipt.Share, footage.EventOpened, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Event(w.Police, sent.Receipt.Share, footage.EventDeclined, statement); err != nil {
		t.Fatal(err)
	}
	box, err := w.x.Mailbox(t.Context(), sent.Secret)
	if err != nil {
		t.Fatal(err)
	}
	line := box.Timeline()
	if !slices.ContainsFunc(line, func(s resident.Step) bool { return strings.Contains(s.What, "they do not matter for the case") }) {
		t.Errorf("timeline: %+v", line)
	}
}

// TestRooted waits for the day to be over: then the public record vouches for the chain, and a false path is refused.
func TestRooted(t *testing.T) {
	w := start(t)
	sent := w.shared(t)
	w.Advance(24 * time.Hour)
	w.x.Now = w.Now
	if err := errors.Join(w.Node.Exchange.RootCustody(t.Context()), w.Node.Exchange.Integrate(t.Context())); err != nil {
		t.Fatal(err)
	}
	box, err := w.x.Mailbox(t.Context(), sent.Secret)
	if err != nil || len(box.Rooted) != 1 || box.Rooted[0].Format(time.DateOnly) != sent.Receipt.Committed.Format(time.DateOnly) {
		t.Fatalf("the record vouches for %v, %v", box.Rooted, err)
	}
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	x := resident.New((&recorder{}).serve(t, h, func(r *http.Request, body []byte) []byte {
		if r.URL.Path != "/v1/mailbox" {
			return body
		}
		return bytes.Replace(body, []byte(`"leaf":`), []byte(`"leaf":1`), 1)
	}), w.x.Verifier)
	x.Now = w.Now
	if _, err := x.Mailbox(t.Context(), sent.Secret); !errors.Is(err, footage.Untrusted) {
		t.Errorf("a false path: %v", err)
	}
}

// TestFalseMailboxes lets an exchange lie about a share, one lie at a time.
func TestFalseMailboxes(t *testing.T) {
	w := start(t)
	sent, other := w.shared(t), w.shared(t)
	w.receive(t, sent.Receipt.Share)
	h, err := w.Node.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lie func(*api.Mailbox)
	x := resident.New((&recorder{}).serve(t, h, func(r *http.Request, body []byte) []byte {
		var box api.Mailbox
		if r.URL.Path != "/v1/mailbox" || json.Unmarshal(body, &box) != nil {
			return body
		}
		lie(&box)
		out, err := json.Marshal(box)
		if err != nil {
			t.Error(err)
		}
		return out
	}), w.x.Verifier)
	for name, c := range map[string]func(*api.Mailbox){
		"an event left out": func(b *api.Mailbox) { b.Events = append(b.Events[:1:1], b.Events[2:]...) },
		"no chain":          func(b *api.Mailbox) { b.Events = nil },
		"a false time":      func(b *api.Mailbox) { b.Events[1].At = b.Events[1].At.Add(time.Second) },
		"a false detail":    func(b *api.Mailbox) { b.Events[2].Detail = map[string]string{"note": "destroyed"} },
		"the agency's name": func(b *api.Mailbox) {
			b.Events[1].Party, b.Events[1].Signer = footage.PartyAgency, string(w.Police.Device.ID)
		},
		"an unproven state":         func(b *api.Mailbox) { b.State = footage.ShareErased },
		"a later date for erasure":  func(b *api.Mailbox) { b.Receipt.EraseBy = b.Receipt.EraseBy.AddDate(1, 0, 0) },
		"another share's receipt":   func(b *api.Mailbox) { b.Receipt = other.Receipt },
		"a receipt without a clip":  func(b *api.Mailbox) { b.Receipt.Clips = nil },
		"another agency's receipt":  func(b *api.Mailbox) { b.Receipt.Agency = "oakdale-pd" },
		"an event of another share": func(b *api.Mailbox) { b.Events[0].Share = other.Receipt.Share },
	} {
		lie = c
		if _, err := x.Mailbox(t.Context(), sent.Secret); !errors.Is(err, footage.Untrusted) {
			t.Errorf("%s: %v, want untrusted", name, err)
		}
	}
	lie = func(*api.Mailbox) {}
	if _, err := x.Mailbox(t.Context(), sent.Secret); err != nil {
		t.Errorf("the truth: %v", err)
	}

	good := w.question(t, sent.Receipt.Share, "Which door?")
	for name, change := range map[string]func(*evidence.Note){
		"other words":          func(n *evidence.Note) { n.Text = "Give your name." },
		"another conversation": func(n *evidence.Note) { *n = w.question(t, other.Receipt.Share, "Which door?") },
		"no signature":         func(n *evidence.Note) { n.Sig = "" },
		"an unknown custodian": func(n *evidence.Note) { n.Signer = "k-00000000000000000000000000" },
		"the resident's name":  func(n *evidence.Note) { n.From, n.Signer = footage.PartyResident, evidence.SignerResident },
		"no sense":             func(n *evidence.Note) { n.Text = "" },
	} {
		n := good
		change(&n)
		lie = func(b *api.Mailbox) {
			b.Messages = []footage.Message{{ID: "m-1", From: footage.PartyAgency, Body: note(t, sent.Secret, n)}, {ID: "m-2", From: footage.PartyAgency, Body: "AAAA"},
				{ID: "m-3", From: footage.PartyAgency, Body: note(t, sent.Secret, good)}}
		}
		box, err := x.Mailbox(t.Context(), sent.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if box.Notes[0].Err == nil || box.Notes[0].Text != "" || box.Notes[1].Err == nil || box.Notes[2].Err != nil || box.Notes[2].Text != "Which door?" {
			t.Errorf("%s: %+v", name, box.Notes)
		}
	}
}
