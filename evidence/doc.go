// Package evidence is what travels with a clip and what a stranger needs to check it.
//
// On the resident's side it makes the [Manifest], sealed beside the clips, and gives the words to which the resident
// agrees: a [Consent] and the [Terms] of use. Before anything is sealed, [Bundle.Verify] checks a published request with
// no help from the server that handed it over. On the agency's side [WriteBag] puts everything into one BagIt folder
// (RFC 8493), and on anybody's side [VerifyBag] checks such a folder with no account and no network, finding by finding.
// What is known of a clip's origin is said rung by rung by [Ladder], never as one tick.
//
// The package imports the vocabulary and the log alone; it cannot open a sealed clip and speaks to no server. JSON is
// canonical (RFC 8785) wherever it is hashed or signed, and decoding is strict: an unknown or doubled member is refused.
package evidence
