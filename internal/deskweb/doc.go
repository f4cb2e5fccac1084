// Package deskweb is the desk's face in a browser: pages on a loopback address of the custodian's own machine, over the use
// cases of package desk, which holds the key. It decides nothing and signs nothing itself.
//
// [Listen] takes a loopback address and gives it a name of its own below localhost; [New] makes the [Server], whose Link lets one
// browser in, once. What stands between the pages and everybody else on the machine or in the browser is in guard.go; how a
// stranger's clip is shown, in preview.go.
//
// Work that may take long (fetching, checking, packing) goes on while pages are answered: a form waits for it a little, then
// the share's page tells how far it is. All of it ends with the context that the server was made with.
package deskweb
