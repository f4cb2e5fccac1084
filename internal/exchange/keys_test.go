package exchange_test

import (
	"strings"
	"testing"

	"porchlight.example/internal/api"
	"porchlight.example/internal/demo/town"
	"porchlight.example/internal/footage"
)

// TestEpochRace: of two custodians who open the next epoch at once one succeeds; the other is told the next number.
func TestEpochRace(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		open := func(int) error {
			return discard(w.x.OpenEpoch(ctx, w.police.custodian.id, epochFor(2, w.police.device.ID)))
		}
		oneWins(t, "open epoch 2", atOnce(3, open), footage.Conflict)
		keys, err := w.x.AgencyKeys(ctx, w.police.custodian.id)
		must(t, err)
		if len(keys.Epochs) != 2 || keys.Epochs[0].Number != 2 || len(keys.Wrapped) != 4 {
			t.Errorf("there are %d epochs and %d wrapped keys", len(keys.Epochs), len(keys.Wrapped))
		}
		w.verifies(w.publish(w.police, w.draft(0)), footage.Published, 0)
	})
}

// TestBadEpochs tries what an epoch may not be.
func TestBadEpochs(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		fire := w.agency(town.Agencies()[1])
		leaver := w.enrol(town.Police, footage.Custodian)
		lost, _ := w.device(leaver)
		must(t, w.x.DisablePerson(ctx, leaver.id))
		own := w.police.device.ID
		with := func(change func(*api.OpenEpoch)) api.OpenEpoch {
			in := epochFor(2, own)
			change(&in)
			return in
		}
		for name, test := range map[string]struct {
			in   api.OpenEpoch
			kind footage.Kind
		}{
			"number 1 again":         {epochFor(1, own), footage.Conflict},
			"number 3":               {epochFor(3, own), footage.Conflict},
			"number 0":               {epochFor(0, own), footage.Conflict},
			"no custodian":           {epochFor(2), footage.Invalid},
			"no recovery sheet":      {with(func(in *api.OpenEpoch) { in.Wrapped = in.Wrapped[1:] }), footage.Invalid},
			"another agency's":       {epochFor(2, own, fire.device.ID), footage.Invalid},
			"a leaver's":             {epochFor(2, own, lost.ID), footage.Invalid},
			"nobody's":               {epochFor(2, own, "k-x"), footage.Invalid},
			"one device twice":       {epochFor(2, own, own), footage.Invalid},
			"the sheet twice":        {with(func(in *api.OpenEpoch) { in.Wrapped = append(in.Wrapped, in.Wrapped[0]) }), footage.Invalid},
			"no base64":              {with(func(in *api.OpenEpoch) { in.Wrapped[1].Wrapped = "%" }), footage.Invalid},
			"nothing wrapped":        {with(func(in *api.OpenEpoch) { in.Wrapped[1].Wrapped = "" }), footage.Invalid},
			"far too much wrapped":   {with(func(in *api.OpenEpoch) { in.Wrapped[1].Wrapped = strings.Repeat("A", 1<<18) }), footage.TooLarge},
			"no recipient":           {with(func(in *api.OpenEpoch) { in.Recipient = "" }), footage.Invalid},
			"a classic recipient":    {with(func(in *api.OpenEpoch) { in.Recipient = "age1" + strings.Repeat("q", 58) }), footage.Invalid},
			"a letter less":          {with(func(in *api.OpenEpoch) { in.Recipient = in.Recipient[1:] }), footage.Invalid},
			"a letter that is none":  {with(func(in *api.OpenEpoch) { in.Recipient = in.Recipient[:100] + "b" + in.Recipient[101:] }), footage.Invalid},
			"capital letters":        {with(func(in *api.OpenEpoch) { in.Recipient = strings.ToUpper(in.Recipient) }), footage.Invalid},
			"an identity, not a key": {with(func(in *api.OpenEpoch) { in.Recipient = "AGE-SECRET-KEY-PQ-1" + strings.Repeat("Q", 58) }), footage.Invalid},
		} {
			_, err := w.x.OpenEpoch(ctx, w.police.custodian.id, test.in)
			wantKind(t, name, err, test.kind)
		}
		for name, p := range map[string]person{"officer": w.police.officer, "supervisor": w.police.supervisor, "leaver": leaver} {
			_, err := w.x.OpenEpoch(ctx, p.id, epochFor(2, own))
			wantKind(t, "by a "+name, err, footage.Forbidden)
		}
		keys, err := w.x.AgencyKeys(ctx, w.police.custodian.id)
		must(t, err)
		if len(keys.Epochs) != 1 || len(keys.Wrapped) != 2 {
			t.Errorf("a refused epoch left %d epochs and %d wrapped keys", len(keys.Epochs), len(keys.Wrapped))
		}
	})
}

