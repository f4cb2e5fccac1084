package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/internal/store"
	"porchlight.example/ledger"
)

// replayBatch is how many entries are taken in with one transaction.
const replayBatch = 256

// replay takes in the entries that the published record has and the backup lacks, and does what they say.
func (b *restore) replay(head store.LogHead, seen ledger.Checkpoint, note string) error {
	if seen.Size <= head.Size {
		return nil
	}
	if err := b.ahead(seen.Tree, head.Size); errors.Is(err, footage.NotFound) {
		return b.gone(head, seen)
	} else if err != nil {
		return err
	}
	var batch []replayed
	next := head.Size
	for raw, err := range ledger.Entries(b.ctx, b.objects, seen.Tree, head.Size, seen.Size) {
		if errors.Is(err, footage.NotFound) {
			return b.gone(head, seen)
		}
		if err != nil {
			return err
		}
		e, err := b.prepare(next, raw)
		if err != nil {
			return fmt.Errorf("entry %d: %w", next, err)
		}
		batch = append(batch, e)
		if next++; next == seen.Size || len(batch) == replayBatch {
			h := store.LogHead{Size: next, Integrated: head.Integrated, Checkpoint: head.Checkpoint}
			if next == seen.Size {
				h.Integrated, h.Checkpoint = seen.Size, note
			}
			if err := b.takeIn(batch, h); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	b.out.Replayed = seen.Size - head.Size
	return nil
}

// replayed is an entry on its way into the database, with what is needed to do what it says.
type replayed struct {
	index   int64
	raw     []byte
	at      time.Time
	fact    ledger.Fact
	bundles []evidence.Bundle // of the request that the entry is about, as they were published
	policy  []byte            // the file of the policy that it adopts, if it was given
}

func (b *restore) prepare(index int64, raw []byte) (replayed, error) {
	entry, err := ledger.DecodeEntry(raw)
	if err != nil {
		return replayed{}, err
	}
	e := replayed{index: index, raw: raw, at: entry.At}
	if e.fact, err = entry.Fact(); err != nil {
		return e, err
	}
	switch f := e.fact.(type) {
	case ledger.PolicyAdopted:
		e.policy, err = b.policyFile(f.SHA256)
	case ledger.RequestPublished:
		e.bundles, err = b.published(f.Request)
	case ledger.RequestUpdated:
		e.bundles, err = b.published(f.Request)
	}
	return e, err
}

// published returns the bundles of a request that were made for the feed, each checked like a stranger's.
func (b *restore) published(id footage.RequestID) (all []evidence.Bundle, err error) {
	for object, err := range b.bucket.List(b.ctx, bundlePrefix+string(id)+"/") {
		if err != nil {
			return nil, fmt.Errorf("list the published requests: %w", err)
		}
		raw, err := b.objects.Get(b.ctx, object.Key)
		if err != nil {
			return nil, fmt.Errorf("read a published request: %w", err)
		}
		bundle, err := evidence.ParseBundle(raw)
		if err != nil {
			continue // a damaged one; fsck reports it
		}
		if checked, err := bundle.Verify(evidence.Trust{Verifier: b.plan.Row.LogVerifier}, time.Time{}); err == nil && checked.ID == id {
			all = append(all, bundle)
		}
	}
	return all, nil
}

// takeIn writes entries and what they say, and moves the head.
func (b *restore) takeIn(batch []replayed, head store.LogHead) error {
	var losses []store.Loss
	err := b.db.Write(b.ctx, func(tx *store.Tx) error {
		losses = nil
		for _, e := range batch {
			if err := tx.InsertLogEntry(e.index, string(e.fact.Kind()), Subject(e.fact), e.raw); err != nil {
				return err
			}
			what, err := b.do(tx, e)
			if err != nil {
				return fmt.Errorf("entry %d (%s): %w", e.index, e.fact.Kind(), err)
			}
			if what == "" {
				continue
			}
			loss := store.Loss{LogIndex: e.index, What: what, Restored: b.now()}
			if err := tx.InsertLoss(loss); err != nil {
				return err
			}
			losses = append(losses, loss)
		}
		return tx.SetLogHead(head, batch[len(batch)-1].at)
	})
	b.out.Losses = append(b.out.Losses, losses...)
	return err
}

// do does what an entry says, as far as it tells, and returns what it does not tell, or "".
func (b *restore) do(tx *store.Tx, e replayed) (lost string, err error) {
	switch f := e.fact.(type) {
	case ledger.PolicyAdopted:
		return b.adoptAgain(tx, e, f)
	case ledger.PersonEnrolled:
		return b.enrolAgain(tx, e, f)
	case ledger.KeyAnnounced:
		return b.announceAgain(tx, e, f)
	case ledger.KeyCancelled:
		return "", b.stopAgain(tx, f)
	case ledger.PersonDisabled:
		return "", errors.Join(tx.DisablePerson(f.Person), b.accountService().Revoke(tx, f.Person), tx.DisableCustodians(f.Person))
	case ledger.PersonLent:
		return "", tx.InsertLent(store.Lent{Person: f.Person, Agency: f.To, Until: f.Until, Offered: f.Agreed[0], Agreed: f.Agreed[1]})
	case ledger.PersonReturned:
		return "", tx.DeleteLent(f.Person, f.To)
	case ledger.AgencyDesk:
		return "", tx.SetDesk(f.Agency, deskOf(f, e.at))
	case ledger.EpochOpened:
		return b.openAgain(tx, e, f)
	case ledger.CustodianAdded:
		return b.letInAgain(tx, e, f)
	case ledger.RequestPublished:
		return b.publishAgain(tx, e, f)
	case ledger.RequestUpdated:
		return b.updateAgain(tx, e, f)
	case ledger.RequestClosed:
		return closeAgain(tx, e, f)
	case ledger.FollowedUp:
		return followAgain(tx, e, f)
	case ledger.DocumentWithheld:
		return b.withholdAgain(tx, e, f)
	case ledger.LegalDemands:
		return b.reportAgain(tx, f)
	case ledger.ErasuresTotal:
		return "", nil // what was counted since the backup is lost: a total says that it is the least
	case ledger.ModerationUrgent:
		return "", nil // the clock of a case: what it waited for is decided by another entry, or waits in the backup
	case ledger.ModerationDecided:
		return b.decideAgain(tx, e, f)
	case ledger.ComplaintReceived:
		return b.receiveAgain(tx, e, f)
	case ledger.ComplaintAnswered:
		return b.answerAgain(tx, e, f)
	case ledger.CustodyRoot:
		return "The custody root of " + f.Date + " stays in the record, but the paths to it are lost with the day's events.",
			tx.InsertCustodyDay(store.CustodyDay{Day: f.Date, Seed: []byte{}, Root: f.Root, LogIndex: e.index}, nil)
	case ledger.State, ledger.AssetsPublished:
		return "", nil // they say nothing that a table holds
	}
	if lost, known, err := b.replayNotice(tx, e); known {
		return lost, err
	}
	return b.register(tx, e)
}

// adoptAgain puts a policy in force whose file the backup or the operator has.
func (b *restore) adoptAgain(tx *store.Tx, e replayed, f ledger.PolicyAdopted) (lost string, err error) {
	body := e.policy
	if body == nil {
		if body, err = tx.PolicyBody(f.SHA256); err != nil && !errors.Is(err, footage.NotFound) {
			return "", err
		}
	}
	if body == nil {
		return fmt.Sprintf("The policy %q (SHA-256 %s), in force since %s, is lost; until it is adopted again the earlier rules count. Restore anew with --policy FILE, or run 'porchlight office policy adopt FILE' now.",
			f.Name, f.SHA256, f.InForce.Format(time.RFC3339)), nil
	}
	return "", tx.InsertPolicy(store.Policy{Hash: f.SHA256, Name: f.Name, Body: body, Adopted: e.at, InForce: f.InForce})
}

// enrolAgain notes a person of whom the record gives ID, roles and key. The name and what is needed to sign in are lost, unless
// the entry tells of other roles or another rank with the authenticator that the backup has.
func (b *restore) enrolAgain(tx *store.Tx, e replayed, f ledger.PersonEnrolled) (lost string, err error) {
	same, err := holds(tx, f)
	if err != nil {
		return "", err
	}
	if same {
		return "", errors.Join(tx.SetRoles(f.Person, f.Roles), tx.SetRank(f.Person, f.Rank))
	}
	p, err := tx.Person(f.Person)
	if errors.Is(err, footage.NotFound) {
		p = footage.Person{ID: f.Person, Agency: f.Agency, Name: "(name lost in a restore)", Roles: f.Roles}
		err = tx.InsertPerson(p, e.at)
	}
	var waited *store.KeyChange // the authenticator is in the backup, and waited to count
	if err == nil {
		waited, err = b.changed(tx, footage.KeyPasskey, ledger.PasskeyHash(f))
	}
	if err == nil {
		err = b.accountService().Revoke(tx, f.Person) // the authenticator from before was replaced
	}
	if err == nil && p.Disabled { // let back in
		err = tx.EnablePerson(f.Person)
	}
	if err == nil {
		err = errors.Join(tx.SetRoles(f.Person, f.Roles), tx.SetRank(f.Person, f.Rank))
	}
	if err == nil && waited != nil {
		return "", tx.ConfirmCredential(f.Credential)
	}
	return fmt.Sprintf("%s (%s, %s) enrolled an authenticator that is lost. Invite them again: 'porchlight office person invite %s'.",
		f.Person, p.Name, bodyOf(f.Agency), f.Person), err
}

// holds reports whether the authenticator of an entry speaks for its person already.
func holds(tx *store.Tx, f ledger.PersonEnrolled) (bool, error) {
	all, err := tx.Credentials(f.Person)
	return slices.ContainsFunc(all, func(c store.Credential) bool {
		return c.ID == f.Credential && encode(c.PublicKey) == f.PublicKey && !c.Revoked && !c.Pending
	}), err
}

func bodyOf(agency footage.AgencyID) string {
	if agency == "" {
		return "of the exchange itself"
	}
	return "of " + string(agency)
}

// addCustodian notes a device that the backup does not know. To which key things are wrapped for it is lost.
func (b *restore) addCustodian(tx *store.Tx, e replayed, agency footage.AgencyID, key footage.CustodianKey) error {
	if _, err := tx.Custodian(key.ID); !errors.Is(err, footage.NotFound) {
		return err
	}
	return tx.InsertCustodian(store.Custodian{Agency: agency, Key: key}, e.at)
}

// publishAgain makes a request public again: from the backup, where it may have been waiting, or from the published feed.
func (b *restore) publishAgain(tx *store.Tx, e replayed, f ledger.RequestPublished) (lost string, err error) {
	q, err := tx.Request(f.Request)
	known := err == nil
	if err != nil && !errors.Is(err, footage.NotFound) {
		return "", err
	}
	record, ok := recordOf(e, f, q)
	if w, gone := b.withheld[f.Request]; gone && !ok {
		return b.publishWithheld(tx, e, f, w, known)
	}
	if !ok {
		if known {
			err = tx.DropDraft(f.Request) // it cannot be shown, and must not be published twice
		} else {
			err = nil
		}
		return fmt.Sprintf("The request %s of %s is lost: its text is neither in the backup nor among the published files.", f.Request.Short(), f.Agency), err
	}
	region, err := geo.Compile(record.Document.Area)
	if err != nil {
		return "", fmt.Errorf("area of request %s: %w", f.Request.Short(), err)
	}
	if !known {
		if q, err = b.draftAgain(tx, e, record, region); err != nil {
			return "", err
		}
		lost = fmt.Sprintf("The request %s of %s is back from the published files; its case number and exact place, which are not published, are lost.", f.Request.Short(), f.Agency)
	}
	if err := walkToModeration(tx, q, record); err != nil {
		return "", err
	}
	return lost, tx.PublishRequest(q, e.at, e.index, placeOf(region), f.Linked)
}

// walkToModeration takes a request to where it stood when it was cleared, wherever the backup has it.
func walkToModeration(tx *store.Tx, q store.Request, record footage.Record) error {
	if q.Status == footage.Draft {
		if err := tx.SignRequest(q.ID, record.Assertions[0]); err != nil {
			return err
		}
		q.Status = footage.Signed
	}
	if q.Status == footage.Signed {
		if err := tx.ApproveRequest(q.ID, record.Assertions[1]); err != nil {
			return err
		}
		q.Status = footage.Approved
	}
	if q.Status == footage.InModeration {
		return nil
	}
	return tx.MoveRequest(q.ID, q.Status, footage.InModeration)
}

// recordOf finds the published record of a request: the entry's hash decides which is the right one.
func recordOf(e replayed, f ledger.RequestPublished, q store.Request) (footage.Record, bool) {
	candidates := make([]footage.Record, 0, len(e.bundles)+1)
	for _, bundle := range e.bundles {
		candidates = append(candidates, bundle.Record)
	}
	if q.Officer != nil && q.Supervisor != nil {
		own := footage.Record{Assertions: []footage.Assertion{*q.Officer, *q.Supervisor}}
		if footage.DecodeStrict(q.Document, &own.Document) == nil {
			candidates = append(candidates, own)
		}
	}
	for _, r := range candidates {
		if hash, err := ledger.HashJSON(r.Assertions); err == nil && hash == f.Assertions && len(r.Assertions) == 2 {
			return r, true
		}
	}
	return footage.Record{}, false
}

// draftAgain stores a request that the backup does not know. Its investigation is known to nobody, so that its code is
// taken for all others.
func (b *restore) draftAgain(tx *store.Tx, e replayed, r footage.Record, region *geo.Region) (store.Request, error) {
	doc := r.Document
	canonical, err := doc.Canonical()
	if err != nil {
		return store.Request{}, err
	}
	id := footage.RequestID(footage.Hash(canonical))
	q := store.Request{ID: id, Agency: doc.Agency, Status: footage.Draft, Document: canonical, CaseKey: LostCase + string(id), Code: policy.NormaliseCase(doc.Code),
		Author: r.Assertions[0].Person, Created: e.at, Closes: doc.Closes, Window: doc.Window, SquareMetres: squareMetres(region), Head: string(id)}
	return q, tx.InsertRequest(q)
}

// LostCase begins what stands for the case number of a request whose private part a restore could not bring back.
const LostCase = "lost:"

// updateAgain publishes an update again, from the backup, where it may have been waiting, or from the published feed.
func (b *restore) updateAgain(tx *store.Tx, e replayed, f ledger.RequestUpdated) (lost string, err error) {
	q, err := tx.Request(f.Request)
	if errors.Is(err, footage.NotFound) {
		return fmt.Sprintf("An update of the lost request %s is lost with it.", f.Request.Short()), nil
	}
	if err != nil {
		return "", err
	}
	all, err := tx.Updates(f.Request)
	if err != nil {
		return "", err
	}
	seq := 0
	for _, u := range all {
		if u.Published.IsZero() { // what waited is published now, or was replaced
			err = errors.Join(err, tx.DropUpdate(f.Request, u.Seq))
			continue
		}
		seq = u.Seq + 1
	}
	record, ok := updateOf(e, f, all)
	if err != nil || !ok {
		return fmt.Sprintf("The update of request %s from %s (%s) is lost; the record holds its SHA-256 %s.", f.Request.Short(), e.at.Format(time.RFC3339), f.Change, f.Update),
			errors.Join(err, tx.SetRequestHead(q.ID, f.Update))
	}
	u := store.Update{Request: q.ID, Seq: seq, Hash: f.Update, Record: record, Author: record.Assertions[0].Person, Published: e.at, LogIndex: e.index}
	if err := tx.InsertUpdate(u); err != nil {
		return "", err
	}
	return "", tx.PublishUpdate(u)
}

// updateOf finds the published record of an update.
func updateOf(e replayed, f ledger.RequestUpdated, waiting []store.Update) (footage.UpdateRecord, bool) {
	var candidates []footage.UpdateRecord
	for _, bundle := range e.bundles {
		candidates = append(candidates, bundle.Updates...)
	}
	for _, u := range waiting {
		candidates = append(candidates, u.Record)
	}
	for _, r := range candidates {
		update, err := ledger.HashJSON(r.Update)
		assertions, err2 := ledger.HashJSON(r.Assertions)
		if err == nil && err2 == nil && update == f.Update && assertions == f.Assertions {
			return r, true
		}
	}
	return footage.UpdateRecord{}, false
}

func closeAgain(tx *store.Tx, e replayed, f ledger.RequestClosed) (lost string, err error) {
	err = tx.CloseRequest(f.Request, f.Status)
	if errors.Is(err, footage.Conflict) {
		return fmt.Sprintf("The request %s, which is lost, was closed (%s).", f.Request.Short(), strings.ReplaceAll(string(f.Status), "_", " ")), nil
	}
	if err != nil {
		return "", err
	}
	return "", owe(tx, f.Request, e.at)
}

// decideAgain notes what a moderator has decided of a case that waits in the backup. What was cleared has its own entry, and
// for what was not the agency has to ask anew.
func (b *restore) decideAgain(tx *store.Tx, e replayed, f ledger.ModerationDecided) (lost string, err error) {
	all, err := tx.WaitingCases()
	if err != nil {
		return "", err
	}
	for _, c := range all {
		if b.keys.CaseCommitment(c.Subject, c.Round) != f.Commitment {
			continue
		}
		c.Outcome, c.Reason, c.Decided, c.LogIndex = f.Outcome, f.Reason, e.at, e.index
		if err := tx.DecideCase(c); err != nil || c.Addition() || f.Outcome == footage.OutcomeCleared {
			return "", err
		}
		return "", tx.MoveRequest(c.Request, footage.InModeration, statusOf(f.Outcome))
	}
	if f.Outcome == footage.OutcomeCleared {
		return "", nil
	}
	return fmt.Sprintf("A moderator's decision about a request of %s (%s, %s) is in the record, but the request is not in the backup. The agency asks anew.", f.Agency, f.Outcome, f.Reason), nil
}
