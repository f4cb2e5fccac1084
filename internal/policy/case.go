package policy

import (
	"slices"
	"strings"
	"unicode"
)

// NormaliseCase returns the form in which case numbers and investigation codes are compared, so that one investigation
// cannot be had twice by spelling: digits of any script and full-width letters folded, letters that look like Latin ones
// taken for those, upper case, separators gone, and trailing letters too where something else is left. `24-0012`,
// `24 0012a` and `２４－００１２` are the same. The result is for comparison alone.
func NormaliseCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r = fold(r); r != 0 {
			b.WriteRune(r)
		}
	}
	all := b.String()
	if core := strings.TrimRightFunc(all, unicode.IsLetter); core != "" {
		all = core
	}
	return misread(all)
}

// lookalikes pairs letters and signs that look like Latin capitals or digits with those: Cyrillic, Greek, Armenian, Cherokee
// and Roman numerals, the ones that can be typed (from Unicode's table of confusable characters).
const (
	lookalikes = "АВЕЅІЈКМНОРСТУХЗЬӀԚԜҮҺԌԐΑΒΕΖΗΙΚΜΝΟΡΤΥΧՕՏՍԼᎠᎡᎢᎪᎫᎬᎳᎷᎻᎽᏃᏒᏔᏕᏙᏚᏞᏟᏢᏦᏴᏀⅠⅤⅩⅬⅭⅮⅯ"
	latin      = "ABESIJKMHOPCTYX3BIQWYHG3ABEZHIKMNOPTYXOSUL" + "DRTAJEWMHYZRWSVSLCPKBGIVXLCDM"
)

// raised lists digits that are not digits to Unicode: raised, lowered and circled ones, each run from nought to nine.
const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⓪①②③④⑤⑥⑦⑧⑨"

// fold returns a letter or digit in its plain form, or nought for anything else.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E { // full-width forms stand in the order of ASCII
		r -= 0xFEE0
	}
	if value, ok := digit(r); ok {
		return '0' + value
	}
	if i := slices.Index([]rune(raised), r); i >= 0 {
		return rune('0' + i%10)
	}
	if r >= 0x1D400 && r <= 0x1D6A3 { // alphabets of mathematics, capitals and small letters by turns
		return 'A' + (r-0x1D400)%26
	}
	if !unicode.IsLetter(r) && !unicode.Is(unicode.Nl, r) {
		return 0
	}
	r = unicode.ToUpper(r)
	for i, look := range []rune(lookalikes) {
		if look == r {
			return rune(latin[i])
		}
	}
	return r
}

// digit returns the value of a decimal digit of any script. Unicode encodes them in runs of ten that begin with nought.
func digit(r rune) (rune, bool) {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return (r - rune(t.Lo)) % 10, true
		}
	}
	return 0, false
}

// misread takes the letters that pass for digits as the digits, in numbers that hold a digit at all.
func misread(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)
}
