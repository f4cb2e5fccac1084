package seal

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/tyler-smith/go-bip39/wordlists"

	"porchlight.example/internal/footage"
)

const (
	secretWords  = 10 // of eleven bits each
	wordBits     = 11
	checkBits    = secretWords*wordBits - secretSize*8 // 6: one wrong word in 64 goes unnoticed
	maxWordsText = 4 << 10                             // bytes of text that ParseWords looks at
)

// Codes of the Invalid errors of [ParseWords].
const (
	CodeWordCount    = "word_count"    // not ten words
	CodeUnknownWord  = "unknown_word"  // words that are in no list; each is a reason, with the nearest words
	CodeWordChecksum = "word_checksum" // all words are known, but they do not fit together
)

// Words returns the secret as ten lower-case words of the BIP-39 list of a language: Spanish for "es" and its regional
// forms, English for all else. The last six bits are a checksum. The same secret may be shown in either.
func (s Secret) Words(lang string) []string {
	list := wordList(lang)
	n := new(big.Int).SetBytes(s.bits[:])
	n.Lsh(n, checkBits).Or(n, big.NewInt(int64(s.check())))
	words := make([]string, secretWords)
	for i := range words {
		shift := uint((secretWords - 1 - i) * wordBits)
		index := new(big.Int).Rsh(n, shift).Int64() & (1<<wordBits - 1)
		words[i] = compose(list[index])
	}
	return words
}

func (s Secret) check() byte {
	sum := sha256.Sum256(append([]byte(secretLabel+"check"), s.bits[:]...))
	return sum[0] >> (8 - checkBits)
}

func wordList(lang string) []string {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "es" {
		return wordlists.Spanish
	}
	return wordlists.English
}

// compose joins letters and the accents that the Spanish list keeps apart, as keyboards and readers expect them.
func compose(word string) string {
	return strings.NewReplacer("a\u0301", "á", "e\u0301", "é", "i\u0301", "í", "o\u0301", "ó", "u\u0301", "ú",
		"u\u0308", "ü", "n\u0303", "ñ").Replace(word)
}

// ParseWords reads a secret from words as people type or paste them: in English or Spanish, in any case, with or without
// accents, separated by anything that is no letter, numbered or not. What does not fit is Invalid, with a code: every
// unknown word is named together with the nearest words of the list. The errors quote words of the secret, so they are
// for the person at the device and never for a log.
func ParseWords(text string) (Secret, error) {
	if len(text) > maxWordsText {
		return Secret{}, errWordCount(0)
	}
	words := splitWords(text)
	if len(words) != secretWords {
		return Secret{}, errWordCount(len(words))
	}
	best := reading{}
	for i, lang := range []string{"en", "es"} {
		r := readWords(words, wordList(lang))
		if len(r.unknown) == 0 && r.secret.fits(r.sum) {
			return r.secret, nil
		}
		if i == 0 || len(r.unknown) < len(best.unknown) {
			best = r
		}
	}
	if len(best.unknown) > 0 {
		return Secret{}, best.errUnknown(words)
	}
	return Secret{}, footage.Coded(footage.Invalid, CodeWordChecksum,
		"All ten words are known, but they do not fit together: one of them is probably wrong, or two have changed places. Compare them with the receipt.")
}

func (s Secret) fits(check byte) bool { return s.check() == check }

func errWordCount(n int) error {
	msg := fmt.Sprintf("A receipt has %d words, and these are %d. Type them all, in their order.", secretWords, n)
	if n == 0 {
		msg = fmt.Sprintf("A receipt has %d words. Type them all, in their order, and nothing else.", secretWords)
	}
	return footage.Coded(footage.Invalid, CodeWordCount, msg)
}

// splitWords returns the runs of letters in text, folded.
func splitWords(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) }) {
		if w = foldWord(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// foldWord drops case and accents, whether they are part of their letter or stand behind it. No two words of a list are
// the same when folded.
func foldWord(word string) string {
	const from, to = "áàâäãéèêëíìîïóòôöõúùûüñç", "aaaaaeeeeiiiiooooouuuunc"
	accented := []rune(from)
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if r < unicode.MaxASCII {
			return r
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		if i := slices.Index(accented, r); i >= 0 {
			return rune(to[i])
		}
		return r
	}, word)
}

// reading is what words mean in one language.
type reading struct {
	list    []string // folded
	secret  Secret
	sum     byte  // checksum as typed
	unknown []int // positions of words that are not in the list
}

func readWords(words, list []string) reading {
	r := reading{list: make([]string, len(list))}
	index := make(map[string]int64, len(list))
	for i, w := range list {
		r.list[i] = foldWord(w)
		index[r.list[i]] = int64(i)
	}
	n := new(big.Int)
	for i, w := range words {
		value, ok := index[w]
		if !ok {
			r.unknown = append(r.unknown, i)
		}
		n.Lsh(n, wordBits).Or(n, big.NewInt(value))
	}
	r.sum = byte(n.Int64() & (1<<checkBits - 1))
	n.Rsh(n, checkBits).FillBytes(r.secret.bits[:])
	return r
}

func (r reading) errUnknown(words []string) error {
	err := footage.Coded(footage.Invalid, CodeUnknownWord, "Some words are not among those that receipts use. Correct them and try again.")
	for _, i := range r.unknown {
		err.Reasons = append(err.Reasons, footage.Reason{
			Code: CodeUnknownWord, Value: words[i],
			Msg: fmt.Sprintf("Word %d, %q, is not known. Did you mean %s?", i+1, words[i], strings.Join(nearest(words[i], r.list), ", ")),
		})
	}
	return err
}
