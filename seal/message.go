package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"porchlight.example/internal/footage"
)

// MaxMessage is the longest plaintext, in bytes, that [SealBytes] seals and [OpenBytes] opens, padding included.
const MaxMessage = 16 << 20

// lengthPrefix is how many bytes of a message's plaintext hold its length, big-endian.
const lengthPrefix = 4

// SealBytes seals a small message, such as a manifest or a line of conversation, as an age file. Its plaintext is four
// bytes of length, the message, and zeros up to the next multiple of padTo bytes, so that the sealed size tells only how
// many steps it takes. It is TooLarge over [MaxMessage]; padTo must be positive.
func SealBytes(plaintext []byte, padTo int, recipients ...string) ([]byte, error) {
	if padTo <= 0 || padTo > MaxMessage {
		return nil, footage.E(footage.Invalid, fmt.Sprintf("A message cannot be padded in steps of %d bytes.", padTo))
	}
	length := (lengthPrefix + len(plaintext) + padTo - 1) / padTo * padTo
	if length > MaxMessage {
		return nil, footage.E(footage.TooLarge, "The message is too long. Send it in parts.")
	}
	padded := make([]byte, length)
	binary.BigEndian.PutUint32(padded, uint32(len(plaintext)))
	copy(padded[lengthPrefix:], plaintext)
	e, err := newEnvelope(int64(length), int64(length), recipients)
	if err != nil {
		return nil, err
	}
	sealed := bytes.NewBuffer(make([]byte, 0, e.SealedSize()))
	if _, err := io.Copy(sealed, e.Stream(bytes.NewReader(padded), Tee{})); err != nil {
		return nil, fmt.Errorf("seal message: %w", err)
	}
	return sealed.Bytes(), nil
}

// OpenBytes opens what [SealBytes] sealed, whole or not at all. It is refused as [Open] and its reader refuse, and as
// bad_padding or wrong_length if the plaintext is not laid out as SealBytes does it.
func OpenBytes(sealed []byte, ids ...*Identity) ([]byte, error) {
	r, err := Open(bytes.NewReader(sealed), ids...)
	if err != nil {
		return nil, err
	}
	if len(sealed) > MaxMessage+MaxMessage/16+MaxHeader {
		return nil, footage.E(footage.TooLarge, "The sealed message is larger than any that this program makes. It is refused.")
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(plain) < lengthPrefix {
		return nil, errWrongLength()
	}
	length := int64(binary.BigEndian.Uint32(plain))
	plain = plain[lengthPrefix:]
	if length > int64(len(plain)) {
		return nil, errWrongLength()
	}
	if bytes.Count(plain[length:], []byte{0}) != len(plain[length:]) {
		return nil, errPadding()
	}
	return plain[:length:length], nil
}