// TestLetDevicesIn: a new device waits until somebody wraps an epoch for it, and is then in the record.
func TestLetDevicesIn(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		fire := w.agency(town.Agencies()[1])
		colleague := w.enrol(town.Police, footage.Custodian)
		device, _ := w.device(colleague)
		wrap := func(who footage.PersonID, epoch int, holder footage.CustodianID) error {
			return discard(w.x.WrapKey(ctx, who, api.WrappedKey{Epoch: epoch, Holder: string(holder), Wrapped: api.Encode([]byte("x"))}))
		}
		for name, test := range map[string]struct {
			err  error
			kind footage.Kind
		}{
			"by an officer":        {wrap(w.police.officer.id, 1, device.ID), footage.Forbidden},
			"by another agency":    {wrap(fire.custodian.id, 1, device.ID), footage.NotFound},
			"for another agency's": {wrap(w.police.custodian.id, 1, fire.device.ID), footage.NotFound},
			"for nobody":           {wrap(w.police.custodian.id, 1, "k-x"), footage.NotFound},
			"for the sheet":        {wrap(w.police.custodian.id, 1, "recovery"), footage.NotFound},
			"an epoch to come":     {wrap(w.police.custodian.id, 2, device.ID), footage.NotFound},
			"an epoch before time": {wrap(w.police.custodian.id, 0, device.ID), footage.NotFound},
			"for one that is in":   {wrap(w.police.custodian.id, 1, w.police.device.ID), footage.Conflict},
			"with nothing":         {discard(w.x.WrapKey(ctx, w.police.custodian.id, api.WrappedKey{Epoch: 1, Holder: string(device.ID)})), footage.Invalid},
		} {
			wantKind(t, name, test.err, test.kind)
		}
		before := w.head().Size
		must(t, wrap(w.police.custodian.id, 1, device.ID))
		wantKind(t, "twice", wrap(w.police.custodian.id, 1, device.ID), footage.Conflict)
		if got := w.head().Size; got != before+2 {
			t.Errorf("the record grew by %d entries; want two, that it is announced and that it counts", got-before)
		}
	})
}

// TestBadDevices tries what a custodian's device may not be.
func TestBadDevices(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	key := api.Encode(make([]byte, 32))
	for name, test := range map[string]struct {
		who  person
		in   api.NewCustodian
		kind footage.Kind
	}{
		"a short key":         {w.police.custodian, api.NewCustodian{SignKey: api.Encode(make([]byte, 31)), Recipient: recipient('d')}, footage.Invalid},
		"no key":              {w.police.custodian, api.NewCustodian{Recipient: recipient('d')}, footage.Invalid},
		"no base64":           {w.police.custodian, api.NewCustodian{SignKey: "%", Recipient: recipient('d')}, footage.Invalid},
		"no recipient":        {w.police.custodian, api.NewCustodian{SignKey: key}, footage.Invalid},
		"a classic recipient": {w.police.custodian, api.NewCustodian{SignKey: key, Recipient: "age1" + strings.Repeat("q", 58)}, footage.Invalid},
		"an officer":          {w.police.officer, api.NewCustodian{SignKey: key, Recipient: recipient('d')}, footage.Forbidden},
		"nobody":              {person{id: "p-x"}, api.NewCustodian{SignKey: key, Recipient: recipient('d')}, footage.Unauthorized},
	} {
		_, err := w.x.AddCustodian(ctx, test.who.id, test.in)
		wantKind(t, name, err, test.kind)
	}
}

