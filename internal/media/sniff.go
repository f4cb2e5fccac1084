package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"porchlight.example/internal/footage"
)

// sniffLength is how many bytes tell every format that we name: three packets of an MPEG transport stream.
const sniffLength = 3 * 188

// sniff recognises a file by its first bytes.
func sniff(r io.ReaderAt, size int64) (Format, error) {
	if size <= 0 {
		return "", invalid("clip_empty", "This file is empty. Save or download the clip again.")
	}
	head := make([]byte, min(size, sniffLength))
	if err := readFull(r, head, 0); err != nil {
		return "", err
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xD8, 0xFF}) {
		return JPEG, nil
	}
	if len(head) >= 12 {
		if format, ok, err := sniffBoxes(head); ok || err != nil {
			return format, err
		}
	}
	if name := otherFormat(head); name != "" {
		return "", unsupported("clip_format", name+" cannot be cleaned.")
	}
	if isText(head) {
		return "", invalid("clip_not_video", "This is a text file, whatever its name says, and not a clip. Choose the video file itself.")
	}
	return "", invalid("clip_not_video", "This is no video or picture that Porchlight knows. Choose an MP4, MOV or JPEG file, or export the clip as MP4.")
}

// isText reports whether a file begins as text does. Its last character may be cut through.
func isText(head []byte) bool {
	whole := head[:max(0, len(head)-utf8.UTFMax)]
	return (utf8.Valid(head) || utf8.Valid(whole)) && bytes.IndexByte(head, 0) < 0
}

// sniffBoxes recognises the ISO base media family by the type of the first box and the major brand.
func sniffBoxes(head []byte) (Format, bool, error) {
	switch string(head[4:8]) {
	case "ftyp", "styp":
		switch brand := string(head[8:12]); brand {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
			return "", false, unsupported("clip_format", "HEIC and AVIF pictures cannot be cleaned.")
		case "qt  ":
			return MOV, true, nil
		}
		return MP4, true, nil
	case "moov", "mdat", "wide", "free", "skip", "pnot": // QuickTime from before ftyp
		return MOV, true, nil
	case "moof", "sidx":
		return "", false, invalid("clip_no_index", "This is a piece of a stream without its beginning. Export the whole clip as MP4.")
	}
	return "", false, nil
}

// otherFormat names a format that is not handled here, or returns "".
func otherFormat(head []byte) string {
	for _, f := range []struct{ magic, name string }{
		{"\x1A\x45\xDF\xA3", "Matroska and WebM files"},
		{"\x00\x00\x01\xBA", "MPEG program streams"},
		{"\x00\x00\x00\x01", "Raw video streams"},
		{"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media files"},
		{"FLV\x01", "Flash videos"},
		{"\x89PNG\r\n\x1A\n", "PNG pictures"},
		{"GIF8", "GIF pictures"},
		{"II*\x00", "TIFF and raw pictures"},
		{"MM\x00*", "TIFF and raw pictures"},
		{"OggS", "Ogg files"},
		{"PK\x03\x04", "ZIP archives"},
		{"%PDF-", "PDF documents"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" {
		return map[string]string{"AVI ": "AVI files", "WEBP": "WebP pictures"}[string(head[8:12])]
	}
	if len(head) >= sniffLength && head[0] == 0x47 && head[188] == 0x47 && head[376] == 0x47 {
		return "MPEG transport streams"
	}
	return ""
}

// wayForward ends every refusal of something that may still be footage.
const wayForward = " Export it as MP4, or send it as it is with --original: then it keeps everything that it holds."

func unsupported(code, msg string) error {
	return footage.Coded(footage.Unsupported, code, msg+wayForward)
}

func invalid(code, msg string) error { return footage.Coded(footage.Invalid, code, msg) }

// damaged says that an index contradicts itself; where names the part for those who can use that.
func damaged(where string) error {
	return invalid("clip_damaged", "This clip is damaged: its "+where+" makes no sense. Save or export it again.")
}

func cutShort(missing int64) error {
	return invalid("clip_cut_short", fmt.Sprintf("This clip is cut short: %d bytes are missing. Download or copy it again.", missing))
}

// readFull fills p from off. A file that ends early has become shorter since its size was taken.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return cutShort(int64(len(p) - n))
	}
	return fmt.Errorf("read clip at byte %d: %w", off, err)
}

// quote makes a value from a file fit for one line on a screen: printable characters only, sixty at most.
func quote(b []byte) string {
	var out strings.Builder
	for i, r := range []rune(string(b[:min(len(b), 240)])) {
		if i == 60 {
			out.WriteString("…")
			break
		}
		if r == utf8.RuneError || r < ' ' || !isPlain(r) {
			r = '·'
		}
		out.WriteRune(r)
	}
	return `"` + strings.Trim(out.String(), "· ") + `"`
}

// isPlain refuses what could reorder or hide text on the screen.
func isPlain(r rune) bool {
	return r != 0x7F && !(r >= 0x80 && r < 0xA0) && !(r >= 0x200B && r <= 0x200F) && !(r >= 0x202A && r <= 0x202E) && !(r >= 0x2066 && r <= 0x2069) && r != 0xFEFF
}
