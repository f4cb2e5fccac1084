package seal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"porchlight.example/internal/footage"
)

// Check is what [OpenFile] does with a clip beside writing it.
type Check struct {
	// Tee are shown the clip's bytes in order, padding left out, in large pieces that they must not keep or change; each
	// in goroutines that end with the call. Hashes go here.
	Tee []io.Writer
	// Verify, if there is one, is called when every byte was opened and the length was right, and before the file gets
	// its name. Its error is returned and nothing is left. Comparing the hashes with the manifest goes here.
	Verify func() error
}

// OpenFile opens a sealed clip from a stream into a new file at path. The file appears, with mode 0600 and durably,
// only when everything was verified: the whole stream, the length, the padding and check. Until then the bytes are in a
// temporary file beside it, which is removed whatever goes wrong; a crash can leave one behind, as ".clip-*.part".
//
// If path cannot be written while src is silent, the call waits for src's next bytes or its error before it returns.
// Errors are those of [Open], wrong_length and bad_padding (Untrusted), file_exists (Conflict), Invalid for a length
// outside 0 to [MaxClip], and whatever src, check or the file system gives, wrapped. Memory is constant, about 8 MiB.
func OpenFile(path string, src io.Reader, clipLength int64, check Check, ids ...*Identity) (err error) {
	if err := checkClipLength(clipLength); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return footage.Coded(footage.Conflict, CodeFileExists, "There is a file at "+path+" already. Move it away or choose another name.")
	}
	o, err := start(src, ageIdentities(ids))
	if err != nil {
		return err
	}
	o.expect = PaddedLength(clipLength)
	part, err := os.CreateTemp(filepath.Dir(path), ".clip-*.part")
	if err != nil {
		return fmt.Errorf("open clip into %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = part.Close() // it may be closed already
			_ = os.Remove(part.Name())
		}
	}()
	if err := pour(o, &earlyWriter{file: part}, clipLength, check); err != nil {
		return err
	}
	return settle(part, path)
}

// pour copies the clip into the file and to the onlookers, and verifies all there is to verify.
func pour(o *opener, part io.Writer, clipLength int64, check Check) error {
	c := &cutter{left: clipLength, limit: o.expect, to: append([]io.Writer{part}, check.Tee...)}
	if err := pump(o, c); err != nil {
		return err
	}
	if c.total < c.limit {
		return errWrongLength()
	}
	if c.padded {
		return errPadding()
	}
	if check.Verify != nil {
		return check.Verify()
	}
	return nil
}

// writebackStep is after how many bytes the system is asked to begin writing them out.
const writebackStep = 8 << 20

// earlyWriter writes to a file from its beginning on and has the system write it out meanwhile.
type earlyWriter struct {
	file    *os.File
	written int64
	begun   int64 // bytes that the system was asked to write out
}

func (w *earlyWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.written += int64(n)
	if length := w.written - w.begun; length >= writebackStep {
		startWriteback(w.file, w.begun, length)
		w.begun = w.written
	}
	return n, err
}

// settle makes the finished file durable and gives it its name.
func settle(part *os.File, path string) error {
	if err := part.Sync(); err != nil {
		return fmt.Errorf("sync opened clip: %w", err)
	}
	if err := part.Close(); err != nil {
		return fmt.Errorf("close opened clip: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("name opened clip: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name durable. Windows has no such call and keeps names in its journal.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// cutter passes the clip's bytes to several writers at once, and looks at the padding behind them.
type cutter struct {
	to     []io.Writer
	left   int64 // bytes of the clip still to come
	limit  int64 // bytes that clip and padding may have
	total  int64 // bytes seen
	padded bool  // some byte of the padding was not zero
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.total += int64(len(p)); c.total > c.limit {
		return 0, errWrongLength()
	}
	clip := p[:min(int64(len(p)), c.left)]
	c.left -= int64(len(clip))
	for _, b := range p[len(clip):] {
		c.padded = c.padded || b != 0
	}
	if len(clip) == 0 {
		return len(p), nil
	}
	var work errgroup.Group
	for _, w := range c.to {
		work.Go(func() error { return writeAll([]io.Writer{w}, clip) })
	}
	return len(p), work.Wait()
}

// pump copies from the opener to w, opening the next batches while w is busy. Both sides end before it returns.
func pump(o *opener, w io.Writer) error {
	const depth = 2
	filled, empty := make(chan []byte, depth), make(chan []byte, depth)
	stop := make(chan struct{})
	for range depth {
		empty <- nil
	}
	var work errgroup.Group
	work.Go(func() error {
		defer close(filled)
		return o.emit(filled, empty, stop)
	})
	err := drain(w, filled, empty)
	close(stop)
	if other := work.Wait(); err == nil {
		err = other
	}
	return err
}

// emit opens batch after batch, each into a buffer of its own, until the payload is over or nobody wants more.
func (o *opener) emit(filled chan<- []byte, empty <-chan []byte, stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		case o.plain = <-empty:
		}
		o.fill()
		filled <- o.ready // there is room: filled is as deep as there are buffers
		switch o.err {
		case nil:
		case io.EOF:
			return nil
		default:
			return o.err
		}
	}
}

func drain(w io.Writer, filled <-chan []byte, empty chan<- []byte) error {
	for b := range filled {
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write opened clip: %w", err)
		}
		empty <- b[:0]
	}
	return nil
}
