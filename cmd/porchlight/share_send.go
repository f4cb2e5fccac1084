package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/footage"
	"porchlight.example/internal/resident"
	"porchlight.example/seal"
)

// consent shows what will be sent and the consent statement, and asks. The answer no is as good as yes, and no error.
func (s *shareFlags) consent(e env, share resident.Share) (agreed bool, err error) {
	showClips(e.stderr, share)
	text, _, err := evidence.ConsentText(evidence.CurrentVersion, s.lang)
	if err != nil {
		return false, err
	}
	fmt.Fprintln(e.stderr, wrapLines(text))
	if share.Request.Desk {
		fmt.Fprintln(e.stderr, wrapLines("\n"+plainLine(share.Request.Agency.Name)+" may open your clips in pages that the exchange serves. Whoever controls the exchange could then serve a page that takes the agency's key.\n"))
	}
	if s.yes {
		return true, nil
	}
	agreed, err = e.confirm(fmt.Sprintf("Send %s (%s) to %s?", clipsText(len(share.Clips)), bytesText(share.Bytes()), plainLine(share.Request.Agency.Name)))
	if err == nil && !agreed {
		fmt.Fprintln(e.stderr, "Nothing was sent, and nobody learns that you looked.")
	}
	return agreed, err
}

// send sends the share and tells the receipt.
func (s *shareFlags) send(ctx context.Context, e env, x *resident.Exchange, share resident.Share) error {
	file, err := newReceiptFile(s.receiptFile)
	if err != nil {
		return err
	}
	bar := e.newProgress("Sending")
	sent, err := x.Send(ctx, share, s.options(bar))
	bar.end()
	return s.told(e, x, share.Request, sent, file, err)
}

func (s *shareFlags) options(bar *progress) resident.SendOptions {
	o := resident.SendOptions{Progress: bar.step, Patience: s.patience}
	if !s.noResume {
		o.Keep = s.pending().Save
	}
	return o
}

// told prints the receipt if there is one, and forgets what is not needed any more.
func (s *shareFlags) told(e env, x *resident.Exchange, c evidence.Checked, sent resident.Sent, file *receiptFile, err error) error {
	if sent.Receipt.Share == "" { // nothing arrived
		return errors.Join(s.notSent(e, sent.Pending, err), file.drop())
	}
	r := newReceipt(x, c, sent, s.lang)
	werr := file.write(r)
	if s.asJSON {
		werr = errors.Join(werr, printJSON(e.stdout, r))
	} else {
		r.show(e, c)
	}
	if werr == nil && !s.noResume {
		werr = s.pending().Remove(sent.Pending)
	}
	return errors.Join(err, werr)
}

// notSent says whether sending can go on, and forgets the share if it cannot.
func (s *shareFlags) notSent(e env, p *resident.Pending, err error) error {
	if p == nil || s.noResume {
		return err
	}
	switch footage.KindOf(err) {
	case footage.Unavailable, footage.Interrupted, footage.Full, footage.TooMany, "":
		return hinted{err, fmt.Sprintf("what arrived is kept until %s: go on with 'porchlight share --resume'", p.Until.Local().Format(clockForm))}
	}
	return errors.Join(err, s.pending().Remove(p))
}

// unfinished goes on with what was not finished, or forgets it.
func (s *shareFlags) unfinished(ctx context.Context, e env) error {
	all, err := s.pending().List(time.Now())
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return footage.E(footage.NotFound, "There is no unfinished share on this device. The exchange keeps one for a day.")
	}
	for _, p := range all {
		if s.discard {
			err = s.pending().Remove(p)
		} else {
			err = s.goOn(ctx, e, p)
		}
		if err != nil {
			return err
		}
		if s.discard {
			fmt.Fprintf(e.stdout, "Forgotten: %s. The exchange erases what it has of it by %s.\n", p.Names(), p.Until.Local().Format(clockForm))
		}
	}
	return nil
}

