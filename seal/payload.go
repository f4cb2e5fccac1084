package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// The payload of an age file: a nonce, then the plaintext in chunks, each sealed on its own (STREAM). See
// https://c2sp.org/age#payload.
const (
	fileKeySize = 16
	nonceSize   = 16
	chunkSize   = 64 << 10
	tagSize     = chacha20poly1305.Overhead
	sealedChunk = chunkSize + tagSize
	batchChunks = 16 // chunks read, sealed or opened at a time: 1 MiB keeps calls few and the cache warm
	batchSize   = batchChunks * chunkSize
)

// payloadCipher derives the key of a file's payload.
func payloadCipher(fileKey, nonce []byte) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, fileKey, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		panic("seal: derive payload key: " + err.Error()) // only for lengths that HKDF cannot give
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		panic("seal: " + err.Error()) // only for a key of another length
	}
	return aead
}

// chunkNonce is an 11-byte counter, big-endian, and a byte that marks the last chunk.
func chunkNonce(index int64, last bool) *[chacha20poly1305.NonceSize]byte {
	var n [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(n[3:11], uint64(index))
	if last {
		n[11] = 1
	}
	return &n
}

// chunkCount returns how many chunks hold a plaintext; an empty one has one empty chunk.
func chunkCount(plain int64) int64 { return max(1, (plain+chunkSize-1)/chunkSize) }

// payloadSize returns the length of the sealed chunks of a plaintext, without the nonce.
func payloadSize(plain int64) int64 { return plain + chunkCount(plain)*tagSize }

// readUpTo fills p as far as src reaches. Unlike io.ReadFull it returns io.EOF for every orderly end, short or not, and
// leaves an io.ErrUnexpectedEOF of src itself (a broken connection) what it is.
func readUpTo(src io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = src.Read(p[n:])
		n += k
	}
	if n == len(p) {
		err = nil // an error that came with the last byte comes again with the next read
	}
	return n, err
}
