// Package desk is the agency's own side: requests are written, signed and approved here, and what comes in is fetched, opened
// on the agency's machine, verified, decided and exported as an evidence package. The keys that open footage live here and
// nowhere on the exchange.
//
// A [Desk] is one person's place on one device: a folder with the passkey, the sign-in, the device's keys and what was
// fetched. [Enrol] makes it from an invitation, [Open] opens it again; each method is one act of that person. The command
// line (porchlight desk …), the pages of the desk on loopback and the demonstration are faces of this package.
//
// A clip's way through it:
//
//	Inbox → Fetch → Unseal → Verify → Accept or Decline → Export → Confirm
//
// Fetch and Unseal may be one pass ([UnsealOptions].Stream), which keeps no sealed bytes. Every step is a custody event, signed
// by the device's logged key, durable on the exchange before the step has its effect, and shown to the resident. Before it
// signs or believes anything the desk checks the request with its proofs, the receipt and the whole custody chain against the
// public record ([Desk.Share]); the epoch key that it unwraps must be the one in the record.
//
// Errors are of the kinds of package footage, with the codes below where a program may want to tell them apart.
// A Desk may be used from several goroutines, and a folder by several processes: what they write at once is the same.
package desk
