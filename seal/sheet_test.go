package seal

import (
	"strings"
	"testing"

	"porchlight.example/internal/footage"
)

func TestRecoverySheet(t *testing.T) {
	id := newID(t)
	sheet := RecoverySheet("Maplewood\n 1. Police", 3, id)
	for _, text := range []string{
		sheet,
		strings.ToLower(sheet),
		strings.ReplaceAll(sheet, "\n", "\r\n"),
		strings.NewReplacer("0", "0", "L", "1").Replace(keyLines(sheet)),
		strings.ReplaceAll(keyLines(sheet), "check ", "check: "),
		id.String(),
		"# made today\n" + strings.ToLower(id.String()) + "\n",
		id.String()[:30] + "\n" + id.String()[30:],
	} {
		got, err := ParseRecoverySheet(text)
		if err != nil || got.String() != id.String() {
			t.Errorf("%v, or another key, from\n%s", err, text)
		}
	}
	for _, line := range strings.Split(sheet, "\n") {
		if len(line) > 100 {
			t.Errorf("a line does not fit the page: %s", line)
		}
	}
}

// keyLines returns the numbered lines of a sheet, with the spaces of the key left out.
func keyLines(sheet string) string {
	_, lines, _ := strings.Cut(sheet, "Key type "+identityPrefix+"1\n")
	lines, _, _ = strings.Cut(lines, "End")
	return lines
}

func TestRecoverySheetThatIsWrong(t *testing.T) {
	id, other := newID(t), newID(t)
	sheet, second := RecoverySheet("A", 1, id), RecoverySheet("A", 2, other)
	at := strings.Index(sheet, "  2.  ") + 6
	letter := "Q"
	if sheet[at] == 'Q' {
		letter = "P"
	}
	lines := strings.SplitAfter(keyLines(sheet), "\n")
	for name, c := range map[string]struct{ text, says string }{
		"nothing":       {"", "no recovery key"},
		"too long":      {strings.Repeat("x", maxSheet+1), "too long"},
		"a letter":      {sheet[:at] + letter + sheet[at+1:], "Line 2 "},
		"line missing":  {strings.Replace(sheet, lines[2], "", 1), "Line 3 of the sheet is missing"},
		"end missing":   {strings.Replace(sheet, lines[3], "", 1), "does not hold together"},
		"line twice":    {sheet + lines[0], "Line 1 "},
		"lines swapped": {strings.NewReplacer("  1.", "  2.", "  2.", "  1.").Replace(keyLines(sheet)), "Line 2 and line 1"},
		"two sheets":    {strings.Replace(sheet, keyLines(sheet), keyLines(second), 1), "two different sheets"},
		"mistyped bare": {strings.Replace(id.String(), id.String()[40:44], "QQQQ", 1), "does not hold together"},
	} {
		_, err := ParseRecoverySheet(c.text)
		wantCode(t, err, footage.Invalid, CodeBadSheet)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), id.String()[40:48]) {
			t.Errorf("%s: the error holds a part of the key", name)
		}
	}
}
