// Package softkey is a passkey in software, for the demo and for tests: it answers WebAuthn registrations and logins, and
// signs requests, as an officer's hardware key does (https://www.w3.org/TR/webauthn-2/).
//
// It proves nothing about a person. It claims that somebody is present and verified without asking anybody, and its
// private key lies in a file. Its [AAGUID] says so, and an exchange that is not marked as fictional must refuse it.
package softkey