// TestRegisterHoldsLocalBodiesOnly goes through what an agency and its people may be (A5, A6).
func TestRegisterHoldsLocalBodiesOnly(t *testing.T) {
	w := lite(t, options{})
	ctx := t.Context()
	for name, test := range map[string]struct {
		change func(*footage.Agency)
		code   string
	}{
		"a federal body":       {func(a *footage.Agency) { a.ORI = "DCFBI0000"; a.Type = "federal" }, "agency_type"},
		"a federal identifier": {func(a *footage.Agency) { a.ORI = "FBNYC0000" }, "agency_federal"},
		"one as local number":  {func(a *footage.Agency) { a.LocalID = "FBNYC0000" }, "agency_federal"},
		"another state's":      {func(a *footage.Agency) { a.State, a.ORI = "IL", "WI0130000" }, "agency_ori"},
		"a short identifier":   {func(a *footage.Agency) { a.State, a.ORI = "IL", "IL01600" }, "agency_ori"},
		"a long FDID":          {func(a *footage.Agency) { a.FDID = "ZZ1070" }, "agency_fdid"},
		"police with an FDID":  {func(a *footage.Agency) { a.Type = footage.Sheriff }, "agency_fdid"},
		"no number at all":     {func(a *footage.Agency) { a.FDID = "" }, "agency_number"},
		"no body":              {func(a *footage.Agency) { a.Body = "" }, "agency_body"},
		"no state":             {func(a *footage.Agency) { a.State = "XX" }, "agency_state"},
		"long declarations":    {func(a *footage.Agency) { a.Subsidies = strings.Repeat("x", 4001) }, "agency_declared"},
		"state police":         {func(a *footage.Agency) { a.Type = "state_police" }, "agency_type"},
		"a company":            {func(a *footage.Agency) { a.Type = "company" }, "agency_type"},
		"no type":              {func(a *footage.Agency) { a.Type = "" }, "agency_type"},
		"no name":              {func(a *footage.Agency) { a.Name = " " }, "agency_name"},
		"a long state":         {func(a *footage.Agency) { a.State = "Illinois" }, "agency_state"},
		"no jurisdiction":      {func(a *footage.Agency) { a.Jurisdiction = nil }, "agency_jurisdiction"},
		"a crossed one":        {func(a *footage.Agency) { a.Jurisdiction = []footage.Area{bowTie()} }, "area_self_crossing"},
		"no contact":           {func(a *footage.Agency) { a.Contact = footage.Contact{Name: "Desk"} }, "agency_contact"},
		"an ID with a slash":   {func(a *footage.Agency) { a.ID = "../pd" }, "agency_id"},
		"no ID":                {func(a *footage.Agency) { a.ID = "" }, "agency_id"},
	} {
		a := town.Agencies()[1]
		test.change(&a)
		wantReason(t, name, w.x.RegisterAgency(ctx, a), test.code)
	}
	wantKind(t, "a body that is there", w.x.RegisterAgency(ctx, town.Agencies()[0]), footage.Conflict)

	for name, test := range map[string]struct {
		agency footage.AgencyID
		person string
		roles  []footage.Role
		kind   footage.Kind
	}{
		"an agency's operator":     {town.Police, "Pat", []footage.Role{footage.Operator}, footage.Invalid},
		"both at once":             {town.Police, "Pat", []footage.Role{footage.Officer, footage.Operator}, footage.Invalid},
		"an officer of nobody":     {"", "Pat", []footage.Role{footage.Officer}, footage.Invalid},
		"an unknown role":          {town.Police, "Pat", []footage.Role{"chief"}, footage.Invalid},
		"no role":                  {town.Police, "Pat", nil, footage.Invalid},
		"no name":                  {town.Police, " ", []footage.Role{footage.Officer}, footage.Invalid},
		"one role twice":           {town.Police, "Pat", []footage.Role{footage.Officer, footage.Officer}, footage.Invalid},
		"of an unknown agency":     {"nowhere-pd", "Pat", []footage.Role{footage.Officer}, footage.NotFound},
		"the exchange's own staff": {"", "Op", []footage.Role{footage.Operator}, ""},
		"three roles":              {town.Police, "Pat", []footage.Role{footage.Officer, footage.Supervisor, footage.AgencyAdmin}, ""},
	} {
		_, _, err := w.x.InvitePerson(ctx, test.agency, test.person, test.roles...)
		wantKind(t, name, err, test.kind)
	}
}

func bowTie() footage.Area {
	return footage.Area{Rings: [][]footage.Point{{town.At(0, 0), town.At(900, 900), town.At(900, 0), town.At(0, 900), town.At(0, 0)}}}
}

// TestLostAuthenticator: a new invitation is good once, and the old key counts no more from then on.
func TestLostAuthenticator(t *testing.T) {
	each(t, options{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		in := w.draft(0)
		draft, err := w.x.Draft(ctx, w.police.officer.id, in)
		must(t, err)
		old := w.police.officer
		must(t, w.reenrol(&w.police.officer))
		raw := canonical(t, in.Document)
		wantCode(t, "the old key", w.x.Sign(ctx, old.id, draft.ID, assert(old, footage.Officer, raw)), "unknown_signer")
		must(t, w.x.Sign(ctx, old.id, draft.ID, assert(w.police.officer, footage.Officer, raw)))
		must(t, w.x.DisablePerson(ctx, old.id))
		again := w.draft(1)
		_, err = w.x.Draft(ctx, old.id, again)
		wantKind(t, "a draft by somebody disabled", err, footage.Forbidden)
		must(t, w.reenrol(&w.police.officer)) // they come back, by invitation and a second person
		_, err = w.x.Draft(ctx, old.id, again)
		must(t, err)
	})
}
