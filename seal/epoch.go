package seal

import (
	"strings"

	"porchlight.example/internal/footage"
)

const (
	// epochPrefix tells a wrapped epoch key from every other sealed message.
	epochPrefix = "porchlight/epoch/v1\n"
	wrapStep    = 256 // bytes: every wrapped key has one size
)

// Wrap seals an agency's epoch identity to its custodians, any one of whom can unwrap it. The result is a small age file.
func Wrap(epoch *Identity, recipients ...string) ([]byte, error) {
	return SealBytes([]byte(epochPrefix+epoch.String()), wrapStep, recipients...)
}

// Unwrap opens an epoch identity with a custodian's own. It is refused as [OpenBytes] refuses, and as Untrusted
// (corrupted) if what was wrapped is no epoch key. Anyone can wrap some identity to a custodian: compare the result's
// recipient with the epoch's in the public record before using it.
func Unwrap(wrapped []byte, holder *Identity) (*Identity, error) {
	plain, err := OpenBytes(wrapped, holder)
	if err != nil {
		return nil, err
	}
	key, ok := strings.CutPrefix(string(plain), epochPrefix)
	id, err := ParseIdentity(key)
	if !ok || err != nil {
		return nil, footage.Coded(footage.Untrusted, CodeCorrupted, "What was sealed to you here is not an epoch key. Ask your agency's administrator to wrap it again.")
	}
	return id, nil
}
