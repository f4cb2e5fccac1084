package exchange_test

import (
	"context"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// TestDisableCustodian: a disabled device signs nothing and gets no key any more; only its own agency can disable it.
func TestDisableCustodian(t *testing.T) {
	each(t, options{atOnce: true}, func(t *testing.T, w *world) {
		ctx := context.Background()
		p := w.police
		fire := w.agency(town.Agencies()[1])
		_, receipt := w.send(p, w.publish(p, w.draft(0)), []byte("sealed"))
		w.release()
		must(t, w.step(p, receipt.Share, footage.EventPickedUp, nil))

		lost, _ := w.device(p.custodian)
		wantKind(t, "by another agency", w.x.DisableCustodian(ctx, fire.custodian.id, lost.ID), footage.NotFound)
		wantKind(t, "by an officer", w.x.DisableCustodian(ctx, p.officer.id, lost.ID), footage.Forbidden)
		for range 2 {
			must(t, w.x.DisableCustodian(ctx, p.custodian.id, lost.ID))
		}
		wantKind(t, "wrapping for it", discard(w.x.WrapKey(ctx, p.custodian.id, api.WrappedKey{Epoch: 1, Holder: string(lost.ID), Wrapped: api.Encode([]byte("x"))})), footage.NotFound)
		_, err := w.x.OpenEpoch(ctx, p.custodian.id, epochFor(2, lost.ID))
		wantKind(t, "an epoch for it", err, footage.Invalid)

		must(t, w.step(p, receipt.Share, footage.EventOpened, nil))
		must(t, w.x.DisableCustodian(ctx, p.custodian.id, p.device.ID))
		wantKind(t, "an event by it", w.step(p, receipt.Share, footage.EventVerified, nil), footage.Forbidden)
	})
}
