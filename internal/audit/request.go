package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/geo"
	"porchlight.example/internal/policy"
	"porchlight.example/ledger"
)

// requests judges the requests that were published since the last round, in the record's order.
func (a *Auditor) requests(ctx context.Context) error {
	w := &a.world
	for len(w.queue) > 0 {
		if err := a.judge(ctx, w.queue[0]); err != nil {
			return err
		}
		w.judged = append(w.judged, w.queue[0])
		w.queue = w.queue[1:]
	}
	return nil
}

// judge checks one request: its text and signatures, and the rules of its day.
func (a *Auditor) judge(ctx context.Context, r *request) error {
	id := r.ID()
	subject := "request " + string(id)
	if !r.cleared {
		a.find("moderation_missing", subject, "The request %s was published, but no entry says that a moderator has cleared it.", id.Short())
	}
	if r.withheld {
		return a.tombstone(ctx, id, subject)
	}
	raw, err := a.request(ctx, id)
	if errors.Is(err, footage.NotFound) {
		a.find("request_missing", subject, "The record says that the request %s was published, but the exchange does not show it, and no entry says that its text is withheld.", id.Short())
		return nil
	}
	if err != nil {
		return err
	}
	if a.gone(raw, id, subject) {
		return nil
	}
	checked, ok := a.bundle(ctx, raw, id, subject)
	if !ok {
		return nil
	}
	r.text = &text{closes: checked.Document.Closes}
	for _, s := range checked.Signers {
		r.text.signers = append(r.text.signers, s.Person)
	}
	a.inTime(r)
	asked, err := policy.AskedOf(footage.PublicRequest{ID: id, Record: footage.Record{Document: checked.Document, Assertions: signers(checked)}, PublishedAt: r.at.Time()})
	if err != nil {
		a.find("rule_area", subject, "The area of the request %s cannot be used: %v", id.Short(), err)
		return nil
	}
	err = a.rules(ctx, r, checked, asked, subject)
	a.world.history.Add(asked)
	return err
}

// signers returns assertions that bear the names of those whose signatures were verified.
func signers(c evidence.Checked) (all []footage.Assertion) {
	for _, s := range c.Signers {
		all = append(all, footage.Assertion{Role: s.Role, Person: s.Person})
	}
	return all
}

// request returns the bundle of a request, from the copy here or from the exchange.
func (a *Auditor) request(ctx context.Context, id footage.RequestID) ([]byte, error) {
	key := "requests/" + string(id) + ".json"
	raw, err := os.ReadFile(filepath.Join(a.cfg.Dir, filepath.FromSlash(key)))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	if raw, err = a.get(ctx, "v1/requests/"+string(id), evidence.MaxBundle); err != nil {
		return nil, err
	}
	if shows(raw, id) {
		return raw, ledger.Dir(a.cfg.Dir).Put(ctx, key, raw)
	}
	return raw, nil
}

// shows reports whether a bundle is of a request's very text.
func shows(raw []byte, id footage.RequestID) bool {
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return false
	}
	got, err := b.Record.Document.ID()
	return err == nil && got == id
}

// again is how many of the requests that were judged before are looked at again in a round: the text must stay public.
const again = 200

// stillThere looks at requests that were judged before, others in each round.
func (a *Auditor) stillThere(ctx context.Context) error {
	judged := a.world.judged
	for range min(again, len(judged)) {
		a.next = (a.next + 1) % len(judged)
		id := judged[a.next].ID()
		subject := "request " + string(id)
		if judged[a.next].withheld {
			if err := a.tombstone(ctx, id, subject); err != nil {
				return err
			}
			continue
		}
		raw, err := a.get(ctx, "v1/requests/"+string(id), evidence.MaxBundle)
		switch {
		case errors.Is(err, footage.NotFound):
			a.find("request_missing", subject, "The request %s was public and is not shown any more, and no entry says that its text is withheld. The copy here still holds it.", id.Short())
		case err != nil:
			return err
		case a.gone(raw, id, subject):
		default:
			a.shownNow(ctx, raw, id, subject)
		}
	}
	return nil
}

// shownNow checks what the exchange shows now of a request that was judged before, each version of it once.
func (a *Auditor) shownNow(ctx context.Context, raw []byte, id footage.RequestID, subject string) {
	if !shows(raw, id) {
		a.find("text_changed", subject, "The text that the exchange shows for the request %s is not the one that was signed and recorded. The copy here still holds it.", id.Short())
		return
	}
	a.version(ctx, raw, id, subject)
}

// version checks one version of a request, each once, and that it shows as many updates as the record tells of.
func (a *Auditor) version(ctx context.Context, raw []byte, id footage.RequestID, subject string) bool {
	hash := footage.Hash(raw)
	updates, known := a.pages[hash]
	if !known {
		c, ok := a.bundle(ctx, raw, id, subject)
		if !ok {
			return false
		}
		updates = len(c.Updates)
		a.pages[hash] = updates
	}
	if r := a.world.requests.of(id); r != nil && updates < int(r.updates) && a.cfg.Now().Sub(r.changed.Time()) > a.cfg.Slack {
		a.find("update_withheld", subject, "The record tells of %d updates of the request %s, the exchange shows %d.", r.updates, id.Short(), updates)
	}
	return true
}

