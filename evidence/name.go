package evidence

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how long a safe name may be, in bytes: room is left for what file systems and BagIt tools add.
const maxName = 120

var extensionForm = regexp.MustCompile(`^\.[a-z0-9]{1,8}$`)

// deviceForm matches the names that Windows keeps for devices, with or without an extension.
var deviceForm = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(\.|$)`)

// SafeName returns a file name that is the same single name on every file system and says to the eye what it is. Folders
// are cut off; control and direction characters, invalid UTF-8 and what Windows forbids become hyphens; leading dots,
// trailing dots and spaces go; long names are cut before their extension. What has nothing left, or is a reserved device
// name, becomes "clip". The same input always gives the same output, and a safe name is returned as it is.
func SafeName(s string) string {
	s = strings.ReplaceAll(s, `\`, "/")
	s = s[strings.LastIndexByte(s, '/')+1:]
	s = strings.Map(safeRune, strings.ToValidUTF8(s, "-"))
	s = strings.TrimRight(s, " .")
	ext := strings.ToLower(path.Ext(s))
	if !extensionForm.MatchString(ext) {
		ext = ""
	}
	stem := trimName(cut(s[:len(s)-len(ext)], maxName-len(ext)))
	if !strings.ContainsFunc(stem, wordRune) || deviceForm.MatchString(stem) {
		stem = "clip"
	}
	return stem + ext
}

// NeutralName returns the name that clip n of a share, from 1, gets unless its owner keeps the true one: "clip-01.mp4". ext
// is the extension with its dot, or empty.
func NeutralName(n int, ext string) string {
	ext = strings.ToLower(ext)
	if !extensionForm.MatchString(ext) {
		ext = ""
	}
	return fmt.Sprintf("clip-%02d%s", n, ext)
}

// safeRune lets through letters, digits, marks and a few signs that mean nothing to a shell, a path or a web page.
func safeRune(r rune) rune {
	switch {
	case unprintable(r), r == utf8.RuneError:
		return '-'
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), strings.ContainsRune(" ._-+,=@()", r):
		return r
	}
	return '-'
}

// unprintable tells control, format (direction marks, joiners), surrogate, private and line-breaking characters, and
// every space but the common one.
func unprintable(r rune) bool {
	return r != ' ' && !unicode.IsGraphic(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || r != ' ' && unicode.IsSpace(r)
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func trimName(s string) string {
	return strings.TrimRight(strings.TrimLeft(s, " .-"), " .")
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
