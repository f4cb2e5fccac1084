package resident

import (
	"fmt"
	"unicode/utf8"

	"porchlight.example/evidence"
	"porchlight.example/internal/api"
	"porchlight.example/internal/footage"
	"porchlight.example/seal"
)

// Share is what a resident has decided to send, to one agency and for one request.
type Share struct {
	Request  evidence.Checked
	Clips    []*Clip
	Language string           // of the consent statement that the resident was shown: "en" or "es"
	Contact  *footage.Contact // only if the resident names themselves
	Message  string
}

// maxMessage is how many bytes a message beside the clips may have.
const maxMessage = 16 << 10

// Check reports, all at once, what keeps the share from being sent under an exchange's limits. Nothing has been sent then.
func (s Share) Check(l api.Limits) error {
	var reasons []footage.Reason
	refuse := func(code, limit, value, format string, args ...any) {
		reasons = append(reasons, footage.Reason{Code: code, Msg: fmt.Sprintf(format, args...), Limit: limit, Value: value})
	}
	if len(s.Clips) == 0 {
		refuse("no_clips", "", "", "Choose at least one clip.")
	}
	if l.Files > 0 && len(s.Clips) > l.Files {
		refuse("too_many_files", fmt.Sprint(l.Files), fmt.Sprint(len(s.Clips)), "There are too many clips for one share. Send them in several.")
	}
	var total int64
	for _, c := range s.Clips {
		size := sealedSize(c.Size)
		total += size
		if l.FileBytes > 0 && size > l.FileBytes {
			refuse("file_too_large", fmt.Sprintf("%d bytes", l.FileBytes), fmt.Sprintf("%d bytes sealed", size),
				"%s is too large. Cut it with the camera's own program and send the part that matters.", quoted(c.Name))
		}
	}
	if l.ShareBytes > 0 && total > l.ShareBytes {
		refuse("share_too_large", fmt.Sprintf("%d bytes", l.ShareBytes), fmt.Sprintf("%d bytes sealed", total), "All clips together are too large for one share. Send them in several.")
	}
	if len(s.Message) > maxMessage || !utf8.ValidString(s.Message) {
		refuse("message_too_long", fmt.Sprintf("%d bytes", maxMessage), fmt.Sprintf("%d bytes", len(s.Message)), "The message is too long, or is no text.")
	}
	if len(reasons) == 0 {
		return nil
	}
	kind := footage.TooLarge
	if len(s.Clips) == 0 {
		kind = footage.Invalid
	}
	return &footage.Error{Kind: kind, Code: reasons[0].Code, Msg: "Nothing was sent: this share breaks the exchange's limits.", Reasons: reasons}
}

// sealOverhead is about what sealing adds beside the padding: header, nonce, and a tag per chunk.
const (
	sealHeader = 4 << 10
	sealChunk  = 64 << 10
	sealTag    = 16
)

// sealedSize is an upper bound of a clip's sealed size in bytes.
func sealedSize(clip int64) int64 {
	padded := seal.PaddedLength(clip)
	return padded + (padded/sealChunk+1)*sealTag + sealHeader
}

// Bytes returns how many bytes of clips the share holds.
func (s Share) Bytes() (n int64) {
	for _, c := range s.Clips {
		n += c.Size
	}
	return n
}
