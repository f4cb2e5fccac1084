package seal

import (
	"errors"

	"porchlight.example/internal/footage"
)

// Codes of the errors of kind Untrusted with which opening is refused. They are stable.
const (
	CodeNotAge         = "not_age"          // the first line is not that of an age file
	CodeHeaderTooLarge = "header_too_large" // the header is longer than [MaxHeader]
	CodeBadHeader      = "bad_header"       // the header breaks the age format
	CodeHeaderAltered  = "header_altered"   // the header does not fit its own authentication code
	CodeWrongKey       = "wrong_key"        // sealed to somebody else; a changed recipient line looks the same
	CodeTruncated      = "truncated"        // the end is missing
	CodeCorrupted      = "corrupted"        // bytes were changed
	CodeTrailing       = "trailing_bytes"   // something follows the sealed end
	CodeBadPadding     = "bad_padding"      // the padding is not all zeros
	CodeWrongLength    = "wrong_length"     // the seal holds, but over another length than the manifest says
)

// Codes of other errors of this package.
const (
	CodeBadRecipient     = "bad_recipient"     // Invalid: not an age recipient, or mistyped
	CodeClassicRecipient = "classic_recipient" // Unsupported: an age recipient that a quantum computer could break
	CodeBadIdentity      = "bad_identity"      // Invalid: not a post-quantum age identity, or mistyped
	CodeClipChanged      = "clip_changed"      // Conflict: the clip has another length than when sealing began
	CodeBadEnvelope      = "bad_envelope"      // Invalid: a resume file that does not hold together
	CodeFileExists       = "file_exists"       // Conflict: the file to open into is already there
)

func untrusted(code, msg string) error { return footage.Coded(footage.Untrusted, code, msg) }

func errTruncated() error {
	return untrusted(CodeTruncated, "The sealed file is cut off before its end. Fetch it again.")
}

func errCorrupted() error {
	return untrusted(CodeCorrupted, "The sealed file was changed after sealing, so its seal does not hold. Fetch it again; if that does not help, ask the sender to send it anew.")
}

func errTrailing() error {
	return untrusted(CodeTrailing, "Something was added behind the sealed file's end. Fetch it again.")
}

func errWrongLength() error {
	return untrusted(CodeWrongLength, "The seal holds, but over another length than the one stated. Treat clip and manifest as not belonging together.")
}

func errPadding() error {
	return untrusted(CodeBadPadding, "The padding behind the sealed content is not empty. The program that sealed it is faulty or hides something in it.")
}

// codeOf returns the code of the first [footage.Error] in err's chain, or "".
func codeOf(err error) string {
	var e *footage.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
