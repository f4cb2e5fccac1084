// Package ledger is the exchange's public record: an append-only Merkle log in the C2SP formats, and everything that is
// needed to write it, to prove from it and to check it without trusting who wrote it.
//
// An [Entry] states one [Fact] as canonical JSON. [Integrate] turns new entries into immutable objects (entry bundles and
// hash tiles, https://c2sp.org/tlog-tiles), [SignCheckpoint] signs the resulting [Tree] (https://c2sp.org/tlog-checkpoint),
// [ProveInclusion] and [ProveConsistency] make proofs that their receivers verify offline, and [Check] re-verifies a whole
// log and names the object at fault. [MerkleRoot] and [VerifyPath] serve the daily custody root.
//
// The package keeps nothing: callers hand in storage as [Source] or [Objects], of which [Dir] and [HTTP] are two. It trusts
// no object that it reads; each is checked against a root hash before it is used or built upon. It reaches no server package,
// so that an auditor's program can be made of it alone.
package ledger