// bundle verifies a bundle by itself and against the copy of the record: what it shows must be the very entries.
func (a *Auditor) bundle(ctx context.Context, raw []byte, id footage.RequestID, subject string) (c evidence.Checked, ok bool) {
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		a.find("bundle_malformed", subject, "What the exchange shows of the request %s cannot be read: %v", id.Short(), err)
		return c, false
	}
	if got, err := b.Record.Document.ID(); err != nil || got != id {
		a.find("text_changed", subject, "The text that the exchange shows for the request %s is not the one that was signed and recorded.", id.Short())
		return c, false
	}
	if c, err = b.Verify(evidence.Trust{Verifier: a.cfg.Trust.Verifier}, time.Time{}); err != nil {
		a.find(codeOf(err), subject, "The request %s does not hold: %v", id.Short(), err)
		return c, false
	}
	for _, p := range b.Entries {
		own, err := ledger.ReadEntry(ctx, a.mirror, a.tree, p.Index)
		shown, err2 := p.Entry.Encode()
		if p.Index < a.tree.Size && (err != nil || err2 != nil || !bytes.Equal(own, shown)) {
			a.find("bundle_of_another_record", subject, "The request %s is shown with an entry %d that is not the one in the record that this audit has seen.", id.Short(), p.Index)
			return c, false
		}
	}
	return c, true
}

func codeOf(err error) string {
	var own *footage.Error
	if errors.As(err, &own) && own.Code != "" {
		return own.Code
	}
	return "request_untrusted"
}

// rules decides again what the policies of its day say of a request, as far as public data tell.
func (a *Auditor) rules(ctx context.Context, r *request, c evidence.Checked, asked policy.Asked, subject string) error {
	for _, ref := range r.policies {
		if err := a.policy(ctx, ref); err != nil {
			return err
		}
	}
	if named := c.Document.Policies; !sameRefs(named, r.policies) {
		a.find("other_policies", subject, "The request %s was published under other policies than those that were in force.", r.ID().Short())
	}
	set, ok := a.ruleSet(r)
	if !ok {
		return nil // a missing file is a finding already
	}
	in := policy.Input{Document: c.Document, Region: asked.Region, Agency: *r.agency, Now: r.at.Time(), Earlier: a.world.history.Investigation(asked)}
	for _, area := range r.agency.Jurisdiction {
		if region, err := geo.CompileBoundary(area); err == nil {
			in.Jurisdiction = append(in.Jurisdiction, region)
		}
	}
	verdict, err := a.world.history.Decide(set, asked)
	if err != nil {
		return fmt.Errorf("decide about request %s: %w", r.ID().Short(), err)
	}
	if !slices.Equal(verdict.Linked, r.linked) {
		a.find("linked_other", subject, "The record says that %d earlier requests belong together with %s, public data come to %d or to others.", len(r.linked), r.ID().Short(), len(verdict.Linked))
	}
	if r.urgent && !set.Review(policy.ReviewInput{Document: c.Document}).Urgent {
		a.find("not_urgent", subject, "The request %s took the urgent lane, which is for missing and abducted persons.", r.ID().Short())
	}
	for _, reason := range slices.Concat(set.Decide(in), verdict.Refused, a.ranks(set, r, c)) {
		if !secret(reason.Code) {
			a.find("rule_"+reason.Code, subject, "The request %s breaks a rule that was in force when it was published: %s", r.ID().Short(), reason.Msg)
		}
	}
	return nil
}

// secret reports whether a rule looks at what is never published: the exact place and the agency's own case number.
func secret(code string) bool {
	return code == "incident_outside_area" || code == "case_number_missing" || code == "guarded_area_centered"
}

func sameRefs(a, b []footage.PolicyRef) bool {
	byName := func(x, y footage.PolicyRef) int { return strings.Compare(x.Name, y.Name) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byName), slices.SortedFunc(slices.Values(b), byName))
}

// policy fetches a policy's file once.
func (a *Auditor) policy(ctx context.Context, ref footage.PolicyRef) error {
	if a.policies[ref.Hash] != nil {
		return nil
	}
	subject := "policy " + ref.Name
	raw, err := a.get(ctx, ledger.PolicyKey(ref.Hash), 4<<20)
	if errors.Is(err, footage.NotFound) {
		a.find("policy_missing", subject, "The exchange does not show the file of the policy %q, which was in force.", ref.Name)
		return nil
	}
	if err != nil {
		return err
	}
	p, err := policy.Parse(raw)
	if err != nil || p.Ref() != ref {
		a.find("policy_changed", subject, "The file of the policy %q is not the one that was adopted.", ref.Name)
		return nil
	}
	a.policies[ref.Hash] = p
	return nil
}

// ranks returns why the ranks that those who signed a request had when it was published do not suffice.
func (a *Auditor) ranks(set policy.Set, r *request, c evidence.Checked) (short []footage.Reason) {
	for _, s := range c.Signers {
		if s.Role == footage.Officer || s.Role == footage.Supervisor {
			short = append(short, set.RankOf(s.Role, a.world.rankAt(s.Person, r.index), "")...)
		}
	}
	return short
}
