// Package exchange holds the use cases, and is the only writer of the domain's tables: one method is one check of the
// rules, one transaction and the entries that it leaves in the public record or in a share's custody chain.
//
// Whoever calls proves first who they are: a member of staff by a session (package account), a resident by the secret
// that belongs to a share. Nothing here can open footage: clips, manifests and messages are sealed bytes with a size
// and a digest.
package exchange
