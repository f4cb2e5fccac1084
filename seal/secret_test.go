package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39/wordlists"

	"porchlight.example/internal/footage"
)

// skip skips a test for want of a tool, or fails it where every tool must be there.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("PORCHLIGHT_REQUIRE_ALL") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fixed is the secret of thirteen bytes 0, 1, 2, …
func fixed() Secret {
	return NewSecret(bytes.NewReader([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}))
}

// TestDerivationsStay pins every derivation: a change would lock residents out of their mailboxes (N4, N5).
func TestDerivationsStay(t *testing.T) {
	s := fixed()
	for what, pair := range map[string][2]string{
		"words":       {strings.Join(s.Words("en"), " "), "abandon amount liar amount expire adjust cage candy arch grief"},
		"palabras":    {strings.Join(s.Words("es-MX"), " "), "ábaco álbum líquido álbum espuma acudir bolero bosque amante grave"},
		"credential":  {s.Credential(), "g2ccPGL7Lib1L_h-cZn6QHiR7D_1KtfCr4NFMihZ71E"},
		"hash":        {CredentialHash(s.Credential()), footage.Hash([]byte(s.Credential()))},
		"fingerprint": {Fingerprint(s.Identity().Recipient()), "zx02-dj78-7yg6-83s0"},
		"signing":     {fmt.Sprintf("%x", s.SigningKey().Public()), "0dc9766ed41a4c10d0bdf5a953792f2f4ed8edfae8c18a2dcd969891489a4c97"},
		"pseudonym":   {s.Pseudonym(), "Copper Berry 76"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
	if k := s.Identity().String(); len(k) != 77 || !strings.HasPrefix(k, identityPrefix+"1") {
		t.Errorf("the identity has %d characters", len(k))
	}
}

func TestSecretsArePrivate(t *testing.T) {
	s := fixed()
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %s", s, s, s)} {
		if strings.Contains(text, "1 2 3") || strings.Contains(text, "0x1") {
			t.Errorf("a secret prints as %s", text)
		}
	}
	id := newID(t)
	if text := id.LogValue().String(); strings.Contains(text, "SECRET") {
		t.Error("an identity logs its key")
	}
	e := newEnv(t, 1, id)
	if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, fmt.Sprint(e.fileKey[0], e.fileKey[1])) {
		t.Errorf("an envelope prints as %s", text)
	}
}

func TestWordsComeBack(t *testing.T) {
	for range 50 {
		s := NewSecret(rand.Reader)
		for _, lang := range []string{"en", "es", "es-419"} {
			words := s.Words(lang)
			if len(words) != secretWords {
				t.Fatalf("%d words", len(words))
			}
			messy := "  1. " + strings.ToUpper(strings.Join(words, ",\r\n 2) \u00a0")) + ".\n"
			for _, text := range []string{strings.Join(words, " "), messy, unaccented(strings.Join(words, "-"))} {
				if got, err := ParseWords(text); err != nil || got != s {
					t.Fatalf("%q: %v, or another secret", text, err)
				}
			}
		}
	}
}

func unaccented(s string) string {
	return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n\u0303", "ü", "u").Replace(s)
}

func TestListsFoldWithoutCollision(t *testing.T) {
	for _, list := range [][]string{wordlists.English, wordlists.Spanish} {
		seen := map[string]bool{}
		for _, w := range list {
			f := foldWord(w)
			if seen[f] || f != foldWord(compose(w)) || strings.Trim(f, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%q folds to %q", w, f)
			}
			seen[f] = true
		}
		if len(seen) != 1<<wordBits {
			t.Errorf("%d words", len(seen))
		}
	}
}

func TestWordsThatAreWrong(t *testing.T) {
	words := fixed().Words("en")
	typo := func(i int, w string) string {
		c := append([]string(nil), words...)
		c[i] = w
		return strings.Join(c, " ")
	}
	swapped := append([]string(nil), words...)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	for name, c := range map[string]struct{ text, code, says string }{
		"none":           {"", CodeWordCount, "10 words"},
		"nine":           {strings.Join(words[:9], " "), CodeWordCount, "these are 9"},
		"a letter wrong": {typo(5, "adjusst"), CodeUnknownWord, `Word 6, "adjusst", is not known. Did you mean adjust`},
		"letters turned": {typo(6, "cgae"), CodeUnknownWord, "cage"},
		"another word":   {typo(3, "zoo"), CodeWordChecksum, "probably wrong"},
		"changed places": {strings.Join(swapped, " "), CodeWordChecksum, "changed places"},
		"endless":        {strings.Repeat("a ", maxWordsText), CodeWordCount, "10 words"},
		"one long word":  {typo(0, strings.Repeat("x", 3000)), CodeUnknownWord, "Word 1"},
	} {
		_, err := ParseWords(c.text)
		wantCode(t, err, footage.Invalid, c.code)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := ParseWords(strings.Join([]string{"abandom", "x", "c", "d", "e", "f", "g", "h", "i", "j"}, " "))
	var e *footage.Error
	if !errors.As(err, &e) || len(e.Reasons) != 10 {
		t.Errorf("not every unknown word is named: %v", err)
	}
	if _, err := ParseWords("ábacox " + strings.Join(fixed().Words("es")[1:], " ")); err == nil || !strings.Contains(err.Error(), "abaco") {
		t.Errorf("Spanish: %v", err)
	}
}

// TestChecksumCatches counts how many single wrong words, known ones, go unnoticed: one in 64 by chance.
func TestChecksumCatches(t *testing.T) {
	words, missed, tried := fixed().Words("en"), 0, 0
	for i := range words {
		for k := 0; k < len(wordlists.English); k += 64 {
			c := append([]string(nil), words...)
			if c[i] = wordlists.English[k]; c[i] == words[i] {
				continue
			}
			tried++
			if _, err := ParseWords(strings.Join(c, " ")); err == nil {
				missed++
			}
		}
	}
	if missed*40 > tried {
		t.Errorf("%d of %d wrong words went unnoticed", missed, tried)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"zone", "zoone", 1}} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
