package resident

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// PendingType is the value of a pending share's type member.
const PendingType = "porchlight/pending/v1"

// Pending is a share that was begun and is not committed yet: all that is needed to go on after this program was stopped.
// It holds the receipt's words and the file keys of the clips, and is therefore as secret as they are. It exists from the
// beginning of the upload to the receipt, and no longer than the exchange would keep the unfinished share.
type Pending struct {
	Type     string            `json:"type"` // PendingType
	Exchange string            `json:"exchange"`
	Request  footage.RequestID `json:"request"`
	Epoch    int               `json:"epoch"`
	Words    string            `json:"words"` // the receipt secret
	Until    time.Time         `json:"until"` // the exchange forgets the share then
	Share    footage.ShareID   `json:"share"`
	Ticket   string            `json:"ticket"`
	Language string            `json:"language"`
	Contact  *footage.Contact  `json:"contact,omitempty"`
	Message  string            `json:"message,omitempty"`
	Clips    []PendingClip     `json:"clips"`
	Commit   *api.CommitShare  `json:"commit,omitempty"` // once every clip is there; sealed, and always sent the same
}

// PendingClip is one clip of a pending share.
type PendingClip struct {
	Path     string         `json:"path"`
	Options  ClipOptions    `json:"options"`
	Name     string         `json:"name"`  // under which it travels
	Stamp    string         `json:"stamp"` // of the original when it was sealed first
	ID       footage.ClipID `json:"id"`
	Envelope *seal.Envelope `json:"envelope,omitempty"` // nil when done
	Salt     string         `json:"salt"`               // of the commitment to the original, base64url
	Upload   string         `json:"upload,omitempty"`   // secret path on the exchange
	Segments string         `json:"segments,omitempty"` // hashes of the whole segments that were sent, base64url
	Done     *evidence.Clip `json:"done,omitempty"`     // its line of the manifest, once all of it is durable on the exchange
}

// Folder keeps pending shares, a file each that only its owner can read.
type Folder struct{ Dir string }

// path names a share's file by a hash: the name tells neither share nor request.
func (f Folder) path(p *Pending) string {
	return filepath.Join(f.Dir, "share-"+footage.Hash([]byte(p.Ticket))[:16]+".json")
}

// Save writes a pending share whole, in place of an earlier state of it. A folder that cannot be written is Full, with the
// remedy.
func (f Folder) Save(p *Pending) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep pending share: %w", err)
	}
	next := f.path(p) + ".new"
	if err = os.MkdirAll(f.Dir, 0o700); err == nil {
		err = os.WriteFile(next, raw, 0o600)
	}
	if err == nil {
		err = os.Rename(next, f.path(p))
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", footage.Coded(footage.Full, "pending_not_kept", "What is needed to go on after a stop cannot be kept in "+f.Dir+
			". Make room there, name another folder with --config, or keep nothing with --no-resume."), err)
	}
	return nil
}

// Remove forgets a pending share, and the folder with the last one.
func (f Folder) Remove(p *Pending) error {
	err := os.Remove(f.path(p))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget pending share: %w", err)
	}
	_ = os.Remove(f.Dir) // it holds another share if this fails
	return nil
}

// List returns the pending shares, the one that ends first in front, after removing those that the exchange has forgotten
// by now. A file that is damaged is an error that names it.
func (f Folder) List(now time.Time) ([]*Pending, error) {
	paths, err := filepath.Glob(filepath.Join(f.Dir, "share-*.json"))
	if err != nil {
		return nil, fmt.Errorf("list pending shares: %w", err)
	}
	var all []*Pending
	for _, path := range paths {
		p, err := readPending(path)
		if err != nil {
			return nil, err
		}
		if now.After(p.Until) {
			if err := os.Remove(path); err != nil {
				return nil, fmt.Errorf("forget pending share: %w", err)
			}
			continue
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Pending) int { return a.Until.Compare(b.Until) })
	return all, nil
}

func readPending(path string) (*Pending, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read pending share: %w", err)
	}
	var p Pending
	if err := footage.DecodeStrict(raw, &p); err != nil || p.Type != PendingType || len(p.Clips) == 0 {
		return nil, footage.Coded(footage.Invalid, "pending_damaged", "The file "+path+", with which an upload could go on, is damaged. Delete it and send the clips from the beginning.")
	}
	return &p, nil
}

// Secret returns the receipt secret.
func (p *Pending) Secret() (seal.Secret, error) { return seal.ParseWords(p.Words) }

// Names returns the files of the share as their owner knows them, fit for a screen.
func (p *Pending) Names() string {
	names := make([]string, len(p.Clips))
	for i, c := range p.Clips {
		names[i] = quoted(filepath.Base(c.Path))
	}
	return strings.Join(names, ", ")
}
