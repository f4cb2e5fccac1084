package exchange

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ledger"
)

// Guard keeps, in a folder outside the database, what a restored backup must not forget: the newest checkpoint that was
// signed, and the clips that were erased. An empty folder name keeps nothing. A Guard may be copied before its first use.
type Guard struct {
	Dir string
	mu  *sync.Mutex
}

// NewGuard returns a guard that keeps its files in dir, which it makes, and removes what a crashed writer left there.
func NewGuard(dir string) (Guard, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Guard{}, fmt.Errorf("make guard folder: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	if err != nil {
		return Guard{}, fmt.Errorf("tidy guard folder: %w", err)
	}
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > tempLife {
			_ = os.Remove(path) // it will be tried again at the next start
		}
	}
	return Guard{Dir: dir, mu: new(sync.Mutex)}, nil
}

// Saw records a checkpoint before anybody else can see it.
func (g Guard) Saw(note string) error {
	if g.Dir == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return replaceFile(filepath.Join(g.Dir, checkpointFile), []byte(note))
}

// Last returns the newest checkpoint that was recorded, or "".
func (g Guard) Last() (string, error) {
	if g.Dir == "" {
		return "", nil
	}
	b, err := os.ReadFile(filepath.Join(g.Dir, checkpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the recorded checkpoint: %w", err)
	}
	return string(b), nil
}

// Erased records that the clips of a share are gone, before their row says so, and what it will say.
func (g Guard) Erased(share footage.ShareID, final footage.ShareState, keys []string) error {
	if g.Dir == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.append(erasedFile, strings.Join(append([]string{string(share), string(final)}, keys...), " "))
}

// lineSum ends each line, so that a damaged one is not taken for another erasure.
func lineSum(line string) string { return footage.Hash([]byte(line))[:8] }

// torn reports whether a file's last line was cut off by a crash.
func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Erasure is one that was recorded.
type Erasure struct {
	Share footage.ShareID
	Final footage.ShareState // erased, taken_back or lost
	Keys  []string           // of the clips
}

// Erasures returns what was recorded as erased, in order, and how many lines cannot be read: one that a crash has cut off, or
// a damaged one.
func (g Guard) Erasures() (all []Erasure, unreadable int, err error) {
	b, err := os.ReadFile(filepath.Join(g.Dir, erasedFile))
	if errors.Is(err, fs.ErrNotExist) || g.Dir == "" {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read recorded erasures: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if e, ok := parseErasure(strings.TrimSuffix(line, "\n")); ok {
			all = append(all, e)
		} else if line != "\n" {
			unreadable++
		}
	}
	return all, unreadable, nil
}

func parseErasure(line string) (Erasure, bool) {
	cut := strings.LastIndexByte(line, ' ')
	if cut < 0 || line[cut+1:] != lineSum(line[:cut]) {
		return Erasure{}, false
	}
	fields := strings.Split(line[:cut], " ")
	if len(fields) < 2 || !footage.ValidID(fields[0], "s") {
		return Erasure{}, false
	}
	e := Erasure{Share: footage.ShareID(fields[0]), Final: footage.ShareState(fields[1]), Keys: fields[2:]}
	for _, key := range e.Keys {
		if clip, ok := strings.CutPrefix(key, clipPrefix); !ok || !footage.ValidID(clip, "c") {
			return e, false
		}
	}
	return e, e.Final == footage.ShareErased || e.Final == footage.ShareTakenBack || e.Final == footage.ShareLost
}

// Withheld records that a text is withheld, with the signatures of those who agreed, once.
func (g Guard) Withheld(fact ledger.DocumentWithheld) error {
	if g.Dir == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, err := g.KnowsWithheld(fact.Request); err != nil || known {
		return err
	}
	raw, err := footage.Canonical(fact)
	if err != nil {
		return err
	}
	return g.append(withheldFile, string(raw))
}

// KnowsWithheld reports whether a request's text was recorded as withheld.
func (g Guard) KnowsWithheld(id footage.RequestID) (bool, error) {
	all, _, err := g.Withholdings()
	return slices.ContainsFunc(all, func(f ledger.DocumentWithheld) bool { return f.Request == id }), err
}

// Withholdings returns what was recorded as withheld, in order, and how many lines cannot be read.
func (g Guard) Withholdings() (all []ledger.DocumentWithheld, unreadable int, err error) {
	b, err := os.ReadFile(filepath.Join(g.Dir, withheldFile))
	if errors.Is(err, fs.ErrNotExist) || g.Dir == "" {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read recorded withholdings: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		var f ledger.DocumentWithheld
		cut := strings.LastIndexByte(line, ' ')
		switch {
		case line == "":
		case cut < 0 || line[cut+1:] != lineSum(line[:cut]) || footage.DecodeStrict([]byte(line[:cut]), &f) != nil:
			unreadable++
		default:
			all = append(all, f)
		}
	}
	return all, unreadable, nil
}

// append adds a line to one of the guard's files, durably. The lock is held.
func (g Guard) append(name, line string) error {
	f, err := os.OpenFile(filepath.Join(g.Dir, name), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("record in the guard's %s: %w", name, err)
	}
	line += " " + lineSum(line) + "\n"
	if torn(f) {
		line = "\n" + line
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Sync(), f.Close())
}

// The guard's files, and where clips lie in the bucket.
const (
	checkpointFile = "checkpoint"
	erasedFile     = "erased"
	withheldFile   = "withheld"
	clipPrefix     = "clips/"
)

const (
	tempPrefix = ".tmp-"   // begins the names of files that are being written
	tempLife   = time.Hour // one older than this has no writer any more
)

// replaceFile writes a file whole: temporary file, fsync, rename, fsync of the folder.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync guard folder: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
