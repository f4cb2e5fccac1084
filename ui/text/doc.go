// Package text holds every sentence that the pages say, in each language, and prints numbers, dates and plurals the way
// that language's readers write them.
//
// A message is data: en.json and es.json map a [Key] to a sentence, to a pair of sentences (one and other) for a count,
// or to a list of paragraphs. Placeholders are named in braces, "{agency}". The two files must hold the same keys with
// the same placeholders; the tests find what is missing, unused, untranslated or different.
package text
