// Package proof shows on whole exchanges what they promise, and holds nothing but its tests: what is stored is what the
// published list says, silence leaves no byte behind, no planted secret comes to lie on the disk, and no fault of machine,
// network or sender loses what was acknowledged or shows what was not committed. Each test is shown to fail on faults that
// are planted for it.
package proof
