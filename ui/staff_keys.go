package ui

import (
	"time"

	"porchlight.example/internal/footage"
	"porchlight.example/ui/text"
)

// StaffKeyChange is a key that is to count.
type StaffKeyChange struct {
	ID            footage.KeyChangeID
	Use           footage.KeyUse
	Name          string    // whose passkey or device it is; who opens the epoch
	Of            string    // the body, where it is not the reader's own
	Epoch         int       // of a sealing key
	Asked, Agreed string    // names; empty: the office at the machine, or nobody yet
	Counts        time.Time // zero: a second person has not agreed
	MayAgree      bool
	MayStop       bool
}

// What is the message that says what is to change, over {name} and {number}.
func (k StaffKeyChange) What() text.Key { return text.Key("staff.keys.use." + string(k.Use)) }

// StaffKeysPage lists the changes of keys that wait.
type StaffKeysPage struct {
	Visit
	Changes []StaffKeyChange // those that have a time first, the earliest first
}

func (StaffKeysPage) folder() string                 { return "staffkeys" }
func (StaffKeysPage) title(c *text.Catalogue) string { return c.T("staff.keys.title") }
func (StaffKeysPage) address() string                { return "/staff/keys" }
func (StaffKeysPage) scripts() []string              { return []string{"passkey.js"} }
