package deskweb

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"syscall"

	"porchlight.example/internal/footage"
)

// Listen listens on a loopback address, HOST:PORT with a numeric host or localhost, and returns the origin by which browsers
// reach it. Any other address is refused as footage.Invalid.
//
// The origin is a name of its own below localhost, which browsers take for this machine without asking anybody (RFC 6761,
// 6.3). A cookie is sent to every port of a host, so that under 127.0.0.1 the server of another person on this machine could
// ask a browser for ours; a name that nobody else knows keeps it to us. With plain the origin is the bare address, for browsers
// that do not know such names.
func Listen(address string, plain bool) (net.Listener, string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "", footage.E(footage.Invalid, fmt.Sprintf("The address %q is not HOST:PORT, such as 127.0.0.1:0.", address))
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, "", footage.Coded(footage.Invalid, "not_loopback", "The desk opens its pages on this machine alone, because the key that opens footage is here, and "+address+
			" could be reached from elsewhere. Give a loopback address, such as 127.0.0.1:0; to work from another machine, run the desk there.")
	}
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, "", footage.E(footage.Conflict, "Another program listens on "+address+" already. Choose another port, or 0 for any.")
	}
	if err != nil {
		return nil, "", fmt.Errorf("listen on %s: %w", address, err)
	}
	if plain {
		return l, "http://" + l.Addr().String(), nil
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	var name [8]byte
	_, _ = rand.Read(name[:]) // crypto/rand.Read never fails
	return l, "http://desk-" + hex.EncodeToString(name[:]) + ".localhost:" + port, nil
}
