package proof_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/node/nodetest"
	client "porchlight.example/internal/resident"
)

// change runs a statement on the town's database behind the exchange's back, as somebody does who has the machine.
func change(t *testing.T, w *nodetest.Town, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.Opts.Data, "exchange.db"))
	must(t, err)
	defer db.Close()
	result, err := db.ExecContext(t.Context(), query, args...)
	must(t, err)
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s changed %d rows, %v", query, n, err)
	}
}

// refused checks that a resident's program refuses a request, with a code, and seals nothing.
func refused(t *testing.T, x *client.Exchange, id footage.RequestID, code string) {
	t.Helper()
	var own *footage.Error
	if _, err := x.Request(t.Context(), id); !errors.As(err, &own) || own.Kind != footage.Untrusted || own.Code != code {
		t.Errorf("got %v, want untrusted with code %s", err, code)
	}
}

// TestShareRefusesASwappedEpoch (promise 10): the operator puts another sealing key into the database. The state that the
// exchange then commits to is not what its record shows, and the resident's program seals nothing.
func TestShareRefusesASwappedEpoch(t *testing.T) {
	t.Parallel()
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	must(t, w.Node.Exchange.State(t.Context()))
	x := client.New(w.Server.URL, w.Node.Exchange.Info().LogVerifier)
	_, err := x.Request(t.Context(), id)
	must(t, err)
	change(t, w, `UPDATE epoch SET body = replace(body, 'age1pq1', 'age1pq1q')`)
	w.Enrol(w.Police.ID, footage.Officer) // anything that goes into the record
	must(t, w.Node.Exchange.State(t.Context()))
	refused(t, x, id, "key_swapped")
}

// TestShareRefusesARevokedKey: a bundle that was right once, kept back by a cache or by the exchange, is refused although its
// proofs hold, because the present state names another key.
func TestShareRefusesARevokedKey(t *testing.T) {
	t.Parallel()
	w := nodetest.Start(t, nil)
	id := w.Publish(w.Draft(0))
	old := w.Node.Exchange
	bundle, err := old.Bundle(t.Context(), id)
	must(t, err)
	w.OpenEpoch(w.Police, 2)
	must(t, old.State(t.Context()))
	x := client.New(w.Server.URL, old.Info().LogVerifier)
	now, err := x.Present(t.Context(), "")
	must(t, err)
	checked, err := bundle.Verify(evidence.Trust{Verifier: x.Verifier}, w.Now())
	must(t, err)
	var own *footage.Error
	if _, err := checked.Against(now); !errors.As(err, &own) || own.Code != "key_revoked" {
		t.Errorf("got %v, want key_revoked", err)
	}
	fresh, err := x.Request(t.Context(), id)
	must(t, err)
	if fresh.Epoch().Number != 2 {
		t.Errorf("the new bundle names key %d, want 2", fresh.Epoch().Number)
	}
}
