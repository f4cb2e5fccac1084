package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// MaxHeader is the longest age header, in bytes, that is read. One recipient takes 1.6 kB.
const MaxHeader = 64 << 10

const (
	headerIntro = "age-encryption.org/v1\n"
	headerEnd   = "---" // begins the line of the authentication code, and no other line of a header
)

// readHeader reads r up to and with the line that ends the age header, and not a byte further if r is a *bufio.Reader
// or reads byte by byte. It looks at no more than the first and the last line's beginning; age does the parsing.
func readHeader(r io.ByteReader) ([]byte, error) {
	var header []byte
	for start := 0; ; {
		b, err := r.ReadByte()
		if err == io.EOF {
			return nil, endOfHeader(header)
		} else if err != nil {
			return nil, fmt.Errorf("read sealed header: %w", err)
		}
		header = append(header, b)
		if n := min(len(header), len(headerIntro)); string(header[:n]) != headerIntro[:n] {
			return nil, errNotAge()
		}
		if len(header) > MaxHeader {
			return nil, untrusted(CodeHeaderTooLarge, "The sealed file's header is larger than any that this program makes. It is refused.")
		}
		if b == '\n' {
			if bytes.HasPrefix(header[start:], []byte(headerEnd)) {
				return header, nil
			}
			start = len(header)
		}
	}
}

func errNotAge() error {
	return untrusted(CodeNotAge, "This is not a sealed file: it does not begin as an age file does. Choose the file as it was sent.")
}

func endOfHeader(header []byte) error {
	if len(header) == 0 {
		return errNotAge()
	}
	return errTruncated()
}

// unwrapHeader returns the file key of a header. The identities are any that age knows, so that the age format's own test
// vectors run through the code that opens clips; the exported functions pass post-quantum ones alone.
func unwrapHeader(header []byte, ids []age.Identity) ([]byte, error) {
	found := false
	watched := make([]age.Identity, len(ids))
	for i, id := range ids {
		watched[i] = watcher{id, &found}
	}
	fileKey, err := age.DecryptHeader(header, watched...)
	var noMatch *age.NoIdentityMatchError
	switch {
	case err == nil:
		return fileKey, nil
	case errors.As(err, &noMatch) || len(ids) == 0:
		return nil, untrusted(CodeWrongKey, "The file is sealed to another key. Use the key of the epoch in which it was sent; if you did, its header was changed.")
	case found:
		return nil, untrusted(CodeHeaderAltered, "The sealed file's header was changed after sealing. Fetch it again.")
	}
	return nil, untrusted(CodeBadHeader, "The sealed file's header is damaged. Fetch it again.")
}

// watcher notes that an identity found the file key: if age refuses the header all the same, its authentication code was
// wrong, for which age has no error of its own.
type watcher struct {
	age.Identity
	found *bool
}

func (w watcher) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	fileKey, err := w.Identity.Unwrap(stanzas)
	if err == nil {
		*w.found = true
	}
	return fileKey, err
}

// start reads the header and the payload's nonce, and returns the payload's reader and cipher.
func start(r io.Reader, ids []age.Identity) (*opener, error) {
	buffered := bufio.NewReader(r)
	header, err := readHeader(buffered)
	if err != nil {
		return nil, err
	}
	fileKey, err := unwrapHeader(header, ids)
	if err != nil {
		return nil, err
	}
	var nonce [nonceSize]byte
	if _, err := readUpTo(buffered, nonce[:]); err == io.EOF {
		return nil, errTruncated()
	} else if err != nil {
		return nil, fmt.Errorf("read sealed nonce: %w", err)
	}
	return &opener{src: buffered, aead: payloadCipher(fileKey, nonce[:]), header: int64(len(header))}, nil
}

func ageIdentities(ids []*Identity) []age.Identity {
	out := make([]age.Identity, len(ids))
	for i, id := range ids {
		out[i] = id.key
	}
	return out
}
