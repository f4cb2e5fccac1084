// Package blob keeps sealed bytes under keys: clips on their way to an agency, and the tiles of the public log.
//
// It sees ciphertext alone and knows nothing of what the bytes mean. [Bucket] is the port; [Disk] in this package and
// Bucket in blob/s3 are its two implementations, and package blobtest is the suite that both pass. Small objects are
// written whole ([Objects]); large ones are staged piece by piece as they come in and appear at once ([Staging]).
package blob

import (
	"context"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"porchlight.example/internal/footage"
)

// Bucket holds objects and stagings. What [Objects] and [Staging] promise, both implementations keep.
//
// All methods may be called from many goroutines at once, except that at most one of Append, Finish and Abort may run
// for one key at a time: the caller holds a lock. No method keeps a slice or reader after it returned. A nil body or
// state is an empty one. An invalid key is [footage.Invalid]; a store without room is [footage.Full]; a store that does
// not answer is [footage.Unavailable] and may be asked again, since every method can be repeated safely.
type Bucket interface {
	Objects
	Staging
}

// Objects are whole immutable values. An object is visible either wholly or not at all, to every reader, also after
// power was lost, and a method that changes one returns only when the change would survive that.
type Objects interface {
	// Put writes an object and replaces what was there. On error the old object is still there, or the new one is.
	// It is meant for what fits in memory; larger objects are staged.
	Put(ctx context.Context, key string, body []byte) error
	// PutNew writes an object only if there is none yet, else it fails with [footage.Conflict] and changes nothing.
	// After Unavailable the caller cannot know which it was: a second try may meet its own object.
	PutNew(ctx context.Context, key string, body []byte) error
	// Get opens length bytes from offset on; a length below nought means to the end. The part of a range that lies
	// behind the end is left out, so that a reader may give fewer bytes or none. The caller closes the reader.
	// An absent object is [footage.NotFound]; one deleted while it is read may be read to its end or fail.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Stat returns an object's size in bytes, or [footage.NotFound].
	Stat(ctx context.Context, key string) (int64, error)
	// Delete removes an object for good; that it is absent is no error.
	Delete(ctx context.Context, key string) error
	// List yields the objects whose keys begin with prefix, in no particular order and without stagings. What is
	// written or deleted meanwhile may be yielded or not. After an error the sequence ends.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// Staging takes in a large object piece by piece, over days if need be and across restarts. State is opaque to the
// caller, who saves what Begin and Append return together with the offset and gives it back the next time; the saved pair
// is the truth, and bytes behind its offset are discarded.
type Staging interface {
	// Step returns the granularity in bytes at which the offset of a staging of that length can advance before its
	// end: 1, or a multiple of [footage.SegmentSize]. Callers that cut a stream do so at multiples of it.
	Step(length int64) int64
	// Begin prepares to take in length bytes and refuses with Full when there is no room for them. It starts anew if
	// there was a staging before; nothing of it has to be cleaned up if no Append follows.
	Begin(ctx context.Context, key string, length int64) (state []byte, err error)
	// Append takes bytes from r until it first ends, and returns how many were taken. Those survive a loss of power when it
	// returns; at the end of the object, when Finish has returned. If r fails, what it gave before is kept up to the
	// last step, and the error is r's; bytes behind the last step are dropped, so fewer may be taken than were read.
	// More than the declared length is [footage.TooLarge], and the declared bytes are kept. If the store fails, the
	// bytes taken may be none. A staging that is gone is [footage.NotFound]. It copies as [io.Copy] does: an r that is an
	// [io.WriterTo] chooses its own buffers.
	Append(ctx context.Context, key string, state []byte, offset int64, r io.Reader) (n int64, newState []byte, err error)
	// Staged opens length staged bytes from offset on. It is for what lies behind the last whole segment, hence needed
	// only where Step is 1; elsewhere it answers [footage.Unsupported].
	Staged(ctx context.Context, key string, state []byte, offset, length int64) (io.ReadCloser, error)
	// Finish makes the object visible under its key and durable, replacing what was there; that it was done before is
	// no error. Bytes missing is [footage.Conflict], a staging that is gone [footage.NotFound].
	Finish(ctx context.Context, key string, state []byte) error
	// Abort discards the staging of a key, whatever the state says; that there is none is no error. A finished object
	// stays.
	Abort(ctx context.Context, key string, state []byte) error
}

// Info describes one object.
type Info struct {
	Key  string
	Size int64 // bytes
}

// Keys and their names are short enough that every file system can hold them with what we add.
const (
	maxKey  = 512 // bytes
	maxName = 200 // bytes of what lies between two slashes
)

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$`)

// CheckKey refuses what cannot be a key: names of a-z, 0-9, dot, hyphen and underscore that begin with a letter or digit,
// joined by slashes. No key may lie below another, as a/b does below a. Implementations put a tilde into every name that
// is not a key, so that the two can never meet.
func CheckKey(key string) error {
	if len(key) > maxKey || !keyForm.MatchString(key) || longestName(key) > maxName {
		return footage.Coded(footage.Invalid, "bad_key", "The storage key "+strconv.Quote(key)+" has a form that is not allowed.")
	}
	return nil
}

// longestName returns the length of a key's longest name. It is counted apart because a pattern with such a bound takes
// milliseconds of every start to build.
func longestName(key string) (n int) {
	for name := range strings.SplitSeq(key, "/") {
		n = max(n, len(name))
	}
	return n
}

// Open opens the folder that raw names, a path or a file: URL, as a [Disk]. Buckets elsewhere are opened by their own
// packages: the caller tells them apart by the scheme.
func Open(raw string) (*Disk, error) {
	dir := strings.TrimPrefix(strings.TrimPrefix(raw, "file://"), "file:")
	if dir == "" || strings.Contains(dir, "://") {
		return nil, footage.E(footage.Invalid, "The place for clips must be a folder or an s3: address, not "+strconv.Quote(raw)+".")
	}
	return OpenDisk(dir)
}
