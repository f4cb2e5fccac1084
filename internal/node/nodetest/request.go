package nodetest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Join registers another agency with its people and its key.
func (w *Town) Join(a footage.Agency) *Agency {
	w.t.Helper()
	return w.agency(a)
}

// Refresh brings the public files and pages up to the record, as a running node does by itself.
func (w *Town) Refresh() {
	w.t.Helper()
	h, err := w.Node.Handler(context.Background())
	must(w.t, err)
	must(w.t, h.Refresh(context.Background()))
}

// PublishAs takes a request of an agency through everybody's hands until it is public, and returns its ID.
func (w *Town) PublishAs(a *Agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	id := w.Submit(a, in)
	w.Clear(string(id))
	return id
}

// Hold takes a request of an agency to the moderators, who give it back.
func (w *Town) Hold(a *Agency, in api.DraftRequest, reason footage.ModerationReason) footage.RequestID {
	w.t.Helper()
	id := w.Submit(a, in)
	must(w.t, w.Moderator.Client.Call(context.Background(), "POST", "/v1/moderation/cases/"+string(id)+"/hold", api.Verdict{Reason: reason}, nil))
	return id
}

// Submit drafts, signs and approves a request of an agency and hands it to the moderators.
func (w *Town) Submit(a *Agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	return w.submit(a, in, api.Submit{})
}

// SubmitUrgent is Submit into the urgent lane.
func (w *Town) SubmitUrgent(a *Agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	return w.submit(a, in, api.Submit{Urgent: true})
}

func (w *Town) submit(a *Agency, in api.DraftRequest, how api.Submit) footage.RequestID {
	w.t.Helper()
	ctx := context.Background()
	var draft api.AgencyRequest
	must(w.t, a.Officer.Client.Call(ctx, "POST", "/v1/agency/requests", in, &draft))
	canonical, err := in.Document.Canonical()
	must(w.t, err)
	path := "/v1/agency/requests/" + string(draft.ID)
	must(w.t, a.Officer.Client.Call(ctx, "POST", path+"/sign", api.Signature{Assertion: w.Assert(a.Officer, footage.Officer, canonical)}, nil))
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/approve", api.Signature{Assertion: w.Assert(a.Supervisor, footage.Supervisor, canonical)}, nil))
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/submit", how, nil))
	return draft.ID
}

// Clear publishes what waits for a moderator: a request by its ID, an addition by its hash.
func (w *Town) Clear(subject string) {
	w.t.Helper()
	must(w.t, w.Moderator.Client.Call(context.Background(), "POST", "/v1/moderation/cases/"+subject+"/clear", struct{}{}, nil))
}

// NextUpdate returns the update that would follow on what is published of a request.
func (w *Town) NextUpdate(id footage.RequestID, kind footage.UpdateKind, words string) footage.Update {
	w.t.Helper()
	raw, err := api.New(w.Server.URL).Get(context.Background(), "/v1/requests/"+string(id))
	must(w.t, err)
	b, err := evidence.ParseBundle(raw)
	must(w.t, err)
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // crypto/rand.Read never fails
	u := footage.Update{Type: footage.UpdateType, Nonce: base64.RawURLEncoding.EncodeToString(nonce[:]), Request: id, Previous: string(id), Kind: kind, Text: words, At: w.Now().Truncate(time.Second)}
	if n := len(b.Updates); n > 0 {
		canonical, err := b.Updates[n-1].Update.Canonical()
		must(w.t, err)
		u.Previous = footage.Hash(canonical)
	}
	return u
}

// Update publishes an update of a request of an agency, with the signatures that its kind needs.
func (w *Town) Update(a *Agency, id footage.RequestID, kind footage.UpdateKind, words string) {
	w.t.Helper()
	ctx := context.Background()
	u := w.NextUpdate(id, kind, words)
	canonical, err := u.Canonical()
	must(w.t, err)
	path := "/v1/agency/requests/" + string(id) + "/updates"
	must(w.t, a.Officer.Client.Call(ctx, "POST", path, api.SignedUpdate{Update: u, Assertion: w.Assert(a.Officer, footage.Officer, canonical)}, nil))
	if kind == footage.Amended {
		must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/approve", api.Signature{Assertion: w.Assert(a.Supervisor, footage.Supervisor, canonical)}, nil))
		w.Clear(footage.Hash(canonical))
	}
}

// FollowUp says what an agency's supervisor says after a request that has ended.
func (w *Town) FollowUp(a *Agency, id footage.RequestID, in api.NewFollowUp) {
	w.t.Helper()
	ctx, path := context.Background(), "/v1/agency/requests/"+string(id)+"/followups"
	var f footage.FollowUp
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/draft", in, &f))
	canonical, err := f.Canonical()
	must(w.t, err)
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path, api.SignedFollowUp{FollowUp: f, Assertion: w.Assert(a.Supervisor, footage.Supervisor, canonical)}, nil))
}

// Complain complains about a request as a resident's program does, and returns the complaint with the code for its answer.
func (w *Town) Complain(id footage.RequestID, words string) (footage.Complaint, string) {
	w.t.Helper()
	ctx := context.Background()
	c := api.New(w.Server.URL)
	work, err := c.Work(ctx)
	must(w.t, err)
	solution, err := work.Solve(ctx)
	must(w.t, err)
	code := footage.NewComplaintCode(footage.NewID(rand.Reader, "q"))
	var out footage.Complaint
	must(w.t, c.Call(ctx, "POST", "/v1/complaints", api.Complain{Work: solution, Request: id, Reason: footage.ComplaintTooWide, Words: words, HandOn: true,
		Code: footage.ComplaintCodeHash(code)}, &out))
	return out, code
}

// Withhold withholds a request's text: the operator proposes it, the moderator agrees.
func (w *Town) Withhold(id footage.RequestID) {
	w.t.Helper()
	ctx, path := context.Background(), "/v1/withholdings/"+string(id)
	w.Operator.Client, w.Moderator.Client = w.Login(w.Operator.Key), w.Login(w.Moderator.Key) // days may have passed
	in := api.SignedWithholding{Reference: "Town Court, 2026-17"}
	must(w.t, w.Operator.Client.Call(ctx, "POST", path+"/draft", api.Withhold{Authority: footage.CourtOrder, Reference: in.Reference, AllComplaints: true}, &in.Withholding))
	canonical, err := in.Withholding.Canonical()
	must(w.t, err)
	in.Assertion = w.Assert(w.Operator, footage.Operator, canonical)
	must(w.t, w.Operator.Client.Call(ctx, "POST", path+"/propose", in, nil))
	must(w.t, w.Moderator.Client.Call(ctx, "POST", path+"/agree", api.Signature{Assertion: w.Assert(w.Moderator, footage.Moderator, canonical)}, nil))
}