func (s *shareFlags) goOn(ctx context.Context, e env, p *resident.Pending) error {
	x, err := exchangeFor(s.config, []string{p.Exchange})
	if err == nil {
		err = maySend(ctx, x)
	}
	if err != nil {
		return err
	}
	file, err := newReceiptFile(s.receiptFile)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Going on with %s\n", p.Names())
	bar := e.newProgress("Sending")
	sent, err := x.Resume(ctx, p, s.options(bar))
	bar.end()
	s.lang = p.Language
	return s.told(e, x, sent.Request, sent, file, err)
}

// shareReceipt is a receipt as it is printed and kept: with the words, and therefore a secret.
type shareReceipt struct {
	Type      string          `json:"type"`
	Exchange  string          `json:"exchange"`
	Verifier  string          `json:"verifier"` // the pinned key that the request was checked with, or empty
	Words     string          `json:"words"`
	Pseudonym string          `json:"pseudonym"`
	Receipt   footage.Receipt `json:"receipt"`
}

// receiptFileType is the value of a receipt file's type member.
const receiptFileType = "porchlight/receipt-file/v1"

func newReceipt(x *resident.Exchange, c evidence.Checked, sent resident.Sent, lang string) shareReceipt {
	return shareReceipt{Type: receiptFileType, Exchange: x.Client.Base, Verifier: x.Verifier, Words: strings.Join(sent.Secret.Words(lang), " "),
		Pseudonym: sent.Pseudonym, Receipt: sent.Receipt}
}

func (r shareReceipt) show(e env, c evidence.Checked) {
	words := strings.Fields(r.Words)
	fmt.Fprintf(e.stdout, "\nSent to %s: %s, complete and durable.\n\nYour receipt. Write these ten words down; nobody can make them again:\n\n", plainLine(c.Agency.Name), clipsText(len(r.Receipt.Clips)))
	for i := 0; i < len(words); i += 5 {
		fmt.Fprintf(e.stdout, "  %s\n", strings.Join(words[i:min(i+5, len(words))], " "))
	}
	zone := resident.Zone(c.Document)
	fmt.Fprintf(e.stdout, "\n  Request     %s\n  Known as    %s\n  Erased by   %s at the latest, from the exchange\n  Look with   porchlight receipt status --exchange %s\n",
		r.Receipt.Request.Short(), r.Pseudonym, r.Receipt.EraseBy.In(zone).Format(clockForm), r.Exchange)
	fmt.Fprintf(e.stdout, "  Take back   porchlight receipt withdraw --exchange %s\n", r.Exchange)
}

// receiptFile is a file that is made before anything is sent, so that a receipt is not lost to a wrong name.
type receiptFile struct{ f *os.File }

func newReceiptFile(path string) (*receiptFile, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, footage.E(footage.Conflict, "The receipt file "+path+" is there already. Name another one.")
	}
	if err != nil {
		return nil, footage.E(footage.Invalid, "The receipt file "+path+" cannot be written. Name another one.")
	}
	return &receiptFile{f}, nil
}

func (r *receiptFile) write(v shareReceipt) error {
	if r == nil {
		return nil
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write receipt file: %w", err)
	}
	_, err = r.f.Write(append(raw, '\n'))
	if err := errors.Join(err, r.f.Sync(), r.f.Close()); err != nil {
		return fmt.Errorf("write receipt file: %w", err)
	}
	return nil
}

// drop removes the file that was made in vain.
func (r *receiptFile) drop() error {
	if r == nil {
		return nil
	}
	return errors.Join(r.f.Close(), os.Remove(r.f.Name()))
}

// readReceiptFile reads what write has written.
func readReceiptFile(path string) (shareReceipt, seal.Secret, error) {
	var r shareReceipt
	raw, err := os.ReadFile(path)
	if err != nil {
		return r, seal.Secret{}, footage.E(footage.NotFound, "The receipt file "+path+" cannot be read. Check its name.")
	}
	if err := footage.DecodeStrict(raw, &r); err != nil || r.Type != receiptFileType {
		return r, seal.Secret{}, footage.E(footage.Invalid, "The file "+path+" is no receipt of this program. Give the words and --exchange instead.")
	}
	secret, err := seal.ParseWords(r.Words)
	return r, secret, err
}
