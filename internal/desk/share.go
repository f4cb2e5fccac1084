package desk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
)

// Share is one released share with the request that it answers, checked against the public record: the bundle's proofs, the
// receipt's signature, and every link of the custody chain.
type Share struct {
	api.Delivery
	Bundle  evidence.Bundle
	Checked evidence.Checked
}

// Inbox returns the released shares of the agency, oldest release first.
func (d *Desk) Inbox(ctx context.Context) ([]api.InboxItem, error) {
	var all []api.InboxItem
	return all, d.call(ctx, http.MethodGet, "/v1/agency/shares", nil, &all)
}

// Answered is a request of the agency with the released shares that answer it, the oldest release first.
type Answered struct {
	Request api.AgencyRequest
	Shares  []api.InboxItem
}

// Board returns the inbox below the requests that its shares answer, in the order of the requests.
func (d *Desk) Board(ctx context.Context) ([]Answered, error) {
	all, err := d.Inbox(ctx)
	if err != nil {
		return nil, err
	}
	requests, err := d.Requests(ctx)
	if err != nil {
		return nil, err
	}
	var out []Answered
	for _, q := range requests {
		row := Answered{Request: q}
		for _, item := range all {
			if item.Request == q.ID {
				row.Shares = append(row.Shares, item)
			}
		}
		if len(row.Shares) > 0 {
			out = append(out, row)
		}
	}
	return out, nil
}

// FindShare returns the share whose ID begins so. A whole ID is returned as it is, without asking.
func (d *Desk) FindShare(ctx context.Context, begin string) (footage.ShareID, error) {
	if footage.ValidID(begin, "s") {
		return footage.ShareID(begin), nil
	}
	all, err := d.Inbox(ctx)
	if err != nil {
		return "", err
	}
	var found []footage.ShareID
	for _, item := range all {
		if len(begin) >= 4 && strings.HasPrefix(string(item.Share), begin) {
			found = append(found, item.Share)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", footage.E(footage.NotFound, "Your agency has no share "+begin+". 'porchlight desk inbox' shows all.")
	}
	return "", footage.E(footage.Invalid, fmt.Sprintf("%d shares begin with %s. Write more of the ID.", len(found), begin))
}

// Share fetches a share without its clips and checks everything about it that the public record can show. It takes no pick-up
// and leaves no custody event: the sealed manifest is there only if somebody at the agency has picked the share up.
func (d *Desk) Share(ctx context.Context, id footage.ShareID) (*Share, error) {
	s := &Share{}
	if err := d.call(ctx, http.MethodGet, "/v1/agency/shares/"+string(id), nil, &s.Delivery); err != nil {
		return nil, fmt.Errorf("fetch share: %w", err)
	}
	raw, err := d.client.Get(ctx, "/v1/requests/"+string(s.Request))
	if err != nil {
		return nil, fmt.Errorf("fetch the share's request: %w", err)
	}
	if err := d.request(s, raw); err != nil {
		return nil, err
	}
	return s, s.check(id, d.Person().Agency)
}

// request checks a share's request and keeps a copy: should the exchange have to withhold the text later, the proofs of today go
// on to hold, and packages with them.
func (d *Desk) request(s *Share, raw []byte) error {
	checked, bundle, verifier, err := evidence.VerifyRequest(raw, d.trust(), d.now())
	if err != nil {
		return fmt.Errorf("check the share's request: %w", err)
	}
	if err := d.sameKey(verifier); err != nil {
		return err
	}
	path := d.path(requestFolder, string(checked.ID)+".json")
	s.Bundle, s.Checked = bundle, checked
	if checked.Withheld == nil {
		return replaceFile(path, raw)
	}
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the copy of the request: %w", err)
	}
	if s.Bundle, err = evidence.ParseBundle(kept); err != nil {
		return fmt.Errorf("read the copy of the request: %w", err)
	}
	s.Checked.Document = s.Bundle.Record.Document
	return nil
}

// check holds receipt, clips and custody chain against the request and against each other.
func (s *Share) check(id footage.ShareID, agency footage.AgencyID) error {
	r := s.Receipt
	if err := r.Verify(s.Checked.ReceiptKey); err != nil {
		return err
	}
	if r.Type != footage.ReceiptType || r.Share != id || s.Delivery.Share != id || r.Request != s.Checked.ID || r.Agency != agency || r.Agency != s.Checked.Agency.ID ||
		r.Exchange != s.Checked.Exchange.Origin || r.Epoch != s.Epoch || !slices.Equal(r.Clips, s.Clips) {
		return footage.Coded(footage.Untrusted, "receipt_binding", "The receipt is for another share, request or agency than the exchange says.")
	}
	return s.checkChain()
}

func (s *Share) checkChain() error {
	if len(s.Events) == 0 || s.Events[0].Share != s.Delivery.Share || s.Events[0].Kind != footage.EventCommitted {
		return footage.Coded(footage.Untrusted, "custody_start", "The custody chain does not begin with this share.")
	}
	if _, err := footage.CheckChain(s.Events, s.Checked.KeyOf); err != nil {
		return fmt.Errorf("check the custody chain: %w", err)
	}
	return nil
}

// has reports whether the chain holds an event of a kind, by any signer for an empty one.
func (s *Share) has(kind footage.EventKind, signer string) bool {
	return slices.ContainsFunc(s.Events, func(e footage.Event) bool { return e.Kind == kind && (signer == "" || e.Signer == signer) })
}

// size returns the sealed bytes of all clips.
func (s *Share) size() (total int64) {
	for _, c := range s.Clips {
		total += c.Size
	}
	return total
}

// requestFolder holds copies of the requests for which shares came in.
const requestFolder = "requests"

// folder returns where the desk keeps what belongs to a share.
func (d *Desk) folder(id footage.ShareID, parts ...string) string {
	return d.path(append([]string{shareFolder, string(id)}, parts...)...)
}

// withdrawn says what it means that a share which was there is there no more.
func withdrawn(err error) error {
	if !errors.Is(err, footage.NotFound) {
		return err
	}
	return footage.Coded(footage.Gone, CodeWithdrawn, "The share is no longer there: its sender took it back before it was picked up. Nothing of it is kept here.")
}
