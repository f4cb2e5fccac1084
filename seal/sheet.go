package seal

import (
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"porchlight.example/internal/footage"
)

// CodeBadSheet is the code of the Invalid errors of [ParseRecoverySheet].
const CodeBadSheet = "bad_sheet"

const (
	sheetLine  = 16 // characters of the key on a line
	sheetGroup = 4
	maxSheet   = 64 << 10 // bytes of text that are looked at
)

const sheetText = `PORCHLIGHT RECOVERY SHEET

Agency       %s
Key epoch    %d
Fingerprint  %s

This sheet opens every clip that was sealed to the agency in this epoch. Print it, check it against
the screen, lock it away, and leave no copy on any computer. Whoever reads it can open the footage;
if it is lost and no custodian is left, the footage cannot be opened by anyone.

To use it, type the numbered lines into the recovery page or a text file. Capitals and spaces do not
matter. The letter O and the digit 1 do not occur.

Key type %s
%s
End of sheet
`

// RecoverySheet returns an agency's epoch identity as a plain text to print: the key in numbered lines, each with a check
// number, and the fingerprint of its recipient as the checksum of the whole. It is a secret as long as it exists.
func RecoverySheet(agencyName string, epoch int, id *Identity) string {
	var lines strings.Builder
	key := strings.TrimPrefix(id.String(), identityPrefix+"1")
	for n := 1; len(key) > 0; n++ {
		line := key[:min(sheetLine, len(key))]
		key = key[len(line):]
		fmt.Fprintf(&lines, "%3d.  %-20s check %s\n", n, grouped(line), lineCheck(n, line))
	}
	return fmt.Sprintf(sheetText, oneLine(agencyName), epoch, Fingerprint(id.Recipient()), identityPrefix+"1", lines.String())
}

func grouped(s string) string {
	var groups []string
	for ; len(s) > sheetGroup; s = s[sheetGroup:] {
		groups = append(groups, s[:sheetGroup])
	}
	return strings.Join(append(groups, s), " ")
}

// oneLine keeps a name from adding lines to the sheet.
func oneLine(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// lineCheck returns three digits that catch a mistyped line or one in the wrong place.
func lineCheck(n int, line string) string {
	return fmt.Sprintf("%03d", crc32.ChecksumIEEE([]byte(strconv.Itoa(n)+line))%1000)
}

var (
	sheetLineForm        = regexp.MustCompile(`(?im)^[ \t]*([1-9])[ \t]*[.:)]?[ \t]+([a-z0-9 \t]+?)[ \t]+check[ \t:]*([0-9]{3})[ \t]*\r?$`)
	sheetFingerprintForm = regexp.MustCompile(`(?im)^[ \t]*fingerprint[ \t:]+([0-9a-z]{4}(?:[ \t]*-?[ \t]*[0-9a-z]{4}){3})[ \t]*\r?$`)
	bareIdentityForm     = regexp.MustCompile(`(?i)AGE-SECRET-KEY-PQ-1[a-z0-9]{58}`)
)

// ParseRecoverySheet reads an identity back from a sheet's text, or from its numbered lines alone, or from a bare
// identity, whatever their case and spacing; O is read as zero and I or 1 as L, which cannot occur. Lines that do not fit
// their check numbers are named. If the fingerprint is there it must fit too, so that pages of two sheets are not mixed.
// Errors are Invalid and hold no part of the key.
func ParseRecoverySheet(text string) (*Identity, error) {
	if len(text) > maxSheet {
		return nil, errSheet("This text is too long for a recovery sheet.")
	}
	key, err := sheetKey(text)
	if err != nil {
		return nil, err
	}
	id, err := ParseIdentity(key)
	if err != nil {
		return nil, errSheet("The key on the sheet does not hold together. Compare every line with the paper.")
	}
	if m := sheetFingerprintForm.FindStringSubmatch(text); m != nil && letters(m[1]) != letters(Fingerprint(id.Recipient())) {
		return nil, errSheet("The fingerprint is not that of the key: the lines may come from two different sheets.")
	}
	return id, nil
}

func errSheet(msg string) error { return footage.Coded(footage.Invalid, CodeBadSheet, msg) }

// letters drops what separates groups, and the difference of case.
func letters(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "\t", "", "-", "").Replace(s))
}

// sheetKey collects the numbered lines into an identity string, or finds a bare one.
func sheetKey(text string) (string, error) {
	lines := map[int]string{}
	var wrong []string
	for _, m := range sheetLineForm.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		line := strings.ToUpper(strings.NewReplacer("o", "0", "i", "l", "1", "l").Replace(letters(m[2])))
		if _, twice := lines[n]; twice || lineCheck(n, line) != m[3] {
			wrong = append(wrong, m[1])
		}
		lines[n] = line
	}
	if len(wrong) > 0 {
		return "", errSheet("Line " + strings.Join(wrong, " and line ") + " is mistyped. Compare it with the paper.")
	}
	if len(lines) == 0 {
		bare := bareIdentityForm.FindString(strings.Join(strings.Fields(text), ""))
		if bare == "" {
			return "", errSheet("There is no recovery key in this text. Type the numbered lines of the sheet, with their check numbers.")
		}
		return strings.ToUpper(bare), nil
	}
	var key strings.Builder
	key.WriteString(identityPrefix + "1")
	for n := 1; n <= len(lines); n++ {
		if lines[n] == "" {
			return "", errSheet(fmt.Sprintf("Line %d of the sheet is missing.", n))
		}
		key.WriteString(lines[n])
	}
	return key.String(), nil
}
