package evidence

import (
	"slices"
	"strings"

	"porchlight.example/internal/footage"
)

// chain checks the custody chain: unbroken, each step signed by the party whose step it is, tied to receipt and manifest.
func (v *verdict) chain(trust Trust) {
	events := v.custody.Events
	if _, err := footage.CheckChain(events, v.checked.KeyOf); err != nil {
		v.fail("custody_chain", custodyPath, err)
		return
	}
	for _, e := range events {
		if e.Party != partyOf(e.Kind) {
			v.add(Fail, "custody_party", custodyPath, "Custody event %d (%s) was signed by the wrong party.", e.Seq, e.Kind)
			return
		}
	}
	first := events[0]
	if first.Kind != footage.EventCommitted || first.Share != v.receipt.Share {
		v.add(Fail, "custody_start", custodyPath, "The custody chain does not begin with the receipt's share.")
		return
	}
	v.add(OK, "custody_chain", custodyPath, "The custody chain is unbroken: %d steps, each signed by the party whose step it was.", len(events))
	v.committed(first)
	v.vouched(events)
	v.days(trust)
}

// committed checks that the chain's first event names the receipt's clips.
func (v *verdict) committed(first footage.Event) {
	for name, want := range CommittedDetail(v.receipt) {
		switch first.Detail[name] {
		case want:
		case "":
			v.add(Warn, "custody_unbound", custodyPath, "The first custody event does not name the sealed clips; the receipt does.")
			return
		default:
			v.add(Fail, "custody_binding", custodyPath, "The first custody event is for other sealed clips than the receipt.")
			return
		}
	}
}

// vouched looks for the custodian's signed word that this manifest is what came out of the seal. It matters because the
// manifest's own signature shows only that its writer holds the key that is named in it.
func (v *verdict) vouched(events []footage.Event) {
	raw, err := v.m.Encode()
	if err != nil {
		v.fail("manifest_vouched", custodyPath, err)
		return
	}
	hash := footage.Hash(raw)
	said := ""
	for _, e := range events {
		if e.Kind == footage.EventVerified && e.Detail[DetailManifest] != "" {
			said = e.Detail[DetailManifest]
		}
	}
	switch said {
	case hash:
		v.add(OK, "manifest_vouched", custodyPath, "A custodian of the agency signed that this list of clips is the one that was sealed.")
	case "":
		v.add(Warn, "manifest_vouched", custodyPath, "No custodian has signed that this list of clips is the one that was sealed.")
	default:
		v.add(Fail, "manifest_vouched", custodyPath, "The list of clips is not the one that the agency's custodian found under the seal.")
	}
}

// days checks the paths from the chain to the daily roots in the public record.
func (v *verdict) days(trust Trust) {
	vkey := strings.TrimSpace(trust.Verifier)
	if vkey == "" {
		vkey = v.bundle.Verifier
	}
	if len(v.custody.Days) == 0 {
		v.add(Warn, "custody_no_root", custodyPath, "No path to the public record's daily custody root comes with the chain: whoever holds the signing keys could still have written it anew.")
	}
	for _, d := range v.custody.Days {
		day, err := d.Verify(v.custody.Events, vkey)
		if err != nil {
			v.fail("custody_path", custodyPath, err)
			continue
		}
		v.add(OK, "custody_root", custodyPath, "The chain up to step %d is under the public record's custody root of %s, so nobody can have changed it since.", d.Seq, day.Format("2 Jan 2006"))
	}
}

// partyOf returns the party that signs events of a kind, or nothing for an unknown kind.
func partyOf(kind footage.EventKind) footage.Party {
	agency := []footage.EventKind{footage.EventPickedUp, footage.EventOpened, footage.EventVerified, footage.EventAccepted, footage.EventDeclined,
		footage.EventExported, footage.EventConfirmed, footage.EventAsked, footage.EventAnswered}
	exchange := []footage.EventKind{footage.EventCommitted, footage.EventReleased, footage.EventReplied, footage.EventWithdrawn, footage.EventRecalled,
		footage.EventExpired, footage.EventErased, footage.EventRestored, footage.EventLost}
	switch {
	case slices.Contains(agency, kind):
		return footage.PartyAgency
	case slices.Contains(exchange, kind):
		return footage.PartyExchange
	}
	return ""
}
