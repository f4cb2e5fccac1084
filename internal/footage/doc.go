// Package footage is Porchlight's vocabulary: the nouns of the field as types, their grammar, and the kinds of error.
//
// A verified local agency posts a [Document], two of its people add an [Assertion] each, and the published [Record] asks
// for clips from an [Area] during a [Window]. A resident answers with a share; its life is a [ShareState], its history a
// chain of [Event], and the resident's proof of it a [Receipt].
//
// The package imports the standard library alone, so that every other package, on the server, on a resident's device and
// in an auditor's program, can speak it. It does no input or output. Times are UTC; those in documents have whole seconds,
// all others microseconds. Lengths are metres, areas square metres, sizes bytes. Binary values travel as unpadded
// base64url, hashes as lower-case hexadecimal.
package footage
