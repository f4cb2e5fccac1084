package exchange_test

import (
	"context"
	"testing"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// TestDeskInPages: an agency opens clips in pages of the exchange once an administrator and a second person of it want that, and
// no longer than an administrator wants. The record says so, and whoever checks a request learns it.
func TestDeskInPages(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := context.Background()
		request := w.publish(w.police, w.draft(0))
		admin := w.enrol(w.police.ID, footage.AgencyAdmin, footage.Custodian)
		served := func(want bool) {
			t.Helper()
			must(t, w.x.State(ctx))
			bundle, err := w.x.Bundle(ctx, request)
			must(t, err)
			c, err := bundle.Verify(evidence.Trust{}, w.now())
			if err != nil || c.Desk != want {
				t.Errorf("the bundle says %v, %v; want %v", c.Desk, err, want)
			}
			s, err := w.x.Agency(ctx, w.police.ID)
			must(t, err)
			if s.DeskSince.IsZero() == want {
				t.Errorf("the register says %v, want %v", s.DeskSince, want)
			}
		}
		wantKind(t, "asked by a custodian", w.x.AskDesk(ctx, w.police.custodian.id), footage.Forbidden)
		wantKind(t, "agreed to nothing", w.x.AgreeDesk(ctx, w.police.custodian.id), footage.Conflict)
		must(t, w.x.AskDesk(ctx, admin.id))
		wantKind(t, "asked twice", w.x.AskDesk(ctx, admin.id), footage.Conflict)
		wantKind(t, "agreed by who asked", w.x.AgreeDesk(ctx, admin.id), footage.Forbidden)
		wantKind(t, "agreed by an officer", w.x.AgreeDesk(ctx, w.police.officer.id), footage.Forbidden)
		served(false)
		must(t, w.x.AgreeDesk(ctx, w.police.custodian.id))
		if f := lastFact[ledger.AgencyDesk](t, w); !f.Served || f.By[0] != admin.id || f.By[1] != w.police.custodian.id {
			t.Errorf("the record says %+v", f)
		}
		served(true)
		wantKind(t, "ended by a custodian", w.x.EndDesk(ctx, w.police.custodian.id), footage.Forbidden)
		must(t, w.x.EndDesk(ctx, admin.id))
		served(false)
		wantKind(t, "ended twice", w.x.EndDesk(ctx, admin.id), footage.Conflict)
	})
}
