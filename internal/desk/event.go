package desk

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// maxTries is how often an event is signed anew because others appended to the chain meanwhile.
const maxTries = 10

// record appends an event to the share's custody chain, signed by this device, and returns when it is durable on the exchange.
// The chain in s is brought up to date. When the exchange or a colleague appended meanwhile, the new links are checked and the
// event is signed anew behind them; when an answer was lost, the event that arrived is found and not written twice.
func (d *Desk) record(ctx context.Context, s *Share, kind footage.EventKind, detail map[string]string) error {
	v, err := d.signer(s)
	if err != nil {
		return err
	}
	from := len(s.Events)
	for range maxTries {
		e, err := s.next(v, kind, detail, d)
		if err != nil {
			return err
		}
		err = d.call(ctx, http.MethodPost, "/v1/agency/shares/"+string(s.Delivery.Share)+"/events", e, nil)
		if err == nil {
			s.Events = append(s.Events, e)
			return nil
		}
		if !moved(err) {
			return fmt.Errorf("record custody event %s: %w", kind, err)
		}
		if err := d.refresh(ctx, s); err != nil {
			return err
		}
		if s.arrived(from, e) {
			return nil
		}
	}
	return footage.E(footage.Unavailable, "Others write to this share's custody chain without a pause. Try again in a minute.")
}

// moved reports whether an event was refused, or its answer lost, in a way that looking at the chain again may mend.
func moved(err error) bool {
	var own *footage.Error
	return errors.As(err, &own) && (own.Code == "chain" || own.Kind == footage.Unavailable)
}

// signer returns the device's keys if the public record names them: what others sign nobody could check.
func (d *Desk) signer(s *Share) (*device, error) {
	v, err := d.device()
	if err != nil {
		return nil, err
	}
	if logged, ok := s.Checked.Custodians[v.ID]; !ok || !logged.Equal(v.Sign.Public().(ed25519.PublicKey)) {
		return nil, footage.Coded(footage.Forbidden, CodeNotInRecord, "The public record does not name this device's key, so nobody could check what it signs. A custodian who can open your agency's key must run 'desk key add --for' with this device's ID.")
	}
	return v, nil
}

// next makes and signs the next event of the chain. It is never dated before the one in front of it.
func (s *Share) next(v *device, kind footage.EventKind, detail map[string]string, d *Desk) (footage.Event, error) {
	last := s.Events[len(s.Events)-1]
	prev, err := last.Hash()
	if err != nil {
		return footage.Event{}, err
	}
	e := footage.Event{Share: s.Delivery.Share, Seq: len(s.Events), Prev: prev, At: d.now(), Kind: kind, Party: footage.PartyAgency, Signer: string(v.ID), Detail: detail}
	if e.At.Before(last.At) {
		e.At = last.At
	}
	return e, e.Sign(v.Sign)
}

// refresh fetches the share's state and chain again. The chain may only have grown.
func (d *Desk) refresh(ctx context.Context, s *Share) error {
	var now api.Delivery
	if err := d.call(ctx, http.MethodGet, "/v1/agency/shares/"+string(s.Delivery.Share), nil, &now); err != nil {
		return fmt.Errorf("fetch share again: %w", err)
	}
	old := s.Events
	s.Delivery = now
	if len(now.Events) < len(old) || old[len(old)-1].Sig != now.Events[len(old)-1].Sig {
		return footage.E(footage.Untrusted, "The custody chain that the exchange shows is not the one that it showed before. Keep what you have and tell the oversight body.")
	}
	return s.check(s.Receipt.Share, s.Receipt.Agency)
}

// arrived reports whether an event that was sent stands in the chain after all.
func (s *Share) arrived(from int, e footage.Event) bool {
	for _, x := range s.Events[from:] {
		if x.Sig == e.Sig || (x.Kind == e.Kind && x.Signer == e.Signer && maps.Equal(x.Detail, e.Detail)) {
			return true
		}
	}
	return false
}
