package footage

import "time"

// KeyDelay is how long a change of keys waits before it counts, on every exchange that is not fictional: long enough that
// those whom it concerns have been told, are back at work and can stop it. What takes a key away waits for nothing.
const KeyDelay = 72 * time.Hour

// KeyUse is what a key that is to count is for.
type KeyUse string

// The uses of keys whose change waits.
const (
	KeyPasskey   KeyUse = "passkey"   // a person's new authenticator in the place of the one before, or after they were disabled
	KeyCustodian KeyUse = "custodian" // a device more that can open an epoch of an agency
	KeyEpoch     KeyUse = "epoch"     // a new sealing key that devices can open which could not open the one before
)

// Known reports whether u is one of the uses.
func (u KeyUse) Known() bool { return u == KeyPasskey || u == KeyCustodian || u == KeyEpoch }
