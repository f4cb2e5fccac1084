// Package text holds every sentence that the pages say, in each language, and prints numbers, dates and plurals the way
// that language's readers write them.
//
// A message is data: the files of the folders en and es, one for each part of the pages, map a [Key] to a sentence, to a
// pair of sentences (one and other) for a count, or to a list of paragraphs. Placeholders are named in braces, "{agency}".
// Both folders must hold the same keys with the same placeholders; the tests find what is missing, unused, untranslated or
// different.
package text
