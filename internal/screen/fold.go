package screen

import (
	"strings"
	"unicode"
)

// fold writes a text in plain Latin letters, so that a word cannot pass by being spelt with others: accents are dropped,
// full-width and mathematical letters and Cyrillic and Greek ones that look Latin become the Latin ones, typographic quotes
// and dashes the plain ones, what is invisible goes, and blanks become one space. Capital letters stay.
func fold(s string) string {
	var b strings.Builder
	space := true
	for _, r := range s {
		r = plainLetter(r)
		switch {
		case r == 0:
			continue
		case unicode.IsSpace(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimSpace(b.String())
}

// These pair letters with the Latin ones that they look like, or that they are but for an accent.
const (
	looks = "АВЕЅІЈКМНОРСТУХЗабсԁеһіјӏорԛѕυνωхуѵԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεηικνορτυχγ" +
		"ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÝýÿĀāĂăĄąĆćČčĎďĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŘřŚśŞşŠšŤťŪūŮůŰűŹźŻżŽžɑɡɩʏ" + "‘’ʼ“”–—‐‑"
	like = "ABESIJKMHOPCTYX3a6cdehijlopqsuvwxyvw" + "ABEZHIKMNOPTYXabenikvoptuxy" +
		"AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOOooooooUUUUuuuuYyyAaAaAaCcCcDdEeEeEeGgIiIiLlNnNnOoOoRrSsSsSsTtUuUuUuZzZzZzagiy" + `'''""----`
)

// plainLetter returns the plain form of a letter, nought for what cannot be seen, and everything else as it is.
func plainLetter(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= 0xFF01 && r <= 0xFF5E: // full-width forms stand in the order of ASCII
		return r - 0xFEE0
	case r >= 0x1D400 && r <= 0x1D6A3: // mathematical alphabets: runs of 26 capitals and 26 small letters
		n := (r - 0x1D400) % 52
		if n < 26 {
			return 'A' + n
		}
		return 'a' + n - 26
	case r >= 0x24B6 && r <= 0x24E9: // circled letters
		n := r - 0x24B6
		if n < 26 {
			return 'A' + n
		}
		return 'a' + n - 26
	case unicode.In(r, unicode.Mn, unicode.Cf):
		return 0
	}
	i := 0
	for _, look := range looks {
		if look == r {
			return rune(like[i])
		}
		i++
	}
	return r
}

// undisguised writes small letters without what is put between or in the place of letters to hide a word: "pro-test",
// "p r o t e s t" and "pr0te5t" become "protest". Words that need none of this stay as they are.
func undisguised(low string) string {
	words := strings.Fields(low)
	var out []string
	for i := 0; i < len(words); {
		n := 0
		var letters strings.Builder
		for i+n < len(words) {
			one := strings.Trim(words[i+n], `.,;:!?"'()`)
			if len(one) != 1 || !isLetter(one[0]) {
				break
			}
			letters.WriteString(one)
			n++
		}
		if n >= 4 { // single letters in a row are one word
			out = append(out, letters.String())
			i += n
			continue
		}
		out = append(out, undisguisedWord(words[i]))
		i++
	}
	return strings.Join(out, " ")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' }

// undisguisedWord takes signs inside a word away and reads the digits and signs that stand for letters as them.
func undisguisedWord(w string) string {
	stands := map[byte]byte{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', '$': 's', '!': 'i'}
	letters := 0
	for i := range len(w) {
		if isLetter(w[i]) {
			letters++
		}
	}
	if letters < 3 || letters == len(w) {
		return w
	}
	var out []byte
	for i := range len(w) {
		c, inside := w[i], i > 0 && i < len(w)-1
		switch {
		case isLetter(c) || !inside:
			out = append(out, c)
		case strings.IndexByte("-._*|/", c) >= 0: // left out
		case stands[c] != 0 && isLetter(out[len(out)-1]):
			out = append(out, stands[c])
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
