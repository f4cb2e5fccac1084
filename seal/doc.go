// Package seal is the clip envelope: footage is sealed on its owner's device so that only the asking agency can open it.
//
// A sealed clip is an ordinary age file (https://age-encryption.org/v1, https://c2sp.org/age) to post-quantum hybrid
// recipients ("age1pq1…"), and the stock age program opens it. Its plaintext is the clip followed by zero padding up to
// [PaddedLength], so that the sealed size tells little; the clip's true length travels in the sealed manifest.
//
// An [Envelope] fixes everything random about one sealing. Kept in a resume file, it makes the same sealed bytes again
// from any offset, which is how an interrupted upload goes on. [Open] reads a sealed clip as a stream, [OpenAt] at random,
// and [OpenFile] writes it to a file that exists only once every byte was checked. [SealBytes] and [OpenBytes] do the same
// for small messages, [Wrap] and [Unwrap] for an agency's epoch key, [RecoverySheet] for its paper copy, and [Secret] is
// the receipt secret from which a resident's keys derive.
//
// Streams run in constant memory at any size. Plaintext from a stream is not to be believed before io.EOF: truncation
// shows only there. Whatever does not open is refused with a [footage.Error] of kind Untrusted and one of the codes below.
// age does not authenticate the sender, and is not FIPS-approved; neither is promised here.
package seal
