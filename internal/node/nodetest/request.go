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

// PublishAs drafts, signs, approves and publishes a request of an agency and returns its ID.
func (w *Town) PublishAs(a *Agency, in api.DraftRequest) footage.RequestID {
	w.t.Helper()
	ctx := context.Background()
	var draft api.AgencyRequest
	must(w.t, a.Officer.Client.Call(ctx, "POST", "/v1/agency/requests", in, &draft))
	canonical, err := in.Document.Canonical()
	must(w.t, err)
	path := "/v1/agency/requests/" + string(draft.ID)
	must(w.t, a.Officer.Client.Call(ctx, "POST", path+"/sign", api.Signature{Assertion: w.Assert(a.Officer, footage.Officer, canonical)}, nil))
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/approve", api.Signature{Assertion: w.Assert(a.Supervisor, footage.Supervisor, canonical)}, nil))
	must(w.t, a.Supervisor.Client.Call(ctx, "POST", path+"/publish", struct{}{}, nil))
	return draft.ID
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
	}
}
